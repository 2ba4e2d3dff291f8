"""The entries of a Jacobian that are not 0 for every input, as expressions: forward or reverse, whichever is less work.

Which variables lie below a node, and above which nodes, is found first; so each sweep goes only where its variable or
its output leads, and the work is counted before any of it is done. Where neighbours depend on few variables each, as in
a banded matrix, one sweep of a few derivatives a node finds all entries: what seeding groups of columns by colour does
for whole columns happens here entry by entry.

>>> from autograd_tiny.table.ops import TABLE
>>> e = Expressions()
>>> x, y = e.leaf(), e.leaf()
>>> product = e.apply(TABLE["mul"], (x, y))
>>> jacobian(e, [product, e.apply(TABLE["exp"], (y,))], [x, y]) == {(0, 0): y, (0, 1): x, (1, 1): 6}
True
"""

from __future__ import annotations

from collections.abc import Sequence

from .expressions import ADD, Expressions
from .locals import first

Entries = dict[tuple[int, int], int]
"""``(row, column)`` -> place."""
Edges = dict[int, list[tuple[int, int]]]
"""For each node that depends on a variable: ``(operand, local derivative)`` of the operands that do."""


class Swept:
    """The part of a graph between variables and outputs: its edges, and how much work either direction is."""

    def __init__(self, e: Expressions, outputs: Sequence[int], variables: Sequence[int]) -> None:
        self.e, self.outputs, self.variables = e, outputs, variables
        self.order = e.below(outputs)
        self.under: dict[int, int] = {v: 1 << j for j, v in enumerate(variables)}
        """For each node the variables below it, a bit for each."""
        self.edges: Edges = {}
        for node in self.order:
            if node in self.under or not any(i in self.under for i in e.operands[node]):
                continue
            self.edges[node] = edges = [(i, local) for i, local in first(e, node) if i in self.under]
            below = 0
            for i, _ in edges:
                below |= self.under[i]
            if below:
                self.under[node] = below
        self.over: dict[int, int] = {}
        """For each node the outputs that depend on it."""
        for i, output in enumerate(outputs):
            self.over[output] = self.over.get(output, 0) | 1 << i
        for node in reversed(self.order):
            above = self.over.get(node, 0)
            if above:
                for i, _ in self.edges.get(node, ()):
                    self.over[i] = self.over.get(i, 0) | above

    def forward_work(self) -> int:
        """Multiplications of a forward sweep; by the derivative of a variable itself, 1, there is none."""
        under, variables = self.under, set(self.variables)
        return sum(under[i].bit_count() for edges in self.edges.values() for i, _ in edges if i not in variables)

    def reverse_work(self) -> int:
        outputs = set(self.outputs)
        return sum(
            self.over.get(node, 0).bit_count() * len(edges)
            for node, edges in self.edges.items() if node not in outputs
        )  # fmt: skip

    def contracted(self) -> Edges:
        """The edges without the nodes that only one other reads, where that saves work.

        Such a node's edges go on to its reader, times the reader's derivative: once, and not for each variable below.
        """
        e, under = self.e, self.under
        edges = {node: dict[int, int]() for node in self.edges}
        readers: dict[int, int] = {}
        for node, mine in self.edges.items():
            for i, local in mine:
                known = edges[node].get(i)
                edges[node][i] = local if known is None else e.apply(ADD, (known, local))
            for i in edges[node]:
                readers[i] = readers.get(i, 0) + 1
        kept = {*self.outputs, *self.variables}
        for node, own in edges.items():
            found: dict[int, int] = {}
            for i, local in own.items():
                below = edges.get(i, {})
                if i in kept or readers[i] > 1 or under.get(i, 0).bit_count() <= len(below):
                    below = {i: e.one}
                for k, inner in below.items():
                    product = e.product(local, inner)
                    known = found.get(k)
                    found[k] = product if known is None else e.apply(ADD, (known, product))
            edges[node] = found
        return {node: list(mine.items()) for node, mine in edges.items()}

    def forward(self) -> Entries:
        """Each node's derivatives by the variables below it, in one sweep from the variables."""
        e = self.e
        tangents: dict[int, dict[int, int]] = {v: {j: e.one} for j, v in enumerate(self.variables)}
        every = self.contracted()
        needed = {*self.outputs, *(i for edges in every.values() for i, _ in edges)}
        for node, edges in every.items():
            if node not in needed:
                continue
            terms: dict[int, list[tuple[int, int]]] = {}
            for i, local in edges:
                for j, tangent in tangents.get(i, {}).items():
                    terms.setdefault(j, []).append((local, tangent))
            tangents[node] = {j: e.total(mine) for j, mine in terms.items()}
        return {(i, j): place for i, output in enumerate(self.outputs) for j, place in tangents.get(output, {}).items()}

    def reverse(self) -> Entries:
        """Each node's adjoints for the outputs above it, in one sweep from the outputs."""
        e = self.e
        terms: dict[int, dict[int, list[tuple[int, int]]]] = {}
        for i, output in enumerate(self.outputs):
            terms.setdefault(output, {})[i] = [(e.one, e.one)]
        places = {v: j for j, v in enumerate(self.variables)}
        found: Entries = {}
        for node in reversed(self.order):
            mine = terms.pop(node, None)
            if mine is None or node not in self.under:
                continue
            column = places.get(node)
            for i, parts in mine.items():
                adjoint = e.total(parts)
                if column is not None:
                    found[i, column] = adjoint
                    continue
                for operand, local in self.edges[node]:
                    terms.setdefault(operand, {}).setdefault(i, []).append((adjoint, local))
        return found


def jacobian(e: Expressions, outputs: Sequence[int], variables: Sequence[int]) -> Entries:
    """d(output)/d(variable) for all pairs that depend on each other."""
    swept = Swept(e, outputs, variables)
    return swept.forward() if swept.forward_work() <= swept.reverse_work() else swept.reverse()
