"""An operation on its numbers as a text with places, for a page whose numbers change.

A place is written ``\\ue000`` index ``\\ue001``, and ``\\ue000(`` where a negative number takes parentheses.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> def plain(text): return text.replace("\\ue000", "{").replace("\\ue001", "}")
>>> plain(template((a * b).primitive, [None, None])), plain(template(b.square().primitive, [None]))
('{0} × {1}', '{(0}²')
>>> plain(template((a + 10.0).primitive, [None, 10.0]))
'{0} + 10'
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_tiny.explaining.blackboard import TEXT, number_text, write_row
from autograd_tiny.table.namespaces import Text
from autograd_tiny.table.namespaces.text import CLOSED, SIGN
from autograd_tiny.table.primitive import Primitive

OPEN, CLOSE = "\ue000", "\ue001"


class Place(Text):
    """The place of an operand's number."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        super().__init__(TEXT, f"{OPEN}{index}{CLOSE}", CLOSED)
        self.index = index

    def __format__(self, level: str) -> str:
        return f"{OPEN}({self.index}{CLOSE}" if level and int(level) > SIGN else self.string


def template(row: Primitive, constants: Sequence[float | None]) -> str:
    """The row's notation with a place for each operand; those that are ``constants`` are written in."""
    texts = [Place(i) if x is None else number_text(x, TEXT, x) for i, x in enumerate(constants)]
    return write_row(row, TEXT, texts).string
