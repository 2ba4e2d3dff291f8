"""One truncated power series: coefficients that are computed when they are first asked for.

The arithmetic is the space's (`series.SeriesOver`), which knows what a coefficient is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .series import SeriesOver


class Series:
    """One power series; ``rule(k)`` computes the coefficient k once those before it are known."""

    __slots__ = ("known", "rule", "slopes", "space", "still")

    def __init__(self, space: SeriesOver, known: list[Any], rule: Callable[[int], Any]) -> None:
        self.space, self.known, self.rule = space, known, rule
        self.slopes: list[Any] = []
        """The coefficients of the derivative: (k + 1) · c of k + 1."""
        self.still = False
        """Whether it was found to be a number: all that it depends on is behind masks."""

    def at(self, k: int) -> Any:
        """The coefficient of t to the power k."""
        known = self.known
        while len(known) <= k:
            known.append(self.rule(len(known)))
        return known[k]

    def upto(self, k: int) -> list[Any]:
        """The coefficients 0 to k."""
        self.at(k)
        return self.known[: k + 1]

    def settle(self, k: int) -> list[Any]:
        """The coefficients 0 to k, and none after them: it lets go of the series that they were computed from.

        Else the last of a chain of series holds all, and they are freed one within the other, at the stack's expense.
        """
        found = self.upto(k)
        self.rule = _settled
        return found

    def slope_upto(self, k: int) -> list[Any]:
        """The coefficients 0 to k of the derivative."""
        slopes = self.slopes
        while len(slopes) <= k:
            j = len(slopes) + 1
            c = self.at(j)
            slopes.append(c if j == 1 else self.space.times(float(j), c))
        return slopes if len(slopes) == k + 1 else slopes[: k + 1]

    def __add__(self, other: Any) -> Any:
        return self.space.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return self.space.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return self.space.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.space.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return self.space.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.space.mul(other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.space.div(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.space.div(other, self)

    def __neg__(self) -> Any:
        return self.space.neg(self)


def _settled(k: int) -> Any:
    raise AssertionError(f"the coefficient {k} is asked for after the series was settled")


class Given(float):
    """A number of the user's graph: its 0 is no mask, and times an infinity not 0."""

    __slots__ = ()


def is_zero(x: Any) -> bool:
    return type(x) is float and x == 0.0


def is_one(x: Any) -> bool:
    return type(x) is float and x == 1.0


def folded_product(a: Any, b: Any) -> Any:
    """The product, without a term or node where a plain 0 or 1 decides it."""
    if is_zero(a) or is_zero(b):
        return 0.0
    return b if is_one(a) else a if is_one(b) else a * b


def folded_sum(a: Any, b: Any) -> Any:
    """The sum, without a term or node for a plain 0."""
    return b if is_zero(a) else a if is_zero(b) else a + b
