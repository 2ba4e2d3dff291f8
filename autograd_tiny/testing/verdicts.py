"""What a check found: for each derivative both numbers, the oracle's error, and one of three verdicts.

>>> from autograd_tiny.testing import check_gradients
>>> print(check_gradients(lambda x: x * x, 3.0))
agreed: df/dx = 6, mpmath, 60 digits
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .oracles import Estimate

AGREED, DISAGREED, NOT_DIFFERENTIABLE = "agreed", "disagreed", "not differentiable here"


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

    @property
    def derivative(self) -> str:
        """``df/dx``, ``d²f/dx dy``."""
        power = {1: "", 2: "²", 3: "³"}.get(len(self.names), f"^{len(self.names)}")
        return f"d{power}f/" + " ".join(f"d{name}" for name in self.names)

    def lines(self) -> list[str]:
        """The comparison in words."""
        place = ", ".join(dict.fromkeys(f"{name} = {x!r}" for name, x in zip(self.names, self.at, strict=True)))
        if self.verdict == NOT_DIFFERENTIABLE:
            return [f"{self.derivative} at {place}: {self.why}"]
        width = max(len(self.whose), len(self.oracle.oracle))
        apart = abs(self.ours - self.oracle.value)
        return [
            f"{self.derivative} at {place}",
            f"  {self.whose:<{width}}   {self.ours!r}",
            f"  {self.oracle.oracle:<{width}}   {self.oracle.value!r} ± {self.oracle.error:.1e}",
            f"  they are {apart:.3g} apart; {self.allowed:.1e} is allowed" + (f" ({self.why})" if self.why else ""),
        ]


@dataclass
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
        return next((v for v in (NOT_DIFFERENTIABLE, DISAGREED) if v in found), AGREED)

    @property
    def failed(self) -> list[Comparison]:
        """The derivatives that disagree, or that there are none of."""
        return [c for c in self.comparisons if c.verdict == self.verdict != AGREED]

    def __str__(self) -> str:
        lines = [
            f"{c.verdict}: {c.derivative} = {c.ours:.6g}, {c.oracle.oracle}" if c.verdict == AGREED else
            f"{c.verdict}: {c.lines()[0]}" for c in self.comparisons
        ]  # fmt: skip
        return "\n".join(lines)


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
