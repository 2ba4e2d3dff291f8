"""Where the numbers of an operand lie in C: at a constant and a stride for each index, or in a buffer filled before.

>>> import numpy as np
>>> affine(np.array([[3, 5], [4, 6]]))
(3, (1, 2))
>>> affine(np.array([3, 5, 6])) is None
True
>>> Place("w", 3, (1, 2)).at(["i", "j"]), Place("w", 0, (0, 1)).at(["i", "j"]), Place("w", 0, ()).at([])
('w[3 + i + j * 2]', 'w[j]', 'w[0]')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from ..record.graph import Ints


@dataclass(frozen=True)
class Place:
    """Numbers of the array ``name``: at ``start``, plus each index times its stride."""

    name: str
    start: int
    strides: tuple[int, ...]

    def at(self, indices: Sequence[str]) -> str:
        """The number at these indices."""
        return f"{self.name}[{self.offset(indices)}]"

    def offset(self, indices: Sequence[str]) -> str:
        terms = [f"{i} * {k}" if k != 1 else i for i, k in zip(indices, self.strides, strict=True) if k]
        return " + ".join([str(self.start)] * (self.start > 0 or not terms) + terms)

    def row(self, indices: Sequence[str]) -> str:
        """Where the row of the last axis begins, as a pointer."""
        offset = Place(self.name, self.start, self.strides[:-1]).offset(indices)
        return self.name if offset == "0" else f"{self.name} + {offset}"

    def follows(self, shape: tuple[int, ...]) -> bool:
        """Whether it is a whole array in order, or one number for all."""
        return not any(self.strides) or (self.start == 0 and self.strides == in_order(shape))


def in_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array of that shape."""
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def affine(index: Ints) -> tuple[int, tuple[int, ...]] | None:
    """A start and a stride for each axis that give these indices; None if there are none."""
    start = int(index.reshape(-1)[0])
    strides = []
    table = np.full((1,) * index.ndim, start)
    for axis, n in enumerate(index.shape):
        second = [0] * index.ndim
        second[axis] = min(1, n - 1)
        step = int(index[tuple(second)]) - start
        strides.append(step)
        table = table + (np.arange(n) * step).reshape([-1 if i == axis else 1 for i in range(index.ndim)])
    return (start, tuple(strides)) if np.array_equal(table, index) and min([0, *strides]) >= 0 else None
