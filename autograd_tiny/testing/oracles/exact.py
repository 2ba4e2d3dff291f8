"""Derivatives in 60-digit arithmetic: central differences with steps around 1e-20.

Only where 60 digits really go through the function. Whatever makes a float of a number on the way is seen as it
happens (`digits`), at every point that is asked for, and raises `DigitsLost`; what gets past that (mpmath's own
functions at their own precision) is found by differences that do not fall as those of a smooth function do.

>>> from ..cases import Case
>>> oracle = Exact.of(Case(lambda x: x * x, (3.0,), foreign=True), 9.0)
>>> oracle.derivative((0,)).value
6.0
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise, product
from math import inf, isfinite, isnan, nan
from typing import Any

from ..cases import KEPT, Case
from ..programs import Expression, Variable, order
from .digits import DIGITS, DigitsLost, lost, sixty_digits, stopped_at, tracked_digits
from .estimate import EPS, Estimate
from .lifting import lifted

TOGETHER = 2
"""How many groups the arguments are looked at in for lost digits."""

MORE_DIGITS = 800
"""Where a slope is too small for 60: enough for the least float beside 1, and a step over it."""

EARLY = 100.0
"""How many times its tolerance an iteration's slope may be off, as a part of itself."""

SMALL = 1e-10
"""An argument smaller than that may have round it what a step of 1e-20 does not see."""

MANTISSA = 53
"""Bits of a float."""

MAX = 1.7976931348623157e308


class Exact:
    """Central differences of ``case`` in 60-digit arithmetic."""

    name = f"mpmath, {DIGITS} digits"

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rules = isinstance(case.f, Expression)
        """Whether it is made of rules of the table: then nothing can be lost."""
        tree = case.f.tree if isinstance(case.f, Expression) else None
        self.absent = set(range(len(case.point))) if tree is not None else set()
        """The variables that an expression does not have, by which it is flat: floats need not be tried for that."""
        if tree is not None:
            self.absent -= {part.index for part in order(tree) if isinstance(part, Variable)}
        self.xp = sixty_digits() if self.rules else tracked_digits()
        self.context = self.xp.context
        self.f: Callable[..., Any] = case.f if self.rules else lifted(case.f, self.context)
        self.point = [self.context.mpf(x) for x in case.point]
        self.digits = DIGITS
        self.known: dict[Any, Any] = {}
        self.tolerance = 0.0
        """At which it stops iterating, if it does."""

    def at(self, offsets: tuple[Any, ...]) -> Any:
        """The value at the point moved by ``offsets``; None where there is no finite real one.

        Raises `DigitsLost` where the function made less of the digits.
        """
        if offsets not in self.known:
            try:
                out, noted, _ = self._run([x + d for x, d in zip(self.point, offsets, strict=True)])
            except Exception:  # whatever the user's function says where it is not defined
                out, noted = None, ""
            if noted:
                raise DigitsLost(noted)
            self.known[offsets] = out if out is not None and self.context.isfinite(out) else None
        return self.known[offsets]

    def _run(self, xs: list[Any]) -> tuple[Any, str, float]:
        """The number, what has lost its digits on the way, and at which tolerance something has stopped iterating.

        A function of several results runs once for them all.
        """
        if self.rules:
            return self._as_mpf(self.case.f.on(self.xp, xs)), "", 0.0  # type: ignore[attr-defined]
        key, known = (self.context.dps, tuple(x._mpf_ for x in xs)), self.case.known_digits
        if key not in known:
            if self.case.which < 0 or len(known) >= KEPT:
                known.clear()
            lost(self.xp), stopped_at(self.xp)
            known[key] = self.case.call(xs, self.f), lost(self.xp), stopped_at(self.xp)
        out, noted, tolerance = known[key]
        number = self._as_mpf(self.case.one(out))
        return number, noted or lost(self.xp), tolerance

    def _as_mpf(self, number: Any) -> Any:
        return number if isinstance(number, self.context.mpf) else self.context.mpf(number)

    @staticmethod
    def of(case: Case, value: float) -> Exact | None:
        """The oracle, or None for a function that does not run on mpmath numbers or then computes something else."""
        oracle = Exact(case)
        origin = (oracle.context.mpf(0),) * len(oracle.point)
        try:
            here, noted, oracle.tolerance = oracle._run(oracle.point)
            if noted:
                return None
        except Exception:  # the user's function, on numbers it may not be made for: whatever it says, it cannot
            return None
        if not oracle._is_of(value, here, oracle.point):
            return None
        oracle.known[origin] = here
        try:
            if not oracle.rules and not (oracle._same_elsewhere() and oracle.keeps_digits()):
                return None
        except Exception:  # as above
            return None
        oracle.known = {origin: here}  # without what lies far off, which may be far larger
        return oracle

    def _same_elsewhere(self) -> bool:
        """Whether the function gives for floats what it gives here, near the point as well as at it."""
        for away in (2.0**-6, -(2.0**-6)):
            xs = [x + away * (abs(x) or 1.0) * (1.0 - 0.3 * (i % 3)) for i, x in enumerate(self.case.point)]
            plain = self.case.quiet_value(xs)
            moved = self.at(tuple(self.context.mpf(x) - start for x, start in zip(xs, self.point, strict=True)))
            if moved is not None and isfinite(plain) and not self._is_of(plain, moved, list(map(self.context.mpf, xs))):
                return False
        return True

    def _is_of(self, plain: float, here: Any, xs: list[Any]) -> bool:
        """Whether the float is what the function gives that gives ``here``: nearly so, or with as few digits as floats.

        In floats ``(1 - cos(x)) / x**2`` has nothing right at 1e-8. The function is known all the same.
        """
        near = 1e-6 * (1.0 + abs(plain))
        if abs(here - plain) <= near:
            return True
        before = self.context.prec
        try:
            self.context.prec = MANTISSA
            rounded, *_ = self._run(xs)
        except Exception:  # as in `at`
            return False
        finally:
            self.context.prec = before
        return bool(abs(rounded - plain) <= near)

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

    def keeps_digits(self) -> bool:
        """Whether differences along each argument fall with the step, as those of a smooth function do.

        Where a number was rounded on the way without our seeing it, the function is a staircase of treads 1e-16
        wide or far wider: its fourth differences stay as large as a riser over many sizes of step, and are 0 for
        steps that are smaller. A smooth function's fall as the fourth power, one beside a kink as the first.
        """
        size = max(abs(self.at((self.context.mpf(0),) * len(self.point))), self.context.mpf(10) ** -300)
        floor = self.context.mpf(10) ** -(DIGITS - 12) * max(size, 1) + 1e4 * self.rounding
        n = len(self.point)
        for first in range(min(n, TOGETHER)):  # of many arguments some together: a stair of one is a stair of all
            group = range(first, n, TOGETHER)
            heights = [self._fourth(group, self.context.mpf(10) ** -k) for k in range(3, 18, 2)]
            staying = 0
            # A step may fall on the treads by chance, and see nothing: it tells nothing.
            for before, after in pairwise([height for height in heights if height is not None and height > floor]):
                staying = staying + 1 if after < 1e-5 * size and after > 0.1 * before else 0
                if staying >= 2 and heights[-1] is not None and heights[-1] <= after:
                    return False
        return True

    def _fourth(self, group: Sequence[int], step: Any) -> Any:
        """The largest fourth difference along some arguments, each by ``step`` of its own size or somewhat more."""
        values = []
        for k in range(6):
            offsets = [self.context.mpf(0)] * len(self.point)
            for place, i in enumerate(group):
                offsets[i] = (k - 2) * step * (abs(self.point[i]) or 1) * (1 + 0.618 * place % 1)
            values.append(self.at(tuple(offsets)))
        if any(value is None for value in values):
            return None
        return max(abs(a - 4 * b + 6 * c - 4 * d + e) for a, b, c, d, e in (values[k : k + 5] for k in range(2)))

    def steps(self, order: int, relative: bool) -> list[Any]:
        """A step for each variable: 1e-20 or so, of the variable's size or of 1 if that is larger."""
        h = self.context.mpf(10) ** -(self.digits // (order + 2))
        return [h * (abs(x) or h) if relative else h * max(abs(x), 1) for x in self.point]

    def derivative(self, index: Sequence[int]) -> Estimate:
        """The derivative with respect to the variables ``index``, one after the other, rounded to a float."""
        if not self.absent.isdisjoint(index):
            return Estimate(0.0, 0.0, self.name, exact=True)
        best = self._best(index)
        size = abs(best.value)
        if (1e-6 * size < best.error < size) or (len(index) == 1 and size <= best.error < inf):
            best = self._with_more_digits(index)
        if abs(best.value) == inf or best.error == inf:
            return best
        early = EARLY * self.tolerance * abs(best.value)
        why = best.trouble or (early and f"it stops iterating at {self.tolerance:g}, and its slope is as good as that")
        return replace(best, error=best.error + 0.5 * EPS * abs(best.value) + early, trouble=why or "")

    def _best(self, index: Sequence[int]) -> Estimate:
        best = self._settled(index, self.steps(len(index), relative=False))
        small = any(0 < abs(self.point[i]) < SMALL for i in index)
        if not small and (best.error <= 1e-20 * abs(best.value) or best.value == 0.0 == best.error):
            return best
        near = self._settled(index, self.steps(len(index), relative=True))
        if near.error < best.error or isnan(best.value):
            return near
        # A step of 1e-20 beside an argument of 1e-30 may have gone over a kink.
        if isfinite(near.error) and not abs(near.value - best.value) <= 1e-15 * abs(best.value) + near.error:
            return near
        # Where 60 digits say nothing of what is near, ask for more of them.
        return replace(best, error=max(best.error, near.error)) if small and self.digits == DIGITS else best

    def _with_more_digits(self, index: Sequence[int]) -> Estimate:
        """The same where 60 digits say little: ``log(1 + exp(-x))`` at 150 is flat in them, ``erf(-8)`` nearly so."""
        known, rounding, before = self.known, self.__dict__.pop("rounding", None), self.context.dps
        try:
            self.known, self.digits, self.context.dps = {}, MORE_DIGITS, MORE_DIGITS
            self.at((self.context.mpf(0),) * len(self.point))
            return self._best(index)
        finally:
            self.known, self.digits, self.context.dps = known, DIGITS, before
            self.__dict__.pop("rounding", None)
            if rounding is not None:
                self.__dict__["rounding"] = rounding

    @cached_property
    def rounding(self) -> Any:
        """How far 60 digits' own rounding moves the value, which what is computed on the way may exceed by far.

        From values with twice as many digits, and from fourth differences over steps too small for anything else;
        what is as large as a jump is one, and not rounding.
        """
        here = self.at((self.context.mpf(0),) * len(self.point))
        # The floats themselves may need no rounding; and beside a 1e16 that is taken off again small steps are nothing.
        noise = max(map(self._off_at_twice, (0.0, 1.37, 2.59)))
        limit = self.context.mpf(10) ** -(self.digits - 20)
        for stride in (1.37, 2.59, 3.83):  # a single one can happen to fall on numbers that need no rounding
            step = stride * self.context.mpf(10) ** -(self.digits - 8)
            # Uneven, or the roundings of variables that cancel would be the same ones.
            ways = [step * max(abs(x), 1) * (1 + 0.618 * i) for i, x in enumerate(self.point)]
            values = [self.at(tuple((k - 3) * way for way in ways)) for k in range(8)]
            if any(value is None for value in values):
                return self.context.mpf(0)
            fourth = [a - 4 * b + 6 * c - 4 * d + e for a, b, c, d, e in (values[k : k + 5] for k in range(4))]
            noise = max(noise, *map(abs, fourth))
        return noise if noise < limit * (1 + abs(here)) else self.context.mpf(0)

    def _off_at_twice(self, stride: float) -> Any:
        """How far the value beside the point, half the digits away, is from that of twice as many digits."""
        step = stride * self.context.mpf(10) ** -(self.digits // 2)
        offsets = [step * max(abs(x), 1) * (1 + 0.618 * i) for i, x in enumerate(self.point)]
        here, before = self.at(tuple(offsets)), self.context.dps
        if here is None:
            return self.context.mpf(0)
        xs = [x + d for x, d in zip(self.point, offsets, strict=True)]
        try:
            self.context.dps = 2 * self.digits
            there, *_ = self._run(xs)
        except Exception:  # as in `at`
            there = here
        finally:
            self.context.dps = before
        return abs(here - there) if self.context.isfinite(there) else self.context.mpf(0)

    def _settled(self, index: Sequence[int], steps: list[Any]) -> Estimate:
        coarse, fine = self.difference(index, steps), self.difference(index, [h / 2 for h in steps])
        if coarse is None or fine is None:
            return Estimate(nan, inf, self.name, "it is not defined on both sides", exact=True)
        largest = max(abs(x) for x in self.known.values() if x is not None)
        noise = max(self.context.mpf(10) ** -(self.digits - 2) * largest, 16 * self.rounding)
        for i in index:
            noise /= steps[i]
        moved = abs(coarse - fine)
        if abs(fine) > MAX and moved < 1e-9 * abs(fine):  # no float holds it
            return Estimate(float(fine), 0.0, self.name, exact=True)
        if moved > 1e-9 * abs(fine) + 1e3 * noise and not abs(fine) < 0.6 * abs(coarse):  # as h² of x³ falls at 0
            return Estimate(float(fine), inf, self.name, "the difference quotients do not settle", exact=True)
        return Estimate(float(fine), float(moved + noise), self.name, exact=True)
