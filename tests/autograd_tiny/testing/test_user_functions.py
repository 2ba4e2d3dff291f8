"""What a user's function is: what it takes, what it gives, what it raises, and what it is not."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections import namedtuple
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.testing import (
    GradientError,
    Inconclusive,
    assert_gradients,
    check_gradients,
    expression,
    expressions,
    gradient_with,
    graphs,
)
from autograd_tiny.testing.verdicts import AGREED, INCONCLUSIVE
from tests.autograd_tiny.testing.known import Hidden

Point = namedtuple("Point", "x y")

ONE: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Any]] = {
    "a numpy scalar": (lambda x: np.sin(x), (0.5,), lambda x: np.cos(x)),
    "an array of no dimension": (lambda x: np.array(x) ** 2, (1.5,), lambda x: 2 * x),
    "an array of one element": (lambda x: np.array([x]) ** 2, (1.5,), lambda x: np.array([2 * x])),
    "a matrix of one element": (lambda v: (v @ v.T), (np.array([[1.0, 2.0]]),), lambda v: 2 * v),
    "a list of one": (lambda x: [x**2], (1.5,), lambda x: 2 * x),
    "a dot product": (lambda v: np.dot(v, v), (np.array([1.0, 2.0]),), lambda v: 2 * v),
    "a sum of squares": (lambda v: (v**2).sum(), (np.array([1.0, -2.0]),), lambda v: 2 * v),
    "a norm": (lambda v: np.linalg.norm(v), (np.array([3.0, 4.0]),), lambda v: v / np.linalg.norm(v)),
    "a mean of integers": (lambda v: np.mean(v * v), (np.array([1, 2]),), lambda v: v * 1.0),
    "a scalar of numpy": (lambda x: x.item() ** 2, (np.float64(3.0),), lambda x: 2 * x),
    "single precision": (lambda x: x * x, (np.float32(0.5),), lambda x: 2 * x),
    "a dict": (lambda p: p["w"] * p["b"], ({"w": 2.0, "b": 3.0},), lambda p: [p["b"], p["w"]]),
    "a dict's gradient": (lambda p: p["w"] * p["b"], ({"w": 2.0, "b": 3.0},), lambda p: {"w": p["b"], "b": p["w"]}),
    "a dict of arrays": (lambda p: p["w"] @ p["x"], ({"w": np.ones(2), "x": np.array([1.0, 2.0])},),
                         lambda p: [p["x"], p["w"]]),
    "a named tuple": (lambda q: q.x * q.y, (Point(2.0, 3.0),), lambda q: Point(q.y, q.x)),
    "a matrix": (lambda A: np.trace(A @ A), (np.array([[1.0, 2.0], [3.0, 4.0]]),), lambda A: 2 * A.T),
    "a fraction": (lambda x: Fraction(x) ** 2, (0.5,), lambda x: 2 * x),
    "a decimal": (lambda x: Decimal(float(x)) * 2, (0.5,), lambda x: 2.0),
    "an mpmath number": (lambda x: mpmath.sin(x), (0.5,), lambda x: math.cos(x)),
    "a library's determinant": (lambda A: np.linalg.det(A), (np.array([[1.0, 2.0], [3.0, 5.0]]),),
                                lambda A: np.linalg.det(A) * np.linalg.inv(A).T),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_number_in_whatever_form(name: str) -> None:
    f, args, gradient = ONE[name]
    assert_gradients(f, *args, gradient=gradient)
    wrong = lambda *args: [1.01 * x + 0.01 for x in np.ravel(np.array(_flat(gradient(*args)), dtype=float))]
    with pytest.raises(GradientError):
        assert_gradients(f, *args, gradient=wrong)


def _flat(x: Any) -> Any:
    if isinstance(x, dict):
        return [_flat(part) for part in x.values()]
    return x


SEVERAL: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Any, list[str]]] = {
    "a tuple": (lambda x, y: (x * y, x + y), (2.0, 3.0), lambda x, y: [[y, x], [1, 1]],
                ["df[0]/dx", "df[0]/dy", "df[1]/dx", "df[1]/dy"]),
    "a dict": (lambda x: {"loss": x**2, "size": abs(x)}, (-2.0,), lambda x: {"loss": 2 * x, "size": -1.0},
               ["df['loss']/dx", "df['size']/dx"]),
    "an array": (lambda v: np.sin(v) * v[0], (np.array([0.5, 1.0]),),
                 lambda v: np.array([[np.cos(v[0]) * v[0] + np.sin(v[0]), 0], [np.sin(v[1]), np.cos(v[1]) * v[0]]]),
                 ["df[0]/dv[0]", "df[0]/dv[1]", "df[1]/dv[0]", "df[1]/dv[1]"]),
    "nested": (lambda x: [x, {"more": [x * x, 3.0 * x]}], (2.0,), lambda x: [1, 2 * x, 3],
               ["df[0]/dx", "df[1]['more'][0]/dx", "df[1]['more'][1]/dx"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SEVERAL)
def test_several_numbers_have_a_jacobian(name: str) -> None:
    f, args, jacobian, derivatives = SEVERAL[name]
    report = check_gradients(f, *args, gradient=jacobian)
    assert report.verdict == AGREED, str(report)
    assert [c.derivative for c in report.comparisons] == derivatives


def test_a_wrong_entry_of_a_jacobian_is_named() -> None:
    with pytest.raises(GradientError, match=re.escape("df[1]/dx at x = 2.0")) as caught:
        assert_gradients(lambda x, y: (x * y, x * x), 2.0, 3.0, gradient=lambda x, y: [[y, x], [x, 0]])
    assert "df[0]" not in str(caught.value)
    expected = "gradient gave 2 numbers for 4 (x, y): expected for each of the 2 results ([0], [1]) in turn, a float"
    with pytest.raises(ValueError, match=re.escape(expected)):
        assert_gradients(lambda x, y: (x * y, x * x), 2.0, 3.0, gradient=lambda x, y: [y, x])


def test_our_own_functions_may_give_several_too() -> None:
    report = check_gradients(lambda x, y: {"a": ad.tanh(x * y), "b": [x, 2.0]}, 0.5, 1.5, order=2)
    assert report.verdict == AGREED
    assert {c.derivative for c in report.comparisons} >= {"df['a']/dx", "d²f['a']/dx dy", "df['b'][1]/dx"}
    f = lambda x, y: (x * y, x + y)
    assert_gradients(f, 2.0, 3.0, gradient=gradient_with(Value, f))


def test_arguments_by_name() -> None:
    f = lambda x, scale, power=2: scale * x**power
    assert_gradients(f, 3.0, scale=2.0, gradient=lambda x, scale: 2 * scale * x)
    assert_gradients(f, 3.0, scale=2.0, power=3, gradient=lambda x, scale, power: 3 * scale * x**2)
    report = check_gradients(f, x=3.0, scale=2.0, gradient=lambda x, scale: [2 * scale * x, x**2])
    assert [c.derivative for c in report.comparisons] == ["df/dx", "df/dscale"]
    assert_gradients(f, 3.0, scale=2.0, wrt=[0, "scale"], gradient=lambda x, scale: [2 * scale * x, x**2])
    assert_gradients(lambda x, w: x * w["a"], 3.0, w={"a": 2.0}, wrt="w", gradient=lambda x, w: x)
    assert_gradients(lambda x, scale: ad.exp(x) * scale, 0.5, scale=2.0)
    with pytest.raises(ValueError, match=r"wrt has 'size': there are 1 arguments, counted from 0, and scale by name"):
        assert_gradients(f, 3.0, scale=2.0, wrt="size")
    with pytest.raises(ValueError, match="keyword arguments are held fixed: name in wrt those to vary"):
        assert_gradients(f, 3.0, scale=2.0, gradient=lambda x, scale: [2 * scale * x, x**2])


def test_a_random_function_is_found_out() -> None:
    for f in (lambda x: x + random.random(), lambda x: x * np.random.default_rng().normal()):
        with pytest.raises(ValueError, match="gives different numbers at the same point") as caught:
            assert_gradients(f, 1.0, gradient=lambda x: 5.0)
        assert "at x = 1.0. Expected a function of its arguments: seed what is random in it" in str(caught.value)
    with pytest.raises(ValueError, match="gives different numbers at the same point"):
        assert_gradients(lambda x: x * random.random(), 1.0)
    seeded = lambda x: x * random.Random(7).random()
    assert_gradients(seeded, 1.0, gradient=lambda x: random.Random(7).random())


def test_what_a_function_raises_comes_through_with_the_point() -> None:
    def f(x: float, table: dict[str, float]) -> float:
        return table["missing"] * x

    with pytest.raises(KeyError, match="missing") as caught:
        assert_gradients(f, 2.0, {"a": 1.0}, gradient=lambda x, table: [1.0, 2.0])
    assert caught.value.__notes__ == ["raised by f at x = 2.0, table['a'] = 1.0"]
    with pytest.raises(ZeroDivisionError) as division:
        assert_gradients(lambda x: 1 / x, 0.0, gradient=lambda x: 1.0)
    assert division.value.__notes__[0].endswith(" at x = 0.0")
    with pytest.raises(RuntimeError, match="mine") as third:
        assert_gradients(lambda x: x, 2.0, gradient=_raises)
    assert third.value.__notes__ == ["raised by the gradient function at x = 2.0"]


def _raises(x: float) -> float:
    raise RuntimeError("mine")


TABLE = [0.0, 1.0, 4.0, 9.0, 16.0]


def looked_up(x: Any) -> Any:
    k = int(x)
    return TABLE[k] + (TABLE[k + 1] - TABLE[k]) * (x - k)


def guarded(x: Any) -> Any:
    assert 0.0 < x < 1.0, "a probability"
    return x * x


@pytest.mark.parametrize("cover", [lambda f: f, Hidden], ids=["open", "hidden"])
def test_what_it_raises_where_nobody_asked_is_the_end_of_its_domain(cover: Callable[..., Any]) -> None:
    assert_gradients(cover(looked_up), 3.5, gradient=lambda x: 7.0)
    assert_gradients(cover(guarded), 0.99, gradient=lambda x: 2.0 * x)
    with pytest.raises(GradientError):
        assert_gradients(cover(looked_up), 3.5, gradient=lambda x: 6.0)
    with pytest.raises(IndexError) as caught:
        assert_gradients(cover(looked_up), 4.5, gradient=lambda x: 7.0)
    assert caught.value.__notes__[0].endswith("= 4.5")
    with pytest.raises(AssertionError, match="a probability"):
        assert_gradients(cover(guarded), 1.5, gradient=lambda x: 2.0 * x)


def test_numpys_warnings_beside_the_point_are_not_given() -> None:
    class Log:
        def __call__(self, x: Any) -> Any:
            return np.log(np.asarray(x, dtype=float))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_gradients(Log(), 0.01, gradient=lambda x: 1 / x)


# Verdicts


def flat(x: float) -> float:
    return 1.0 - math.tanh(float(x))


def test_an_inconclusive_check_says_what_it_can_tell() -> None:
    class Flat:
        __call__ = staticmethod(flat)

    with pytest.raises(Inconclusive) as caught:
        assert_gradients(Flat(), 40.0, gradient=lambda x: 0.0)
    lines = str(caught.value).splitlines()
    assert lines[0] == "Flat: the check is inconclusive here"
    assert re.fullmatch(r"    any gradient between -\d\.\de-1\d and \d\.\de-1\d would pass", lines[4])
    assert lines[5] == "    because every difference quotient is 0: the value stays the same float all around"
    assert lines[6].endswith('pass inconclusive="skip": docs/howto/inconclusive.md')
    (c,) = caught.value.report.comparisons
    assert (c.verdict, c.digits) == (INCONCLUSIVE, 0)
    assert c.passing[0] < 0.0 < c.passing[1]


def test_an_inconclusive_check_can_skip_instead() -> None:
    class Flat:
        __call__ = staticmethod(flat)

    with pytest.raises(pytest.skip.Exception, match="Flat: the check is inconclusive here"):
        assert_gradients(Flat(), 40.0, gradient=lambda x: 0.0, inconclusive="skip")
    seen = []

    @settings(max_examples=20, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([0.5, 40.0]))
    def inner(x: float) -> None:
        assert_gradients(Flat(), x, gradient=lambda x: -1 / math.cosh(x) ** 2, inconclusive="skip")
        seen.append(x)

    inner()
    assert set(seen) == {0.5}
    with pytest.raises(ValueError, match=re.escape('(inconclusive=\'no\'): expected "error" or "skip"')):
        assert_gradients(Flat(), 0.5, gradient=lambda x: 0.0, inconclusive="no")


def test_an_agreement_says_how_many_digits_it_is_worth() -> None:
    report = check_gradients(math.exp, 1.0, gradient=lambda x: math.exp(x) * (1 + 1e-7))
    assert report.verdict == "disagreed"
    report = check_gradients(math.exp, 1.0, gradient=lambda x: math.exp(x) * (1 + 1e-7), tolerance=1e-6)
    assert (report.verdict, report.digits) == (AGREED, 6)
    assert str(report) == "agreed: df/dx = 2.71828, to 6 digits (mpmath, 60 digits)"
    assert check_gradients(math.exp, 1.0, gradient=math.exp).digits == 15
    crest = check_gradients(math.cos, 0.0, gradient=lambda x: 1e-17)
    assert str(crest) == "agreed: df/dx = 1e-17, the slope is 0, to within 1.0e-17 (mpmath, 60 digits)"


def test_a_function_on_values_that_no_mpmath_number_goes_through_has_60_digits_all_the_same() -> None:
    weights = [Value(2.0), Value(3.0)]

    def f(x: Any) -> Any:
        size = abs(x.data)  # no mpmath number has it
        return ad.tanh(weights[0] * x) * weights[1] if size < 9.0 else x

    report = check_gradients(f, 0.3)
    assert report.comparisons[0].oracle.oracle == "mpmath, 60 digits"
    with pytest.raises(GradientError):
        assert_gradients(lambda x: x.data * x, 0.3)


# Pictures


def test_the_picture_marks_the_operation_that_is_wrong_with_both_numbers(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("visualize")
    monkeypatch.setenv("AUTOGRAD_TINY_PICTURES", str(tmp_path))

    e = expression(lambda x, y: ad.tanh(x * y) + x, 2.0, 0.25)
    gradient = gradient_with(Value, e)
    monkeypatch.setattr(gradient, "on", lambda f: lambda *xs: [3.0 * g for g in np.ravel(gradient_with(Value, f)(*xs))])
    with pytest.raises(GradientError) as caught:
        wrong = lambda *xs: [2.0 * g for g in gradient(*xs)]
        wrong.on = gradient.on  # type: ignore[attr-defined]
        assert_gradients(e, *e.point, gradient=wrong)
    message = str(caught.value)
    assert "first wrong primitive: mul: its local derivative with respect to a is 0.75, and should be 0.25" in message
    if list(tmp_path.iterdir()):  # there may be no Graphviz here
        assert "✗ mul: ∂a is 0.75, should be 0.25" in next(tmp_path.iterdir()).read_text()


# Strategies


@pytest.mark.parametrize("strategy", [expressions, graphs])
def test_a_name_alone_is_no_list_of_names(strategy: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=re.escape("got 'mul', a str: expected a list of names: ['mul']")):
        strategy(primitives="mul")
