"""What the workloads of second and higher order share: the least time of some runs, and how far answers are apart."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import perf_counter
from typing import Any

from ..agreement import largest_difference
from ..engines import COMPILED
from ..harness import Contender, Outcomes, Package, Sample

ROUNDS = 7
JAX, JIT = Package("jax", "jax"), "jax.jit"


def best(work: Callable[[], Any], unit: float) -> float:
    """The least of some runs, in ``unit`` seconds."""
    found = []
    for _ in range(ROUNDS):
        gc.collect()
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return min(found) / unit


def agreeing(fact: str) -> Callable[[Outcomes], list[str]]:
    """A note for each peer: how far its answer is from ours."""

    def notes(outcomes: Outcomes) -> list[str]:
        flat = lambda x: [z for y in x for z in flat(y)] if isinstance(x, list) else [x]
        found = {name: flat(o.samples[0].facts[fact]) for name, o in outcomes.items() if o.samples}
        ours = found.pop(COMPILED.name, None)
        if ours is None:
            return []
        return [
            f"{name}: largest difference from ours {largest_difference([theirs], [ours[: len(theirs)]]):.1g}."
            for name, theirs in found.items()
        ]

    return notes


def contender(run: Callable[[], Sample]) -> Contender:
    """Ours: `run` on the compiled engine."""
    return COMPILED.contender(lambda kit: run())
