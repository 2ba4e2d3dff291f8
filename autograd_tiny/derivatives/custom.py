"""`custom_gradient`: a whole function of one's own, with its own backward; in a graph it is one node.

For numbers that come from elsewhere, a library of C, a solver, a table, and for derivatives that are known better than
by recording. The function runs on plain numbers, in the structure that it was called with, and so may do anything.

>>> import math
>>> from autograd_tiny import Value, grad
>>> @custom_gradient(backward=lambda g, y, x: g * 2.0 * x * y)
... def bell(x):
...     return math.exp(x * x)
>>> y = bell(Value(1.0)); y.op, y.local_derivatives
('bell', (5.43656365691809,))
>>> grad(grad(bell))(0.5) == math.exp(0.25) * 3.0
True

``backward(g, y, *arguments)`` gives the gradient of each argument, g being that of the result y. Written in
arithmetic and functions of the package it is differentiable itself, and the function so to any order. Where the
backward needs what was found on the way, the function gives it with its result:

>>> @custom_gradient
... def length(v):
...     r = math.hypot(*v)
...     return r, lambda g: [g * x / r for x in v]
>>> grad(length)([3.0, 4.0])
[0.6, 0.8]

then its derivatives are numbers, and a second one is an error that says so. A function that gives several numbers, in a
structure, makes a node of each. A compiled function calls it anew in every run.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from inspect import signature
from threading import local
from typing import Any

from ..core import Value, apply
from ..core.operands import is_number
from ..errors import article, counted, name_of, shorten
from ..errors.looking import looking
from ..modes.recording import within_program
from ..table.namespaces import FLOATS
from ..table.namespaces.switches import Switches
from ..table.namespaces.text import Writer
from ..table.primitive import Primitive
from .functions import VALUES
from .numbers_only import NumbersOnly as NumbersOnly
from .numbers_only import Slope, Unknown, only_numbers
from .structure import aligned, flatten, outline, rebuild, undimensioned

Function = Callable[..., Any]


def custom_gradient(f: Function | None = None, *, backward: Function | None = None) -> Function:
    """A decorator: the function is one node of a graph, and ``backward(g, y, *arguments)`` gives its gradients.

    Without a backward, ``@custom_gradient`` alone, the function gives ``result, backward`` with ``backward(g)`` in
    numbers. Of one argument the gradient is given as it is, of several a tuple; each has the structure of its
    argument, and None stands for none at all.
    """
    for what, given in (("", f), ("backward=", backward)):
        if given is not None and not callable(given):
            raise TypeError(f"custom_gradient({what}{shorten(given)}): expected a function")
    if f is None:
        return lambda f: custom_gradient(f, backward=backward)
    return _wrapped(f, backward)


def _wrapped(f: Function, backward: Function | None) -> Function:
    calls: dict[Any, Call] = {}

    @functools.wraps(f)
    def function(*arguments: Any, **named: Any) -> Any:
        if named:
            arguments = _in_order(f, arguments, named)
        xs = flatten(list(arguments))
        for x in xs:
            if not (isinstance(x, Value) or is_number(x)):
                raise TypeError(
                    f"{name_of(f)} got {shorten(x)}, {article(type(x).__name__)}: expected numbers, Values and "
                    "structures of them; what is neither is to be closed over"
                )
        if not any(isinstance(x, Value) for x in xs):
            return as_numbers(f(*arguments) if backward is not None else _pair(f, f(*arguments))[0])
        key = outline(list(arguments))
        if key not in calls:
            calls[key] = Call(f, backward, list(arguments))
        return calls[key].nodes(xs)

    return function


def _in_order(f: Function, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments of a call with names, in the function's order, as its backward is given them."""
    bound = signature(f).bind(*arguments, **named)
    bound.apply_defaults()
    if bound.kwargs:
        raise TypeError(
            f"{name_of(f)} takes {', '.join(bound.kwargs)} by name only, and a backward is given arguments in their "
            "order: write the function without * before them"
        )
    return bound.args


def as_numbers(given: Any) -> Any:
    """What a function gave, each array without dimensions taken for its number."""
    flat = flatten([given])
    numbers = [*map(undimensioned, flat)]
    return given if all(map(operator.is_, numbers, flat)) else rebuild([given], iter(numbers))[0]


def _pair(f: Function, given: Any) -> tuple[Any, Function]:
    if not (isinstance(given, tuple) and len(given) == 2 and callable(given[1])):
        raise TypeError(
            f"{name_of(f)} gave {shorten(given)}: expected its result and a function backward(g), or write "
            "@custom_gradient(backward=…) with backward(g, y, *arguments)"
        )
    return given


class Call:
    """The function with arguments of one structure: one row of a table of its own for each number that it gives."""

    def __init__(self, f: Function, backward: Function | None, arguments: list[Any]) -> None:
        self.f, self.backward = f, backward
        self.like = rebuild(arguments, iter([0.0] * len(flatten(arguments))))
        self.sizes = [len(flatten([x])) for x in arguments]
        self.result: Any = None
        self.rows: list[Primitive] = []
        self.slopes: dict[tuple[int, int], Primitive] = {}
        self.last = local()
        """The numbers of the last call in this thread, and what it gave: value and derivatives are asked for apart."""

    def nodes(self, xs: list[Any]) -> Any:
        """What the function gives for these numbers and Values, a node for each number of it."""
        with looking():  # the function runs on the numbers of this call, and in a recording of it on those of others
            value, _ = self.run([x.data if isinstance(x, Value) else float(x) for x in xs])
        count = len(flatten(value))
        while len(self.rows) < count:
            self.rows.append(self._row(len(self.rows)))
        return rebuild(value, iter([apply(row, (xs,)) for row in self.rows[:count]]))

    def run(self, numbers: list[float]) -> tuple[Any, Any]:
        """The result for these numbers, and the backward that came with it."""
        key = tuple(numbers)
        if getattr(self.last, "key", None) != key:
            given = self.f(*self._arguments(numbers))
            value, backward = given, None
            if self.backward is None:
                value, backward = _pair(self.f, given)
            value = as_numbers(value)
            for y in flatten(value):
                if not is_number(y):
                    raise TypeError(
                        f"{name_of(self.f)} gave {shorten(y)}, {article(type(y).__name__)}: expected a number, or a "
                        "structure of numbers"
                    )
            self.last.key, self.last.given = key, (value, backward)
        return self.last.given  # type: ignore[no-any-return]

    def _arguments(self, numbers: Any) -> list[Any]:
        return rebuild(self.like, iter(numbers))  # type: ignore[no-any-return]

    def _row(self, j: int) -> Primitive:
        name = name_of(self.f).replace("<lambda>", "custom")
        return Primitive(
            name, Forward(self, j), (Backward(self, j),), arguments=("xs",), variadic=True, text=f"{name}({{0}})",
            latex=rf"\operatorname{{{{{name}}}}}\left({{0}}\right)".replace("_", r"\_"), symbol=name,
        )  # fmt: skip

    def slope(self, whole: Backward, i: int) -> Primitive:
        """The row of one derivative, for a function that gives them as numbers."""
        key = whole.j, i
        if key not in self.slopes:
            name = f"slope_of_{name_of(self.f)}".replace("<lambda>", "custom")
            rules = Slope(whole, i, name_of(self.f)), (Unknown(name_of(self.f)),)
            self.slopes[key] = Primitive(name, *rules, arguments=("xs",), variadic=True, text=f"{name}({{0}})",
                                         symbol=name)  # fmt: skip
        return self.slopes[key]

    def gradients(self, given: Any) -> list[Any]:
        """What a backward gave, one number for each of the arguments' numbers."""
        each = [given] if len(self.sizes) == 1 else given
        if not isinstance(each, (list, tuple)) or len(each) != len(self.sizes):
            raise TypeError(
                f"the backward of {name_of(self.f)} gave {shorten(given)}: expected a tuple of "
                f"{counted(len(self.sizes), 'gradient')}, one for each argument"
            )
        found: list[Any] = []
        for i, (slopes, size) in enumerate(zip(each, self.sizes, strict=True)):
            where = f"the gradient of argument {i} of {name_of(self.f)}"
            flat = [0.0] * size if slopes is None else flatten([aligned(self.like[i], slopes, where)])
            if len(flat) != size:
                raise TypeError(
                    f"the backward of {name_of(self.f)} gave {counted(len(flat), 'number')} for argument {i}: expected "
                    f"{size}, in the argument's structure"
                )
            found += flat
        return found


class Forward:
    """The rule for number ``j`` of the result: a call of the function."""

    numerical = True

    def __init__(self, call: Call, j: int) -> None:
        self.call, self.j = call, j

    def __call__(self, xp: Any, xs: Any) -> Any:
        if isinstance(xp, Switches):
            return xp.operand()
        if isinstance(xp, Writer):
            return xp.name(name_of(self.call.f))
        if xp is not FLOATS:
            raise NumbersOnly(f"{name_of(self.call.f)} is known for floats only, not for {type(xp).__name__}")
        return float(flatten(self.call.run(list(xs))[0])[self.j])


class Backward:
    """The rule for the derivatives of number ``j`` of the result: a call of the backward."""

    numerical = True

    def __init__(self, call: Call, j: int) -> None:
        self.call, self.j = call, j

    def __call__(self, xp: Any, xs: Any, y: Any) -> Any:
        call, name = self.call, name_of(self.call.f)
        if isinstance(xp, Switches):
            return xs
        if isinstance(xp, Writer):
            partial = rf"\partial {name}/\partial x_{{}}" if xp.latex else f"∂{name}/∂x"
            return [xp.name(f"{partial}{i}") for i in range(1, len(xs) + 1)]
        if xp is FLOATS:
            value, backward = call.run(list(xs))
            seed = rebuild(value, iter([float(k == self.j) for k in range(len(flatten(value)))]))
            given = backward(seed) if backward else call.backward(seed, value, *call._arguments(xs))  # type: ignore[misc]
            return [_as_number(x, name) for x in call.gradients(given)]
        if xp is VALUES and call.backward is not None:
            return self._graph(xs, y)
        if xp is VALUES and within_program():  # a program calls for the numbers of a derivative too, at every run
            return [apply(call.slope(self, i), (list(xs),)) for i in range(len(xs))]
        raise only_numbers(name)

    def _graph(self, xs: Any, y: Any) -> Any:
        """The same as graphs: the backward on Values."""
        call = self.call
        assert call.backward is not None
        with looking():
            value = call.run([x.data if isinstance(x, Value) else float(x) for x in xs])[0]
        count = len(flatten(value))
        every = [y if k == self.j else apply(call.rows[k], (list(xs),)) for k in range(count)]
        seed = rebuild(value, iter([float(k == self.j) for k in range(count)]))
        return call.gradients(call.backward(seed, rebuild(value, iter(every)), *call._arguments(xs)))


def _as_number(x: Any, name: str) -> float:
    if not is_number(x):
        raise TypeError(
            f"the backward of {name} gave {shorten(x)}, {article(type(x).__name__)}, for numbers: expected numbers"
        )
    return float(x)
