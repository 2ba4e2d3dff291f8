"""Where a primitive can be tried: the boxes of operands that its row's samples, domain and edges leave.

A row names one box inside its domain and away from its edges. Beyond an edge there is often another one, where
the operation is as good (relu for x < 0, a / b for b < 0), and a rule may be wrong there and nowhere else. So
each edge is tried as a mirror; a reflected box counts if the value is finite in it and has no jump.

>>> from autograd_tiny.table.ops import TABLE
>>> boxes(TABLE["log"]), boxes(TABLE["relu"])[:2]
((((0.05, 6.0),),), (((0.1, 3.0),), ((-3.0, -0.1),)))
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from math import isfinite

from ..table.namespaces import FLOATS
from ..table.primitive import EVERYWHERE, Interval, Primitive
from .intervals import INTERVALS
from .intervals import Interval as Range

Box = tuple[Interval, ...]

LIMIT: Interval = (-30.0, 30.0)
"""How far the operands of an operation go whose row sets no bounds: 30² and 30 · 30 are no trouble to anyone."""

WIDTH = 4
"""How many operands each vector of a many-parent primitive gets where a box is asked for."""


def kinked(row: Primitive) -> bool:
    """Whether the operation has kinks or jumps: edges that are no boundary of its domain."""
    return bool(row.edges) and not row.domain


def samples(row: Primitive) -> Box:
    """The row's own box, one interval for each argument."""
    return row.samples or (EVERYWHERE,) * len(row.arguments)


def tied(row: Primitive) -> bool:
    """Whether an edge lies within the box itself, as a tie does: then the operands have to be kept apart."""
    return kinked(row) and any(
        all(low < x < high for x, (low, high) in zip(edge.at, samples(row) * len(edge.at), strict=False))
        for edge in row.edges
    )


def unbounded(row: Primitive, i: int) -> bool:
    """Whether argument ``i`` may be any number that is not too large."""
    return not row.domain and not row.edges and samples(row)[i] == EVERYWHERE


@cache
def boxes(row: Primitive) -> tuple[Box, ...]:
    """The boxes in which ``row`` is finite and differentiable, its own first; of a variadic row, for each vector."""
    own = samples(row)
    found = [own]
    if not row.variadic:
        for box in _reflections(row, own):
            if box not in found and _sound(row, box):
                found.append(box)
    return tuple(found)


def _reflections(row: Primitive, own: Box) -> Iterator[Box]:
    """The box with one interval mirrored at an edge, and the box turned round (a > b for a < b)."""
    for i, (low, high) in enumerate(own):
        for c in sorted({edge.at[i] for edge in row.edges}, key=lambda x: abs(x - (low + high) / 2.0)):
            if not low <= c <= high:
                yield (*own[:i], (2.0 * c - high, 2.0 * c - low), *own[i + 1 :])
    if kinked(row):
        yield own[::-1]


def _sound(row: Primitive, box: Box) -> bool:
    """Whether the value is finite throughout, with no jump and no tie. The partials may be wrong: they have no say."""
    ties = len(box) > 1 and any(len(set(edge.at)) == 1 for edge in row.edges)  # equal operands are an edge
    if ties and max(low for low, _ in box) <= min(high for _, high in box):
        return False
    lattice = [[low + (high - low) * t / 4.0 for t in range(5)] for low, high in box]
    if not all(isfinite(row.forward(FLOATS, *point)) for point in product(*lattice)):
        return False
    middle = [(low + high) / 2.0 for low, high in box]
    for start in (middle, [low for low, _ in box], [high for _, high in box]):
        if not all(_unbroken(row, start, i, *box[i]) for i in range(len(box))):
            return False
    return True


def _unbroken(row: Primitive, start: list[float], i: int, low: float, high: float) -> bool:
    """Whether the largest step along axis ``i`` shrinks as steps are made finer, as no jump does."""

    def largest_step(count: int) -> float:
        points = (low + (high - low) * k / count for k in range(count + 1))
        values: list[float] = [row.forward(FLOATS, *start[:i], x, *start[i + 1 :]) for x in points]
        return max(abs(b - a) for a, b in pairwise(values))

    return largest_step(128) <= 0.75 * largest_step(32) + 1e-12


def result_range(row: Primitive, operands: list[Range]) -> Range:
    """Where the result lies for operands in these intervals.

    By interval arithmetic; an operation given as plain Python, which knows no intervals, is sampled on a lattice.
    """
    if not row.numerical:
        return row.forward(INTERVALS, *row.operands(operands))  # type: ignore[no-any-return]
    lattice = [[x.low + (x.high - x.low) * t / 4.0 for t in range(5)] for x in operands]
    values = [row.forward(FLOATS, *row.operands(list(point))) for point in product(*lattice)]
    margin = 0.5 * (max(values) - min(values))
    return Range(min(values) - margin, max(values) + margin)
