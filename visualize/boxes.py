"""What a box says, and its DOT: a title, and below it a word and a number on each line.

>>> from autograd_tiny import Value
>>> from visualize.view import Box
>>> says(Box("v0", "leaf", [Value(2.0, "a")]), Look())
Card(title=['a'], rows=[('value', '2')], alt='leaf a, value 2')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import NamedTuple

from autograd_tiny import Value
from autograd_tiny.explaining.names import Names

from . import style
from .modules import ModuleTree
from .style import LIGHT, Theme
from .text import REGULAR, html_text, lines, number, quoted_text, tooltip_text, width
from .view import Box

SHOWN_INPUTS = 4
"""One box for all inputs says the numbers of so many."""


@dataclass(frozen=True)
class Look:
    """The settings of a picture that every part of it needs."""

    theme: Theme = LIGHT
    digits: int = 4
    compact: bool = False
    tree: ModuleTree | None = None
    names: Mapping[Value, str] = field(default_factory=dict)
    """What a network's values are called in textbooks, where a model is known."""
    gradients: bool = False
    """Whether backward has run, so that there are gradients to show."""
    derived: Mapping[Value, str] = field(default_factory=dict)
    """What nodes made by differentiation are called, where they have no label."""
    formulas: Names | None = None
    """Writes derivatives in the names of a network, where a model is known."""


class Card(NamedTuple):
    """A box in words: a title of some lines, (word, number) for each row, and the whole for a screen reader."""

    title: list[str]
    rows: list[tuple[str, str]]
    alt: str


def says(box: Box, look: Look) -> Card:
    """What stands in a box."""
    title, rows = _content(box, look)
    kind = {"interior": "value", "module": "folded module", "group": "similar values", "more": "left out"}
    spoken = [f"{word} {shown}".strip() for word, shown in rows]
    return Card(title, rows, ", ".join([" ".join([kind.get(box.kind, box.kind), *title]), *spoken]))


def _content(box: Box, look: Look) -> tuple[list[str], list[tuple[str, str]]]:
    if box.kind == "more":
        return [], [("", f"… {box.left_out:,} more")]
    if box.kind == "input":
        return _input(box, look)
    if box.kind == "module":
        return _module(box, look)
    if box.kind == "group":
        return _group(box, look)
    node = box.node
    label = node.label if node.label.strip() else look.names.get(node, "")
    if not label.strip() and node.is_leaf and look.tree is not None and box.place is not None:
        label = look.tree.parameter_name(node, box.place)
    if not label.strip():
        label = look.derived.get(node, "")
    title = lines(label) if label.strip() else []
    operation = f"{symbol(node, look)} =" if node.parents else "="  # a bare "−" would read as the number's sign
    rows = [(operation if look.compact else "value", number(node.data, look.digits))]
    if look.gradients and node.backward_ran and not node.is_constant:
        rows.append(("∂" if look.compact else "gradient", number(node.grad, look.digits)))
    return title, rows


def _input(box: Box, look: Look) -> tuple[list[str], list[tuple[str, str]]]:
    """``x₁ = 0.5``, or where the box stands for all of them how many they are, and the numbers of a few."""
    if len(box.given) == 1:
        return [box.given[0].name], [("", number(box.given[0].data, look.digits))]
    if len(box.given) <= SHOWN_INPUTS:
        return ["x"], [("", ", ".join(number(each.data, look.digits) for each in box.given))]
    return [], [("", f"{len(box.given):,} inputs")]


def _module(box: Box, look: Look) -> tuple[list[str], list[tuple[str, str]]]:
    assert look.tree is not None and box.module is not None
    parameters = look.tree.parameters[box.module]
    rows = [("parameters", f"{len(parameters):,}"), ("values", f"{len(box.nodes):,}")]
    if look.gradients and parameters:
        norm = hypot(*(p.grad for p in parameters if p.backward_ran))
        rows.append(("‖gradient‖", number(norm, look.digits)))
    return lines(look.tree.title(box.module)), rows


def _group(box: Box, look: Look) -> tuple[list[str], list[tuple[str, str]]]:
    first, last = box.nodes[0], box.nodes[-1]
    kind = symbol(first, look) if first.parents else "constant" if first.is_constant else "leaf"
    title = [f"{len(box.nodes):,} × {kind}"]
    if first.label.strip() and last.label.strip():
        title += lines(f"{first.label.strip()} … {last.label.strip()}", most=2)
    rows = [("value", _range([node.data for node in box.nodes], look.digits))]
    if look.gradients and not first.is_constant and all(node.backward_ran for node in box.nodes):
        rows.append(("gradient", _range([node.grad for node in box.nodes], look.digits)))
    return title, rows


def _range(numbers: list[float], digits: int) -> str:
    low, high = number(min(numbers), digits), number(max(numbers), digits)
    return low if low == high else f"{low} … {high}"


def symbol(node: Value, look: Look) -> str:
    """What a picture writes for a node's operation: ``w·x`` only for a neuron's weights."""
    if node.op == "dot" and "·" in (node.label or look.names.get(node, "")):
        return "w·x"
    return node.primitive.symbol or node.op


def is_pill(box: Box) -> bool:
    """Whether a box is one small line: a constant, a count, an operand beside the path in focus."""
    return box.kind in ("constant", "input", "more") or (box.beside and box.is_value)


def dot_box(box: Box, look: Look, card: Card) -> dict[str, str]:
    """The attributes of a box in DOT."""
    theme = look.theme
    tips = tooltips(box, card, look)
    tooltip = {"tooltip": tooltip_text("\n".join(tips))} if tips else {}
    if is_pill(box):
        text = " = ".join([*card.title[:1], card.rows[0][1]])
        inches = (width(text) * REGULAR * theme.size(style.SMALL_SIZE) + 8) / 72
        return {
            "label": quoted_text(text),
            "fontsize": f"{theme.size(style.SMALL_SIZE):g}",
            "fontcolor": theme.muted,
            "width": f"{inches:.2f}",
            "height": f"{theme.size(22) / 100:.2f}",
            **theme.kind("constant"),
            **tooltip,
        }
    folded = box.kind in ("module", "group")
    kind = theme.kind("folded" if folded else box.kind)
    return {"label": html_card(card, theme), **kind, **({"peripheries": "2"} if folded else {}), **tooltip}


def tooltips(box: Box, card: Card, look: Look) -> list[str]:
    """What pointing at a box shows: its whole label if that was cut, where it was made, how to open it."""
    if box.kind == "module":
        assert look.tree is not None and box.module is not None
        own = look.tree.depth(box.module) == 0
        return [f"{'depth=1' if own else f'expand={box.module!r}'} opens it"]
    if box.kind in ("group", "input", "more"):
        return []
    tips = [str(box.node.source)] if box.node.source else []
    if card.title and card.title[-1].endswith(" …"):
        tips.insert(0, box.node.label)
    return tips


def html_card(card: Card, theme: Theme) -> str:
    """The HTML-like label of a box.

    All of it starts at the left, and each cell is as wide as we think its text is: where the layout program
    measures a text too narrow, it still starts where it should and ends inside the box.
    """
    words = max(width(word) for word, _ in card.rows) * REGULAR * theme.text_size + 7
    numbers = max(width(shown) for _, shown in card.rows) * REGULAR * theme.text_size + 2
    heading = max(map(width, card.title), default=0.0) * theme.size(style.TITLE_SIZE) + 2
    # An empty third column takes up what a long title needs, so that it does not pull word and number apart.
    rest = f'<TD WIDTH="{max(0.0, heading - words - numbers):.0f}"></TD>'
    body = [
        _cell(word, theme.text_size, f'WIDTH="{words:.0f}"', theme.muted)
        + _cell(shown, theme.text_size, f'WIDTH="{numbers:.0f}"', theme.ink)
        + rest
        for word, shown in card.rows
    ]
    if card.title:
        text = "<BR/>".join(html_text(line) for line in card.title)
        body.insert(0, _cell(text, theme.size(style.TITLE_SIZE), 'COLSPAN="3" BALIGN="LEFT"', theme.ink, bold=True))
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    return f"<{table}{''.join(f'<TR>{cells}</TR>' for cells in body)}</TABLE>>"


def _cell(text: str, size: float, attributes: str, color: str, bold: bool = False) -> str:
    """One cell; ``text`` of a title is escaped already."""
    shown = f"<B>{text}</B>" if bold else html_text(text)
    inside = f'<FONT POINT-SIZE="{size:g}" COLOR="{color}">{shown}</FONT>' if shown else ""
    return f'<TD ALIGN="LEFT" {attributes}>{inside}</TD>'


def dot_circle(text: str, theme: Theme) -> dict[str, str]:
    """The attributes of an operation: a circle, or an ellipse where the symbol is a long name."""
    height = theme.size(36) / 100
    inches = max(height, (width(text) * REGULAR * theme.size(style.SYMBOL_SIZE) + 14) / 72)
    return {"label": quoted_text(text), "width": f"{inches:.2f}", "height": f"{height:.2f}", **theme.circle}
