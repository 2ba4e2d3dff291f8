"""Compiled networks next to hand-written numpy: forward and backward of the same network, as `nn` has it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from ..engines import MICROGRAD
from ..goals import times_less, times_more
from ..harness import Sample, Workload
from ..peers import array_nets, image_nets
from .micrograd_demo import SEED, SIZES, moons
from .replay import NUMPY, OURS, PASS, PYTORCH, by_arrays, flat, ours, time_passes, weights_of, workload

UNROLLED = "compiled, batch unrolled"

Work = tuple[Any, Callable[..., Any], tuple[Any, Any], array_nets.Pass]
"""A model, the loss of a sample, the batch, and numpy's pass."""


def hinge() -> Work:
    import numpy as np

    import nn

    random.seed(SEED)
    model = nn.MLP(2, SIZES)
    points, sides = (np.array(x, float) for x in moons())
    reference = array_nets.hinge_net(weights_of(model), points, sides)
    return model, lambda x, y: (1.0 - y * model(x)).relu(), (points, sides), reference


def digits() -> Work:
    import numpy as np

    import autograd_tiny as ad
    import nn

    rng = np.random.default_rng(0)
    model = nn.MLP(64, [32, 10], ["sigmoid", "sigmoid"], seed=0)
    images, targets = rng.random((32, 64)), np.eye(10)[rng.integers(0, 10, 32)]
    reference = array_nets.sigmoid_net(weights_of(model), images, targets)
    loss = lambda x, t: ad.sum([(a - b) ** 2 for a, b in zip(model(x), t, strict=True)])
    return model, loss, (images, targets), reference


def batched(make: Callable[[], Work]) -> Callable[[], Sample]:
    """Traced for one sample, run for the batch."""

    def run() -> Sample:
        model, loss, inputs, _ = make()
        return ours(loss, model.parameters(), inputs, True)

    return run


def by_hand(make: Callable[[], Work]) -> Callable[[], Sample]:
    return lambda: by_arrays(make()[3], flat)


def hinge_unrolled() -> Sample:
    """All 100 samples in one graph, as micrograd's notebook has it."""
    model, loss, (points, sides), _ = hinge()
    samples = list(zip(points.tolist(), sides.tolist(), strict=True))

    def whole() -> Any:
        losses = [loss(x, y) for x, y in samples]
        return sum(losses[1:], losses[0]) * (1.0 / len(losses))

    return ours(whole, model.parameters(), (), False)


def hinge_micrograd() -> Sample:
    from micrograd.engine import Value  # type: ignore[import-untyped]
    from micrograd.nn import MLP  # type: ignore[import-untyped]

    random.seed(SEED)
    model = MLP(2, SIZES)
    points, sides = moons()

    def run() -> Any:
        scores = [model([*map(Value, point)]) for point in points]
        losses = [(1 + -side * score).relu() for side, score in zip(sides, scores, strict=True)]
        model.zero_grad()
        (sum(losses) * (1.0 / len(losses))).backward()

    run()
    found = [float(parameter.grad) for parameter in model.parameters()]
    return time_passes(run, gradients=found)


def digits_torch() -> Sample:
    import torch
    from torch.nn.functional import linear

    torch.set_num_threads(1)
    model, _, inputs, _ = digits()
    images, targets = map(torch.from_numpy, inputs)
    weights = [torch.from_numpy(w).requires_grad_() for w in weights_of(model)]

    def run() -> Any:
        w1, b1, w2, b2 = weights
        out = torch.sigmoid(linear(torch.sigmoid(linear(images, w1, b1)), w2, b2))
        return torch.autograd.grad(((out - targets) ** 2).sum(1).mean(), weights)

    return time_passes(run, gradients=flat([g.numpy() for g in run()]))


def image_net() -> tuple[Any, list[Any], tuple[Any, ...]]:
    """The loss of the net for images on scalars, its parameters, and the inputs."""
    import nn

    data = image_nets.draw()
    model = nn.MLP(image_nets.PIXELS, [image_nets.HIDDEN, 1], ["relu", "sigmoid"])
    for neuron, weights in zip(model.layers[0].neurons, data.hidden.tolist(), strict=True):
        _set(neuron.w, weights)
    _set(model.layers[1].neurons[0].w, data.output.tolist())

    def loss(x: Any, t: Any) -> Any:
        p = model(x)
        return -(t * p.log() + (1.0 - t) * (1.0 - p).log())

    return loss, model.parameters(), (data.images, data.labels)


def images_ours() -> Sample:
    return ours(*image_net(), True)


def _set(parameters: list[Any], numbers: list[float]) -> None:
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number


def images_peer(make: Callable[[image_nets.Data], image_nets.Pass]) -> Sample:
    from .images import in_our_order

    run = make(image_nets.draw())
    return time_passes(run, gradients=in_our_order(run()))


COMPILED_NETS: Sequence[Workload] = (
    workload(
        "compiled-demo",
        "Compiled: micrograd's demo, 100 samples",
        {
            NUMPY: by_hand(hinge),
            MICROGRAD.name: hinge_micrograd,
            OURS: batched(hinge),
            UNROLLED: hinge_unrolled,
        },
        [
            *(times_more(way, PASS, 1.0, NUMPY) for way in (OURS, UNROLLED)),
            *(times_less(way, PASS, 1000, MICROGRAD.name) for way in (OURS, UNROLLED)),
        ],
    ),
    workload(
        "compiled-digits",
        "Compiled: 64-32-10, batches of 32",
        {NUMPY: by_hand(digits), PYTORCH: digits_torch, OURS: batched(digits)},
        [times_more(OURS, PASS, 1.0, PYTORCH)],
        rounds=5,
    ),
    workload(
        "compiled-images",
        "Compiled: 4096-8-1, 209 samples",
        {
            NUMPY: lambda: images_peer(image_nets.numpy_at_once),
            PYTORCH: lambda: images_peer(image_nets.torch_at_once),
            OURS: images_ours,
        },
        [times_more(OURS, PASS, 1.2, NUMPY), times_more(OURS, PASS, 1.1, PYTORCH)],
        rounds=5,
    ),
)
