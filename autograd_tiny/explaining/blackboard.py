"""Formulas as on a blackboard: numbers short, names typeset, and an operation never simplified away.

>>> from autograd_tiny import Value
>>> a = Value(2.0, "a")
>>> print(write(a * 1.0, TEXT, [TEXT.name("a"), number_text(1.0, TEXT)]), compact("a × b + c"), plain("mul₇"))
a × 1 a×b+c mul7
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..core import Value
from ..table.namespaces import Text
from ..table.namespaces.text import CLOSED, SIGN, Writer
from ..table.primitive import Primitive
from .digits import latex_number, short
from .wording import latex_name


class Board(Writer):
    """A notation as on a blackboard: numbers short, and in LaTeX whatever a label holds typeset, not executed."""

    def name(self, name: str) -> Text:
        return Text(self, latex_name(name)) if self.latex else super().name(name)

    def number(self, x: float) -> Text:
        return number_text(x, self, x)


TEXT, LATEX = Board("text"), Board("latex")


def write(node: Value, xp: Writer, operands: list[Text]) -> Text:
    """The node's operation on ``operands``, which is never just one of them: a node has a name of its own."""
    return write_row(node.primitive, xp, operands)


def write_row(row: Primitive, xp: Writer, operands: Sequence[Text]) -> Text:
    """The same for an operation that may have no node."""
    strings = [operand.string for operand in operands]
    text = xp.write(row, *row.operands(list(operands)))
    if text.value is not None or text.string in strings:  # folded or simplified away: write it out
        text = xp.write(row, *row.operands([Text(xp, operand.string, operand.binding) for operand in operands]))
    if text.string in strings:
        return Text(
            xp, f"{latex_name(row.name)}{xp.parentheses.format(text.string)}" if xp.latex else f"{row.name}({text})"
        )
    return text


def number_text(x: float, xp: Writer, value: Any = None) -> Text:
    """A number as part of a formula, shortened; with a ``value`` the formula may be simplified by it."""
    return Text(xp, latex_number(x) if xp.latex else short(x), SIGN if x < 0.0 else CLOSED, value)


def compact(formula: str) -> str:
    """The formula without the room around its signs: a name, not a sentence."""
    return re.sub(r" ([×/+−·]) ", r"\1", formula)


_TYPED = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾*·-", "01234567890123456789()××−")


def plain(name: str) -> str:
    """What is alike in a name as it is printed and as it is typed."""
    return "".join(name.split()).translate(_TYPED).replace("#", "")
