"""What a node costs to compile, in graphs of 1,000 to 1,000,000 nodes: whether it stays linear.

From the call with a function to its first value and gradients: the function runs and is recorded, the passes, and one
run of what they made. Two kinds of graph: samples of micrograd's demo unrolled, which become a few matrix products, and
one with no order at all, whose operations are drawn at random.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from time import perf_counter
from typing import Any

from ..engines import COMPILED
from ..goals import at_most
from ..harness import ONE_THREAD, Contender, Outcomes, Sample, Workload
from .compiled_graphs import wide
from .micrograd_demo import SIZES

SIZES_OF_GRAPHS = [10**power for power in range(3, 7)]
RATIO = "a node of 1,000,000 to one of 100,000"
UNIT = "{:.2f} µs/node"
NETWORK, IRREGULAR, FORCED = "samples of 2-16-16-1 unrolled", "irregular, wide", "irregular, wide, as arrays by force"


def quantity(kind: str, nodes: int) -> str:
    return f"{kind}: {nodes:,}"


def network(nodes: int) -> tuple[Callable[[], Any], int]:
    """A function whose graph has about that many nodes, and how many: every product is a node."""
    import nn

    random.seed(1)
    model = nn.MLP(2, SIZES)
    rows = [[*neuron.w, neuron.b] for layer in model.layers for neuron in layer.neurons]

    def output(x: list[Any]) -> Any:
        start = 0
        for k, size in enumerate(SIZES):
            found = []
            for row in rows[start : start + size]:
                total = row[-1]
                for w, xi in zip(row, x, strict=False):
                    total = total + w * xi
                found.append(total.relu() if k < 2 else total)
            start, x = start + size, found
        return x[0]

    each = sum(2 * (len(row) - 1) for row in rows) + sum(SIZES[:-1]) + 1
    points = [(random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0)) for _ in range(max(1, nodes // each))]

    def whole() -> Any:
        total = output(list(points[0]))
        for point in points[1:]:
            total = total + output(list(point))
        return total

    return whole, each * len(points)


KINDS: dict[str, tuple[Callable[[int], tuple[Callable[[], Any], int]], str, bool]] = {
    NETWORK: (network, "auto", True),
    IRREGULAR: (wide, "auto", False),
    FORCED: (wide, "never", True),
}
"""The function, `compile`'s argument ``scalars``, and whether it is to become arrays."""


def compile_all() -> Sample:
    import autograd_tiny as ad

    ad.compile(network(1000)[0], scalars="never").value_and_grad()  # untimed: imports numpy
    found = {}
    for kind, (make, scalars, arrays) in KINDS.items():
        for size in SIZES_OF_GRAPHS:
            function, nodes = make(size)
            gc.collect()
            start = perf_counter()
            program = ad.compile(function, scalars=scalars)
            program.value_and_grad()
            found[quantity(kind, size)] = (perf_counter() - start) * 1e6 / nodes
            if program.uses_arrays != arrays and size > SIZES_OF_GRAPHS[0]:
                raise RuntimeError(program.explain())
            del program
        found[f"{kind}: {RATIO}"] = found[quantity(kind, 1_000_000)] / found[quantity(kind, 100_000)]
    return Sample(found)


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        "From the call to the first value and gradients: recording, compiling and a run. A thousand nodes are a few "
        "dozen instructions for any graph, and cost what those do.",
        "The irregular graph is left to the scalars, which replay it; by force (scalars='never') it becomes arrays.",
    ]


COMPILE_TIME = Workload(
    name="compile-time",
    title="Compile time, by size of the graph",
    contenders=[Contender(COMPILED.name, compile_all, COMPILED.package, {**COMPILED.environment, **ONE_THREAD})],
    quantities={
        quantity_name: shown
        for kind in KINDS
        for quantity_name, shown in (
            *((quantity(kind, size), UNIT) for size in SIZES_OF_GRAPHS),
            (f"{kind}: {RATIO}", "{:.2f}×"),
        )
    },
    peer=COMPILED.name,
    goals=[
        goal
        for kind in KINDS
        for goal in (
            *(at_most(COMPILED.name, quantity(kind, size), 2, UNIT) for size in SIZES_OF_GRAPHS[1:]),
            at_most(COMPILED.name, f"{kind}: {RATIO}", 1.5, "{:.2f}×"),
        )
    ],
    rounds=2,
    notes=remarks,
)
