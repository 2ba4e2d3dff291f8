"""A recorded graph run node by node on the numbers of a call: what becomes of a function that arrays would not pay for.

No Value is made and no Python runs for a node, so this costs a fraction of what the function itself does; the numbers
are the same to the last bit.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> w, x = Value(3.0), Value(2.0)
>>> graph = record([w * x * w], [[x]], batch=False)
>>> program = ScalarProgram(graph, {node: 0 for node, leaf in graph.leaves.items() if leaf is x})
>>> program.parameters[:] = 5.0
>>> program.run([2.0], 1, gradient=True).tolist()
[[50.0]]
>>> program.gradient.tolist()
[20.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ...core import Replay
from ..record.graph import Graph

MOST_AT_ONCE = 8
"""Copies for as many calls at the same time."""


class ScalarProgram:
    """The graph, and where the numbers of a call go in it: those of a sample by ``places``, node -> place."""

    def __init__(self, graph: Graph, places: Mapping[int, int], leaves: Sequence[int] | None = None) -> None:
        self._graph, self._places = graph, places
        self._others: list[ScalarProgram] = []
        self.in_use = False
        """Whether a call has it: a second at the same time takes another."""
        self.leaves = leaves or [node for node in graph.leaves if node not in places]
        """The parameters' nodes, in the order of ``parameters``."""
        self.replay = Replay(
            graph.codes.tobytes(), graph.starts.tobytes(), graph.operands.tobytes(), graph.numbers.tobytes(),
            graph.learns.tobytes(), graph.rows, _bytes(self.leaves), _bytes(places), _bytes(places.values()),
            graph.roots.tobytes(),
        )  # fmt: skip
        self.outputs = len(graph.roots)
        self.reads = len(places)
        """How many of a sample's numbers are used."""
        self.parameters = np.empty(len(self.leaves))
        """Their numbers: to be put here before a run."""
        self.gradient = np.frombuffer(self.replay.gradient)
        """After a run, d(mean of the first root)/d(parameter), and a 0 for what is none of them."""

    def bound(self, length: int) -> ScalarProgram:
        """Itself: batches of any size are run sample by sample."""
        return self

    def take(self, length: int) -> ScalarProgram:
        """One that no other call uses, until ``in_use`` is False again."""
        found = next((made for made in (self, *self._others) if not made.in_use), None)
        if found is None:
            found = ScalarProgram(self._graph, self._places, self.leaves)
            self._others = [found, *self._others][:MOST_AT_ONCE]
        found.in_use = True
        return found

    def run(self, samples: Any, count: int, gradient: bool) -> Any:
        """The roots' numbers, count × outputs, for so many samples in a row; None if one on the way is not finite."""
        found, failed = self.run_each(samples, count, gradient)
        return None if failed else found

    def run_each(self, samples: Any, count: int, gradient: bool) -> tuple[Any, list[int]]:
        """The same, and the samples that failed, whose numbers mean nothing and whose gradients are left out."""
        found, failed = self.replay.run_each(self.parameters, samples, count, gradient)
        return np.frombuffer(found).reshape(count, self.outputs), failed


def _bytes(numbers: Iterable[int]) -> bytes:
    return np.array([*numbers], np.int64).tobytes()
