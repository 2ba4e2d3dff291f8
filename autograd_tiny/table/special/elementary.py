"""What ``math.h`` has and a namespace may not have, by what every namespace has: not to the last digit, but near it.

Floats, C and arrays use their library's own; these serve where there is none.

>>> from autograd_tiny.table.namespaces import FLOATS
>>> import math
>>> abs(asinh(FLOATS, -1e-5) / math.asinh(-1e-5) - 1.0) < 1e-15, trunc(FLOATS, -2.5), round_to_even(FLOATS, 2.5)
(True, -2.0, 2.0)
>>> [round(atan2(FLOATS, a, b) - math.atan2(a, b), 12) for a in (-1.0, 0.0, 2.0) for b in (-3.0, 0.0, 0.5)]
[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FAR, LOG_2 = 1e9, 0.6931471805599453
"""From where on the inverse hyperbolic functions are log 2x to all digits: squares overflow farther out."""


def log2(xp: Any, x: Any) -> Any:
    return xp.div(xp.log(x), xp.log(2.0))


def log10(xp: Any, x: Any) -> Any:
    return xp.div(xp.log(x), xp.log(10.0))


def cbrt(xp: Any, x: Any) -> Any:
    return xp.sign(x) * xp.pow(xp.abs(x), 1.0 / 3.0)


def asinh(xp: Any, x: Any) -> Any:
    size = xp.abs(x)
    far = xp.greater(size, FAR)
    a = xp.where(far, 1.0, size)
    square = a * a
    near = xp.log1p(a + xp.div(square, 1.0 + xp.sqrt(1.0 + square)))
    return xp.sign(x) * xp.where(far, xp.log(xp.where(far, size, 1.0)) + LOG_2, near)


def acosh(xp: Any, x: Any) -> Any:
    far = xp.greater(x, FAR)
    a = xp.where(far, 1.0, x)
    t = a - 1.0
    return xp.where(far, xp.log(xp.where(far, x, 1.0)) + LOG_2, xp.log1p(t + xp.sqrt(t * (a + 1.0))))


def atanh(xp: Any, x: Any) -> Any:
    return 0.5 * (xp.log1p(x) - xp.log1p(-x))


def atan2(xp: Any, a: Any, b: Any) -> Any:
    upright, left = xp.equal(b, 0.0), xp.less(b, 0.0)
    slope = xp.atan(xp.div(a, xp.where(upright, 1.0, b)))
    turned = slope + xp.where(left, xp.where(xp.less(a, 0.0), -xp.pi, xp.pi), 0.0)
    return xp.where(upright, xp.sign(a) * (0.5 * xp.pi), turned)


def ceil(xp: Any, x: Any) -> Any:
    return -xp.floor(-x)


def trunc(xp: Any, x: Any) -> Any:
    return xp.where(xp.less(x, 0.0), xp.ceil(x), xp.floor(x))


def round_to_even(xp: Any, x: Any) -> Any:
    up = xp.floor(x + 0.5)
    odd = xp.where(xp.equal(up, 2.0 * xp.floor(0.5 * up)), 0.0, 1.0)
    return up - xp.where(xp.equal(up - x, 0.5), odd, 0.0)


def fmod(xp: Any, a: Any, b: Any) -> Any:
    return a - b * xp.trunc(xp.div(a, b))


ELEMENTARY: dict[str, Callable[..., Any]] = {
    "log2": log2, "log10": log10, "cbrt": cbrt, "asinh": asinh, "acosh": acosh, "atanh": atanh, "atan2": atan2,
    "ceil": ceil, "trunc": trunc, "round": round_to_even, "fmod": fmod,
}  # fmt: skip
