"""Oracles: derivatives found without a derivative rule, each with an estimate of its own error.

Three, from the most to the least exact: central differences in 60 digits, for what runs on mpmath numbers; the
complex step, for what runs on complex numbers; Richardson-extrapolated central differences on floats, for
anything. What depends on floats alone is as good as the floats allow, and says how good that is.

>>> estimate = richardson(lambda t: (1.0 + t) ** 3, 1.0)
>>> abs(estimate.value - 3.0) <= estimate.error < 1e-9
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise, product
from math import frexp, inf, isfinite, ldexp, nan
from typing import Any

from ..namespaces.multiprecision import multiprecision
from .cases import Case
from .programs import Expression

EPS = 2.0**-52
DIGITS = 60

sixty_digits = cache(lambda: multiprecision(DIGITS))
"""The namespace of the exact oracle, made once: an mpmath context takes longer to make than a check."""


@dataclass(frozen=True)
class Estimate:
    """A derivative as an oracle sees it. ``trouble`` says why there is none, where there is none."""

    value: float
    error: float
    oracle: str
    trouble: str = ""


class Exact:
    """Central differences of ``case`` in 60-digit arithmetic, with steps around 1e-20."""

    name = f"mpmath, {DIGITS} digits"

    def __init__(self, case: Case) -> None:
        self.case = case
        self.xp = sixty_digits()
        self.context = self.xp.context
        self.point = [self.context.mpf(x) for x in case.point]
        self.known: dict[Any, Any] = {}

    def at(self, offsets: tuple[Any, ...]) -> Any:
        """The value at the point moved by ``offsets``; None where there is no finite real one."""
        if offsets not in self.known:
            xs = [x + d for x, d in zip(self.point, offsets, strict=True)]
            f = self.case.f
            try:
                out = f.on(self.xp, xs) if isinstance(f, Expression) else self.case.call(xs)
                out = out if isinstance(out, self.context.mpf) else self.context.mpf(out)
            except (ArithmeticError, ValueError, TypeError):  # TypeError: a complex number, off a domain
                out = None
            self.known[offsets] = out if out is not None and self.context.isfinite(out) else None
        return self.known[offsets]

    @staticmethod
    def of(case: Case, value: float) -> Exact | None:
        """The oracle, or None for a function that does not run on mpmath numbers or then computes something else."""
        oracle = Exact(case)
        try:
            f = case.f
            here = f.on(oracle.xp, oracle.point) if isinstance(f, Expression) else case.call(oracle.point)
        except Exception:  # the user's function, on numbers it may not be made for: whatever it says, it cannot
            return None
        if isinstance(f, Expression):
            here = oracle.context.mpf(here)  # a branch may give the rule's own plain 0
        if not isinstance(here, oracle.context.mpf) or not abs(here - value) <= 1e-6 * (1.0 + abs(value)):
            return None
        oracle.known[(0,) * len(oracle.point)] = here
        return oracle

    def difference(self, index: Sequence[int], steps: Sequence[Any], sides: Sequence[int] | None = None) -> Any:
        """The difference quotient for the derivative ``index``: central, or one-sided where ``sides`` says so."""
        total = self.context.mpf(0)
        halves = [((1, 1), (-1, -1)) if sides is None else ((sides[i], 1), (0, -1)) for i in index]
        for choice in product(*halves):
            offsets, weight = [self.context.mpf(0)] * len(self.point), 1
            for i, (move, sign) in zip(index, choice, strict=True):
                offsets[i] += move * steps[i]
                weight *= sign
            value = self.at(tuple(offsets))
            if value is None:
                return None
            total += weight * value
        for i in index:
            total /= (2 if sides is None else sides[i]) * steps[i]
        return total

    def precise(self) -> bool:
        """Whether the function keeps the digits it is given: ``math.tanh`` of an mpmath number has 16 of them left.

        Then it stands still over steps of 1e-20, and its slope is not that over one of the larger steps here.
        """
        for i, x in enumerate(self.point):
            here = self.derivative((i,))
            slopes = []
            for size in (max(abs(x), 1), abs(x)):
                for k in (4, 6, 8, 10, 12, 14):
                    h = [size * self.context.mpf(10) ** -k] * len(self.point)
                    slope = self.difference((i,), h) if size else None
                    if slope is not None:
                        slopes.append(float(slope))
            near = any(abs(slope - here.value) <= 1e-3 * abs(slope) for slope in slopes)
            falling = bool(slopes) and abs(slopes[5 if len(slopes) > 5 else -1]) < 1e-3 * abs(slopes[0])
            if slopes and isfinite(here.error) and not near and not falling:
                return False
        return True

    def steps(self, order: int, relative: bool) -> list[Any]:
        """A step for each variable: 1e-20 or so, of the variable's size or of 1 if that is larger."""
        h = self.context.mpf(10) ** -(DIGITS // (order + 2))
        return [h * (abs(x) or h) if relative else h * max(abs(x), 1) for x in self.point]

    def derivative(self, index: Sequence[int]) -> Estimate:
        """The derivative with respect to the variables ``index``, one after the other."""
        best = Estimate(nan, inf, self.name, "it is not defined on both sides")
        for relative in (False, True):
            found = self._settled(index, self.steps(len(index), relative))
            if found.error < best.error:
                best = found
            if best.error <= 1e-20 * abs(best.value) or (best.value == 0.0 == best.error):
                break
        return best

    @cached_property
    def rounding(self) -> Any:
        """How far 60 digits' own rounding moves the value, which what is computed on the way may exceed by far.

        From fourth differences over steps too small for anything else; what is as large as a jump is one, and not
        rounding.
        """
        noise, limit = self.context.mpf(0), self.context.mpf(10) ** -(DIGITS - 20)
        for stride in (1.37, 2.59, 3.83):  # a single one can happen to fall on numbers that need no rounding
            step = stride * self.context.mpf(10) ** -(DIGITS - 8)
            # Uneven, or the roundings of variables that cancel would be the same ones.
            ways = [step * max(abs(x), 1) * (1 + 0.618 * i) for i, x in enumerate(self.point)]
            values = [self.at(tuple((k - 3) * way for way in ways)) for k in range(8)]
            if any(value is None for value in values):
                return self.context.mpf(0)
            fourth = [a - 4 * b + 6 * c - 4 * d + e for a, b, c, d, e in (values[k : k + 5] for k in range(4))]
            noise = max(noise, *map(abs, fourth))
        return noise if noise < limit * (1 + abs(self.at((0,) * len(self.point)))) else self.context.mpf(0)

    def _settled(self, index: Sequence[int], steps: list[Any]) -> Estimate:
        coarse, fine = self.difference(index, steps), self.difference(index, [h / 2 for h in steps])
        if coarse is None or fine is None:
            return Estimate(nan, inf, self.name, "it is not defined on both sides")
        largest = max(abs(x) for x in self.known.values() if x is not None)
        noise = max(self.context.mpf(10) ** -(DIGITS - 2) * largest, 16 * self.rounding)
        for i in index:
            noise /= steps[i]
        moved = abs(coarse - fine)
        if moved > 1e-9 * abs(fine) + 1e3 * noise and not abs(fine) < 0.6 * abs(coarse):  # as h² of x³ falls at 0
            return Estimate(float(fine), inf, self.name, "the difference quotients do not settle")
        return Estimate(float(fine), float(moved + noise), self.name)


def richardson(phi: Callable[[float], float], scale: float, noise: float | None = None) -> Estimate:
    """phi'(0) by Ridders' method: central differences over falling steps, extrapolated; the entry that moves least.

    ``phi`` gives nan where it is not defined. The error covers truncation, the noise of ``phi`` over the step, and
    what smaller steps disagree by. Source: C. J. F. Ridders, Advances in Engineering Software 4 (1982) 75.
    """
    name = "Richardson-extrapolated differences"
    noise = noise_of(phi, scale) if noise is None else noise
    columns: list[tuple[float, float]] = []
    before: list[float] = []
    h = 0.125 * scale
    for _ in range(18):
        plus, minus = phi(h), phi(-h)
        if not isfinite(plus - minus):
            columns, before = [], []
        else:
            row = [(plus - minus) / (2.0 * h)]
            rounding = 4.0 * max(noise, EPS * abs(plus), EPS * abs(minus)) / h
            best = (row[0], inf)
            for k, older in enumerate(before):
                power = 16.0 ** (k + 1)
                row.append((power * row[k] - older) / (power - 1.0))
                error = max(abs(row[-1] - row[-2]), abs(row[-1] - older)) + rounding
                if error < best[1]:
                    best = (row[-1], error)
            columns.append(best)
            before = row
        h /= 4.0
    if len(columns) < 3:
        return Estimate(nan, inf, name, "it is not defined on both sides")
    # From the smallest step up: a larger one is surer as long as it bears the smaller out, and wrong where it
    # steps over what only the smaller sees.
    value, error = columns[-1]
    for other, uncertain in reversed(columns[:-1]):
        if abs(value - other) > 4.0 * (error + uncertain):
            break
        if uncertain < error:
            value, error = other, uncertain
    return Estimate(value, 4.0 * error, name)


def noise_of(phi: Callable[[float], float], scale: float) -> float:
    """How far rounding moves ``phi``, from its fourth differences over steps too small for anything else.

    Source: J. J. Moré and S. M. Wild, SIAM Journal on Scientific Computing 33 (2011) 1292.
    """
    noise = 0.0
    for step in (scale * 2.0**-40, scale * 2.0**-30):  # the larger sees the rounding of what cancels, as 1 - cos(x)
        values = [phi((k - 3) * step) for k in range(8)]
        if not all(map(isfinite, values)):
            return EPS * max([abs(x) for x in values if isfinite(x)], default=inf)
        noise = max(noise, EPS * max(map(abs, values)))
        for _ in range(4):
            values = [b - a for a, b in pairwise(values)]
        noise = max([noise, *(abs(x) / 70.0**0.5 for x in values)])
    return noise


def scales(x: float) -> list[float]:
    """The sizes of step to try around ``x``: of 1 or of ``x`` if it is larger; of a small ``x`` too.

    Powers of 2, so that ``x + h`` is exact: a steep function multiplies its rounding.
    """
    sizes = [max(abs(x), 1.0), *([abs(x)] if 0.0 < abs(x) < 0.1 else [])]
    return [ldexp(1.0, frexp(size)[1] - 1) for size in sizes]


def best_richardson(phi: Callable[[float], float], x: float) -> Estimate:
    """The surest of `richardson`'s answers over `scales`."""
    return min((richardson(phi, scale) for scale in scales(x)), key=lambda estimate: estimate.error)


def complex_step(case: Case, i: int) -> Estimate | None:
    """Im f(x + ih) / h: exact to rounding, with nothing subtracted; None if ``f`` does not take complex numbers.

    Source: W. Squire and G. Trapp, SIAM Review 40 (1998) 110. A function that takes them but is not analytic
    (``abs`` is the modulus then) is found out by comparison with the differences.
    """
    slopes = []
    for nudge in (0.0, 4.0 * EPS, -4.0 * EPS):
        xs: list[Any] = [x * (1.0 + nudge) for x in case.point]
        h = 1e-100 * max(abs(xs[i]), 1.0)
        xs[i] = complex(xs[i], h)
        try:
            out = case.call(xs)
            slopes.append(complex(out).imag / h)
        except Exception:  # the user's function, on numbers it may not be made for
            return None
    spread = max(abs(slope - slopes[0]) for slope in slopes)
    return Estimate(slopes[0], 16.0 * spread + 64.0 * EPS * abs(slopes[0]), "complex step")
