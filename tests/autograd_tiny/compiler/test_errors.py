"""What a compiled function refuses, in words, and what it answers where a number is not finite."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

from autograd_tiny import NonFiniteError, RecordingError, Value, compile, dot, nonfinite, select, sum, where
from autograd_tiny.compiler.libraries.arrays import NumpyArrays

w = Value(2.0, "w")


@pytest.mark.parametrize(
    ("looks", "line", "does"),
    [
        (lambda x: w if w.data > 0 else -w, "w.data > 0", "reads the number of 'w'"),
        (lambda x: w if w > 0 else -w, "w > 0", "compares 'w'"),
        (lambda x: w if x else -w, "w if x else -w", "takes the truth of a Value (a leaf)"),
        (lambda x: max([w * x, w]), "max([w * x, w])", "compares"),
        (lambda x: w * math.floor((x * 2.0).data), "math.floor", "reads the number of a Value (mul)"),
    ],
)
def test_looking_at_a_number_while_recording(looks: Any, line: str, does: str) -> None:
    with pytest.raises(RecordingError) as caught:
        compile(looks)(1.0)
    text = str(caught.value)
    assert text.startswith("test_errors.py:")
    assert line in text.splitlines()[0]
    assert does in text
    for instead in ("where(condition, a, b)", "maximum", "softmax", "detach()"):
        assert instead in text
    assert w.data == 2.0
    assert w > 1.0


def test_looking_at_constants_is_allowed_and_so_is_looking_afterwards() -> None:
    def f(x: Any) -> Any:
        one = Value(3.0).detach() if False else (w * 0.0 + 1.0)
        return one * x

    assert compile(f)(2.0) == 2.0


def test_detach_stops_the_gradient_and_keeps_the_number_fresh() -> None:
    program = compile(lambda x: w * (w * x).detach(), scalars="never")
    assert program.value_and_grad(3.0) == (12.0, [6.0])
    assert program.value_and_grad(5.0) == (20.0, [10.0])
    assert (w * 3.0).detach().is_constant


def test_wrong_inputs_are_named() -> None:
    program = compile(lambda x: w * x)
    with pytest.raises(TypeError, match=r"expected numbers as inputs here\. The program itself takes Values"):
        program.value_and_grad(Value(1.0))
    with pytest.raises(ValueError, match="there is no argument with samples along its first axis"):
        program("abc", batch=True)
    with pytest.raises(TypeError, match="samples along its first axis"):
        program(1.0, batch=True)
    with pytest.raises(ValueError, match="argument 0 has no samples"):
        program([], batch=True)
    with pytest.raises(ValueError, match="argument 1 has 1 samples, those before it 2"):
        compile(lambda x, y: w * x * y)([1.0, 2.0], [1.0], batch=True)
    with pytest.raises(TypeError, match="gave None: expected a Value"):
        compile(lambda x: None)(1.0)
    with pytest.raises(TypeError, match="compile got 3: expected a function"):
        compile(3)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match='expected "auto", "never" or "always"'):
        compile(lambda x: x, scalars="sometimes")
    with pytest.raises(ValueError, match="cache_size=0"):
        compile(lambda x: x, cache_size=0)


def test_an_input_that_is_not_finite_is_an_error_as_everywhere() -> None:
    program = compile(lambda x: w * x, scalars="never")
    assert program(1.0) == 2.0
    with pytest.raises((ValueError, NonFiniteError)):
        program(math.inf)
    with pytest.raises((ValueError, NonFiniteError)):
        program(np.array([1.0, math.nan]), batch=True)


@pytest.mark.parametrize("batch", [False, True])
def test_a_result_that_is_not_finite_names_the_primitive(batch: bool) -> None:
    program = compile(lambda x: (w * x).log(), scalars="never")
    give = (lambda x: program(np.array([1.0, x]), batch=True)) if batch else program
    give(1.0)
    with pytest.raises(NonFiniteError, match=r"log\(-2.0\) is not a number: log needs x > 0"):
        give(-1.0)
    give(3.0)


def test_a_number_that_is_infinite_on_the_way_is_an_error_though_the_result_is_finite() -> None:
    program = compile(lambda x: 1.0 / (w * x).exp(), scalars="never")
    assert program(1.0) == pytest.approx(math.exp(-2.0))
    for _ in range(3):
        with pytest.raises(NonFiniteError, match="exp"):
            program(400.0)


def test_a_gradient_that_is_not_finite_names_the_step() -> None:
    program = compile(lambda x: (w * x).sqrt(), scalars="never")
    program.value_and_grad(1.0)
    with pytest.raises(NonFiniteError, match="sqrt"):
        program.value_and_grad(0.0)
    assert program(0.0) == 0.0


def test_allowed_infinities_are_those_of_the_eager_engine() -> None:
    program = compile(lambda x: (w * x).exp(), scalars="never")
    program(1.0)
    with nonfinite("allow"):
        assert program(1000.0) == math.inf


def test_a_branch_not_taken_may_be_anything() -> None:
    f = lambda x: where(x * w, (x * w).softplus(), 1.0 / (x * w + 1e-300).softplus())
    program = compile(f, scalars="never")
    assert program(1.0) == pytest.approx(f(Value(1.0)).data)


def test_sigmoids_far_out_are_those_of_the_eager_engine() -> None:
    program = compile(lambda x: (w * x).sigmoid() + (w * x).tanh(), scalars="never")
    for x in (-500.0, -20.0, 20.0, 400.0):
        value, (slope,) = program.value_and_grad(x)
        root = (w * x).sigmoid() + (w * x).tanh()
        w.grad = 0.0
        root.backward()
        assert value == pytest.approx(root.data, rel=1e-12)
        assert slope == pytest.approx(w.grad, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("big", [0.7e308, 0.9e154])
@pytest.mark.parametrize("recent", [True, False], ids=["numpy as installed", "numpy before 2.3"])
def test_a_sum_that_overflows_is_noticed_though_nothing_after_it_is_infinite(
    big: float, batch: bool, recent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not recent:
        monkeypatch.setattr(NumpyArrays, "dot_notices", False)
    w = [[Value(0.5 + i + j) for j in range(3)] for i in range(4)]
    v = [[Value(1.5 - i + j) for j in range(3)] for i in range(4)]

    def f(x: Any) -> Any:
        if big > 1e300:  # a matrix product
            found = [dot(row, [x, x, x]) for row in w]
        else:  # dot products one by one, and sums
            found = [dot(row, other) for row, other in zip(w, v, strict=True)]
            found += [sum([p * p for p in row]) for row in w]
        return sum([y.tanh() for y in found]) * x

    program = compile(f, scalars="never")
    given = (np.array([1.0, 1.0]),) if batch else (1.0,)
    program.value_and_grad(*given, batch=batch)
    for row in (*w, *v):
        row[0].data = row[1].data = row[2].data = big
    with pytest.raises(NonFiniteError):
        f(1.0)
    with pytest.raises(NonFiniteError):
        program.value_and_grad(*given, batch=batch)
    with pytest.raises(NonFiniteError):
        program(*given, batch=batch)
    assert program.last is not None
    assert program.last.program is not None
    assert recent or not any(line.startswith("dot(") for line in program.last.program.code.lines)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"names": ["w"]}, "compile(names=['w']): expected a mapping of names to Values, such as dict(model."),
        ({"names": {w: "w"}}, "compile(names=…) got 'w': expected a leaf, as Value(…) makes it"),
        ({"parameters": w}, "compile(parameters=Value(data=2.0, grad=0.0, label='w')): expected a list of Values"),
        ({"parameters": [1.0]}, "compile(parameters=…) got 1.0: expected a leaf, as Value(…) makes it"),
        ({"parameters": [w * 2.0]}, "compile(parameters=…) got Value(data=4.0, grad=0.0): expected a leaf"),
    ],
)
def test_parameters_and_names_are_checked(settings: Any, text: str) -> None:
    with pytest.raises(TypeError) as caught:
        compile(lambda x: w * x, **settings)
    assert str(caught.value).startswith(text)


def test_a_program_is_not_copied() -> None:
    def scaled(x: Any) -> Any:
        return w * x

    for copied in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="scaled is compiled for the Values that it closes over, and so cannot be"):
            copied(compile(scaled))  # type: ignore[operator]


def test_a_selection_outside_the_rows_says_so_when_it_is_first_asked_for() -> None:
    for wrong in (3, -1, 1.5):
        with pytest.raises(IndexError, match=rf"select from 3 rows by {wrong}: expected a whole number from 0 to 2"):
            compile(lambda i: select([w, w, w], i))(wrong)
