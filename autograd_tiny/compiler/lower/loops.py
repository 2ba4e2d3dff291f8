"""Loops as instructions: one for all steps of each, with all that it reads and all that anybody reads of it.

What a loop reads is in up to three sections, the first carry, the stream and what all steps share, and each may lie in
several memories: what differs between samples apart from what does not.

>>> from autograd_tiny import Value, compile, scan
>>> w = Value(0.5)
>>> program = compile(lambda h, xs: scan(lambda h, x: ((w * h + x).tanh(), None), h, xs)[0])
>>> round(program(0.0, [1.0, 2.0, 3.0]), 6)
0.998147
>>> [type(instruction).__name__ for instruction in program.last.program.instructions]
['LoopCall']
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...derivatives.loop_rows import OUTPUT, loop_of
from ..record.graph import COMPUTED, Ints
from ..simplify.schedule import Step
from .instructions import LoopCall, Part
from .layout import Number
from .places import Places


def loop_calls(places: Places, step: Step) -> None:
    """An instruction for each loop of a step. What reads its numbers needs none: they are where that looks for them."""
    graph = places.graph
    readers = np.flatnonzero((graph.codes == graph.rows.index(OUTPUT)) & (graph.kinds == COMPUTED))
    of, which = graph.operands[graph.starts[readers]], graph.operands[graph.starts[readers] + 1]
    numbers = graph.numbers[which].astype(np.int64)
    for node in step.nodes.tolist():
        mine = np.flatnonzero(of == node)
        mine = mine[np.argsort(numbers[mine], kind="stable")]
        row = graph.rows[step.code]
        ids = graph.operands[graph.starts[node] : graph.starts[node + 1]]
        parts = tuple(_parts(places, ids, loop_of(row).sizes))
        out = places.new(readers[mine], (len(mine),), step.batched)
        places.instructions.append(LoopCall(row, parts, out, readers[mine], numbers[mine]))


def _parts(places: Places, ids: Ints, sizes: Sequence[int]) -> Iterator[Part]:
    """The sections, what lies in one memory together, and what passes a gradient on apart from what does not."""
    for section, mine in enumerate(np.split(ids, np.cumsum(sizes)[:-1])):
        key = places.memory[mine] * 2 + places.graph.learns[mine]
        for kind in np.unique(key):
            wanted = np.flatnonzero(key == kind)
            access = places.matrix(mine[wanted])
            assert not isinstance(access, Number)
            yield Part(section, wanted, access, places.learning(mine[wanted]))
