"""`Value`, one node of the computation graph: a number, where it came from, and its local derivatives.

Every operation makes a new node that keeps its operands (``parents``) and, computed on the spot, the derivative
of the result with respect to each. Backward is then one multiply-add an edge, and a leaf that changes later
cannot corrupt it. The operations themselves are not written here: each method is made from its row in `ops`.

>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> d = a * b
>>> d.data, d.op, d.parents == (a, b), d.local_derivatives
(-6.0, 'mul', True, (-3.0, 2.0))
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from . import _operations, errors
from .modes import nonfinite_allowed
from .namespaces import FLOATS
from .ops import TABLE
from .primitive import CONSTANT, LEAF, Primitive
from .sources import SWITCH, Source, calling_source


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
        raise ValueError(f"{place} got an int of {len(str(x))} digits: beyond the largest float, 1.8e308") from None
    if not -inf < number < inf:
        raise ValueError(f"{place} got {x!r}: expected a finite number; mask or replace it before it enters the graph")
    return number


class Value(_operations.Operations):
    """One number in a computation graph. ``data`` is the number, ``grad`` the derivative of the last root with
    respect to it, ``op`` the primitive that made it ("" for a leaf), ``parents`` its operands in order.

    Raises ``TypeError`` for what is not a real number and ``ValueError`` for NaN and infinities.
    """

    # One or two parents sit in the node itself, with their local derivatives: no tuples to make, and a third
    # of the work for the garbage collector. More than two are tuples in the left slots, and `right` is MANY.
    # `_grad`, `_label` and `_source` stay unset until there is something to say.
    __slots__ = ("_adjoint", "_d_left", "_d_right", "_data", "_grad", "_label", "_left", "_mark", "_primitive",
                 "_right", "_source")  # fmt: skip

    # Above a numpy scalar's priority, so that `np.float64(2) * v` asks us; below an array's, so that
    # `array * v` is numpy's broadcasting over an object array.
    __array_priority__ = -1.0

    def __init__(self, data: Any, label: str = "") -> None:
        self._data = finite_float(data, "Value(data)")
        if label != "":
            self.label = label
        self._primitive = LEAF
        self._left = self._right = None
        self._mark = 0
        if SWITCH.blocks:
            self._source = calling_source()

    def __init_subclass__(cls) -> None:
        raise TypeError("Value cannot be subclassed: keep it as an attribute, or label it")

    # What a node is

    @property
    def data(self) -> float:
        """The number. On a leaf it can be set, as a training step does; a computed node refuses."""
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        if self._primitive is not LEAF:
            raise errors.ComputedValueError(_why_not_settable(self))
        self._data = finite_float(number, "Value.data")

    @property
    def grad(self) -> float:
        """d(root)/d(this) as of the last `backward`; leaves add up over calls until set to 0."""
        return getattr(self, "_grad", None) or 0.0

    @grad.setter
    def grad(self, number: Any) -> None:
        self._grad = float(number) if is_number(number) else finite_float(number, "Value.grad")

    @property
    def label(self) -> str:
        """A name of your choice, shown in errors, steps and pictures."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(
                f"label got {errors.shorten(label)}, {errors.article(type(label).__name__)}: expected a str"
            )
        self._label = label

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands, in order; empty for a leaf."""
        left, right = self._left, self._right
        if right is None:
            return () if left is None else (left,)
        return left if right is MANY else (left, right)

    @property
    def local_derivatives(self) -> tuple[float, ...]:
        """d(this)/d(parent) for each parent, as computed when this node was made (0.0 towards a constant)."""
        if self._right is None:
            return () if self._left is None else (self._d_left,)
        return self._d_left if self._right is MANY else (self._d_left, self._d_right)

    @property
    def primitive(self) -> Primitive:
        """The row of the table that made this node."""
        return self._primitive

    @property
    def op(self) -> str:
        """The primitive's name: ``"mul"``, ``"tanh"``; ``""`` for a leaf, ``"constant"`` for a plain number."""
        return self._primitive.name

    @property
    def source(self) -> Source | None:
        """The line that made this node, if it was made under `track_sources`."""
        return getattr(self, "_source", None)

    @property
    def is_leaf(self) -> bool:
        """Whether this is a leaf: it collects a gradient and its data can be set."""
        return self._primitive is LEAF

    @property
    def is_constant(self) -> bool:
        """Whether this was a plain number in an expression, and so takes no gradient."""
        return self._primitive is CONSTANT

    @property
    def backward_ran(self) -> bool:
        """Whether any `backward` has reached this node (or its ``grad`` was set)."""
        return getattr(self, "_grad", None) is not None

    @property
    def _prev(self) -> tuple[Value, ...]:
        """micrograd's name for ``parents`` (in order, so that every traversal is the same)."""
        return self.parents

    @property
    def _op(self) -> str:
        """micrograd's name for the operation: ``+``, ``*``, ``**``, ``ReLU``."""
        row = self._primitive
        return "" if not row.partials else row.operator or row.symbol

    def detach(self) -> Value:
        """A constant with this node's number: gradients stop here."""
        return constant(self._data)

    def backward(self) -> None:
        """Give every node below its gradient: interior nodes afresh, leaves added to what they have."""
        from .backward import backward

        backward(self)

    # How a node shows, compares and is kept

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self.grad!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __float__(self) -> float:
        raise TypeError(errors.dropped_gradient(self, TABLE))

    __int__ = __float__

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __eq__(self, other: object) -> bool:
        if is_number(other):
            raise TypeError(
                f"a Value equals only itself, so that it can be kept in sets; for its number write v.data == {other!r}"
            )
        return self is other

    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> bool:
        return self._compare(other, operator.lt)

    def __le__(self, other: Any) -> bool:
        return self._compare(other, operator.le)

    def __gt__(self, other: Any) -> bool:
        return self._compare(other, operator.gt)

    def __ge__(self, other: Any) -> bool:
        return self._compare(other, operator.ge)

    def _compare(self, other: Any, holds: Callable[[float, float], bool]) -> bool:
        """The numbers compared, as a plain bool: for a branch that is part of the graph there is `where`."""
        if isinstance(other, Value):
            return holds(self._data, other._data)
        return bool(holds(self._data, other)) if is_number(other) else NotImplemented

    def __pos__(self) -> Value:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if self._left is not None:
            raise TypeError(
                f"cannot copy or pickle {_called(self)}: it is computed ({self.op}), and its graph would be cut off; "
                "keep the leaves and build it again, or keep v.data"
            )
        return _restore, (self._data, self.label, self.grad if self.backward_ran else None, self.is_constant)


MANY = object()
"""What ``_right`` is where ``_left`` holds a tuple of parents."""


def _called(node: Value) -> str:
    return repr(node.label) if node.label else "this Value"


def _why_not_settable(node: Value) -> str:
    if node.is_constant:
        return f"the number {node._data!r} is a constant of an expression: use a Value in its place to vary it"
    leaves: dict[Value, None] = {}
    stack, seen = list(reversed(node.parents)), set[int]()
    while stack:
        parent = stack.pop()
        if id(parent) not in seen:
            seen.add(id(parent))
            stack.extend(reversed(parent.parents))
            if parent.is_leaf:
                leaves[parent] = None
    names = [repr(leaf.label) if leaf.label else f"Value({leaf._data!r})" for leaf in leaves]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"{_called(node)} is computed ({node.op}): set the data of a leaf below it instead: {shown or 'it has none'}"


# Making nodes

_new = object.__new__


def _node(row: Primitive, data: float, parents: tuple[Value, ...], local_derivatives: Sequence[float]) -> Value:
    node: Value = _new(Value)
    node._data = data
    node._primitive = row
    node._mark = 0
    node._left = node._right = None
    if len(parents) > 2:
        node._left, node._d_left, node._right = parents, tuple(local_derivatives), MANY
    elif parents:
        node._left, node._d_left = parents[0], local_derivatives[0]
        if len(parents) == 2:
            node._right, node._d_right = parents[1], local_derivatives[1]
    if SWITCH.blocks:
        node._source = calling_source()
    return node


def constant(number: Any) -> Value:
    """The node of a plain number: it has no parents and takes no gradient."""
    return _node(CONSTANT, number if nonfinite_allowed() else finite_float(number, "an expression"), (), ())


def _restore(data: float, label: str, grad: float | None, is_constant: bool) -> Value:
    """A leaf or constant out of a copy or pickle."""
    node = _node(CONSTANT if is_constant else LEAF, data, (), ())
    node._label = label
    node._grad = grad
    return node


def check_finite(row: Primitive, parents: Sequence[Value], numbers: Sequence[float], out: float) -> None:
    """Raise `NonFiniteError` for a non-finite result of finite operands, unless they are allowed."""
    if not nonfinite_allowed() and all(-inf < x < inf for x in numbers):
        raise errors.nonfinite_result(row, parents, numbers, out)


def _operand(x: Any, row: Primitive, i: int) -> Value:
    if x.__class__ is Value:
        return x
    if not is_number(x):
        name = row.arguments[0] if row.variadic else row.arguments[i]
        raise errors.InvalidNumber(f"{row.name}: {name}", x)
    return constant(float(x))


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


def apply(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any] | None = None) -> Value:
    """The node of any primitive: ``operands`` are Values and numbers, or vectors of them if the row is variadic."""
    if row.variadic:
        return _apply_variadic(row, operands)
    parents = tuple(_operand(x, row, i) for i, x in enumerate(fill_in(row, operands, named or {})))
    numbers = [parent._data for parent in parents]
    out = row.forward(FLOATS, *numbers)
    if not -inf < out < inf:
        check_finite(row, parents, numbers, out)
    local_derivatives = tuple(
        0.0 if parent._primitive is CONSTANT else partial(FLOATS, *numbers, out)
        for parent, partial in zip(parents, row.partials, strict=True)
    )
    return _node(row, out, parents, local_derivatives)


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


def _apply_variadic(row: Primitive, operands: tuple[Any, ...]) -> Value:
    vectors = [as_vector(xs, row) for xs in operands]
    check_lengths(row, vectors)
    if row.fill is not None:
        for i, xs in enumerate(vectors):
            if not any(x.__class__ is Value for x in xs):
                row = row.fill(tuple([finite_float(x, f"{row.name}: {row.arguments[i]}") for x in xs]))
                del vectors[i]
                break
    nodes = [tuple([_operand(x, row, 0) for x in xs]) for xs in vectors]
    numbers = [[node._data for node in vector] for vector in nodes]
    out = row.forward(FLOATS, *numbers)
    parents = nodes[0] if len(nodes) == 1 else tuple(node for vector in nodes for node in vector)
    if not -inf < out < inf:
        check_finite(row, parents, [x for vector in numbers for x in vector], out)
    local_derivatives: list[float] = []
    for partial in row.partials:
        local_derivatives.extend(partial(FLOATS, *numbers, out))
    return _node(row, out, parents, local_derivatives)


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


def as_constant(x: Any) -> Value | None:
    """The constant node of a plain number; None for a foreign type, which may know what to do with us."""
    return constant(x) if is_number(x) else None


def equip(row: Primitive) -> None:
    """Give `Value` the method of a row for which none was generated: a new row, or a plug-in."""
    if row.variadic:
        method = lambda self, *others: apply(row, ([self, *others],))
    else:
        method = lambda self, *more, **named: apply(row, (self, *more), named)
    for name in (row.name, *row.aliases):
        setattr(Value, name, method)


_operations.bind(Value, sys.modules[__name__])
for _row in TABLE.values():
    if not hasattr(Value, _row.name) and (len(_row.arguments) == 1 or not _row.variadic):
        equip(_row)
