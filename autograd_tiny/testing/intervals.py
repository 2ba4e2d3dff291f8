"""Interval arithmetic: run on intervals, a rule of the table says where its result can lie.

So that a random expression stays inside every domain: what an operation is given is known to lie in an interval,
and where that sticks out of the domain the expression is squeezed, instead of drawn again.

>>> from autograd_tiny.table.ops import TABLE
>>> x = Interval(-2.0, 1.0)
>>> x * x, x - 1.0, TABLE["abs"].forward(INTERVALS, x)
(Interval(0.0, 4.0), Interval(-3.0, 0.0), Interval(0.0, 2.0))

The ends are rounded as floats round, not outwards: a domain's margin is wider than that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from math import inf, pi
from typing import Any

from ..table.namespaces import FLOATS
from ..table.namespaces.base import Namespace


class Interval:
    """The numbers from ``low`` to ``high``."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __repr__(self) -> str:
        return f"Interval({self.low!r}, {self.high!r})"

    @property
    def finite(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    def inside(self, low: float, high: float) -> bool:
        """Whether all of it lies strictly between ``low`` and ``high``."""
        return low < self.low and self.high < high

    def __add__(self, other: Any) -> Interval:
        other = as_interval(other)
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Any) -> Interval:
        other = as_interval(other)
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Any) -> Interval:
        if other is self:  # x * x in a rule is a square
            return _even(lambda x: x * x, self)
        other = as_interval(other)
        return hull([a * b if a and b else 0.0 for a in (self.low, self.high) for b in (other.low, other.high)])

    def __truediv__(self, other: Any) -> Interval:
        return INTERVALS.div(self, other)

    def __rtruediv__(self, other: Any) -> Interval:
        return INTERVALS.div(other, self)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __rsub__(self, other: Any) -> Interval:
        return as_interval(other) - self

    __radd__, __rmul__ = __add__, __mul__


def as_interval(x: Any) -> Interval:
    return x if isinstance(x, Interval) else Interval(float(x), float(x))


def hull(numbers: list[float]) -> Interval:
    """The interval from the least to the greatest; everything, if there is a nan among them."""
    if any(x != x for x in numbers):
        return Interval(-inf, inf)
    return Interval(min(numbers), max(numbers))


def _even(f: Callable[[float], float], x: Interval) -> Interval:
    """For a function that falls to 0 and rises from there."""
    return hull([f(x.low), f(x.high), *([f(0.0)] if x.low < 0.0 < x.high else [])])


def _wave(f: Callable[[float], float], x: Interval, crest: float) -> Interval:
    """For sine and cosine, greatest at ``crest`` and least half a turn on."""
    if not x.finite or x.high - x.low >= 2.0 * pi:
        return Interval(-1.0, 1.0)
    turns = range(math.ceil((x.low - crest) / pi), math.floor((x.high - crest) / pi) + 1)
    return hull([f(x.low), f(x.high), *((-1.0) ** (k % 2) for k in turns)])


def _monotone(name: str) -> Callable[..., Interval]:
    f = getattr(FLOATS, name)
    return lambda self, x: hull([f(as_interval(x).low), f(as_interval(x).high)])


def _comparison(name: str) -> Callable[..., Interval]:
    """1 or 0 where the intervals decide it, else from 0 to 1."""
    f = getattr(FLOATS, name)

    def compare(self: Intervals, a: Any, b: Any) -> Interval:
        a, b = as_interval(a), as_interval(b)
        answers = [f(p, q) for p in (a.low, a.high) for q in (b.low, b.high)]
        if name in ("equal", "not_equal") and a.high >= b.low and b.high >= a.low:
            answers += [0.0, 1.0]
        return hull(answers)

    return compare


class Intervals(Namespace):
    """The namespace of intervals."""

    pi = pi

    def add(self, a: Any, b: Any) -> Interval:
        return as_interval(a) + as_interval(b)

    def sub(self, a: Any, b: Any) -> Interval:
        return as_interval(a) - as_interval(b)

    def div(self, a: Any, b: Any) -> Interval:
        b = as_interval(b)
        if b.low <= 0.0 <= b.high:
            return Interval(-inf, inf)
        return as_interval(a) * hull([1.0 / b.low, 1.0 / b.high])

    def pow(self, a: Any, b: Any) -> Interval:
        """Of a positive base monotone in either, so that the corners decide."""
        a, b = as_interval(a), as_interval(b)
        if a.low <= 0.0:
            return Interval(-inf, inf)
        return hull([FLOATS.pow(x, y) for x in (a.low, a.high) for y in (b.low, b.high)])

    def abs(self, x: Any) -> Interval:
        return _even(math.fabs, as_interval(x))

    def cosh(self, x: Any) -> Interval:
        return _even(FLOATS.cosh, as_interval(x))

    def sin(self, x: Any) -> Interval:
        return _wave(FLOATS.sin, as_interval(x), pi / 2.0)

    def cos(self, x: Any) -> Interval:
        return _wave(FLOATS.cos, as_interval(x), 0.0)

    def tan(self, x: Any) -> Interval:
        x = as_interval(x)
        if math.floor(x.low / pi + 0.5) != math.floor(x.high / pi + 0.5):
            return Interval(-inf, inf)  # a pole between
        return hull([FLOATS.tan(x.low), FLOATS.tan(x.high)])

    def fmod(self, a: Any, b: Any) -> Interval:
        size = max(abs(as_interval(b).low), abs(as_interval(b).high))
        return Interval(-size, size)

    def atan2(self, y: Any, x: Any) -> Interval:
        """Above the x axis the corners decide; elsewhere there is the jump to the left of 0."""
        y, x = as_interval(y), as_interval(x)
        if y.low <= 0.0:
            return Interval(-pi, pi)
        return hull([FLOATS.atan2(a, b) for a in (y.low, y.high) for b in (x.low, x.high)])

    def hypot(self, a: Any, b: Any) -> Interval:
        return self.norm([a, b])

    def norm(self, xs: Any) -> Interval:
        sizes = [self.abs(x) for x in xs]
        return Interval(FLOATS.norm([x.low for x in sizes]), FLOATS.norm([x.high for x in sizes]))

    def lgamma(self, x: Any) -> Interval:
        x = as_interval(x)
        if x.low <= 0.0:
            return Interval(-inf, inf)
        lowest = min(max(1.4616321449683622, x.low), x.high)
        return hull([FLOATS.lgamma(x.low), FLOATS.lgamma(x.high), FLOATS.lgamma(lowest)])

    def polygamma(self, n: Any, x: Any) -> Interval:
        n, x = as_interval(n), as_interval(x)
        if x.low <= 0.0:
            return Interval(-inf, inf)
        return hull([FLOATS.polygamma(m, at) for m in (n.low, n.high) for at in (x.low, x.high)])

    def spherical_jn(self, n: Any, x: Any) -> Interval:
        return Interval(-1.0, 1.0)

    def where(self, condition: Any, a: Any, b: Any) -> Interval:
        given, yes, no = as_interval(condition), as_interval(a), as_interval(b)
        if given.low > 0.0 or given.high < 0.0:
            return yes
        if given.low == given.high == 0.0:
            return no
        return hull([yes.low, yes.high, no.low, no.high])

    def largest(self, xs: Any) -> Interval:
        xs = list(map(as_interval, xs))
        return Interval(max(x.low for x in xs), max(x.high for x in xs))

    def smallest(self, xs: Any) -> Interval:
        xs = list(map(as_interval, xs))
        return Interval(min(x.low for x in xs), min(x.high for x in xs))


for _name in ("exp", "expm1", "log", "log1p", "sqrt", "asin", "acos", "atan", "sinh", "tanh", "erf", "erfc", "log2",
              "log10", "cbrt", "asinh", "acosh", "atanh", "floor", "ceil", "trunc", "round", "digamma",
              "erfinv"):  # fmt: skip
    setattr(Intervals, _name, _monotone(_name))
for _name in ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal"):
    setattr(Intervals, _name, _comparison(_name))

INTERVALS = Intervals()
