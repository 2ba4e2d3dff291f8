"""Kinks, jumps and poles, found by probing: slopes to the left and to the right, at falling distances.

Where a function is smooth, the two slopes come together as the distance falls. At a kink their difference stays;
at a jump, a pole or a vertical tangent the slopes grow without end. A gradient checked at such a point has no
right answer, and agreement with one of the sides would say nothing: Chainer's ``detect_nondifferentiable`` is the
model.

>>> kink_of_floats(abs, 0.0)
'a kink: slope -1 on the left, 1 on the right'
>>> kink_of_floats(lambda t: abs(t - 1e-5), 1.0), kink_of_floats(lambda t: t * t * t, 1.0)
('', '')
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

from .oracles import Exact, along, granularity, scales

Slopes = tuple[float, float]
"""On the left and on the right, extrapolated from one distance and its double."""


def kink_of_floats(phi: Callable[[float], float], x: float) -> str:
    """What is wrong with ``phi`` at 0, in words; "" if nothing is. ``x`` sets the size of the steps."""
    here = phi(0.0)
    for scale in reversed(scales(x)):  # the smallest steps see what is nearest
        noise = granularity(phi, scale)
        undefined = [[not isfinite(phi(side * scale * 8.0**-k)) for k in (8, 12, 16)] for side in (-1.0, 1.0)]
        for side, missing in zip(("left", "right"), undefined, strict=True):
            if all(missing):
                return f"the edge of its domain: not defined on the {side}"
        seen: list[Slopes] = []
        to_the_end = False
        for k in range(2, 17):
            t = scale * 8.0**-k
            slopes = _one_sided(phi, here, -t), _one_sided(phi, here, t)
            size = max(map(abs, slopes))
            before = max(map(abs, seen[-1])) if seen else 0.0
            to_the_end = isfinite(size) and 32.0 * noise / t < 1e-2 * max(size, before)  # two digits are not noise
            if to_the_end:
                seen.append(slopes)
        found = _judge(seen, to_the_end)
        if found or len(seen) > 3:
            return found
    return ""


def _one_sided(phi: Callable[[float], float], here: float, t: float) -> float:
    """The slope at 0 from one side, to second order: smooth functions come within t² of it."""
    return (-3.0 * here + 4.0 * phi(t) - phi(2.0 * t)) / (2.0 * t)


def _judge(seen: Sequence[Slopes], to_the_end: bool) -> str:
    """From slopes at falling distances, as far as they could be made out: to the smallest, or not so far.

    Slopes that grow down to where noise begins may be those beside a pole, or of waves, and settle below.
    """
    if len(seen) < 3:
        return ""
    sizes = [max(abs(left), abs(right)) for left, right in seen[-3:]]
    if sizes[1] > 1.5 * sizes[0] and sizes[2] > 1.5 * sizes[1]:
        return "a jump, a pole or a vertical tangent: the slope grows without end" if to_the_end else ""
    gaps = [abs(right - left) for left, right in seen[-3:]]
    left, right = seen[-1]
    steady = all(max(abs(a[0] - b[0]), abs(a[1] - b[1])) < 0.25 * gaps[2] for a, b in pairwise(seen[-3:]))
    if gaps[2] > 0.05 * sizes[2] and gaps[2] > 0.9 * gaps[1] > 0.8 * gaps[0] and steady:
        return f"a kink: slope {left:.4g} on the left, {right:.4g} on the right"
    return ""


NEARER = 1024
"""By how much the second distance is smaller than the first, so that |x| and |x|^1.1 can be told from one another."""


def kink_exactly(oracle: Exact, index: Sequence[int]) -> str:
    """What is wrong with the derivative ``index`` at the point, in 60 digits: it may lie 1e-19 to the side."""
    why = ""
    for relative in (False, True) if any(0 < abs(oracle.point[i]) < 0.1 for i in index) else (False,):
        steps = oracle.steps(len(index), relative)
        quotients = []
        for h in (steps, [s / NEARER for s in steps]):
            left = oracle.difference(index, h, [-1] * len(steps))
            right = oracle.difference(index, h, [1] * len(steps))
            if left is None or right is None:
                break
            quotients.append((left, right))
        if len(quotients) < 2:
            why = "the edge of its domain: not defined on both sides"
            continue
        known = [abs(x) for x in oracle.known.values() if x is not None]
        noise = oracle.context.mpf(10) ** -50 * max(known)
        why = _judge_exactly(oracle, index, steps, quotients, noise)
        if why:  # or is it that much cancels on the way to the value?
            why = _judge_exactly(oracle, index, steps, quotients, max(noise, 16 * oracle.rounding))
        if not why:
            return ""
    return why


def _judge_exactly(
    oracle: Exact, index: Sequence[int], steps: Any, quotients: list[tuple[Any, Any]], noise: Any
) -> str:
    (far_left, far_right), (left, right) = quotients
    for i in index:
        noise *= NEARER / steps[i]
    # Nearer by so much a smooth function's slopes have as much less to go; a kink's gap stays, a pole's slopes grow.
    size, size_before = max(abs(left), abs(right)), max(abs(far_left), abs(far_right))
    if size > 1.05 * size_before + noise:
        return "a jump, a pole or a vertical tangent: the slope grows without end"
    gap, gap_before = abs(right - left), abs(far_right - far_left)
    if gap > 1e-6 * size + noise and gap > 0.97 * gap_before:
        kind = "a kink: slope" if len(index) == 1 else "a kink of a derivative:"
        return f"{kind} {float(left):.4g} on the left, {float(right):.4g} on the right"
    return ""


def bent(oracle: Exact, slopes: Sequence[float]) -> str:
    """Whether the function is no plane at the point, though it has slopes along each axis: x·y / (|x| + |y|) at 0."""
    n = len(slopes)
    if n < 2:
        return ""
    direction = [(1.0, -0.7, 0.4, -1.3)[i % 4] for i in range(n)]
    here = oracle.at((oracle.context.mpf(0),) * n)
    # Steps of 1e-20, and of 1e-20 of each argument, beside which the others may be large.
    return next((why for why in (_bent(oracle, slopes, direction, here, near) for near in (True, False)) if not why),
                BENT)  # fmt: skip


BENT = "a kink off the axes: its slopes along them do not add up to that in other directions"


def _bent(oracle: Exact, slopes: Sequence[float], direction: Sequence[float], here: Any, near: bool) -> str:
    for side in (1, -1):
        missed = []
        for steps in (oracle.steps(1, near), [h / 2 for h in oracle.steps(1, near)]):
            offsets = tuple(side * d * h for d, h in zip(direction, steps, strict=True))
            moved = oracle.at(offsets)
            if moved is None or here is None:
                return ""
            missed.append(abs(moved - here - sum(d * s for d, s in zip(offsets, slopes, strict=True))))
        # What a plane misses of a smooth function falls with the distance squared, of a bent one only with it.
        noise = oracle.context.mpf(10) ** -50 * abs(here) + 16 * oracle.rounding
        noise += 1e-12 * sum(abs(d * s) for d, s in zip(offsets, slopes, strict=True))
        if missed[1] > noise and missed[1] > 0.4 * missed[0]:
            return BENT
    return ""


def kink_within_rounding(oracle: Exact, i: int) -> str:
    """Whether variable ``i`` is so near a kink that floats cannot tell on which side they are.

    Asked when numbers disagree: the slopes some roundings away to either side are steady and differ.
    """
    x, case = oracle.point[i], oracle.case
    # Whether its own last places go through, or are lost beside larger numbers.
    plain = along(case, case.point, i)
    seen = x and all(plain(side * float(abs(x)) * 2.0**-20) != plain(0.0) for side in (-1.0, 1.0))
    reach = oracle.context.mpf(2) ** -44 * (abs(x) if seen else max(abs(x), 1))
    slopes = []
    for away in (-1.0, -0.5, 0.5, 1.0):
        centre = [oracle.context.mpf(0)] * len(oracle.point)
        centre[i] = away * reach
        h = reach * oracle.context.mpf(10) ** -6
        before, after = list(centre), list(centre)
        before[i] -= h
        after[i] += h
        low, high = oracle.at(tuple(before)), oracle.at(tuple(after))
        if low is None or high is None:
            return "the edge of its domain, to within rounding"
        slopes.append((high - low) / (2 * h))
    gap = abs(slopes[2] - slopes[1])
    if gap > 1e-6 * max(map(abs, slopes)) and max(abs(slopes[1] - slopes[0]), abs(slopes[3] - slopes[2])) < 1e-3 * gap:
        return (
            f"a kink, to within rounding: slope {float(slopes[1]):.4g} on the left, {float(slopes[2]):.4g} on the right"
        )
    return ""
