"""Numbers of 60 digits, and such as know when a function has dropped them.

A user's function may turn a number into a float on its way: ``math.exp(x)``, ``float(x)``, ``np.array([x], float)``.
All of these call a method of the number. The numbers of `tracked_digits` are mpmath's own with those methods
replaced by ones that note it, so that nothing has to be guessed from the result.

>>> xp = tracked_digits()
>>> before = lost(xp)                                 # there may have been others
>>> x = xp.context.mpf(0.5)
>>> y = x * x + 1
>>> lost(xp)
''
>>> import math
>>> y = 1e-30 * math.exp(x) + x
>>> lost(xp)
'float()'
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from ...table.namespaces.multiprecision import MultiPrecision, multiprecision
from .lifting import real_cbrt

DIGITS = 60


@cache
def sixty_digits() -> MultiPrecision:
    """The namespace of the exact oracle, made once: an mpmath context takes longer to make than a check."""
    xp = multiprecision(DIGITS)
    xp.most_bits = 500  # slopes that take more to tell from 0 are those of exponentials
    return xp


class DigitsLost(Exception):
    """A function made a float, or a text, of a number of 60 digits: what comes out has no more than 16."""


LOSING = {"__float__": "float()", "__complex__": "complex()", "__hash__": "hash()", "__str__": "str()",
          "__repr__": "repr()", "__format__": "format()"}  # fmt: skip
"""A hash is among them because a cache that is asked for a number may answer with that of the float."""

NUMPY_NAMES = {
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh",
    "cosh": "cosh", "tanh": "tanh", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "exp": "exp",
    "expm1": "expm1", "log": "log", "log10": "log10", "log1p": "log1p", "sqrt": "sqrt", "cbrt": "cbrt",
    "fabs": "fabs", "floor": "floor", "ceil": "ceil", "radians": "radians", "deg2rad": "radians",
}  # fmt: skip
"""What numpy calls on the elements of an object array, and mpmath's name for it."""


@cache
def tracked_digits() -> MultiPrecision:
    """A namespace of 60 digits whose numbers note when they are made into anything less."""
    xp = multiprecision(DIGITS)
    context = xp.context
    context.noted = ""
    number = context.mpf  # a class of this context alone
    for name in ("exp", "expm1", "sinh", "cosh"):
        setattr(context, name, _within(getattr(context, name), name, context))

    def noting(name: str, what: str) -> Callable[..., Any]:
        plain: Any = getattr(number, name, None)

        def method(self: Any, *more: Any) -> Any:
            context.noted = context.noted or what
            return plain(self, *more) if plain is not None else complex(number.__float__(self))

        return method

    def calling(f: Callable[..., Any]) -> Callable[[Any], Any]:
        def method(self: Any) -> Any:
            out = f(self)
            return out if isinstance(out, number) else context.nan  # numpy's answer off a domain

        return method

    for name, what in LOSING.items():
        setattr(number, name, noting(name, what))
    for name, mpmaths in NUMPY_NAMES.items():
        setattr(number, name, calling(getattr(context, mpmaths)))
    number.cbrt = calling(partial(real_cbrt, context))
    for name, base in (("log2", 2), ("exp2", None)):
        setattr(number, name, calling(lambda x, b=base: context.log(x, b) if b else context.mpf(2) ** x))
    _watch_comparisons(context, number)
    # These lose nothing: an integer is exact. Without them `math.floor` would ask for a float.
    number.__floor__ = lambda self: int(context.floor(self))
    number.__ceil__ = lambda self: int(context.ceil(self))
    number.__trunc__ = lambda self: int(self)
    return xp


LARGEST = 1e5
"""An exponential of more is no number that is computed with: its own sine takes as many bits."""


def _within(f: Callable[..., Any], name: str, context: Any) -> Callable[..., Any]:
    """``f`` as ``math`` has it: an OverflowError for what is too large, and its limit where it has one."""

    def within(x: Any, **named: Any) -> Any:
        if -LARGEST < x < LARGEST or not context.isfinite(x):
            return f(x, **named)
        if x < 0 and name in ("exp", "expm1"):
            return context.mpf(0 if name == "exp" else -1)
        raise OverflowError("math range error")

    return within


COMPARED = ("__lt__", "__le__", "__gt__", "__ge__")

TOLERANCE = 1e-3
"""A number that is compared with less than that, again and again, may be a residual."""


def _watch_comparisons(context: Any, number: type) -> None:
    context.answers = {}

    def watching(name: str) -> Callable[..., Any]:
        plain: Any = getattr(number, name)

        def method(self: Any, other: Any) -> Any:
            answer = plain(self, other)
            if type(other) is float and 0.0 < other < TOLERANCE:
                context.answers.setdefault(other, []).append(answer)
            return answer

        return method

    for name in COMPARED:
        setattr(number, name, watching(name))


def stopped_at(xp: MultiPrecision) -> float:
    """The largest tolerance at which something iterative has stopped since the last time this was asked; 0 if none.

    A loop asks the same of it again and again, and ends with the other answer. In 60 digits as in floats it is then
    right to about that, and so is its slope.
    """
    answers: dict[float, list[bool]] = getattr(xp.context, "answers", {})
    found = [c for c, said in answers.items() if len(said) > 1 and said[-1] is not said[0]]
    answers.clear()
    return max(found, default=0.0)


def lost(xp: MultiPrecision) -> str:
    """What has made less of a number since the last time this was asked; "" if nothing has."""
    noted: str = getattr(xp.context, "noted", "")
    xp.context.noted = ""
    return noted
