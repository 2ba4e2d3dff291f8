"""Which machine runs the steps of a loop: the one that is estimated to be faster, or the one that can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..libraries.arrays import FLOAT64, Arrays
from ..lower.cost import CALL, array_seconds, scalar_seconds
from ..lower.dispatch import TooDear, lower
from ..pipeline import graph_passes, numerical
from ..record.graph import Graph
from ..run.array_program import ArrayProgram
from ..simplify.schedule import schedule
from .array_machine import ArrayMachine
from .columns import Sections, segments
from .scalar_machine import ScalarMachine
from .step import Step

SMALL = 64
"""A step of fewer operations, for one sample, is run node by node without a look at arrays."""
STEP, STOPPING_STEP, NATIVE_STEP = 8e-6, 18e-6, 0.5e-6
"""Seconds that Python takes around a step of an array program, forward and back, and around one that may be the last
for some samples; what the moves between take in C.
"""


def machine(
    step: Step, steps: int, stops: bool, checkpoint: bool, samples: int, batched: Sections, learns: Sections,
    arrays: Arrays = FLOAT64, scalars: str = "auto",
) -> ScalarMachine | ArrayMachine:  # fmt: skip
    """The faster of the two, or the one that can run the step at all.

    ``batched`` and ``learns`` say of each leaf of the step whether it differs between samples, and whether its adjoint
    is wanted; ``scalars`` is `compile`'s.
    """
    every = segments(steps, checkpoint)

    def one_by_one() -> ScalarMachine:
        return ScalarMachine(step, steps, stops, every, samples, learns)

    loops = step.has_loops
    if not loops and (numerical(step.graph) or scalars == "always"):
        return one_by_one()
    forced = loops or scalars == "never"
    if not forced and samples == 1 and step.operations < SMALL:
        return one_by_one()
    slow = np.inf if forced else scalar_seconds(step.graph) * samples
    program = array_step(step, batched, learns, samples, slow, arrays)
    if program is None:
        return one_by_one()
    call, each = array_seconds(program.instructions, program.count_lines(), arrays.line)
    around = STOPPING_STEP if stops else NATIVE_STEP if arrays.native else STEP
    if around + call - CALL * arrays.line + each * samples > slow:
        return one_by_one()
    return ArrayMachine(step, steps, stops, every, samples, program)


def array_step(
    step: Step, batched: Sections, learns: Sections, samples: int, slow: float, arrays: Arrays
) -> ArrayProgram | None:
    """The step as an array program, whose reverse starts from all that it gives; None if it would be slower."""
    graph = step.graph
    batch = samples > 1
    loaded = step.places[np.concatenate(batched)] if batch else step.places[:0]
    sources, wanted = np.zeros(graph.size, bool), np.zeros(graph.size, bool)
    sources[loaded] = True
    wanted[step.places[np.concatenate(learns)]] = True
    each = step.reached(sources)
    flat: Graph = replace(graph, batched=each, memory=each.astype(np.int64), learns=step.reached(wanted))
    try:
        for simplify, _ in graph_passes():
            flat = simplify(flat)
        order, height = schedule(flat)
        given = {node: (0, i) for i, node in enumerate(loaded.tolist())}
        lowering = lower(flat, order, given, [], batch, height, slow, samples, arrays.line, len(loaded))
    except TooDear:
        return None
    return ArrayProgram(flat, lowering, len(order), arrays, seeded=True)
