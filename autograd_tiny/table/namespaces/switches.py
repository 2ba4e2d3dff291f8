"""Numbers that know whether a choice fixed them: what tells the zero of a mask from a zero that just came out so.

A derivative of 0 towards an arm of ``where`` that was not taken, on relu's flat side, or towards a lost maximum is
*fixed*: whatever the operands do nearby, it stays 0, and so does every higher derivative. The 0 in x² at 0 is not: it
moves with x. So a rule runs here on numbers with one flag each, ``fixed``: literals and comparisons are, operands are
not, and what is computed is if all that it is computed from is.

>>> from autograd_tiny.table.ops import TABLE
>>> relu, square = TABLE["relu"].partials[0], TABLE["square"].partials[0]
>>> x = SWITCHES.operand(-1.0)
>>> relu(SWITCHES, x, SWITCHES.operand(0.0))
Switched(0.0, fixed=True)
>>> square(SWITCHES, SWITCHES.operand(0.0), SWITCHES.operand(0.0))
Switched(0.0, fixed=False)

`ANYWHERE` asks the same of all points at once: there ``fixed`` is None where it depends on the point.

>>> TABLE["leaky_relu"].partials[1](ANYWHERE, *[ANYWHERE.operand()] * 3).fixed is None
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, nan
from typing import Any

from .base import Namespace
from .floats import FLOATS, Floats

COMPARISONS = ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal")


class Switched:
    """A number, and whether the branches taken alone decide it (None: it depends on the point)."""

    __slots__ = ("fixed", "number")

    def __init__(self, number: float, fixed: bool | None) -> None:
        self.number, self.fixed = number, fixed

    def __repr__(self) -> str:
        return f"Switched({self.number!r}, fixed={self.fixed})"

    def __add__(self, other: Any) -> Switched:
        return _computed(FLOATS.add, self, other)

    def __radd__(self, other: Any) -> Switched:
        return _computed(FLOATS.add, other, self)

    def __sub__(self, other: Any) -> Switched:
        return _computed(FLOATS.sub, self, other)

    def __rsub__(self, other: Any) -> Switched:
        return _computed(FLOATS.sub, other, self)

    def __mul__(self, other: Any) -> Switched:
        return _product(self, switched(other))

    def __rmul__(self, other: Any) -> Switched:
        return _product(switched(other), self)

    def __truediv__(self, other: Any) -> Switched:
        return SWITCHES.div(self, other)

    def __rtruediv__(self, other: Any) -> Switched:
        return SWITCHES.div(other, self)

    def __neg__(self) -> Switched:
        return Switched(-self.number, self.fixed)


def switched(x: Any) -> Switched:
    """A plain number is a literal of the rule, which nothing moves."""
    return x if isinstance(x, Switched) else Switched(float(x), True)


def _all_fixed(xs: Sequence[Switched]) -> bool | None:
    """Whether what is computed from ``xs`` is fixed: if they all are; for all points, only if they are for all."""
    if all(x.fixed for x in xs):
        return True
    return False if any(x.fixed is False for x in xs) else None


def _computed(f: Callable[..., float], *operands: Any) -> Switched:
    xs = [switched(x) for x in operands]
    return Switched(f(*(x.number for x in xs)), _all_fixed(xs))


def _product(a: Switched, b: Switched) -> Switched:
    """A fixed 0 times anything finite is a fixed 0; at unknown points a fixed factor may be one."""
    number = a.number * b.number
    for zero, other in ((a, b), (b, a)):
        if zero.fixed and zero.number == 0.0 and isfinite(other.number):
            return Switched(number, True)
    fixed = _all_fixed((a, b))
    if fixed is False and any(x.fixed is not False and x.number != x.number for x in (a, b)):
        fixed = None
    return Switched(number, fixed)


class Each(tuple[Any, ...]):
    """What a rule made element by element: plain numbers in it are literals, in another vector they are operands."""

    __slots__ = ()


class Switches(Namespace):
    """The namespace of such numbers: at a point, or (`ANYWHERE`) at all of them."""

    pi = FLOATS.pi

    def __init__(self, at_a_point: bool) -> None:
        self.at_a_point = at_a_point

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in COMPARISONS:
            return lambda a, b: self._compared(getattr(FLOATS, name), a, b)
        if name in Floats.__dict__:
            return lambda *xs: _computed(getattr(FLOATS, name), *xs)
        return super().__getattr__(name)

    def operand(self, x: float = nan) -> Switched:
        """A number that may vary."""
        return Switched(x, False)

    def _compared(self, f: Callable[..., float], a: Any, b: Any) -> Switched:
        numbers = switched(a).number, switched(b).number
        return Switched(f(*numbers) if self.at_a_point else nan, True)

    def where(self, condition: Any, a: Any, b: Any) -> Switched:
        arms = switched(a), switched(b)
        if self.at_a_point:
            return arms[0] if switched(condition).number else arms[1]
        numbers, kinds = [arm.number for arm in arms], [arm.fixed for arm in arms]
        return Switched(numbers[0] if numbers[0] == numbers[1] else nan, kinds[0] if kinds[0] == kinds[1] else None)

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Switched:
        """An answer that is pinned at one point is no mask: nearby it is another."""
        return Switched(self.where(condition, pinned, usual).number, False)

    def sign(self, x: Any) -> Switched:
        """At 0, where |x| has its kink, 0 is a convention and no mask."""
        return _computed(lambda x: (x > 0.0) - (x < 0.0), x)

    def div(self, a: Any, b: Any) -> Switched:
        """A fixed 0 stays one."""
        a, b = switched(a), switched(b)
        quotient = FLOATS.div(a.number, b.number)
        if a.fixed and a.number == 0.0 and b.number != 0.0:
            return Switched(quotient, True)
        return Switched(quotient, None if a.fixed is not False and a.number != a.number else _all_fixed((a, b)))

    def each(self, f: Callable[[Any], Any], xs: Sequence[Any]) -> Each:
        return Each(map(f, xs))

    def sum_of(self, f: Callable[..., Any], *vectors: Sequence[Any]) -> Switched:
        return _computed(FLOATS.add, switched(super().sum_of(f, *vectors)), 0.0)


SWITCHES = Switches(at_a_point=True)
ANYWHERE = Switches(at_a_point=False)
