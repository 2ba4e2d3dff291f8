"""Columns of numbers: read and written for many Values at once, whole or not at all, the same on both engines."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import ComputedValueError, Value
from autograd_tiny.core import data_of, gradients_of, set_data, set_gradients, zero_gradients

NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20)
FORMS = [list, tuple, np.array, lambda xs: array("d", xs), lambda xs: np.repeat(np.array(xs, float), 2)[::2],
         lambda xs: np.array(xs, dtype=object)]  # fmt: skip


@given(NUMBERS, st.sampled_from(FORMS))
def test_what_is_written_is_read_back_in_every_form(numbers: list[float], form: Any) -> None:
    values = [Value(1.0) for _ in numbers]
    set_data(values, form(numbers))
    set_gradients(values, form(numbers))
    assert data_of(values) == gradients_of(values) == array("d", numbers)
    assert [v.data for v in values] == [v.grad for v in values] == numbers
    assert all(v.backward_ran for v in values)
    zero_gradients(values)
    assert not any(gradients_of(values))


def test_float32_and_whole_numbers_are_converted() -> None:
    values = [Value(1.0), Value(2.0)]
    set_data(values, np.array([0.5, 0.25], dtype=np.float32))
    assert list(data_of(values)) == [0.5, 0.25]
    set_data(values, np.array([3, 4]))
    assert list(data_of(values)) == [3.0, 4.0]


@pytest.mark.parametrize(
    ("numbers", "error", "text"),
    [
        ([9.0], ValueError, "2 Values got 1 numbers: expected one for each"),
        ([9.0, float("nan")], ValueError, "Value.data got nan: expected a finite number"),
        ([9.0, float("-inf")], ValueError, "Value.data got -inf: expected a finite number"),
        ([9.0, "8"], TypeError, "number"),
    ],
)
def test_a_column_that_does_not_fit_changes_nothing(numbers: Any, error: type[Exception], text: str) -> None:
    values = [Value(1.0), Value(2.0)]
    with pytest.raises(error, match=text):
        set_data(values, numbers)
    assert list(data_of(values)) == [1.0, 2.0]


def test_a_computed_node_has_a_column_to_read_and_none_to_write() -> None:
    leaf = Value(2.0)
    node = leaf * 3.0
    assert list(data_of([leaf, node])) == [2.0, 6.0]
    with pytest.raises(ComputedValueError):
        set_data([leaf, node], [1.0, 1.0])
    assert leaf.data == 2.0


def test_columns_are_of_values_only() -> None:
    for work in (data_of, gradients_of, zero_gradients):
        with pytest.raises((TypeError, AttributeError)):
            work([Value(1.0), 2.0])  # type: ignore[list-item]
