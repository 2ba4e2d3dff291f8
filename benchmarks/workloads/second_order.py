"""Beyond the first derivative: gradients as graphs, forward mode, Hessians; `higher_order` has those beyond.

Our own figures are held next to our own first order, in the same process; jax's and autograd's stand beside them. jax
is compiled and warm (`jax.jit`), in double precision on one thread; its compile time is not in the figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

from ..engines import COMPILED
from ..goals import at_most, times_more
from ..harness import ONE_THREAD, Contender, Sample, Workload
from .orders import JAX, JIT, agreeing, best, contender
from .plan import NODES, draw, root_of

SAMPLES, FEATURES = 569, 11
LAYERS = (2, 16, 16, 1)

GRAPHS, PUSHED, BACKWARD = "gradients as graphs", "jvp, build included", "build + backward"
GRAPHS_IN_FIRST, PUSHED_IN_FIRST = f"{GRAPHS}, in build + backward", f"{PUSHED}, in build + backward"
"""The same whatever the machine: where the goals are from, build + backward takes 73 ns a node, and 350 ns are 4.8 of
them, 110 ns are 1.5.
"""
GRADIENT, PRODUCT, HESSIAN, RECORDED = "gradient", "Hessian · vector", "Hessian", "Hessian, compiled"
IN_GRADIENTS = "Hessian · vector in gradients"
INFORMED = "gradient of a physics-informed loss"


def random_graph() -> Sample:
    """Nanoseconds a node of the random graph."""
    from autograd_tiny import Value, gradients, jvp

    plan = draw()
    f = lambda leaves: root_of(leaves, plan.programs, Value.tanh)
    leaves = [Value(x) for x in plan.leaves]
    root = f(leaves)
    ones = [1.0] * len(leaves)

    def first_order() -> None:
        f([Value(x) for x in plan.leaves]).backward()

    unit = NODES * 1e-9
    slope = jvp(f, (plan.leaves,), (ones,))[1]
    total = math.fsum(gradients(root, leaves))
    if abs(slope - total) > 1e-9 * abs(total):
        raise ArithmeticError("forward and reverse mode disagree")
    first = best(first_order, unit)
    graphs = best(lambda: gradients(root, leaves, create_graph=True), unit)
    pushed = best(lambda: jvp(f, (plan.leaves,), (ones,)), unit)
    return Sample(
        {
            BACKWARD: first,
            GRAPHS: graphs,
            PUSHED: pushed,
            GRAPHS_IN_FIRST: graphs / first,
            PUSHED_IN_FIRST: pushed / first,
        }
    )


def data() -> tuple[list[list[float]], list[float], list[float]]:
    """Features with a constant among them, classes, weights; the same on every call."""
    random = Random(4)
    rows = [[*(random.gauss(0.0, 1.0) for _ in range(FEATURES - 1)), 1.0] for _ in range(SAMPLES)]
    return rows, [float(random.random() < 0.5) for _ in rows], [random.gauss(0.0, 0.3) for _ in range(FEATURES)]


def logistic_ours() -> Sample:
    from autograd_tiny import compile, dot, grad, hessian, hvp, softplus
    from autograd_tiny import sum as add_up

    rows, classes, weights = data()

    def loss(w: Any) -> Any:
        scores = [dot(w, row) for row in rows]
        return add_up([softplus(z) - c * z for z, c in zip(scores, classes, strict=True)]) / SAMPLES

    matrix = hessian(loss)(weights)
    recorded = compile(lambda w: hessian(loss)(w))
    recorded(weights)
    ones = [1.0] * FEATURES
    return second_order(
        lambda: grad(loss)(weights),
        lambda: hvp(loss, (weights,), (ones,)),
        lambda: hessian(loss)(weights),
        lambda: recorded(weights),
        matrix,
    )


def second_order(
    gradient: Callable[[], Any], product: Callable[[], Any], matrix: Callable[[], Any], recorded: Callable[[], Any],
    found: list[list[float]],
) -> Sample:  # fmt: skip
    """The four, timed."""
    works = {GRADIENT: gradient, PRODUCT: product, HESSIAN: matrix, RECORDED: recorded}
    times = {name: best(work, 1e-6) for name, work in works.items()}
    return Sample({**times, IN_GRADIENTS: times[PRODUCT] / times[GRADIENT]}, {"matrix": found})


def logistic_jax() -> Sample:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    rows, classes, weights = (jnp.array(x) for x in data())

    def loss(w: Any) -> Any:
        z = rows @ w
        return jnp.mean(jax.nn.softplus(z) - classes * z)

    gradient, matrix = jax.jit(jax.grad(loss)), jax.jit(jax.hessian(loss))
    product = jax.jit(lambda w, v: jax.jvp(jax.grad(loss), (w,), (v,))[1])
    ones = jnp.ones(FEATURES)
    found = [[float(x) for x in row] for row in matrix(weights)]
    product(weights, ones), gradient(weights)
    whole = lambda: matrix(weights).block_until_ready()
    return second_order(
        lambda: gradient(weights).block_until_ready(),
        lambda: product(weights, ones).block_until_ready(),
        whole,
        whole,
        found,
    )


def net() -> tuple[list[list[list[float]]], list[list[float]]]:
    """The weights of each layer, a row a unit with its bias last, and the points where the equation is to hold."""
    random = Random(5)
    weights = [
        [[random.gauss(0.0, 1.0 / math.sqrt(n)) for _ in range(n + 1)] for _ in range(m)] for n, m in pairwise(LAYERS)
    ]
    return weights, [[random.random(), random.random()] for _ in range(20)]


def informed_ours() -> Sample:
    """∂u/∂t = ∂²u/∂x² for u a network of (x, t): its squared residual over the points, and the gradient of that."""
    from autograd_tiny import Value, dot, gradients

    numbers, points = net()
    weights = [[[Value(w) for w in unit] for unit in layer] for layer in numbers]
    flat = [w for layer in weights for unit in layer for w in unit]

    def u(x: Any, t: Any) -> Any:
        a = [x, t]
        for layer in weights:
            z = [dot([*a, 1.0], unit) for unit in layer]
            a = [v.tanh() for v in z]
        return z[0]

    def loss() -> Any:
        total: Any = 0.0
        for x, t in points:
            place = Value(x), Value(t)
            by_x, by_t = gradients(u(*place), place, create_graph=True)
            total = total + (by_t - gradients(by_x, place[0], create_graph=True)) ** 2
        return total

    return Sample(
        {INFORMED: best(lambda: gradients(loss(), flat), 1e-6)},
        {"gradient": [float(g) for g in gradients(loss(), flat)]},
    )


def informed_jax() -> Sample:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    numbers, points = net()
    weights, places = [jnp.array(layer) for layer in numbers], jnp.array(points)

    def u(weights: Any, x: Any, t: Any) -> Any:
        a = jnp.stack([x, t])
        for layer in weights:
            z = layer[:, :-1] @ a + layer[:, -1]
            a = jnp.tanh(z)
        return z[0]

    def residual(weights: Any, place: Any) -> Any:
        x, t = place
        return (jax.grad(u, 2)(weights, x, t) - jax.grad(jax.grad(u, 1), 1)(weights, x, t)) ** 2

    gradient = jax.jit(jax.grad(lambda w: jnp.sum(jax.vmap(lambda place: residual(w, place))(places))))
    flat = lambda found: [float(g) for layer in found for g in layer.ravel()]
    found = flat(gradient(weights))
    return Sample({INFORMED: best(lambda: jax.block_until_ready(gradient(weights)), 1e-6)}, {"gradient": found})


SECOND_ORDER = (
    Workload(
        name="second-order-graph",
        title=f"Random graph of {NODES:,} nodes: gradients as graphs, and forward mode",
        contenders=[contender(random_graph)],
        quantities={
            **dict.fromkeys((BACKWARD, GRAPHS, PUSHED), "{:,.0f} ns/node"),
            **dict.fromkeys((GRAPHS_IN_FIRST, PUSHED_IN_FIRST), "{:.2f}"),
        },
        peer=COMPILED.name,
        goals=[
            at_most(COMPILED.name, GRAPHS, 350, "{:,.0f} ns/node"),
            at_most(COMPILED.name, PUSHED, 110, "{:,.0f} ns/node"),
            at_most(COMPILED.name, GRAPHS_IN_FIRST, 4.8, "{:.2f}"),
            at_most(COMPILED.name, PUSHED_IN_FIRST, 1.5, "{:.2f}"),
        ],
        rounds=3,
    ),
    Workload(
        name="second-order-logistic",
        title=f"Logistic regression, {SAMPLES} × {FEATURES}: gradient, Hessian · vector, Hessian",
        contenders=[contender(logistic_ours), Contender(JIT, logistic_jax, JAX, ONE_THREAD)],
        quantities={**dict.fromkeys((GRADIENT, PRODUCT, HESSIAN, RECORDED), "{:,.0f} µs"), IN_GRADIENTS: "{:.1f}"},
        peer=JIT,
        goals=[
            at_most(COMPILED.name, IN_GRADIENTS, 6, "{:.1f}"),
            times_more(COMPILED.name, HESSIAN, 60, JIT),
            times_more(COMPILED.name, RECORDED, 1.2, JIT),
        ],
        rounds=3,
        notes=agreeing("matrix"),
    ),
    Workload(
        name="second-order-informed",
        title=f"A physics-informed loss, {'-'.join(map(str, LAYERS))} at 20 points",
        contenders=[contender(informed_ours), Contender(JIT, informed_jax, JAX, ONE_THREAD)],
        quantities={INFORMED: "{:,.0f} µs"},
        peer=JIT,
        goals=[times_more(COMPILED.name, INFORMED, 150, JIT)],
        rounds=3,
        notes=agreeing("gradient"),
    ),
)
