"""Places for boxes and splines for the edges between them: by `dot` (or graphviz-pure), and by us.

Both give, in points with y downward, the centre of each box, and for each edge a spline from the border of its first
box to `HEAD` before the border of the second, left to right.

>>> centres, splines = in_columns([(50.0, 20.0), (60.0, 20.0)], [(0, 1)])
>>> centres[0][0] < centres[1][0], len(splines[0])
(True, 4)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ..layout import layout_bytes

Point: TypeAlias = tuple[float, float]
Placed: TypeAlias = tuple[list[Point], list[list[Point]]]

HEAD = 7.0
ACROSS, DOWN = 78.0, 16.0
SWEEPS = 8


def by_program(sizes: Sequence[Point], pairs: Sequence[tuple[int, int]]) -> Placed:
    """The places that a layout program gives. Raises `GraphvizNotFound` where there is none."""
    lines = [
        f"digraph {{ rankdir=LR; nodesep={DOWN / 72:.3f}; ranksep={ACROSS / 72:.3f}; node [shape=box fixedsize=true]"
    ]
    lines += [f"n{i} [width={w / 72:.4f} height={h / 72:.4f}]" for i, (w, h) in enumerate(sizes)]
    lines += [f"n{start} -> n{end} [arrowsize={HEAD / 10:.2f}]" for start, end in pairs]
    plain = layout_bytes("\n".join([*lines, "}"]), "plain", "dot").decode()
    centres: list[Point] = [(0.0, 0.0)] * len(sizes)
    found: dict[tuple[int, int], list[list[Point]]] = {}
    height = 0.0
    for line in plain.splitlines():
        kind, *words = line.split()
        if kind == "graph":
            height = float(words[2])
        elif kind == "node":
            centres[int(words[0][1:])] = _point(words[1:3], height)
        elif kind == "edge":
            start, end, count = int(words[0][1:]), int(words[1][1:]), int(words[2])
            spline = [_point(words[k : k + 2], height) for k in range(3, 3 + 2 * count, 2)]
            found.setdefault((start, end), []).append(spline)
    return centres, [found[pair].pop(0) for pair in pairs]


def _point(words: Sequence[str], height: float) -> Point:
    return 72.0 * float(words[0]), 72.0 * (height - float(words[1]))


def in_columns(sizes: Sequence[Point], pairs: Sequence[tuple[int, int]]) -> Placed:
    """A column for each depth, within it the order of the mean place of what a box is joined to.

    After Sugiyama, Tagawa and Toda 1981, without their dummy nodes: linear work, for graphs that are too large for a
    careful layout. A pair's first box comes before its second.
    """
    parents: list[list[int]] = [[] for _ in sizes]
    users: list[list[int]] = [[] for _ in sizes]
    for start, end in pairs:
        parents[end].append(start)
        users[start].append(end)
    columns = _columns(parents, users)
    place = [0.0] * len(sizes)

    def settle(column: list[int]) -> None:
        for row, i in enumerate(column):
            place[i] = row - len(column) / 2

    for column in columns:
        settle(column)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        joined = parents if forward else users
        for column in columns if forward else reversed(columns):
            middle = {i: sum(place[j] for j in joined[i]) / len(joined[i]) if joined[i] else place[i] for i in column}
            column.sort(key=middle.__getitem__)
            settle(column)
    centres = _centres(columns, sizes)
    return centres, [_curve(centres, sizes, *pair) for pair in pairs]


def _columns(parents: Sequence[Sequence[int]], users: Sequence[Sequence[int]]) -> list[list[int]]:
    depth = [0] * len(parents)
    for i in range(len(parents)):
        depth[i] = max((depth[p] + 1 for p in parents[i]), default=0)
    for i in range(len(parents) - 1, -1, -1):
        if not parents[i] and users[i]:  # a leaf stands beside its first user, not at the far left
            depth[i] = min(depth[u] for u in users[i]) - 1
    columns: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for i, d in enumerate(depth):
        columns[d].append(i)
    return columns


def _centres(columns: Sequence[Sequence[int]], sizes: Sequence[Point]) -> list[Point]:
    heights = [sum(sizes[i][1] + DOWN for i in column) for column in columns]
    centres: list[Point] = [(0.0, 0.0)] * len(sizes)
    left = 0.0
    for column, height in zip(columns, heights, strict=True):
        widest = max(sizes[i][0] for i in column)
        top = (max(heights) - height) / 2
        for i in column:
            centres[i] = (left + widest / 2, top + sizes[i][1] / 2)
            top += sizes[i][1] + DOWN
        left += widest + ACROSS
    return centres


def _curve(centres: Sequence[Point], sizes: Sequence[Point], start: int, end: int) -> list[Point]:
    x0, y0 = centres[start][0] + sizes[start][0] / 2, centres[start][1]
    x1, y1 = centres[end][0] - sizes[end][0] / 2 - HEAD, centres[end][1]
    bend = max(20.0, (x1 - x0) / 2)
    return [(x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)]
