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
from .cost import MARGIN, Estimate, deepest, scalar_seconds
from .flatten import even_out, flatten, lift
from .graph import COMPUTED, Graph, record
from .lower import TooDear, lower
from .run import ArrayProgram
from .scalars import ScalarProgram
from .schedule import TooNarrow, schedule

MOST_PROGRAMS = 64


Made = ArrayProgram | ScalarProgram
"""What a recording becomes."""


class Library:
    """The programs of one function, and what each was estimated to take."""

    def __init__(self) -> None:
        self.programs: OrderedDict[bytes, tuple[Made, Estimate]] = OrderedDict()

    def translate(
        self, outputs: Sequence[Value], arguments: Sequence[Sequence[Value]], batch: bool, scalars: str
    ) -> tuple[Made, list[Value], Estimate]:
        """The program for what was recorded, and its parameters."""
        graph = record(outputs, arguments, batch)
        key = fingerprint(graph)
        if key not in self.programs:
            self.programs[key] = translated(graph, arguments, batch, scalars)
            if len(self.programs) > MOST_PROGRAMS:
                self.programs.popitem(last=False)
        made, estimate = self.programs[key]
        return made, [graph.leaves[node] for node in made.leaves], estimate


def translated(graph: Graph, arguments: Sequence[Sequence[Value]], batch: bool, scalars: str) -> tuple[Made, Estimate]:
    """The array program of a graph, or, where that would be slower, the graph itself to be run node by node."""
    nodes = int((graph.kinds == COMPUTED).sum())
    slow = scalar_seconds(graph.size, len(graph.operands), batch)
    counts = list(map(len, arguments))
    before = list(accumulate(counts, initial=0))
    place_of = {leaf: (i, before[i] + j) for i, argument in enumerate(arguments) for j, leaf in enumerate(argument)}
    given = {node: place_of[leaf] for node, leaf in graph.leaves.items() if leaf in place_of}

    def as_scalars(reason: str, fast: float = np.inf, story: tuple[str, ...] = graph.story) -> tuple[Made, Estimate]:
        places = {node: place for node, (_, place) in given.items()}
        return ScalarProgram(graph, places), Estimate(slow, fast, reason, story)

    if scalars == "always":
        return as_scalars('scalars="always" was asked for')
    forced = scalars == "never"
    flat = lift(even_out(flatten(graph)))
    places = {node: (i, place - before[i] if batch else place) for node, (i, place) in given.items()}
    try:
        steps, height = schedule(flat, np.inf if forced else deepest(slow, nodes, batch))
        lowering = lower(flat, steps, places, counts, batch, height, np.inf if forced else slow)
    except TooNarrow as narrow:
        return as_scalars(
            f"it is {narrow.depth:,} operations deep or more, and has {nodes:,} of them in all: too few side by side "
            "for arrays to be faster",
            story=flat.story,
        )
    except TooDear as dear:
        return as_scalars(
            "its operations have no order that arrays could follow, and fetching the numbers for them one by one "
            f"would take longer than replaying its {nodes:,} scalar operations",
            dear.arrays / dear.share,
            flat.story,
        )
    program = ArrayProgram(flat, lowering, len(steps))
    fast = program.seconds()
    if not forced and fast > MARGIN * slow:
        return as_scalars(
            f"its {program.count_lines()} array operations would not take much less time than its {nodes:,} "
            "scalar ones",
            fast,
            program.graph.story,
        )
    return program, Estimate(slow, fast, "")


def fingerprint(graph: Graph) -> bytes:
    """A hash of all that a program depends on: the graph, its constants, where inputs and roots are."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (graph.codes, graph.starts, graph.operands, graph.kinds, graph.memory, graph.learns, graph.roots):
        digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(b"|")
    digest.update(graph.numbers[graph.kinds == 0].tobytes())
    digest.update(repr([id(row) for row in graph.rows[2:]]).encode())
    return digest.digest()
