"""What a program computes only to see that it is finite: the function whose derivative it gives.

A derivative may be finite where its function is not: 1/x at x < 0, where log x is no number. There the function itself
is to answer, or to raise. So its nodes are computed beside the derivative: those that may be not finite though what
they are computed of is. Where only the size matters, as in a sum that may overflow, an operand that nothing else needs
is not computed but replaced by a number no smaller than its size, by the ``size`` of its row: 1 for a sine.

>>> from autograd_tiny import Value
>>> x, s = Value(2.0), Value(3.0)
>>> print(record_checked([x * x], [[x, s]], False, beside=[s * x.sin() + s, x.log()]).written())
n1 = mul(x1, x1)
n2 = abs(x2)
n3 = add(n2, n2)
n4 = log(x1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from ...core import Value
from ...derivatives.loop_rows import OUTPUT, loop_of
from ...errors import counted
from ...table.ops import TABLE
from ...table.primitive import CONSTANT as CONSTANT_ROW
from ...table.primitive import Primitive
from .graph import COMPUTED, CONSTANT, Graph, ranges, record

ADD, SUB, MUL, DIV, SQUARE, SUM, DOT, ABS = (
    TABLE[name] for name in ("add", "sub", "mul", "div", "square", "sum", "dot", "abs")
)
ARITHMETIC = frozenset((ADD, SUB, MUL, SQUARE, SUM, DOT))
SMALL, LARGE = 1e-300, 1e300
DEEP = 50
"""So many sizes of sizes are made nodes when they are met."""


def record_checked(
    roots: Sequence[Value], arguments: Sequence[Sequence[Value]], batch: bool, fixed: Sequence[Value] = (),
    beside: Sequence[Value] = (),
) -> Graph:  # fmt: skip
    """`record`, with what has to be finite below the nodes ``beside``, which were differentiated."""
    graph = record([*roots, *beside], arguments, batch, fixed)
    return checked(graph, len(roots)) if beside else graph


def checked(graph: Graph, count: int) -> Graph:
    """The graph with the first ``count`` of its roots; what only the others need is there to be looked at."""
    cut = replace(graph, roots=graph.roots[:count])
    live = below(cut)
    idle = np.flatnonzero((graph.kinds == COMPUTED) & ~live).tolist()
    return Checks(cut, live, idle).graph() if idle else cut


def below(graph: Graph) -> Any:
    """Of each node whether a root is computed from it."""
    starts, operands = graph.starts.tolist(), graph.operands.tolist()
    found = bytearray(graph.size)
    for root in graph.roots.tolist():
        found[root] = 1
    computed = (graph.kinds == COMPUTED).tolist()
    for i in range(graph.size - 1, -1, -1):
        if found[i] and computed[i]:
            for k in operands[starts[i] : starts[i + 1]]:
                found[k] = 1
    return np.frombuffer(found, bool)  # type: ignore[no-any-return]


class Size:
    """A number no smaller than the size of a node, in the hands of a rule: made a node as soon as one reads it."""

    def __init__(self, checks: Checks, row: Primitive, *operands: Any) -> None:
        self.checks, self.row, self.operands, self.place = checks, row, operands, -1
        self.depth = 1 + max((x.depth for x in operands if isinstance(x, Size) and x.place < 0), default=0)
        if self.depth > DEEP:
            self.node()

    def __add__(self, other: Any) -> Any:
        return self if other == 0.0 else Size(self.checks, ADD, self, other)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return 0.0 if other == 0.0 else self if other == 1.0 else Size(self.checks, MUL, self, other)

    __rmul__ = __mul__

    def node(self) -> int:
        """Its place among the nodes."""
        if self.place < 0:
            self.place = self.checks.made(self.row, [self.checks.place_of(x) for x in self.operands])
        return self.place


class Sizes:
    """The namespace of sizes: each is a `Size` or a number."""

    identity, mul = staticmethod(lambda x: x), staticmethod(lambda a, b: a * b)

    @staticmethod
    def sum_of(f: Callable[..., Any], *vectors: Sequence[Any]) -> Any:
        terms = [f(*xs) for xs in zip(*vectors, strict=True)]
        sized = [x for x in terms if isinstance(x, Size)]
        number = float(sum([x for x in terms if not isinstance(x, Size)]))
        if not sized:
            return number
        return (sized[0] if len(sized) == 1 else Size(sized[0].checks, SUM, *sized)) + number


class Checks:
    """A graph of which some nodes are ``idle``: no root reads them. ``exact`` are those that are computed as they are:
    to begin with what the roots need, and what has no operands.
    """

    def __init__(self, graph: Graph, live: Any, idle: list[int]) -> None:
        self.given, self.idle, self.rows = graph, idle, [*graph.rows]
        self.exact = live | (graph.kinds != COMPUTED)
        self.operands = {i: graph.operands[graph.starts[i] : graph.starts[i + 1]].tolist() for i in idle}
        self.row = {i: graph.rows[graph.codes[i]] for i in idle}
        constants = {k for mine in self.operands.values() for k in mine if graph.kinds[k] == CONSTANT}
        self.numbers = {k: float(graph.numbers[k]) for k in constants}
        self.sizes: dict[int, Any] = {i: abs(number) for i, number in self.numbers.items()}
        self.new: list[tuple[int, list[int], int, float]] = []
        """What is computed of sizes: code, operands, before which node, number."""
        self.constants: dict[float, int] = {}
        self.at = 0

    def find_exact(self) -> None:
        """Mark what has to be computed as it is, with what that needs; then arithmetic on what is there anyway."""
        exact = self.exact
        back = {id(getattr(loop_of(row), "loop", self)) for row in self.given.rows}
        for i in reversed(self.idle):
            row, operands = self.row[i], self.operands[i]
            if not exact[i] and not self.has_size(i):
                # Where a loop's pullback is computed, that runs its steps.
                exact[i] = row is not OUTPUT and id(loop_of(row)) not in back
            for k in operands:
                if exact[i] or (self.row.get(k) is OUTPUT and row is not OUTPUT):
                    exact[k] = True
        for i in self.idle:
            if not exact[i] and self.may_overflow(i):
                exact[i] = all(exact[k] for k in self.operands[i])

    def may_overflow(self, i: int) -> bool:
        """Whether it is arithmetic, for which it is enough to know how large the operands are."""
        if self.row[i] is not DIV:
            return self.row[i] in ARITHMETIC
        return abs(self.numbers.get(self.operands[i][1], 0.0)) > SMALL

    def has_size(self, i: int) -> bool:
        return self.row[i].size is not None or self.may_overflow(i)

    def size(self, i: int) -> Any:
        """That of a node before the one that is at hand."""
        if i not in self.sizes:
            self.sizes[i] = Size(self, ABS, i)
        return self.sizes[i]

    def size_by_rule(self, i: int) -> Any:
        row, sizes = self.row[i], [*map(self.size, self.operands[i])]
        if row is DIV:
            return sizes[0] * (1.0 / sizes[1])
        if row is SUB:
            return sizes[0] + sizes[1]
        if isinstance(row.size, float):
            return row.size
        rule = row.size or row.forward
        return rule(Sizes, *row.operands(sizes))

    def place_of(self, x: Any) -> int:
        """The node of a size, of a number, or of what is one already."""
        if isinstance(x, (Size, int)):
            return x if isinstance(x, int) else x.node()
        if not isfinite(x):  # only the numbers themselves can tell: it is left to the function
            return self.made(MUL, [self.place_of(LARGE), self.place_of(LARGE)])
        if x not in self.constants:
            self.constants[x] = self.made(CONSTANT_ROW, [], x)
        return self.constants[x]

    def made(self, row: Primitive, operands: list[int], number: float = 0.0) -> int:
        """A new node."""
        before = self.at if operands else 0
        self.new.append((self.rows.index(row), operands, before, number))
        return self.given.size + len(self.new) - 1

    def graph(self) -> Graph:
        """The graph with what has to be looked at, and without the rest."""
        self.find_exact()
        for i in self.idle:
            if not self.exact[i] and self.has_size(i):
                self.at = i
                self.sizes[i] = size = self.size_by_rule(i)
                if self.may_overflow(i) and (isinstance(size, Size) or not isfinite(size)):
                    self.place_of(size)
        given, new = self.given, self.new
        n, k = given.size, len(new)
        every = np.append(np.flatnonzero(self.exact), n + np.arange(k))
        order = every[
            np.argsort(np.append(2 * np.arange(n), [2 * at - 1 for _, _, at, _ in new])[every], kind="stable")
        ]
        place = np.full(n + k, -1)
        place[order] = np.arange(len(order))
        codes = np.append(given.codes, [code for code, _, _, _ in new]).astype(given.codes.dtype)
        counts = np.append(given.counts, [len(mine) for _, mine, _, _ in new]).astype(np.int64)
        operands = np.append(given.operands, [x for _, mine, _, _ in new for x in mine]).astype(np.int64)
        starts = np.append(0, np.cumsum(counts))
        batched = [*given.batched.tolist()]
        for _, mine, _, _ in new:
            batched.append(any(batched[x] for x in mine))
        kinds = np.append(given.kinds, [COMPUTED if mine else CONSTANT for _, mine, _, _ in new]).astype(
            given.kinds.dtype
        )
        learns = np.append(given.learns, np.zeros(k, bool))
        learns[self.idle] = False
        each = np.array(batched, bool)
        computed = int((kinds[order] == COMPUTED).sum())
        looked = computed - int((given.kinds == COMPUTED).sum()) + len(self.idle)
        made = replace(
            given,
            codes=codes[order],
            starts=np.append(0, np.cumsum(counts[order])),
            operands=place[operands[ranges(starts[:-1][order], counts[order])]],
            numbers=np.append(given.numbers, [x for _, _, _, x in new])[order],
            kinds=kinds[order],
            batched=each[order],
            learns=learns[order],
            position=np.arange(len(order)),
            roots=place[given.roots],
            leaves={int(place[node]): leaf for node, leaf in given.leaves.items()},
            memory=np.append(given.memory, each[n:])[order],
            zero=int(place[given.zero]),
            recorded=given.recorded._replace(operations=computed),
        )
        return made.told(
            f"that the function is finite is to be seen from what its derivatives need anyway and "
            f"{counted(looked, 'more operation')}"
        )
