"""A chain as long as a graph gets: y + 1.0 and -y in turn, built, run backward, and freed.

Depth is where engines fail: a backward that recurses needs a stack as deep as the graph, and so does a
destructor. Ours runs a million operations in the main thread as Python starts it. micrograd is tried that way
at 5,000, and once more at 100,000 with the limits raised, to have a time to compare with.
"""

from __future__ import annotations

import gc
from time import perf_counter

from ..engines import COMPILED, MICROGRAD, PLAIN, Engine
from ..goals import finishes
from ..harness import Contender, Outcomes, Sample, Workload
from ..kits import Kit

LENGTH, PEER_LENGTH, PEER_DEFAULT_LENGTH = 1_000_000, 100_000, 5_000
TOTAL = "build + backward + free"
AS_INSTALLED = f"micrograd, {PEER_DEFAULT_LENGTH:,} operations"
LIMITS_RAISED = f"micrograd, {PEER_LENGTH:,}, limits raised"


def time_chain(kit: Kit, length: int) -> Sample:
    """Nanoseconds an operation to build, run backward and free a chain of ``length`` operations."""
    (leaf,) = kit.leaves([0.5])
    start = perf_counter()
    y = leaf
    for _ in range(length // 2):
        y = -(y + 1.0)
    built = perf_counter()
    kit.backward(y)
    swept = perf_counter()
    del y
    gc.collect()  # micrograd's closures are cycles, which only the collector frees: so all get one
    freed = perf_counter()
    if abs(kit.grad(leaf)) != 1.0:
        raise ArithmeticError(f"the gradient of a chain of additions and negations is {kit.grad(leaf)}")
    seconds = {"build": built - start, "backward": swept - built, "free": freed - swept, TOTAL: freed - start}
    return Sample({name: second * 1e9 / length for name, second in seconds.items()}, {"seconds": seconds})


def seconds(outcomes: Outcomes) -> list[str]:
    """The whole chain in seconds, and what became of micrograd as installed."""
    notes = [
        f"An operation costs more the longer the chain, by the collector's work: ours has {LENGTH:,}, the peer "
        f"{PEER_LENGTH:,}. Each y + 1.0 also makes a node of the number 1.0, in micrograd too (and -y there one of -1)."
    ]
    for name in OURS:
        for sample in outcomes[name].samples[-1:]:
            parts = ", ".join(f"{part} {second:.2f} s" for part, second in sample.facts["seconds"].items())
            notes.append(f"{name}, last round: {parts}; main thread, Python's default recursion limit.")
    if outcomes[AS_INSTALLED].problem:
        notes.append(f"micrograd with Python's default recursion limit at {PEER_DEFAULT_LENGTH:,} operations: "
                     f"{outcomes[AS_INSTALLED].problem}")  # fmt: skip
    return notes


def contender(name: str, engine: Engine, length: int, *, deep: bool = False) -> Contender:
    return engine.contender(lambda kit: time_chain(kit, length), deep=deep, name=name)


OURS = {f"{engine.name}, {LENGTH:,}": engine for engine in (PLAIN, COMPILED)}

CHAIN = Workload(
    name="chain",
    title=f"Chain of {LENGTH:,} operations",
    contenders=[
        contender(AS_INSTALLED, MICROGRAD, PEER_DEFAULT_LENGTH),
        contender(LIMITS_RAISED, MICROGRAD, PEER_LENGTH, deep=True),
        *(contender(name, engine, LENGTH) for name, engine in OURS.items()),
    ],
    quantities=dict.fromkeys((TOTAL, "build", "backward", "free"), "{:,.0f} ns/operation"),
    peer=LIMITS_RAISED,
    goals=[finishes(name, TOTAL) for name in OURS],
    rounds=3,
    notes=seconds,
)
