"""A recorded graph run node by node on the numbers of a call: what becomes of a function that arrays would not pay for.

No Value is made and no Python runs for a node, so this costs a fraction of what the function itself does; the numbers
are the same to the last bit.

>>> from autograd_tiny import Value
>>> from .graph import record
>>> w, x = Value(3.0), Value(2.0)
>>> graph = record([w * x * w], [[x]], batch=False)
>>> program = ScalarProgram(graph, {node: 0 for node, leaf in graph.leaves.items() if leaf is x})
>>> program.parameters[:] = 5.0
>>> program.run(np.array([[2.0]]), gradient=True)
[[50.0]]
>>> program.gradient.tolist()
[20.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core import Replay
from .graph import Graph


class ScalarProgram:
    """The graph, and where the numbers of a call go in it: those of a sample by ``places``, node -> place."""

    def __init__(self, graph: Graph, places: Mapping[int, int]) -> None:
        self.replay = Replay(
            graph.codes.tobytes(), graph.starts.tobytes(), graph.operands.tobytes(), graph.numbers.tobytes(),
            graph.learns.tobytes(), graph.rows,
        )  # fmt: skip
        self.numbers, self.adjoints = np.frombuffer(self.replay.numbers), np.frombuffer(self.replay.adjoints)
        self.leaves = [node for node in graph.leaves if node not in places]
        """The parameters' nodes, in the order of ``parameters``."""
        self.nodes = np.array(self.leaves, np.int64)
        self.inputs, self.places = np.array([*places], np.int64), np.array([*places.values()], np.int64)
        self.roots = graph.roots.tolist()
        self.parameters = np.empty(len(self.leaves))
        """Their numbers: to be put here before a run."""
        self.gradient = np.zeros(len(self.leaves) + 1)
        """After a run, d(mean of the first root)/d(parameter), and a 0 for what is none of them."""

    def bound(self, length: int) -> ScalarProgram:
        """Itself: batches of any size are run sample by sample."""
        return self

    def run(self, samples: Any, gradient: bool) -> list[list[float]] | None:
        """The roots' numbers for each of ``samples`` (samples × numbers); None if one on the way is not finite."""
        self.numbers[self.nodes] = self.parameters
        self.gradient[:] = 0.0
        found = []
        for sample in samples:
            self.numbers[self.inputs] = sample[self.places]
            if not self.replay.forward(gradient):
                return None
            found.append([float(self.numbers[root]) for root in self.roots])
            if gradient:
                self.replay.backward(self.roots[0])
                self.gradient[:-1] += self.adjoints[self.nodes]
        self.gradient /= len(found)
        return found if np.isfinite(self.gradient.sum()) else None
