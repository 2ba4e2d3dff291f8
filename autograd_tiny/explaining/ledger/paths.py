"""The paths from a root down to one node: how many, which matter most, and what the others add up to.

There may be 2^200 of them, so none of the three lists them. The count is one addition an edge, from the target
up. The best paths come best first: once the size of the best way down from every node is known, the best path
is walked without a wrong step, and the next ones are that path left at one place (after D. Eppstein, Finding the
k shortest paths, SIAM J. Computing 28, 1998, with products for sums). The rest is what branches off those.

>>> from autograd_tiny import Value
>>> x = Value(3.0)
>>> y = x * x + 2.0 * x
>>> between = Between(y, x)
>>> between.counts()
(3, 3)
>>> [[node.op for node, _ in path] for path in between.best(2)]
[['add', 'mul'], ['add', 'mul']]
>>> between.rest(list(between.best(2)))
2.0
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import count
from math import isfinite

from ...core import Value, topological_order
from ...core.masks import taken
from ...derivatives.local_graphs import dependents
from .size import MASKED, ONE, Size, size_of, times

Steps = list[tuple[Value, int]]
"""A path from the root down: each edge as the node it leaves and the index of the parent it goes to."""

_Edge = tuple[int, Value, float]
_Candidate = tuple[Size, int, Steps, int, int]


class Between:
    """The part of a graph that lies between a ``root`` and a ``target`` below it: every node of it is on some path.

    `nodes` are in topological order, the target first (none if the root does not depend on it), and `edges`
    gives for each the edges that lead on: parent index, parent, local derivative. An edge whose derivative is 0
    is an edge, even if it is among those `not_taken`; one towards a constant, or any node off the paths, is none.
    """

    def __init__(self, root: Value, target: Value) -> None:
        self.root, self.target = root, target
        self.order = topological_order(root)
        below = dependents(self.order, [target])
        self.nodes = [node for node in self.order if node in below] if root in below else []
        if target not in set(self.nodes):
            self.nodes, below = [], set()
        self.edges: dict[Value, list[_Edge]] = {}
        self.not_taken: set[tuple[Value, int]] = set()
        for node in self.nodes:
            ways = zip(node.parents, node.local_derivatives, strict=True) if node is not target else ()
            self.edges[node] = [(i, parent, local) for i, (parent, local) in enumerate(ways) if parent in below]
            self.not_taken |= {(node, i) for i, goes in enumerate(taken(node)) if not goes}

    def size(self, node: Value, i: int, local: float) -> Size:
        """The size of one factor, the derivative of ``node`` by its parent ``i``."""
        return MASKED if (node, i) in self.not_taken else size_of(local)

    def counts(self) -> tuple[int, int]:
        """The number of paths, and of those without a factor 0: exact, whatever their size."""
        if not self.nodes:
            return 0, 0
        last_user = {parent: node for node in self.nodes for _, parent, _ in self.edges[node]}
        known = {self.target: (1, 1)}
        for node in self.nodes[1:]:
            known[node] = (
                sum(known[parent][0] for _, parent, _ in self.edges[node]),
                sum(known[parent][1] for _, parent, local in self.edges[node] if local != 0.0),
            )
            for _, parent, _ in self.edges[node]:  # on a long ladder the counts are the memory: n numbers of n bits
                if last_user[parent] is node:
                    known.pop(parent, None)
        return known[self.root]

    def best(self, limit: int) -> Iterator[Steps]:
        """The ``limit`` paths with the largest |product|, largest first; of equal ones the leftmost first."""
        if not self.nodes or limit < 1:
            return
        sizes, onward = self._best_from_here()
        order = count()
        heap: list[_Candidate] = []
        path: Steps = []
        kept, branch = 0, -1  # how much of the path was given, and the edge to take there; -1: the best one
        for left in range(limit - 1, -1, -1):
            fresh: list[tuple[Size, int, int, int]] = []
            prefix, node, path = ONE, self.root, path[:kept]
            for above, i in path:
                prefix = times(prefix, self.size(above, i, above.local_derivatives[i]))
            if path:
                node = path[-1][0].parents[path[-1][1]]
            while node is not self.target:
                ways = self.edges[node]
                taken_way = onward[node] if branch < 0 else branch
                if left and branch < 0:
                    for at, (i, parent, local) in enumerate(ways):
                        if at != taken_way:
                            size = times(times(prefix, self.size(node, i, local)), sizes[parent])
                            fresh.append((_negative(size), next(order), len(path), at))
                branch = -1
                i, parent, local = ways[taken_way]
                prefix = times(prefix, self.size(node, i, local))
                path.append((node, i))
                node = parent
            yield list(path)
            for key, age, at, way in heapq.nsmallest(left, fresh):
                heapq.heappush(heap, (key, age, path, at, way))
            if not heap:
                return
            _, _, path, kept, branch = heapq.heappop(heap)

    def _best_from_here(self) -> tuple[dict[Value, Size], dict[Value, int]]:
        """For each node the size of the best way down to the target, and its first edge (an index into `edges`)."""
        sizes, onward = {self.target: ONE}, dict[Value, int]()
        for node in self.nodes[1:]:
            best = (-2, 0, 0.0)
            for at, (i, parent, local) in enumerate(self.edges[node]):
                size = times(self.size(node, i, local), sizes[parent])
                if size > best:
                    best, onward[node] = size, at
            sizes[node] = best
        return sizes, onward

    def rest(self, paths: Sequence[Steps]) -> float:
        """The sum of the products of all paths but ``paths``.

        Not the gradient less theirs, which would leave nothing but rounding where a few paths carry almost all.
        """
        if not self.nodes:
            return 0.0
        sums = {self.target: 1.0}
        for node in self.nodes[1:]:
            sums[node] = sum(
                local * sums[parent] for i, parent, local in self.edges[node] if (node, i) not in self.not_taken
            )
        if not paths:
            return sums[self.root]
        total = 0.0
        groups: list[tuple[Value, float, int, Sequence[Steps]]] = [(self.root, 1.0, 0, paths)]
        while groups:
            node, product, depth, together = groups.pop()
            if node is self.target or (product == 0.0 and isfinite(sums[node])):
                continue
            ways: dict[int, list[Steps]] = {}
            for path in together:
                ways.setdefault(path[depth][1], []).append(path)
            for i, parent, local in self.edges[node]:
                if (node, i) in self.not_taken:
                    continue
                if i in ways:
                    groups.append((parent, product * local, depth + 1, ways[i]))
                else:
                    total += product * local * sums[parent]
        return total


def _negative(size: Size) -> Size:
    """The key under which a heap gives the largest first."""
    return -size[0], -size[1], -size[2]
