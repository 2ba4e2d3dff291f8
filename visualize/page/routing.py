"""Edges as curves: points along them, whether they pass a box that is not theirs, and where a text goes beside them.

>>> line = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)]
>>> along(line, 2)
[(0.0, 0.0), (15.0, 0.0), (30.0, 0.0)]
>>> crosses(line, (10.0, -5.0, 20.0, 5.0)), crosses(line, (10.0, 5.0, 20.0, 9.0))
(True, False)
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import pairwise
from math import dist
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Corners: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""

APART = 10.0
"""Of edges from one box to another: enough for a number on each."""
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
"""Where along an edge its text may stand, best first."""


def corner_boxes(centres: Sequence[Point], sizes: Sequence[Point]) -> list[Corners]:
    """The boxes by their corners."""
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(centres, sizes, strict=True)]


def along(curve: Sequence[Point], steps: int = 12) -> list[Point]:
    """Points on a spline of cubic pieces, ``steps`` + 1 on each."""
    found = [curve[0]]
    for k in range(0, len(curve) - 3, 3):
        p, q, r, s = curve[k : k + 4]
        for i in range(1, steps + 1):
            t = i / steps
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append((a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]))
    return found


def crosses(curve: Sequence[Point], box: Corners, margin: float = 1.0) -> bool:
    """Whether the curve passes through the box, by more than ``margin``; a corner that is cut counts."""
    left, top, right, bottom = box
    inner = (left + margin, top + margin, right - margin, bottom - margin)
    return any(_meets(curve[k], curve[k + 1], curve[k + 2], curve[k + 3], inner) for k in range(0, len(curve) - 3, 3))


def _meets(a: Point, b: Point, c: Point, d: Point, inner: Corners) -> bool:
    """Whether a cubic piece has a point in the box: halved until its points, which hold it, are out, or it is in."""
    left, top, right, bottom = inner
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d
    low, high = min(ax, bx, cx, dx), max(ax, bx, cx, dx)
    up, down = min(ay, by, cy, dy), max(ay, by, cy, dy)
    if low >= right or high <= left or up >= bottom or down <= top:
        return False
    if (left < ax < right and top < ay < bottom) or high - low + down - up < 0.5:
        return True
    ex, ey, fx, fy, gx, gy = (ax + bx) / 2, (ay + by) / 2, (bx + cx) / 2, (by + cy) / 2, (cx + dx) / 2, (cy + dy) / 2
    hx, hy, ix, iy = (ex + fx) / 2, (ey + fy) / 2, (fx + gx) / 2, (fy + gy) / 2
    middle = ((hx + ix) / 2, (hy + iy) / 2)
    return _meets(a, (ex, ey), (hx, hy), middle, inner) or _meets(middle, (ix, iy), (gx, gy), d, inner)


def apart(curve: Sequence[Point], count: int, boxes: Sequence[Corners]) -> list[list[Point]]:
    """``count`` curves from the first point to the last, side by side between them as far as no box is in the way.

    >>> [points[1] for points in apart([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)], 2, [])]
    [(10.0, -10.0), (10.0, 10.0)]
    """
    first, *inner, last = curve
    found = []
    for k in range(count):
        away = (2 * k - count + 1) * APART
        bent = [[first, *((x, y + share * away) for x, y in inner), last] for share in (1.0, 0.5, 0.0)]
        found.append(next((one for one in bent if not any(crosses(one, box) for box in boxes)), bent[-1]))
    return found


def beside(curves: Sequence[Sequence[Point]], boxes: Sequence[Corners], size: Point) -> list[Point | None]:
    """For each curve the centre of a text of that size on it, clear of all boxes and of the other texts.

    And clear of the other curves where it has such a place: one that runs through a number seems to own it. None where
    there is no room.
    """
    w, h = size
    pieces = [_pieces(curve) for curve in curves]
    taken, lines = Grid(boxes), Grid([piece for own in pieces for piece in own])
    found: list[Point | None] = []
    for curve, own in zip(curves, map(set, pieces), strict=True):
        points = along(curve)
        free: list[tuple[float, float, Corners]] = []
        for place in PLACES:
            x, y = points[round(place * (len(points) - 1))]
            corners = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
            if not taken.meets(corners):
                free.append((x, y, corners))
                if not lines.meets(corners, own):
                    break
        else:
            free = free[:1]
        if not free:
            found.append(None)
            continue
        x, y, corners = free[-1]
        taken.add(corners)
        found.append((x, y))
    return found


def _pieces(curve: Sequence[Point]) -> list[Corners]:
    """Small boxes that hold a curve between them."""
    length = sum(dist(p, q) for p, q in pairwise(curve))
    points = along(curve, max(8, min(64, round(length / 12 / max(1, len(curve) // 3)))))
    return [(min(a, c), min(b, d), max(a, c), max(b, d)) for (a, b), (c, d) in pairwise(points)]


class Grid:
    """Boxes, by the squares of a grid that they lie in: to find those that meet another without asking all."""

    SIDE = 120.0

    def __init__(self, boxes: Sequence[Corners]) -> None:
        self.squares: dict[tuple[int, int], list[Corners]] = {}
        for box in boxes:
            self.add(box)

    def _of(self, box: Corners) -> list[tuple[int, int]]:
        left, top, right, bottom = (int(x // self.SIDE) for x in box)
        return [(i, j) for i in range(left, right + 1) for j in range(top, bottom + 1)]

    def add(self, box: Corners) -> None:
        for square in self._of(box):
            self.squares.setdefault(square, []).append(box)

    def near(self, box: Corners) -> list[Corners]:
        """The boxes in the squares that ``box`` lies in."""
        return [other for square in self._of(box) for other in self.squares.get(square, ())]

    def meets(self, box: Corners, but: Container[Corners] = ()) -> bool:
        """Whether one of the boxes, but those, has a point with ``box`` in common."""
        left, top, right, bottom = box
        return any(
            a < right and left < c and b < bottom and top < d and (a, b, c, d) not in but
            for a, b, c, d in self.near(box)
        )
