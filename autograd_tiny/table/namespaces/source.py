"""Source code: run on this namespace, a rule writes the straight-line program that computes it.

Formulas that share a part (forward and partial of sigmoid share an exponential) compute it once. The same
terms print as Python, for the methods in ``_operations.py``, and as C, for the compiled engine: ``math`` and
``math.h`` have the same names.

>>> code = Source()
>>> x = code.name("x")
>>> y = code.sigmoid(x)
>>> statements, (out, slope) = code.program([y, y * code.sigmoid(-x)], names=["y", "dx"])
>>> print("\\n".join(statements))
t1 = exp(-fabs(x))
t2 = 1.0 + t1
y = (t1 if x < 0.0 else 1.0) / t2
>>> slope
'y * ((t1 if -x < 0.0 else 1.0) / t2)'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from . import whole
from .base import Namespace

ATOM, POWER, PRODUCT, SUM, COMPARISON, CHOICE = 6, 5, 4, 3, 2, 1


class Term:
    """A node of a formula: how it is written, out of which terms, and how tightly that binds."""

    __slots__ = ("binding", "code", "levels", "operands", "template")

    def __init__(
        self, code: Source, template: str, operands: tuple[Term, ...], binding: int, levels: Sequence[int]
    ) -> None:
        self.code, self.template, self.operands, self.binding, self.levels = code, template, operands, binding, levels

    def __add__(self, other: Any) -> Term:
        if not isinstance(other, (Term, float, int)):
            return NotImplemented  # a series of terms
        return self.code.term("{} + {}", (self, other), SUM, (SUM, SUM + 1))

    def __radd__(self, other: Any) -> Term:
        return self.code.as_term(other) + self

    def __sub__(self, other: Any) -> Term:
        if not isinstance(other, (Term, float, int)):
            return NotImplemented  # a series of terms
        return self.code.term("{} - {}", (self, other), SUM, (SUM, SUM + 1))

    def __rsub__(self, other: Any) -> Term:
        return self.code.as_term(other) - self

    def __mul__(self, other: Any) -> Term:
        if not isinstance(other, (Term, float, int)):
            return NotImplemented  # a series of terms
        return self.code.mul(self, other)

    def __rmul__(self, other: Any) -> Term:
        return self.code.mul(other, self)

    def __truediv__(self, other: Any) -> Term:
        return self.code.div(self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return self.code.div(other, self)

    def __neg__(self) -> Term:
        return self.code.term("-{}", (self,), POWER, (POWER,))


class Source(Namespace):
    """The namespace of one straight-line program: equal terms are one term."""

    select = "{1} if {0} else {2}"
    truth = "1.0 if {0} else 0.0"

    def __init__(self) -> None:
        self.terms: dict[tuple[Any, ...], Term] = {}
        self.pi = math.pi

    def term(self, template: str, operands: tuple[Any, ...], binding: int, levels: Sequence[int]) -> Term:
        terms = tuple(self.as_term(x) for x in operands)
        key = (template, *map(id, terms))
        return self.terms.setdefault(key, Term(self, template, terms, binding, levels))

    def name(self, name: str) -> Term:
        return self.term(name, (), ATOM, ())

    def as_term(self, x: Any) -> Term:
        return x if isinstance(x, Term) else self.term(repr(float(x)), (), ATOM if x >= 0 else POWER, ())

    def mul(self, a: Any, b: Any) -> Term:
        return self.term("{} * {}", (a, b), PRODUCT, (PRODUCT, PRODUCT + 1))

    def div(self, a: Any, b: Any) -> Term:
        return self.term("{} / {}", (a, b), PRODUCT, (PRODUCT, PRODUCT + 1))

    def where(self, condition: Any, a: Any, b: Any) -> Term:
        if isinstance(condition, Term) and condition.template == self.truth:
            condition = condition.operands[0]
        return self.term(self.select, (condition, a, b), CHOICE, (COMPARISON,) * 3)

    def abs(self, x: Any) -> Term:
        x = self.as_term(x)
        if x.template == "-{}":  # so that sigmoid(x) and sigmoid(-x) share their exponential
            x = x.operands[0]
        return self.term("fabs({})", (x,), ATOM, (0,))

    def program(self, outputs: Sequence[Any], names: Sequence[str]) -> tuple[list[str], list[str]]:
        """Statements, and for each output the expression to use after them.

        A term used twice gets a temporary; an output that another output uses is assigned to its own name.
        """
        roots = [self.as_term(output) for output in outputs]
        order = _post_order(roots)
        uses: dict[Term, int] = {}
        for used in [*roots, *(operand for term in order for operand in term.operands)]:
            uses[used] = uses.get(used, 0) + 1
        written: dict[Term, tuple[str, int]] = {}
        statements: list[str] = []
        temporaries = 0
        for term in order:
            parts = []
            for operand, level in zip(term.operands, term.levels, strict=True):
                text, binding = written[operand]
                parts.append(text if binding >= level else f"({text})")
            text, binding = term.template.format(*parts), term.binding
            if term.operands and uses[term] > 1:
                if term in roots:
                    name = names[roots.index(term)]
                else:
                    temporaries += 1
                    name = f"t{temporaries}"
                statements.append(f"{name} = {text}")
                text, binding = name, ATOM
            written[term] = text, binding
        return statements, [written[root][0] for root in roots]


def _post_order(roots: Sequence[Term]) -> list[Term]:
    """The terms below ``roots``, operands first, in the order in which the roots need them."""
    order: dict[Term, None] = {}

    def visit(term: Term) -> None:  # rules are a few terms deep
        if term not in order:
            for operand in term.operands:
                visit(operand)
            order[term] = None

    for root in roots:
        visit(root)
    return list(order)


def _call(name: str) -> Callable[..., Term]:
    def write(self: Source, *operands: Any) -> Term:
        places = ", ".join("{}" for _ in operands)
        return self.term(f"{name}({places})", operands, ATOM, (0,) * len(operands))

    return write


def _compare(symbol: str) -> Callable[..., Term]:
    def write(self: Source, a: Any, b: Any) -> Term:
        comparison = self.term(f"{{}} {symbol} {{}}", (a, b), COMPARISON, (SUM, SUM))
        return self.term(self.truth, (comparison,), CHOICE, (0,))

    return write


INTRINSIC = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
             "tanh", "erf", "erfc", "pow", "log2", "log10", "cbrt", "asinh", "acosh", "atanh", "atan2",
             "fmod")  # fmt: skip
"""Functions that ``math`` and ``math.h`` have under these names (and ``fabs`` for ``abs``)."""
WHOLE = ("floor", "ceil", "trunc", "rint")
"""Functions of ``math.h`` that give a float where Python's give an int: in Python they are those of `whole`."""
LIBRARY = (*INTRINSIC, *WHOLE)


def python_scope() -> dict[str, Any]:
    """What the names of functions mean in the Python that `Source` writes."""
    named = {name: getattr(math, name) for name in (*INTRINSIC, "fabs")}
    return {**named, **{name: getattr(whole, name) for name in WHOLE}}


for _name in LIBRARY:
    setattr(Source, _name if _name != "rint" else "round", _call(_name))
for _name, _symbol in {"greater": ">", "less": "<", "greater_equal": ">=", "less_equal": "<=", "equal": "==",
                       "not_equal": "!="}.items():  # fmt: skip
    setattr(Source, _name, _compare(_symbol))
