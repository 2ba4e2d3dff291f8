"""A rule as array code: run on this namespace, it becomes calls that write into buffers.

>>> code = Terms()
>>> x = code.name("x")
>>> print(code.relu(x), code.sigmoid(x) * 1.0 is code.sigmoid(x))
maximum(x, 0.0) True

Numbers known when the program is made are folded, so an exponent of 2.0 leaves no test for 0 ** 0 behind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...table.namespaces import FLOATS, Namespace

COMPARISONS = ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal")
CALLS = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
         "abs", "pow", "erf", "erfc", "log2", "log10", "cbrt", "asinh", "acosh", "atanh", "atan2", "fmod", "floor",
         "ceil", "trunc", "round", *COMPARISONS)  # fmt: skip


class Given(float):
    """A number of the graph, in place of an operand: its 0 times an infinity is no 0, as that of a rule's own is."""


class Term:
    """An array-to-be: an operation on terms and numbers, or a name."""

    __slots__ = ("code", "operands", "operation")

    def __init__(self, code: Terms, operation: str, operands: tuple[Any, ...]) -> None:
        self.code, self.operation, self.operands = code, operation, operands

    def __add__(self, other: Any) -> Any:
        return self.code.call("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.code.call("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.code.call("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.code.call("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.code.call("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.code.call("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.code.call("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.code.call("div", other, self)

    def __neg__(self) -> Any:
        return self.code.call("mul", self, -1.0)  # np.negative in place was seen to fail on strided views

    def __str__(self) -> str:
        return f"{self.operation}({', '.join(map(str, self.operands))})" if self.operands else self.operation


class Terms(Namespace):
    """The namespace of one program piece: equal terms are one term."""

    pi = math.pi

    def __init__(self, length: int = 1) -> None:
        self.length = length
        self.known: dict[tuple[Any, ...], Term] = {}

    def name(self, name: str) -> Term:
        return self.term(name)

    def term(self, operation: str, *operands: Any) -> Term:
        key = (operation, *(id(x) if isinstance(x, Term) else ("number", repr(x)) for x in operands))
        return self.known.setdefault(key, Term(self, operation, operands))

    def call(self, operation: str, *operands: Any) -> Any:
        """The term, or the number if all operands are, or one operand if the operation leaves it alone."""
        if not any(isinstance(x, Term) for x in operands):
            return getattr(FLOATS, operation)(*operands)
        if operation in ("add", "mul"):
            for x, other in (operands, operands[::-1]):
                if not isinstance(x, Term) and x == (0.0 if operation == "add" else 1.0):
                    if operation == "add" and isinstance(x, Given):
                        break  # the function's own 0 makes 0 of -0, from which atan2 tells a half-turn from another
                    return other
                if operation == "mul" and not isinstance(x, (Term, Given)) and x == 0.0:
                    return 0.0  # a rule's own 0: an edge that is not taken
        if operation == "mul":
            for x, other in (operands, operands[::-1]):
                if isinstance(other, Term) and other.operation == "div" and other.operands[0] == 1.0:
                    return self.term("div", x, other.operands[1])
            quotient = _negated(operands[1])
            if quotient is not None and quotient.operation == "div" and isinstance(operands[0], Term):
                # x · -(a / b) as -(x / b · a): a quotient's other derivative is x / b
                a, b = quotient.operands
                return self.call("mul", self.call("mul", self.call("div", operands[0], b), a), -1.0)
        if operation == "mul" and isinstance(operands[0], Term) and operands[1] == -1.0:
            inner = operands[0]
            if inner.operation == "mul" and inner.operands[1] == -1.0:
                return inner.operands[0]
        if operation == "sub" and not isinstance(operands[1], Term) and repr(float(operands[1])) == "0.0":
            return operands[0]
        return self.term(operation, *operands)

    def mul(self, a: Any, b: Any) -> Any:
        return self.call("mul", a, b)

    def div(self, a: Any, b: Any) -> Any:
        return self.call("div", a, b)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Term):
            return a if condition else b
        if not isinstance(a, Term) and not isinstance(b, Term):
            if a == b:
                return a
            if (a, b) == (1.0, 0.0) and condition.operation in COMPARISONS:
                return condition
        if condition.operation == "greater" and condition.operands == (a, 0.0) and b == 0.0 and not isinstance(b, Term):
            return self.term("maximum", a, 0.0)
        return self.term("where", condition, a, b)

    def sech_squared(self, x: Any) -> Any:
        """4e / (1 + e)² with e = exp(-2|x|): as exact as 1 / cosh², four times as fast, and without overflow."""
        e = self.call("exp", self.call("mul", self.call("abs", x), -2.0))
        once = self.call("add", e, 1.0)
        return self.div(self.call("mul", e, 4.0), self.call("mul", once, once))

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + e^-x), and e^-x / (1 + e^-x) for -x: exact, and they share their exponential.

        If it overflows, that is noticed, and the scalars are asked.
        """
        if isinstance(x, Term) and x.operation == "mul" and x.operands[1] == -1.0:
            e = self.call("exp", x)
            return self.div(e, self.call("add", e, 1.0))
        return self.div(1.0, self.call("add", self.call("exp", -x), 1.0))

    def pow(self, a: Any, b: Any) -> Any:
        """Products and roots for the exponents that have them: numpy's power takes 20 times as long."""
        if isinstance(a, Term) and not isinstance(b, Term):
            if b in (1.0, 2.0, 3.0):
                return self.call("mul", self.pow(a, b - 1.0), a) if b > 1.0 else a
            if b == 0.5:
                return self.call("add", self.call("sqrt", a), Given(0.0))  # √-0 is -0, and (-0) ** 0.5 is 0
            if b in (-0.5, -1.0, -2.0):
                return self.div(1.0, self.pow(a, -b))
            if b == -1.5:
                return self.div(1.0, self.call("mul", a, self.call("sqrt", a)))
        return self.call("pow", a, b)

    def abs(self, x: Any) -> Any:
        while isinstance(x, Term) and x.operation == "mul" and x.operands[1] == -1.0:
            x = x.operands[0]
        return self.call("abs", x)

    # Vectors are arrays whose last axis of elements is written ``[v]``: one term stands for all of them.

    def each(self, f: Callable[[Any], Any], xs: Any) -> Any:
        return f(xs)

    def sum_of(self, f: Callable[..., Any], *vectors: Any) -> Any:
        terms = f(*vectors)
        return self.term("reduce_add", terms) if isinstance(terms, Term) else terms * self.length

    def largest(self, xs: Sequence[Any]) -> Any:
        return self.term("reduce_maximum", xs)

    def smallest(self, xs: Sequence[Any]) -> Any:
        return self.term("reduce_minimum", xs)


def _negated(x: Any) -> Any:
    """The term of which x is the negative; None if there is none."""
    return x.operands[0] if isinstance(x, Term) and x.operation == "mul" and x.operands[1] == -1.0 else None


def _define(name: str) -> None:
    setattr(Terms, name, lambda self, *operands: self.call(name, *operands))


for _name in CALLS:
    if _name not in ("abs", "pow"):
        _define(_name)
