"""`@custom_primitive`: an operation of one's own from a plain Python function and its derivative.

>>> import math
>>> @custom_primitive(lambda x, y: 1.0 / (1.0 + abs(x)) ** 2)
... def softsign(x):
...     return x / (1.0 + abs(x))
>>> from autograd_tiny import Value, grad, unregister
>>> softsign(3.0), Value(3.0).softsign().local_derivatives, grad(softsign)(1.0)
(0.75, (0.0625,), 0.25)
>>> unregister("softsign")

A partial takes the operands and the result. In numbers only there is no second derivative, and asking for one is
an error that says so. Written as the table's rules are, over a namespace ``xp``, it has every order, and runs on
arrays, mpmath numbers and text as the built-in ones do:

>>> @custom_primitive(lambda xp, x, y: xp.div(1.0, xp.square(1.0 + xp.abs(x))))
... def softsign(xp, x):
...     return xp.div(x, 1.0 + xp.abs(x))
>>> grad(grad(softsign))(1.0)
-0.25
>>> unregister("softsign")

`check_primitive` is how to trust it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..derivatives.functions import VALUES
from ..derivatives.plugins import register
from ..errors import AutogradError, shorten
from ..table.namespaces import FLOATS
from ..table.namespaces.text import Writer
from ..table.primitive import EVERYWHERE, Edge, Interval, Primitive, function

Function = Callable[..., Any]


class NumericalOnly(AutogradError, TypeError):
    """Something was asked of a primitive given in numbers only that takes a formula."""


class Numerical:
    """A rule of the table made of a function on floats: in a namespace of anything else it says what is missing."""

    numerical = True

    def __init__(self, f: Function, name: str, argument: str = "") -> None:
        self.f, self.name, self.argument = f, name, argument

    def __call__(self, xp: Any, *operands: Any) -> Any:
        if xp is FLOATS:
            return float(self.f(*operands))
        if isinstance(xp, Writer):
            return xp.name(f"∂{self.name}/∂{self.argument}" if self.argument else self.name)
        if xp is VALUES:
            raise NumericalOnly(
                f"{self.name} has its derivative in numbers only, and a second derivative takes a formula: "
                "write forward and partials over xp, as in "
                f"@custom_primitive(lambda xp, x, y: ...) def {self.name}(xp, x)"
            )
        if type(xp).__name__ == "Arrays":
            import numpy as np

            return np.frompyfunc(lambda *xs: float(self.f(*map(float, xs))), len(operands), 1)(*operands).astype(float)
        raise NumericalOnly(
            f"{self.name} is known for floats only, not for {type(xp).__name__}: write its rules over xp for that"
        )


def custom_primitive(
    *partials: Function,
    name: str = "",
    samples: tuple[Interval, ...] | Interval = EVERYWHERE,
    domain: str = "",
    edges: tuple[Edge, ...] = (),
    advice: str = "",
    text: str = "",
    latex: str = "",
) -> Callable[[Function], Function]:
    """A decorator that registers a forward function as a primitive, with one partial for each operand.

    ``samples`` is an interval (or one for each operand) inside the domain and off the kinks, where tests sample;
    ``domain`` says in words what the operands must satisfy; ``edges`` pins special points. The decorated name
    becomes the function of the package, on numbers and Values; ``.primitive`` is its row.
    """
    for partial in partials:
        if not callable(partial):
            raise TypeError(
                f"custom_primitive got {shorten(partial)}: expected a function of the operands and the result"
            )
    if not partials:
        raise TypeError(
            "custom_primitive got no partial: write @custom_primitive(lambda x, y: ...), one for each operand"
        )

    def decorate(forward: Function) -> Function:
        called = name or forward.__name__
        names = _parameters(forward)
        table_like = names[:1] == ["xp"]
        arguments = names[1:] if table_like else names
        defaults = tuple(float(d) for d in (forward.__defaults__ or ()))
        if len(partials) != len(arguments):
            raise ValueError(
                f"custom_primitive: {called} has {len(arguments)} operands ({', '.join(arguments)}) and "
                f"{len(partials)} partials: expected one for each"
            )
        for argument, partial in zip(arguments, partials, strict=True):
            _check_parameters(called, argument, partial, len(arguments), table_like)
        rules = (forward, *partials)
        if not table_like:
            rules = (Numerical(forward, called),
                     *(Numerical(p, called, a) for p, a in zip(partials, arguments, strict=True)))  # fmt: skip
        more = {"latex": latex} if latex else {}
        row = function(
            called, rules[0], *rules[1:], arguments=" ".join(arguments), samples=samples, domain=domain, edges=edges,
            advice=advice, text=text, defaults=defaults, **more,
        )  # fmt: skip
        made = register(row)
        made.__doc__ = forward.__doc__ or made.__doc__
        made.__module__ = forward.__module__
        made.primitive = row  # type: ignore[attr-defined]
        return made

    return decorate


def _parameters(f: Function) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in inspect.signature(f).parameters.values() if p.kind in kinds]


def _check_parameters(name: str, argument: str, partial: Function, count: int, table_like: bool) -> None:
    try:
        got = len(_parameters(partial))
    except (TypeError, ValueError):  # a built-in without a signature
        return
    expected = count + 1 + table_like
    if got != expected:
        shown = "xp, the operands and the result" if table_like else "the operands and the result"
        raise ValueError(
            f"custom_primitive: the partial of {name} with respect to {argument} takes {got} arguments: "
            f"expected {expected} ({shown})"
        )


def row_of(primitive: Any) -> Primitive:
    """The row of a primitive given as its row, its name or its function."""
    from .strategies import _row

    return _row(primitive, "check_primitive")
