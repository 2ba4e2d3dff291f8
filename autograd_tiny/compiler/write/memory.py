"""The arrays of a bound program, and how a line of it names one.

``flat`` holds what all samples share (parameters, constants, results), ``batch`` what each sample has, a row for each
number, and each has its adjoints; the arguments of a batch stay as the caller gave them.

>>> from autograd_tiny.compiler.lower.layout import FLAT, View
>>> flat = np.arange(6.0)
>>> memory = Memory(flat, None, np.zeros(6), None, None, None, 1)
>>> memory.view(View(FLAT, 1, (2, 2), (2, 1)), adjoint=False, narrow=False, tail=False).tolist()
[[1.0, 2.0], [3.0, 4.0]]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..libraries.arrays import FLOAT64, Arrays
from ..lower.layout import BATCH, FLAT, View

Recipe = Callable[[Any], Any]
"""From a `Memory` to an array."""


@dataclass
class Memory:
    """The arrays of a program bound to one size of batch."""

    flat: Any
    batch: Any
    flat_adjoint: Any
    batch_adjoint: Any
    scratch: Any
    truths: Any
    length: int
    arguments: dict[str, Any] = field(default_factory=dict)
    env: dict[str, Any] = field(default_factory=dict)
    arrays: Arrays = FLOAT64

    def view(self, view: View, adjoint: bool, narrow: bool, tail: bool) -> Any:
        """``narrow``: axes of stride 0 have size 1. ``tail``: what has no batch gets an axis of 1 behind."""
        size = self.flat.itemsize
        shape = tuple(1 if narrow and s == 0 else n for n, s in zip(view.shape, view.strides, strict=True))
        if view.memory == FLAT:
            base, unit, more, step = self.flat_adjoint if adjoint else self.flat, size, (1,) * tail, (size,) * tail
        elif view.memory == BATCH:
            base, more, step = self.batch_adjoint if adjoint else self.batch, (self.length,), (size,)
            unit = size * self.length
        else:
            base = self.arguments[view.memory]
            unit, more, step = size, (self.length,), (base.strides[0],)
        strides = tuple(s * unit for s in view.strides)
        return np.ndarray(shape + more, base.dtype, base, view.offset * unit, strides + step)

    def buffer(self, place: tuple[int, int], shape: tuple[int, ...], batched: bool, truth: bool) -> Any:
        arena = self.truths if truth else self.scratch
        full = (*shape, self.length) if batched else shape
        start = place[0] + place[1] * self.length
        return arena[start : start + int(np.prod(full))].reshape(full)


@dataclass
class Named:
    """An array known by name: its shape without the batch axis, and whether it has one (of the batch, or of 1).

    ``packed``: its numbers lie in a row, in C order, with nothing between them.
    """

    name: str
    shape: tuple[int, ...]
    batched: bool
    scratch: bool = False
    packed: bool = False
