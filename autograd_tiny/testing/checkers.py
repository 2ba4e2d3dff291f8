"""One derivative after another against the surest oracle there is, each with a verdict.

`Checker` has the oracles; its two kinds know whose derivatives are on trial: ours (`ours`) or those of another
engine's gradient function (`theirs`).
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from .cases import Case
from .domains import kinked
from .kinks import bent, kink_exactly, kink_of_floats, kink_within_rounding
from .oracles import DigitsLost, Estimate, Exact, along, from_floats
from .oracles.floats import ALL_ZERO, SMALL_WAVES
from .programs import Expression
from .verdicts import (
    AGREED,
    DISAGREED,
    FLAT,
    INCONCLUSIVE,
    NOT_DIFFERENTIABLE,
    Comparison,
    GradientReport,
    judge,
)

Index = tuple[int, ...]


class Checker:
    """The oracles for one case; subclasses know the derivatives that are on trial."""

    whose = "its gradient function"

    def __init__(self, case: Case, value: float, tolerance: float | None) -> None:
        self.case, self.value, self.tolerance = case, value, tolerance
        self.exact = Exact.of(case, value)
        self.report = GradientReport(case)

    def step_aside(self) -> None:
        """What to do when digits turn out to be lost at a point that an oracle has come to."""
        self.exact = None

    def along(self, index: Index) -> Callable[[float], float]:
        """What to difference for the derivative ``index``, as a function of the last variable's change."""
        return along(self.case, self.case.point, index[-1])

    def estimate(self, index: Index) -> Estimate:
        """The derivative as the surest oracle sees it."""
        if self.exact is not None:
            found = self.exact.derivative(index)
            if isfinite(found.error):
                return found
        return self.by_floats(index)

    def by_floats(self, index: Index) -> Estimate:
        """The derivative from values in floats alone."""
        return from_floats(self.case, index[0])

    def trouble(self, index: Index, estimate: Estimate) -> str:
        """Why there is no such derivative here; "" if there is, or if that cannot be told."""
        if self.exact is not None:
            return kink_exactly(self.exact, index)
        if estimate.trouble in (ALL_ZERO, SMALL_WAVES):  # there is nothing to see
            return ""
        return kink_of_floats(self.along(index), self.case.point[index[-1]])

    def own_noise(self, index: Index, estimate: Estimate, arithmetic: float) -> float:
        """What the rounding of the derivative on trial does to it, as measured; asked only where they are apart."""
        return 0.0

    def natural(self, i: int) -> float:
        """A slope at which the function moves by its own size as its argument does."""
        return abs(self.value) / max(abs(self.case.point[i]), 1.0)

    def compare(self, index: Index, ours: float, rounding: Callable[[Estimate], tuple[float, float]]) -> None:
        """One comparison more in the report.

        ``rounding`` tells from the oracle's estimate what rounding can do to ``ours``, and the natural slope.
        """
        try:
            self._compare(index, ours, rounding)
        except DigitsLost:
            self.step_aside()
            self._compare(index, ours, rounding)

    def _compare(self, index: Index, ours: float, rounding: Callable[[Estimate], tuple[float, float]]) -> None:
        estimate = self.estimate(index)
        why = self.trouble(index, estimate)
        arithmetic, natural = rounding(estimate)
        negligible = FLAT * natural if estimate.exact else 0.0
        verdict, allowed = judge(ours, estimate, arithmetic, negligible, self.tolerance)
        if verdict == DISAGREED and not why and self.exact is not None and self._branches:
            why = next(filter(None, (kink_within_rounding(self.exact, i) for i in index)), "")
        if verdict == DISAGREED and not why and (own := self.own_noise(index, estimate, arithmetic)):
            arithmetic += own
            verdict, allowed = judge(ours, estimate, arithmetic, negligible, self.tolerance)
        if why:
            verdict = NOT_DIFFERENTIABLE
        elif verdict == INCONCLUSIVE:
            why = self._unsure(estimate, arithmetic)
        else:
            why = f"the oracle's error {estimate.error:.1e}, rounding {arithmetic:.1e}"
        names, at = tuple(self.case.names[i] for i in index), tuple(self.case.point[i] for i in index)
        self.report.comparisons.append(
            Comparison(names, at, ours, estimate, allowed, verdict, why, self.whose, self.case.of)
        )

    def _unsure(self, estimate: Estimate, rounding: float) -> str:
        """The reason of an inconclusive comparison."""
        if estimate.trouble:
            return estimate.trouble
        if estimate.error > rounding:
            return f"noise: rounding, or what the function adds itself, leaves a slope of {estimate.error:.1e} unknown"
        return f"noise: rounding alone may put a gradient {rounding:.1e} off, which is most of it"

    @property
    def _branches(self) -> bool:
        """Whether there may be a kink: not in an expression of smooth operations."""
        f = self.case.f
        return not isinstance(f, Expression) or any(kinked(row) for row in f.rows)

    def bent(self) -> None:
        """The last question of the first order: do the slopes along the axes make a plane?"""
        if self.exact is None or self.report.verdict != AGREED:
            return
        try:
            why = bent(self.exact, [c.oracle.value for c in self.report.comparisons])
        except DigitsLost:  # off the axes only: nothing was said of what lies there
            return
        if why:
            first = self.report.comparisons[0]
            self.report.comparisons.append(
                Comparison((self._all,), (tuple(self.case.point),), first.ours, first.oracle, 0.0,
                           NOT_DIFFERENTIABLE, why, self.whose, self.case.of)
            )  # fmt: skip

    @property
    def _all(self) -> str:
        """All the variables under one name."""
        return f"({', '.join(self.case.names)})"

    def check(self, order: int) -> None:
        """Every derivative of this order."""
        raise NotImplementedError
