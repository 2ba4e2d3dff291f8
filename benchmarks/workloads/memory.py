"""The peak memory of the random graph over build and backward.

By `tracemalloc`, which sees what is allocated through Python. A contender that allocates elsewhere (PyTorch, a C++
tape) would look free here: give those a workload by resident size.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

from ..engines import ENGINES, MICROGRAD, PLAIN
from ..harness import Outcomes, Sample, Workload, times_less
from .plan import NODES, build, draw

PEAK = "peak of build + backward"


def trace_graph(value_class: Any) -> Sample:
    """Bytes a node at the peak."""
    plan = draw()
    tracemalloc.start()
    _leaves, root = build(value_class, plan)
    built, _ = tracemalloc.get_traced_memory()
    root.backward()
    _, peak = tracemalloc.get_traced_memory()
    return Sample({PEAK: peak / NODES, "held after build": built / NODES})


def scope(outcomes: Outcomes) -> list[str]:
    return ["By tracemalloc: what is allocated through Python, garbage waiting for the collector included."]


MEMORY = Workload(
    name="memory",
    title=f"Random graph of {NODES:,} nodes: memory",
    contenders=[engine.contender(trace_graph, deep=True) for engine in ENGINES],
    quantities={PEAK: "{:,.0f} bytes/node", "held after build": "{:,.0f} bytes/node"},
    peer=MICROGRAD,
    goals=[times_less(PLAIN, PEAK, 3)],
    rounds=5,  # the same to a byte or so: what varies is when the collector runs
    notes=scope,
)
