"""Which operations run together: steps of one operation each, every operand computed in an earlier step.

The steps are chosen as a list scheduler does, the longest way to the end first. What the chosen operation can already
do elsewhere goes along if it lies at the same depth or the same height: a position that got ahead of its neighbours
because its sum has one term less waits for them.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> v = [Value(0.1), Value(0.2), Value(0.3)]
>>> graph = record([v[0].exp() * v[1].exp() * v[2].exp()], [], batch=False)
>>> [(graph.rows[step.code].name, len(step.nodes)) for step in schedule(graph)[0]]
[('exp', 3), ('mul', 1), ('mul', 1)]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..record.graph import COMPUTED, Bools, Graph, Ints, ranges


@dataclass(frozen=True)
class Step:
    """Nodes of one operation, none of which needs another."""

    code: int
    batched: bool
    nodes: Ints


class TooNarrow(Exception):
    """So few operations at each depth that arrays would be slower than scalars; ``depth`` steps or more."""

    def __init__(self, depth: int) -> None:
        super().__init__(depth)
        self.depth = depth


def schedule(graph: Graph, deepest: float = np.inf) -> tuple[list[Step], Ints]:
    """The steps, and how far each node is from the end; `TooNarrow` for a graph deeper than ``deepest``."""
    computed = graph.kinds == COMPUTED
    needs, use_starts, use_counts, users, inner_sources = _uses(graph)
    depth = _levels(computed, needs.copy(), use_starts, use_counts, users, deepest)
    inner_counts = needs
    inner_starts = np.cumsum(inner_counts) - inner_counts
    height = _levels(computed, use_counts.copy(), inner_starts, inner_counts, inner_sources, np.inf)

    signature = graph.codes.astype(np.int64) * 2 + graph.batched
    ready: dict[int, list[Ints]] = {}
    highest: dict[int, int] = {}

    def add(nodes: Ints) -> None:
        order = np.argsort(signature[nodes], kind="stable")
        nodes = nodes[order]
        cuts = np.flatnonzero(np.diff(signature[nodes])) + 1
        for part in np.split(nodes, cuts):
            if len(part):
                key = int(signature[part[0]])
                ready.setdefault(key, []).append(part)
                highest[key] = max(highest.get(key, -1), int(height[part].max()))

    add(np.flatnonzero(computed & (needs == 0)))
    steps = []
    while ready:
        key = max(highest, key=lambda k: (highest[k], k))
        nodes = np.concatenate(ready.pop(key))
        del highest[key]
        heights = height[nodes]
        together = heights == heights.max()
        if not together.all():
            together |= np.isin(depth[nodes], depth[nodes[together]])
            if not together.all():
                add(nodes[~together])
                nodes = nodes[together]
        nodes = nodes[np.argsort(graph.position[nodes], kind="stable")]
        steps.append(Step(int(graph.codes[nodes[0]]), bool(graph.batched[nodes[0]]), nodes))
        if len(steps) > deepest:
            raise TooNarrow(len(steps))
        after = users[ranges(use_starts[nodes], use_counts[nodes])]
        if len(after):
            np.subtract.at(needs, after, 1)
            after = after[needs[after] == 0]
            if len(after):
                add(np.unique(after))
    return steps, height


def depths(graph: Graph, deepest: float = np.inf) -> Ints:
    """How many operations must come before each node, one after the other; `TooNarrow` if more than ``deepest``."""
    needs, use_starts, use_counts, users, _ = _uses(graph)
    return _levels(graph.kinds == COMPUTED, needs, use_starts, use_counts, users, deepest)


def _uses(graph: Graph) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Of computed nodes: how many operands each has; where its users start, how many, the users; all operands."""
    n = graph.size
    computed = graph.kinds == COMPUTED
    consumer = np.repeat(np.arange(n), graph.counts)
    inner = computed[graph.operands] & computed[consumer]
    sources = graph.operands[inner]
    users = consumer[inner][np.argsort(sources, kind="stable")]
    use_counts = np.bincount(sources, minlength=n)
    return np.bincount(consumer[inner], minlength=n), np.cumsum(use_counts) - use_counts, use_counts, users, sources


def _levels(computed: Bools, needs: Ints, starts: Ints, counts: Ints, users: Ints, deepest: float) -> Ints:
    """For each node the length of the longest way to it."""
    level = np.zeros(len(computed), np.int64)
    front = np.flatnonzero(computed & (needs == 0))
    depth = 0
    while len(front):
        level[front] = depth
        after = users[ranges(starts[front], counts[front])]
        if len(after):
            np.subtract.at(needs, after, 1)
            after = np.unique(after[needs[after] == 0])
        front = after
        depth += 1
        if depth > deepest:
            raise TooNarrow(depth)
    return level
