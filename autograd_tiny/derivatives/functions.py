"""One function a row of the table, on whatever it is given: Values, numbers, numpy arrays, mpmath numbers.

>>> from autograd_tiny import Value, tanh, maximum, dot
>>> tanh(Value(0.0)).op, tanh(0.0)
('tanh', 0.0)
>>> maximum(Value(1.0), 3.0).data, dot([Value(1.0), Value(2.0)], [3.0, 4.0]).data
(3.0, 11.0)

So a formula written once serves as an expression to differentiate and as a plain function to check it with.
Signatures for type checkers are in ``functions.pyi``, written from the same table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from ..core import Value, apply, variadic
from ..core.answers import value_given
from ..core.operands import as_vector, check_finite, check_lengths, fill_in, finite_float, is_number, real_float
from ..errors import InvalidNumber, shorten
from ..modes.infinities import nonfinite_allowed
from ..modes.recording import being_recorded, differs
from ..table.docstrings import document
from ..table.namespaces import FLOATS, Namespace
from ..table.ops import TABLE
from ..table.primitive import Primitive
from . import broadcasting
from .elements import elements_of, numbers_of
from .structure import is_array

__all__ = [*TABLE, "softmax"]


def call(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The primitive of ``row`` applied to operands of any one kind."""
    if (
        row.variadic
        and len(row.arguments) == 1
        and (named or (len(operands) == 1 and broadcasting.nested(operands[0])))
    ):
        return _along_axis(row, operands, named)
    if broadcasting.concerns(operands) or (row.variadic and any(is_array(x) and x.ndim > 1 for x in operands[:1])):
        return _on_arrays(row, operands, named)
    if row.variadic:
        if len(row.arguments) == 1 and (len(operands) != 1 or isinstance(operands[0], Value) or is_number(operands[0])):
            operands = (operands,)  # maximum(a, b) as well as maximum([a, b])
        vectors = [as_vector(xs, row) for xs in operands]
        scalars = [x for xs in vectors for x in xs]
    else:
        vectors = list(fill_in(row, operands, named))
        scalars = vectors
        refuse_lists(row, scalars)
    if any(x.__class__ is Value for x in scalars):
        return apply(row, tuple(vectors))
    if row.variadic:
        check_lengths(row, vectors)
    xp = _foreign_namespace(scalars, row.name)
    if xp is not None:
        return row.forward(xp, *([xp.lift(x) for x in v] if row.variadic else xp.lift(v) for v in vectors))
    as_float = real_float if nonfinite_allowed() else finite_float
    numbers = [as_float(x, row.name) for x in scalars]
    out = value_given(row, row.forward(FLOATS, *(vectors if row.variadic else numbers)))
    if not -inf < out < inf:
        check_finite(row, (), numbers, out)
    return out


def refuse_lists(row: Primitive, operands: Sequence[Any]) -> None:
    """An error for a list where a row takes one number: arrays are gone over by elements, lists are not."""
    for x in operands:
        if type(x) in (list, tuple):
            rest = ", ".join(["x", *row.arguments[1:]])
            raise InvalidNumber(
                row.name, x, f"write np.array(…) to have it element by element, or [{row.name}({rest}) for x in …]"
            )


def _on_arrays(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The same where operands are arrays: element by element; of one array, a vector row makes one number."""
    if not row.variadic:
        return broadcasting.each(lambda *xs: call(row, xs, {}), fill_in(row, operands, named))
    if len(row.arguments) > 1:
        if any(is_array(x) and x.ndim > 1 for x in operands):
            raise ValueError(f"{row.name} got an array of several dimensions: expected vectors; matrices are np.dot's")
        vectors = tuple(x.tolist() if is_array(x) else x for x in operands)
        # As of lists: a row of its own for each node compiles to no matrix.
        node = None if named else variadic(row, vectors)
        return call(row, vectors, named) if node is None else node
    if len(operands) == 1:
        return broadcasting.along(lambda xs: call(row, (xs,), {}), operands[0], None)
    return broadcasting.each(lambda *xs: call(row, (xs,), {}), operands)


def _along_axis(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A vector row over one axis of the only operand, an array or rows of numbers, or over all of it."""
    unknown = [name for name in named if name not in ("axis", "keepdims")]
    if unknown:
        raise TypeError(f"{row.name}() got an unexpected argument {unknown[0]!r}: it takes an array, axis and keepdims")
    if len(operands) != 1 or isinstance(operands[0], Value) or is_number(operands[0]):
        raise TypeError(f"{row.name}(…, axis=…) takes one array, got {', '.join(map(shorten, operands))}")
    xs = operands[0]
    if not is_array(xs):
        if not broadcasting.nested(xs) and named.get("axis") in (None, 0, -1) and not named.get("keepdims"):
            return call(row, operands, {})  # a list has one axis
        xs = broadcasting.as_array(xs, row.name)
    return broadcasting.along(lambda xs: call(row, (xs,), {}), xs, named.get("axis"), named.get("keepdims", False))


def _foreign_namespace(scalars: Sequence[Any], name: str) -> Namespace | None:
    """The namespace for arrays or mpmath numbers among the operands; None if there are only plain numbers."""
    numpy, mpmath = sys.modules.get("numpy"), sys.modules.get("mpmath")
    for x in scalars:
        if numpy is not None and isinstance(x, numpy.ndarray) and x.dtype != object:
            from ..table.namespaces.arrays import ARRAYS

            if x.dtype.kind not in "fiub":
                raise TypeError(f"{name} got an array of {x.dtype}: expected one of real numbers")
            return ARRAYS
        if mpmath is not None and isinstance(x, mpmath.ctx_mp_python._mpf):
            from ..table.namespaces.multiprecision import MultiPrecision

            return MultiPrecision(x.context)
    return None


def make(row: Primitive) -> Callable[..., Any]:
    """The package's function for a row."""

    if row.variadic:
        one_vector = len(row.arguments) == 1

        def function(*operands: Any, **named: Any) -> Any:
            spread = one_vector and operands and type(operands[0]) is Value  # maximum(a, b)
            node = variadic(row, (operands,) if spread else operands)
            return call(row, operands, named) if node is None else node

    else:
        method = getattr(Value, row.name, None)  # a plug-in's is found by instances only
        most = len(row.arguments) if method else 0
        fewest = most - len(row.defaults)

        def function(*operands: Any, **named: Any) -> Any:
            if not named and fewest <= len(operands) <= most and type(operands[0]) is Value:
                return method(*operands)
            return call(row, operands, named)

    function.__name__ = function.__qualname__ = row.name
    function.__doc__ = document(row)
    return function


class Values(Namespace):
    """The namespace of Values: rules run on it build graphs, and fold what is plain numbers into numbers."""

    pi = FLOATS.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        if row is None:
            raise AttributeError(f"a rule called xp.{name}, which is no primitive")
        return lambda *operands: self._apply(row, operands)

    def _apply(self, row: Primitive, operands: tuple[Any, ...]) -> Any:
        if any(isinstance(x, Value) for x in operands):
            return apply(row, operands)
        return row.forward(FLOATS, *operands)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Value):
            return a if condition else b
        return self._apply(TABLE["where"], (condition, a, b))

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Any:
        """At an edge point the pinned answer, elsewhere the formula: which of the two is no part of the graph.

        Except of one that is being recorded: other samples are on the edge or off it.
        """
        if isinstance(condition, Value) and differs(condition):
            return self.where(condition, pinned, usual)
        return pinned if condition else usual

    def corner(self, condition: Any, pinned: Callable[[], Any], usual: Any) -> Any:
        return self.edge(condition, pinned(), usual) if being_recorded() or condition else usual

    def sum_of(self, f: Callable[..., Any], *vectors: Sequence[Any]) -> Any:
        terms = [f(*xs) for xs in zip(*vectors, strict=True)]
        if any(isinstance(x, Value) for x in terms):
            return apply(TABLE["sum"], (terms,))
        return FLOATS.sum_of(FLOATS.identity, terms)


VALUES = Values()

globals().update({row.name: make(row) for row in TABLE.values()})


def softmax(xs: Any, axis: int | None = None) -> Any:
    """``[exp(x - logsumexp(xs)) for x in xs]``: positive, adding up to 1, and without overflow.

    Of an array an array: over all of its elements, or along one ``axis``.

    >>> [f"{p:.12g}" for p in softmax([1000.0, 1000.0])]
    ['0.5', '0.5']
    """
    if axis is not None or broadcasting.nested(xs) or is_array(xs):
        return broadcasting.along_kept(softmax, broadcasting.as_array(xs, "softmax"), axis)
    given = numbers_of(elements_of(xs, "softmax"), "softmax")
    total = call(TABLE["logsumexp"], (given,), {})
    return [call(TABLE["exp"], (x - total,), {}) for x in given]
