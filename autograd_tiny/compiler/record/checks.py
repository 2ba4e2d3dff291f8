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

from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite
from typing import Any

import numpy as np

from ...core import Value
from ...derivatives.loop_rows import OUTPUT, loop_of
from ...errors import counted
from ...table.primitive import CONSTANT as CONSTANT_ROW
from ...table.primitive import Primitive
from .graph import COMPUTED, CONSTANT, Graph, ranges, record
from .sizes import ABS, ARITHMETIC, DIV, MUL, SMALL, Size, has_size, size_by_rule

LARGE = 1e300
"""A size of less is far from overflow."""


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
    return np.frombuffer(found, bool)


class Checks:
    """A graph of which some nodes are ``idle``: no root reads them. ``exact`` are those that are computed as they are:
    to begin with what the roots need, and what has no operands.
    """

    def __init__(self, graph: Graph, live: Any, idle: list[int]) -> None:
        self.given, self.idle, self.rows = graph, idle, [*graph.rows]
        self.exact = (live | (graph.kinds != COMPUTED)).tolist()
        self.new: list[tuple[int, list[int], int, float]] = []
        """What is computed of sizes: code, operands, before which node, number."""
        self.constants: dict[float, int] = {}
        self.at = 0
        starts, operands, codes = graph.starts.tolist(), graph.operands.tolist(), graph.codes.tolist()
        self.operands: dict[int, list[int]] = {}
        self.row: dict[int, Primitive] = {}
        self.bounds = [
            abs(x) if kind == CONSTANT else inf
            for x, kind in zip(graph.numbers.tolist(), graph.kinds.tolist(), strict=True)
        ]
        """Of each node a number no smaller than its size whatever the inputs are."""
        self.sizes: dict[int, Any] = {}
        """What else is known of sizes."""
        for i in np.flatnonzero(graph.kinds == COMPUTED).tolist():
            row, mine = graph.rows[codes[i]], operands[starts[i] : starts[i + 1]]
            self.row[i], self.operands[i] = row, mine
            bound = size_by_rule(row, [self.bounds[k] for k in mine]) if self.has_size(i) else inf
            self.bounds[i] = bound if bound < LARGE else inf

    def has_size(self, i: int) -> bool:
        row = self.row[i]
        if row is DIV:
            divisor = self.operands[i][1]
            return bool(self.given.kinds[divisor] == CONSTANT) and SMALL < self.bounds[divisor] < LARGE
        return has_size(row)

    def may_overflow(self, i: int) -> bool:
        """Whether it is arithmetic, for which it is enough to know how large the operands are, and these may be so."""
        if self.row[i] not in ARITHMETIC or not self.has_size(i) or self.bounds[i] < LARGE:
            return False
        return self.row[i] is not MUL or not any(self.bounds[k] <= 1.0 for k in self.operands[i])

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
        near = set()
        """Arithmetic that would be exact if somebody asked."""
        for i in self.idle:
            mine = self.operands[i]
            if (
                not exact[i]
                and self.row[i] in ARITHMETIC
                and self.has_size(i)
                and all(exact[k] or k in near for k in mine)
            ):
                near.add(i)
                stack = [i] if self.may_overflow(i) else []
                while stack:
                    k = stack.pop()
                    if not exact[k]:
                        exact[k] = True
                        stack += self.operands[k]

    def size(self, i: int) -> Any:
        """That of a node before the one that is at hand."""
        if self.bounds[i] < LARGE:
            return self.bounds[i]
        if i not in self.sizes:
            self.sizes[i] = Size(self, ABS, i)
        return self.sizes[i]

    def place_of(self, number: float) -> int:
        """The node of a number."""
        if not isfinite(number):  # only the numbers themselves can tell: it is left to the function
            return self.made(MUL, [self.place_of(LARGE), self.place_of(LARGE)])
        if number not in self.constants:
            self.constants[number] = self.made(CONSTANT_ROW, [], number)
        return self.constants[number]

    def made(self, row: Primitive, operands: list[int], number: float = 0.0) -> int:
        """A new node."""
        self.new.append((self.rows.index(row), operands, self.at if operands else 0, number))
        return self.given.size + len(self.new) - 1

    def graph(self) -> Graph:
        """The graph with what has to be looked at, and without the rest."""
        self.find_exact()
        for i in self.idle:
            if not self.exact[i] and self.has_size(i) and not self.bounds[i] < LARGE:
                self.at = i
                size = self.sizes[i] = size_by_rule(self.row[i], [*map(self.size, self.operands[i])])
                if self.may_overflow(i):
                    if isinstance(size, Size):
                        size.node()
                    else:
                        self.place_of(size)
        return self._put_together()

    def _put_together(self) -> Graph:
        given, new = self.given, self.new
        n, k = given.size, len(new)
        every = np.append(np.flatnonzero(self.exact), n + np.arange(k))
        before = np.append(2 * np.arange(n), [2 * at - 1 for _, _, at, _ in new]).astype(np.int64)
        order = every[np.argsort(before[every], kind="stable")]
        place = np.full(n + k, -1)
        place[order] = np.arange(len(order))
        codes = np.append(given.codes, [code for code, _, _, _ in new]).astype(given.codes.dtype)
        kinds = np.append(given.kinds, [COMPUTED if mine else CONSTANT for _, mine, _, _ in new])
        counts = np.append(given.counts, [len(mine) for _, mine, _, _ in new]).astype(np.int64)
        operands = np.append(given.operands, [x for _, mine, _, _ in new for x in mine]).astype(np.int64)
        starts = np.append(0, np.cumsum(counts))
        batched = given.batched.tolist()
        for _, mine, _, _ in new:
            batched.append(any(batched[x] for x in mine))
        learns = np.append(given.learns, np.zeros(k, bool))
        learns[self.idle] = False
        computed = int((kinds[order] == COMPUTED).sum())
        looked = computed - len(self.row) + len(self.idle)
        made = replace(
            given,
            codes=codes[order],
            starts=np.append(0, np.cumsum(counts[order])),
            operands=place[operands[ranges(starts[:-1][order], counts[order])]],
            numbers=np.append(given.numbers, [x for _, _, _, x in new])[order],
            kinds=kinds[order].astype(given.kinds.dtype),
            batched=np.array(batched, bool)[order],
            learns=learns[order],
            position=np.arange(len(order)),
            roots=place[given.roots],
            leaves={int(place[node]): leaf for node, leaf in given.leaves.items()},
            memory=np.append(given.memory, batched[n:]).astype(given.memory.dtype)[order],
            zero=int(place[given.zero]),
            recorded=given.recorded._replace(operations=computed),
        )
        if not looked:
            return made
        return made.told(f"of which {counted(looked, 'operation')} only show whether what was differentiated is finite")
