"""Calls like an earlier one take a short way: they give what the long way gives, and notice what it notices."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile
from autograd_tiny.compiler.run.ready import _native

SHORT = pytest.mark.skipif(_native() is None, reason="there is no short way on the plain engine")
BOTH = pytest.mark.parametrize("scalars", ["never", "always"])


def program_of(scalars: str, **options: Any) -> tuple[Any, list[Value]]:
    w = [Value(0.5), Value(-0.25), Value(2.0)]
    return compile(lambda x, y: (w[0] * x[0] + w[1] * x[1]).tanh() * y * w[2], scalars=scalars, **options), w


def expected(w: list[Value], x: Any, y: float) -> float:
    return float(((w[0] * x[0] + w[1] * x[1]).tanh() * y * w[2]).data)


@SHORT
@BOTH
def test_a_call_like_an_earlier_one_is_not_looked_at(scalars: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, w = program_of(scalars)
    program([1.0, 2.0], 3.0)
    monkeypatch.setattr(program, "_run", None)
    assert program([0.5, 2.5], 1.5) == pytest.approx(expected(w, [0.5, 2.5], 1.5), rel=1e-14)
    assert program.value_and_grad([0.5, 2.5], 1.5)[1] == pytest.approx(
        ad.gradients((w[0] * 0.5 + w[1] * 2.5).tanh() * 1.5 * w[2], w), rel=1e-14
    )


@SHORT
@BOTH
def test_backward_takes_the_short_way_and_adds_into_grad(scalars: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, w = program_of(scalars)
    program.backward([1.0, 2.0], 3.0)
    before = [p.grad for p in w]
    monkeypatch.setattr(program, "_run", None)
    for x, y in [([0.5, 2.5], 1.5), ([1.0, 2.0], 3.0)]:
        assert program.backward(x, y) == pytest.approx(expected(w, x, y), rel=1e-14)
    slopes = [
        ad.gradients((w[0] * a + w[1] * b).tanh() * y * w[2], w) for a, b, y in [(0.5, 2.5, 1.5), (1.0, 2.0, 3.0)]
    ]
    assert [p.grad for p in w] == pytest.approx([sum(g) for g in zip(before, *slopes, strict=True)], rel=1e-13)


@SHORT
def test_a_program_on_sequences_of_many_lengths_keeps_all_of_them_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Value(0.5)
    program = compile(lambda xs: ad.dot([w] * len(xs), xs))
    lengths = range(1, 16)
    for n in lengths:
        program.backward([1.0] * n)
    monkeypatch.setattr(program, "_run", None)
    assert [program.backward([2.0] * n) for n in lengths] == [float(n) for n in lengths]


@BOTH
def test_every_way_of_giving_numbers(scalars: str) -> None:
    program, w = program_of(scalars)
    ways: list[tuple[Any, Any]] = [
        ([1.0, 2.0], 3.0), ((1.0, 2.0), 3.0), (np.array([1.0, 2.0]), 3.0), ([1, 2], 3), (np.array([1.0, 2.0], "f4"), 3.0),
        (np.array([1.0, 0.0, 2.0])[::2], 3.0), ([1.0, 2], 3.0), (np.array([1, 2]), np.float64(3.0)), ([1.0, 2.0], True + 2),
    ]  # fmt: skip
    for _ in range(3):
        for x, y in ways:
            assert program(x, y) == pytest.approx(expected(w, [1.0, 2.0], 3.0), rel=1e-14)
            assert program(y=y, x=x) == program(x, y=y) == program(x, y)
    for x, y in ways:
        xs, ys = np.array([x, x]), np.array([y, y], float)
        for _ in range(2):
            assert program(xs, ys, batch=True) == pytest.approx([expected(w, [1.0, 2.0], 3.0)] * 2, rel=1e-14)


@BOTH
def test_what_changes_between_calls_is_seen(scalars: str) -> None:
    scale, w, more = [2.0], Value(3.0), Value(1.0)
    program = compile(lambda x: scale[0] * w * x, scalars=scalars, parameters=[more])
    assert [program(1.0) for _ in range(3)] == [6.0] * 3
    w.data = 4.0
    assert [program(1.0) for _ in range(3)] == [8.0] * 3
    scale[0] = 0.5
    assert [program(1.0) for _ in range(3)] == [2.0] * 3
    with program.hold() as held:
        held[program.parameters.index(w)] = 10.0
        assert [program.value_and_grad(2.0) for _ in range(3)] == [(10.0, [0.0, 1.0])] * 3
    assert program(1.0) == 5.0
    program.watches = False
    scale[0] = 7.0
    assert program(1.0) == 5.0
    program.watches = True
    assert program(1.0) == 70.0


@BOTH
def test_errors_are_those_of_the_function_at_any_call(scalars: str) -> None:
    w = Value(1.0, "w")
    program = compile(lambda x: (w * x).log(), scalars=scalars)
    for _ in range(3):
        assert program(1.0) == 0.0
        with pytest.raises(ad.NonFiniteError, match="needs x > 0"):
            program(-1.0)
        with pytest.raises(ValueError, match="finite"):
            program(math.nan)
        with pytest.raises(TypeError, match="a compiled function got"):
            program({1.0})
    several = compile(lambda x: [w * x], scalars=scalars)
    for _ in range(3):
        assert several(2.0) == [2.0]
        with pytest.raises(TypeError, match="a gradient needs one"):
            several.value_and_grad(2.0)


def test_indices_are_part_of_what_is_alike() -> None:
    rows = [Value(1.0), Value(10.0), Value(100.0)]
    program = compile(lambda i, x: rows[i] * x)
    for _ in range(2):
        assert [program(i, 2.0) for i in (0, 1, 2, 1, 0)] == [2.0, 20.0, 200.0, 20.0, 2.0]
    assert program.cache_info()[:2] == (7, 3)


def test_calls_are_counted_and_the_least_used_are_forgotten() -> None:
    program = compile(lambda x: sum(x) if isinstance(x, list) else W * x, cache_size=2)
    for x in (1.0, 2.0, [1.0], [2.0], 3.0, [1.0, 2.0], 4.0, [3.0]):
        program(x)
    assert program.cache_info() == (4, 4, 2, 2)
    program.cache_clear()
    assert program.cache_info() == (0, 0, 2, 0)
    assert program(5.0) == 15.0


W = Value(3.0)


def test_a_row_taken_out_of_the_table_is_noticed() -> None:
    from autograd_tiny.table.primitive import function

    cube = ad.register(function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
    program = compile(lambda x: cube(W * x))
    try:
        assert [program(1.0), program(1.0)] == [27.0, 27.0]
    finally:
        ad.unregister("cube")
    assert program(1.0) == 27.0
    assert program.cache_info()[:2] == (1, 2)  # recorded anew: it may have been used in a slope


@BOTH
def test_threads_share_a_program(scalars: str) -> None:
    program, w = program_of(scalars)
    wrong: list[Any] = []

    def work(k: int) -> None:
        for i in range(60):
            x, y = [0.1 * k, 0.01 * i], 1.0 + k
            value, slopes = program.value_and_grad(x, y)
            batch = program(np.array([x, x]), np.array([y, -y]), batch=True)
            want = expected(w, x, y)
            if not (abs(value - want) < 1e-12 and np.allclose(batch, [want, -want], rtol=0.0, atol=1e-12)):
                wrong.append((x, y, value, batch, want))
            if not abs(slopes[2] * w[2].data - want) < 1e-12:
                wrong.append(slopes)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_program_that_calls_itself_within_gets_arrays_of_its_own() -> None:
    program = compile(lambda x: W * x, scalars="never")
    program(1.0)
    binding = program.last.made.take(1)  # as if another thread were in a call
    assert [program(2.0), program(3.0)] == [6.0, 9.0]
    binding.in_use = False
