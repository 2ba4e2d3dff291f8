"""The graph of the stepper page as SVG: boxes with room for a name, a value and a gradient, laid out once.

Up to `BY_PROGRAM` nodes `dot` (or graphviz-pure) places them; above that, or where there is neither, we do.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from autograd_tiny.errors import GraphvizNotFound

from ..style import FONTS
from ..text import width
from .columns import in_columns
from .placing import HEAD, Placed, Point, by_program
from .routing import beside, corner_boxes

BY_PROGRAM = 220
FONT_SIZE, HEIGHT, PADDING = 13.0, 58.0, 9.0
MARGIN = 12.0
NARROWEST = "= −0.0001234"
SLOPE = (52.0, 13.0)
"""Room for a local derivative on its edge."""


def drawing(nodes: Sequence[dict[str, Any]], title: str) -> str:
    """An ``<svg>`` with a group ``n0``, ``n1``, … for each node and ``e0``, … for each edge."""
    sizes = [(_box_width(node), HEIGHT if node["kind"] != "constant" else HEIGHT - 16.0) for node in nodes]
    pairs = [(parent, i) for i, node in enumerate(nodes) for parent in node["parents"]]
    centres, curves = _arranged(sizes, pairs)
    corners = [(x + w / 2, y + h / 2) for (x, y), (w, h) in zip(centres, sizes, strict=True)]
    every = [*corners, *(point for curve in curves for point in curve)]
    right, bottom = (max(point[axis] for point in every) + MARGIN for axis in (0, 1))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right:.0f}" height="{bottom:.0f}" '
        f'viewBox="0 0 {right:.0f} {bottom:.0f}" font-family="{FONTS}" role="group" aria-label="{html.escape(title)}">'
    ]
    slopes = beside(curves, corner_boxes(centres, sizes), SLOPE)
    lines += [_edge(i, curve, slope) for i, (curve, slope) in enumerate(zip(curves, slopes, strict=True))]
    lines += [_node(i, *parts) for i, parts in enumerate(zip(nodes, centres, sizes, strict=True))]
    return "\n".join([*lines, "</svg>"])


def _caption(node: dict[str, Any]) -> str:
    """The name, with the operation where the name does not show it."""
    name = node["name"] if len(node["name"]) <= 22 else node["name"][:21] + "…"
    symbol = node.get("symbol")
    return f"{name}  ({symbol})" if symbol and node["formula"] and symbol not in name else name


def _box_width(node: dict[str, Any]) -> float:
    return max(width(text) for text in (_caption(node), NARROWEST)) * FONT_SIZE + 2.0 * PADDING


def _node(i: int, node: dict[str, Any], centre: Point, size: tuple[float, float]) -> str:
    (x, y), (w, h) = centre, size
    left, top = x - w / 2 + PADDING, y - h / 2
    texts = ((17.0, "title", _caption(node)), (33.0, "value", ""), (49.0, "grad", ""))
    return (
        f'<g id="n{i}" class="n {node["kind"]}" tabindex="0" role="button">'
        f'<rect x="{x - w / 2:.1f}" y="{top:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6"/>'
        + "".join(
            f'<text x="{left:.1f}" y="{top + dy:.1f}" class="{kind}">{html.escape(text)}</text>'
            for dy, kind, text in texts
        )
        + "</g>"
    )


def _edge(i: int, curve: Sequence[Point], slope: Point | None) -> str:
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
    text = "" if slope is None else f'<text class="slope" x="{slope[0]:.1f}" y="{slope[1] + 4.0:.1f}"></text>'
    return f'<g id="e{i}" class="e"><path d="{path}"/><polygon points="{head}"/>{text}</g>'


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
