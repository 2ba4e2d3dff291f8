"""Samples that a program cannot answer for go to the function itself: only those, on every path, and it is said."""

from __future__ import annotations

import builtins
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd_tiny import (
    NonFiniteError,
    RecordingError,
    Value,
    compile,
    cond,
    dot,
    exp,
    grad,
    gradients,
    greater,
    log,
    maximum,
    minimum,
    nonfinite,
    relu,
    sqrt,
    switch,
    where,
    while_loop,
)

SCALARS = ("auto", "never", "always")

ways = pytest.mark.parametrize("scalars", SCALARS)


def eager(f: Callable[..., Any], w: Value, x: float) -> tuple[float, float]:
    y = f(x)
    return y.data, gradients(y, w)


@ways
def test_a_derivative_inside_is_the_same_on_the_samples_that_fall_back(scalars: str) -> None:
    w = Value(2.0)
    u = lambda t: w * t * t
    f = lambda t: grad(u)(t) + where(greater(t, 0.0), sqrt(w * t), 0.0)
    values, slopes = compile(f, scalars=scalars).value_and_grad([1.0, 2.0, 0.0], batch=True)
    each = [eager(f, w, x) for x in (1.0, 2.0, 0.0)]
    assert values == pytest.approx([value for value, _ in each], rel=1e-12)
    assert slopes == [pytest.approx(sum(slope for _, slope in each) / 3, rel=1e-12)]
    assert slopes[0] == pytest.approx(2.2845177968644246, rel=1e-12)


BAD = (math.nan, math.inf, -math.inf)
SWALLOWING: dict[str, Callable[[Value, Any], Any]] = {
    "where": lambda w, x: where(greater(x, 0.0), w, 2.0 * w),
    "maximum": lambda w, x: maximum(w, x),
    "minimum": lambda w, x: minimum(w, x),
    "relu": lambda w, x: w * relu(x),
    "a comparison": lambda w, x: w * greater(x, 1.0),
    "tanh": lambda w, x: w * (w * x).tanh(),
    "a quotient": lambda w, x: w / (1.0 + abs(w * x)),
    "a power": lambda w, x: w + (w * x) ** 0.0,
    "exp": lambda w, x: w * exp(x),
    "a product": lambda w, x: w * x,
    "dot": lambda w, x: dot([w, w], [x, 1.0]),
}


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (ValueError, ArithmeticError) as error:
        return type(error)


@ways
@pytest.mark.parametrize("name", SWALLOWING)
def test_inputs_that_are_not_finite_are_refused_as_the_function_refuses_them(name: str, scalars: str) -> None:
    w = Value(2.0)
    f = lambda x: SWALLOWING[name](w, x)
    for bad in BAD:
        expected = outcome(lambda bad=bad: f(bad).data)
        assert expected is ValueError
        before, fresh = compile(f, scalars=scalars), compile(f, scalars=scalars)
        before(1.0)
        before([1.0, 2.0], batch=True)
        for program in (before, fresh):
            assert outcome(lambda p=program, bad=bad: p(bad)) is ValueError
            assert outcome(lambda p=program, bad=bad: p.value_and_grad(bad)) is ValueError
            assert outcome(lambda p=program, bad=bad: p([1.0, bad], batch=True)) is ValueError
            assert outcome(lambda p=program, bad=bad: p([bad, 1.0], batch=True)) is ValueError
            assert program(1.0) == pytest.approx(f(1.0).data, rel=1e-14)  # tanh of arrays is another program's


@ways
def test_masked_nan_is_let_in_where_that_is_allowed(scalars: str) -> None:
    w = Value(2.0)
    f = lambda x, known: where(known, w * x, 3.0 * w)
    X, known = [1.0, math.nan, 4.0, math.inf], [1.0, 0.0, 1.0, 0.0]
    program = compile(f, scalars=scalars)
    with nonfinite("allow"):
        values, slopes = program.value_and_grad(X, known, batch=True)
        assert program(math.nan, 0.0) == 6.0
    assert values.tolist() == [2.0, 6.0, 8.0, 6.0]
    assert slopes == [(1.0 + 3.0 + 4.0 + 3.0) / 4]
    with pytest.raises(ValueError, match="expected a finite number"):
        program(X, known, batch=True)


@ways
def test_an_input_that_nothing_looks_at_may_be_anything(scalars: str) -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x[0] * x[0], scalars=scalars)
    assert program([3.0, math.nan]) == 18.0
    assert program([3.0, 1.0]) == 18.0
    values, slopes = program.value_and_grad([[1.0, math.nan], [2.0, 0.0]], batch=True)
    assert (values.tolist(), slopes) == ([2.0, 8.0], [2.5])


@ways
@pytest.mark.parametrize("bad", [[0], [499], [0, 1, 2, 250], [*range(499)], [*range(500)]])
def test_only_the_samples_that_need_it_are_run_by_the_function(scalars: str, bad: list[int]) -> None:
    w, v = Value(2.0), Value(0.5)
    ran: list[bool] = []
    note = ran.append

    def f(x: Any) -> Any:
        note(isinstance(x, float))
        return w * where(greater(x, 0.0), sqrt(x), x) + v * x

    X = np.linspace(1.0, 3.0, 500)
    X[bad] = 0.0  # where the root's slope is infinite, behind the arm that is not taken
    program = compile(f, parameters=[w, v], scalars=scalars)
    program(X[:1], batch=True)
    ran.clear()
    values, slopes = program.value_and_grad(X, batch=True)
    assert ran.count(True) <= len(bad)
    each = [(float(w.data * (x**0.5 if x > 0 else x) + v.data * x), x) for x in X]
    assert values == pytest.approx([value for value, _ in each], rel=1e-12)
    assert slopes == pytest.approx([np.mean([x**0.5 if x > 0 else x for x in X]), np.mean(X)], rel=1e-12)


@ways
def test_an_error_says_which_sample_it_was(scalars: str) -> None:
    w = Value(1.0, "w")
    program = compile(lambda x: (w * x).log(), scalars=scalars)
    with pytest.raises(NonFiniteError, match=r"log\(-1\.0\) is not a number") as caught:
        program([1.0, 2.0, -1.0, 4.0], batch=True)
    assert caught.value.__notes__ == ["on sample 2 of the batch"]
    assert program([1.0, 2.0], batch=True) == pytest.approx([0.0, math.log(2.0)])


@ways
def test_large_inputs_do_not_fall_back(scalars: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the function itself was run")

    monkeypatch.setattr("autograd_tiny.compiler.answering.run_function", never)
    w = Value(1e-200)
    program = compile(lambda x: w * x, scalars=scalars)
    for x in (1e200, -1e300, 1e-300):
        assert program(x) == (w * x).data
        assert program([x, 1.0], batch=True).tolist() == [(w * x).data, 1e-200]


@ways
def test_a_parameter_that_all_samples_share_is_asked_of_the_function(scalars: str) -> None:
    w, v = Value(0.0), Value(1.0)
    program = compile(lambda x: where(greater(x, 100.0), sqrt(w), v * x), scalars=scalars)
    assert program.value_and_grad([1.0, 2.0], batch=True)[1] == [0.0, 1.5]
    with pytest.raises(NonFiniteError):
        compile(lambda x: sqrt(w) ** 2 + v * x, scalars=scalars).value_and_grad([1.0, 2.0], batch=True)


@ways
def test_held_parameters_are_those_that_the_function_sees(scalars: str) -> None:
    w = Value(1.0)
    program = compile(lambda x: where(greater(x, 0.0), sqrt(x) * w, w), scalars=scalars)
    program([1.0, 0.0], batch=True)
    with program.hold() as weights:
        weights[:] = 3.0
        values, slopes = program.flat_value_and_grad([4.0, 0.0], batch=True)
    assert (values.tolist(), slopes.tolist()) == ([6.0, 3.0], [1.5])


@ways
def test_it_is_said_that_the_function_was_run(scalars: str) -> None:
    w = Value(1.0)
    program = compile(lambda x: where(greater(x, 0.0), w * sqrt(w * x), w), scalars=scalars)
    program.value_and_grad([1.0, 2.0], batch=True)
    assert program.fallen_back == 0 and "the function itself was run" not in program.explain()
    program.value_and_grad([1.0, 0.0, 0.0], batch=True)
    if program.fallen_back:  # a replay finds its way round the arm itself
        assert "n 2 samples so far the function itself was run" in program.explain()
    program(np.array([1.0, 2.0]), batch=True)
    with nonfinite("allow"):
        program(math.nan)
    assert "the function itself was run" in program.explain()


class Rooted(nn.Module):
    def __init__(self) -> None:
        self.w = Value(0.5, "w")

    def __call__(self, x: Any) -> Any:
        return where(greater(x[0], 0.0), self.w * sqrt(self.w * x[0]), self.w)


def test_fit_says_it_too() -> None:
    xs, ys = [[i / 4.0] for i in range(8)], [1.0] * 8
    run = lambda xs, ys: nn.fit(m := Rooted(), xs, ys, loss="mse", optimizer=nn.SGD(m.parameters(), lr=0.1), epochs=2,
                                verbose=0, compile=True)  # fmt: skip
    history = run(xs, ys)
    assert history.evaluation in (
        "by a compiled program, and by the model itself on samples where a number is not finite", "by a compiled program"
    )  # fmt: skip
    assert run(xs[1:], ys[1:]).evaluation == "by a compiled program"


@ways
def test_a_number_that_is_computed_with_and_then_left_aside_is_refused_too(scalars: str) -> None:
    w = Value(2.0)
    for f in (lambda x: (w * x[0], 3.0)[1], lambda x: (w * x[0], w * x[1])[1]):
        program = compile(f, scalars=scalars)
        assert program([1.0, 1.5]) == 3.0
        for call in (
            lambda p=program: p([math.nan, 1.5]),
            lambda p=program: p([[1.0, 1.5], [math.inf, 1.0]], batch=True),
        ):
            with pytest.raises(ValueError, match="expected a finite number"):
                call()


PLAIN: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "a power that divides by 0": (lambda v: v**-1.0, 2.0, 0.0),
    "a power that is complex": (lambda v: v[0] ** 1.5, [2.0], [-1.0]),
    "a complex number on the way": (lambda v: exp(v**1.5), 2.0, -1.0),
    "a power that is too large": (lambda v: v**1000.0, 1.0, 10.0),
    "a quotient": (lambda v: 1.0 / v, 2.0, 0.0),
    "a product that is infinite": (lambda v: v * v, 2.0, 1e200),
    "a method": (lambda v: v.log(), 2.0, -1.0),
    "several outputs": (lambda v: [v, {"a": v**-0.5}], 2.0, 0.0),
}


@ways
@pytest.mark.parametrize("name", PLAIN)
def test_where_plain_numbers_give_none_the_error_is_that_of_values(name: str, scalars: str) -> None:
    f, inside, outside = PLAIN[name]
    values = [Value(outside[0])] if isinstance(outside, list) else Value(outside)
    with pytest.raises(NonFiniteError) as expected:
        f(values)
    for first in (outside, inside):
        program = compile(f, scalars=scalars)
        if first is inside:
            program(inside)
        calls: list[Callable[[], Any]] = [
            lambda p=program: p(outside),
            lambda p=program: p([inside, outside], batch=True),
        ]
        if name != "several outputs":
            calls.append(lambda p=program: p.value_and_grad(outside))
        for call in calls:
            with pytest.raises(NonFiniteError) as raised:
                call()
            assert str(raised.value) == str(expected.value)


def test_with_infinities_allowed_plain_numbers_give_what_values_give() -> None:
    with nonfinite("allow"):
        assert compile(lambda v: v**-1.0)(0.0) == math.inf
        assert compile(lambda v: v * v)([1.0, 1e200], batch=True).tolist() == [1.0, math.inf]
        assert math.isnan(compile(lambda v: v[0] ** 1.5)([-1.0]))


def test_an_error_of_the_functions_own_stays() -> None:
    def refuses(x: Any) -> Any:
        if x is None:
            raise ValueError("no x")
        return sqrt(x)

    with pytest.raises(NonFiniteError, match="sqrt"):
        compile(refuses)(-1.0)
    program = compile(lambda x, low: sqrt(x) if low is None else [][0])
    assert program(4.0, None) == 2.0
    with pytest.raises(IndexError):
        program(4.0, "low")


w = Value(3.0, "w")
FIRST: dict[str, Callable[[Any], Any]] = {
    "cond": lambda x: cond(greater(x, 0.0), log, lambda x: x * 2.0, x) * w,
    "switch": lambda x: switch(greater(x, 0.0), [lambda: x * w, lambda: sqrt(x)]),
    "while_loop": lambda x: while_loop(lambda s: greater(s, 0.0), lambda s: s - log(s) - 2.0, x * w, 20),
}


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("scalars", ["auto", "always", "never"])
def test_a_batch_whose_first_sample_cannot_be_recorded(name: str, scalars: str) -> None:
    f = FIRST[name]
    for xs in ([-1.0, 2.0, 0.5], [-1.0, -2.0], [-1.0] * 40 + [2.0]):
        ys = [f(Value(x)) for x in xs]
        program = compile(f, scalars=scalars)
        assert program(xs, batch=True) == pytest.approx([y.data for y in ys])
        values, slopes = program.value_and_grad(xs, batch=True)
        assert values == pytest.approx([y.data for y in ys])
        assert dict(zip(program.parameters, slopes, strict=True))[w] == pytest.approx(
            builtins.sum(gradients(f(x), w) if isinstance(f(x), Value) else 0.0 for x in xs) / len(xs)
        )
        assert compile(f, scalars=scalars).jacobian(xs, batch=True) == pytest.approx(
            [grad(f)(Value(x)).data for x in xs]
        )
    assert compile(f)([-1.0, 2.0], batch=True) is not None
    program = compile(f)
    program([-1.0, 2.0] * 50, batch=True)
    assert program.fallen_back <= 50


def test_an_error_of_the_first_sample_is_its_own() -> None:
    with pytest.raises(NonFiniteError, match="log") as caught:
        compile(lambda x: log(x) * w)([-1.0, 2.0], batch=True)
    assert "on sample 0 of the batch" in caught.value.__notes__


def guarded(y: Any) -> Any:
    try:
        return log(y)
    except NonFiniteError:
        return y * 2.0


def drawing(x: Any) -> Any:
    return guarded(x * (random.random() - 2.0))


counts = {"calls": 0}


def counting(x: Any) -> Any:
    counts["calls"] += 1
    return guarded(x * -float(counts["calls"]))


@pytest.mark.parametrize("f", [drawing, counting])
def test_a_function_that_answers_by_itself_may_not_have_moved_on(f: Callable[[Any], Any]) -> None:
    # Its first run, on recorded inputs, has drawn or counted already: its own answer would be the second one.
    with pytest.raises(RecordingError, match=r"random|counts"):
        compile(f)(1.0)


def test_what_is_made_once_may_be_made_before_the_function_answers_by_itself() -> None:
    made: dict[str, Value] = {}

    def f(x: Any) -> Any:
        return guarded(x * made.setdefault("w", Value(-3.0)))

    assert compile(f)(1.0) == -6.0
