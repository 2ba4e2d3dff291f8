"""How far rounding moves a function of floats: measured, since nothing is known of what it computes on the way.

Rounding makes a staircase of a smooth function. Where nothing cancels its treads are one float wide and its risers
a unit in the last place. Where something does, as in ``1 - math.cos(x)``, the risers are as high as a last place of
the 1, and the treads so wide that small steps see none of them. So differences are taken over steps of every size:

>>> import math
>>> flat = granularity(lambda t: 1.0 + math.erf(-4.5 - t), 4.0)      # 2e-10, in risers of 1.1e-16
>>> 1e-17 < flat < 1e-15
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, nextafter

from .estimate import EPS

ODD = 43.0 / 32.0
"""Steps are this times powers of 2: at powers themselves much is exact. It has few bits."""

STEEP = 6.0
"""A smooth function's fourth difference grows 2¹²-fold from one of the `STEPS` to the next, at a kink 2³-fold;
rounding's stays, within the chance of a few roundings."""

JUMP = 8.0
"""What is so many times higher than a last place is looked at for what it is,"""

AGAIN = 2.0
"""and again where it is so many times higher; for waves that a step went past by chance, the first time at"""

SMALLER, NEAR = tuple(3.0**-k for k in range(6, 0, -1)), (1.0, 3.0)
"""such parts of that step."""

FINEST, RESOLVED = 2.0**-33, 2.0**-44
"""In what comes into sight at a smaller part of the argument than the first, too few steps are left to settle on a
slope; kinks nearer than the second may be those of its own last places."""

HIGH = 8
"""The order of differences in which what bends falls out of sight, so that stairs are seen beneath."""

BENEATH = 2.0**-6
"""The largest step for those, as a part of the argument: they reach twelve to either side."""

FAR = 10
"""A flat stretch is followed out to 2¹⁰ times the size of the argument."""


def steps(scale: float, smallest: float) -> list[float]:
    """From the smallest up, 8-fold each: from the last places of ``smallest`` to an eighth of ``scale``."""
    found = [ODD * 2.0**-48 * smallest]
    while found[-1] < ODD * 2.0**-4 * scale:
        found.append(8.0 * found[-1])
    return found


def granularity(phi: Callable[[float], float], scale: float) -> float:
    """The height of the risers of ``phi`` near 0, at least a last place of its value; it gives nan off its domain."""
    return measured(phi, scale)[0]


def measured(
    phi: Callable[[float], float], scale: float, smallest: float | None = None, unit: float = 0.0
) -> tuple[float, float]:
    """The same, and the step at which waves, or `FINEST` kinks, come into sight that are no rounding; or infinity.

    Source: J. J. Moré and S. M. Wild, SIAM Journal on Scientific Computing 33 (2011) 1292, whose differences of one
    size of step are taken here at all sizes below those at which the function itself bends: from the last places of
    ``smallest``, the size of a small argument, up to ``scale``; and higher ones beyond. ``unit`` is a last place of
    what ``phi`` is a difference of.
    """
    here = phi(0.0)
    noise = floor = max(EPS * abs(here), unit)
    looked = 0.0
    ladder = steps(scale, smallest or scale)
    heights: list[float] = []
    for k, step in enumerate(ladder):
        while len(heights) < min(k + 4, len(ladder)):
            at = ladder[len(heights)]
            heights.append(_height([phi((j - 3) * at) for j in range(8)], 4))
        height = heights[k]
        if not isfinite(height):
            break
        if height <= 0.25 * floor:
            continue
        before = heights[k - 1] if k else 0.0
        if _bends(heights[k : k + 4]):
            return max(noise, _beneath(phi, [s for s in ladder[k:] if s <= BENEATH * scale], noise, unit)), inf
        if k + 1 == len(ladder) and height > STEEP * before:
            break
        if height > max(JUMP * floor, AGAIN * looked):
            seen = [(_kind(phi, by * step, floor), by * step) for by in (NEAR if looked else SMALLER + NEAR)]
            looked = height
            for kind, at in seen:
                if kind == WAVES or (kind == KINKS and RESOLVED < at / (smallest or scale) < FINEST):
                    return noise, at
            if KINKS in dict(seen):
                break
        noise = max(noise, height)
    return noise, inf


def _bends(heights: list[float]) -> bool:
    """Whether they grow from the first on as those of a function that bends, and not of one that is rounded.

    Three times in a row, from the last place up: stairs come into sight within one or two.
    """
    growth = [b / a if a > 0.0 else 0.0 for a, b in pairwise(heights)]
    return bool(growth) and all(isfinite(g) and g > STEEP for g in growth)


def _beneath(phi: Callable[[float], float], ladder: Sequence[float], noise: float, unit: float) -> float:
    """The height of stairs that lie under a bend: of the same height to both sides, and over two steps in turn.

    A pole or a jump is on one side. The last places of the values there are no stairs: they grow with the values.
    Nor is what falls with the step, as the bend itself and waves do.
    """
    found = before = 0.0
    for step in ladder:
        sides = [[phi(side * k * step) for k in range(1, HIGH + 5)] for side in (1.0, -1.0)]
        last_places = [max(unit, EPS * max(map(abs, side))) for side in sides]
        heights = [_height(side, HIGH) for side in sides]
        if inf in heights:
            break
        height = (
            min(heights) if all(h > max(AGAIN * u, noise) for h, u in zip(heights, last_places, strict=True)) else 0.0
        )
        if height and _falls(phi, step, max(last_places)):
            break
        if before > 0.0 and before / STEEP < height < STEEP * before:
            found = max(found, height)
        before = height
    return found


def _height(values: Sequence[float], order: int) -> float:
    """The largest of their differences of that order, which independent roundings of height 1 give a size of 1."""
    if not all(map(isfinite, values)):
        return inf
    for _ in range(order):
        values = [b - a for a, b in pairwise(values)]
    return max(map(abs, values)) / math.sqrt(math.comb(2 * order, order))


def _falls(phi: Callable[[float], float], step: float, last_place: float) -> bool:
    """Whether what is seen over ``step`` falls as that of something smooth does when it is quartered."""
    values = [phi((k / 8.0 - 4.0) * step) for k in range(81)]
    coarse, fine = _height(values[::4], HIGH), _height(values, HIGH)
    return coarse > STEEP * last_place and fine < coarse / STEEP


STAIRS, KINKS, WAVES = "stairs", "kinks", "waves"


def _kind(phi: Callable[[float], float], step: float, floor: float) -> str:
    """What comes into sight at ``step``: stairs, kinks as between the knots of a table, or waves of a small period.

    The fourth difference of what is smooth falls 256-fold as its step is quartered, that of a kink 4-fold, and that of
    stairs stays. (The second would be that of the function's own bend.)
    """
    values = [phi((k / 16.0 - 3.0) * step) for k in range(113)]
    if not all(map(isfinite, values)):
        return STAIRS
    coarse, fine = (
        max(abs(a - 4.0 * b + 6.0 * c - 4.0 * d + e)
            for a, b, c, d, e in zip(*(values[k * by :] for k in range(5)), strict=False))
        for by in (4, 1)
    )  # fmt: skip
    if coarse <= 32.0 * floor:
        return STAIRS
    if fine <= max(coarse / 6.0, 8.0 * floor):
        return WAVES
    return KINKS if fine <= coarse / 3.0 else STAIRS


@dataclass(frozen=True)
class Plateau:
    """How far the float that a function gives at 0 stays the same to both sides, and what is where it ends."""

    width: float
    riser: float
    """The height of the step there; 0 where the function goes on without a tread, as at the kink of a clipped one."""
    endless: bool
    """Whether there is no end to one side."""


def plateau(phi: Callable[[float], float], scale: float, far: float | None = None) -> Plateau:
    """The flat stretch of ``phi`` around 0, followed out to `FAR` times ``far``, or ``scale``."""
    limit = (far or scale) * 2.0**FAR
    here, widths, risers = phi(0.0), [], []
    for side in (1.0, -1.0):
        reach, last = scale * 2.0**-30, 0.0
        while reach <= limit and phi(side * reach) == here:
            last, reach = reach, reach * 2.0
        if reach > limit:
            continue
        if not isfinite(phi(side * reach)):  # it ends with the domain
            widths.append(last)
            continue
        low, high = last, reach
        for _ in range(80):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            low, high = (middle, high) if phi(side * middle) == here else (low, middle)
        widths.append(low)
        risers.append(_riser(phi, side, high, here, scale))
    return Plateau(min(widths, default=limit), max(risers, default=0.0), len(widths) < 2)


def _riser(phi: Callable[[float], float], side: float, edge: float, here: float, scale: float) -> float:
    """The step at ``edge``; 0 where what follows is as steep over the next floats as that step itself."""
    first = phi(side * edge)
    riser = abs(first - here)
    ulp = max(nextafter(edge, inf) - edge, EPS * scale)
    beyond = [phi(side * (edge + 16.0 * k * ulp)) for k in (1, 2)]
    if all(map(isfinite, beyond)) and abs(beyond[1] - first) > 8.0 * riser:
        return 0.0
    return riser
