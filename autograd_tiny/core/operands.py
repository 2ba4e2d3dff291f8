"""From what a caller wrote to a node: checking operands, filling in defaults, running the row's rules on floats.

This is the general way to make a node, the same text for both engines; each has its own fast path for ordinary
numbers, which must give the same node.

>>> from autograd_tiny.core import apply
>>> from autograd_tiny.table.ops import TABLE
>>> apply(TABLE["leaky_relu"], (-2.0,)).data
-0.02
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from math import inf, pi
from typing import Any

from .. import errors
from ..modes.infinities import nonfinite_allowed
from ..modes.recording import refuse
from ..table.namespaces import FLOATS
from ..table.primitive import CONSTANT, LEAF, Primitive
from .answers import slopes_given, value_given

RADIANS, DEGREES = pi / 180.0, 180.0 / pi
"""In a degree, in a radian."""
EXACT = (("fractions", "Fraction"), ("decimal", "Decimal"))
"""Modules and their exact numbers, which an expression takes as the nearest float."""


def is_number(x: object) -> bool:
    """Whether ``x`` is an int, a float, a real numpy scalar, a Fraction or a Decimal."""
    if isinstance(x, (float, int)):
        return True
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(x, numpy.generic):
        return bool(x.dtype.kind in "fiub")
    # Only who has imported these can have one.
    exact = [getattr(sys.modules.get(module), name, None) for module, name in EXACT]
    return any(kind is not None and isinstance(x, kind) for kind in exact)


def real_float(x: Any, place: str) -> float:
    """``x`` as a float, NaN and infinities too; ``TypeError`` or ``ValueError`` naming ``place`` if it is none."""
    if not is_number(x):
        raise errors.InvalidNumber(place, x)
    try:
        return float(x)
    except OverflowError:
        raise ValueError(f"{place} got an int of {errors.digits_of(x)}: beyond the largest float, 1.8e308") from None


def finite_float(x: Any, place: str) -> float:
    """``x`` as a finite float; ``TypeError`` or ``ValueError`` naming ``place`` if it is none."""
    number = real_float(x, place)
    if not -inf < number < inf:
        raise ValueError(f"{place} got {x!r}: expected a finite number; mask or replace it before it enters the graph")
    return number


def check_finite(row: Primitive, parents: Sequence[Any], numbers: Sequence[float], out: float) -> None:
    """Raise `NonFiniteError` for a non-finite result of finite operands, unless they are allowed."""
    if not nonfinite_allowed() and all(-inf < x < inf for x in numbers):
        raise refuse(errors.nonfinite_result(row, parents, numbers, out))


def fill_in(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The operands of a call in the row's order, defaults filled in; ``TypeError`` as for a written-out function."""
    names = row.arguments
    if named:
        rest = names[len(operands) :]
        unknown = [name for name in named if name not in rest]
        if unknown:
            raise TypeError(f"{row.name}() got an unexpected argument {unknown[0]!r}: it takes {', '.join(names)}")
        operands += tuple(named[name] for name in rest if name in named)
    missing = len(names) - len(operands)
    if 0 < missing <= len(row.defaults):
        operands += row.defaults[-missing:]
    if row.absent and len(operands) == len(names):
        neutral = zip(operands, row.absent, strict=True)
        operands = tuple([other if x is None and other is not None else x for x, other in neutral])
    if len(operands) != len(names):
        raise TypeError(f"{row.name}({', '.join(names)}) takes {len(names)} operands, got {len(operands)}")
    return operands


def as_vector(xs: Any, row: Primitive) -> Sequence[Any]:
    """The elements of one operand of a variadic primitive."""
    if hasattr(xs, "tolist") and getattr(xs, "ndim", 1) == 1:
        return xs.tolist()  # type: ignore[no-any-return]
    if isinstance(xs, Iterable) and not isinstance(xs, (str, bytes)):
        return xs if isinstance(xs, (list, tuple)) else list(xs)
    raise TypeError(
        f"{row.name} got {errors.shorten(xs)}, {errors.article(type(xs).__name__)}: "
        "expected a list, tuple or one-dimensional array of Values and numbers"
    )


def check_lengths(row: Primitive, vectors: Sequence[Sequence[Any]]) -> None:
    """``TypeError`` or ``ValueError`` for vectors that the variadic ``row`` cannot take."""
    if len(vectors) != len(row.arguments):
        raise TypeError(
            f"{row.name} takes {len(row.arguments)} vectors ({', '.join(row.arguments)}), got {len(vectors)}"
        )
    lengths = [len(xs) for xs in vectors]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"{row.name} got vectors of {' and '.join(map(str, lengths))} elements: expected equal lengths"
        )
    if lengths[0] == 0:
        raise ValueError(f"{row.name} of nothing: expected at least one element")


def checked_nodes(nodes: Iterable[Any], value_class: type, place: str) -> tuple[Any, ...]:
    """The nodes as a tuple, which nobody can change meanwhile; ``TypeError`` for what is no Value."""
    if not isinstance(nodes, Iterable):
        raise errors.not_a_value(place, nodes)
    found = tuple(nodes)
    if not {*map(type, found)} <= {value_class}:
        raise errors.not_a_value(place, next(node for node in found if type(node) is not value_class))
    return found


def as_column(numbers: Any) -> Any:
    """Numbers of any kind as an array of doubles."""
    # Of a text array would take the bytes for doubles.
    if not isinstance(numbers, (str, bytes, bytearray)) and (
        getattr(getattr(numbers, "dtype", None), "kind", "f") in "fiubO"
    ):
        try:
            return array("d", numbers)
        except (TypeError, OverflowError):
            pass
    raise TypeError(f"a column of numbers got {errors.shorten(numbers)}: expected a list or array of floats") from None


def check_column(values: int, numbers: int) -> None:
    """``ValueError`` unless there is a number for each Value."""
    if values != numbers:
        raise ValueError(f"{values} Values got {numbers} numbers: expected one for each")


def restored(make_node: Callable[..., Any], data: Any, label: Any, is_constant: Any) -> Any:
    """A leaf or constant out of a copy or pickle, which may have been tampered with."""
    node = make_node(CONSTANT if is_constant else LEAF, real_float(data, "a copied Value"), (), ())
    if label != "":
        node.label = label
    return node


class Applier:
    """`apply` for one engine, given its class, its way to make a node, and how it reads a number past the guard."""

    def __init__(self, value_class: type, make_node: Callable[..., Any], number_of: Callable[[Any], float]) -> None:
        self.value_class, self.make_node, self.number_of = value_class, make_node, number_of

    def constant(self, number: Any) -> Any:
        """The node of a plain number: it has no parents and takes no gradient."""
        data = (real_float if nonfinite_allowed() else finite_float)(number, "an expression")
        return self.make_node(CONSTANT, data, (), ())

    def as_constant(self, x: Any) -> Any:
        """The constant node of a plain number; None for a foreign type, which may know what to do with us."""
        return self.constant(x) if is_number(x) else None

    def operand(self, x: Any, row: Primitive, i: int) -> Any:
        if type(x) is self.value_class:
            return x
        if not is_number(x):
            name = row.arguments[0] if row.variadic else row.arguments[i]
            raise errors.InvalidNumber(f"{row.name}: {name}", x)
        return self.constant(x)

    def apply(self, row: Primitive, operands: tuple[Any, ...], named: dict[str, Any] | None = None) -> Any:
        """The node of any primitive: ``operands`` are Values and numbers, or vectors of them if the row is variadic."""
        if row.variadic:
            return self.apply_variadic(row, operands)
        parents = tuple(self.operand(x, row, i) for i, x in enumerate(fill_in(row, operands, named or {})))
        numbers = [*map(self.number_of, parents)]
        out = value_given(row, row.forward(FLOATS, *numbers))
        if not -inf < out < inf:
            check_finite(row, parents, numbers, out)
        local_derivatives = [
            0.0 if parent.is_constant else partial(FLOATS, *numbers, out)
            for parent, partial in zip(parents, row.partials, strict=True)
        ]
        return self.make_node(row, out, parents, slopes_given(row, local_derivatives, 1))

    def apply_variadic(self, row: Primitive, operands: tuple[Any, ...]) -> Any:
        vectors = [list(as_vector(xs, row)) for xs in operands]  # which no operand's method can change meanwhile
        check_lengths(row, vectors)
        if row.fill is not None:
            for i, xs in enumerate(vectors):
                if not any(type(x) is self.value_class for x in xs):
                    row = row.fill(tuple([finite_float(x, f"{row.name}: {row.arguments[i]}") for x in xs]))
                    del vectors[i]
                    break
        nodes = [[self.operand(x, row, 0) for x in xs] for xs in vectors]
        numbers = [[*map(self.number_of, vector)] for vector in nodes]
        out = value_given(row, row.forward(FLOATS, *numbers))
        parents = tuple(node for vector in nodes for node in vector)
        if not -inf < out < inf:
            check_finite(row, parents, [x for vector in numbers for x in vector], out)
        derived = [partial(FLOATS, *numbers, out) for partial in row.partials]
        return self.make_node(row, out, parents, slopes_given(row, derived, len(numbers[0])))
