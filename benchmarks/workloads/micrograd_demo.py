"""micrograd's demo, a training step: two half moons, a 2-16-16-1 network, hinge loss and L2, all 100 samples.

micrograd runs what its notebook has. Ours is what one writes with `nn`: a neuron is one dot product, the loss one sum,
the L2 term one dot product of the weights with themselves. Same moons, same initial weights by ``random.seed``.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from math import cos, pi, sin
from time import perf_counter

from ..agreement import agreement
from ..engines import COMPILED, MICROGRAD, PLAIN
from ..goals import times_less
from ..harness import Contender, Outcomes, Sample, Workload

SAMPLES, NOISE, SEED = 100, 0.1, 1337
SIZES = [16, 16, 1]
ALPHA = 1e-4
STEPS = 3
STEP = "step"

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


def time_steps(step: Step) -> Sample:
    """Milliseconds a step, the mean of three after an untimed one, with the notebook's rates; the losses of all."""
    losses = [step(1.0)]
    gc.collect()
    start = perf_counter()
    losses += [step(1.0 - 0.9 * k / 100) for k in range(1, STEPS + 1)]
    return Sample({STEP: (perf_counter() - start) * 1e3 / STEPS}, {"losses": losses})


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
    ],
    quantities={STEP: "{:,.2f} ms"},
    peer=MICROGRAD.name,
    goals=[times_less(COMPILED.name, STEP, 100, MICROGRAD.name)],
    rounds=5,
    notes=remarks,
)
