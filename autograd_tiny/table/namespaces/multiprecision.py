"""mpmath numbers at a precision of one's choice: the oracle that tests compare everything else with.

>>> from autograd_tiny.table.ops import TABLE
>>> xp = multiprecision(60)
>>> print(xp.context.nstr(TABLE["tanh"].partials[0](xp, xp.context.mpf(18), None), 20))
9.2780913209742732491e-16
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from .base import Namespace

MOST_KEPT, MOST_BITS = 1000, 500


class MultiPrecision(Namespace):
    """The namespace of one mpmath context, at whatever precision that has when a rule runs."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.known: dict[Any, Any] = {}
        """What took long, by what was asked."""

    @property
    def pi(self) -> Any:
        return +self.context.pi

    def __getattr__(self, name: str) -> Any:
        own = "context" in self.__dict__ and getattr(self.context, name, None)
        return own or super().__getattr__(name)

    def lift(self, x: Any) -> Any:
        return self.context.mpf(x)

    def add(self, a: Any, b: Any) -> Any:
        return a + b

    def sub(self, a: Any, b: Any) -> Any:
        return a - b

    def div(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a) / b

    def pow(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a) ** b

    def log2(self, x: Any) -> Any:
        return self.context.log(x, 2)

    def cbrt(self, x: Any) -> Any:
        return self.context.sign(x) * self.context.cbrt(abs(x))  # mpmath's is the complex root

    def round(self, x: Any) -> Any:
        return self.context.nint(x)

    def trunc(self, x: Any) -> Any:
        return self.context.floor(x) if x >= 0 else self.context.ceil(x)

    def fmod(self, a: Any, b: Any) -> Any:
        """With the sign of ``a``; mpmath's has that of ``b``."""
        return a - b * self.trunc(self.context.mpf(a) / b)

    def sinc(self, x: Any) -> Any:
        """numpy's, of πx."""
        return self.context.sincpi(x)

    def _kept(self, name: str, f: Callable[..., Any], *operands: Any) -> Any:
        """``f`` of the operands, remembered, and to `MOST_BITS` at most: with hundreds of digits it takes a second, and
        differences along other variables ask for it again and again.
        """
        prec = min(self.context.prec, MOST_BITS)
        key = (name, prec, *(self.context.mpf(x)._mpf_ for x in operands))
        if key not in self.known:
            if len(self.known) > MOST_KEPT:
                self.known.clear()
            with self.context.workprec(prec):
                self.known[key] = f(*operands)
        return self.known[key]

    def lgamma(self, x: Any) -> Any:
        return self._kept("lgamma", lambda x: self.context.log(abs(self.context.gamma(x))), x)

    def digamma(self, x: Any) -> Any:
        return self._kept("digamma", self.context.digamma, x)

    def erfinv(self, x: Any) -> Any:
        return self._kept("erfinv", self.context.erfinv, x)

    def polygamma(self, n: Any, x: Any) -> Any:
        order = int(self.context.nint(n))
        return self._kept("polygamma", self.context.psi, order, x)

    def spherical_jn(self, n: Any, x: Any) -> Any:
        m, x = int(self.context.nint(n)), self.context.mpf(x)
        return x**m / self.context.fac2(2 * m + 1) * self.context.hyp0f1(m + 1.5, -x * x / 4)

    def abs(self, x: Any) -> Any:
        return abs(x)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        return a if condition else b

    def greater(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a > b)

    def less(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a < b)

    def greater_equal(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a >= b)

    def less_equal(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a <= b)

    def equal(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a == b)

    def not_equal(self, a: Any, b: Any) -> Any:
        return self.context.mpf(a != b)


def multiprecision(digits: int = 60) -> MultiPrecision:
    """A namespace that computes with ``digits`` decimal digits."""
    context = mpmath.MPContext()
    context.dps = digits
    return MultiPrecision(context)
