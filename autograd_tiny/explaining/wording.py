"""Nodes in words: what a node is called, its formula, and the formula of each local derivative.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> d = a * b
>>> name_of(d), local_formula(d, 0)
('a × b', 'b')
>>> from autograd_tiny.table.namespaces import LATEX
>>> str(text_of(d.tanh(), LATEX)), latex_name("w1"), latex_name("a⁽²⁾")
('\\\\tanh\\\\left(a \\\\cdot b\\\\right)', 'w_{1}', 'a^{(2)}')
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..core import Value
from ..table.namespaces import TEXT, Text
from ..table.namespaces.text import CLOSED, SHOWN, SIGN, Writer
from .textbook import rules_of, typeset

PRODUCT = 2
"""How tightly ``w·x`` binds."""

DEPTH = 3
"""An unlabelled node is called by its formula, down to this many operations; what lies below is dots."""

Known = Callable[[Value], str]
"""What a node is called where it has a name, and "" where its formula is to stand for it."""


def label_of(node: Value) -> str:
    """The name that a node carries itself."""
    return node.label


def text_of(node: Value, xp: Writer = TEXT, depth: int = DEPTH, known: Known = label_of) -> Text:
    """The node as a formula: its name, its number if it has no parents, else its operation on its parents."""
    name = known(node)
    if name:
        return symbol(name, xp)
    if node.is_constant:
        return number_text(node.data, xp)
    if node.is_leaf:  # a number to look at, but not one to fold: it may change
        shown = number_text(node.data, xp)
        return Text(xp, shown.string, shown.binding)
    if depth == 0:
        return xp.name(r"\dots" if xp.latex else "…")
    return operation_text(node, xp, lambda parent: text_of(parent, xp, depth - 1, known))


def operation_text(node: Value, xp: Writer, text: Callable[[Value], Text]) -> Text:
    """The operation that gives the node, on the names that ``text`` gives its operands.

    A rule's ``1 × x`` is better written x, but a node that is ``1 × x`` is not the node x, and is not called so.
    """
    row, operands = node.primitive, operand_texts(node, xp, text)
    simple = xp.write(row, *operands)
    if row.variadic or (simple.value is None and simple.string not in [operand.string for operand in operands]):
        return simple
    return xp.write(row, *(Text(xp, operand.string, operand.binding) for operand in operands))


def operand_texts(node: Value, xp: Writer, text: Callable[[Value], Text], i: int = 0) -> list[Any]:
    """The operands as formulas, in the form in which the row's rules take them.

    Of long vectors only the elements that a formula shows are written, and those at ``i``'s place: the name of
    a node of 4096 parents costs no more than that of one of four.
    """
    parents = node.parents
    row = node.primitive
    length = len(parents) // len(row.arguments) if row.variadic else len(parents)
    if not row.variadic or length <= SHOWN:
        return row.operands([text(parent) for parent in parents])
    shown, dots = {*range(SHOWN - 2), i % length, length - 1}, xp.name("…")
    return row.operands([text(parent) if j % length in shown else dots for j, parent in enumerate(parents)])


def name_of(node: Value) -> str:
    """What to call a node in a sentence: its label, or its formula."""
    return str(text_of(node))


def local_formula(
    node: Value, i: int, xp: Writer = TEXT, text: Callable[[Value], Text] | None = None, *, computed: bool = False
) -> str:
    """The formula of d(node)/d(parent i), in the names of the operands, or in those that ``text`` gives them.

    It is the textbook's, where there is one, or that which is ``computed``.
    """
    write = text or (lambda operand: text_of(operand, xp, DEPTH - 1))
    row, operands = node.primitive, operand_texts(node, xp, write, i)
    out = text(node) if text else xp.name(str(text_of(node, xp)))
    rules = rules_of(row, computed)
    if row.variadic:
        given = [x for rule in rules for x in rule(xp, *operands, out)][i]
    else:
        given = rules[i](xp, *operands, out)
    found = xp.as_text(given)
    if not row.variadic and rules[i] is not row.partials[i]:
        found = typeset(found)
    return str(found if found.value is None else number_text(found.value, xp))


def symbol(name: str, xp: Writer = TEXT) -> Text:
    """A name as a formula, which gets parentheses where it does not read as one thing."""
    if xp.latex:
        return Text(xp, latex_name(name))
    if re.fullmatch(r"[^\s+\-−×*/^=<>,|·]+·[^\s+\-−×*/^=<>,|·]+", name):
        return Text(xp, name, PRODUCT)
    return Text(xp, name, 0 if re.search(r"[\s+\-−×*/·^=<>,|]", name) else CLOSED)


def number_text(x: float, xp: Writer = TEXT) -> Text:
    """A number in a formula: as it is where that is short, else to four digits."""
    whole = xp.number(x)
    if len(whole.string) <= 7:
        return whole
    digits = latex_number(x) if xp.latex else short(x).replace("-", "−", 1) if x < 0 else short(x)
    return Text(xp, digits, SIGN if x < 0 else CLOSED, x)


def short(x: float, digits: int = 4) -> str:
    """A number to read, not to compute with: ``digits`` significant digits."""
    return f"{x:.{digits}g}"


def latex_number(x: float, digits: int = 4) -> str:
    r"""A number to read, in LaTeX: ``1.5 \times 10^{-5}``.

    >>> latex_number(-1.5e-5), latex_number(float("inf"))
    ('-1.5 \\times 10^{-5}', '\\infty')
    """
    if x != x:
        return r"\text{nan}"
    if x in (float("inf"), float("-inf")):
        return r"\infty" if x > 0 else r"-\infty"
    mantissa, e, exponent = short(x, digits).partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa


_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎"
_PLAIN = str.maketrans(_RAISED + _LOWERED, "0123456789+-()T" + "0123456789+-()")
_PARTS = re.compile(
    rf"([^\W\d_{_RAISED}{_LOWERED}]+)([{_RAISED}]+)?(?:_?(\d+)|([{_LOWERED},]+)|\[([\w, ]+)\])?([{_RAISED}]+)?"
)
_ESCAPES = {"\\": r"\backslash ", **{c: "\\" + c for c in "#$%&_{}"}, "^": r"\^{}", "~": r"\~{}"}


def latex_name(name: str) -> str:
    r"""A label in LaTeX: ``w1`` and ``w[1]`` with an index, ``a⁽²⁾`` with its raised part, all else as plain text.

    No character of a label is a command to LaTeX.

    >>> latex_name("w²₂₁"), latex_name("ŷ⁽²⁾"), latex_name("w¹₂·x")
    ('w_{21}^{2}', '\\hat{y}^{(2)}', 'w_{2}^{1} \\cdot x')
    >>> latex_name("w[0]"), latex_name("loss"), latex_name("a_b & c")
    ('w_{0}', '\\mathrm{loss}', '\\text{a\\_b \\& c}')
    """
    factors = name.split("·")
    if len(factors) == 2 and all(map(_PARTS.fullmatch, factors)):
        return r" \cdot ".join(map(latex_name, factors))
    parts = _PARTS.fullmatch(name)
    if parts is None:
        return rf"\text{{{''.join(_ESCAPES.get(c, c) for c in name)}}}"
    letters, layer, digits, lowered, index, raised = parts.groups()
    shown = r"\hat{y}" if letters == "ŷ" else letters if len(letters) == 1 else rf"\mathrm{{{letters}}}"
    below = digits or (lowered or "").translate(_PLAIN) or (index or "").replace("_", r"\_")
    above = ((layer or "") + (raised or "")).translate(_PLAIN)
    return shown + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
