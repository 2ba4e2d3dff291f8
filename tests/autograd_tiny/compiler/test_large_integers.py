"""An integer of a thousand or more is a number like any other: a year, a count, an index."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from typing import Any

import pytest

from autograd_tiny import RecordingError, Value, compile, exp, greater, where

w, rows = Value(2.0, "w"), [Value(float(k)) for k in range(7)]
FUNCTIONS: list[Callable[[Any], Any]] = [
    lambda n: w / (n * n + 1.0),
    lambda n: exp(-w * ((n - 2000) / 1e4 + 1.0)),
    lambda n: where(greater(n, 0.0), w, 2.0 * w),
    lambda n: w * (n - 2024) + 12345.0,
]


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("n", [999, 1000, 2024, -5000, 10**9, 2**53 + 1, 2**60])
def test_a_large_integer_is_a_number(f: Callable[[Any], Any], n: int) -> None:
    for scalars in ("always", "never"):
        assert compile(f, scalars=scalars)(n) == pytest.approx(f(n).data, rel=1e-12)


def test_one_of_two_is_an_index() -> None:
    f = lambda k, n: rows[operator.index(k) % 7] * (n * n + 5000.0)
    assert compile(f)(5003, 2024) == f(5003, 2024).data


def test_a_clock_is_found_beside_a_large_integer() -> None:
    """By the last place of its constant: nobody names the clock, which comes in a list."""
    clocks = [lambda: time.perf_counter() + 1.7e9]
    with pytest.raises(RecordingError):
        compile(lambda n: w * (n + clocks[0]()))(2024)
