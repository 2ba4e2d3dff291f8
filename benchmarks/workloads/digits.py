"""Digits, a 64-32-10 network: one epoch of 1,437 samples in batches of 32, with `nn.fit` and as micrograd has it.

ReLU, which micrograd has, in the hidden layer; the mean squared error against a 1 for the digit and 0 elsewhere; plain
SGD. micrograd would take minutes for an epoch, so it takes two batches, and the epoch is worked out from the second.
What ours does beyond the batches (the history, the measures) is in its time. ``compile=False`` builds a graph for each
batch; "auto", the default, replays a compiled program, and what recording and trying it takes is in the first epoch.
"""

from __future__ import annotations

import gc
import random
from time import perf_counter
from typing import Any

from ..agreement import agreement
from ..engines import COMPILED, MICROGRAD, PLAIN, TORCH
from ..goals import times_less, times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Sample, Workload

SAMPLES, BATCH, RATE = 1437, 32, 0.05
SIZES = [32, 10]
EPOCH, FIRST = "epoch", "first epoch"
PEER_BATCHES = 2
MANY = 20
"""Epochs of those that are quick."""
BATCHES = -(-SAMPLES // BATCH)
SEED = 5


def samples() -> tuple[list[list[float]], list[list[float]]]:
    """The first 1,437 of scikit-learn's digits, scaled to 0..1, with a row of ten targets each."""
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    targets = [[float(digit == place) for place in range(10)] for digit in digits[:SAMPLES]]
    return (pixels[:SAMPLES] / 16.0).tolist(), targets


def with_micrograd() -> Sample:
    """Batch by batch in the order of the data, as the loss and the update are written with micrograd."""
    from micrograd.nn import MLP  # type: ignore[import-untyped]

    random.seed(SEED)
    model = MLP(64, SIZES)
    inputs, targets = samples()
    losses, seconds = [], []
    for start in range(0, PEER_BATCHES * BATCH, BATCH):
        gc.collect()
        began = perf_counter()
        loss = 0.0
        for x, t in zip(inputs[start : start + BATCH], targets[start : start + BATCH], strict=True):
            for output, target in zip(model(x), t, strict=True):
                loss = loss + (output - target) ** 2
        loss = loss * (1.0 / (BATCH * SIZES[-1]))
        model.zero_grad()
        loss.backward()  # type: ignore[attr-defined]
        for p in model.parameters():
            p.data -= RATE * p.grad
        losses.append(float(loss.data))  # type: ignore[attr-defined]
        seconds.append(perf_counter() - began)
    return Sample(dict.fromkeys((EPOCH, FIRST), seconds[-1] * BATCHES * 1e3), {"losses": losses})


def micrograds_weights() -> Any:
    """A model with the weights that micrograd would draw, in its order."""
    import nn

    random.seed(SEED)
    return nn.MLP(64, SIZES, init=lambda rng, *_: rng.uniform(-1.0, 1.0))


def with_ours(by_program: bool) -> Sample:
    import nn

    def train(inputs: Any, targets: Any, epochs: int, compile: Any) -> tuple[Any, float]:
        model = micrograds_weights()
        began = perf_counter()
        history = nn.fit(
            model, inputs, targets, loss="mean_squared_error", optimizer=nn.SGD(model.parameters(), lr=RATE),
            epochs=epochs, batch_size=BATCH, shuffle=False, verbose=0, compile=compile,
        )  # fmt: skip
        if (history.evaluation == "by a compiled program") is not by_program:
            raise RuntimeError(f"evaluated {history.evaluation}")
        return history, perf_counter() - began

    inputs, targets = samples()
    losses: list[float] = []
    for batches in range(1, PEER_BATCHES + 1):  # the loss of batch k is what k batches' mean adds to that of k - 1
        history, _ = train(inputs[: batches * BATCH], targets[: batches * BATCH], 1, by_program)
        losses.append(history.loss[0] * batches - sum(losses))
    more = MANY if by_program else 1
    gc.collect()
    _, first = train(inputs, targets, 1, "auto" if by_program else False)
    _, seconds = train(inputs, targets, 1 + more, "auto" if by_program else False)
    return Sample({EPOCH: (seconds - first) / more * 1e3, FIRST: first * 1e3}, {"losses": losses})


def with_torch() -> Sample:
    """The same loop over batches, with PyTorch's layers, loss and optimiser, in double precision."""
    import torch
    from torch.nn.functional import mse_loss

    from .replay import weights_of

    torch.set_num_threads(1)
    layers = torch.nn.Linear(64, SIZES[0]), torch.nn.ReLU(), torch.nn.Linear(SIZES[0], SIZES[1])
    model = torch.nn.Sequential(*layers).double()
    with torch.no_grad():
        for parameter, numbers in zip(model.parameters(), weights_of(micrograds_weights()), strict=True):
            parameter.copy_(torch.from_numpy(numbers))
    inputs, targets = (torch.tensor(x, dtype=torch.float64) for x in samples())
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def epoch() -> list[float]:
        losses = []
        for start in range(0, SAMPLES, BATCH):
            loss = mse_loss(model(inputs[start : start + BATCH]), targets[start : start + BATCH])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(loss))
        return losses

    began = perf_counter()
    losses = epoch()[:PEER_BATCHES]
    first = perf_counter()
    for _ in range(MANY):
        epoch()
    return Sample({EPOCH: (perf_counter() - first) / MANY * 1e3, FIRST: (first - began) * 1e3}, {"losses": losses})


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        f"{BATCHES} batches an epoch. micrograd: {BATCHES} times the second batch; ours and PyTorch: the mean of those "
        "after the first epoch.",
        *agreement(outcomes, "losses", MICROGRAD.name),
    ]


PLAIN_EAGER, EAGER, PROGRAM = f"{PLAIN.name}, eager", f"{COMPILED.name}, eager", f"{COMPILED.name}, program"

DIGITS = Workload(
    name="digits",
    title=f"Digits, 64-32-10: an epoch of {SAMPLES:,} samples in batches of {BATCH}",
    contenders=[
        Contender(MICROGRAD.name, with_micrograd, MICROGRAD.package),
        Contender("PyTorch", with_torch, TORCH.package, ONE_THREAD),
        *(
            Contender(name, lambda: with_ours(False), engine.package, {**engine.environment, **ONE_THREAD})
            for engine, name in ((PLAIN, PLAIN_EAGER), (COMPILED, EAGER))
        ),
        Contender(PROGRAM, lambda: with_ours(True), COMPILED.package, {**COMPILED.environment, **ONE_THREAD}),
    ],
    quantities=dict.fromkeys((EPOCH, FIRST), "{:,.1f} ms"),
    peer=MICROGRAD.name,
    goals=[times_less(EAGER, EPOCH, 50, MICROGRAD.name), times_more(PROGRAM, EPOCH, 1.0, "PyTorch")],
    rounds=2,
    notes=remarks,
)
