"""What the compiler's prototype was slow at, next to hand-written numpy.

A recurrent net unrolled over 50 steps, a small convolution, neurons whose terms come in random order, and a network
of which three weights in ten are missing. All are written on scalars, with no help for the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from random import Random
from typing import Any

from ..goals import times_more
from ..harness import Sample, Workload
from ..peers import array_nets, gap_nets
from .replay import NUMPY, OURS, PASS, by_arrays, in_rows, ours, workload

STEPS, WIDTH, GIVEN = 50, 16, 8
SIDE, FILTER, FILTERS = 14, 3, 8
INPUTS, HIDDEN, OUTPUTS, BATCH = 32, 32, 10, 32
MISSING = 0.3
SEED = 1

Work = tuple[Callable[..., Any], list[Any], tuple[Any, ...], bool, array_nets.Pass, Callable[[list[Any]], list[float]]]
"""The function, its parameters, its inputs, whether those are a batch, numpy's pass, and its gradients in our order."""


def draw(random: Random, *sizes: int) -> Any:
    """A nested list of numbers from -0.5 to 0.5."""
    if not sizes:
        return random.uniform(-0.5, 0.5)
    return [draw(random, *sizes[1:]) for _ in range(sizes[0])]


def values(numbers: list[list[float]]) -> list[list[Any]]:
    from autograd_tiny import Value

    return [[Value(x) for x in row] for row in numbers]


def added(terms: Sequence[Any]) -> Any:
    return sum(terms[1:], terms[0])


def dot(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return added([a * b for a, b in zip(x, y, strict=True)])


def recurrent() -> Work:
    import numpy as np

    random = Random(SEED)
    u, w, b, steps = (draw(random, *shape) for shape in ((WIDTH, GIVEN), (WIDTH, WIDTH), (1, WIDTH), (STEPS, GIVEN)))
    U, W, (B,) = values(u), values(w), values(b)

    def loss(xs: Any) -> Any:
        h: list[Any] = [0.0] * WIDTH
        for x in xs:
            h = [(dot(ui, x) + dot(wi, h) + bi).tanh() for ui, wi, bi in zip(U, W, B, strict=True)]
        return dot(h, h)

    run = gap_nets.recurrent([np.array(u), np.array(w), np.array(b[0])], np.array(steps))
    return loss, [v for row in (*U, *W, B) for v in row], (steps,), False, run, in_rows


def convolution() -> Work:
    import numpy as np

    random = Random(SEED)
    reach = SIDE - FILTER + 1
    filters, biases, out, image = (
        draw(random, *shape) for shape in ((FILTERS, FILTER**2), (1, FILTERS), (FILTERS, reach**2), (SIDE, SIDE))
    )
    F, (B,), Out = values(filters), values(biases), values(out)

    def loss(pixels: Any) -> Any:
        terms = []
        for f, bias, weights in zip(F, B, Out, strict=True):
            for weight, (i, j) in zip(weights, product(range(reach), repeat=2), strict=True):
                patch = [pixels[i + k][j + m] for k in range(FILTER) for m in range(FILTER)]
                terms.append(weight * (dot(f, patch) + bias).relu())
        return added(terms) ** 2

    run = gap_nets.convolution([np.array(filters), np.array(biases[0]), np.array(out)], np.array(image), FILTER)
    return loss, [v for row in (*F, B, *Out) for v in row], (image,), False, run, in_rows


def two_layers(missing: float, shuffled: bool) -> Work:
    """tanh and a linear layer, with weights left out at random, or with each neuron's terms in an order of its own."""
    import numpy as np

    random = Random(SEED)
    sizes = ((HIDDEN, INPUTS), (OUTPUTS, HIDDEN))
    masks = [[[float(random.random() >= missing) for _ in range(n)] for _ in range(m)] for m, n in sizes]
    numbers = [[[random.uniform(-0.5, 0.5) * kept for kept in mask] for mask in rows] for rows in masks]
    matrices = [values(rows) for rows in numbers]
    orders = []
    for rows in masks:
        places = [[j for j, kept in enumerate(mask) if kept] for mask in rows]
        for row in places:
            if shuffled:
                random.shuffle(row)
        orders.append(places)

    def layer(k: int, x: Sequence[Any]) -> list[Any]:
        return [added([row[j] * x[j] for j in order]) for row, order in zip(matrices[k], orders[k], strict=True)]

    def loss(x: Any, t: Any) -> Any:
        outputs = layer(1, [z.tanh() for z in layer(0, x)])
        return added([(a - b) ** 2 for a, b in zip(outputs, t, strict=True)])

    rng = np.random.default_rng(SEED)
    inputs, targets = rng.standard_normal((BATCH, INPUTS)), rng.standard_normal((BATCH, OUTPUTS))
    run = gap_nets.sparse([np.array(n) for n in numbers], [np.array(m) for m in masks], inputs, targets)
    kept = [
        (k, i, j) for k, places in enumerate(orders) for i, row in enumerate(places) for j in sorted(row)
    ]  # fmt: skip
    parameters = [matrices[k][i][j] for k, i, j in kept]
    return loss, parameters, (inputs, targets), True, run, lambda found: [float(found[k][i, j]) for k, i, j in kept]


def with_ours(make: Callable[[], Work]) -> Sample:
    loss, parameters, inputs, batch, _, _ = make()
    return ours(loss, parameters, inputs, batch)


def with_numpy(make: Callable[[], Work]) -> Sample:
    *_, run, ordered = make()
    return by_arrays(run, ordered)  # type: ignore[arg-type]


def gap(name: str, title: str, make: Callable[[], Work]) -> Workload:
    runs: dict[str, Callable[[], Sample]] = {NUMPY: lambda: with_numpy(make), OURS: lambda: with_ours(make)}
    return workload(name, title, runs, [times_more(OURS, PASS, 2.0, NUMPY)])


COMPILED_GAPS: Sequence[Workload] = (
    gap("compiled-recurrent", f"Compiled: recurrent net of {WIDTH} over {STEPS} steps", recurrent),
    gap(
        "compiled-convolution",
        f"Compiled: {FILTERS} filters of {FILTER}×{FILTER} over {SIDE}×{SIDE} pixels",
        convolution,
    ),
    gap(
        "compiled-shuffled",
        f"Compiled: {INPUTS}-{HIDDEN}-{OUTPUTS}, batches of {BATCH}, terms in random order",
        lambda: two_layers(0.0, True),
    ),
    gap(
        "compiled-sparse",
        f"Compiled: {INPUTS}-{HIDDEN}-{OUTPUTS}, batches of {BATCH}, {MISSING:.0%} of the weights missing",
        lambda: two_layers(MISSING, False),
    ),
)
