"""`assert_gradients`: verdicts, tolerances that follow from the function, messages, other engines."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value, engine, nonfinite
from autograd_tiny.testing import (
    ComposedWarning,
    Expression,
    GradientError,
    NotDifferentiable,
    assert_gradients,
    check_gradients,
    expression,
    expressions,
    gradient_with,
    graphs,
)
from autograd_tiny.testing.oracles import richardson


@given(expressions())
def test_the_engine_on_random_expressions(e: Expression) -> None:
    assert_gradients(e, *e.point)


@given(graphs(smooth=False))
def test_the_engine_on_graphs_with_kinked_operations(e: Expression) -> None:
    assert_gradients(e, *e.point)


@given(expressions(order=2, max_leaves=6) | graphs(order=2, max_nodes=6))
def test_the_engine_at_second_order(e: Expression) -> None:
    assert_gradients(e, *e.point, order=2)


@given(expressions(order=3, max_leaves=3, variables=(1, 2)))
def test_the_engine_at_third_order(e: Expression) -> None:
    assert_gradients(e, *e.point, order=3)


STRANGE: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "steep": (lambda x: ad.tanh(1e7 * (x - 1.0)), (1.0 + 3e-8,)),
    "steep wave": (lambda x: ad.sin(1e6 * x), (0.7,)),
    "saturated": (lambda x: ad.tanh(x), (18.0,)),
    "tiny argument": (lambda x: ad.log(x), (1e-200,)),
    "tiny result": (lambda x, y: ad.exp(-x) * y, (600.0, 1e-30)),
    "huge argument": (lambda x: ad.sqrt(x), (1e200,)),
    "huge result": (lambda x: ad.exp(x) ** 2, (300.0,)),
    "cancelling values": (lambda x: ((x + 1e8) - 1e8) ** 2, (3.0,)),
    "cancelling gradients": (lambda x: 1e8 * ad.sin(x) - 1e8 * ad.sin(x + 1e-6), (0.5,)),
    "nothing is left": (lambda x: ad.sin(x) ** 2 + ad.cos(x) ** 2 - 1.0, (0.7,)),
    "only the least is left": (lambda x, y: x + (y - x), (1.125, 0.0)),
    "nothing is left of a slope": (lambda x, y: x - (y - (y - x)), (0.0, 1.125)),
    "nothing is left of a plane": (lambda x, y: x - (y - x - (y - x - x)), (1.125, 0.0)),
    "three that cancel": (lambda x, y, z: y - (z - x), (0.0, 1.3718, 1.3718)),
    "a product less itself": (lambda x, y: x * (x * 0.3) - x * y - (x * (x * 0.3) - x * y), (1.125, 1.125)),
    "a constant taken and given back": (lambda x: x - 0.15 - (x - x - 0.15), (0.0,)),
    "an angle that cancels": (lambda x: 1.0 - ad.cos(x), (1e-6,)),
    "a flat point": (lambda x, y: x * x * y, (0.0, 1.0)),
    "beside a kink": (lambda x: abs(x), (1e-12,)),
    "a small part of a sum": (lambda x: x * 1e-12 + 1e3, (1.0,)),
    "on both sides of a pole": (lambda x: 1.0 / (x - 1.0), (1.0 + 1e-9,)),
}


@pytest.mark.long
@settings(max_examples=10_000)
@given(expressions(primitives=["sub"]) | expressions(primitives=["sub", "add", "mul"]))
def test_nor_is_there_one_where_everything_cancels(e: Expression) -> None:
    assert_gradients(e, *e.point, order=2)
    assert_gradients(e, *e.point, gradient=gradient_with(Value, e))


FLAT = ("saturated", "a small part of a sum")
"""Slopes so small beside the value that another engine, which may round as it likes, is let off."""


@pytest.mark.parametrize(("f", "point"), STRANGE.values(), ids=STRANGE)
def test_correct_functions_raise_no_alarm(f: Callable[..., Any], point: tuple[float, ...]) -> None:
    assert_gradients(f, *point)
    with nonfinite("allow"):  # log″(1e-200) is no float
        e = expression(f, *point)
        assert_gradients(e, *point, order=2)
        assert_gradients(e, *point, gradient=gradient_with(Value, e))


@pytest.mark.parametrize(("f", "point"), [case for name, case in STRANGE.items() if name not in FLAT],
                         ids=[name for name in STRANGE if name not in FLAT])  # fmt: skip
def test_nor_do_they_let_a_wrong_gradient_pass(f: Callable[..., Any], point: tuple[float, ...]) -> None:
    """The tolerance is wide where the function is ill-conditioned, and still catches 1 %."""
    leaves = [Value(x) for x in point]
    right = ad.gradients(f(*leaves), leaves)
    e = expression(f, *point)
    assert check_gradients(e, *point, gradient=lambda *xs: right).verdict in ("agreed", "disagreed")
    with pytest.raises(GradientError):
        assert_gradients(e, *point, gradient=lambda *xs: [1.01 * g + 0.01 * (g == 0.0) for g in right])


@pytest.mark.once
@given(expressions(variables=1), st.sampled_from([1e-6, 1e-3, 1e3, 1e6]), st.sampled_from([1e-9, 1.0, 1e9]))
def test_scaling_raises_no_alarm(e: Expression, inner: float, outer: float) -> None:
    assert_gradients(lambda x: outer * e(inner * x), e.point[0] / inner)


@pytest.mark.long
@settings(max_examples=10_000)
@given(expressions(smooth=False) | graphs(smooth=False))
def test_no_false_alarm_in_ten_thousand_draws(e: Expression) -> None:
    assert_gradients(e, *e.point)


KINKS: dict[str, tuple[Callable[..., Any], tuple[float, ...], str]] = {
    "abs": (abs, (0.0,), "a kink: slope -1 on the left, 1 on the right"),
    "relu": (lambda x: ad.relu(x), (0.0,), "a kink: slope 0 on the left, 1 on the right"),
    "maximum at a tie": (lambda x, y: ad.maximum(x, y), (1.0, 1.0), "a kink"),
    "where": (lambda x: ad.where(x, 1.0, 2.0), (0.0,), "a jump, a pole or a vertical tangent"),
    "off the axes": (lambda x, y: x * y / (abs(x) + abs(y) + 1e-300), (0.0, 0.0), "a kink off the axes"),
    "a kink inside": (lambda x: ad.tanh(abs(x - 0.5)) * x, (0.5,), "a kink"),
    "a Python branch": (lambda x: x * 2.0 if x > 1.0 else x * 3.0 - 1.0, (1.0,), "a kink"),
}


@pytest.mark.parametrize(("f", "point", "why"), KINKS.values(), ids=KINKS)
def test_a_kink_is_an_error_and_never_a_pass(f: Callable[..., Any], point: tuple[float, ...], why: str) -> None:
    with pytest.raises(NotDifferentiable, match=re.escape(why)):
        assert_gradients(f, *point)


@pytest.mark.parametrize("gradient", [-1.0, 0.0, 0.5, 1.0])
def test_no_answer_at_a_kink_is_a_pass(gradient: float) -> None:
    for f in (abs, lambda x: max(0.0, x), lambda x: float(x > 0), lambda x: abs(x) ** (1 / 3)):
        with pytest.raises(NotDifferentiable):
            assert_gradients(f, 0.0, gradient=lambda x: gradient)


def test_a_kink_of_the_first_derivative_is_one_at_second_order_only() -> None:
    f = lambda x: ad.relu(x) * x
    assert_gradients(f, 0.0)
    with pytest.raises(NotDifferentiable, match="a kink of a derivative"):
        assert_gradients(f, 0.0, order=2)


def test_a_kink_can_skip_instead() -> None:
    with pytest.raises(pytest.skip.Exception, match="abs is not differentiable here"):
        assert_gradients(abs, 0.0, kinks="skip")
    seen = []

    @settings(max_examples=20, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([0.0, 1.0]))
    def inner(x: float) -> None:
        assert_gradients(abs, x, kinks="skip")
        seen.append(x)

    inner()
    assert set(seen) == {1.0}


def test_scalars_vectors_and_other_arguments_mix() -> None:
    def f(x: Any, w: Any, name: str, M: Any) -> Any:
        assert name == "tanh"
        return ad.tanh(x * w[0] + w[1][0]) * M[0, 1] + M[1, 0]

    args = (0.5, [1.5, (0.25,)], "tanh", np.array([[1.0, 2.0], [3.0, 4.0]]))
    report = check_gradients(f, *args)
    assert [c.derivative for c in report.comparisons] == [
        "df/dx", "df/dw[0]", "df/dw[1][0]", "df/dM[0][0]", "df/dM[0][1]", "df/dM[1][0]", "df/dM[1][1]"]  # fmt: skip
    assert report.verdict == "agreed"
    assert [c.derivative for c in check_gradients(f, *args, wrt=0).comparisons] == ["df/dx"]
    assert len(check_gradients(f, *args, wrt=[0, 1], order=2).comparisons) == 3 + 6


def test_the_message_says_all_there_is_to_know() -> None:
    def f(x: Any, y: Any) -> Any:
        return x.data * x + y

    with pytest.raises(GradientError) as caught:
        assert_gradients(f, 3.0, 1.0)
    lines = str(caught.value).splitlines()
    assert lines[0] == "f has a gradient that disagrees"
    assert lines[1] == "  df/dx at x = 3.0"
    assert lines[2].split() == ["reverse", "mode,", f"{engine}", "engine", "3.0"]
    assert re.fullmatch(
        r"    Richardson-extrapolated differences +(6\.0|5\.9999999\d+|6\.0000000\d+) ± \d\.\de-\d\d", lines[3]
    )
    assert lines[4].startswith("    they are 3 apart; ")
    assert lines[5].startswith("  every local derivative of the graph is right")
    assert str(caught.value) is str(caught.value), "made once"


def test_a_picture_is_written(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("visualize")
    monkeypatch.setenv("AUTOGRAD_TINY_PICTURES", str(tmp_path))
    with pytest.raises(GradientError) as caught:
        assert_gradients(lambda x: x.data * x, 3.0)
    message = str(caught.value)
    pictures = list(tmp_path.iterdir())
    if pictures:  # there may be no Graphviz here
        assert f"picture of the graph: {pictures[0]}" in message
        assert "<svg" in pictures[0].read_text()


CUBE = lambda x: x * x * x


def test_another_engines_gradient() -> None:
    assert_gradients(CUBE, 2.0, gradient=lambda x: 3 * x * x)
    assert_gradients(lambda x, y: x * y, 2.0, 3.0, gradient=lambda x, y: [y, x])
    assert_gradients(lambda v: v[0] * v[1], [2.0, 3.0], gradient=lambda v: [v[1], v[0]])
    assert_gradients(math.tanh, 0.5, gradient=lambda x: 1 - math.tanh(x) ** 2)
    with pytest.raises(GradientError, match=r"its gradient function +8\.0"):
        assert_gradients(CUBE, 2.0, gradient=lambda x: 2 * x * x)
    with pytest.raises(GradientError):
        assert_gradients(math.tanh, 0.5, gradient=lambda x: (1 - math.tanh(x) ** 2) * (1 + 1e-6))
    with pytest.raises(GradientError):  # complex numbers have a modulus: that oracle must be found out
        assert_gradients(abs, -2.0, gradient=lambda x: 0.0)
    assert_gradients(abs, -2.0, gradient=lambda x: -1.0)


@given(expressions(smooth=False))
def test_our_own_engine_as_if_it_were_another(e: Expression) -> None:
    assert_gradients(e, *e.point, gradient=gradient_with(Value, e))


class Multiplies:
    """An engine of nothing but products, which makes what it can of them."""

    def __init__(self, data: float, parents: tuple[Multiplies, ...] = ()) -> None:
        self.data, self.parents, self.grad = data, parents, 0.0

    def __mul__(self, other: Any) -> Multiplies:
        other = other if isinstance(other, Multiplies) else Multiplies(other)
        return Multiplies(self.data * other.data, (self, other))

    def backward(self, upstream: float = 1.0) -> None:
        self.grad += upstream
        for a, b in (self.parents, self.parents[::-1]) if self.parents else ():
            a.backward(upstream * b.data)


def test_an_engine_that_is_asked_for_what_it_has_not() -> None:
    """What rules can make of its operations works, constant branches too; the rest is an error that says so."""
    for f, point in [
        (lambda x: ad.maximum([x, 3.0]), 2.0),
        (lambda x: ad.relu(x), -1.0),
        (lambda x: ad.square(x), 2.0),
    ]:
        e = expression(f, point)
        with pytest.warns(ComposedWarning, match=r"^Multiplies has no \w+: it was made of"):
            assert_gradients(e, *e.point, gradient=gradient_with(Multiplies, e))
    e = expression(lambda x: ad.tanh(x * 2.0), 0.5)
    with pytest.raises(TypeError, match=r"Multiplies has no tanh, and it cannot be made of what Multiplies has"):
        assert_gradients(e, *e.point, gradient=gradient_with(Multiplies, e))
    with pytest.raises(TypeError, match=r"f gave 4\.0: expected a value of the engine, with backward\(\)"):
        assert_gradients(CUBE, 2.0, gradient=gradient_with(Multiplies, lambda x: 2.0 * x.data))


@given(st.floats(-2, 2), st.floats(0.1, 3.0), st.sampled_from([math.sin, math.exp, math.tanh, math.atan]))
def test_differences_are_within_the_error_they_claim(x: float, scale: float, f: Callable[[float], float]) -> None:
    exact = {math.sin: math.cos, math.exp: math.exp, math.tanh: lambda t: 1 / math.cosh(t) ** 2,
             math.atan: lambda t: 1 / (1 + t * t)}[f](x * scale) * scale  # fmt: skip
    estimate = richardson(lambda t: f((x + t) * scale), 1.0)
    assert abs(estimate.value - exact) <= estimate.error
    assert estimate.error < 1e-7


BAD: list[tuple[Callable[[], None], type[Exception], str]] = [
    (lambda: assert_gradients(CUBE, "2"), ValueError, "there is nothing to differentiate"),
    (lambda: assert_gradients(CUBE, 2.0, order=0), ValueError, "assert_gradients(order) got 0"),
    (lambda: assert_gradients(CUBE, 2.0, wrt=1), ValueError, "wrt has 1: there are 1 arguments, counted from 0"),
    (lambda: assert_gradients(CUBE, 2.0, kinks="pass"), ValueError, 'kinks=\'pass\'): expected "error" or "skip"'),
    (lambda: assert_gradients(CUBE, 2.0, tolerance=2.0), ValueError, "expected a relative one, below 1"),
    (lambda: assert_gradients(CUBE, 2.0, order=2, gradient=CUBE), ValueError, "gives first derivatives"),
    (lambda: assert_gradients(lambda x: "a", 2.0), TypeError, "expected a Value or a number, or several in a list"),
    (lambda: assert_gradients(lambda x: [], 2.0), TypeError, "gave nothing: expected a number, or several in a list"),
    (lambda: assert_gradients(CUBE, float("nan")), ArithmeticError, "x is nan: expected a finite number"),
    (
        lambda: assert_gradients(CUBE, 2.0, gradient=lambda x: [1.0, 2.0]),
        ValueError,
        "gradient gave 2 numbers for 1 (x)",
    ),
    (lambda: assert_gradients(CUBE, 2.0, gradient=lambda x: "a"), TypeError, "gradient gave 'a', a str, for x"),
]


@pytest.mark.parametrize(("call", "error", "text"), BAD, ids=[text for _, _, text in BAD])
def test_bad_arguments_are_named(call: Callable[[], None], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()
