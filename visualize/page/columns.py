"""A layout of our own: a column for each depth, and lanes through the columns that an edge passes.

After Sugiyama, Tagawa and Toda 1981: within a column the order of the mean place of what a box is joined to. A box that
is used far away has one lane through each column between, for all its edges, with room of its own: so no edge passes
behind a box that is not its.

>>> centres, splines = in_columns([(50.0, 20.0), (60.0, 20.0), (40.0, 20.0)], [(0, 1), (1, 2), (0, 2)])
>>> [round(x) for x, _ in centres], len(splines[0]), len(splines[2])
([25, 158, 286], 4, 10)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .placing import ACROSS, DOWN, HEAD, Placed
from .routing import Point

SWEEPS = 8
LANE = 8.0
"""How high a lane is."""
MOST_LANES = 20_000
"""With more than so many, edges go straight where they will."""


def in_columns(sizes: Sequence[Point], pairs: Sequence[tuple[int, int]]) -> Placed:
    """The places of boxes and splines; linear work, for graphs that are too large for a careful layout.

    A pair's first box comes before its second.
    """
    depth = _depths(len(sizes), pairs)
    chains, lanes = _lanes(depth, pairs)
    every = [*sizes, *[(0.0, LANE)] * len(lanes)]
    columns: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for i, d in enumerate([*depth, *lanes]):
        columns[d].append(i)
    links = list(dict.fromkeys(link for chain in chains for link in pairwise(chain)))
    _order(columns, links, len(every))
    centres, edges = _places(columns, every)
    column_of = [*depth, *lanes]
    splines = [_spline(chain, centres, every, edges, column_of) for chain in chains]
    return centres[: len(sizes)], splines


def _depths(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    parents: list[list[int]] = [[] for _ in range(count)]
    users: list[list[int]] = [[] for _ in range(count)]
    for start, end in pairs:
        parents[end].append(start)
        users[start].append(end)
    depth = [0] * count
    for i in range(count):
        depth[i] = max((depth[p] + 1 for p in parents[i]), default=0)
    for i in range(count - 1, -1, -1):
        if not parents[i] and users[i]:  # a leaf stands beside its first user, not at the far left
            depth[i] = min(depth[u] for u in users[i]) - 1
    return depth


def _lanes(depth: Sequence[int], pairs: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[int]]:
    """Of each pair the boxes and lanes that it goes through, and the column of each lane, numbered after the boxes."""
    if sum(max(depth[end] - depth[start] - 1, 0) for start, end in dict(pairs).items()) > MOST_LANES:
        return [[start, end] for start, end in pairs], []
    lanes: list[int] = []
    known: dict[tuple[int, int], int] = {}
    chains = []
    for start, end in pairs:
        chain = [start]
        for column in range(depth[start] + 1, depth[end]):
            if (start, column) not in known:
                known[start, column] = len(depth) + len(lanes)
                lanes.append(column)
            chain.append(known[start, column])
        chains.append([*chain, end])
    return chains, lanes


def _order(columns: list[list[int]], links: Sequence[tuple[int, int]], count: int) -> None:
    """Sort each column by where its boxes are joined to, sweeping to and fro."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for start, end in links:
        before[end].append(start)
        after[start].append(end)
    place = [0.0] * count

    def settle(column: list[int]) -> None:
        for row, i in enumerate(column):
            place[i] = row - len(column) / 2

    for column in columns:
        settle(column)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        joined = before if forward else after
        for column in columns if forward else reversed(columns):
            middle = {i: sum(place[j] for j in joined[i]) / len(joined[i]) if joined[i] else place[i] for i in column}
            column.sort(key=middle.__getitem__)
            settle(column)


def _places(columns: Sequence[Sequence[int]], sizes: Sequence[Point]) -> tuple[list[Point], list[tuple[float, float]]]:
    """The centre of each box and lane, and the left and right side of each column."""
    heights = [sum(sizes[i][1] + DOWN for i in column) for column in columns]
    centres: list[Point] = [(0.0, 0.0)] * len(sizes)
    sides = []
    left = 0.0
    for column, height in zip(columns, heights, strict=True):
        widest = max(sizes[i][0] for i in column)
        top = (max(heights) - height) / 2
        for i in column:
            centres[i] = (left + widest / 2, top + sizes[i][1] / 2)
            top += sizes[i][1] + DOWN
        sides.append((left, left + widest))
        left += widest + ACROSS
    return centres, sides


def _spline(
    chain: Sequence[int],
    centres: Sequence[Point],
    sizes: Sequence[Point],
    sides: Sequence[tuple[float, float]],
    column_of: Sequence[int],
) -> list[Point]:
    """Level through each column, and in a curve from one to the next."""
    first, last = chain[0], chain[-1]
    x, y = centres[first][0] + sizes[first][0] / 2, centres[first][1]
    points = [(x, y)]
    for i, j in pairwise(chain):
        leaves, enters = sides[column_of[i]][1], sides[column_of[j]][0]
        y0, y1 = centres[i][1], centres[j][1]
        end = centres[j][0] - sizes[j][0] / 2 - HEAD if j == last else enters
        turn, arrive = max(points[-1][0], leaves), min(end, enters)
        middle = (turn + arrive) / 2
        if len(chain) == 2 and column_of[j] - column_of[i] > 1:  # no lanes: as the crow flies
            middle = turn + max(20.0, (arrive - turn) / 2)
        if turn > points[-1][0]:
            points += _level(points[-1], turn)
        points += [(middle, y0), (middle, y1), (arrive, y1)]
        if end > arrive:
            points += _level(points[-1], end)
        elif j != last:
            points += _level(points[-1], sides[column_of[j]][1])
    return points


def _level(start: Point, x: float) -> list[Point]:
    """A straight piece, as three points of a spline."""
    x0, y = start
    return [(x0 + (x - x0) / 3, y), (x0 + 2 * (x - x0) / 3, y), (x, y)]
