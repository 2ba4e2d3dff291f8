"""`draw_graph`: the computation graph as a picture, in the notation of the lectures.

A box for each value, with its label, number and gradient; a circle for the operation that made it. Nodes are
named by their place in topological order, never by ``id()``, so that the same graph gives the same bytes.

>>> from autograd_tiny import Value
>>> a = Value(3.0, "a")
>>> print(draw_graph(a + a).source.count("v0 -> op1"))
2
"""

from __future__ import annotations

import operator
from typing import Any

import graphviz

from autograd_tiny import Value
from autograd_tiny.core import topological_order
from autograd_tiny.errors import AutogradError, article, shorten

from . import style
from .layout import layout
from .text import REGULAR, html_text, lines, number, quoted_text, tooltip_text, width

SIDES = {"LR": "e", "TB": "s", "RL": "w", "BT": "n"}
"""The side of a box from which edges leave, for each direction of drawing."""
NOT_RUN = "backward has not run: no gradients yet"


class GraphTooLarge(AutogradError, ValueError):
    """A graph of more values than the caller wants in one picture."""


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A ``graphviz.Digraph`` that shows itself in a notebook even where graphviz-pure is all there is."""

    def _repr_image_svg_xml(self) -> str:
        return layout(self.source, self.engine)


def draw_graph(
    root: Value,
    *,
    rankdir: str = "LR",
    show_local: bool = False,
    digits: int = 4,
    max_nodes: int | None = 300,
    format: str = "svg",
) -> graphviz.Digraph:
    """A ``graphviz.Digraph`` of the graph below ``root``, drawn from left to right (or ``rankdir="TB"``, downward).

    ``show_local`` writes each local derivative on its edge; numbers have ``digits`` significant digits. Before
    ``backward`` there are no gradients to show, and the picture says so. More than ``max_nodes`` values are an
    error (`GraphTooLarge`, a ``ValueError``); None lifts the limit.
    """
    order = _checked_order(root, rankdir, digits, max_nodes)
    picture = Drawing("computation_graph", format=format, node_attr=style.NODE, edge_attr=style.EDGE)
    picture.graph_attr.update(style.GRAPH, rankdir=rankdir)
    if not root.backward_ran and not root.is_constant:
        picture.graph_attr["label"] = NOT_RUN
    leaving = {"tailport": SIDES[rankdir]}  # towards a corner an edge would stop short of the rounded box
    names = {node: f"v{i}" for i, node in enumerate(order)}
    for i, node in enumerate(order):
        picture.node(names[node], **_box(node, root, digits))
        if not node.parents:
            continue
        picture.node(f"op{i}", **_circle(node.primitive.symbol or node.op))
        picture.edge(f"op{i}", names[node], weight="4")
        for parent, local in zip(node.parents, node.local_derivatives, strict=True):
            shown = show_local and not parent.is_constant
            picture.edge(
                names[parent], f"op{i}", **({"label": f"  {number(local, digits)}  "} if shown else {}), **leaving
            )
    return picture


def _checked_order(root: Any, rankdir: Any, digits: Any, max_nodes: Any) -> list[Value]:
    """The values to draw, parents first; an error for an argument that is not what it should be."""
    if not isinstance(root, Value):
        raise TypeError(
            f"draw_graph(root) got {shorten(root)}, {article(type(root).__name__)}: expected a Value; {_instead(root)}"
        )
    if not isinstance(rankdir, str) or rankdir not in SIDES:
        raise ValueError(
            f'draw_graph(rankdir={rankdir!r}): expected "LR" (left to right), "TB" (top to bottom), "RL" or "BT"'
        )
    if not 1 <= _whole_number(digits) <= 17:
        raise ValueError(f"draw_graph(digits={digits!r}): expected a whole number from 1 to 17, a float's last digit")
    if max_nodes is not None and _whole_number(max_nodes) < 1:
        raise ValueError(f"draw_graph(max_nodes={max_nodes!r}): expected a whole number above 0, or None for no limit")
    order = topological_order(root)
    if max_nodes is not None and len(order) > max_nodes:
        raise GraphTooLarge(
            f"draw_graph: the graph has {len(order)} values, more than max_nodes={max_nodes}: slow to lay out and "
            f"too small to read; draw a part of it (any value inside is a root too), "
            f"or pass max_nodes={len(order)} (None for no limit)"
        )
    return order


def _whole_number(x: Any) -> int:
    """``x`` as an int, or 0, which every caller refuses."""
    try:
        return 0 if isinstance(x, bool) else operator.index(x)
    except TypeError:
        return 0


def _instead(root: Any) -> str:
    """What to draw in place of a thing that is not a Value."""
    if isinstance(root, (list, tuple, set, dict)) or hasattr(root, "shape"):
        return "draw one of its elements, or their sum: autograd_tiny.sum(values)"
    if hasattr(root, "source"):
        return "this is a picture already: svg() and save_svg() take it as it is"
    return "a plain number has no graph: make the inputs Values, and draw the result"


def _box(node: Value, root: Value, digits: int) -> dict[str, str]:
    """The attributes of a value's box."""
    title = lines(node.label) if node.label.strip() else []
    tips = [str(node.source)] if node.source else []
    if title and title[-1].endswith(" …"):
        tips.insert(0, node.label)
    tooltip = {"tooltip": tooltip_text("\n".join(tips))} if tips else {}
    if node.is_constant:
        text = " = ".join([*title[:1], number(node.data, digits)])
        inches = (width(text) * REGULAR * style.SMALL_SIZE + 8) / 72
        return {
            "label": quoted_text(text),
            "fontsize": str(style.SMALL_SIZE),
            "fontcolor": style.MUTED,
            "width": f"{inches:.2f}",
            "height": "0.22",
            **style.kind_style("constant"),
            **tooltip,
        }
    kind = "root" if node is root else "leaf" if node.is_leaf else "interior"
    rows = [("data", number(node.data, digits))]
    if root.backward_ran and node.backward_ran:
        rows.append(("grad", number(node.grad, digits)))
    return {"label": _card(title, rows), **style.kind_style(kind), **tooltip}


def _card(title: list[str], rows: list[tuple[str, str]]) -> str:
    """The HTML-like label of a box: its title, and below it a line for each (word, number).

    All of it starts at the left, and each cell is as wide as we think its text is: where the layout program
    measures a text too narrow, it still starts where it should and ends inside the box.
    """
    words = max(width(word) for word, _ in rows) * REGULAR * style.TEXT_SIZE + 7
    numbers = max(width(shown) for _, shown in rows) * REGULAR * style.TEXT_SIZE + 2
    heading = max(map(width, title), default=0.0) * style.TITLE_SIZE + 2
    # An empty third column takes up what a long title needs, so that it does not pull word and number apart.
    rest = f'<TD WIDTH="{max(0.0, heading - words - numbers):.0f}"></TD>'
    body = [
        _cell(word, style.TEXT_SIZE, f'WIDTH="{words:.0f}"', style.MUTED)
        + _cell(shown, style.TEXT_SIZE, f'WIDTH="{numbers:.0f}"', style.INK)
        + rest
        for word, shown in rows
    ]
    if title:
        text = "<BR/>".join(html_text(line) for line in title)
        body.insert(0, _cell(f"<B>{text}</B>", style.TITLE_SIZE, 'COLSPAN="3" BALIGN="LEFT"'))
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    return f"<{table}{''.join(f'<TR>{cells}</TR>' for cells in body)}</TABLE>>"


def _cell(text: str, size: int, attributes: str, color: str = style.INK) -> str:
    return f'<TD ALIGN="LEFT" {attributes}><FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT></TD>'


def _circle(symbol: str) -> dict[str, str]:
    """The attributes of an operation: a circle, or an ellipse where the symbol is a long name."""
    inches = max(0.36, (width(symbol) * REGULAR * style.SYMBOL_SIZE + 14) / 72)
    return {"label": quoted_text(symbol), "width": f"{inches:.2f}", "height": "0.36", **style.OPERATION}
