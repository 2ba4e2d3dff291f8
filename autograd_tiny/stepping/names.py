"""What the nodes of one pass are called, in text and in LaTeX: short enough for a line, and no two alike.

A label is a name, and two that are alike are the user's own. An unlabelled root is ``root``, an unlabelled leaf
``leaf#1``, and an unlabelled operation is its own formula while that is short and no other has it, else its
primitive and the number of its forward step: ``mul#7``.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0)
>>> y = (a * b).tanh() * a
>>> names = Names([a, b, y.parents[0].parents[0], y.parents[0], y])
>>> str(names.formula(y)), [str(names.name(node)) for node in (y, y.parents[0], b)]
('tanh#2 × a', ['root', 'tanh#2', 'leaf#2'])
>>> print(names.formula(y.parents[0], LATEX))
\\tanh\\left(a \\cdot \\mathrm{leaf}_{2}\\right)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ..core import Value
from ..namespaces import Text
from ..namespaces.text import CLOSED, SIGN, Writer
from .numbers import short

NAMED_BY_FORMULA = 5000
"""In a larger graph no operation is named by its formula: to see which formulas are unique would take long."""

NAME_WIDTH, NAME_DEPTH, NAME_PARENTS = 14, 3, 4
"""A formula serves as a name up to so many characters, so many operations deep, with so many operands each."""


class Board(Writer):
    """A notation as on a blackboard: numbers short, and in LaTeX whatever a label holds typeset, not executed."""

    def name(self, name: str) -> Text:
        return Text(self, latex_name(name)) if self.latex else super().name(name)

    def number(self, x: float) -> Text:
        return number_text(x, self, x)


TEXT, LATEX = Board("text"), Board("latex")

_ESCAPES = {
    "\\": r"\backslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\wedge{}", "~": r"\sim{}", " ": r"\ ", "\n": r"\ ", "\t": r"\ ", "…": r"\dots{}",
    "<": r"\lt{}", ">": r"\gt{}",
}  # fmt: skip


def latex_name(name: str) -> str:
    """The name as LaTeX for math mode: ``x``, ``w_{12}``, ``\\mathrm{loss}``.

    >>> print(latex_name("w12"), latex_name("h_2"), latex_name("50% of_it"))
    w_{12} h_{2} \\mathrm{50\\%\\ of\\_it}
    """
    if len(name) == 1 and name.isalpha():
        return name
    numbered = re.fullmatch(r"([^\W\d_]+)_?(\d+)", name)
    if numbered:
        return f"{latex_name(numbered[1])}_{{{numbered[2]}}}"
    return rf"\mathrm{{{''.join(_ESCAPES.get(letter, letter) for letter in name)}}}"


class Names:
    """The names of the nodes of a topological ``order``, whose last is the root."""

    def __init__(self, order: Sequence[Value]) -> None:
        self.order = order
        self.root = order[-1]

    @cached_property
    def numbers(self) -> dict[Value, int]:
        """Leaves and constants, and operations, each counted from 1 in topological order."""
        leaves = operations = 0
        numbers = {}
        for node in self.order:
            if node.parents:
                operations += 1
                numbers[node] = operations
            else:
                leaves += 1
                numbers[node] = leaves
        return numbers

    def name(self, node: Value, xp: Writer = TEXT) -> Text:
        """What to call the node."""
        given = self._given(node, xp)
        if given is not None:
            return given
        if self._short_formula(node) in self._shared:
            return self._numbered(node, node.op, xp)
        return self._inline(node, xp, NAME_DEPTH) or self._numbered(node, node.op, xp)

    def formula(self, node: Value, xp: Writer = TEXT) -> Text:
        """The node's operation on the names of its operands, as it was written: ``x × 1`` and not ``x``."""
        return write(node, xp, [self.name(parent, xp) for parent in node.parents])

    def local_formulas(self, node: Value, xp: Writer = TEXT) -> list[Text]:
        """The formula of d(node)/d(parent) for each parent; of a leaf, that of d(node)/d(node)."""
        row = node.primitive
        if not node.parents:
            return [xp.number(1.0)]
        operands = row.operands([self.name(parent, xp) for parent in node.parents])
        derived = [partial(xp, *operands, self.name(node, xp)) for partial in row.partials]
        if row.variadic:
            derived = [local for vector in derived for local in vector]
        return [xp.as_text(local) for local in derived]

    def derivative(self, top: Value, bottom: Value, xp: Writer = TEXT) -> str:
        """``∂L/∂d``, or a fraction in LaTeX."""
        over, under = (f"{self.name(node, xp):{CLOSED}}" for node in (top, bottom))
        return rf"\frac{{\partial {over}}}{{\partial {under}}}" if xp.latex else f"∂{over}/∂{under}"

    def title(self, node: Value, xp: Writer = TEXT) -> str:
        """``d = a × b``; the formula alone where that is the name, and the name alone of a leaf."""
        name = self.name(node, xp)
        if not node.parents:
            return name.string
        formula = self.formula(node, xp)
        return formula.string if formula.string == name.string else f"{name} = {formula}"

    def as_dict(self, node: Value) -> dict[str, Any]:
        """The node as plain data: ``kind`` and ``number`` together tell it from every other."""
        kind = "constant" if node.is_constant else "leaf" if node.is_leaf else "operation"
        return {
            "name": self.name(node).string,
            "latex": self.name(node, LATEX).string,
            "kind": kind,
            "number": self.numbers[node],
            "op": node.op,
            "data": node.data,
        }

    def _short_formula(self, node: Value) -> str:
        """The formula that might serve as a name; empty where there is none that is short."""
        inline = self._inline(node, TEXT, NAME_DEPTH) if self._small else None
        return "" if inline is None or len(inline.string) > NAME_WIDTH else inline.string

    @cached_property
    def _small(self) -> bool:
        return len(self.order) <= NAMED_BY_FORMULA

    @cached_property
    def _shared(self) -> set[str]:
        """The formulas that are no names, since several nodes have them."""
        if not self._small:
            return {""}
        counts = Counter(self._short_formula(node) for node in self.order if self._given(node, TEXT) is None)
        labels = {node.label for node in self.order}
        return {"", *(formula for formula, count in counts.items() if count > 1 or formula in labels)}

    def _given(self, node: Value, xp: Writer) -> Text | None:
        """The name of a node that is not named by its formula."""
        if node.label:
            return label_text(node.label, xp)
        if node.is_constant:
            return number_text(node.data, xp, node.data)
        if node.is_leaf:
            return self._numbered(node, "leaf", xp)
        return Text(xp, r"\mathrm{root}" if xp.latex else "root") if node is self.root else None

    def _inline(self, node: Value, xp: Writer, depth: int) -> Text | None:
        """The formula over labels and leaves alone; None if it is too deep or too broad for a name."""
        given = self._given(node, xp)
        if given is not None:
            return given
        if depth == 0 or len(node.parents) > NAME_PARENTS:
            return None
        texts = [self._inline(parent, xp, depth - 1) for parent in node.parents]
        return None if None in texts else write(node, xp, [text for text in texts if text is not None])

    def _numbered(self, node: Value, kind: str, xp: Writer) -> Text:
        number = self.numbers[node]
        return Text(xp, f"{latex_name(kind)}_{{{number}}}" if xp.latex else f"{kind}#{number}")


def write(node: Value, xp: Writer, operands: list[Text]) -> Text:
    """The node's operation on ``operands``, which is never just one of them: a node has a name of its own."""
    row, strings = node.primitive, [operand.string for operand in operands]
    text = xp.write(row, *row.operands(operands))
    if text.value is not None or text.string in strings:  # folded or simplified away: write it out
        text = xp.write(row, *row.operands([Text(xp, operand.string, operand.binding) for operand in operands]))
    if text.string in strings:
        return Text(
            xp, f"{latex_name(row.name)}{xp.parentheses.format(text.string)}" if xp.latex else f"{row.name}({text})"
        )
    return text


def label_text(label: str, xp: Writer) -> Text:
    """A label as part of a formula: in parentheses where it would read as a formula itself."""
    if xp.latex:
        return Text(xp, latex_name(label))
    label = " ".join(label.split()) or repr(label)
    return Text(xp, label, 0 if any(mark in " +-−×·*/^|=<>≤≥≠" for mark in label) else CLOSED)


def number_text(x: float, xp: Writer, value: Any = None) -> Text:
    """A number as part of a formula, shortened; with a ``value`` the formula may be simplified by it."""
    if xp.latex:
        return Text(xp, latex_number(x), SIGN if x < 0.0 else CLOSED, value)
    return Text(xp, short(x), SIGN if x < 0.0 else CLOSED, value)


def latex_number(x: float) -> str:
    """A short number in LaTeX: ``1.2 \\cdot 10^{-5}``, ``\\infty``."""
    text = short(x)
    if x != x:
        return r"\mathrm{nan}"
    if "inf" in text:
        return text.replace("inf", r"\infty")
    digits, _, exponent = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits
