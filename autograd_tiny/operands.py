"""From what a caller wrote to a node: checking operands, filling in defaults, running the row's rules on floats.

This is the general way to make a node, the same text for both engines; each has its own fast path for ordinary
numbers, which must give the same node.

>>> from autograd_tiny.core import apply
>>> from autograd_tiny.ops import TABLE
>>> apply(TABLE["leaky_relu"], (-2.0,)).data
-0.02
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from . import errors
from .modes import nonfinite_allowed
from .namespaces import FLOATS
from .primitive import CONSTANT, Primitive
from .recording import refuse


def is_number(x: object) -> bool:
    """Whether ``x`` is an int, a float or a real numpy scalar."""
    if isinstance(x, (float, int)):
        return True
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.generic) and x.dtype.kind in "fiub"


def finite_float(x: Any, place: str) -> float:
    """``x`` as a finite float; ``TypeError`` or ``ValueError`` naming ``place`` if it is none."""
    if not is_number(x):
        raise errors.InvalidNumber(place, x)
    try:
        number = float(x)
    except OverflowError:
        raise ValueError(f"{place} got an int of {errors.digits_of(x)}: beyond the largest float, 1.8e308") from None
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


def check_column(values: Sequence[Any], numbers: Sequence[float]) -> None:
    """``ValueError`` unless there is a number for each Value."""
    if len(values) != len(numbers):
        raise ValueError(f"{len(values)} Values got {len(numbers)} numbers: expected one for each")


class Applier:
    """`apply` for one engine, given its class, its way to make a node, and how it reads a number past the guard."""

    def __init__(self, value_class: type, make_node: Callable[..., Any], number_of: Callable[[Any], float]) -> None:
        self.value_class, self.make_node, self.number_of = value_class, make_node, number_of

    def constant(self, number: Any) -> Any:
        """The node of a plain number: it has no parents and takes no gradient."""
        data = float(number) if nonfinite_allowed() else finite_float(number, "an expression")
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
        out = row.forward(FLOATS, *numbers)
        if not -inf < out < inf:
            check_finite(row, parents, numbers, out)
        local_derivatives = [
            0.0 if parent.is_constant else partial(FLOATS, *numbers, out)
            for parent, partial in zip(parents, row.partials, strict=True)
        ]
        return self.make_node(row, out, parents, local_derivatives)

    def apply_variadic(self, row: Primitive, operands: tuple[Any, ...]) -> Any:
        vectors = [as_vector(xs, row) for xs in operands]
        check_lengths(row, vectors)
        if row.fill is not None:
            for i, xs in enumerate(vectors):
                if not any(type(x) is self.value_class for x in xs):
                    row = row.fill(tuple([finite_float(x, f"{row.name}: {row.arguments[i]}") for x in xs]))
                    del vectors[i]
                    break
        nodes = [[self.operand(x, row, 0) for x in xs] for xs in vectors]
        numbers = [[*map(self.number_of, vector)] for vector in nodes]
        out = row.forward(FLOATS, *numbers)
        parents = tuple(node for vector in nodes for node in vector)
        if not -inf < out < inf:
            check_finite(row, parents, [x for vector in numbers for x in vector], out)
        derived = [local for partial in row.partials for local in partial(FLOATS, *numbers, out)]
        return self.make_node(row, out, parents, derived)
