"""The graph of the stepper page as SVG: boxes with room for a name, a value and a gradient, laid out once.

Up to `BY_PROGRAM` nodes `dot` (or graphviz-pure) places them; above that, or where there is neither, we do.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from autograd_tiny.errors import GraphvizNotFound

from ..style import FONTS
from ..text import width
from .columns import in_columns
from .placing import HEAD, Placed, by_program
from .routing import Point, beside, corner_boxes

BY_PROGRAM = 220
FONT_SIZE, HEIGHT, PADDING = 13.0, 58.0, 9.0
MARGIN = 12.0
NARROWEST = "= −0.0001234"
SLOPE = (52.0, 13.0)
"""Room for a local derivative on its edge."""


def drawing(nodes: Sequence[dict[str, Any]], title: str, prefix: str = "") -> str:
    """An ``<svg>`` with a group ``n0``, ``n1``, … for each node and ``e0``, … for each edge, after a ``prefix``."""
    (right, bottom), parts = parts_of(nodes, prefix, {})
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right:.0f}" height="{bottom:.0f}" '
        f'viewBox="0 0 {right:.0f} {bottom:.0f}" font-family="{FONTS}" role="group" aria-label="{html.escape(title)}">'
    )
    return "\n".join([head, *parts, "</svg>"])


Shown: TypeAlias = Mapping[str, tuple[str, Sequence[str]]]
"""Of a node's or an edge's key: a class besides its own, and its texts, those after the title."""


Slopes: TypeAlias = Sequence[Point | None]
"""Where the local derivative of each edge stands; None where there is no room."""


def parts_of(
    nodes: Sequence[dict[str, Any]],
    prefix: str,
    shown: Shown,
    placed: Placed | None = None,
    slopes: Slopes | None = None,
) -> tuple[Point, list[str]]:
    """How wide and high the picture is, and its groups; what is not ``shown`` has places for a page to fill."""
    sizes = _sizes(nodes)
    centres, curves = placed = placed or placed_boxes(nodes)
    corners = [(x + w / 2, y + h / 2) for (x, y), (w, h) in zip(centres, sizes, strict=True)]
    every = [*corners, *(point for curve in curves for point in curve)]
    right, bottom = (max(point[axis] for point in every) + MARGIN for axis in (0, 1))
    slopes = placed_slopes(nodes, placed) if slopes is None else slopes
    lines = [
        _edge(f"{prefix}e{i}", curve, slope, shown) for i, (curve, slope) in enumerate(zip(curves, slopes, strict=True))
    ]
    lines += [_node(f"{prefix}n{i}", *parts, shown) for i, parts in enumerate(zip(nodes, centres, sizes, strict=True))]
    return (right, bottom), lines


def placed_boxes(nodes: Sequence[dict[str, Any]]) -> Placed:
    """Where the boxes and splines go."""
    return _arranged(_sizes(nodes), [(parent, i) for i, node in enumerate(nodes) for parent in node["parents"]])


def placed_slopes(nodes: Sequence[dict[str, Any]], placed: Placed) -> Slopes:
    """Where the local derivatives go."""
    return beside(placed[1], corner_boxes(placed[0], _sizes(nodes)), SLOPE)


def _sizes(nodes: Sequence[dict[str, Any]]) -> list[Point]:
    return [(_box_width(node), HEIGHT if node["kind"] != "constant" else HEIGHT - 16.0) for node in nodes]


def _caption(node: dict[str, Any]) -> str:
    """The name, with the operation where the name does not show it."""
    name = node["name"] if len(node["name"]) <= 22 else node["name"][:21] + "…"
    symbol = node.get("symbol")
    return f"{name}  ({symbol})" if symbol and node.get("formula") and symbol not in name else name


def _box_width(node: dict[str, Any]) -> float:
    return (
        max(width(text) for text in (_caption(node), NARROWEST * 2 if node["kind"] == "layer" else NARROWEST))
        * FONT_SIZE
        + 2.0 * PADDING
    )


def _node(key: str, node: dict[str, Any], centre: Point, size: tuple[float, float], shown: Shown) -> str:
    (x, y), (w, h) = centre, size
    left, top = x - w / 2 + PADDING, y - h / 2
    more, (value, gradient) = shown.get(key, ("", ("", "")))
    texts = ((17.0, "title", _caption(node)), (33.0, "value", value), (49.0, "grad", gradient))
    return (
        f'<g id="{key}" class="n {node["kind"]}{more}" tabindex="0" role="button">'
        f'<rect x="{x - w / 2:.1f}" y="{top:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6"/>'
        + "".join(
            f'<text x="{left:.1f}" y="{top + dy:.1f}" class="{kind}">{html.escape(text)}</text>'
            for dy, kind, text in texts
        )
        + "</g>"
    )


def _edge(key: str, curve: Sequence[Point], slope: Point | None, shown: Shown) -> str:
    """A cubic spline from the parent's box to the node's, with a head at its end."""
    (x0, y0), *rest = curve
    path = f"M{x0:.1f} {y0:.1f}C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in rest)
    (xa, ya), (xb, yb) = curve[-2], curve[-1]
    length = ((xb - xa) ** 2 + (yb - ya) ** 2) ** 0.5 or 1.0
    ux, uy = (xb - xa) / length, (yb - ya) / length
    head = " ".join(
        f"{x:.1f},{y:.1f}"
        for x, y in (
            (xb + HEAD * ux, yb + HEAD * uy),
            (xb - 3.2 * uy, yb + 3.2 * ux),
            (xb + 3.2 * uy, yb - 3.2 * ux),
        )
    )
    more, (words,) = shown.get(key, ("", ("",)))
    text = "" if slope is None else f'<text class="slope" x="{slope[0]:.1f}" y="{slope[1] + 4.0:.1f}">{words}</text>'
    return f'<g id="{key}" class="e{more}"><path d="{path}"/><polygon points="{head}"/>{text}</g>'


def _arranged(sizes: Sequence[Point], pairs: Sequence[tuple[int, int]]) -> Placed:
    """The places of boxes and splines, moved so that all are inside the margin."""
    try:
        centres, splines = by_program(sizes, pairs) if len(sizes) <= BY_PROGRAM else in_columns(sizes, pairs)
    except GraphvizNotFound:
        centres, splines = in_columns(sizes, pairs)
    corners = [(x - w / 2, y - h / 2) for (x, y), (w, h) in zip(centres, sizes, strict=True)]
    every = [*corners, *(point for spline in splines for point in spline)]
    dx, dy = MARGIN - min(x for x, _ in every), MARGIN - min(y for _, y in every)
    return (
        [(x + dx, y + dy) for x, y in centres],
        [[(x + dx, y + dy) for x, y in spline] for spline in splines],
    )
