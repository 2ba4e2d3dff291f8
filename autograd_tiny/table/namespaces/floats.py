"""Python floats with the answers of IEEE 754 where ``math`` would raise: ``exp(1000) = inf``, ``log(-1) = nan``.

A rule evaluates both sides of a ``where``, and an infinity in the side not taken must not stop it. Whether
an infinite *result* is an error is for `Value` to say, which knows the operands' names.

>>> FLOATS.exp(1000.0), FLOATS.log(0.0), FLOATS.div(1.0, -0.0), FLOATS.pow(0.0, -1.0), FLOATS.log(-1.0)
(inf, -inf, -inf, inf, nan)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from math import copysign, inf, nan
from typing import Any

from ..special import SPECIAL
from .base import Namespace
from .source import Source, python_scope
from .whole import ceil, floor, rint, trunc


def _or_nan(f: Callable[[float], float]) -> Callable[[float], float]:
    """``f``, with nan where ``math`` raises for lack of a real answer."""

    def safe(x: float) -> float:
        try:
            return f(x)
        except ValueError:
            return nan

    return safe


def _or_overflow(f: Callable[[float], float], towards: Callable[[float], float]) -> Callable[[float], float]:
    """``f``, with ``towards(x)`` where the answer is beyond the largest float."""

    def safe(x: float) -> float:
        try:
            return f(x)
        except OverflowError:
            return towards(x)

    return safe


def _log(x: float) -> float:
    if x > 0.0:
        return math.log(x)
    return -inf if x == 0.0 else nan


def _log1p(x: float) -> float:
    if x > -1.0:
        return math.log1p(x)
    return -inf if x == -1.0 else nan


def _div(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0.0 or a != a else copysign(inf, a) * copysign(1.0, b)


def _log2(x: float) -> float:
    if x > 0.0:
        return math.log2(x)
    return -inf if x == 0.0 else nan


def _log10(x: float) -> float:
    if x > 0.0:
        return math.log10(x)
    return -inf if x == 0.0 else nan


def _atanh(x: float) -> float:
    if -1.0 < x < 1.0:
        return math.atanh(x)
    return copysign(inf, x) if abs(x) == 1.0 else nan


def _fmod(a: float, b: float) -> float:
    try:
        return math.fmod(a, b)
    except ValueError:
        return nan


def _is_odd(y: float) -> bool:
    return y % 2.0 == 1.0


def _pow(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0.0 and _is_odd(y) else inf
    except ValueError:
        if x == 0.0:  # a pole; -0.0 keeps its sign under an odd power
            return copysign(inf, x) if _is_odd(y) else inf
        return nan


def _straight(name: str, formula: Callable[..., Any]) -> Callable[..., Any]:
    """``formula``, one of `SPECIAL`, as the text that it writes, and itself where ``math`` raises."""
    operands = [f"x{i}" for i in range(SPECIAL[name].__code__.co_argcount - 1)]
    code = Source()
    statements, (result,) = code.program([getattr(code, name)(*map(code.name, operands))], ["y"])
    scope = python_scope()
    exec("\n ".join([f"def rule({', '.join(operands)}):", *statements, f"return {result}"]), scope)
    straight = scope["rule"]

    def either(*xs: float) -> Any:
        try:
            return straight(*xs)
        except (OverflowError, ValueError, ZeroDivisionError):
            return formula(*xs)

    return either


class Floats(Namespace):
    """The namespace of Python floats."""

    pi = math.pi
    add = staticmethod(operator.add)
    sub = staticmethod(operator.sub)
    neg = staticmethod(operator.neg)
    div = staticmethod(_div)
    pow = staticmethod(_pow)
    exp = staticmethod(_or_overflow(math.exp, lambda x: inf))
    expm1 = staticmethod(_or_overflow(math.expm1, lambda x: inf))
    log = staticmethod(_log)
    log1p = staticmethod(_log1p)
    sqrt = staticmethod(_or_nan(math.sqrt))
    sin = staticmethod(_or_nan(math.sin))
    cos = staticmethod(_or_nan(math.cos))
    tan = staticmethod(_or_nan(math.tan))
    asin = staticmethod(_or_nan(math.asin))
    acos = staticmethod(_or_nan(math.acos))
    atan = staticmethod(math.atan)
    sinh = staticmethod(_or_overflow(math.sinh, lambda x: copysign(inf, x)))
    cosh = staticmethod(_or_overflow(math.cosh, lambda x: inf))
    tanh = staticmethod(math.tanh)
    log2 = staticmethod(_log2)
    log10 = staticmethod(_log10)
    cbrt = staticmethod(math.cbrt)
    asinh = staticmethod(math.asinh)
    acosh = staticmethod(_or_nan(math.acosh))
    atanh = staticmethod(_atanh)
    atan2 = staticmethod(math.atan2)
    fmod = staticmethod(_fmod)
    floor = staticmethod(floor)
    ceil = staticmethod(ceil)
    trunc = staticmethod(trunc)
    round = staticmethod(rint)
    erf = staticmethod(math.erf)
    erfc = staticmethod(math.erfc)
    abs = staticmethod(math.fabs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A page of formula is run as the straight line of Python that it writes, in a fifth of the time."""
        formula = super().__getattr__(name)
        if name in SPECIAL and name != "norm":
            self.__dict__[name] = formula = _straight(name, formula)
        return formula

    def where(self, condition: float, a: float, b: float) -> float:
        return a if condition else b

    def greater(self, a: float, b: float) -> float:
        return 1.0 if a > b else 0.0

    def less(self, a: float, b: float) -> float:
        return 1.0 if a < b else 0.0

    def greater_equal(self, a: float, b: float) -> float:
        return 1.0 if a >= b else 0.0

    def less_equal(self, a: float, b: float) -> float:
        return 1.0 if a <= b else 0.0

    def equal(self, a: float, b: float) -> float:
        return 1.0 if a == b else 0.0

    def not_equal(self, a: float, b: float) -> float:
        return 1.0 if a != b else 0.0


FLOATS = Floats()
