"""Derivatives of functions: against the oracles of the kit, against each other, nested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd_tiny.testing import Expression, assert_gradients, expression, expressions, scalars


def logsumexp_of_equal_numbers(x: Any, y: Any) -> Any:
    return ad.logsumexp([x, 1.0, y, 0.44]) + x


@given(expressions(max_leaves=6, order=2, variables=(1, 2)))
@example(expression(logsumexp_of_equal_numbers, 0.0, 1.0))
def test_value_gradient_and_hessian_are_those_that_the_oracles_agree_with(e: Expression) -> None:
    """`assert_gradients` asks `gradients`; what the functional interface makes of it has to be the same numbers."""
    assert_gradients(e, *e.point, order=2)
    leaves = [Value(x) for x in e.point]
    root = e(*leaves)
    slopes = gradients(root, leaves, create_graph=True)
    assert value_and_grad(e, argnums=tuple(range(len(leaves))))(*e.point) == (root.data, tuple(s.data for s in slopes))
    assert hessian(lambda v: e(*v))(list(e.point)) == [gradients(slope, leaves) for slope in slopes]


@given(expressions(order=2, max_leaves=8, variables=2), st.tuples(scalars(), scalars()))
def test_forward_and_reverse_mode_agree(e: Expression, tangents: tuple[float, ...]) -> None:
    value, pushed = jvp(e, e.point, tangents)
    again, pullback = vjp(e, *e.point)
    assert value == again
    pulled = pullback(1.0)
    size = sum(abs(t * g) for t, g in zip(tangents, pulled, strict=True))
    assert abs(pushed - sum(t * g for t, g in zip(tangents, pulled, strict=True))) <= 1e-12 * (1.0 + size)
    product = hvp(lambda v: e(*v), (list(e.point),), (list(tangents),))
    H = np.array(hessian(lambda v: e(*v))(list(e.point)))
    np.testing.assert_allclose(product, H @ np.array(tangents), rtol=1e-9, atol=1e-9 * (1 + abs(H).max()))


def test_any_order_by_nesting() -> None:
    f: Any = ad.sin
    for expected in (np.cos(0.7), -np.sin(0.7), -np.cos(0.7), np.sin(0.7), np.cos(0.7)):
        f = grad(f)
        assert f(0.7) == pytest.approx(expected, rel=1e-14)
    assert grad(grad(grad(lambda x: x**5)))(2.0) == 240.0
    assert jacobian(grad(lambda v: v[0] ** 3 * v[1]))([2.0, 3.0]) == [[36.0, 12.0], [12.0, 0.0]]


def test_no_perturbation_confusion() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y)(2.0))(3.0) == 1.0
    assert grad(lambda x: grad(lambda y: y * y)(x))(3.0) == 2.0
    assert grad(lambda x: jvp(lambda y: x * y * y, (x,), (1.0,))[1])(3.0) == 12.0
    assert jvp(lambda x: grad(lambda y: x * y * y)(x), (3.0,), (1.0,))[1] == 12.0
    assert jvp(lambda x: jvp(lambda y: y * x, (2.0,), (1.0,))[1], (5.0,), (1.0,)) == (5.0, 1.0)


def test_structures_in_and_out() -> None:
    def f(p: Any, q: Any, *, scale: float = 1.0) -> Any:
        return scale * (p[0] * p[1][0] + q)

    assert grad(f)([2.0, (3.0,)], 4.0, scale=10.0) == [30.0, (20.0,)]
    assert grad(f, argnums=(0, 1))([2.0, (3.0,)], 4.0) == ([3.0, (2.0,)], 1.0)
    assert grad(f, argnums=-1)([2.0, (3.0,)], 4.0) == 1.0
    assert jacobian(lambda x: [x, [x * x]])(3.0) == [1.0, [6.0]]
    assert jvp(lambda v: (v[0] * v[1], 7.0), ([2.0, 3.0],), ([1.0, 1.0],)) == ((6.0, 7.0), (5.0, 0.0))
    slope = grad(lambda v: v @ v)(np.array([1.0, 2.0]))
    assert slope.dtype == float
    assert slope.tolist() == [2.0, 4.0]
    assert grad(lambda x: 3.0)(1.0) == 0.0


def test_on_values_the_answer_is_a_graph() -> None:
    w = Value(3.0, "w")
    slope = grad(lambda x: x**3)(w)
    assert isinstance(slope, Value)
    assert gradients(slope, w) == 18.0
    assert grad(lambda x: x * w)(2.0).data == 3.0


def test_errors_say_what_came() -> None:
    with pytest.raises(TypeError, match="grad needs a function that gives one number; it gave"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match=r"an argument of <lambda> got '1', a str"):
        grad(lambda x: x)("1")
    with pytest.raises(TypeError, match=r"the result of <lambda> got None, a NoneType"):
        grad(lambda x: None)(1.0)
    with pytest.raises(TypeError, match="argnums has 1, but <lambda> was called with 1 positional arguments"):
        grad(lambda x: x, argnums=1)(1.0)
    with pytest.raises(ValueError, match="tangents has 1 numbers: expected 2"):
        jvp(lambda x, y: x, (1.0, 2.0), (1.0,))
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 // 0)(1.0)
    assert grad(lambda x: x * x)(3.0) == 6.0, "the depth is restored after an exception"
    assert isinstance(grad(lambda x: x * x)(3.0), float)
