"""Derivatives from floats alone: Richardson-extrapolated central differences, with a bound of their error.

>>> estimate = richardson(lambda t: (1.0 + t) ** 3, 1.0)
>>> abs(estimate.value - 3.0) <= estimate.error < 1e-9
True

Three things go into the bound: what the extrapolation has not settled (truncation), the function's rounding over the
step (`granularity`), and how much the very quotient moves when every argument is moved a little: a factor that has
lost digits is the same wrong number at each point of one axis, and shows only when its own arguments move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import frexp, inf, isfinite, ldexp, nan
from typing import TYPE_CHECKING

from .estimate import EPS, Estimate
from .noise import FINEST, granularity, measured, plateau

if TYPE_CHECKING:
    from ..cases import Case

NAME = "Richardson-extrapolated differences"
SAFETY = 4.0
"""By how much each part of the bound is taken larger than it was measured."""


def richardson(phi: Callable[[float], float], scale: float, noise: float | None = None) -> Estimate:
    """phi'(0) by Ridders' method: central differences over falling steps, extrapolated; the entry that moves least.

    ``phi`` gives nan where it is not defined. Source: C. J. F. Ridders, Advances in Engineering Software 4 (1982) 75.
    """
    return extrapolated(phi, scale, granularity(phi, scale) if noise is None else noise)[0]


def extrapolated(
    phi: Callable[[float], float], scale: float, noise: float, smallest: float | None = None
) -> tuple[Estimate, float]:
    """The estimate, and the step on which it mostly rests: of the size of ``scale``, and of ``smallest`` if given."""
    columns = _columns(phi, scale, noise)
    if smallest is not None and smallest < scale:
        near = _columns(phi, smallest, noise)
        columns = [*columns, *near] if len(near) > 2 else []
    if len(columns) < 3:
        return Estimate(nan, inf, NAME, "the edge of the domain is too near"), scale
    # From the smallest step up: a larger one is surer as long as it bears the smaller out, and wrong where it
    # steps over what only the smaller sees. It bears nothing out where the smaller was wide of the mark for its size
    # already, as beside a pole, and not for its rounding.
    best = below = columns[-1]
    for column in reversed(columns[:-1]):
        if below.truncation > below.rounding or abs(best.value - column.value) > 4.0 * (best.error + column.error):
            break
        if column.error < best.error:
            best = column
        below = column
    return Estimate(best.value, SAFETY * best.error, NAME), best.step


@dataclass(frozen=True)
class Column:
    """What one step, and all the larger ones, say of the slope."""

    value: float
    truncation: float
    rounding: float
    step: float

    @property
    def error(self) -> float:
        return self.truncation + self.rounding


LADDER = 21
"""Steps, each a quarter of the one before, from an eighth of the size down to 1e-13 of it."""


def _columns(phi: Callable[[float], float], scale: float, noise: float) -> list[Column]:
    """From the largest step down; those within the domain, if larger ones were not."""
    columns: list[Column] = []
    before: list[float] = []
    h = 0.125 * scale
    for _ in range(LADDER):
        plus, minus = phi(h), phi(-h)
        if not isfinite(plus - minus):
            columns, before = [], []
        else:
            row = [(plus - minus) / (2.0 * h)]
            rounding = SAFETY * max(noise, EPS * abs(plus), EPS * abs(minus)) / h
            best = (row[0], inf)
            for k, older in enumerate(before):
                power = 16.0 ** (k + 1)
                row.append((power * row[k] - older) / (power - 1.0))
                truncation = max(abs(row[-1] - row[-2]), abs(row[-1] - older))
                if truncation < best[1]:
                    best = (row[-1], truncation)
            columns.append(Column(*best, rounding, h))
            before = row
        h /= 4.0
    return columns


def scales(x: float) -> list[float]:
    """The sizes of step to try around ``x``: of 1 or of ``x`` if it is larger; of a small ``x`` too.

    Powers of 2, so that ``x + h`` is exact: a steep function multiplies its rounding.
    """
    sizes = [max(abs(x), 1.0), *([abs(x)] if 0.0 < abs(x) < 0.1 else [])]
    return [ldexp(1.0, frexp(size)[1] - 1) for size in sizes]


STILL = 1e-9
"""A slope is none where it is this part of what the function does over an eighth of the argument's size."""

SMALL_WAVES = "it has waves or kinks that are too small for steps of floats"

ALL_ZERO = "every difference quotient is 0: the value stays the same float all around"


def from_floats(case: Case, i: int) -> Estimate:
    """The derivative of ``case`` by its number ``i``, and a bound, from values in floats alone."""
    x = case.point[i]
    phi = along(case, case.point, i)
    # The larger steps see stairs that the smaller step over, and what is lost there is lost for both.
    every = scales(x)
    noise, waves = measured(phi, every[0], every[-1])
    if waves < FINEST * every[-1]:
        return Estimate(nan, inf, NAME, SMALL_WAVES)
    estimate, step = extrapolated(phi, every[0], noise, every[-1])
    if not isfinite(estimate.error):
        return estimate
    size, here = every[-1], phi(0.0)
    if estimate.value == 0.0 and phi(step) == phi(-step) == phi(step / 4.0) == here:
        flat = plateau(phi, size, every[0])
        ends = flat.riser == 0.0 or (flat.endless and flat.riser <= 2.0 * EPS * abs(here))
        # A change that is less than a riser shows nowhere, and may take place over any part of the argument's size.
        hidden = max(flat.riser, EPS * max(abs(here), 1.0), _risers_elsewhere(case, i))
        bound = SAFETY * hidden / min(flat.width, size)
        return Estimate(0.0, bound, NAME, ALL_ZERO, negligible=inf if ends else 0.0)
    moved = SAFETY * noise_of_slope(case, i, step)
    trouble = "" if moved <= estimate.error else "digits are lost inside the function, whose slope is uneven"
    around = max((abs(y - here) for y in (phi(size / 8.0), phi(-size / 8.0)) if isfinite(y)), default=0.0) / size
    return Estimate(estimate.value, estimate.error + moved, NAME, trouble, negligible=STILL * around)


def _risers_elsewhere(case: Case, i: int) -> float:
    """How high the risers are that the other arguments show, where argument ``i`` shows none."""
    others = [j for j in range(len(case.point)) if j != i]
    return max((granularity(along(case, case.point, j), scales(case.point[j])[-1]) for j in others), default=0.0)


def along(case: Case, point: Sequence[float], i: int) -> Callable[[float], float]:
    """The function on the line through ``point`` along argument ``i``."""
    before, x, after = list(point[:i]), point[i], list(point[i + 1 :])
    return lambda t: case.quiet_value([*before, x + t, *after])


def noise_of_slope(case: Case, i: int, h: float) -> float:
    """How uneven the central difference by argument ``i`` over ``h`` is as all arguments move together."""
    point = case.point
    # Multiples that have nothing to do with one another, so that no two arguments' roundings are the same ones.
    ways = [(abs(x) or 1.0) * (1.0 + 0.6180339887 * j % 1.0) for j, x in enumerate(point)]

    def slope(t: float) -> float:
        moved = [x + t * way for x, way in zip(point, ways, strict=True)]
        above, below = list(moved), list(moved)
        above[i], below[i] = moved[i] + h, moved[i] - h
        return (case.quiet_value(above) - case.quiet_value(below)) / (above[i] - below[i])

    return measured(slope, 1.0, unit=EPS * abs(case.quiet_value(point)) / h)[0]
