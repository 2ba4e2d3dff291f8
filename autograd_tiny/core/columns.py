"""The numbers of many Values at once, as an optimiser reads and writes those of all parameters: one column of floats.

>>> from autograd_tiny.core.value import Value
>>> parameters = [Value(1.0), Value(2.0)]
>>> set_data(parameters, [0.5, 4.0])
>>> data_of(parameters)
array('d', [0.5, 4.0])

The compiled engine has the same functions in C, some ten times as fast; `core` chooses.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from math import isfinite

from .. import errors
from ..modes.recording import FLAG, guard_all
from ..table.primitive import LEAF, Primitive
from .operands import as_column, check_column, checked_nodes, finite_float
from .value import Value


def data_of(values: Iterable[Value]) -> array[float]:
    """The number of each Value."""
    nodes = _nodes(values)
    if FLAG.blocks:
        guard_all(nodes, "data")
    return array("d", [value._data for value in nodes])


def primitives_of(values: Iterable[Value]) -> tuple[list[Primitive], bytearray]:
    """The primitives of the Values, and for each Value the place of its own among them, a C int."""
    rows: dict[Primitive, int] = {}
    codes = array("i", [rows.setdefault(value._primitive, len(rows)) for value in _nodes(values)])
    return [*rows], bytearray(codes)


def gradients_of(values: Iterable[Value]) -> array[float]:
    """The ``.grad`` of each Value."""
    return array("d", [value.grad for value in _nodes(values)])


def set_data(values: Iterable[Value], numbers: Iterable[float]) -> None:
    """Give each leaf its number: all of them, or none where an error is raised or Ctrl-C interrupts."""
    column, nodes = as_column(numbers), _nodes(values)
    if FLAG.blocks:
        guard_all(nodes, "set")
    check_column(len(nodes), len(column))
    for value in nodes:
        if value._primitive is not LEAF:
            raise errors.ComputedValueError(errors.not_settable(value))
    if not isfinite(sum(column)):  # so is a sum with one such summand; or it overflowed itself
        for number in column:
            finite_float(number, "Value.data")
    before = data_of(nodes)
    try:
        for value, number in zip(nodes, column, strict=True):
            value._data = number
    except BaseException:
        for value, number in zip(nodes, before, strict=True):
            value._data = number
        raise


def set_gradients(values: Iterable[Value], numbers: Iterable[float]) -> None:
    """Give each Value its ``.grad``."""
    column, nodes = as_column(numbers), _nodes(values)
    if FLAG.blocks:
        guard_all(nodes, "set_grad")
    check_column(len(nodes), len(column))
    for value, number in zip(nodes, column, strict=True):
        value._grad = number


def zero_gradients(values: Iterable[Value]) -> None:
    """Set the ``.grad`` of each Value to 0."""
    nodes = _nodes(values)
    if FLAG.blocks:
        guard_all(nodes, "set_grad")
    for value in nodes:
        value._grad = 0.0


def _nodes(values: Iterable[Value]) -> tuple[Value, ...]:
    return checked_nodes(values, Value, "a column of numbers")
