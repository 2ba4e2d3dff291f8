"""The passes in order, and the array programs made so far, by what was recorded.

Two recordings that differ in nothing but which leaves they used share a program: a word is spelt with other letters.

>>> v = Value(2.0)
>>> program, parameters, _ = Library().translate([v * v], [], batch=False, scalars="never")
>>> len(program.instructions), parameters == [v]
(1, True)
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from ..core import Value
from .cost import Estimate, deepest, scalar_seconds
from .flatten import even_out, flatten, lift
from .graph import COMPUTED, Graph, record
from .lower import lower
from .run import ArrayProgram
from .schedule import TooNarrow, schedule
from .unlike import add_unlike

MOST_PROGRAMS = 64


class Library:
    """The array programs of one function."""

    def __init__(self) -> None:
        self.programs: OrderedDict[bytes, ArrayProgram] = OrderedDict()

    def translate(
        self, outputs: Sequence[Value], arguments: Sequence[Sequence[Value]], batch: bool, scalars: str
    ) -> tuple[ArrayProgram | None, list[Value], Estimate]:
        """The array program for what was recorded, its parameters; None for a program that had better stay scalar."""
        graph = record(outputs, arguments, batch)
        nodes, edges = int((graph.kinds == COMPUTED).sum()), len(graph.operands)
        slow = scalar_seconds(nodes, edges, batch)
        limit = np.inf if scalars == "never" else deepest(slow, nodes, batch)
        inputs = {leaf for argument in arguments for leaf in argument}
        parameters = [leaf for leaf in graph.leaves.values() if leaf not in inputs]
        if scalars == "always":
            return None, parameters, Estimate(slow, np.inf, 'scalars="always" was asked for')
        key = fingerprint(graph)
        program = self.programs.get(key)
        if program is None:
            flat = even_out(flatten(graph))
            within = {leaf: (i, j) for i, argument in enumerate(arguments) for j, leaf in enumerate(argument)}
            before = [0, *accumulate(map(len, arguments))]
            place: dict[int, tuple[int, int]] = {}
            for node, leaf in graph.leaves.items():
                if leaf in within:
                    i, j = within[leaf]
                    place[node] = (i, j if batch else before[i] + j)
            try:
                flat = lift(add_unlike(flat, limit))
                steps, height = schedule(flat, limit)
                counts = [len(argument) for argument in arguments]
                lowering = lower(flat, steps, place, counts, batch, height, limit)
            except TooNarrow as narrow:
                reason = (
                    f"it is {narrow.depth:,} operations deep or more, and has {nodes:,} of them in all: too few "
                    "side by side for arrays to be faster"
                )
                return None, parameters, Estimate(slow, np.inf, reason, flat.story)
            program = ArrayProgram(flat, lowering, len(steps))
            self.programs[key] = program
            if len(self.programs) > MOST_PROGRAMS:
                self.programs.popitem(last=False)
        fast = program.seconds()
        mine = [graph.leaves[node] for node in program.lowering.parameters]
        estimate = Estimate(slow, fast, "")
        if scalars == "auto" and fast > slow:
            reason = f"its {program.count_lines()} array operations would take longer than its {nodes:,} scalar ones"
            return None, parameters, Estimate(slow, fast, reason, program.graph.story)
        return program, mine, estimate


def fingerprint(graph: Graph) -> bytes:
    """A hash of all that a program depends on: the graph, its constants, where inputs and roots are."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (graph.codes, graph.starts, graph.operands, graph.kinds, graph.memory, graph.learns, graph.roots):
        digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(b"|")
    digest.update(graph.numbers[graph.kinds == 0].tobytes())
    digest.update(repr([id(row) for row in graph.rows[2:]]).encode())
    return digest.digest()
