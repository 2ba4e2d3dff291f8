"""The gradient function of another engine, or written by hand, on trial: a function of floats.

>>> from autograd_tiny.testing.cases import Case
>>> checker = Theirs(Case(lambda x: x * x, (3.0,), foreign=True), [6.0], tolerance=None)
>>> checker.check(1)
>>> checker.report.verdict
'agreed'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from ..core import Value
from ..core.operands import is_number
from ..errors import article, shorten
from .cases import Case
from .checkers import Checker
from .nesting import scalars
from .oracles import EPS, Estimate, along, granularity, scales
from .oracles.digits import lost
from .oracles.lifting import lifted
from .programs import Expression
from .rounding import rounding_bound, sweep_bounds

MILLIONTH = 1e-6 / (64.0 * EPS)


class Theirs(Checker):
    """A function of floats with a gradient of its own, ``given`` as one number for each that is varied."""

    def __init__(
        self, case: Case, given: Sequence[float], tolerance: float | None,
        gradient: Callable[..., Any] | None = None, row: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(case, case.value(case.point), tolerance)
        self.given, self.gradient, self.row = given, gradient, row
        self.swept = [0.0] * len(case.point)
        self.noise: float | None = None
        if isinstance(case.f, Expression):  # its paths are known, and so what is lost where they cancel
            leaves = [Value(x) for x in case.point]
            root = case.record(leaves)
            self.swept = sweep_bounds(root, leaves)
            self.noise = 0.25 * rounding_bound(root)

    def check(self, order: int) -> None:
        for i, found in enumerate(self.given):
            self.compare((i,), found, lambda estimate, i=i: self._rounding(i, estimate))  # type: ignore[misc]
        self.bent()

    def _rounding(self, i: int, estimate: Estimate) -> tuple[float, float]:
        """What rounding may do in an engine of which nothing is known, and the natural slope.

        A few dozen roundings of the gradient and of the function, and the noise of the function in excess of that:
        where it cancels, its gradient does too.
        """
        x = self.case.point[i]
        noise = self.noise
        if noise is None:
            noise = granularity(along(self.case, self.case.point, i), scales(x)[-1])
        excess = max(0.0, noise - 8.0 * EPS * abs(self.value))
        size = abs(estimate.value) + self.natural(i)
        if self.exact is not None:
            second = self.exact.derivative((i, i))
            bends = abs(second.value * x)
            if not isfinite(second.error):  # near a singularity it is known roughly: no more than a millionth for that
                bends = min(bends, MILLIONTH * abs(estimate.value)) if isfinite(bends) else 0.0
            size += bends
        rounding = 64.0 * (EPS * size + excess / max(abs(x), 1.0)) + 4.0 * self.swept[i] + 1e-300
        # A tail that is given as 0 is right to the last place of the value. One that is given as some other number
        # is let off only where the terms that it is a sum of are known.
        known = isinstance(self.case.f, Expression) or self.given[i] == 0.0
        return rounding, max(self.natural(i) if known else 0.0, self.swept[i] / EPS)

    def own_noise(self, index: tuple[int, ...], estimate: Estimate, arithmetic: float) -> float:
        """How far the gradient function is from itself in 60 digits, if it is right there.

        Its formula may cancel, as ``2 acos(x) / sqrt(1 - x*x)`` does beside 1, where the function does not.
        """
        if self.exact is None or self.gradient is None:
            return 0.0
        (i,), context = index, self.exact.context
        try:
            lost(self.exact.xp)
            found = self.case.call(self.exact.point, lifted(self.gradient, context))
            floats_on_the_way = lost(self.exact.xp)
            precise = context.mpf(scalars(found)[self.row * len(self.case.point) + i])
            if floats_on_the_way or abs(precise - estimate.value) > estimate.error + arithmetic:
                return 0.0
            return float(abs(precise - self.given[i]))
        except Exception:  # the user's function, on numbers that it may not be made for
            return 0.0


def ask(gradient: Callable[..., Any], cases: Sequence[Case]) -> list[list[float]]:
    """What a gradient function gives: for each result of ``f`` a number for each argument that is varied.

    What it raises comes through, with the point noted on it.
    """
    case = cases[0]
    try:
        given = gradient(*case.args, **case.named)
    except Exception as error:
        if not getattr(error, "__notes__", None):
            error.add_note(f"raised by the gradient function at {case.place(case.point)}")
        raise
    flat = [getattr(x, "data", x) if not is_number(x) else x for x in scalars(given)]
    n, results = len(case.point), len(cases)
    if len(flat) != n * results:
        names = ", ".join(case.names[:6]) + (" …" if n > 6 else "")
        expected = "a float for one argument, else a sequence with one for each"
        if results > 1:
            places = ", ".join(c.of for c in cases[:6])
            expected = f"for each of the {results} results ({places}) in turn, {expected}"
        hint = "; keyword arguments are held fixed: name in wrt those to vary" if case.named else ""
        raise ValueError(f"gradient gave {len(flat)} numbers for {n * results} ({names}): expected {expected}{hint}")
    for k, x in enumerate(flat):
        if not is_number(x):
            name = case.names[k % n]
            raise TypeError(f"gradient gave {shorten(x)}, {article(type(x).__name__)}, for {name}: expected a number")
    numbers = [float(x) for x in flat]
    return [numbers[k * n : (k + 1) * n] for k in range(results)]
