"""An integer of a thousand or more is a number like any other: a year, a count, an index."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_tiny import RecordingError, Value, compile, exp, gradients, greater, scan, where

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


EXACTLY: list[Callable[[Any], Any]] = [
    lambda n: w * rows[operator.index(n) % 5],
    lambda n: w * (n % 3) + 1.0,
    lambda n: w * (n // 7 % 2),
    lambda n: w * n * 1e-9,
    lambda n: scan(lambda c, _: (c * 0.5, None), w * (n % 4), length=20)[0],
]
HUGE = [2**53 + 1, -(2**60) - 1, 2**53, 2**63 - 1, -(2**63), 3, 2**60, 10**30 + 1, 2**53 - 1]


@pytest.mark.parametrize("f", EXACTLY)
@pytest.mark.parametrize("scalars", ["auto", "always", "never"])
def test_an_integer_that_is_no_float_is_none_of_its_neighbours(f: Callable[[Any], Any], scalars: str) -> None:
    program = compile(f, scalars=scalars)
    for n in [*HUGE, *HUGE]:
        y = f(n)
        value, slopes = program.value_and_grad(n)
        assert value == program(n) == pytest.approx(y.data, rel=1e-15)
        found = dict(zip(program.parameters, slopes, strict=True))
        assert found[w] == pytest.approx(gradients(y, w), rel=1e-15)
        assert compile(lambda xs: f(xs[0]), scalars=scalars)([n, 1]) == pytest.approx(y.data, rel=1e-15)
        assert compile(lambda d: f(d["n"][0]), scalars=scalars)({"n": (n, 1.5)}) == pytest.approx(y.data, rel=1e-15)
    fitting = [n for n in HUGE if abs(n) < 2**63]
    right = pytest.approx([f(n).data for n in fitting], rel=1e-15)
    assert program(np.array(fitting), batch=True) == right
    assert compile(lambda d: f(d["n"]), scalars=scalars)({"n": np.array(fitting)}, batch=True) == right
    assert [compile(f, scalars=scalars, shared="n")(n) for n in fitting] == right


def test_an_integer_beyond_the_floats_is_for_the_function_to_refuse() -> None:
    with pytest.raises(OverflowError):
        compile(lambda n: w * (n * 1.5))(10**400)
    assert compile(lambda n: w * (n % 10))(10**400 + 3) == 6.0
