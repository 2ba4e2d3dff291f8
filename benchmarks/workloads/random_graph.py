"""Build a random graph of 30,399 nodes and run backward: the time a node takes, and whether gradients agree.

Timed twice, against the same figure. The first graph of a fresh process: there micrograd's nodes, which hang in
cycles, have not yet become garbage, and whether one more full collection falls into the 0.1 s is luck (it moves
micrograd by a fifth). And ten graphs in a row, as a training loop makes them, with what it costs to free them.
"""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Any

from ..engines import ENGINES, MICROGRAD, PLAIN
from ..harness import Outcomes, Sample, Workload, times_less
from .plan import LEAVES, NODES, OPERATIONS, build, draw

TOTAL, LOOP = "build + backward", "the same, mean of 10 in a row"
ROW = 10
AGREEMENT = 1e-9
"""Relative. micrograd's ``1 - t*t`` loses digits where tanh saturates; sizes up to 4 cost it about 3 of 16."""


def time_graph(value_class: Any) -> Sample:
    """Nanoseconds a node for build and backward, and the gradients of the leaves."""
    plan = draw()
    gc.collect()
    start = perf_counter()
    leaves, root = build(value_class, plan)
    built = perf_counter()
    root.backward()
    done = perf_counter()
    gradients = [leaf.grad for leaf in leaves]

    leaves, root = [], None
    gc.collect()
    start_loop = perf_counter()
    for _ in range(ROW):
        leaves, root = build(value_class, plan)  # the earlier graph lives until this one is there, as `loss` does
        root.backward()
    done_loop = perf_counter()

    seconds = {
        TOTAL: done - start,
        "build": built - start,
        "backward": done - built,
        LOOP: (done_loop - start_loop) / ROW,
    }
    return Sample({name: second * 1e9 / NODES for name, second in seconds.items()}, {"gradients": gradients})


def relative_difference(a: float, b: float) -> float:
    """|a − b| over the larger of the two; 0 only if they are equal, infinite if either is NaN."""
    if a == b:
        return 0.0
    difference = abs(a - b) / max(abs(a), abs(b))
    return difference if difference == difference else float("inf")


def agreement(outcomes: Outcomes) -> list[str]:
    """How the graph was run, and how far each engine's leaf gradients are from micrograd's, over all rounds."""
    notes = [
        "micrograd has no tanh: it was given one in its own manner (a closure, derivative 1 − t·t). Its backward "
        "recurses, so all contenders ran in a thread with a 512 MiB stack and a recursion limit of 1,000,000.",
        f"{LEAVES} leaves, {OPERATIONS:,} operations of + × tanh, summed up: {NODES:,} nodes, all reached by backward.",
        f"{ROW} in a row include freeing the earlier graphs. micrograd's closures are cycles, which only the collector "
        "frees: with its callbacks timed, once, the collector took 89 % of micrograd's time there and 25 % of ours.",
    ]
    references = [sample.facts["gradients"] for sample in outcomes[MICROGRAD].samples]
    for engine in ENGINES:
        found = [sample.facts["gradients"] for sample in outcomes[engine.name].samples]
        if engine.name == MICROGRAD or not found or not references:
            continue
        pairs = [p for own, peer in zip(found, references, strict=False) for p in zip(own, peer, strict=True)]
        worst = max(relative_difference(a, b) for a, b in pairs)
        zeros = found[0].count(0.0)
        verdict = "reached" if worst <= AGREEMENT and not zeros else "NOT reached"
        notes.append(
            f"Gradients of {engine.name} and {MICROGRAD} on the {LEAVES} leaves ({zeros} of them zero) differ by at "
            f"most {worst:.1e} relative; asked for {AGREEMENT:g}: {verdict}."
        )
    return notes


RANDOM_GRAPH = Workload(
    name="random-graph",
    title=f"Random graph of {NODES:,} nodes: time",
    contenders=[engine.contender(time_graph, deep=True) for engine in ENGINES],
    quantities=dict.fromkeys((TOTAL, "build", "backward", LOOP), "{:,.0f} ns/node"),
    peer=MICROGRAD,
    goals=[times_less(PLAIN, TOTAL, 5), times_less(PLAIN, LOOP, 5)],
    notes=agreement,
)
