"""Truncated power series over any other namespace: with them a row's rules give derivatives of every order.

``x(t) = c₀ + c₁t + c₂t² + …``. What a row does to one follows from its partials alone: y' = Σ ∂y/∂xᵢ · xᵢ', and a
coefficient of y needs those of the partials up to the one before. The partials are series too, and each coefficient is
computed when it is first asked for, so that rules may go round in circles (sin' is cos, cos' is -sin; exp' is exp
itself): a row applied to the same operands is the same series. Products, quotients and powers are spelled out, since
their rules would lead to ever new series.

>>> from autograd_tiny.table.namespaces import FLOATS
>>> xp = SeriesOver(FLOATS)
>>> y = xp.sin(xp.exp(xp.variable(0.0)))
>>> y.upto(2) == [y.at(0), y.at(1), y.at(2)], y.at(1) == FLOATS.cos(1.0)
(True, True)

A number that is no series is a constant, and so are comparisons: a constant 0.0 out of one is a mask, and takes no part
in a product, infinite as the other factor may be. A 0 that the user wrote is `Given` and does. Over `Source` a
coefficient is code.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from math import isfinite, log
from typing import Any

from ..ops import TABLE
from ..primitive import Primitive, Rule
from .base import Namespace
from .coefficients import Series, folded_product, folded_sum, is_one, is_zero
from .floats import FLOATS

COMPARISONS = ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal", "sign")


def _vanishes(x: float, exponent: float | None) -> bool:
    """Whether a power is so small that its digits are gone, from which the recurrence would make all others."""
    return exponent is not None and exponent * log(abs(x)) < SMALLEST


SMALLEST = -600.0
"""The logarithm of a number far above the least float."""


class SeriesOver(Namespace):
    """The namespace of series with coefficients of the namespace ``base``.

    ``numeric``: whether these are numbers, whose zeros may meet infinities and whose conditions decide at once.
    """

    def __init__(self, base: Any, numeric: bool = True) -> None:
        self.base, self.numeric = base, numeric
        self.pi = base.pi
        self.times: Callable[[Any, Any], Any] = operator.mul if numeric else folded_product
        self.plus: Callable[[Any, Any], Any] = operator.add if numeric else folded_sum
        self._made: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        if row is None:
            raise AttributeError(f"a rule called xp.{name}, which is no primitive")
        if name in COMPARISONS:
            return lambda *xs: getattr(self.base, name)(*map(first, xs))
        return lambda *xs: self.apply(row, xs)

    def number(self, x: Any) -> float | None:
        """A coefficient as a number, where one is decided on here and now; None where it stands for many."""
        return x if self.numeric else None

    def variable(self, at: Any, direction: Any = 1.0) -> Series:
        """at + direction · t."""
        return Series(self, [at, direction], lambda k: 0.0)

    def _once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What was made for the same operands before; they are kept alive, so that no other has their identity."""
        known = tuple(x if isinstance(x, str) else _told_apart(x) if isinstance(x, float) else id(x) for x in key)
        if known not in self._made:
            self._made[known] = make(), key
        return self._made[known][0]

    def _dot(self, xs: Sequence[Any], ys: Sequence[Any]) -> Any:
        """Σ x·y, one sequence from its front and the other from its end."""
        return reduce(self.plus, map(self.times, xs, reversed(ys)))

    # What cannot be left to the partials

    def add(self, a: Any, b: Any) -> Any:
        if not isinstance(a, Series):
            if not isinstance(b, Series):
                return self.plus(a, b)
            return b if is_zero(a) and not self.numeric else Series(self, [self.plus(a, b.at(0))], b.at)
        if not isinstance(b, Series):
            return a if is_zero(b) and not self.numeric else Series(self, [self.plus(a.at(0), b)], a.at)
        return Series(self, [], lambda k: self.plus(a.at(k), b.at(k)))

    def sub(self, a: Any, b: Any) -> Any:
        if not isinstance(b, Series):
            return Series(self, [a.at(0) - b], a.at) if isinstance(a, Series) else a - b
        if not isinstance(a, Series):
            return Series(self, [a - b.at(0)], lambda k: self._minus(b.at(k)))
        return Series(self, [], lambda k: self.plus(a.at(k), self._minus(b.at(k))) if k else a.at(0) - b.at(0))

    def _minus(self, x: Any) -> Any:
        return x if is_zero(x) and not self.numeric else -x

    def neg(self, a: Any) -> Any:
        if not isinstance(a, Series):
            return -a

        def negated() -> Series:
            b = Series(self, [], lambda k: self._minus(a.at(k)))
            self._made["neg", id(b)] = a, ("neg", b)  # -(-x) is x: sigmoid' has the sigmoid of -x
            return b

        return self._once(("neg", a), negated)

    def mul(self, a: Any, b: Any) -> Any:
        if not isinstance(a, Series) and not isinstance(b, Series):
            return self.times(a, b)
        for factor, other in ((a, b), (b, a)):
            if not isinstance(factor, Series):
                return self._scaled(factor, other, a is factor)
        return self._once(("mul", a, b), lambda: Series(self, [], lambda k: self._dot(a.upto(k), b.upto(k))))

    def _scaled(self, factor: Any, series: Series, left: bool) -> Any:
        if is_zero(factor):
            return 0.0
        if is_one(factor):
            return series
        if left:
            return Series(self, [], lambda k: self.times(factor, series.at(k)))
        return Series(self, [], lambda k: self.times(series.at(k), factor))

    def div(self, a: Any, b: Any) -> Any:
        if not isinstance(b, Series):
            if not isinstance(a, Series):
                return self.base.div(a, b)
            return Series(self, [], lambda k: 0.0 if is_zero(a.at(k)) and k else self.base.div(a.at(k), b))
        if is_zero(a):
            return 0.0

        def quotient() -> Series:
            q: list[Any] = []

            def coefficient(k: int) -> Any:
                top = a.at(k) if isinstance(a, Series) else 0.0 if k else a
                if k:
                    top = self.plus(top, self._minus(self._dot(b.upto(k)[1:], q)))
                return 0.0 if is_zero(top) and not self.numeric else self.base.div(top, b.at(0))

            return Series(self, q, coefficient)

        return self._once(("div", a, b), quotient)

    def pow(self, a: Any, b: Any) -> Any:
        if not isinstance(a, Series) and not isinstance(b, Series):
            return self.base.pow(a, b)
        at = self.number(first(a))
        if at is not None and not isinstance(b, Series):
            if at != 0.0 and not _vanishes(at, self.number(b)):
                return self._once(("pow", a, b), lambda: self._power(a, b))
            if isinstance(b, (float, int)) and b >= 0 and b == int(b):
                return self._whole_power(a, int(b))
        if at is not None and at > 0.0 and isinstance(b, Series):
            return self._once(("pow", a, b), lambda: self._exponential(self.base.pow(at, b.at(0)), b * self.log(a)))
        return self.apply(TABLE["pow"], (a, b))

    def _power(self, a: Series, b: Any) -> Series:
        """a^b, from a · y' = b · a' · y: k a₀ yₖ = Σ (j b - (k - j)) aⱼ yₖ₋ⱼ."""
        y = [self.base.pow(a.at(0), b)]

        def coefficient(k: int) -> Any:
            weights = [self.times(self.plus(self.times(float(j), b), float(j - k)), a.at(j)) for j in range(1, k + 1)]
            return self.base.div(self._dot(weights, y), self.times(float(k), a.at(0)))

        return Series(self, y, coefficient)

    def _whole_power(self, a: Any, n: int) -> Any:
        """A power by products, which hold at 0 too."""
        found: Any = 1.0
        while n:
            if n & 1:
                found = found * a
            n >>= 1
            if n:
                a = a * a
        return found

    def _exponential(self, at: Any, logs: Any) -> Any:
        """e^logs, its first coefficient given."""
        if not isinstance(logs, Series):
            return at
        y = [at]
        return Series(self, y, lambda k: self._shared(self._dot(logs.slope_upto(k - 1), y), k))

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        condition = first(condition)
        decided = self.number(condition)
        if decided is not None:
            return a if decided else b
        if not isinstance(a, Series) and not isinstance(b, Series):
            return self.base.where(condition, a, b)
        return self._apart(self.base.where, condition, a, b)

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Any:
        condition = first(condition)
        if not isinstance(pinned, Series) and not isinstance(usual, Series):
            return self.base.edge(condition, pinned, usual)
        decided = self.number(condition)
        if decided is not None:
            return pinned if decided else usual
        return self._apart(self.base.edge, condition, pinned, usual)

    def corner(self, condition: Any, pinned: Callable[[], Any], usual: Any) -> Any:
        return self.edge(condition, pinned(), usual) if not self.numeric or first(condition) else usual

    def _apart(self, choose: Callable[..., Any], condition: Any, a: Any, b: Any) -> Series:
        """A choice for each coefficient."""

        def coefficient(k: int) -> Any:
            arms = [x.at(k) if isinstance(x, Series) else 0.0 if k else x for x in (a, b)]
            return 0.0 if k and all(map(is_zero, arms)) else choose(condition, *arms)

        return Series(self, [], coefficient)

    def abs(self, x: Any) -> Any:
        return self.apply(TABLE["abs"], (x,)) if isinstance(x, Series) else self.base.abs(x)

    # What is left to them

    def identity(self, x: Any) -> Any:
        return x

    def apply(self, row: Primitive, operands: Sequence[Any], at: Any = None) -> Any:
        """A row applied to operands (vectors, of a variadic row), by its partials; ``at`` is its value, if known."""
        flat = [x for xs in operands for x in xs] if row.variadic else operands
        if not any(isinstance(x, Series) for x in flat):
            return row.forward(self.base, *operands) if at is None else at
        return self._once((row.name, *flat), lambda: self._derived(row, operands, flat, at))

    def _derived(self, row: Primitive, operands: Sequence[Any], flat: Sequence[Any], at: Any) -> Series:
        if at is None:
            starts = [[*map(first, xs)] for xs in operands] if row.variadic else [*map(first, operands)]
            at = row.forward(self.base, *starts)
        pairs: list[tuple[Any, Any]] = []

        def coefficient(k: int) -> Any:
            if k == 1:
                derived: list[Any] = [
                    rule(self, *operands, y) if row.variadic or isinstance(x, Series) else 0.0
                    for rule, x in zip(row.partials, operands, strict=True)
                ]
                slopes = [slope for slopes in derived for slope in slopes] if row.variadic else derived
                if not row.variadic:
                    slopes = [
                        self._checked(rule, p, operands, at) for rule, p in zip(row.partials, slopes, strict=True)
                    ]
                pairs.extend((x, p) for x, p in zip(flat, slopes, strict=True) if isinstance(x, Series))
            terms = [self._sent(x, p, k) for x, p in pairs if not is_zero(p)]
            y.still = not terms
            return reduce(self.plus, terms) if terms else 0.0

        y = Series(self, [at], coefficient)
        return y

    def _checked(self, rule: Rule, p: Any, operands: Sequence[Any], at: Any) -> Any:
        """The derivative, which is not 0 where a constant 0 was taken for a mask and there is none."""
        numbers = [self.number(first(x)) for x in (*operands, at)] if is_zero(p) else [None]
        if None in numbers:
            return p
        found = rule(FLOATS, *numbers)
        return p if isfinite(found) else found

    def _sent(self, x: Series, p: Any, k: int) -> Any:
        """What the derivative p by the operand x adds to the coefficient k."""
        if not isinstance(p, Series):
            return x.at(k) if is_one(p) else self.times(x.at(k), p)
        return self._shared(self._dot(x.slope_upto(k - 1), p.upto(k - 1)), k)

    def _shared(self, total: Any, k: int) -> Any:
        """A coefficient of an integral."""
        return total if k == 1 or (is_zero(total) and not self.numeric) else self.base.div(total, float(k))


def _told_apart(x: float) -> Any:
    """The number, or what tells 0, -0 and the user's zeros apart, which are equal."""
    return x if x else (type(x), repr(x))


def first(x: Any) -> Any:
    """The number that a series starts from, or the number itself."""
    return x.at(0) if isinstance(x, Series) else x
