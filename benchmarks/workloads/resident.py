"""What a node and an edge occupy, by the resident size of the process: all that the system had to give for them.

A million nodes with two parents, held by the last; one `sum` of a million values that are there already; one `dot` of
them with a million plain numbers. Linux only: it reads ``/proc/self/statm``.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from os import sysconf
from pathlib import Path
from typing import Any

from ..engines import COMPILED, PLAIN
from ..goals import at_most
from ..harness import Contender, Outcomes, Sample, Workload

COUNT = 1_000_000
NODE, SUM, DOT = "two-parent node", "edge of a sum", "edge of a dot with numbers"
UNIT = "{:.1f} bytes"
FREED_AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": str(1 << 17), "MALLOC_TRIM_THRESHOLD_": str(1 << 17)}
"""glibc would keep large blocks that are freed, such as a list that grew, and hand them out again: some of what is
allocated would then not show. With these set it gives them back."""
PLUS_THE_NODE = 0.001
"""An edge may cost 16 bytes "plus the node", which a million of them share, and the last page is whole."""


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * sysconf("SC_PAGE_SIZE")


def growth(make: Callable[[], Any]) -> tuple[float, Any]:
    """The bytes, for each of the million, that the process is larger by once ``make`` has returned; its result."""
    before = resident_bytes()
    kept = make()
    return (resident_bytes() - before) / COUNT, kept


def chain(leaf: Any, other: Any) -> Any:
    """A million nodes, each of two parents, in bounds: y = y · leaf + other has a limit."""
    y = other
    for _ in range(COUNT // 2):
        y = y * leaf + other
    return y


def weigh() -> Sample:
    import autograd_tiny as ad

    leaf, other = ad.Value(0.5), ad.Value(1.0)
    small = leaf * other + ad.sum([leaf, other]) + ad.dot([leaf, other], array("d", [1.0, 2.0]))  # the first of each
    node, y = growth(lambda: chain(leaf, other))
    numbers = array("d", bytes(8 * COUNT))
    values = [leaf, other] * (COUNT // 2)
    total, sum_node = growth(lambda: ad.sum(values))
    product, dot_node = growth(lambda: ad.dot(values, numbers))
    assert len(sum_node.parents) == len(dot_node.parents) == COUNT
    sizes = {"basicsize": ad.Value.__basicsize__, "sys.getsizeof": sys.getsizeof(small), "of the root": y.data}
    return Sample({NODE: node, SUM: total, DOT: product}, sizes)


def remarks(outcomes: Outcomes) -> list[str]:
    sizes = [
        f"{name}: Value.__basicsize__ {sample.facts['basicsize']}, sys.getsizeof of a two-parent node "
        f"{sample.facts['sys.getsizeof']}."
        for name, outcome in outcomes.items()
        for sample in outcome.samples[-1:]
    ]
    return [
        f"Growth of /proc/self/statm over {COUNT:,} nodes or edges, divided by that; what is left over in the last "
        "pages is included. Edges are of one node, to leaves made before.",
        *sizes,
    ]


RESIDENT = Workload(
    name="resident",
    title="Resident size: a million nodes, a million edges",
    contenders=[
        Contender(engine.name, weigh, engine.package, {**engine.environment, **FREED_AT_ONCE})
        for engine in (PLAIN, COMPILED)
    ],
    quantities=dict.fromkeys((NODE, SUM, DOT), UNIT),
    peer=PLAIN.name,
    goals=[
        at_most(COMPILED.name, NODE, 96, UNIT),
        at_most(COMPILED.name, SUM, 16, UNIT, PLUS_THE_NODE),
        at_most(COMPILED.name, DOT, 16, UNIT, PLUS_THE_NODE),
    ],
    rounds=3,
    notes=remarks,
)
