"""`Value`, one node of the computation graph: a number, where it came from, and its local derivatives.

Every operation makes a new node that keeps its operands (``parents``) and, computed on the spot, the derivative
of the result with respect to each. Backward is then one multiply-add an edge, and a leaf that changes later
cannot corrupt it. The operations themselves are not written here: each method is made from its row in `ops`.
Long for a file of this house, and whole on purpose: it is the text that is read first.

>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> d = a * b
>>> d.data, d.op, d.parents == (a, b), d.local_derivatives
(-6.0, 'mul', True, (-3.0, 2.0))
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .. import errors
from ..modes.recording import DETACHED, FLAG, being_recorded, guard, index_of, note_leaf
from ..modes.sources import SWITCH, Source, calling_source
from ..table.ops import TABLE
from ..table.primitive import CONSTANT, LEAF, Primitive
from . import _operations
from .operands import DEGREES, RADIANS, Applier, finite_float, is_number, real_float, restored
from .origins import Origin

if TYPE_CHECKING:
    from ..explaining.stepping import BackwardPass


class Value(_operations.Operations):
    """One number in a computation graph. ``data`` is the number, ``grad`` the derivative of the last root with
    respect to it, ``op`` the primitive that made it ("" for a leaf), ``parents`` its operands in order.

    Raises ``TypeError`` for what is not a real number and ``ValueError`` for NaN and infinities.
    """

    # One or two parents sit in the node itself, with their local derivatives: no tuples to make, and a third
    # of the work for the garbage collector. More than two are tuples in the left slots, and `right` is MANY.
    # `_grad`, `_label` and `_source` stay unset until there is something to say.
    __slots__ = ("_adjoint", "_d_left", "_d_right", "_data", "_grad", "_label", "_left", "_mark", "_origin",
                 "_primitive",
                 "_right", "_source")  # fmt: skip

    # Above a numpy scalar's priority, so that `np.float64(2) * v` asks us; below an array's, so that
    # `array * v` is numpy's broadcasting over an object array.
    __array_priority__ = -1.0

    def __new__(cls, *_: Any, **__: Any) -> Value:
        node: Value = _new(cls)
        node._data = 0.0
        node._primitive = LEAF
        node._left = node._right = None
        node._mark = 0
        return node

    def __init__(self, data: Any, label: str = "") -> None:
        if self._primitive is not LEAF:
            raise TypeError(errors.MADE_ALREADY)
        self._data = finite_float(data, "Value(data)")
        if label != "":
            self.label = label
        if SWITCH.blocks:
            self._source = calling_source()
        if FLAG.blocks:
            note_leaf(self)

    def __init_subclass__(cls) -> None:
        raise TypeError(errors.NO_SUBCLASS)

    # What a node is

    @property
    def data(self) -> float:
        """The number. On a leaf it can be set, as a training step does; a computed node refuses."""
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        if self._primitive is not LEAF:
            raise errors.ComputedValueError(errors.not_settable(self))
        self._data = finite_float(number, "Value.data")

    @property
    def grad(self) -> float:
        """d(root)/d(this) as of the last `backward`; leaves add up over calls until set to 0."""
        return getattr(self, "_grad", None) or 0.0

    @grad.setter
    def grad(self, number: Any) -> None:
        self._grad = real_float(number, "Value.grad")

    @grad.deleter
    def grad(self) -> None:
        self._grad = None  # as if no backward had reached this node

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
    def derivative_of(self) -> Origin | None:
        """What this node, made by differentiation, is a part of: an `Origin`; None of any other."""
        return getattr(self, "_origin", None)

    def _set_origin(self, node: Value, edge: int | None, root: Value) -> None:
        self._origin = Origin(node, edge, root)

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
        return apply(DETACHED, (self,)) if being_recorded() else constant(self._data)

    def backward(self) -> None:
        """Give every node below its gradient: interior nodes afresh, leaves added to what they have."""
        from .backward import backward

        backward(self)

    def steps(self, leave: str = "restore") -> BackwardPass:
        """The backward pass from here, one reversible step at a time: see `autograd_tiny.steps`."""
        from ..explaining.stepping import steps

        return steps(self, leave)

    # How a node shows, compares and is kept

    def __repr__(self) -> str:
        if FLAG.blocks:
            guard(self, "text")
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self.grad!r}{label})"

    def __format__(self, spec: str) -> str:
        if FLAG.blocks:
            guard(self, "text")
        return format(self._data, spec) if spec else repr(self)

    def __float__(self) -> float:
        if FLAG.blocks:
            guard(self, "float")
        raise TypeError(errors.dropped_gradient(self, TABLE))

    __int__ = __float__

    def __index__(self) -> int:
        return index_of(self)

    def __bool__(self) -> bool:
        if FLAG.blocks:
            guard(self, "bool")
        return self._data != 0.0

    def __eq__(self, other: object) -> bool:
        if is_number(other):
            if FLAG.blocks:
                guard(self, "compare")
            raise TypeError(errors.not_equal_to_number(other))
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
        if FLAG.blocks:
            guard(self, "compare")
            if isinstance(other, Value):
                guard(other, "compare")
        if isinstance(other, Value):
            return holds(self._data, other._data)
        return bool(holds(self._data, other)) if is_number(other) else NotImplemented

    def __pos__(self) -> Value:
        return self

    # Python's roundings, and what numpy asks of the elements of an array for np.floor, np.var, …

    def __floor__(self) -> Value:
        return self.floor()

    def __ceil__(self) -> Value:
        return self.ceil()

    def __trunc__(self) -> Value:
        return self.trunc()

    def __round__(self, ndigits: int | None = None) -> Value:
        return self.round() if not ndigits else (self * 10.0**ndigits).round() / 10.0**ndigits

    def __divmod__(self, other: Any) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Value, Value]:
        return other // self, other % self

    def as_integer_ratio(self) -> Any:
        """Refused, as ``float()`` is: the gradient would be dropped in silence."""
        raise TypeError(errors.no_ratio(self))  # statistics.mean asks for it

    def deg2rad(self) -> Value:
        """Degrees in radians, π / 180 times as many: what numpy asks for in ``np.deg2rad`` and ``np.radians``."""
        return self * RADIANS

    def rad2deg(self) -> Value:
        """Radians in degrees, 180 / π times as many: what numpy asks for in ``np.rad2deg`` and ``np.degrees``."""
        return self * DEGREES

    radians, degrees = deg2rad, rad2deg

    def conjugate(self) -> Value:
        """The number itself: it is real."""
        return self

    def __getstate__(self) -> Any:
        if FLAG.blocks:
            guard(self, "copy")
        raise TypeError(errors.not_copyable(self))  # Python's own would give away the slots

    def __reduce__(self) -> tuple[Any, ...]:
        if FLAG.blocks:
            guard(self, "copy")
        if self._left is not None:
            raise TypeError(errors.not_copyable(self))
        return _restore, (self._data, self.label, self.grad if self.backward_ran else None, self.is_constant)


MANY = object()
"""What ``_right`` is where ``_left`` holds a tuple of parents."""


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


def _restore(data: Any, label: Any, grad: Any, is_constant: Any) -> Value:
    """A leaf or constant out of a copy or pickle."""
    node: Value = restored(_node, data, label, is_constant)
    if grad is not None:
        node._grad = real_float(grad, "the gradient of a copied Value")
    if FLAG.blocks and not is_constant:
        note_leaf(node)
    return node


def set_constant(leaves: Sequence[Value], on: bool) -> None:
    """Make plain numbers of leaves that have served, or leaves of them again."""
    for leaf in leaves:
        leaf._primitive = CONSTANT if on else LEAF


make_node: Callable[..., Value] = _node
"""A node of any row, number, parents and local derivatives, unchecked."""

_applier = Applier(Value, _node, operator.attrgetter("_data"))
apply: Callable[..., Value] = _applier.apply
constant: Callable[[Any], Value] = _applier.constant
as_constant: Callable[[Any], Value | None] = _applier.as_constant


def variadic(row: Primitive, vectors: Sequence[Any]) -> Value | None:
    """The node of a many-parent primitive by a faster way than `apply`; None, as here, if there is none."""
    return None


def equip(row: Primitive) -> None:
    """Give `Value` the method of a row for which none was generated: a new row, or a plug-in.

    One that takes several vectors has none: see its function.
    """
    if row.variadic and len(row.arguments) > 1:
        return
    if row.variadic:
        method = lambda self, *others: apply(row, ([self, *others],))
    else:
        method = lambda self, *more, **named: apply(row, (self, *more), named)
    for name in (row.name, *row.aliases):
        setattr(Value, name, method)


def unequip(row: Primitive) -> None:
    """Take a plug-in's methods away again."""
    if row.variadic and len(row.arguments) > 1:
        return
    for name in (row.name, *row.aliases):
        if name in Value.__dict__:
            delattr(Value, name)


# Exits of a number that are read too often to look for a recording every time: while there is one, they are others.


def _guarded(name: str, what: str, change: str | None) -> tuple[Any, Any]:
    """An attribute as it is, and one that asks the guard first, also where it is set or deleted."""
    plain: Any = vars(Value)[name]

    def read(node: Value) -> Any:
        guard(node, what)
        return plain.__get__(node)

    def write(node: Value, number: Any) -> None:
        if change is not None:
            guard(node, change)
        plain.__set__(node, number)

    def delete(node: Value) -> None:
        if change is not None:
            guard(node, change)
        plain.__delete__(node)

    settable = not isinstance(plain, property) or plain.fset is not None
    return plain, property(read, write if settable else None, delete if settable else None, plain.__doc__)


_EXITS = {
    "data": _guarded("data", "data", "set"),
    "grad": _guarded("grad", "grad", "set_grad"),
    "backward_ran": _guarded("backward_ran", "state", None),
    "local_derivatives": _guarded("local_derivatives", "local", None),
    "_adjoint": _guarded("_adjoint", "grad", None),
}


def _set_recording(on: bool) -> None:
    for name, (plain, guarded) in _EXITS.items():
        setattr(Value, name, guarded if on else plain)


FLAG.watch(_set_recording)

_operations.bind(Value, sys.modules[__name__])
for _row in TABLE.values():
    if not hasattr(Value, _row.name):
        equip(_row)
