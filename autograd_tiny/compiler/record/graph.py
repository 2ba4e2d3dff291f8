"""The recorded graph as numpy arrays: what every pass of the compiler takes and gives.

A node is a number; its operands are a slice of one long array. Four kinds of node have no operands: constants,
parameters, inputs, and, after `flatten`, the nodes that it dissolved.

>>> a, b = Value(2.0), Value(3.0)
>>> graph = record([a * b + a], [[b]], batch=False)
>>> print(graph)
1 mul, 1 add
>>> print(graph.written())
n1 = mul(p1, x1)
n2 = add(n1, p1)
>>> int((graph.kinds == PARAMETER).sum()), int((graph.kinds == INPUT).sum())
(1, 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core import Value, tape
from ...errors import RecordingError, counted
from ...table.ops import TABLE
from ...table.primitive import Primitive

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CONSTANT, PARAMETER, INPUT, COMPUTED, DISSOLVED = range(5)


EARLIER = (
    "a Value of an earlier recording turned up: the function keeps what it computed between calls, and a program would "
    "keep it too; give it as an argument and return it"
)


class Recorded(NamedTuple):
    """How many scalar nodes of each kind a function left when it was recorded."""

    operations: int
    parameters: int
    inputs: int
    constants: int


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order of ``position``; ``operands[starts[i]:starts[i+1]]`` are those of node i.

    ``batched`` nodes differ from sample to sample (none do in a program for one sample); only through nodes that
    ``learn`` does a gradient reach a parameter.
    """

    rows: Sequence[Primitive]
    codes: NDArray[Any]
    starts: Ints
    operands: Ints
    numbers: Floats
    kinds: NDArray[Any]
    batched: Bools
    learns: Bools
    position: Ints
    roots: Ints
    leaves: dict[int, Value]
    memory: Ints
    """Where a node will lie: 0 with what all samples share, 1 with what each has, 2 + i in the batched argument i."""
    zero: int = 0
    """The number of a constant node that is 0."""
    story: tuple[str, ...] = ()
    recorded: Recorded = field(default=Recorded(0, 0, 0, 0))

    @property
    def size(self) -> int:
        return len(self.codes)

    @property
    def counts(self) -> Ints:
        """How many operands each node has."""
        return np.diff(self.starts)

    def code(self, name: str) -> int:
        """The code of a built-in primitive."""
        return self.rows.index(TABLE[name])

    def told(self, line: str, **changes: Any) -> Graph:
        """A changed graph, with one more line of its story."""
        return replace(self, story=(*self.story, line), **changes)

    def __str__(self) -> str:
        codes, numbers = np.unique(self.codes[self.kinds == COMPUTED], return_counts=True)
        most = sorted(zip(numbers.tolist(), codes.tolist(), strict=True), reverse=True)
        return ", ".join(f"{count:,} {self.rows[code].name}" for count, code in most)

    def written(self, most: int = 40) -> str:
        """Its operations line by line, operands first; of more than ``most`` the first and the last.

        Parameters are p1, p2, …, inputs x1, x2, …, results n1, n2, …, each numbered in the order of the text.
        """
        order = np.argsort(self.position, kind="stable")
        called: dict[int, str] = {}
        for letter, kind in (("p", PARAMETER), ("x", INPUT)):
            called |= {node: f"{letter}{i}" for i, node in enumerate(order[self.kinds[order] == kind].tolist(), 1)}
        nodes = self._operands_first(order[self.kinds[order] == COMPUTED].tolist())
        called |= {node: f"n{i}" for i, node in enumerate(nodes, 1)}
        shown = range(len(nodes))
        first = len(nodes) if len(nodes) <= most else (most + 1) // 2
        lines = [self._line(nodes[i], called) for i in shown[:first]]
        if first < len(nodes):
            lines.append(f"… {len(nodes) - most:,} more")
            lines += [self._line(nodes[i], called) for i in shown[len(nodes) - (most - first) :]]
        return "\n".join(lines)

    def _operands_first(self, nodes: list[int]) -> list[int]:
        """The nodes in their order, but none before what it needs: a pass may put a node where its reader is."""
        placed: dict[int, None] = {}
        for node in nodes:
            stack = [node]
            while stack:
                ids = self.operands[self.starts[stack[-1]] : self.starts[stack[-1] + 1]].tolist()
                wanted = [i for i in ids if i not in placed and self.kinds[i] == COMPUTED]
                if wanted:
                    stack.extend(reversed(wanted))
                else:
                    placed[stack.pop()] = None
        return list(placed)

    def _line(self, node: int, called: dict[int, str]) -> str:
        row = self.rows[self.codes[node]]
        ids = self.operands[self.starts[node] : self.starts[node + 1]].tolist()
        names = [called.get(i, f"{self.numbers[i]:g}") for i in ids]
        if row.variadic:
            k = len(names) // len(row.arguments)
            names = [_vector(names[i : i + k]) for i in range(0, len(names), k)]
        return f"{called[node]} = {row.name}({', '.join(names)})"


def _vector(names: list[str]) -> str:
    return f"[{', '.join(names if len(names) <= 6 else [*names[:4], '…', names[-1]])}]"


def ranges(starts: Ints, counts: Ints) -> Ints:
    """The indices start, start + 1, … of each of several ranges, one after the other."""
    total = int(counts.sum())
    if total == 0:
        return np.empty(0, np.int64)
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return offsets + np.arange(total)


def record(
    roots: Sequence[Value], arguments: Sequence[Sequence[Value]], batch: bool, fixed: Sequence[Value] = ()
) -> Graph:
    """The graph below ``roots``, with the inputs of each argument; equal constants become one node.

    Leaves that are ``fixed`` are constants too.
    """
    inputs = [leaf for argument in arguments for leaf in argument]
    raw_codes, raw_starts, raw_parents, raw_numbers, raw_depends, places, leaves, rows = tape(
        list(roots), list(inputs), list(fixed)
    )
    codes = np.frombuffer(raw_codes, np.int32)
    starts = np.frombuffer(raw_starts, np.int64)
    operands = np.frombuffer(raw_parents, np.int64)
    numbers = np.frombuffer(raw_numbers, np.float64)
    depends = np.frombuffer(raw_depends, np.uint8)
    if (depends & 8).any():
        raise RecordingError(EARLIER)
    kinds = np.full(len(codes), COMPUTED, np.uint8)
    kinds[codes == 1] = CONSTANT
    kinds[codes == 0] = PARAMETER
    kinds[(codes == 0) & (depends == 1)] = INPUT
    kinds[(codes == 0) & (depends == 4)] = CONSTANT  # fixed
    constants = np.flatnonzero(kinds == CONSTANT)
    if len(constants):
        _, first, which = np.unique(numbers[constants].view(np.int64), return_index=True, return_inverse=True)
        canonical = np.arange(len(codes))
        canonical[constants] = constants[first][which]
        operands = canonical[operands] if len(operands) else operands
    leaf_ids = np.flatnonzero(codes == 0).tolist()
    by_leaf = {node: leaf for node, leaf in zip(leaf_ids, leaves, strict=True) if kinds[node] != CONSTANT}
    # One more constant, 0, for whoever needs to fill up a vector.
    codes, kinds = np.append(codes, np.int32(1)), np.append(kinds, np.uint8(CONSTANT))
    starts, numbers = np.append(starts, starts[-1]), np.append(numbers, 0.0)
    depends = np.append(depends, np.uint8(0))
    operations, parameters, given = (int((kinds == kind).sum()) for kind in (COMPUTED, PARAMETER, INPUT))
    recorded = Recorded(operations, parameters, given, len(constants))
    line = (
        f"{counted(recorded.operations, 'scalar operation')} on {counted(recorded.parameters, 'parameter')}, "
        f"{counted(recorded.inputs, 'input')} and {counted(recorded.constants, 'constant')}"
    )
    batched = (depends & 1 > 0) & batch
    memory = batched.astype(np.int64)
    if batch:
        owner = {leaf: i for i, argument in enumerate(arguments) for leaf in argument}
        for node in np.flatnonzero(kinds == INPUT).tolist():
            memory[node] = 2 + owner[by_leaf[node]]
    return Graph(
        rows, codes, starts, operands, numbers, kinds, batched, depends & 2 > 0,
        np.arange(len(codes)), np.array(places, np.int64), by_leaf, memory, len(codes) - 1, (line,),
        recorded,
    )  # fmt: skip
