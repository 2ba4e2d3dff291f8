"""micrograd's demo, a training step: two half moons, a 2-16-16-1 network, hinge loss and L2, all 100 samples.

micrograd runs what its notebook has. Ours is what one writes with `nn`: a neuron is one dot product, the loss one sum,
the L2 term one dot product of the weights with themselves. Same moons, same initial weights by ``random.seed``. A
compiled program does it for a sample, run as a batch, and for the whole step as micrograd's notebook unrolls it; numpy
does the same by hand.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from math import cos, pi, sin
from statistics import median
from time import perf_counter
from typing import Any

from ..agreement import agreement
from ..engines import COMPILED, MICROGRAD, PLAIN
from ..goals import times_less, times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload

SAMPLES, NOISE, SEED = 100, 0.1, 1337
SIZES = [16, 16, 1]
ALPHA = 1e-4
STEPS = 3
STEP = "step"
NUMPY, PROGRAM, UNROLLED = "numpy", "program, a sample traced", "program, batch unrolled"
ENOUGH = 0.25

Step = Callable[[float], float]
"""A training step of the given learning rate; it returns the loss."""


def moons() -> tuple[list[list[float]], list[int]]:
    """The points of two half moons, blurred, and the side that each is on: scikit-learn's ``make_moons``."""
    generator = random.Random(SEED)
    points, sides = [], []
    for i in range(SAMPLES):
        angle, side = pi * (i // 2) / (SAMPLES // 2 - 1), 2 * (i % 2) - 1
        x, y = (cos(angle), sin(angle)) if side < 0 else (1.0 - cos(angle), 0.5 - sin(angle))
        points.append([x + generator.gauss(0.0, NOISE), y + generator.gauss(0.0, NOISE)])
        sides.append(side)
    return points, sides


def with_micrograd() -> Sample:
    """As in the notebook, but for the accuracy, which no gradient needs."""
    from micrograd.engine import Value  # type: ignore[import-untyped]
    from micrograd.nn import MLP  # type: ignore[import-untyped]

    random.seed(SEED)
    model = MLP(2, SIZES)
    points, sides = moons()

    def step(rate: float) -> float:
        inputs = [list(map(Value, point)) for point in points]
        scores = list(map(model, inputs))
        losses = [(1 + -side * score).relu() for side, score in zip(sides, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        total_loss = data_loss + ALPHA * sum(p * p for p in model.parameters())
        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= rate * p.grad
        return float(total_loss.data)

    return time_steps(step)


def with_ours() -> Sample:
    import autograd_tiny as ad
    import nn

    random.seed(SEED)
    model = nn.MLP(2, SIZES)
    parameters = model.parameters()
    optimizer = nn.SGD(parameters, lr=1.0)
    points, sides = moons()

    def step(rate: float) -> float:
        scores = [model(point) for point in points]
        loss = nn.hinge(scores, sides) + ALPHA * ad.dot(parameters, parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.lr = rate
        optimizer.step()
        return float(loss.data)

    return time_steps(step)


def with_program(unrolled: bool) -> Sample:
    """The weights are in an array, which a step moves."""
    import numpy as np

    import autograd_tiny as ad
    import nn

    random.seed(SEED)
    model = nn.MLP(2, SIZES)
    parameters = model.parameters()
    points, sides = moons()
    X, y = np.array(points), np.array(sides, float)

    def loss(x: Any, side: Any) -> Any:
        return (1.0 - side * model(x)).relu() + ALPHA * ad.dot(parameters, parameters)

    def whole() -> Any:
        return nn.hinge([model(point) for point in points], sides) + ALPHA * ad.dot(parameters, parameters)

    program = ad.compile(whole if unrolled else loss, parameters=parameters)
    inputs, batch = ((), False) if unrolled else ((X, y), True)
    with program.hold() as weights:

        def step(rate: float) -> float:
            nonlocal weights
            losses, gradient = program.flat_value_and_grad(*inputs, batch=batch)
            weights -= rate * gradient
            return float(losses.mean() if batch else losses)

        sample = time_steps(step)
    if not program.uses_arrays:
        raise RuntimeError(program.explain())
    return sample


def with_numpy() -> Sample:
    import numpy as np

    import nn

    from ..peers.array_nets import hinge_net
    from .replay import weights_of

    random.seed(SEED)
    weights = weights_of(nn.MLP(2, SIZES))
    points, sides = (np.array(x, float) for x in moons())
    run = hinge_net(weights, points, sides)

    def step(rate: float) -> float:
        loss, gradients = run()
        loss += ALPHA * sum((w * w).sum() for w in weights)
        for w, g in zip(weights, gradients, strict=True):
            w -= rate * (g + 2.0 * ALPHA * w)
        return float(loss)

    return time_steps(step)


def time_steps(step: Step) -> Sample:
    """Milliseconds a step, the mean of three after an untimed one, with the notebook's rates; the losses of all.

    Where those are too quick for the clock, the median of as many more as fit in a quarter of a second.
    """
    losses = [step(1.0)]
    gc.collect()
    start = perf_counter()
    losses += [step(1.0 - 0.9 * k / 100) for k in range(1, STEPS + 1)]
    spent = perf_counter() - start
    if spent / STEPS > ENOUGH / 1000:
        return Sample({STEP: spent * 1e3 / STEPS}, {"losses": losses})
    took: list[float] = []
    while sum(took) < ENOUGH:
        start = perf_counter()
        step(0.1)
        took.append(perf_counter() - start)
    return Sample({STEP: median(took) * 1e3}, {"losses": losses})


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        f"Forward, hinge + {ALPHA:g} L2, backward, update, and freeing the graph; means of {STEPS} steps after an "
        "untimed one. A neuron of ours is a node for the dot product, one for the sum with the bias and one for ReLU; "
        "of micrograd's, two for each weight and one for ReLU.",
        *agreement(outcomes, "losses", MICROGRAD.name),
    ]


MICROGRAD_DEMO = Workload(
    name="micrograd-demo",
    title="micrograd's demo: a training step",
    contenders=[
        Contender(MICROGRAD.name, with_micrograd, MICROGRAD.package),
        *(Contender(engine.name, with_ours, engine.package, engine.environment) for engine in (PLAIN, COMPILED)),
        Contender(NUMPY, with_numpy, Package("numpy", "numpy"), {**COMPILED.environment, **ONE_THREAD}),
        *(
            Contender(
                name,
                lambda unrolled=unrolled: with_program(unrolled),  # type: ignore[misc]
                COMPILED.package,
                {**COMPILED.environment, **ONE_THREAD},
            )
            for name, unrolled in ((PROGRAM, False), (UNROLLED, True))
        ),
    ],
    quantities={STEP: "{:,.4f} ms"},
    peer=MICROGRAD.name,
    goals=[
        times_less(COMPILED.name, STEP, 100, MICROGRAD.name),
        *(times_more(name, STEP, 1.0, NUMPY) for name in (PROGRAM, UNROLLED)),
        *(times_less(name, STEP, 1000, MICROGRAD.name) for name in (PROGRAM, UNROLLED)),
    ],
    rounds=3,
    notes=remarks,
)
