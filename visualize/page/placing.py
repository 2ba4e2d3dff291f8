"""Places for boxes and splines for the edges between them, by `dot` (or graphviz-pure); `columns` does it without.

Both give, in points with y downward, the centre of each box, and for each edge a spline from the border of its first
box to `HEAD` before the border of the second, left to right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from ..layout import layout_bytes
from .routing import Point, apart, corner_boxes

Placed: TypeAlias = tuple[list[Point], list[list[Point]]]

HEAD = 7.0
ACROSS, DOWN = 78.0, 16.0


def by_program(sizes: Sequence[Point], pairs: Sequence[tuple[int, int]]) -> Placed:
    """The places that a layout program gives. Raises `GraphvizNotFound` where there is none.

    It is told of several edges from one box to another as one: it would set them apart without regard for other boxes.
    """
    times = Counter(pairs)
    lines = [
        f"digraph {{ rankdir=LR; nodesep={DOWN / 72:.3f}; ranksep={ACROSS / 72:.3f}; node [shape=box fixedsize=true]"
    ]
    lines += [f"n{i} [width={w / 72:.4f} height={h / 72:.4f}]" for i, (w, h) in enumerate(sizes)]
    lines += [f"n{start} -> n{end} [arrowsize={HEAD / 10:.2f} weight={n}]" for (start, end), n in times.items()]
    plain = layout_bytes("\n".join([*lines, "}"]), "plain", "dot").decode()
    centres: list[Point] = [(0.0, 0.0)] * len(sizes)
    found: dict[tuple[int, int], list[Point]] = {}
    height = 0.0
    for line in plain.splitlines():
        kind, *words = line.split()
        if kind == "graph":
            height = float(words[2])
        elif kind == "node":
            centres[int(words[0][1:])] = _point(words[1:3], height)
        elif kind == "edge":
            pair, points = (int(words[0][1:]), int(words[1][1:])), int(words[2])
            found[pair] = [_point(words[k : k + 2], height) for k in range(3, 3 + 2 * points, 2)]
    boxes = corner_boxes(centres, sizes)
    spread = {
        pair: apart(curve, times[pair], [box for i, box in enumerate(boxes) if i not in pair])
        for pair, curve in found.items()
    }
    return centres, [spread[pair].pop(0) for pair in pairs]


def _point(words: Sequence[str], height: float) -> Point:
    return 72.0 * float(words[0]), 72.0 * (height - float(words[1]))
