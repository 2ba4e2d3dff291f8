"""Steps run node by node, sample after sample: see `core.repeats`.

Forward the carry of each step is kept, or of every √steps-th, and back each step is run once more from there.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from ...core import Repeat
from .columns import Columns, Sections
from .step import Step


class ScalarMachine:
    """Steps run node by node: see `core.repeats`."""

    turned = True

    def __init__(self, step: Step, steps: int, stops: bool, every: int, samples: int, learns: Sections) -> None:
        self.step, self.steps, self.every, self.samples, self.stops = step, steps, every, samples, stops
        graph = step.graph
        sources = np.zeros(graph.size, bool)
        sources[step.places[np.concatenate(learns)]] = True
        self.repeat = Repeat(
            graph.codes.tobytes(), graph.starts.tobytes(), graph.operands.tobytes(), graph.numbers.tobytes(),
            step.reached(sources).tobytes(), list(graph.rows), step.places.astype(np.int64).tobytes(),
            graph.roots.tobytes(), step.carried, step.streamed, stops,
        )  # fmt: skip
        self.made = [0] * samples
        self.rows = -(-steps // every)
        self.states: list[Any] = [None] * samples
        self.any_stream = bool(learns[1].any())

    def forward(self, columns: Columns, ys: Any, d_ys: Any, keeps: bool) -> Any:
        """Run all steps; of ``columns`` the carry becomes the last. Which samples failed: in them nothing holds."""
        carry, stream, shared = columns.whole
        size = self.rows * self.step.carried if keeps else 0
        for i in range(self.samples):
            if self.states[i] is None or len(self.states[i]) != size:
                self.states[i] = np.empty(size)
            self.made[i] = self.repeat.forward(
                carry[i], stream[i % len(stream)], shared[i % len(shared)], self.steps, self.states[i], self.every,
                ys[i] if ys is not None else (),
            )  # fmt: skip
        return np.array(self.made) < 0

    def backward(self, columns: Columns, d_ys: Any) -> Any:
        """Run them back: the adjoints of the last carry become those of the first. Which samples failed."""
        _, stream, shared = columns.whole
        d_carry, d_stream, d_shared = columns.adjoints
        failed = np.zeros(self.samples, bool)
        c, s, g = self.step.carried, self.step.streamed, self.step.given - self.stops
        room = np.empty(self.every * c) if self.every > 1 else None
        none = array("d")
        for i in range(self.samples):
            made, mine, common = self.made[i], stream[i % len(stream)], shared[i % len(shared)]
            adjoint = np.zeros(len(common))
            for first in reversed(range(0, made, self.every if room is not None else max(made, 1))):
                last = min(first + self.every, made) if room is not None else made
                xs = mine[first * s : last * s]
                states = self.states[i][: (last - first) * c]
                if room is not None:
                    states = room[: (last - first) * c]
                    again = self.states[i][first // self.every * c :][:c].copy()
                    self.repeat.forward(again, xs, common, last - first, states, 1, none)
                wanted = self.any_stream and len(d_stream) == self.samples
                d_xs: Any = none
                if self.any_stream:
                    d_xs = d_stream[i][first * s : last * s] if wanted else np.zeros((last - first) * s)
                d_y = d_ys[i][first * g : last * g] if d_ys is not None else none
                well = self.repeat.backward(states, xs, common, 0, last - first, d_carry[i], d_y, d_xs, adjoint)
                if not well:
                    failed[i] = True
                    break
                if self.any_stream and not wanted:
                    d_stream[0][first * s : last * s] += d_xs
            d_shared[i % len(d_shared)] += adjoint
        return failed
