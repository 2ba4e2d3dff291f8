"""Arrays of libraries that have numpy's names, near enough: numpy itself, JAX, PyTorch. The program runs on them.

>>> import numpy as np
>>> from autograd_tiny import Value, compile
>>> w = [Value(2.0), Value(-1.0)]
>>> program = compile(lambda x: (w[0] * x[0] + w[1] * x[1]).tanh())
>>> _ = program([1.0, 2.0])
>>> line = straight(program)
>>> known = {"w1": np.array([2.0, -1.0]), "x": np.array([[1.0, 2.0], [1.0, 0.0]])}
>>> print(walk(line, Library(np, {"erf": None}), known))
[0.         0.96402758]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ...table.namespaces import FLOATS, Namespace
from ...table.ops import TABLE
from ...table.primitive import Primitive
from ..record.graph import Ints
from .straight import straight
from .walk import Target, walk

SAME = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs")
COMPARED = ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal")


SHARP = ("abs", "pow", "fmod", "maximum", "minimum")
"""What a library has too, with other derivatives at its edges than the table's."""


class LibraryNamespace(Namespace):
    """What a rule runs on: the functions of a library; numbers alone stay numbers. A vector is the last axis.

    A library that differentiates by itself would go through the formulas of the other rows, and wherever kinks cancel
    in them it is wrong: sigmoid is written with |x|, and its slope at 0 came out as 0. `differentiates` makes it take
    the table's derivatives; these are run on the same namespace, so that it holds for their derivatives too.
    """

    derived: Callable[..., Any] | None = None
    rules: LibraryNamespace
    """Where the formulas themselves are run then."""

    pi = FLOATS.pi
    add = staticmethod(operator.add)
    sub = staticmethod(operator.sub)
    neg = staticmethod(operator.neg)

    def __init__(self, library: Any, functions: Mapping[str, Any]) -> None:
        self.library = library
        for name in SAME:
            self._take(name, getattr(library, name))
        for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2"):
            self._take(name, getattr(library, name, None) or getattr(library, f"arc{name[1:]}"))
        for name in ("log2", "log10", "cbrt", "fmod", "floor", "ceil", "trunc"):
            if hasattr(library, name):  # torch has no cbrt
                self._take(name, getattr(library, name))
        self._take("round", getattr(library, "rint", None) or library.round)
        for name in COMPARED:
            self._take(name, partial(self._compared, getattr(operator, _OPERATORS[name])))
        self._take("div", operator.truediv)
        self._take("pow", operator.pow)
        for name, f in functions.items():
            self._take(name, f)

    def differentiates(self, derived: Callable[..., Any], rules: LibraryNamespace) -> None:
        """From here on ``derived(value, slopes, operands)`` is what a row gives: the library's value of ``value`` at
        the operands, with the derivatives that ``slopes`` has at them and the value.
        """
        self.derived, self.rules = derived, rules
        for name in SHARP:
            self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        return super().__getattr__(name) if row is None or self.derived is None else partial(self.of_row, row)

    def of_row(self, row: Primitive, *operands: Any) -> Any:
        """The row's value, with the row's derivatives. Plain numbers among the operands stay what they are."""
        places = [i for i, x in enumerate(operands) if type(x) not in (float, int)]
        if self.derived is None:
            return row.forward(self, *operands)
        if not places:
            return row.forward(FLOATS, *operands)

        def whole(given: Sequence[Any]) -> list[Any]:
            every = list(operands)
            for i, x in zip(places, given, strict=True):
                every[i] = x
            return every

        def value(*given: Any) -> Any:
            found = row.forward(self.rules, *whole(given))
            return found * self.library.ones_like(given[0]) if type(found) in (float, int) else found

        def slopes(wanted: Sequence[bool], given: Sequence[Any], y: Any) -> list[Any]:
            every = whole(given)
            return [row.partials[i](self, *every, y) if want else 0.0 for i, want in zip(places, wanted, strict=True)]

        return self.derived(value, slopes, [operands[i] for i in places])

    def _take(self, name: str, f: Callable[..., Any]) -> None:
        plain = getattr(FLOATS, name)

        def call(*operands: Any) -> Any:
            return (plain if all(type(x) in (float, int) for x in operands) else f)(*operands)

        self.__dict__[name] = call

    def _compared(self, f: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        truth = f(a, b)
        return self.library.where(truth, self.one(truth), 0.0 * self.one(truth))

    def one(self, like: Any) -> Any:
        """1.0 with all its digits."""
        return self.library.ones((), dtype=self.library.float64)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if type(condition) in (float, int):
            return a if condition else b
        one = self.one(condition)
        return self.library.where(condition != 0.0, a * one, b * one)

    def each(self, f: Callable[[Any], Any], xs: Any) -> Any:
        return f(xs)

    def sum_of(self, f: Callable[..., Any], *vectors: Any) -> Any:
        return f(*vectors).sum(-1)[..., None]

    def largest(self, xs: Sequence[Any]) -> Any:
        return self.library.amax(xs, -1)[..., None]

    def smallest(self, xs: Sequence[Any]) -> Any:
        return self.library.amin(xs, -1)[..., None]


_OPERATORS = {"greater": "gt", "less": "lt", "greater_equal": "ge", "less_equal": "le", "equal": "eq",
              "not_equal": "ne"}  # fmt: skip


def pushed(library: Any, slopes: Sequence[Any], tangents: Sequence[Any], y: Any) -> Any:
    """The tangent of ``y``: of each operand that has one (None: it has none) times its slope, added up."""
    total = library.zeros_like(y)
    for slope, tangent in zip(slopes, tangents, strict=True):
        if tangent is not None and not (type(slope) is float and slope == 0.0):
            moved = slope * tangent
            vector = moved.shape[-1:] != y.shape[-1:]  # of a reduction, which keeps its axis as one of 1
            total = total + (moved.sum(-1)[..., None] if vector else moved)
    return total


class Library(Target):
    """The target of such a library."""

    def __init__(self, library: Any, functions: Mapping[str, Any]) -> None:
        self.library = library
        self.namespace = LibraryNamespace(library, functions)

    def array(self, index: Ints) -> Any:
        """An index as the library wants it."""
        return index

    def tensor(self, x: Any) -> Any:
        """What a rule gave, as an array also where it is the same number for all."""
        return self.library.asarray(x) if isinstance(x, (int, float)) else x

    def keep(self, name: str, x: Any) -> Any:
        return self.tensor(x)

    def number(self, x: float) -> Any:
        return x

    def pick(self, sources: list[tuple[Any, bool, int]], index: Ints, each: bool) -> Any:
        flat = []
        for x, own, _ in sources:
            if own:
                flat.append(x.reshape(self.samples, -1))
            elif each:
                flat.append(self.library.broadcast_to(x.reshape(1, -1), (self.samples, _size(x))))
            else:
                flat.append(x.reshape(-1))
        joined = flat[0] if len(flat) == 1 else self.library.concatenate(flat, -1)
        return joined[..., self.array(index)]

    def arrange(self, x: Any, axes: tuple[int | None, ...], each: bool) -> Any:
        kept = [axis for axis in axes if axis is not None]
        if kept != list(range(len(kept))):
            x = self.turned(x, [0, *[axis + 1 for axis in kept]] if each else kept)
        where = tuple(None if axis is None else slice(None) for axis in axes)
        return x[(slice(None), *where)] if each else x[where]

    def turned(self, x: Any, axes: list[int]) -> Any:
        """``x`` with its axes in that order."""
        return self.library.transpose(x, axes)

    def spread(self, x: Any, shape: tuple[int, ...], each: bool) -> Any:
        ahead = (self.samples,) if each else ()
        return self.library.broadcast_to(self.tensor(x), (*ahead, *shape))

    samples = 1
    """How many there are in this run."""

    def elementwise(self, row: Primitive, operands: list[Any]) -> Any:
        own = getattr(self.namespace, row.name)
        return own(*operands)

    def reduce(self, row: Primitive, vectors: list[Any]) -> Any:
        if row.name in ("sum", "dot"):
            return row.forward(self.namespace, *vectors)[..., 0]
        return self.namespace.of_row(row, *vectors)[..., 0]

    def product(self, left: tuple[str, Any], right: tuple[str, Any], out: str) -> Any:
        return self.library.einsum(f"{left[0]},{right[0]}->{out}", left[1], right[1])


def _size(x: Any) -> int:
    size = 1
    for n in x.shape:
        size *= int(n)
    return size


__all__ = ["Library", "LibraryNamespace", "straight", "walk"]
