"""Sums of unlike terms as additions, in the order in which the terms are there.

A sum over a vector is a sum along an axis of one array. ``U·x + W·h + b`` is not: its terms lie in three places, and
would have to be fetched one by one to lie beside each other. As additions, each takes two arrays as they are, and what
waits for nobody comes first: a recurrent net adds ``U·x + b`` for all steps at once, before the first of them.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> from autograd_tiny.compiler.simplify.flatten import flatten
>>> w, x = [Value(float(i)) for i in range(5)], [Value(0.1), Value(0.2)]
>>> row = w[0] * x[0] + w[1] * x[1] + (w[2] * w[2] + w[3] * w[3]) + w[4]
>>> graph = flatten(record([row], [x], batch=False))
>>> print(graph, "->", add_unlike(graph))
2 dot, 1 sum -> 2 dot, 2 add
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import counted
from ..record.graph import COMPUTED, CONSTANT, Bools, Graph, Ints, ranges
from .flatten import ranks
from .schedule import depths

MOST = 4
"""Terms of a sum that becomes additions: more of them are fetched sooner than added one by one, forward and reverse."""


def add_unlike(graph: Graph, deepest: float = np.inf) -> Graph:
    """The same graph where a sum of a few terms, no two of them of one make, is a chain of additions.

    `schedule.TooNarrow` for a graph deeper than ``deepest``.
    """
    total, add = graph.code("sum"), graph.code("add")
    counts = graph.counts
    sums = np.flatnonzero((graph.kinds == COMPUTED) & (graph.codes == total) & (counts > 2) & (counts <= MOST))
    owner = np.repeat(np.arange(len(sums)), counts[sums])
    terms = graph.operands[ranges(graph.starts[sums], counts[sums])]
    made = makes(graph, terms)
    span = int(made.max(initial=0)) + 1
    unlike = np.bincount(np.unique(owner * span + made) // span, minlength=len(sums)) == counts[sums]
    if not unlike.any():
        return graph
    # A 0, which sums often start with, is left out: there is one at most, so two terms stay at least.
    used = unlike[owner] & ~((graph.kinds[terms] == CONSTANT) & (graph.numbers[terms] == 0.0))
    owner, terms = owner[used], terms[used]
    order = np.lexsort((depths(graph, deepest)[terms], graph.batched[terms], owner))
    owner, terms = owner[order], terms[order]
    return _chained(graph, sums[unlike], (np.cumsum(unlike) - 1)[owner], terms, add)


def makes(graph: Graph, nodes: Ints) -> Ints:
    """A number for each node, the same for nodes of one operation or one kind of leaf; for dots, of one make and one
    length, since those of several are rows of different matrices.
    """
    rank = ranks(graph)
    found: Ints = rank[nodes] + 8 * graph.codes[nodes].astype(np.int64) * (graph.kinds[nodes] == COMPUTED)
    is_dot = (graph.kinds[nodes] == COMPUTED) & (graph.codes[nodes] == graph.code("dot"))
    dots = nodes[is_dot]
    first = graph.starts[dots]
    sides = rank[graph.operands[first]] * 8 + rank[graph.operands[first + graph.counts[dots] // 2]]
    lengths = np.unique(graph.counts[dots], return_inverse=True)[1]
    found[is_dot] += 8 * len(graph.rows) * (1 + sides + 64 * lengths)
    return found


def _chained(graph: Graph, sums: Ints, owner: Ints, terms: Ints, add: int) -> Graph:
    """Each of ``sums`` as additions of the ``terms`` that it owns, two of them or more, one after the other."""
    n = graph.size
    counts = np.bincount(owner, minlength=len(sums))
    place = np.arange(len(terms)) - (np.cumsum(counts) - counts)[owner]
    last = place == counts[owner] - 1
    # The first two terms meet in one addition; each later one has its own, of which the last is the sum itself.
    new = (place > 0) & ~last
    number = np.where(last, sums[owner], n + np.cumsum(new) - 1)
    number[place == 0] = number[np.flatnonzero(place == 0) + 1]
    later = np.flatnonzero(place > 1)
    consumer = np.repeat(np.arange(n), graph.counts)
    is_sum = np.zeros(n, bool)
    is_sum[sums] = True
    stays = ~is_sum[consumer]
    towards = np.concatenate([consumer[stays], number[later], number])
    sources = np.concatenate([graph.operands[stays], number[later - 1], terms])
    by_consumer = np.argsort(towards, kind="stable")
    codes = graph.codes.copy()
    codes[sums] = add
    fresh = int(new.sum())

    def so_far(flags: Bools) -> Bools:
        """Whether one of the terms that a chain has gathered so far has the flag."""
        seen = np.cumsum(np.concatenate([[False], flags[terms]]))
        at = np.flatnonzero(new)
        return np.asarray(seen[at + 1] > seen[at - place[at]])

    batched = so_far(graph.batched)
    return replace(
        graph,
        codes=np.concatenate([codes, np.full(fresh, add, codes.dtype)]),
        starts=np.concatenate([[0], np.cumsum(np.bincount(towards, minlength=n + fresh))]),
        operands=sources[by_consumer],
        numbers=np.concatenate([graph.numbers, np.zeros(fresh)]),
        kinds=np.concatenate([graph.kinds, np.full(fresh, COMPUTED, np.uint8)]),
        batched=np.concatenate([graph.batched, batched]),
        learns=np.concatenate([graph.learns, so_far(graph.learns)]),
        position=np.concatenate([graph.position, graph.position[sums[owner[new]]]]),
        memory=np.concatenate([graph.memory, batched.astype(np.int64)]),
    ).told(f"{counted(len(sums), 'sum')} of unlike terms became additions")
