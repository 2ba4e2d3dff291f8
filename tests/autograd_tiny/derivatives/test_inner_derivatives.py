"""A derivative taken inside a function keeps the graph to whatever leaves the inner function reaches."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from autograd_tiny import Value, compile, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp


def test_a_gradient_depends_on_what_its_function_closes_over() -> None:
    w = Value(2.0)
    u = lambda t: w * t * t
    for at in (3.0, Value(3.0)):
        assert gradients(grad(u)(at) + w, w) == 7.0
    assert compile(lambda t: grad(u)(t) + w).value_and_grad(3.0) == (14.0, [7.0])


W = Value(2.0)
CLOSING: dict[str, tuple[Any, float, float]] = {
    "grad": (lambda: grad(lambda t: W * t**3)(3.0), 54.0, 27.0),
    "value_and_grad's value": (lambda: value_and_grad(lambda t: W * t**3)(3.0)[0], 54.0, 27.0),
    "value_and_grad's gradient": (lambda: value_and_grad(lambda t: W * t**3)(3.0)[1], 54.0, 27.0),
    "jvp's value": (lambda: jvp(lambda t: W * t**3, (3.0,), (2.0,))[0], 54.0, 27.0),
    "jvp's tangent": (lambda: jvp(lambda t: W * t**3, (3.0,), (2.0,))[1], 108.0, 54.0),
    "vjp's value": (lambda: vjp(lambda t: W * t**3, 3.0)[0], 54.0, 27.0),
    "vjp's cotangent": (lambda: vjp(lambda t: W * t**3, 3.0)[1](2.0)[0], 108.0, 54.0),
    "jacobian": (lambda: jacobian(lambda t: [W * t**3, t])(3.0)[0], 54.0, 27.0),
    "hessian": (lambda: hessian(lambda t: W * t**3)(3.0), 36.0, 18.0),
    "hvp": (lambda: hvp(lambda t: W * t**3, (3.0,), (2.0,)), 72.0, 36.0),
    "grad of grad": (lambda: grad(grad(lambda t: W * t**3))(3.0), 36.0, 18.0),
    "grad of jvp": (lambda: grad(lambda t: jvp(lambda s: W * s**3, (t,), (1.0,))[1])(3.0), 36.0, 18.0),
    "jvp of grad": (lambda: jvp(grad(lambda t: W * t**3), (3.0,), (1.0,))[1], 36.0, 18.0),
    "grad inside grad": (lambda: grad(lambda t: t * grad(lambda s: W * s * s)(3.0))(1.0), 12.0, 6.0),
}


@pytest.mark.parametrize("name", CLOSING)
def test_every_transformation_keeps_the_graph(name: str) -> None:
    f, value, slope = CLOSING[name]
    W.data = 2.0
    found = f()
    assert isinstance(found, Value)
    assert (found.data, gradients(found, W)) == (value, slope)
    for scalars in ("never", "always"):
        program = compile(lambda x: f() * x, scalars=scalars)
        assert program.value_and_grad(2.0) == (2.0 * value, [2.0 * slope])
        assert program.value_and_grad([1.0, 3.0], batch=True)[1] == [2.0 * slope]


def test_where_everything_is_numbers_answers_are_numbers() -> None:
    for answer in (
        grad(lambda t: t**3)(3.0), value_and_grad(lambda t: t**3)(3.0)[0], jvp(lambda t: t**3, (3.0,), (1.0,))[1],
        vjp(lambda t: t**3, 3.0)[1](1.0)[0], jacobian(lambda t: [t**3])(3.0)[0], hessian(lambda t: t**3)(3.0),
        hvp(lambda t: t**3, (3.0,), (1.0,)), grad(lambda t: t * grad(lambda s: s * s)(3.0))(1.0),
    ):  # fmt: skip
        assert type(answer) is float


def test_the_outer_variable_reaches_the_inner_derivative() -> None:
    assert grad(lambda x: grad(lambda t: x * t * t)(3.0))(5.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert jvp(lambda x: grad(lambda t: x * t * t)(3.0), (5.0,), (1.0,)) == (30.0, 6.0)
    assert hessian(lambda x: grad(lambda t: x**3 * t)(3.0))(5.0) == 30.0


class Slope(nn.Module):
    """The derivative of w·t² at the first input, and a bias."""

    def __init__(self) -> None:
        self.w, self.b = Value(0.1, "w"), Value(0.0, "b")

    def __call__(self, x: Any) -> Any:
        return grad(lambda t: self.w * t * t)(x[0]) + self.b


@pytest.mark.parametrize("compiled", [False, True])
def test_a_loss_with_a_gradient_in_it_trains_every_weight(compiled: bool) -> None:
    model = Slope()
    xs = [[i / 10.0] for i in range(1, 11)]
    ys = [3.0 * x[0] + 1.0 for x in xs]
    nn.fit(
        model, xs, ys, loss="mse", optimizer=nn.SGD(model.parameters(), lr=0.2), epochs=400, verbose=0, compile=compiled
    )
    assert (model.w.data, model.b.data) == (pytest.approx(1.5, abs=1e-3), pytest.approx(1.0, abs=1e-3))
