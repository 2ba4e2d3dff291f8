"""The peak memory of the random graph over build and backward.

By `tracemalloc`, which sees what is allocated through Python. A contender that allocates elsewhere (PyTorch, a C++
tape) would look free here: `resident` goes by what the system has given to the process.
"""

from __future__ import annotations

import tracemalloc

from ..engines import COMPILED, MICROGRAD, PLAIN
from ..goals import times_less
from ..harness import Outcomes, Sample, Workload
from ..kits import Kit
from .plan import NODES, build, draw

PEAK = "peak of build + backward"


def trace_graph(kit: Kit) -> Sample:
    """Bytes a node at the peak."""
    plan = draw()
    tracemalloc.start()
    _leaves, root = build(kit, plan)
    built, _ = tracemalloc.get_traced_memory()
    kit.backward(root)
    _, peak = tracemalloc.get_traced_memory()
    return Sample({PEAK: peak / NODES, "held after build": built / NODES})


def scope(outcomes: Outcomes) -> list[str]:
    return ["By tracemalloc: what is allocated through Python, garbage waiting for the collector included."]


MEMORY = Workload(
    name="memory",
    title=f"Random graph of {NODES:,} nodes: memory",
    contenders=[engine.contender(trace_graph, deep=True) for engine in (MICROGRAD, PLAIN, COMPILED)],
    quantities={PEAK: "{:,.0f} bytes/node", "held after build": "{:,.0f} bytes/node"},
    peer=MICROGRAD.name,
    goals=[times_less(PLAIN.name, PEAK, 3, MICROGRAD.name)],
    rounds=3,  # the same to a byte or so: what varies is when the collector runs
    notes=scope,
)
