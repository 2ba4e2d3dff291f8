"""A length of 0: what is smooth there has its second derivatives, and what is not raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd_tiny import (
    NonFiniteError,
    Value,
    compile,
    cos,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    hypot,
    jacobian,
    jvp,
    log,
    norm,
    square,
)  # fmt: skip

ORIGIN = [0.0, 0.0]
SMOOTH: dict[str, tuple[Callable[[Any], Any], float]] = {
    "norm squared": (lambda v: norm(v) ** 2, 2.0),
    "hypot squared": (lambda v: hypot(v[0], v[1]) ** 2, 2.0),
    "times itself": (lambda v: (lambda n: n * n)(norm(v)), 2.0),
    "square": (lambda v: 0.5 * square(norm(v)), 1.0),
    "cosine": (lambda v: cos(norm(v)), -1.0),
    "bell": (lambda v: exp(-(norm(v) ** 2)), -2.0),
    "logarithm": (lambda v: log(1.0 + norm(v) ** 2), 2.0),
    "fourth power": (lambda v: norm(v) ** 4, 0.0),
    "two nodes of one length": (lambda v: norm(v) * norm(v), 2.0),
    "two nodes among others": (lambda v: hypot(v[0], v[1]) * cos(hypot(v[0], v[1])) * hypot(v[0], v[1]), 2.0),
    "of a length": (lambda v: norm([3.0 * v[0], 3.0 * v[1]]) ** 2, 18.0),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_an_even_function_of_a_length_has_second_derivatives(name: str) -> None:
    f, curvature = SMOOTH[name]
    right = [[curvature, 0.0], [0.0, curvature]]
    assert grad(f)(ORIGIN) == ORIGIN
    assert hessian(f)(ORIGIN) == right
    assert jacobian(grad(f))(ORIGIN) == right
    assert hvp(f, (ORIGIN,), ([1.0, 2.0],)) == jvp(grad(f), (ORIGIN,), ([1.0, 2.0],))[1] == [curvature, 2 * curvature]
    assert jacobian(hessian(f))(ORIGIN) == [[[0.0, 0.0], [0.0, 0.0]]] * 2


def test_squares_of_two_lengths_multiply_and_the_lengths_themselves_do_not() -> None:
    origin = [0.0] * 4
    assert hessian(lambda v: norm(v[:2]) ** 2 * norm(v[2:]) ** 2)(origin) == [origin] * 4
    f = lambda v: (1.0 + norm(v[:2]) ** 2) * (3.0 + norm(v[2:]) ** 2)
    assert hessian(f)(origin) == [[2.0 * (3.0, 1.0)[i // 2] * (i == k) for k in range(4)] for i in range(4)]
    assert grad(lambda v: norm(v[:2]) * norm(v[2:]))(origin) == origin
    with pytest.raises(NonFiniteError):  # along (t, 0, s, 0) it is |t s|, which has no mixed derivative at 0
        hessian(lambda v: norm(v[:2]) * norm(v[2:]))(origin)


def test_beside_other_numbers() -> None:
    w = Value(3.0)
    found = hessian(lambda v: w * norm(v) ** 2)(ORIGIN)
    assert [[x.data for x in row] for row in found] == [[6.0, 0.0], [0.0, 6.0]]
    assert gradients(found[0][0], w) == 2.0
    program = compile(hessian(lambda v: norm(v) ** 2))
    assert program([1.0, 2.0]) == program(ORIGIN) == [[2.0, 0.0], [0.0, 2.0]]


ROUGH: dict[str, Callable[[Any], Any]] = {
    "the length": norm,
    "its double": lambda v: norm(v) + norm(v) ** 2,
    "a product with another number": lambda v: v[1] * norm([v[0]]),
    "a product of two lengths": lambda v: norm([v[0]]) * norm([v[1]]),
    "beside an absolute value": lambda v: abs(v[1]) * norm([v[0]]),
}


@pytest.mark.parametrize("name", ROUGH)
def test_what_has_none_raises(name: str) -> None:
    with pytest.raises(NonFiniteError):
        hessian(ROUGH[name])(ORIGIN)


def test_beyond_what_is_right_it_raises_too() -> None:
    """The fourth derivative of cos |x| is 1 and no rule here knows it; that of |x|² is 0, by any."""
    fourth = lambda f: jacobian(jacobian(hessian(f)))(ORIGIN)
    assert fourth(lambda v: norm(v) ** 2) == [[[[0.0, 0.0]] * 2] * 2] * 2
    for f in (lambda v: cos(norm(v)), lambda v: norm(v) ** 4):
        with pytest.raises(NonFiniteError):
            fourth(f)
