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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ..core import Value
from ..derivatives.loop_rows import OUTPUT, loop_of
from ..errors import counted
from ..modes.looping import Unroll
from ..table.ops import ROWS
from ..table.primitive import Primitive
from .derive.in_rows import in_rows
from .libraries.arrays import FLOAT64, Arrays
from .lower.cost import (
    LARGE_BATCH,
    MANY_NODES,
    MARGIN,
    SMALL,
    TYPICAL_BATCH,
    UNORDERED,
    Estimate,
    array_seconds,
    deepest,
    fewest_samples,
    ordered_share,
    scalar_seconds,
)
from .lower.dispatch import TooDear, lower
from .record.checks import record_checked
from .record.graph import COMPUTED, CONSTANT, Graph
from .run.array_program import ArrayProgram
from .run.binding import Binding
from .run.scalars import ScalarProgram
from .simplify.flatten import even_out, flatten, lift
from .simplify.schedule import TooNarrow, schedule
from .simplify.unlike import add_unlike

MOST_PROGRAMS = 64
MOST_ROWS = 3_000
"""Operations of a batch that may run one by one, where nobody asks for a gradient: see `derive.in_rows`."""


@dataclass(frozen=True)
class ByLength:
    """What becomes of a batch: from ``least`` samples on arrays, and of fewer the scalars, for the same parameters."""

    arrays: ArrayProgram
    scalars: ScalarProgram
    least: int

    @property
    def leaves(self) -> list[int]:
        return self.arrays.leaves

    def bound(self, length: int) -> Binding | ScalarProgram:
        return self.scalars if length < self.least else self.arrays.bound(length)

    def take(self, length: int) -> Binding | ScalarProgram:
        """The same for a call of its own."""
        return self.scalars.take(length) if length < self.least else self.arrays.take(length)


Made = ArrayProgram | ScalarProgram | ByLength
"""What a recording becomes."""


@dataclass(frozen=True)
class Inputs:
    """Which nodes of a graph are inputs: their argument and place in it; how many numbers each argument has."""

    given: dict[int, tuple[int, int]]
    counts: list[int]
    batch: bool

    @classmethod
    def of(cls, graph: Graph, arguments: Sequence[Sequence[Value]], batch: bool) -> Inputs:
        place = {leaf: (i, j) for i, argument in enumerate(arguments) for j, leaf in enumerate(argument)}
        given = {node: place[leaf] for node, leaf in graph.leaves.items() if leaf in place}
        return cls(given, list(map(len, arguments)), batch)

    def in_a_row(self) -> dict[int, int]:
        """The place of each among the numbers of all arguments, one after the other."""
        before = list(accumulate(self.counts, initial=0))
        return {node: before[i] + j for node, (i, j) in self.given.items()}

    def places(self) -> dict[int, tuple[int, int]]:
        """Argument and place; in a program for one sample, where arguments lie in a row, the place among all."""
        row = self.in_a_row()
        return {node: (i, j if self.batch else row[node]) for node, (i, j) in self.given.items()}


class Library:
    """The programs of one function, and what each was estimated to take."""

    def __init__(self, arrays: Arrays = FLOAT64) -> None:
        self.arrays = arrays
        self.programs: OrderedDict[bytes, tuple[Made, Estimate]] = OrderedDict()
        self.plugins: dict[int, Primitive] = {}
        """The rows of no table that were recorded, by their ids, which are nobody else's while they are kept here."""

    def translate(
        self, outputs: Sequence[Value], arguments: Sequence[Sequence[Value]], batch: bool, scalars: str,
        fixed: Sequence[Value] = (), samples: int = 1, beside: Sequence[Value] = (),
    ) -> tuple[Made, list[Value], Estimate]:  # fmt: skip
        """The program for what was recorded, and its parameters; ``fixed`` leaves are numbers that never change.

        ``samples`` is how many the batch at hand has; ``beside`` are nodes that were differentiated.
        """
        graph = record_checked(outputs, arguments, batch, fixed, beside)
        return self.translate_graph(graph, Inputs.of(graph, arguments, batch), scalars, samples)

    def translate_graph(
        self, graph: Graph, inputs: Inputs, scalars: str, samples: int = 1
    ) -> tuple[Made, list[Value], Estimate]:
        """The same for a graph that is there already."""
        self.plugins.update((id(row), row) for row in graph.rows[2 + len(ROWS) :])
        key = fingerprint(graph, inputs) + b"%d" % (samples // TYPICAL_BATCH).bit_length()
        if key not in self.programs:
            self.programs[key] = translated(graph, inputs, scalars, self.arrays, samples)
            if len(self.programs) > MOST_PROGRAMS:
                self.programs.popitem(last=False)
        made, estimate = self.programs[key]
        return made, [graph.leaves[node] for node in made.leaves], estimate


def graph_passes(limit: float = np.inf) -> list[tuple[Callable[[Graph], Graph], str]]:
    """The passes from graph to graph, in order, each with what it does; a graph deeper than ``limit`` is too narrow."""

    def unlike(graph: Graph) -> Graph:
        return add_unlike(graph, limit)

    return [
        (flatten, "chains of + and × become sums and dot products"),
        (even_out, "sums and products of the first one or two terms become like those of more"),
        (unlike, "sums of a few terms that have nothing in common become additions, what is there first coming first"),
        (lift, "what is added to or multiplied with numbers that differ between samples is copied beside them"),
    ]


def translated(graph: Graph, inputs: Inputs, scalars: str, arrays: Arrays, samples: int = 1) -> tuple[Made, Estimate]:
    """The array program of a graph, or, where that would be slower, the graph itself to be run node by node.

    For a batch that is asked for as many ``samples`` as it has now, and for no fewer than a batch may be expected to.
    """
    loops = any(loop_of(row) is not None for row in graph.rows[2 + len(ROWS) :])
    batch = inputs.batch
    nodes = int((graph.kinds == COMPUTED).sum())
    samples = 1 if not batch else max(samples, LARGE_BATCH if nodes <= SMALL else TYPICAL_BATCH)
    sample = scalar_seconds(graph)
    slow = sample * samples

    def as_scalars(reason: str, fast: float = np.inf, story: tuple[str, ...] = graph.story) -> tuple[Made, Estimate]:
        return ScalarProgram(graph, inputs.in_a_row()), Estimate(slow, fast, reason, story, samples)

    if len(graph.roots) == 0:
        return as_scalars("it gives no numbers")
    if scalars == "always" and not loops:
        return as_scalars('scalars="always" was asked for')
    outside = numerical(graph)
    largest = np.abs(graph.numbers[graph.kinds == CONSTANT]).max(initial=0.0)
    if loops and (outside or largest > np.finfo(arrays.dtype).max):
        raise Unroll  # it has to run as scalars, which know no loops
    if outside:
        return as_scalars(f"it calls {outside[0]}, a function of plain numbers, of which there is no array form")
    if largest > np.finfo(arrays.dtype).max:
        return as_scalars(f"it has a constant, {largest:g} in size, which {arrays.dtype} cannot hold")
    forced = scalars == "never" or loops  # what a loop does outweighs the lines around it
    if not forced and not batch and nodes > MANY_NODES and ordered_share(graph) < UNORDERED:
        return as_scalars(_too_dear(nodes, True))
    limit = np.inf if forced else deepest(slow, nodes, batch, arrays.line)
    flat = graph
    program: ArrayProgram | None = None
    failed = "", np.inf
    try:
        for simplify, _ in graph_passes(limit):
            flat = simplify(flat)
        steps, height = schedule(flat, limit)
        most = np.inf if forced else slow
        lowering = lower(flat, steps, inputs.places(), inputs.counts, batch, height, most, samples, arrays.line)
        program = ArrayProgram(flat, lowering, len(steps), arrays)
    except TooNarrow as narrow:
        failed = (
            f"it is {narrow.depth:,} operations deep or more, and has {nodes:,} of them in all: too few side by side "
            "for arrays to be faster",
            np.inf,
        )
    except TooDear as dear:
        failed = _too_dear(nodes, dear.irregular), dear.arrays / dear.share
    call, each = (
        (np.inf, 0.0) if program is None else array_seconds(program.instructions, program.count_lines(), arrays.line)
    )
    if batch and nodes <= MOST_ROWS and not (len(graph.roots) == 1 and graph.learns[graph.roots[0]]):
        places = in_rows(graph, inputs)
        made = places.instructions
        by_row, each_by_row = array_seconds(made, len(made), arrays.line)
        if by_row + each_by_row * samples < call + each * samples:
            program, call, each = ArrayProgram(places.graph, places, len(made), arrays), by_row, each_by_row
    if program is None:
        return as_scalars(*failed, flat.story)
    estimate = Estimate(slow, call + each * samples, "", samples=samples)
    if forced:
        return program, estimate
    if estimate.arrays > MARGIN * slow:
        return as_scalars(_too_dear(nodes, False), estimate.arrays, flat.story)
    if batch and (least := fewest_samples(call, each, sample)) > 1:
        return ByLength(program, ScalarProgram(graph, inputs.in_a_row(), program.leaves), least), estimate
    return program, estimate


def numerical(graph: Graph) -> list[str]:
    """The names of what it calls that are functions of plain numbers, of which there is no array form."""
    rows = [row for row in graph.rows[2 + len(ROWS) :] if row.numerical]
    return [row.name for row in rows if row is not OUTPUT and loop_of(row) is None]


def _too_dear(nodes: int, irregular: bool) -> str:
    scalars = counted(nodes, "scalar operation")
    if irregular:
        return f"its {scalars} have no order that arrays could follow, and fetching each number would take longer"
    return f"arrays, a microsecond for each of their operations, would not be much faster than its {scalars}"


def fingerprint(graph: Graph, inputs: Inputs) -> bytes:
    """A hash of all that a program depends on: the graph, its constants, which inputs it uses, where its roots are."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((graph.size, len(graph.operands), inputs, [id(row) for row in graph.rows[2:]])).encode())
    for array in (graph.codes, graph.starts, graph.operands, graph.kinds, graph.memory, graph.learns, graph.roots):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(graph.numbers[graph.kinds == CONSTANT].tobytes())
    return digest.digest()
