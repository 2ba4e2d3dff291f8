"""What a check found: for each derivative both numbers, the oracle's error, and one of four verdicts.

>>> from autograd_tiny.testing import check_gradients
>>> print(check_gradients(lambda x: x * x, 3.0))
agreed: df/dx = 6, to 15 digits (mpmath, 60 digits)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, inf, isfinite, log10
from typing import Any

from .oracles import EPS, Estimate

AGREED, DISAGREED = "agreed", "disagreed"
NOT_DIFFERENTIABLE, INCONCLUSIVE = "not differentiable here", "inconclusive"
WORST_FIRST = (NOT_DIFFERENTIABLE, DISAGREED, INCONCLUSIVE)

LEAST = 1e-2
"""An agreement is worth two digits at least: what is known less well than that is inconclusive."""

FLAT = 64.0 * EPS
"""A slope is none if moving the argument by its own size moves the value by this part of the value's own."""

MOST_DIGITS = 15


@dataclass(frozen=True)
class Comparison:
    """One derivative, ours and the oracle's."""

    names: tuple[str, ...]
    at: tuple[Any, ...]
    ours: float
    oracle: Estimate
    allowed: float
    """How far apart they may be: the oracle's error and what rounding can do to ours."""
    verdict: str
    why: str = ""
    whose: str = "reverse mode"
    of: str = ""
    """Which of several results it is the derivative of: ``[0]``, ``['loss']``."""

    @property
    def derivative(self) -> str:
        """``df/dx``, ``d²f/dx dy``, ``df[0]/dx``."""
        power = {1: "", 2: "²", 3: "³"}.get(len(self.names), f"^{len(self.names)}")
        return f"d{power}f{self.of}/" + " ".join(f"d{name}" for name in self.names)

    @property
    def within(self) -> float:
        """How far ``ours`` can be from the derivative, at most: so much the comparison is worth."""
        return distance(self.ours, self.oracle.value) + self.oracle.error

    @property
    def digits(self) -> int:
        """To how many digits ``ours`` is known to be the derivative; 0 if to none."""
        return digits_of(self.within, self.oracle.value)

    @property
    def passing(self) -> tuple[float, float]:
        """From where to where a gradient would not be told from the right one."""
        return self.oracle.value - self.allowed, self.oracle.value + self.allowed

    def lines(self) -> list[str]:
        """The comparison in words."""
        place = ", ".join(dict.fromkeys(f"{name} = {x!r}" for name, x in zip(self.names, self.at, strict=True)))
        if self.verdict == NOT_DIFFERENTIABLE:
            return [f"{self.derivative} at {place}: {self.why}"]
        width = max(len(self.whose), len(self.oracle.oracle))
        apart = abs(self.ours - self.oracle.value)
        found = [
            f"{self.derivative} at {place}",
            f"  {self.whose:<{width}}   {self.ours!r}",
            f"  {self.oracle.oracle:<{width}}   {self.oracle.value!r} ± {self.oracle.error:.1e}",
        ]
        if self.verdict == INCONCLUSIVE:
            return [*found, f"  {self.unsure}", f"  because {self.why}"]
        if self.verdict == AGREED:
            return [*found, f"  they agree {self.worth}"]
        why = f" ({self.why})" if self.why else ""
        return [*found, f"  they are {apart:.3g} apart; {self.allowed:.1e} is allowed{why}"]

    @property
    def unsure(self) -> str:
        """What an inconclusive comparison can tell all the same."""
        low, high = self.passing
        if not isfinite(self.allowed):
            return "any gradient would pass"
        return f"any gradient between {low:.2g} and {high:.2g} would pass"

    @property
    def worth(self) -> str:
        """What an agreement is worth, in words."""
        if self.digits:
            return f"to {self.digits} digit{'s' if self.digits > 1 else ''}"
        return f"that the slope is 0, to within {self.within:.1e}"

    def __str__(self) -> str:
        if self.verdict == AGREED:
            worth = self.worth.removeprefix("that ")
            return f"{AGREED}: {self.derivative} = {self.ours:.6g}, {worth} ({self.oracle.oracle})"
        if self.verdict == INCONCLUSIVE:
            return f"{INCONCLUSIVE}: {self.derivative} = {self.ours:.6g}: {self.unsure}: {self.why}"
        return f"{self.verdict}: {self.lines()[0]}"


def digits_of(within: float, value: float) -> int:
    """How many digits of ``value`` an error of ``within`` leaves."""
    if within == 0.0:
        return MOST_DIGITS
    if not isfinite(within) or not isfinite(value) or within >= abs(value):
        return 0
    return min(MOST_DIGITS, floor(-log10(within / abs(value))))


def distance(a: float, b: float) -> float:
    """How far apart two numbers are, infinite ones included."""
    return 0.0 if a == b else abs(a - b)


def judge(
    ours: float, oracle: Estimate, rounding: float, negligible: float, tolerance: float | None
) -> tuple[str, float]:
    """The verdict on a derivative that exists, and how far apart the two were allowed to be.

    ``rounding`` is what the arithmetic of whatever computed ``ours`` may do; a slope below ``negligible`` is none.
    """
    allowed = oracle.error + rounding
    if tolerance is not None:
        allowed = max(allowed, tolerance * abs(oracle.value))
    apart = distance(ours, oracle.value)
    if not isfinite(oracle.error):
        return INCONCLUSIVE, inf
    if not apart <= allowed:
        return DISAGREED, allowed
    if apart == oracle.error == 0.0 or apart + oracle.error <= max(LEAST, tolerance or 0.0) * abs(oracle.value):
        return AGREED, allowed
    none_left = oracle.exact and abs(oracle.value) <= oracle.error
    flat = max(abs(ours), abs(oracle.value)) + oracle.error <= max(negligible, oracle.negligible)
    return (AGREED if none_left or flat else INCONCLUSIVE), allowed


SHOWN = 200
"""So many comparisons a report prints; `comparisons` has all."""


@dataclass(repr=False)
class GradientReport:
    """Every comparison of one check, and the `case` that it was about."""

    case: Any
    comparisons: list[Comparison] = field(default_factory=list)
    gradient: Any = None
    """The gradient function on trial, if it is not ours."""
    picture: str = ""
    """Where a picture of the graph was written, once the message has been made."""

    @property
    def verdict(self) -> str:
        """The worst of them. A point where a derivative does not exist is no place to disagree."""
        found = {comparison.verdict for comparison in self.comparisons}
        return next((v for v in WORST_FIRST if v in found), AGREED)

    @property
    def failed(self) -> list[Comparison]:
        """The derivatives that have that verdict, if it is not that they agree."""
        return [c for c in self.comparisons if c.verdict == self.verdict != AGREED]

    @property
    def digits(self) -> int:
        """To how many digits the worst of the derivatives is known to be right."""
        return min((c.digits for c in self.comparisons), default=0)

    def __str__(self) -> str:
        left = len(self.comparisons) - SHOWN
        shown = [*map(str, self.comparisons[:SHOWN])]
        return "\n".join([*shown, f"… and {left:,} more; the worst is: {self.verdict}"] if left > 0 else shown)

    def __repr__(self) -> str:
        return f"<GradientReport of {len(self.comparisons):,} comparisons: {self.verdict}>"


class GradientError(AssertionError):
    """A derivative is not what the oracles say. The message is made when it is read: it draws a picture."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__()
        self.report = report
        self._message = ""

    def __str__(self) -> str:
        if not self._message:
            from .messages import explain

            self._message = explain(self.report)
        return self._message


class NotDifferentiable(GradientError):
    """The function has no derivative at the point: a kink, a jump or a pole, so that a check would say nothing."""


class Inconclusive(GradientError):
    """The oracles cannot tell: what they know of the derivative is less than two digits. The message says why."""
