"""The native loops that are ours and not numpy's: its numbers, wherever an operand lies and however long it is."""

from __future__ import annotations

import math
from typing import Any

import mpmath
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


def each(name: str, x: Any) -> tuple[Any, int]:
    out, tape = np.zeros(len(x)), _native.Tape()
    tape.loop(native.loops()[name], (x, out))
    return out, tape.run()


def exponentials(x: Any) -> tuple[Any, int]:
    return each("exp", x)


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
    numbers = [0.0, -0.0, 709.782712893384, -745.2, -1e300, -math.inf, math.nan]
    found, flags = exponentials(np.array(numbers))
    assert flags == 0
    np.testing.assert_allclose(found, np.exp(numbers), rtol=1e-15)


@given(
    st.lists(
        st.floats(-30.0, 30.0) | st.floats(-0.5, 0.5) | st.builds(math.ldexp, st.floats(-1, 1), st.integers(-1070, 0)),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 3),
)
def test_tangents_to_the_last_places_wherever_they_are(numbers: list[float], step: int) -> None:
    room = np.zeros(step * len(numbers))
    room[::step] = numbers
    found, _ = each("tanh", room[::step])
    with mpmath.workdps(40):
        expected = [mpmath.tanh(mpmath.mpf(x)) for x in numbers]
        assert all(
            abs(mpmath.mpf(y) - e) <= 3 * math.ulp(float(e)) for y, e in zip(found.tolist(), expected, strict=True)
        )
    assert [each("tanh", np.array([x]))[0][0] for x in numbers] == found.tolist()


def test_tangents_at_the_edges() -> None:
    numbers = [0.0, -0.0, 5e-324, -5e-324, 1e-300, 19.1, 22.0, -1e300, math.inf, -math.inf, math.nan]
    found, flags = each("tanh", np.array(numbers))
    assert [*map(str, found.tolist())] == [*map(str, np.tanh(numbers).tolist())]
    assert flags == 0


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


@given(
    st.sampled_from(["add", "subtract", "multiply", "divide"]),
    st.tuples(*[st.integers(1, 5)] * 2, st.integers(2, 70)),
    st.tuples(*[st.sampled_from(["each", "one"])] * 6),
    st.sampled_from(["rows", "apart"]),
    st.booleans(),
)
def test_short_rows_element_by_element(name: str, shape: Any, axes: Any, layout: str, into_one: bool) -> None:
    """Of two operands, each with the numbers of all rows or of one, to the bit what numpy gives; or all rows into one."""
    rng = np.random.default_rng(shape[2])
    a, b = (
        rng.normal(size=[n if axis == "each" else 1 for n, axis in zip(shape, three, strict=True)])
        for three in (axes[:3], axes[3:])
    )
    room = np.full((*shape[:2], shape[2] + 3), 7.0)
    out = np.zeros(shape) if layout == "rows" else room[..., : shape[2]]
    ufunc, tape = getattr(np, name), _native.Tape()
    if into_one:
        a = out = np.broadcast_to(b.sum((0, 1), keepdims=True), (1, 1, shape[2])).copy() + 1.0
        expected = out[0, 0].copy()
        for row in np.broadcast_to(b, shape).reshape(-1, shape[2]):
            expected = ufunc(expected, row)
        tape.loop(native.loops()[name], (a, b, out), shape)
    else:
        expected = np.broadcast_to(ufunc(a, b), shape)
        tape.loop(native.loops()[name], (a, b, out))
    assert tape.run() == 0
    close = 1e-12 * np.abs(expected).max() if into_one else 0.0  # of short rows another axis may come first
    np.testing.assert_allclose(np.squeeze(out), np.squeeze(expected), rtol=0.0, atol=close)
    assert np.all(room[..., shape[2] :] == 7.0)


@pytest.mark.parametrize("samples", [1, 7, 32, 33, 600])
def test_functions_of_rows_that_lie_apart(samples: int) -> None:
    """Of i, f and o beside g, as in the gates of an LSTM: what is copied into a row first, and what is not."""
    weights = [Value(0.1 * i - 0.7) for i in range(16)]

    def gates(x: Any) -> Any:
        z = [w * x for w in weights]
        return sum(a.sigmoid() * b.tanh() * abs(c) + exp(d) for a, b, c, d in zip(*[iter(z)] * 4, strict=True))

    x = np.random.default_rng(samples).normal(size=samples)
    found, expected = (
        compile(gates, backend=backend, scalars="never").flat_value_and_grad(x, batch=True)
        for backend in ("native", "numpy")
    )
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0.0, atol=1e-13 * np.abs(b).max())


def test_a_quotient_of_short_rows_notices_a_division_by_zero() -> None:
    a, b, out = np.ones((3, 10)), np.ones((3, 1)), np.empty((3, 10))
    tape = _native.Tape()
    tape.loop(native.loops()["divide"], (a, b, out))
    assert tape.run() == 0
    b[1] = 0.0
    assert tape.run() != 0


@given(st.integers(1, 13), st.integers(1, 30), st.booleans())
def test_a_matrix_is_turned_and_looked_at(rows: int, columns: int, apart: bool) -> None:
    rng = np.random.default_rng(rows)
    given_, room = rng.normal(size=(columns, rows)), np.full((rows, columns + 5), 7.0)
    tape, checked = _native.Tape(), _native.Tape()
    x = given_.T if not apart else np.repeat(given_, 2, axis=1).T[::2]
    tape.turn(x, room[:, :columns])
    checked.check(given_)
    assert (tape.run(), checked.run()) == (0, 0)
    assert np.array_equal(room[:, :columns], given_.T)
    assert (room[:, columns:] == 7.0).all()
    x[rng.integers(rows), rng.integers(columns)] = -np.inf
    assert tape.run() != 0
    assert apart or checked.run() != 0


@given(st.integers(1, 6), st.one_of(st.integers(1, 70), st.sampled_from([600, 1031])))
def test_dot_products_of_rows(rows: int, n: int) -> None:
    rng = np.random.default_rng(n)
    a, b, out = rng.normal(size=(rows, n)), rng.normal(size=(rows, n + 3))[:, :n], np.zeros(2 * rows)
    tape = _native.Tape()
    tape.row_dots(a, b, out[::2])
    assert tape.run() == 0
    np.testing.assert_allclose(out[::2], (a * b).sum(1), rtol=0.0, atol=1e-13 * n)
    assert not out[1::2].any()
    with pytest.raises(LookupError):
        tape.row_dots(np.zeros((rows, 4)), np.zeros((rows, 8))[:, ::2], out[::2])


def test_the_sum_over_samples_of_a_product_needs_no_room_for_it() -> None:
    w = [Value(0.1 * i - 0.2) for i in range(5)]
    f = lambda xs: sum((p * x).sin() for p, x in zip(w, xs, strict=True))
    programs = [compile(f, backend=backend, scalars="never") for backend in ("native", "numpy")]
    x = np.random.default_rng(0).normal(size=(300, 5))
    found, expected = (program.flat_value_and_grad(x, batch=True) for program in programs)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    program: Any = programs[0].last
    assert any(line.startswith("row_dots(") for line in program.program.code.reverse_lines)
    assert program.program.bound(300).not_native == ""
