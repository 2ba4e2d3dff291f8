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
from math import inf, isfinite
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
    low, high = np.percentile(finite, (2, 98))
    scale = float(high - low) or float(finite.max() - finite.min())
    if not scale:
        return []
    found: dict[float, Jump] = {}
    for i in np.flatnonzero(np.abs(np.diff(ys)) > SUSPECT * scale):
        a, b = _bracket(f, float(xs[i]), float(xs[i + 1]))
        left, right = _at(f, a), _at(f, b)
        if abs(right - left) < 0.5 * abs(float(ys[i + 1] - ys[i])):
            continue  # it was steep, no more
        x = round((a + b) / 2, 9) + 0.0
        earlier = found.get(x)  # sign jumps from -1 to 0 and from 0 to 1, at one place
        pole = max(abs(left), abs(right)) > POLE * max(scale, abs(float(low)), abs(float(high)))
        found[x] = Jump(
            x,
            earlier.left if earlier else left,
            _at(f, x),
            right,
            pole or bool(earlier and earlier.is_pole),
        )
    return [found[x] for x in sorted(found)]


def _bracket(f: Callable[[Any], Any], a: float, b: float) -> tuple[float, float]:
    """The interval halved down to `CLOSE`, towards the half in which the values differ more."""
    while b - a > CLOSE * max(1.0, abs(a), abs(b)):
        middle = (a + b) / 2
        if _difference(f, a, middle) >= _difference(f, middle, b):
            b = middle
        else:
            a = middle
    return a, b


def _difference(f: Callable[[Any], Any], a: float, b: float) -> float:
    size = abs(_at(f, b) - _at(f, a))
    return size if isfinite(size) else inf


def _at(f: Callable[[Any], Any], x: float) -> float:
    import numpy as np

    return float(f(np.array([x]))[0])
