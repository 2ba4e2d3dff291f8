"""A function whose ``math`` is mpmath's: ``math.exp`` of a number of 60 digits then has 60 digits.

`lifted` makes a copy of a plain Python function that finds other functions where it says ``math``: among its
globals, in its closure, in its defaults, and in the functions of the same program that it calls. Nothing is changed
for anyone else, and nothing is evaluated that is not the function. Where a copy cannot be had (a class, a C
function, ``cmath``, a library), the digits are lost as before and `digits` sees it.

>>> import math
>>> from .digits import tracked_digits, lost
>>> xp = tracked_digits()
>>> f = lambda x: 2.0 * math.exp(-x)
>>> before, y = lost(xp), lifted(f, xp.context)(xp.context.mpf(1))
>>> lost(xp), y
('', mpf('0.73575888234288464319104754032292173489162226206353566901567358'))
>>> lifted(f, xp.context)(1.0) == f(1.0)
True
"""

from __future__ import annotations

import functools
import math
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

SAME_NAME = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh degrees erf erfc exp expm1 fabs floor fmod fsum gamma
    hypot ldexp log log10 log1p radians sin sinh sqrt tan tanh
"""

LIBRARIES = frozenset({"numpy", "scipy", "mpmath", "sympy", "hypothesis", "torch", "jax"})
"""Whose functions are left as they are: they know themselves what to do with an mpmath number, or do not."""

OURS = str(Path(__file__).parents[2])
"""The folder of this package, whose functions know as well."""

SMALL = 64
"""How many entries a list or dict in a closure may have to be looked through for functions."""


def math_over(context: Any) -> dict[int, Any]:
    """For the id of ``math`` and of each of its functions what takes its place in this mpmath context."""
    number = context.mpf
    special: dict[str, Callable[..., Any]] = {
        "cbrt": lambda x: real_cbrt(context, x),
        "copysign": lambda x, y: abs(context.convert(x)) * (1 if y >= 0 else -1),
        "exp2": lambda x: number(2) ** x,
        "lgamma": lambda x: context.log(abs(context.gamma(x))),
        "log2": lambda x: context.log(x, 2),
        "pow": lambda x, y: number(x) ** y,
        "trunc": lambda x: context.floor(x) if x > 0 else context.ceil(x),
        "dist": lambda p, q: context.sqrt(sum((a - b) ** 2 for a, b in zip(p, q, strict=True))),
        "prod": lambda xs, start=1: functools.reduce(lambda a, b: a * b, xs, start),
        "sumprod": lambda p, q: sum(a * b for a, b in zip(p, q, strict=True)),
        "hypot": lambda *xs: context.sqrt(sum(x * x for x in xs)),
        "fmod": lambda x, y: x - y * (special["trunc"](number(x) / y)),
        "isnan": context.isnan, "isinf": context.isinf, "isfinite": context.isfinite,
    }  # fmt: skip
    found: dict[int, Any] = {}
    names = {name: special.get(name) or getattr(context, name, None) for name in (*SAME_NAME.split(), *special)}
    module = types.SimpleNamespace(**{name: getattr(math, name) for name in dir(math)})
    for name, ours in names.items():
        plain = getattr(math, name, None)
        if plain is not None and ours is not None:
            made = _either(plain, ours, number)
            setattr(module, name, made)
            found[id(plain)] = made
    found[id(math)] = module
    return found


def real_cbrt(context: Any, x: Any) -> Any:
    """The real root, of negative numbers too, of which mpmath gives a complex one."""
    return context.cbrt(x) if x >= 0 else -context.cbrt(-x)


def _either(plain: Callable[..., Any], ours: Callable[..., Any], number: type) -> Callable[..., Any]:
    """``plain`` for plain numbers, as ever; ``ours`` where one of them is a ``number``, with the same errors."""

    def has(x: Any) -> bool:
        return isinstance(x, number) or (type(x) in (list, tuple) and any(isinstance(part, number) for part in x))

    def call(*operands: Any, **named: Any) -> Any:
        operands = tuple(list(x) if isinstance(x, types.GeneratorType) else x for x in operands)
        if not any(map(has, operands)):
            return plain(*operands, **named)
        out = ours(*operands, **named)
        if isinstance(out, (bool, int)) or (isinstance(out, number) and -math.inf < out < math.inf):  # type: ignore[operator]
            return out
        raise ValueError("math domain error")

    return call


class Lifting:
    """One copying, which remembers what it has copied: functions may call each other."""

    def __init__(self, context: Any) -> None:
        self.instead = math_over(context)
        self.made: dict[int, Any] = {}
        self.kept: list[Any] = []

    def lift(self, x: Any) -> Any:
        """What takes the place of ``x``; ``x`` itself where nothing has to."""
        if id(x) in self.instead:
            return self.instead[id(x)]
        if id(x) in self.made:
            return self.made[id(x)]
        if isinstance(x, types.FunctionType):
            return self._function(x)
        if isinstance(x, types.MethodType):
            f = self.lift(x.__func__)
            return x if f is x.__func__ else types.MethodType(f, x.__self__)
        if isinstance(x, functools.partial):
            f = self.lift(x.func)
            return x if f is x.func else functools.partial(f, *x.args, **x.keywords)
        if type(x) in (list, tuple, dict) and len(x) <= SMALL:
            return self._container(x)
        return x

    def _container(self, x: Any) -> Any:
        self.made[id(x)] = x  # one that holds itself ends here
        self.kept.append(x)
        values = list(x.values()) if isinstance(x, dict) else list(x)
        lifted = [self.lift(part) for part in values]
        if all(a is b for a, b in zip(values, lifted, strict=True)):
            return x
        copy = dict(zip(x, lifted, strict=True)) if isinstance(x, dict) else type(x)(lifted)
        self.made[id(x)] = copy
        return copy

    def _function(self, f: types.FunctionType) -> Any:
        top = (f.__module__ or "").partition(".")[0]
        known = top in LIBRARIES or top in sys.stdlib_module_names
        theirs = getattr(sys.modules.get(f.__module__ or ""), "__dict__", None) is f.__globals__ and top != "__main__"
        if (known and theirs) or f.__code__.co_filename.startswith(OURS):
            return f
        self.kept.append(f)  # so that its id stays its own
        around = dict(f.__globals__)
        copy = types.FunctionType(f.__code__, around, f.__name__, f.__defaults__, f.__closure__)
        copy.__kwdefaults__, copy.__module__ = f.__kwdefaults__, f.__module__
        self.made[id(f)] = copy
        changed = False
        for name in _names(f.__code__) & around.keys():
            around[name] = self.lift(f.__globals__[name])
            changed |= around[name] is not f.__globals__[name]
        cells = tuple(self._cell(cell) for cell in f.__closure__ or ())
        changed |= any(a is not b for a, b in zip(cells, f.__closure__ or (), strict=True))
        defaults = self.lift(f.__defaults__)
        if not changed and defaults is f.__defaults__:
            self.made[id(f)] = f
            return f
        whole = types.FunctionType(f.__code__, around, f.__name__, defaults, cells or None)
        whole.__kwdefaults__, whole.__module__ = f.__kwdefaults__, f.__module__
        self.made[id(f)] = whole
        if f.__name__ in around and around[f.__name__] is copy:  # it calls itself
            around[f.__name__] = whole
        return whole

    def _cell(self, cell: types.CellType) -> types.CellType:
        try:
            content = cell.cell_contents
        except ValueError:  # not filled yet
            return cell
        lifted = self.lift(content)
        return cell if lifted is content else types.CellType(lifted)


def _names(code: types.CodeType) -> set[str]:
    """The global names that the code, and the functions inside it, may look up."""
    return set(code.co_names).union(*(_names(c) for c in code.co_consts if isinstance(c, types.CodeType)))


def lifted(f: Callable[..., Any], context: Any) -> Callable[..., Any]:
    """``f`` with the ``math`` of an mpmath context in the place of Python's; ``f`` itself where it has none."""
    lifting = Lifting(context)
    if not isinstance(f, (types.FunctionType, types.MethodType, functools.partial, type)):
        called = type(f).__dict__.get("__call__")
        if isinstance(called, types.FunctionType):  # an object that is called
            method = lifting.lift(called)
            return f if method is called else types.MethodType(method, f)
    out: Callable[..., Any] = lifting.lift(f)
    return out
