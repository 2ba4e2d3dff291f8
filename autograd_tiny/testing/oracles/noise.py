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
from collections.abc import Callable
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


def measured(phi: Callable[[float], float], scale: float, smallest: float | None = None) -> tuple[float, float]:
    """The same, and the step at which waves come into sight that are no rounding; infinity if there are none.

    Source: J. J. Moré and S. M. Wild, SIAM Journal on Scientific Computing 33 (2011) 1292, whose differences of one
    size of step are taken here at all sizes below those at which the function itself bends: from the last places of
    ``smallest``, the size of a small argument, up to ``scale``.
    """
    here = phi(0.0)
    noise = floor = EPS * abs(here)
    looked = 0.0
    ladder = steps(scale, smallest or scale)
    heights: list[float] = []
    for k, step in enumerate(ladder):
        while len(heights) < min(k + 4, len(ladder)):
            heights.append(_fourth_difference(phi, ladder[len(heights)]))
        height = heights[k]
        if not isfinite(height):
            break
        if height <= 0.25 * floor:
            continue
        before = heights[k - 1] if k else 0.0
        if _bends(heights[k : k + 4]) or (k + 1 == len(ladder) and height > STEEP * before):
            break
        if height > max(JUMP * floor, AGAIN * looked):
            seen = [(_kind(phi, by * step, floor), by * step) for by in (NEAR if looked else SMALLER + NEAR)]
            looked = height
            for kind, at in seen:
                if kind == WAVES:
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


STAIRS, KINKS, WAVES = "stairs", "kinks", "waves"


def _kind(phi: Callable[[float], float], step: float, floor: float) -> str:
    """What comes into sight at ``step``: stairs, kinks as between the knots of a table, or waves of a small period.

    The second difference of what is smooth falls 16-fold as its step is quartered, that of a kink 4-fold, and that of
    stairs stays.
    """
    values = [phi((k / 16.0 - 3.0) * step) for k in range(113)]
    if not all(map(isfinite, values)):
        return STAIRS
    coarse, fine = (
        max(abs(a - 2.0 * b + c) for a, b, c in zip(values, values[by:], values[2 * by :], strict=False))
        for by in (4, 1)
    )
    if coarse <= 8.0 * floor:
        return STAIRS
    if fine <= max(coarse / 6.0, 2.0 * floor):
        return WAVES
    return KINKS if fine <= coarse / 3.0 else STAIRS


def _fourth_difference(phi: Callable[[float], float], step: float) -> float:
    """The largest of four, of the size that independent roundings of height 1 give."""
    values = [phi((k - 3) * step) for k in range(8)]
    if not all(map(isfinite, values)):
        return inf
    for _ in range(4):
        values = [b - a for a, b in pairwise(values)]
    return max(map(abs, values)) / math.sqrt(70.0)


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
