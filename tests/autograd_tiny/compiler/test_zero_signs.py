"""The sign of zero under ``%``, ``//``, roundings, extremes and roots, and in derivatives: compiled as eager."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, atan2, compile, hessian, jacobian, maximum, minimum, sqrt

POINTS = [0.0, -0.0, 1.0, -1.0, 0.4, -0.4, 2.5, -2.5, 7.0, -7.0, 5e-324, -5e-324, 1e300]
PAIRS = [(a, b) for a, b in itertools.product(POINTS, POINTS) if b and abs(a / b) < 1e300]
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "%": operator.mod,
    "//": operator.floordiv,
    "% of a number": lambda a, b: a % 2.5,
    "% of a negative number": lambda a, b: a % -2.5,
    "a number %": lambda a, b: -7.0 % b,
    "a number //": lambda a, b: -0.0 // b,
    "divmod": lambda a, b: divmod(a, b)[1],
    "0 +": lambda a, b: 0.0 + a,
    "+ 0": lambda a, b: a + 0.0,
    "- 0": lambda a, b: a - 0.0,
    "round to 0 places": lambda a, b: round(a, 0),
    "its angle": lambda a, b: atan2(a % b, -1.0),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_zero_has_the_sign_that_a_float_has(name: str) -> None:
    f = OPERATIONS[name]
    programs = [compile(f, scalars=scalars) for scalars in ("always", "never")]
    columns = [np.array(column) for column in zip(*PAIRS, strict=True)]
    batches = [program(*columns, batch=True) for program in programs]
    for i, (a, b) in enumerate(PAIRS):
        right = repr(f(a, b))
        found = [f(Value(a), Value(b)).data, *(program(a, b) for program in programs), *(ys[i] for ys in batches)]
        if name != "its angle":  # numpy's arctan2 and Python's differ in the last place
            assert [repr(float(y)) for y in found] == [right] * 5, (a, b)
        assert found == pytest.approx([float(right)] * 5, rel=1e-15), (a, b)


WAYS: tuple[dict[str, Any], ...] = (
    {"scalars": "always"}, {"scalars": "never"}, {"scalars": "never", "backend": "numpy"},
)  # fmt: skip
EXTREMES: dict[str, Callable[[Any], Any]] = {
    "of two": lambda v: maximum(v[0], v[1]),
    "of two, turned": lambda v: minimum(v[1], v[0]),
    "of three": lambda v: minimum(v[2], v[0] * 1.0, v[1]),
    "with a number": lambda v: maximum(v[0], 0.0),
    "with a negative zero": lambda v: maximum(-0.0, v[1]) + minimum(v[0], -0.0) * 1.0,
    "a number before": lambda v: minimum(0.0, v[2]),
    "of many": lambda v: maximum(v[1], v[2], v[0], -1.0, v[2], v[1], v[0], -0.0, 0.0),
    "of several lengths": lambda v: maximum(*v) * minimum(*v[:2]) * maximum(*v[1:], -1.0) * maximum(v[2], v[0], -2.0),
    "relu": lambda v: v[0].relu() if isinstance(v[0], Value) else max(v[0], 0.0),
}


@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize("name", EXTREMES)
def test_of_equal_zeros_the_first_is_the_extreme(name: str, options: dict[str, Any]) -> None:
    f = EXTREMES[name]
    points = [list(point) for point in itertools.product((0.0, -0.0, -1.0, 2.0), repeat=3)]
    expected = [repr(f([Value(x) for x in point]).data) for point in points]
    program = compile(f, **options)
    assert [repr(float(program(point))) for point in points] == expected
    assert [repr(float(y)) for y in program(points, batch=True)] == expected


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_a_root_written_as_a_power_has_no_negative_zero(options: dict[str, Any]) -> None:
    for f in (lambda x: x**0.5, lambda x: x**2.5, lambda x: sqrt(x), lambda x: x**1.5):
        program = compile(f, **options)
        for x in (0.0, -0.0):
            assert repr(float(program(x))) == repr(f(Value(x)).data)
        assert repr(float(program([1.0, -0.0], batch=True)[1])) == repr(f(Value(-0.0)).data)


TURNS: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "minus a difference": (lambda v: v[1] * atan2(-(v[1] - v[0]), -1.0), [1.0, 1.0]),
    "0 minus": (lambda v: v[1] * atan2(0.0 - v[0], -1.0), [0.0, 1.0]),
    "-0 minus": (lambda v: v[1] * atan2(-0.0 - v[0], -1.0), [-0.0, 1.0]),
    "a sum of terms": (lambda v: v[1] * atan2(v[0] + v[0] + v[0], -1.0), [-0.0, 1.0]),
    "a sum of products": (lambda v: v[1] * atan2(v[0] * v[1] + v[0] * v[2] + v[0] * v[1], -1.0), [-0.0, 1.0, 2.0]),
    "a sum of terms of a sum": (lambda v: v[1] * atan2(sum([v[0]] * 3, -0.0) * 2.0 + v[0], -1.0), [-0.0, 1.0]),
    "plus 0": (lambda v: v[1] * atan2(v[0] + 0.0, -1.0), [-0.0, 1.0]),
    "plus -0": (lambda v: v[1] * atan2(v[0] + -0.0, -1.0), [-0.0, 1.0]),
    "minus -0": (lambda v: v[1] * atan2(v[0] - -0.0, -1.0), [-0.0, 1.0]),
    "a negative minus": (lambda v: v[1] * atan2(-v[0] - v[1], -1.0), [-1.0, 1.0]),
    "a negative plus": (lambda v: v[1] * atan2(-v[0] + v[1], -1.0), [1.0, 1.0]),
    "times a negative number": (lambda v: v[1] * atan2((v[0] - v[1]) * -2.0, -1.0), [1.0, 1.0]),
    "divided": (lambda v: v[1] * atan2((v[0] - v[1]) / -2.0, -1.0), [1.0, 1.0]),
    "an extreme": (lambda v: v[1] * atan2(maximum(-0.0, v[0]), -1.0), [0.0, 1.0]),
}


@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize("name", TURNS)
def test_a_half_turn_has_its_sign_in_derivatives_too(name: str, options: dict[str, Any]) -> None:
    f, at = TURNS[name]
    program = compile(f, **options)
    for kind in (jacobian, hessian):
        expected = kind(f)(at)
        assert np.array(getattr(program, kind.__name__)(at)) == pytest.approx(np.array(expected), rel=1e-14)
        assert np.array(compile(kind(f), **options)(at)) == pytest.approx(np.array(expected), rel=1e-14)
        many = getattr(program, kind.__name__)([at] * 3, batch=True)
        assert np.moveaxis(many, -1, 0)[2] == pytest.approx(np.array(expected), rel=1e-14)
