"""Where a function jumps: found by bisection, so that a curve is not drawn through a place where there is none.

>>> import numpy as np
>>> xs = np.linspace(-1.0, 1.0, 21)
>>> [(jump.x, jump.left, jump.at, jump.right) for jump in jumps(np.sign, xs)]
[(0.0, -1.0, 0.0, 1.0)]
>>> jumps(np.tanh, xs), [jump.is_pole for jump in jumps(np.tan, np.linspace(1.0, 2.0, 21))]
([], [True])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SUSPECT = 0.01
"""A difference between neighbours of this share of the whole range is looked into."""
CLOSE = 1e-12
POLE = 1e3
"""A side that is this many times the range away is no limit but a pole."""


@dataclass(frozen=True)
class Jump:
    """A place ``x`` where the values on the two sides, and at it, are not the same."""

    x: float
    left: float
    at: float
    right: float
    is_pole: bool


def jumps(f: Callable[[Any], Any], xs: Any) -> list[Jump]:
    """The jumps of ``f`` between the points ``xs``, a rising numpy array, from left to right."""
    import numpy as np

    ys = f(xs)
    finite = ys[np.isfinite(ys)]
    if not finite.size:
        return []
    low, high = map(float, np.percentile(finite, (2, 98)))
    scale = (high - low) or float(finite.max() - finite.min())
    if not scale:
        return []
    found: dict[float, Jump] = {}
    suspects = np.flatnonzero(np.abs(np.diff(ys)) > SUSPECT * scale)
    lefts, rights = _brackets(f, xs[suspects], xs[suspects + 1])
    for i, a, b, left, right in zip(suspects, lefts, rights, f(lefts), f(rights), strict=True):
        if abs(right - left) < 0.5 * abs(ys[i + 1] - ys[i]):
            continue  # it was steep, no more
        x = round(float(a + b) / 2, 9) + 0.0
        earlier = found.get(x)  # sign jumps from -1 to 0 and from 0 to 1, at one place
        pole = max(abs(left), abs(right)) > POLE * max(scale, abs(low), abs(high))
        found[x] = Jump(
            x,
            earlier.left if earlier else float(left),
            float(f(np.array([x]))[0]),
            float(right),
            bool(pole) or bool(earlier and earlier.is_pole),
        )
    return [found[x] for x in sorted(found)]


def _brackets(f: Callable[[Any], Any], a: Any, b: Any) -> tuple[Any, Any]:
    """The intervals from ``a`` to ``b``, all halved at once down to `CLOSE`, towards where the values differ more."""
    import numpy as np

    at_a, at_b = f(a), f(b)
    while (wide := b - a > CLOSE * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))).any():
        middle = (a + b) / 2
        at_middle = f(middle)
        first = _size(at_middle - at_a) >= _size(at_b - at_middle)
        down, up = wide & first, wide & ~first
        a, at_a = np.where(up, middle, a), np.where(up, at_middle, at_a)
        b, at_b = np.where(down, middle, b), np.where(down, at_middle, at_b)
    return a, b


def _size(difference: Any) -> Any:
    import numpy as np

    return np.where(np.isfinite(difference), np.abs(difference), np.inf)
