"""A program as an expression of sympy: the rules of the table run on symbols.

>>> import pytest
>>> _ = pytest.importorskip("sympy")
>>> from autograd_tiny import Value, compile
>>> w = Value(2.0, "w")
>>> program = compile(lambda x: (w * x).tanh() + x**2)
>>> _ = program(0.5)
>>> found = sympy_expression(program)
>>> found.expression, found.parameters, found.inputs
(x**2 + tanh(w*x), {w: 2.0}, [x])
>>> found.expression.diff(found.inputs[0])
w*(1 - tanh(w*x)**2) + 2*x
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import AutogradError
from ...table.namespaces import Namespace
from . import structures
from .describing import describe

if TYPE_CHECKING:
    from ..program import Program

SAME = (
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "erf",
    "erfc",
    "asinh",
    "acosh",
    "atanh",
    "atan2",
    "floor",
    "digamma",
    "polygamma",
    "erfinv",
)
RELATIONS = {"greater": "Gt", "less": "Lt", "greater_equal": "Ge", "less_equal": "Le", "equal": "Eq",
             "not_equal": "Ne"}  # fmt: skip


class Symbolic(NamedTuple):
    """What the function gives, the symbols of its parameters with the numbers of now, and those of its inputs."""

    expression: Any
    parameters: dict[Any, float]
    inputs: list[Any]


class SympyNamespace(Namespace):
    """A rule on expressions. Whole numbers stay exact."""

    mul = staticmethod(operator.mul)

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy
        self.pi = sympy.pi
        self.conditions: dict[Any, Any] = {}
        self.detach = _detached(sympy)
        for name in SAME:
            self.__dict__[name] = self._exact(getattr(sympy, name))
        for name, relation in RELATIONS.items():
            self.__dict__[name] = self._relation(getattr(sympy, relation))

    def _exact(self, f: Any) -> Any:
        return lambda *operands: f(*map(self.lift, operands))

    def _relation(self, f: Any) -> Any:
        def compare(a: Any, b: Any) -> Any:
            condition = f(self.lift(a), self.lift(b), evaluate=False)
            found = self.sympy.Piecewise((1, condition), (0, True), evaluate=False)
            self.conditions[found] = condition
            return found

        return compare

    def lift(self, x: Any) -> Any:
        """A number of Python's as sympy's, whole ones as integers."""
        if isinstance(x, float):
            return self.sympy.Integer(int(x)) if math.isfinite(x) and x == int(x) else self.sympy.Float(x)
        return self.sympy.sympify(x)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        condition = self.lift(condition)
        truth = self.conditions.get(condition, self.sympy.Ne(condition, 0))
        return self.sympy.Piecewise((self.lift(a), truth), (self.lift(b), True), evaluate=False)

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Any:
        return usual

    def div(self, a: Any, b: Any) -> Any:
        return self.lift(a) / self.lift(b)

    def pow(self, a: Any, b: Any) -> Any:
        return self.lift(a) ** self.lift(b)

    def expm1(self, x: Any) -> Any:
        return self.exp(x) - 1

    def log1p(self, x: Any) -> Any:
        return self.log(1 + self.lift(x))

    def abs(self, x: Any) -> Any:
        return self.sympy.Abs(self.lift(x))

    def sign(self, x: Any) -> Any:
        return self.sympy.sign(self.lift(x))

    def sigmoid(self, x: Any) -> Any:
        """In its one-sided form: an expression does not overflow."""
        return 1 / (1 + self.exp(-x))

    def softplus(self, x: Any) -> Any:
        return self.log(1 + self.exp(x))

    def logsumexp(self, xs: Sequence[Any]) -> Any:
        return self.log(reduce(operator.add, [self.exp(x) for x in xs]))

    def lgamma(self, x: Any) -> Any:
        return self.sympy.loggamma(self.lift(x))

    def spherical_jn(self, n: Any, x: Any) -> Any:
        """By sines and cosines where n is a number: of a negative x sympy's jn has the sign wrong."""
        found = self.sympy.jn(self.lift(n), self.lift(x))
        return self.sympy.expand_func(found) if found.order.is_Integer else found

    def sinc(self, x: Any) -> Any:
        return self.sympy.sinc(self.pi * self.lift(x))

    def hypot(self, a: Any, b: Any) -> Any:
        return self.norm([a, b])

    def norm(self, xs: Sequence[Any]) -> Any:
        return self.sqrt(reduce(operator.add, [self.lift(x) ** 2 for x in xs]))

    def logaddexp(self, a: Any, b: Any) -> Any:
        return self.logsumexp([a, b])

    def log_sigmoid(self, x: Any) -> Any:
        return -self.softplus(-x)

    def ceil(self, x: Any) -> Any:
        return self.sympy.ceiling(self.lift(x))

    def cbrt(self, x: Any) -> Any:
        return self.sign(x) * self.abs(x) ** self.sympy.Rational(1, 3)

    def mod(self, a: Any, b: Any) -> Any:
        return self.sympy.Mod(self.lift(a), self.lift(b))

    def floor_divide(self, a: Any, b: Any) -> Any:
        return self.sympy.floor(self.div(a, b))

    def largest(self, xs: Sequence[Any]) -> Any:
        return self.sympy.Max(*map(self.lift, xs))

    def smallest(self, xs: Sequence[Any]) -> Any:
        return self.sympy.Min(*map(self.lift, xs))


def _detached(sympy: Any) -> Any:
    """A function of sympy that gives its argument, and whose derivative is 0."""

    class Detached(sympy.Function):  # type: ignore[misc]
        nargs = 1
        is_real = True
        _imp_ = staticmethod(lambda x: x)

        def fdiff(self, argindex: int = 1) -> Any:
            return sympy.S.Zero

        def _eval_evalf(self, digits: int) -> Any:
            return self.args[0]._eval_evalf(digits)

        @classmethod
        def eval(cls, x: Any) -> Any:
            return x if x.is_Number else None

    Detached.__name__ = "detached"  # under which sympy prints it
    return Detached


MOST = 10_000
"""sympy makes expressions of so many terms in seconds; each condition within conditions doubles them."""
OWN = (
    "detach",
    "sigmoid",
    "softplus",
    "logsumexp",
    "abs",
    "sign",
    "sinc",
    "hypot",
    "norm",
    "logaddexp",
    "log_sigmoid",
    "mod",
    "floor_divide",
)
"""Rows whose rule is written for floats, and which have a plainer form in sympy."""


def sympy_expression(program: Program) -> Symbolic:
    """The expression; what `Program.to_sympy` gives."""
    try:
        import sympy
    except ImportError:
        raise AutogradError("to_sympy needs sympy: pip install 'autograd-tiny[sympy]'") from None
    told = describe(program)
    xp = SympyNamespace(sympy)
    inputs = _named([name for one, spec in told.inputs for name in _names(one, structures.count(spec))], set())
    leaves = _named([name or f"w{i}" for i, name in enumerate(told.names)], set(inputs))
    given, weights = [*map(sympy.Symbol, inputs)], [*map(sympy.Symbol, leaves)]
    rows, starts, operands = told.graph_rows(), told.starts.tolist(), told.operands.tolist()
    terms = Terms(program.__name__)
    found: list[Any] = []
    for i, (kind, number) in enumerate(zip(told.kinds.tolist(), told.numbers.tolist(), strict=True)):
        if kind < 3:
            found.append(xp.lift(number) if kind == 0 else (weights if kind == 1 else given)[int(number)])
            continue
        row = rows[kind - 3]
        parts = row.operands([found[j] for j in operands[starts[i] : starts[i + 1]]])
        try:
            found.append(getattr(xp, row.name)(*parts) if row.name in OWN else row.forward(xp, *parts))
            terms.check(found[-1])
        except RecursionError:
            raise ValueError(
                f"{program.__name__} has more operations one inside another than sympy takes: to_sympy is for a "
                "formula; to_numpy, to_c and the others write programs of any size"
            ) from None
    results = iter([sympy.sympify(found[root]) for root in told.roots.tolist()])
    values = dict(zip(weights, told.values.tolist(), strict=True))
    return Symbolic(structures.filled(told.result, results), values, given)


class Terms:
    """How large expressions are as trees; a part that stands in several places is counted in each."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[Any, int] = {}

    def check(self, expression: Any) -> None:
        """``ValueError`` before an expression is too large for sympy to work on."""
        size = self.of(expression)
        if size > MOST:
            raise ValueError(
                f"{self.name} written out as an expression has more than {MOST:,} terms (a part of it has {size:,}): "
                "to_sympy is for a formula; to_numpy, to_c and the others write programs of any size"
            )

    def of(self, expression: Any) -> int:
        parts = getattr(expression, "args", ())
        if not parts:
            return 1
        if expression not in self.known:
            self.known[expression] = 1 + sum(map(self.of, parts))
        return self.known[expression]


def _names(argument: str, size: int) -> list[str]:
    return [argument] if size == 1 else [f"{argument}_{i}" for i in range(size)]


def _named(names: list[str], taken: set[str]) -> list[str]:
    """The names, none of them twice."""
    found: list[str] = []
    for name in names:
        while name in taken:
            name += "_"
        taken.add(name)
        found.append(name)
    return found
