"""A job: the same work in our words and in those of the peers, timed, and its numbers held against each other's.

Each job is written on scalars, compiled, and called with its inputs as arrays; the peers do the same work in their own
way, on one thread, in float64. Compiling is not in the figures, and stands in the notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from time import perf_counter
from typing import Any

from ..engines import COMPILED, TORCH
from ..goals import times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload
from ..peers import jobs_jax
from .replay import NUMPY, OURS, PASS, PYTORCH, time_passes

JAX, CASADI, BUFFERS = "jax.jit", "CasADi", "CasADi, buffers"
PACKAGES = {NUMPY: Package("numpy", "numpy"), JAX: Package("jax", "jax"), CASADI: Package("casadi", "casadi"),
            BUFFERS: Package("casadi", "casadi"),
            PYTORCH: TORCH.package}  # fmt: skip
NEAR = 1e-6
"""Of sums whose terms nearly cancel; relative to each number."""

Work = tuple[Callable[[], Any], Callable[[Any], list[float]]]


@cache
def rng() -> Any:
    import numpy as np

    return np.random.default_rng(17)


def drawn(*shape: int, spread: float = 0.5) -> Any:
    return spread * rng().standard_normal(shape)


def timed(make: Callable[[], Work]) -> Sample:
    """A contender's work: what it takes, and its numbers."""
    start = perf_counter()
    work, listed = make()
    found = listed(work())
    return time_passes(work, numbers=found[:2000], seconds=perf_counter() - start)


def values(arrays: Any) -> Any:
    """Arrays as lists of Values, and dicts of them."""
    from autograd_tiny import Value

    if isinstance(arrays, dict):
        return {name: values(array) for name, array in arrays.items()}
    return Value(float(arrays)) if arrays.ndim == 0 else [values(row) for row in arrays]


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for name in sorted(tree) for leaf in leaves(tree[name])]
    return [leaf for part in tree for leaf in leaves(part)] if isinstance(tree, list) else [tree]


def trained(loss: Callable[..., Any], parameters: list[Any], inputs: tuple[Any, ...], batch: bool) -> Work:
    """A loss with its gradient, by the program, with the parameters in an array as in training."""
    import autograd_tiny as ad

    program = ad.compile(loss, parameters=parameters)
    program.flat_value_and_grad(*inputs, batch=batch)
    holding = program.hold()
    holding.__enter__()

    def work() -> Any:
        return program.flat_value_and_grad(*inputs, batch=batch), holding

    def listed(found: Any) -> list[float]:
        (value, gradient), _ = found
        return [float(value.mean()) if batch else float(value), *gradient.tolist()]

    return work, listed


def derived(kind: str, function: Callable[..., Any], at: Any, batch: bool) -> Work:
    """A program's Jacobian or Hessian."""
    import numpy as np

    import autograd_tiny as ad

    derivative = getattr(ad.compile(function), kind)
    turn = lambda found: np.moveaxis(np.array(found, float), -1, 0) if batch else np.array(found, float)
    return lambda: derivative(at, batch=batch), lambda found: turn(found).ravel()[:2000].tolist()


def learned(
    make: Callable[[], tuple[dict[str, Any], tuple[Any, ...]]], loss: Callable[..., Any],
    peer: Callable[..., jobs_jax.Ready], batch: bool = True,
) -> dict[str, Callable[[], Work]]:  # fmt: skip
    """A job on weights by name: jax's answer comes sorted by name too."""

    def ours() -> Work:
        arrays, inputs = make()
        weights = values(arrays)
        return trained(lambda *xs: loss(weights, *xs), leaves(weights), inputs, batch)

    def by_jax() -> Work:
        arrays, inputs = make()
        return peer(arrays, *inputs)

    return {JAX: by_jax, OURS: ours}


def notes(outcomes: Outcomes) -> list[str]:
    """How far the peers' numbers are from ours, and what compiling took, the first call included."""
    found = {name: o.samples[0].facts for name, o in outcomes.items() if o.samples}
    lines = [f"{name}: {facts['seconds'] * 1e3:,.0f} ms to compile and measure." for name, facts in found.items()]
    ours = found.pop(OURS, None)
    for name, facts in found.items():
        if ours is not None and facts["numbers"]:
            mine = ours["numbers"][: len(facts["numbers"])]
            scale = max(map(abs, mine)) or 1.0
            worst = max(abs(a - b) for a, b in zip(mine, facts["numbers"], strict=True)) / scale
            word = "" if worst <= NEAR else ": NOT the same work"
            lines.append(f"{name}: largest difference from ours {worst:.1g} of the largest number{word}.")
    return lines


def job(
    name: str, title: str, runs: Callable[[], Mapping[str, Callable[[], Work]]], names: Sequence[str],
    limits: Mapping[str, float], rounds: int = 2,
) -> Workload:  # fmt: skip
    """A workload; ``runs`` is called in the child only, where everything is imported."""
    environment = {**COMPILED.environment, **ONE_THREAD, "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

    def contender(key: str) -> Contender:
        return Contender(key, lambda: timed(runs()[key]), PACKAGES.get(key, COMPILED.package), environment)

    return Workload(
        name=name,
        title=title,
        contenders=[*map(contender, names), contender(OURS)],
        quantities={PASS: "{:,.1f} µs"},
        peer=names[0],
        goals=[times_more(OURS, PASS, limit, peer) for peer, limit in limits.items()],
        rounds=rounds,
        notes=notes,
    )


def with_jax(name: str, title: str, runs: Callable[[], Any], limit: float = 1.0) -> Workload:
    return job(name, title, runs, [JAX], {JAX: limit})
