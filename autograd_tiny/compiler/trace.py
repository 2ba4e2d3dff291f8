"""One recording of a function: the program that it became, and where its parameters lie among all.

>>> from autograd_tiny import Value, compile
>>> v, w = Value(3.0), Value(2.0)
>>> program = compile(lambda x: w * x, parameters=[v, w])
>>> program(1.0), program.last.parameters == [w], program.last.places({v: 0, w: 1})
(2.0, True, slice(1, 2, None))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import Value
from .lower.cost import Estimate
from .pipeline import ByLength, Made
from .record.calls import Call
from .results import Rebuild
from .run.array_program import ArrayProgram, block_size


class Trace:
    """One recording: what it became, its parameters, its outputs."""

    def __init__(
        self, made: Made, parameters: list[Value], like: Any, estimate: Estimate, shared: Sequence[Value] = ()
    ) -> None:
        self.made, self.like, self.estimate = made, like, estimate
        place = {leaf: k for k, leaf in enumerate(shared)}
        self.parameters = [leaf for leaf in parameters if leaf not in place]
        self.mine: Any = None
        """Which of the program's numbers those of its parameters are, if some are of arguments that samples share."""
        if len(self.parameters) < len(parameters):
            self.mine = np.array([i for i, leaf in enumerate(parameters) if leaf not in place], np.int64)
            self.theirs = np.array([i for i, leaf in enumerate(parameters) if leaf in place], np.int64)
            self.sources = np.array([place[leaf] for leaf in parameters if leaf in place], np.int64)
        self.master: Any = None
        self.back: Any = None
        self.careful = self.program is not None and not self.program.arrays.notices
        self.sample: Call | None = None
        """The call that was recorded, of a batch the first sample: what `exports` records again to describe it."""
        self.indices: tuple[int, ...] = ()
        """Which of its numbers were indices."""
        self.fixed: list[Any] = []
        """What it was given that is no number."""
        self.rebuild = Rebuild(like)
        """Puts its outputs into the structure that the function gives."""
        self.key: Any = None
        """Under which it is kept."""
        self.met = False
        """Whether the program has taken its parameters among its own."""

    @property
    def program(self) -> ArrayProgram | None:
        """The array program; None for a recording that runs as scalars."""
        made = self.made.arrays if isinstance(self.made, ByLength) else self.made
        return made if isinstance(made, ArrayProgram) else None

    def divided(self, length: int | None) -> tuple[ArrayProgram | None, int]:
        """The array program for a batch that is divided into blocks, and of how many samples; None for any other."""
        program = self.program
        if length is None or program is None or (isinstance(self.made, ByLength) and length < self.made.least):
            return None, 0
        size = block_size(program, length)
        return (program, size) if size < length else (None, 0)

    def places(self, index: dict[Value, int]) -> Any:
        """Where its parameters are among all: a slice if they lie in a row."""
        if self.master is None:
            found = np.array([index[parameter] for parameter in self.parameters], np.int64)
            row = len(found) > 0 and np.array_equal(found, np.arange(found[0], found[0] + len(found)))
            self.master = slice(int(found[0]), int(found[0]) + len(found)) if row else found
        return self.master

    def fetch(self, held: Any, index: dict[Value, int], out: Any) -> None:
        """Copy the numbers of its parameters out of those of all."""
        places = self.places(index)
        if isinstance(places, slice):
            out[:] = held[places]
        else:
            held.take(places, None, out, "clip")

    def whole(self, gradient: Any, index: dict[Value, int]) -> Any:
        """The gradient for all parameters, given that for its own with a 0 behind, for those that it does not use."""
        if self.back is None or len(self.back) != len(index):
            self.back = np.full(len(index), len(gradient) - 1)
            self.back[self.places(index)] = np.arange(len(self.parameters)) if self.mine is None else self.mine
        return gradient.take(self.back)

    def runs(self, index: dict[Value, int]) -> Any:
        """Its parameters in runs that lie in a row among all too: the first of each here, there, and how many."""
        places = np.array([index[parameter] for parameter in self.parameters], np.int64)
        starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        return np.stack([starts, places[starts], np.diff(starts, append=len(places))], axis=1)
