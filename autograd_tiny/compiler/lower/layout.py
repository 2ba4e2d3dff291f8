"""Where numbers lie, and whether a list of addresses is a strided view: slices, transposes, rows, broadcasts.

``(16, 1)`` after ``(4, 0)`` reads: 4 times over (stride 0) the same 16 neighbours (stride 1).

>>> pattern(np.array([7, 8, 9, 7, 8, 9]))
[(2, 0), (3, 1)]
>>> pattern(np.array([7, 8, 5]))
>>> common([[(6, 1)], [(2, 0), (3, 1)]], 6)
([2, 3], [[3, 1], [0, 1]])
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import mul
from typing import Any

import numpy as np

from ..record.graph import Ints

Pattern = list[tuple[int, int]]
"""Sizes and strides, outermost first."""
MOST_AXES = 4

FLAT, BATCH, ARGUMENT = "flat", "batch", "argument"
"""The memories: numbers that all samples share; numbers of each sample; each batched argument as the caller gave it.

In arrays they are 0, 1 and, for argument i, 2 + i, which is called ``argument i``.
"""


def memory_name(number: int) -> str:
    """What the memory of that number is called."""
    return (FLAT, BATCH)[number] if number < 2 else f"{ARGUMENT}{number - 2}"


@dataclass(frozen=True)
class View:
    """A strided view of a memory: ``offset`` and ``strides`` count numbers (of one sample, in a batch)."""

    memory: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def addresses(self) -> Ints:
        found = np.array(self.offset, np.int64)
        for size, stride in zip(self.shape, self.strides, strict=True):
            found = found[..., None] + np.arange(size) * stride
        return found

    def is_packed(self) -> bool:
        """Whether the numbers lie in a row, in C order."""
        steps = accumulate(self.shape[::-1], mul, initial=1)
        return all(n == 1 or s == step for n, s, step in zip(self.shape[::-1], self.strides[::-1], steps, strict=False))


@dataclass(frozen=True)
class Gather:
    """Numbers fetched one by one from a memory, by address, into an array of ``shape``."""

    memory: str
    index: Any
    shape: tuple[int, ...]

    def addresses(self) -> Ints:
        return np.asarray(self.index).reshape(self.shape)


@dataclass(frozen=True)
class Number:
    """One and the same constant for every element."""

    value: float


Access = View | Gather | Number


def pattern(addresses: Ints) -> Pattern | None:
    """The nested strides that give these addresses in order; None where there are none, or too many."""
    a = addresses
    axes: Pattern = []
    while len(a) > 1:
        if len(axes) == MOST_AXES:
            return None
        step = a[1] - a[0]
        breaks = np.flatnonzero(a[1:] - a[:-1] != step)
        run = int(breaks[0]) + 1 if len(breaks) else len(a)
        if len(a) % run:
            return None
        if run < len(a):
            rows = a.reshape(-1, run)
            if not np.array_equal(rows, rows[:, :1] + np.arange(run) * step):
                return None
            a = rows[:, 0]
        else:
            a = a[:1]
        axes.append((run, int(step)))
    return axes[::-1] or [(1, 0)]


def cuts(axes: Pattern) -> list[int]:
    """How many elements each axis and those within it have, innermost first."""
    found, size = [], 1
    for length, _ in reversed(axes):
        size *= length
        found.append(size)
    return found


def common(patterns: list[Pattern], n: int, extra: tuple[int, ...] = ()) -> tuple[list[int], list[list[int]]] | None:
    """One shape for all of them, and the strides of each in it; None if their axes do not nest. ``extra`` cuts too."""
    every = sorted({cut for axes in patterns for cut in cuts(axes)} | {n, *extra} | {1})
    if any(b % a for a, b in pairwise(every)):
        return None
    shape = [b // a for a, b in pairwise(every)][::-1] or [1]
    strides = []
    for axes in patterns:
        own = list(zip(cuts(axes), [stride for _, stride in reversed(axes)], strict=True))
        mine, low, place = [], 1, 0
        for inner in every[:-1]:
            while own[place][0] <= inner and place < len(own) - 1:
                low = own[place][0]
                place += 1
            mine.append(own[place][1] * (inner // low))
        strides.append(mine[::-1] or [0])
    return shape, strides
