"""Programs among Values and in other programs: each is its function there, value and derivatives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value, compile, grad, gradients, hessian, jacobian
from autograd_tiny.derivatives.recorded import RUNNING

from .programs import DRAWN, NUMBERS, Tangle


def numbers_of(x: Any) -> list[float]:
    """All numbers of a result, of Values or not."""
    if isinstance(x, Value):
        return [x.data]
    if isinstance(x, np.ndarray) and x.dtype == object:
        x = x.reshape(-1).tolist()
    if isinstance(x, (list, tuple)):
        return [n for part in x for n in numbers_of(part)]
    return np.asarray(x, float).reshape(-1).tolist()


def close(a: Any, b: Any) -> None:
    first, second = np.array(numbers_of(a)), np.array(numbers_of(b))
    assert first.shape == second.shape
    assert np.allclose(first, second, rtol=1e-9, atol=1e-12 * np.abs(second).max(initial=1.0), equal_nan=True)


def either(work: Callable[[], Any]) -> Any:
    """What it gives, or that it raised: a drawn function may leave its domain."""
    try:
        return work()
    except ArithmeticError:
        return None


WAYS: dict[str, Callable[..., Any]] = {
    "grad": lambda f, x: grad(f)(x),
    "jacobian": lambda f, x: jacobian(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "vjp": lambda f, x: ad.vjp(f, x)[1](1.0),
    "jvp": lambda f, x: ad.jvp(f, (x,), ([1.0] * len(x),)),
    "hvp": lambda f, x: ad.hvp(f, (x,), ([1.0] * len(x),)),
    "taylor": lambda f, x: ad.taylor(f, x, 2, [1.0] * len(x)),
    "the program": lambda f, x: f([Value(t) for t in x]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_program_differentiates_as_its_function(way: str) -> None:
    w = Value(0.7)

    def f(v: Any) -> Any:
        return (w * v[0] + v[1]).tanh() * v[1].exp()

    found, expected = WAYS[way](compile(f), [0.3, -0.4]), WAYS[way](f, [0.3, -0.4])
    assert numbers_of(found) == numbers_of(expected)  # to the bit: it is the function
    first = lambda x: x if isinstance(x, Value) else first(x[-1])
    assert gradients(first(found), w) == gradients(first(expected), w)


@given(DRAWN, st.lists(NUMBERS, min_size=4, max_size=4))
@settings(max_examples=20)
def test_programs_in_programs(operations: Sequence[tuple[int, ...]], xs: list[float]) -> None:
    parameters = [Value(0.4), Value(-0.3)]
    f = Tangle(operations, parameters, 2)
    inner = compile(lambda v: f(v[0], v[1]))
    plain = lambda v: f(v[0], v[1]) * v[0]
    outer = compile(lambda v: inner(v) * v[0])
    x = xs[:2]
    expected = either(lambda: plain([Value(t) for t in x]))
    found = either(lambda: outer.value_and_grad(x))
    if expected is None or found is None:
        return
    leaves = outer.parameters
    close(found, (expected, gradients(expected, leaves)))
    close(outer([xs[:2], xs[2:]], batch=True)[:1], [expected])


def test_derivatives_of_programs_in_programs() -> None:
    w = Value(1.5)
    inner = compile(lambda v: (w * v[0] * v[1]).sin() + v[0] ** 3)
    f = lambda v: (w * v[0] * v[1]).sin() + v[0] ** 3
    for derivative in (grad, jacobian, hessian):
        close(compile(lambda v, d=derivative: d(inner)(v))([0.3, 0.8]), derivative(f)([0.3, 0.8]))
    close(hessian(compile(lambda v: inner(v) + v[1]))([0.3, 0.8]), hessian(f)([0.3, 0.8]))


def test_batches_of_values_and_in_programs() -> None:
    w = Value(2.0)
    program = compile(lambda x, k: {"y": [w * x[0], x[1] ** k], "m": np.array([x[0], w * x[0]])})
    X, k = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, 2.0, 3.0]
    numbers = program(X, k, batch=True)
    on_values = program([[Value(t) for t in row] for row in X], k, batch=True)
    assert on_values["m"].shape == numbers["m"].shape == (2, 3)
    for a, b in zip((*on_values["y"], *on_values["m"]), (*numbers["y"], *numbers["m"]), strict=True):
        assert numbers_of(a.tolist()) == b.tolist()
    within = compile(lambda v: ad.sum(list(program([v, v], [1.0, 2.0], batch=True)["y"][0])))
    assert within.value_and_grad([3.0, 4.0]) == (12.0, [6.0])
    with pytest.raises(ValueError, match="have 1 and 2 samples"):
        program([[Value(1.0), 2.0]], [1.0, 2.0], batch=True)


def test_value_and_grad_within_a_program() -> None:
    w = Value(2.0)
    inner = compile(lambda x: (w * x) ** 2)
    outer = compile(lambda x: inner.value_and_grad(x)[1][0] * x)  # 2 w x² · x
    assert outer(3.0) == 108.0
    assert outer.value_and_grad(3.0) == (108.0, [54.0])
    value, slopes = inner.value_and_grad(3.0)
    assert (value, slopes) == (36.0, [36.0])


def test_held_numbers_are_written_back_for_values() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x, parameters=[w])
    with program.hold() as weights:
        weights += 1.0
        assert program(Value(2.0)).data == program(2.0) == 6.0


def test_methods_that_take_numbers_say_what_takes_values() -> None:
    program = compile(lambda x: x * 2.0)
    with pytest.raises(TypeError, match=r"expected numbers as inputs here. The program itself takes Values"):
        program.value_and_grad(Value(1.0))
    with pytest.raises(TypeError, match=r"expected numbers as inputs here"):
        program.value_and_grad([Value(1.0), 2.0], batch=True)


w = Value(2.0, "w")
WITHIN: dict[str, Callable[[Any], Any]] = {
    "argument": lambda x: compile(lambda t: t * x * w)(2.0),
    "computed": lambda x: (lambda y: compile(lambda t: t * y * w)(2.0))(x * x),
    "twice": lambda x: (lambda p: p(2.0) * p(3.0))(compile(lambda t: t * x * w)),
    "batch": lambda x: ad.sum(list(compile(lambda t: t * x * w)([2.0, 3.0], batch=True))),
    "gradient": lambda x: compile(lambda t: t * t * x * w).jacobian(2.0),
    "value_and_grad": lambda x: compile(lambda t: t * x * x).value_and_grad(2.0)[1][0],
    "values of a batch": lambda x: ad.sum(list(compile(lambda t: t * x * x).value_and_grad([2.0, 3.0], batch=True)[0])),
    "gradient of a batch": lambda x: compile(lambda t: t * x**3).value_and_grad([2.0, 3.0], batch=True)[1][0],
    "seeds": lambda x: ad.sum(compile(lambda t: [t * x**3, x]).value_and_grad(2.0, seed=[3.0, 1.0])[1]),
    "seeds of a batch": lambda x: ad.sum(
        compile(lambda t: [t * x**3, t]).value_and_grad([2.0, 3.0], batch=True, seed=[[3.0, 1.0], 1.0])[1]
    ),
    "vjp": lambda x: compile(lambda t: t * t * x * w).vjp(2.0)[1](1.0)[0],
    "loop": lambda x: compile(lambda t: ad.scan(lambda c, _: (c * x, None), t, length=3)[0])(2.0),
    "attribute": lambda x: _Layer(x).program(2.0) * x,
    "nested": lambda x: grad(lambda z: compile(lambda t: t * x * z)(2.0))(3.0) * x,
}


class _Layer:
    def __init__(self, weight: Any) -> None:
        self.weight = weight
        self.program = compile(self)

    def __call__(self, t: Any) -> Any:
        return self.weight * t * t


@pytest.mark.parametrize("name", WITHIN)
def test_a_program_does_not_cut_a_derivative_off_from_what_it_closes_over(name: str) -> None:
    f, step = WITHIN[name], 1e-5
    value = lambda x: numbers_of(ad.jvp(f, (x,), (0.0,))[0])[0]
    first = lambda x: numbers_of(grad(f)(x))[0]
    assert first(1.5) == pytest.approx((value(1.5 + step) - value(1.5 - step)) / (2.0 * step), rel=1e-6)
    assert numbers_of(hessian(f)(1.5))[0] == pytest.approx(
        (first(1.5 + step) - first(1.5 - step)) / (2.0 * step), rel=1e-6, abs=1e-6
    )
    if not any(
        part in name for part in ("value_and_grad", "gradient of", "seeds")
    ):  # what it gives derivatives by is w alone, and x where it is the program's own
        close(grad(compile(f))(1.5), first(1.5))


def test_a_program_that_reaches_nothing_varied_gives_numbers_within_a_derivative() -> None:
    program = compile(lambda t: t * w)
    given = []
    assert grad(lambda x: (given.append(program(2.0)), x * given[-1])[1])(1.5) == program(2.0)
    assert [type(y) for y in given] == [float]


NUMBERS_ASKED = {
    "flat_value_and_grad": lambda p: p.flat_value_and_grad(2.0)[0],
    "a batch": lambda p: p.flat_value_and_grad([2.0, 3.0], batch=True)[1][0],
    "backward": lambda p: p.backward(2.0),
}


@pytest.mark.parametrize("asked", NUMBERS_ASKED)
def test_numbers_of_a_program_that_would_cut_a_derivative_off_are_an_error(asked: str) -> None:
    ask = NUMBERS_ASKED[asked]
    for transform in (grad, hessian, compile):
        with pytest.raises(
            (TypeError, ad.RecordingError), match=r"gives numbers, which the function around it, .* would not depend on"
        ):
            transform(lambda x: ask(compile(lambda t: t * x * w)))(1.5)
    given = compile(lambda t: t * w)
    assert grad(lambda x: x * ask(given))(1.5) == ask(given)  # it reaches nothing that is varied
    w.grad = 0.0


def test_a_derivative_that_ends_in_another_thread_hides_none_of_this_one() -> None:
    class Ending:
        """A derivative of another thread, which ends while this one looks."""

        @property
        def variables(self) -> list[Any]:
            if self in RUNNING:
                RUNNING.remove(self)
            return []

    def f(x: Any) -> Any:
        program = compile(lambda t: t * x)
        RUNNING.insert(0, Ending())
        return program(2.0)

    assert grad(f)(1.5) == 2.0
    assert RUNNING == []


def test_programs_in_derivatives_of_many_threads() -> None:
    shared = compile(lambda t: t * w)

    def job(k: int) -> list[float]:
        mine = lambda x: compile(lambda t: t * t * x * x)(2.0) * shared(3.0)
        found = [numbers_of(grad(mine)(float(k)))[0] for _ in range(20)]
        with ThreadPoolExecutor(2) as pool:  # threads that the function itself has to work for it
            split = lambda x: ad.sum(list(pool.map(compile(lambda t: t * x * x), [1.0, 2.0])))
            return [*found, grad(split)(float(k))]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = [*pool.map(job, range(1, 5))]
    finally:
        sys.setswitchinterval(before)
    assert answers == [[48.0 * k] * 20 + [6.0 * k] for k in range(1, 5)]
