"""Local derivatives as textbooks write them, ``1 − tanh²(z)`` and ``a × (1 − a)``, where a row has such a form.

What is computed is the row's partial, which keeps its digits everywhere; the textbook's form is the same function.

>>> from autograd_tiny.table.namespaces import LATEX, TEXT
>>> from autograd_tiny.table.ops import TABLE
>>> z, a = TEXT.name("z"), TEXT.name("a")
>>> str(derived(TABLE["tanh"], TEXT, [z], a)[0]), str(derived(TABLE["sigmoid"], TEXT, [z], a)[0])
('1 − tanh²(z)', 'a × (1 − a)')
>>> str(derived(TABLE["tanh"], TEXT, [z], a, computed=True)[0])
'1 / cosh²(z)'
>>> print(derived(TABLE["tanh"], LATEX, [LATEX.name("z")], LATEX.name("a"))[0])
1 - \\tanh^{2}\\left(z\\right)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..table.namespaces import Text
from ..table.namespaces.text import Writer
from ..table.primitive import Primitive, Rule

_SQUARE = re.compile(r"\b(sinh|cosh|tanh|sin|cos|tan)(\([^()]*\))²")
_LATEX_SQUARE = re.compile(r"\{(\\(?:sinh|cosh|tanh|sin|cos|tan))(\\left\((?:(?!\\left|\\right).)*\\right\))\}\^\{2\}")


def rules_of(row: Primitive, computed: bool = False) -> Sequence[Rule]:
    """For each operand (each vector, of a row with many) the rule that is shown for its derivative."""
    if computed or not row.books:
        return row.partials
    return [book or partial for book, partial in zip(row.books, row.partials, strict=True)]


def derived(row: Primitive, xp: Writer, operands: Sequence[Any], out: Text, computed: bool = False) -> list[Any]:
    """What those rules write: a formula for each operand, or a vector of them."""
    return [
        given if rule is partial else typeset(xp.as_text(given))
        for rule, partial in zip(rules_of(row, computed), row.partials, strict=True)
        for given in [rule(xp, *operands, out)]
    ]


def typeset(formula: Text) -> Text:
    """The formula with the square of a function on its name: ``tanh²(z)``."""
    if formula.writer.latex:
        string = _LATEX_SQUARE.sub(r"\1^{2}\2", formula.string)
    else:
        string = _SQUARE.sub(r"\1²\2", formula.string)
    return Text(formula.writer, string, formula.binding, formula.value)
