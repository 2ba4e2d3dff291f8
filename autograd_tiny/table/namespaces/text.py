"""Formulas: run on names instead of numbers, a rule writes itself down, as text or as LaTeX.

>>> from autograd_tiny.table.ops import TABLE
>>> x, y = TEXT.name("x"), TEXT.name("y")
>>> str(TABLE["pow"].partials[0](TEXT, x, TEXT.number(3.0), y))
'3 × x²'
>>> str(TABLE["sigmoid"].partials[0](LATEX, LATEX.name("x"), LATEX.name("y")))
'y \\\\cdot \\\\sigma\\\\left(-x\\\\right)'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..ops import TABLE
from ..primitive import Primitive
from .base import Namespace
from .floats import FLOATS

CLOSED, FRACTION, SIGN = 5, 4, 3
"""A fraction in LaTeX needs parentheses only under an exponent."""
SHOWN = 4
"""A longer vector or sum is written with its middle left out."""


class Text:
    """A formula under construction: its string, how tightly it binds, and its value where it is a plain number."""

    __slots__ = ("binding", "string", "value", "writer")

    def __init__(self, writer: Writer, string: str, binding: int = CLOSED, value: float | None = None) -> None:
        self.writer, self.string, self.binding, self.value = writer, string, binding, value

    def __str__(self) -> str:
        return self.string

    def __repr__(self) -> str:
        return f"Text({self.string!r})"

    def __format__(self, level: str) -> str:
        """The string, in parentheses if it binds more loosely than ``level``."""
        if level and self.binding < int(level):
            return self.writer.parentheses.format(self.string)
        return self.string

    def __add__(self, other: Any) -> Text:
        return self.writer.add(self, other)

    def __radd__(self, other: Any) -> Text:
        return self.writer.add(other, self)

    def __sub__(self, other: Any) -> Text:
        return self.writer.sub(self, other)

    def __rsub__(self, other: Any) -> Text:
        return self.writer.sub(other, self)

    def __mul__(self, other: Any) -> Text:
        return self.writer.mul(self, other)

    def __rmul__(self, other: Any) -> Text:
        return self.writer.mul(other, self)

    def __truediv__(self, other: Any) -> Text:
        return self.writer.div(self, other)

    def __rtruediv__(self, other: Any) -> Text:
        return self.writer.div(other, self)

    def __neg__(self) -> Text:
        return self.writer.neg(self)


class Writer(Namespace):
    """The namespace of formulas, in one of two notations."""

    def __init__(self, notation: str) -> None:
        self.notation = notation
        self.latex = notation == "latex"
        self.parentheses = r"\left({}\right)" if self.latex else "({})"
        self.pi = Text(self, r"\pi" if self.latex else "π")

    def name(self, name: str) -> Text:
        """A formula that is just a name; what does not read as one name is put in parentheses where needed."""
        closed = name.isalnum() or name.isidentifier() or self.latex
        return Text(self, name, CLOSED if closed else 0)

    def number(self, x: float) -> Text:
        """A number as one writes it: ``2`` for 2.0."""
        digits = str(int(x)) if x == int_or_nan(x) and abs(x) < 1e16 else repr(x)
        if digits.startswith("-"):
            return Text(self, ("-" if self.latex else "−") + digits[1:], SIGN, x)
        return Text(self, digits, CLOSED, x)

    def as_text(self, operand: Any) -> Text:
        if isinstance(operand, Text):
            return operand
        if isinstance(operand, Sequence):
            parts = [str(self.as_text(x)) for x in self.elide(operand)]
            return Text(self, ", ".join(parts))
        return self.number(float(operand))

    def elide(self, items: Sequence[Any]) -> list[Any]:
        """The items, or the first few, dots, and the last."""
        if len(items) <= SHOWN:
            return list(items)
        return [*items[: SHOWN - 2], Text(self, r"\dots" if self.latex else "…"), items[-1]]

    def write(self, row: Primitive, *operands: Any) -> Text:
        """The row's notation filled with the operands: numbers folded, ``1 × x`` and the like left out."""
        texts = [self.as_text(operand) for operand in (*operands, *([row.filled] if row.filled else []))]
        values = [text.value for text in texts]
        if not row.variadic and None not in values:
            return self.number(getattr(FLOATS, row.name)(*values))
        simpler = SIMPLER.get(row.name)
        shown = simpler(self, texts, values) if simpler else None
        if shown is not None:
            return shown
        template = row.latex if self.latex else row.text
        return Text(self, template.format(*texts), FRACTION if self.latex and "frac" in template else row.binding)

    def __getattr__(self, name: str) -> Callable[..., Text]:
        row = TABLE.get(name)
        if row is None:
            raise AttributeError(f"the {self.notation} notation knows no operation {name!r}")
        return partial(self.write, row)

    def mul(self, a: Any, b: Any) -> Text:
        return self.write(TABLE["mul"], a, b)

    def where(self, condition: Any, a: Any, b: Any) -> Text:
        return self.write(TABLE["where"], condition, a, b)

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Text:
        return self.as_text(usual)

    def sum_of(self, f: Callable[..., Any], *vectors: Sequence[Any]) -> Text:
        terms = self.elide([f(*xs) for xs in zip(*vectors, strict=True)])
        return Text(self, " + ".join(f"{self.as_text(term):1}" for term in terms), 1)


def int_or_nan(x: float) -> float:
    """``int(x)``, or nan for a number that has none."""
    return float(int(x)) if abs(x) < float("inf") else float("nan")


Simplifier = Callable[[Writer, list[Text], list[float | None]], Text | None]


def _add(xp: Writer, texts: list[Text], values: list[float | None]) -> Text | None:
    return texts[1] if values[0] == 0.0 else texts[0] if values[1] == 0.0 else None


def _sub(xp: Writer, texts: list[Text], values: list[float | None]) -> Text | None:
    return texts[0] if values[1] == 0.0 else None


def _mul(xp: Writer, texts: list[Text], values: list[float | None]) -> Text | None:
    if 0.0 in values:
        return xp.number(0.0)
    for value, other in ((values[0], texts[1]), (values[1], texts[0])):
        if value == 1.0:
            return other
        if value == -1.0:
            return xp.neg(other)
    return None


def _pow(xp: Writer, texts: list[Text], values: list[float | None]) -> Text | None:
    if values[1] == 0.0:
        return xp.number(1.0)
    if values[1] == 1.0:
        return texts[0]
    return xp.square(texts[0]) if values[1] == 2.0 else None


def _where(xp: Writer, texts: list[Text], values: list[float | None]) -> Text | None:
    """A condition that is itself written ``1 if … else 0`` lends its inner part."""
    if values[0] is not None:
        return texts[1] if values[0] else texts[2]
    before, after = (r"\mathbf{1}\left[", r"\right]") if xp.latex else ("1 if ", " else 0")
    condition = texts[0].string
    if not condition.startswith(before):
        return None
    inner = xp.name(condition.removeprefix(before).removesuffix(after))
    return Text(xp, (TABLE["where"].latex if xp.latex else TABLE["where"].text).format(inner.string, *texts[1:]), 0)


SIMPLER: dict[str, Simplifier] = {"add": _add, "sub": _sub, "mul": _mul, "pow": _pow, "where": _where}

TEXT = Writer("text")
LATEX = Writer("latex")
