"""`jvp` in numbers: nodes get their tangents as they are made, and whatever comes between, the answer is the same."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import Value, grad, gradients, jvp
from autograd_tiny.derivatives import recorded
from autograd_tiny.table.primitive import function

CONSTANT = Value(2.0) * 1.5
OUTSIDE = Value(3.0)


def _differentiates_inside(x: Value) -> Value:
    y = ad.sin(x)
    gradients(y * OUTSIDE, OUTSIDE)
    return y * x


def _another_thread(x: Value) -> Value:
    made: list[Value] = []
    thread = threading.Thread(target=lambda: made.append(jvp(lambda t: t * t, (4.0,), (1.0,))[1]))
    y = ad.exp(x)
    thread.start()
    thread.join()
    assert made == [8.0]
    return y * x


CASES: dict[str, Callable[[Any], Any]] = {
    "fixed and many parents": lambda x: ad.sum([x * x, ad.exp(x), 1.0]) + ad.dot([x, 2.0], [3.0, x]) - 1.0 / x,
    "filled": lambda x: ad.dot([x, x * x], [0.25, -2.0]),
    "three operands": lambda x: ad.where(x > 1.0, x, x * x) * ad.clip(x, 0.0, 5.0),
    "numbers and what is made of numbers": lambda x: x * (Value(2.0) * 3.0).detach() + CONSTANT.detach() * x,
    "no part of it": lambda x: 7.0,
    "the variable itself": lambda x: x,
    "a list": lambda x: [x, x * x, 2.0, -x],
    "a walk between": _differentiates_inside,
    "another jvp between": lambda x: x * jvp(lambda t: t * t * t, (2.0,), (1.0,))[1] * x,
    "one of it inside": lambda x: jvp(lambda t: t * t * x, (2.0,), (1.0,))[1] * x,
    "a gradient inside": lambda x: grad(lambda t: t * t * x)(1.5) + ad.tanh(x),
    "another thread": _another_thread,
    "tanh of much": lambda x: ad.tanh(x * 40.0) + ad.log(x) ** 2,
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("tangent", [1.0, -0.5, 0.0])
def test_it_is_what_a_sweep_finds(name: str, tangent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    f = CASES[name]
    found = jvp(f, (0.7,), (tangent,))
    with monkeypatch.context() as patch:
        patch.setattr(recorded, "begin_push", None)
        assert found == jvp(f, (0.7,), (tangent,))
    assert not isinstance(found[1], Value)


def test_leaves_from_outside_still_give_values() -> None:
    value, pushed = jvp(lambda x: x * x * OUTSIDE * CONSTANT, (2.0,), (1.0,))
    assert (value.data, pushed.data) == (36.0, 36.0)
    assert gradients(pushed, OUTSIDE) == 12.0


def test_a_plug_in_a_custom_gradient_and_sources() -> None:
    row = ad.register(function("twice_squared", lambda xp, x: 2.0 * x * x, lambda xp, x, y: 4.0 * x))
    try:
        assert jvp(lambda x: row(x) * x, (3.0,), (1.0,)) == (54.0, 54.0)
    finally:
        ad.unregister("twice_squared")
    own = ad.custom_gradient(math.sinh, backward=lambda g, y, x: g * ad.cosh(x))
    assert jvp(lambda x: own(x) * x, (0.5,), (1.0,))[1] == pytest.approx(math.sinh(0.5) + 0.5 * math.cosh(0.5))
    with ad.track_sources():
        assert jvp(lambda x: x * x + ad.sum([x, x]), (3.0,), (2.0,)) == (15.0, 16.0)


def test_where_a_derivative_is_infinite_it_says_so() -> None:
    assert jvp(lambda x: ad.where(x > 0.0, ad.sqrt(x), x), (0.0,), (1.0,)) == (0.0, 1.0)
    with pytest.raises(ad.NonFiniteError, match="forward through sqrt"):
        jvp(lambda x: ad.sqrt(x), (0.0,), (1.0,))


def test_after_an_error_nodes_are_made_as_ever() -> None:
    def broken(x: Value) -> Value:
        raise KeyError(x)

    with pytest.raises(KeyError):
        jvp(broken, (1.0,), (1.0,))
    x = Value(2.0)
    y = x * x
    assert (gradients(y, x), y.grad, x.grad) == (4.0, 0.0, 0.0)
    assert jvp(lambda t: t * t, (3.0,), (1.0,)) == (9.0, 6.0)


def test_tangents_that_do_not_fit_are_refused_before_the_function_runs() -> None:
    asked: list[Any] = []
    with pytest.raises(ValueError, match="tangents has 1 numbers: expected 2"):
        jvp(lambda v: asked.append(v) or v[0], ([1.0, 2.0],), (1.0,))
    assert asked == []
