"""The native loops that are ours and not numpy's: its numbers, wherever an operand lies and however long it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile, exp
from autograd_tiny.compiler.run import native

try:
    native.loops()
except native.NotNative as error:
    pytest.skip(f"programs do not run natively here: {error}", allow_module_level=True)

from autograd_tiny.compiler.run import _native

LAYOUTS = ("rows", "columns", "apart")


def laid_out(array: Any, layout: str) -> Any:
    """The same numbers, with those of a row, or of a column, or none beside each other."""
    if layout == "rows":
        return np.ascontiguousarray(array)
    if layout == "columns":
        return np.asfortranarray(array)
    room = np.zeros((2 * array.shape[0], 3 * array.shape[1]))
    room[::2, ::3] = array
    return room[::2, ::3]


sizes = st.one_of(st.integers(1, 20), st.sampled_from([31, 32, 33, 100, 257]))


@given(sizes, sizes, sizes, st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS))
def test_products_of_any_size_and_layout(m: int, k: int, n: int, first: str, second: str, third: str) -> None:
    rng = np.random.default_rng(m + 1000 * k + n)
    a, b = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    left, right, out = laid_out(a, first), laid_out(b, second), laid_out(np.full((m, n), np.nan), third)
    around = out.base.copy() if third == "apart" else None
    tape = _native.Tape()
    tape.matrices(native.loops()["matmul"], left, right, out)
    assert tape.run() == 0
    np.testing.assert_allclose(out, a @ b, rtol=1e-13, atol=1e-13 * k)
    if around is not None:  # nothing but the result is written
        around[::2, ::3] = out
        assert np.array_equal(around, out.base)


@pytest.mark.parametrize("m", range(2, 14))
def test_a_sum_of_products_does_not_depend_on_where_it_is(m: int) -> None:
    rng = np.random.default_rng(m)
    a, b = rng.normal(size=(m, 30)), rng.normal(size=(30, 21))
    whole, part = np.zeros((m, 21)), np.zeros((m, 8))
    tape = _native.Tape()
    right = np.ascontiguousarray(b[:, 5:13])
    tape.matrices(native.loops()["matmul"], a, b, whole)
    tape.matrices(native.loops()["matmul"], a, right, part)
    tape.run()
    if _native.FASTER:
        assert np.array_equal(whole[:, 5:13], part)
    np.testing.assert_allclose(whole[:, 5:13], part, rtol=1e-12)


def exponentials(x: Any) -> tuple[Any, int]:
    out, tape = np.zeros(len(x)), _native.Tape()
    tape.loop(native.loops()["exp"], (x, out))
    return out, tape.run()


@given(st.lists(st.floats(-750.0, 709.0), min_size=1, max_size=40), st.integers(1, 3))
def test_exponentials_to_the_last_place_wherever_they_are(numbers: list[float], step: int) -> None:
    room = np.zeros(step * len(numbers))
    room[::step] = numbers
    found, flags = exponentials(room[::step])
    expected = np.exp(np.array(numbers))
    assert flags == 0
    assert (np.abs(found - expected) <= np.spacing(expected)).all()
    assert [exponentials(np.array([x]))[0][0] for x in numbers] == found.tolist()


@pytest.mark.parametrize("numbers", [[710.0], [1.0, 1.0, 1.0, 1.0, 709.9], [1e300, 0.0]])
def test_an_exponential_that_overflows_is_told(numbers: list[float]) -> None:
    found, flags = exponentials(np.array(numbers))
    assert flags != 0
    with np.errstate(over="ignore"):
        assert np.isinf(found).tolist() == np.isinf(np.exp(numbers)).tolist()


def test_exponentials_at_the_edges() -> None:
    numbers = [0.0, -0.0, 709.782712893384, -745.2, -1e300]
    found, flags = exponentials(np.array(numbers))
    assert flags == 0
    np.testing.assert_allclose(found, np.exp(numbers), rtol=1e-15)


@pytest.mark.parametrize("samples", [63, 64, 71, 5_000])
def test_an_argument_whose_samples_lie_apart_is_turned(samples: int) -> None:
    """Forward and in reverse, for another array of the same kind too."""
    w = Value(0.3)

    def f(x: Any) -> Any:
        total = Value(0.0)
        for xi in x:
            total = total + exp(w * xi) * xi
        return total

    programs = [compile(f, backend=backend, scalars="never") for backend in ("native", "numpy")]
    for seed in range(3):
        x = np.random.default_rng(seed).normal(size=(samples, 5))
        (value, slope), (expected, expected_slope) = (p.flat_value_and_grad(x, batch=True) for p in programs)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(slope, expected_slope, rtol=1e-12)
        assert np.array_equal(programs[0](x, batch=True), value)


def test_a_matrix_as_lists() -> None:
    numbers = np.arange(1.0, 9.0)[::2]
    assert _native.rows_of(numbers, np.array([0, -1, 3, 1, 1, 2]), 2, 3) == [[1.0, 0.0, 7.0], [3.0, 3.0, 5.0]]
    assert _native.rows_of(numbers, np.zeros(0, np.int64), 0, 3) == []
    with pytest.raises(ValueError, match="5 places for a matrix of 2 by 3"):
        _native.rows_of(numbers, np.zeros(5, np.int64), 2, 3)
    with pytest.raises(IndexError):
        _native.rows_of(numbers, np.array([4]), 1, 1)
    with pytest.raises(ValueError, match="numbers in a row"):
        _native.rows_of(np.zeros((2, 2)), np.array([0]), 1, 1)
