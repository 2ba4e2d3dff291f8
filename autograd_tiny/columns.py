"""The numbers of many Values at once, as an optimiser reads and writes those of all parameters: one column of floats.

>>> from autograd_tiny.value import Value
>>> parameters = [Value(1.0), Value(2.0)]
>>> set_data(parameters, [0.5, 4.0])
>>> data_of(parameters)
array('d', [0.5, 4.0])

The compiled engine has the same functions in C, some ten times as fast; `core` chooses.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from math import isfinite

from . import errors
from .operands import check_column, finite_float
from .primitive import LEAF
from .recording import FLAG, guard_all
from .value import Value


def data_of(values: Sequence[Value]) -> array[float]:
    """The number of each Value."""
    if FLAG.blocks:
        guard_all(values, "data")
    return array("d", [value._data for value in values])


def gradients_of(values: Sequence[Value]) -> array[float]:
    """The ``.grad`` of each Value."""
    return array("d", [value.grad for value in values])


def set_data(values: Sequence[Value], numbers: Sequence[float]) -> None:
    """Give each leaf its number: all of them, or none where an error is raised or Ctrl-C interrupts."""
    check_column(values, numbers)
    if FLAG.blocks:
        guard_all(values, "set")
    column = array("d", numbers)
    for value in values:
        if value._primitive is not LEAF:
            raise errors.ComputedValueError(errors.not_settable(value))
    if not isfinite(sum(column)):  # so is a sum with one such summand; or it overflowed itself
        for number in column:
            finite_float(number, "Value.data")
    before = data_of(values)
    try:
        for value, number in zip(values, column, strict=True):
            value._data = number
    except BaseException:
        for value, number in zip(values, before, strict=True):
            value._data = number
        raise


def set_gradients(values: Sequence[Value], numbers: Sequence[float]) -> None:
    """Give each Value its ``.grad``."""
    check_column(values, numbers)
    if FLAG.blocks:
        guard_all(values, "set_grad")
    for value, number in zip(values, array("d", numbers), strict=True):
        value._grad = number


def zero_gradients(values: Iterable[Value]) -> None:
    """Set the ``.grad`` of each Value to 0."""
    for value in values:
        value.grad = 0.0
