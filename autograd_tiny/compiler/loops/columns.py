"""The numbers of a run of a loop: what is carried, streamed and shared, each numbers × samples, and their adjoints.

What does not differ between samples has one column.

>>> columns = Columns((1, 2, 0), (3, 1, 1), turned=True)
>>> columns.carry.shape, columns.whole[0].shape, columns.stream.shape
((1, 3), (3, 1), (2, 1))
"""

from __future__ import annotations

from math import isqrt

import numpy as np

from ..record.graph import Bools

Sections = tuple[Bools, Bools, Bools]
"""Something of each leaf of a step: of those carried, streamed and shared."""


class Columns:
    """The numbers of a run: what is carried, streamed and shared, and the adjoints of these."""

    def __init__(self, sizes: tuple[int, int, int], widths: tuple[int, int, int], turned: bool) -> None:
        """``turned``: the numbers of a sample lie in a row, not those of all samples."""
        self.whole = [np.zeros((w, n) if turned else (n, w)) for n, w in zip(sizes, widths, strict=True)]
        self.carry, self.stream, self.shared = (a.T if turned else a for a in self.whole)
        self.adjoints = [np.zeros_like(a) for a in self.whole]
        self.d_carry, self.d_stream, self.d_shared = (a.T if turned else a for a in self.adjoints)


def segments(steps: int, checkpoint: bool) -> int:
    """How many steps apart the carries are that are kept."""
    return max(isqrt(steps), 1) if checkpoint else 1
