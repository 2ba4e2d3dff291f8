"""The source articles' image classifier, 4096-8-1 on 209 samples: forward and backward over all of them, eagerly.

Ours is written neuron by neuron with `nn`: a hidden neuron is a `dot` of 4,096 weights and a row of a numpy array. The
peers work on whole matrices, but for one that takes sample by sample, which is the order in which ours works.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from ..agreement import agreement
from ..engines import COMPILED, PLAIN, TORCH
from ..goals import times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload
from ..peers import image_nets
from ..peers.image_nets import HIDDEN, PIXELS, SAMPLES, Data, Gradients, Pass, draw

PASS, FREED = "forward + backward", "the same + freeing the graph"
NUMPY, BY_SAMPLE, PYTORCH = "numpy", "numpy, sample by sample", "PyTorch"
ENOUGH = 0.5
"""Seconds of passes in a child, or a single one if that takes longer."""


def with_ours() -> Sample:
    import nn

    data = draw()
    model = nn.MLP(PIXELS, [HIDDEN, 1], ["relu", "sigmoid"])
    for neuron, weights in zip(model.layers[0].neurons, data.hidden.tolist(), strict=True):
        _set(neuron.w, weights)
    _set(model.layers[1].neurons[0].w, data.output.tolist())
    labels = data.labels.tolist()

    def run() -> Any:
        loss = nn.binary_cross_entropy([model(image) for image in data.images], labels)
        loss.backward()
        return loss

    return time_passes(run, lambda _: [parameter.grad for parameter in model.parameters()])


def _set(parameters: list[Any], numbers: list[float]) -> None:
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number


def with_arrays(make: Callable[[Data], Pass]) -> Sample:
    return time_passes(make(draw()), in_our_order)


def in_our_order(gradients: Gradients) -> list[float]:
    """Each neuron's weights, then its bias."""
    numbers: list[float] = []
    for weights, bias in zip(gradients.hidden, gradients.hidden_bias, strict=True):
        numbers += [*weights.tolist(), float(bias)]
    return [*numbers, *gradients.output.tolist(), float(gradients.output_bias)]


def time_passes(run: Callable[[], Any], gradients: Callable[[Any], list[float]]) -> Sample:
    """Milliseconds a pass, medians of half a second of them after an untimed one, whose gradients are kept."""
    found = gradients(run())
    gc.collect()
    computing: list[float] = []
    freeing: list[float] = []
    while sum(computing) + sum(freeing) < ENOUGH:
        start = perf_counter()
        result = run()
        done = perf_counter()
        del result
        freeing.append(perf_counter() - done)
        computing.append(done - start)
    spent = median(computing)
    return Sample({PASS: spent * 1e3, FREED: (spent + median(freeing)) * 1e3}, {"gradients": found})


def remarks(outcomes: Outcomes) -> list[str]:
    notes = [
        f"{SAMPLES} samples of {PIXELS:,} inputs, ReLU, sigmoid, binary cross-entropy, float64, one thread; gradients "
        f"of all {HIDDEN * (PIXELS + 2) + 1:,} parameters. Ours makes {SAMPLES * HIDDEN:,} dot products of "
        f"{PIXELS:,} edges each, every time anew."
    ]
    by_sample, own = outcomes[BY_SAMPLE].samples, outcomes[COMPILED.name].samples
    if own and len(own) == len(by_sample):
        ratio = median(a.quantities[PASS] / b.quantities[PASS] for a, b in zip(own, by_sample, strict=True))
        notes.append(f"Next to {BY_SAMPLE}, {COMPILED.name} takes {ratio:.2f} times as long.")
    return [*notes, *agreement(outcomes, "gradients", NUMPY)]


IMAGES = Workload(
    name="images",
    title=f"Image classifier {PIXELS}-{HIDDEN}-1 on {SAMPLES} samples",
    contenders=[
        Contender(
            NUMPY, lambda: with_arrays(image_nets.numpy_at_once), Package("numpy", "numpy"), environment=ONE_THREAD
        ),
        Contender(
            BY_SAMPLE,
            lambda: with_arrays(image_nets.numpy_by_sample),
            Package("numpy", "numpy"),
            environment=ONE_THREAD,
        ),
        Contender(PYTORCH, lambda: with_arrays(image_nets.torch_at_once), TORCH.package, environment=ONE_THREAD),
        *(
            Contender(engine.name, with_ours, engine.package, {**engine.environment, **ONE_THREAD})
            for engine in (PLAIN, COMPILED)
        ),
    ],
    quantities=dict.fromkeys((PASS, FREED), "{:,.2f} ms"),
    peer=NUMPY,
    goals=[times_more(COMPILED.name, PASS, 4, NUMPY)],
    rounds=3,
    notes=remarks,
)
