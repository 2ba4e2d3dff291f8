"""Python's roundings as C has them: floats out of floats, where `math.floor` and its like give ints.

>>> floor(-2.5), rint(2.5), ceil(-0.5), trunc(float("inf"))
(-3.0, 2.0, -0.0, inf)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from math import copysign, inf


def _whole(f: Callable[[float], int]) -> Callable[[float], float]:
    """``f`` with a float for an answer: infinities as they are, and −0.0 for what is rounded to it."""

    def to_float(x: float) -> float:
        return copysign(float(f(x)), x) if -inf < x < inf else x

    return to_float


floor, ceil, trunc, rint = _whole(math.floor), _whole(math.ceil), _whole(math.trunc), _whole(round)
"""``rint`` rounds halves to even."""
