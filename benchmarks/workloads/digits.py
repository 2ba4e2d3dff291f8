"""Digits, a 64-32-10 network: one epoch of 1,437 samples in batches of 32, with `nn.fit` and as micrograd has it.

ReLU, which micrograd has, in the hidden layer; the mean squared error against a 1 for the digit and 0 elsewhere; plain
SGD. micrograd would take minutes for an epoch, so it takes three batches, and the epoch is worked out from the mean of
the last two. What ours does beyond the batches (shuffling, the history) is in its time.
"""

from __future__ import annotations

import gc
import random
from time import perf_counter
from typing import Any

from ..agreement import agreement
from ..engines import COMPILED, MICROGRAD, PLAIN
from ..goals import times_less
from ..harness import Contender, Outcomes, Sample, Workload

SAMPLES, BATCH, RATE = 1437, 32, 0.05
SIZES = [32, 10]
EPOCH = "epoch"
PEER_BATCHES = 3
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
    return Sample({EPOCH: sum(seconds[1:]) / len(seconds[1:]) * BATCHES * 1e3}, {"losses": losses})


def with_ours() -> Sample:
    import nn

    def train(inputs: Any, targets: Any, epochs: int) -> tuple[Any, float]:
        random.seed(SEED)
        model = nn.MLP(64, SIZES, init=lambda rng, *_: rng.uniform(-1.0, 1.0))  # micrograd's, in its order
        began = perf_counter()
        history = nn.fit(
            model, inputs, targets, loss="mean_squared_error", optimizer=nn.SGD(model.parameters(), lr=RATE),
            epochs=epochs, batch_size=BATCH, shuffle=False, verbose=0,
        )  # fmt: skip
        return history, perf_counter() - began

    inputs, targets = samples()
    losses = []
    for batches in range(1, PEER_BATCHES + 1):  # the loss of batch k is what k batches' mean adds to that of k - 1
        history, _ = train(inputs[: batches * BATCH], targets[: batches * BATCH], 1)
        losses.append(history.loss[0] * batches - sum(losses))
    gc.collect()
    _, seconds = train(inputs, targets, 2)
    return Sample({EPOCH: seconds / 2 * 1e3}, {"losses": losses})


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        f"{BATCHES} batches an epoch. micrograd: {BATCHES} times the mean of two batches, after an untimed one; ours: "
        "half of two epochs.",
        *agreement(outcomes, "losses", MICROGRAD.name),
    ]


DIGITS = Workload(
    name="digits",
    title=f"Digits, 64-32-10: an epoch of {SAMPLES:,} samples in batches of {BATCH}",
    contenders=[
        Contender(MICROGRAD.name, with_micrograd, MICROGRAD.package),
        *(Contender(engine.name, with_ours, engine.package, engine.environment) for engine in (PLAIN, COMPILED)),
    ],
    quantities={EPOCH: "{:,.0f} ms"},
    peer=MICROGRAD.name,
    goals=[times_less(COMPILED.name, EPOCH, 50, MICROGRAD.name)],
    rounds=3,
    notes=remarks,
)
