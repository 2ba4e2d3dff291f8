"""Whether a node costs the same in a large graph as in a small one: build, backward and free, 1e3 to 1e7 nodes.

It cannot quite: 1,000 nodes are at home in the processor's caches, 10,000,000 are a gigabyte in main memory, which the
system maps in, page by page, as each is first touched. What that takes by itself is measured too. But whatever in
the engine grows faster than the graph would show here.
"""

from __future__ import annotations

from mmap import PAGESIZE, mmap
from time import perf_counter
from typing import Any

from ..engines import COMPILED
from ..goals import at_most
from ..harness import Outcomes, Sample, Workload
from ..kits import Kit

SIZES: list[int] = [10**power for power in range(3, 8)]
LEAST_NODES = 1_000_000
"""Small graphs are made as often as it takes to have that many nodes, so that the clock can see them."""
WINDOW = 10
NODE_BYTES = 96
FIRST_TOUCH = f"first touch of {SIZES[-1]:,} × {NODE_BYTES} bytes"
RATIO = "dearest size : cheapest"


def blend(kit: Kit, nodes: int) -> tuple[list[Any], Any, int]:
    """The leaves and the root of a graph of about that size, and its true one.

    Ten running values: each in turn becomes the mean of itself and its neighbour, three nodes with two parents
    each. No chain, no number out of bounds, and the gradients of the ten leaves add up to exactly 10.
    """
    half, *leaves = kit.leaves([0.5, *(float(i) for i in range(WINDOW))])
    values = list(leaves)
    turns = nodes // (3 * WINDOW)
    for _ in range(turns):
        for i in range(WINDOW):
            values[i] = values[i] * half + values[i - 1] * half
    root = values[0]
    for value in values[1:]:
        root = root + value
    return leaves, root, turns * 3 * WINDOW + 2 * WINDOW


def nanoseconds(kit: Kit, nodes: int) -> float:
    """What a node costs in graphs of that size."""
    seconds, made = 0.0, 0
    while made < LEAST_NODES:
        start = perf_counter()
        leaves, root, count = blend(kit, nodes)
        kit.backward(root)
        del root
        seconds += perf_counter() - start
        made += count
        total = sum(kit.grad(leaf) for leaf in leaves)
        if abs(total - WINDOW) > 1e-9 * WINDOW:
            raise ArithmeticError(f"the gradients of {count:,} nodes add up to {total}, not to {WINDOW}")
    return seconds * 1e9 / made


def first_touch() -> float:
    """Nanoseconds a node for the memory alone of the largest graph: to write a byte to each of its pages."""
    size = NODE_BYTES * SIZES[-1]
    with mmap(-1, size) as block:
        start = perf_counter()
        for place in range(0, size, PAGESIZE):
            block[place] = 1
        done = perf_counter()
    return (done - start) * 1e9 / SIZES[-1]


def time_sizes(kit: Kit) -> Sample:
    nanoseconds(kit, SIZES[0])  # untimed: the first of anything is slower
    found = {size: nanoseconds(kit, size) for size in SIZES}
    quantities = {f"{size:,} nodes": time for size, time in found.items()}
    return Sample({**quantities, FIRST_TOUCH: first_touch(), RATIO: max(found.values()) / min(found.values())})


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        "The interpreter's loop is in all sizes alike. The ratio is of the dearest to the cheapest, round by round.",
        "First touch is no part of the engine: a plain block as large as the largest graph, a byte written to each "
        "page. From 1,000,000 nodes on, where memory comes fresh from the system, that much is in the figures above.",
    ]


GROWTH = Workload(
    name="growth",
    title="Growth: build + backward + free, by size of the graph",
    contenders=[COMPILED.contender(time_sizes)],
    quantities={
        **{f"{size:,} nodes": "{:.1f} ns/node" for size in SIZES},
        FIRST_TOUCH: "{:.1f} ns/node",
        RATIO: "{:.2f}×",
    },
    peer=COMPILED.name,
    goals=[at_most(COMPILED.name, RATIO, 2.5, "{:.2f}×")],
    rounds=3,
    notes=remarks,
)
