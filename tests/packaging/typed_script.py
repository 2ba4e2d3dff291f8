"""A script as a user writes one, for `mypy --strict` and pyright, and it runs: no cast, no ignore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, assert_type

import numpy as np

import autograd_tiny as ad
import nn
from autograd_tiny import Value, explain, grad, gradients, hessian, jacobian, steps, value_and_grad

a, b = Value(2.0, "a"), Value(-3.0)

# Arithmetic, numbers on either side
assert_type(a + b, Value)
assert_type(a + 1, Value)
assert_type(1.5 - a, Value)
assert_type(2 * a / 3, Value)
assert_type(1 / a, Value)
assert_type(a**2, Value)
assert_type(2**a, Value)
assert_type(-a, Value)
assert_type(+a, Value)
assert_type(abs(a), Value)
assert_type(a % 2, Value)
assert_type(7 % a, Value)
assert_type(a // 2, Value)
assert_type(7 // a, Value)
assert_type(round(a), Value)
assert_type(a > 0, bool)
assert_type(a <= b, bool)

# What a node has
assert_type(a.data, float)
assert_type(a.grad, float)
assert_type(a.label, str)
assert_type(a.op, str)
assert_type(a.parents, tuple[Value, ...])
assert_type(a.local_derivatives, tuple[float, ...])
assert_type(a.is_leaf, bool)
assert_type(a.tanh(), Value)
a.data = 3.0
a.label = "x"

# Functions: float in, float out; Value in, Value out
assert_type(ad.tanh(1.0), float)
assert_type(ad.tanh(1), float)
assert_type(ad.tanh(a), Value)
assert_type(ad.atan2(a, 1.0), Value)
assert_type(ad.atan2(1.0, a), Value)
assert_type(ad.atan2(1.0, 2), float)
assert_type(ad.elu(1.0, a), Value)
assert_type(ad.elu(a), Value)
assert_type(ad.where(ad.greater(a, 0.0), a, 1.0), Value)
assert_type(ad.where(1.0, 2.0, a), Value)
assert_type(ad.dot([a, b], [1.0, 2.0]), Value)
assert_type(ad.dot([1.0, 2.0], [a, b]), Value)
assert_type(ad.dot([1.0, 2.0], [3.0, 4.0]), float)
assert_type(ad.sum([a, b]), Value)
assert_type(ad.sum(x**2 for x in [a, b]), Value)
assert_type(ad.sum([1.0, 2.0]), float)
assert_type(ad.maximum(a, 0.0), Value)
assert_type(ad.maximum(0.0, a), Value)
assert_type(ad.maximum(0.0, 1.0), float)
assert_type(ad.logsumexp([1.0, 2.0]), float)
assert_type(ad.mean([a, b]), Value)
assert_type(ad.mean([1.0, 2.0]), float)
assert_type(ad.softmax([a, b]), list[Value])
assert_type(ad.softmax([1.0, 2.0]), list[float])

# Arrays: of what comes nothing is said
table = np.ones((2, 3))
assert_type(ad.softmax(table, axis=1), Any)
assert_type(ad.log_softmax(table, axis=1), Any)
assert_type(ad.maximum(table, axis=1), Any)
assert_type(ad.logsumexp(table, axis=(0, 1), keepdims=True), Any)
assert_type(ad.mean(table, axis=(0, 1), keepdims=True), Any)


# Derivatives
def f(x: Value, y: Value) -> Value:
    return x * y + ad.sin(x)


assert_type(gradients(f(a, b), a), float)
assert_type(gradients(f(a, b), [a, b]), list[float])
assert_type(gradients(f(a, b), a, create_graph=True), Value)
assert_type(grad(f)(1.0, 2.0), float)
assert_type(grad(f)(a, 2.0), Value)
assert_type(grad(grad(lambda x: x**3))(2.0), float)
second: Callable[..., object] = grad(grad(f))
value, slope = value_and_grad(f)(1.0, 2.0)
curvature = hessian(lambda v: v[0] ** 2 * v[1])([1.0, 2.0])
matrix = jacobian(lambda v: [v[0] * v[1], v[1]])([1.0, 2.0])
y = f(a, b)
y.backward()
for step in steps(y):
    print(step)
print(explain(y, a), f"{a:.3f}")

# Arrays, and Values in them
array = np.array([a, b])
print(np.tanh(array), ad.exp(array), array @ array, np.float64(2.0) * a)
values: list[Value] = [Value(x) for x in (1.0, 2.0)]
print(sum(values), max(values, key=lambda v: v.data))


# Networks
def penalty(parameters: Sequence[Value]) -> Value:
    return 0.01 * ad.sum(p * p for p in parameters)


def loss(model: nn.MLP, xs: Sequence[Sequence[float]], ys: Sequence[float]) -> Value:
    total = Value(0.0)
    for x, y in zip(xs, ys, strict=True):
        total = total + (model(x) - y) ** 2
    return total / len(xs) + penalty(model.parameters())


model = nn.MLP(2, [4, 1], "tanh", seed=0)
optimizer = nn.SGD(model.parameters(), lr=0.1)
error = loss(model, [[0.0, 1.0]], [1.0])
optimizer.zero_grad()
error.backward()
optimizer.step()
for p in model.parameters():
    p.data -= 0.1 * p.grad
history = nn.fit(model, [[0, 1], [1, 0]], [0, 1], epochs=2, verbose=0)
nn.fit(model, np.array([[1.0, 2.0]]), np.array([1.0]), epochs=1, verbose=0)
last: float = history.loss[-1]
program = ad.compile(f)
print(program(1.0, 2.0), ad.compile(value_and_grad(f))(1.0, 2.0), last)


# Arguments with names, something beside the value, several directions
def line(p: dict[str, Value], x: float) -> Value:
    return p["w"] * x + p["b"]


def with_aux(x: Value) -> tuple[Value, list[float]]:
    return x * x, [x.data]


by_name = grad(line)({"w": 1.0, "b": 2.0}, 3.0)
aside, found_on_the_way = grad(with_aux, has_aux=True)(2.0)
(squared, _), double = value_and_grad(with_aux, has_aux=True)(2.0)
moved, tangent, _ = ad.jvp(with_aux, (3.0,), (1.0,), has_aux=True)
pulled, pull = ad.vjp(lambda x: x**2, 3.0)
d_a, d_b = grad(lambda a, b: a * b, argnums=(0, 1))(1.0, 2.0)
print(by_name["w"] + 1.0, aside + 1.0, squared + double, moved + tangent, pull(1.0), d_a + d_b)
print(ad.hvp(lambda v: v[0] ** 2, ([1.0],), ([1.0],)), jacobian(lambda v: [v[0] * v[1]])(np.array([1.0, 2.0])))


# A module of one's own, and its program
class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = Value(1.0)
        self.layer = nn.Layer(2, 3, "tanh")

    def __call__(self, x: Sequence[float]) -> Value:
        total: Value = ad.sum(self.layer(x))
        return self.scale * total


scaled = Scaled()
assert_type(scaled([1.0, 2.0]), Value)
nn.fit(scaled, [[0.0, 1.0]], [1.0], optimizer=nn.Adam(scaled.parameters(), lr=0.1), epochs=1, verbose=0)
compiled = ad.compile(lambda x: scaled(x))
number: float = compiled([1.0, 2.0])
one, by_parameters = compiled.value_and_grad([1.0, 2.0])
many, _ = compiled.value_and_grad(np.ones((3, 2)), batch=True)
print(number + one, by_parameters[0] + 1.0, many.mean(), [leaf.data for leaf in compiled.parameters])


@ad.compile
def product(x: Value, y: Value) -> Value:
    return x * y


print(product(1.0, 2.0) + 1.0)
