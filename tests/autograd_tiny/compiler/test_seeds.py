"""Gradients of several outputs: a weight for each, by parameters and by arguments, single and in batches."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value, compile, gradients, vjp

from .programs import NUMBERS
from .test_composing import close, numbers_of

W = [Value(0.7), Value(-0.4)]


class Pair(NamedTuple):
    a: Any
    b: Any


FUNCTIONS: dict[str, Any] = {
    "list": lambda v, y: [W[0] * v[0] * y, ad.sin(v[1]) + W[1], v[0] ** 2],
    "dict": lambda v, y: {"p": W[0] * v[0], "q": (ad.exp(v[1]) * y, W[1] * v[1], v[0])},
    "namedtuple": lambda v, y: Pair(W[0] * v[0], [ad.exp(v[1] * y) * W[1], v[1] * W[0]]),
    "array": lambda v, y: np.array([W[0] * v[0], ad.tanh(v[1] * W[1]), y * v[0]]),
    "one": lambda v, y: W[0] * v[0] * y + W[1] * v[1],
}
SEEDS: dict[str, Any] = {
    "list": [1.0, 0.5, -2.0], "dict": {"q": (0.5, -2.0, 0.0), "p": 1.0}, "namedtuple": Pair(1.0, [0.5, -2.0]),
    "array": np.array([1.0, 0.5, -2.0]), "one": 3.0,
}  # fmt: skip


def weighted(name: str, v: Any, y: Any, seed: Any) -> Value:
    """The weighted sum, eagerly."""
    outputs = FUNCTIONS[name](v, y)
    pairs = zip([outputs] if name == "one" else _flat(outputs), numbers_of(_in_order(name, seed)), strict=True)
    total: Any = 0.0
    for output, weight in pairs:
        total = total + output * weight
    return total  # type: ignore[no-any-return]


def _in_order(name: str, seed: Any) -> Any:
    return [seed["p"], seed["q"]] if name == "dict" else seed


def _flat(x: Any) -> list[Any]:
    if isinstance(x, dict):
        return [y for part in x.values() for y in _flat(part)]
    if isinstance(x, (list, tuple, np.ndarray)):
        return [y for part in x for y in _flat(part)]
    return [x]


@pytest.mark.parametrize("name", FUNCTIONS)
@given(st.lists(NUMBERS, min_size=3, max_size=3))
@settings(max_examples=10)
def test_value_and_grad_with_a_seed(name: str, xs: list[float]) -> None:
    program = compile(FUNCTIONS[name], parameters=W)
    value, slopes = program.value_and_grad(xs[:2], xs[2], seed=SEEDS[name])
    total = weighted(name, [Value(x) for x in xs[:2]], xs[2], SEEDS[name])
    close(_flat(value), _flat(program(xs[:2], xs[2])))
    close(list(slopes), gradients(total, W))
    found, pullback = program.vjp(xs[:2], xs[2])
    close(_flat(found), _flat(value))
    close(pullback(SEEDS[name]), vjp(FUNCTIONS[name], xs[:2], xs[2])[1](_in_order(name, SEEDS[name])))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batches_with_a_seed(name: str) -> None:
    X, y = np.array([[0.3, -0.2], [0.8, 0.1], [-0.4, 0.9]]), np.array([1.0, 2.0, -1.0])
    program = compile(FUNCTIONS[name], parameters=W)
    _, slopes = program.value_and_grad(X, y, batch=True, seed=SEEDS[name])
    each = [gradients(weighted(name, [Value(t) for t in v], t, SEEDS[name]), W) for v, t in zip(X, y, strict=True)]
    close(list(slopes), np.mean(each, 0).tolist())
    _, pullback = program.vjp(X, y, batch=True)
    by_v, by_y = pullback(SEEDS[name])
    assert by_v.shape == (2, 3)
    for i in range(3):
        seed = _in_order(name, SEEDS[name])
        expected = vjp(FUNCTIONS[name], X[i], y[i])[1](seed)
        close([by_v[:, i].tolist(), by_y[i]], [numbers_of(expected[0]), numbers_of(expected[1])])


def test_a_weight_for_each_sample() -> None:
    program = compile(lambda x: [W[0] * x, x**2], parameters=W[:1])
    x = np.array([1.0, 2.0])
    _, slopes = program.value_and_grad(x, batch=True, seed=[np.array([1.0, 10.0]), 0.0])
    assert slopes == [(1.0 * 1.0 + 10.0 * 2.0) / 2]
    assert program.vjp(x, batch=True)[1]([np.array([0.0, 0.0]), np.array([1.0, 10.0])])[0].tolist() == [2.0, 40.0]


def test_what_has_no_gradient_and_held_parameters() -> None:
    program = compile(lambda x, how: [W[0] * x, x] if how == "both" else W[0] * x, parameters=W[:1])
    assert program.vjp(2.0, "both")[1]([0.0, 3.0]) == (3.0, None)
    with program.hold() as held:
        held[0] = 5.0
        assert program.vjp(2.0, "both")[1]([1.0, 0.0]) == (5.0, None)
        held[0] = 0.7


def test_on_values_and_within_programs() -> None:
    inner = compile(lambda v: [W[0] * v[0] * v[1], v[1] ** 2], parameters=W[:1])
    outer = compile(lambda v: inner.vjp(v)[1]([1.0, 3.0])[0][1] + inner.value_and_grad(v, seed=[2.0, 0.0])[1][0])
    close(outer([0.3, 0.5]), 0.7 * 0.3 + 6 * 0.5 + 2 * 0.3 * 0.5)


def test_vjp_of_values() -> None:
    program = compile(lambda v: [v[0] * v[1], v[1] ** 2])
    x = Value(3.0)
    _, pullback = program.vjp([x, 2.0])
    ((by_first, by_second),) = pullback([1.0, 10.0])
    assert (by_first.data, by_second.data, gradients(by_second, x)) == (2.0, 43.0, 1.0)


def test_errors_say_what_to_use() -> None:
    program = compile(lambda v: [v[0] * W[0], v[1]])
    with pytest.raises(TypeError, match=r"gives several numbers: a gradient needs one; give each a weight, .*seed="):
        program.value_and_grad([1.0, 2.0])
    for wrong in ([1.0], 1.0, [1.0, [2.0]], [1.0, "a"]):
        with pytest.raises(ValueError, match="expected one number for each output"):
            program.value_and_grad([1.0, 2.0], seed=wrong)


@pytest.mark.parametrize("scalars", ["always", "never"])
def test_derivatives_by_parameters_of_a_function_that_has_none_are_an_error(scalars: str) -> None:
    def bowl(v: Any) -> Any:
        return (v[0] - 1.0) ** 2 + v[1] ** 2

    program = compile(bowl, scalars=scalars)
    told = r"it reaches none.* write compile\(value_and_grad\(bowl\)\) or compile\(bowl\).jacobian"
    for start in ([0.0, 0.0], np.zeros(2)):  # as scipy.optimize.minimize(program.value_and_grad, x0, jac=True) would
        for _ in range(3):
            with pytest.raises(TypeError, match=told):
                program.value_and_grad(start)
            with pytest.raises(TypeError, match=told):
                program.flat_value_and_grad(start)
    with pytest.raises(TypeError, match=told):
        program.value_and_grad(np.zeros((3, 2)), batch=True)
    with pytest.raises(TypeError, match=told):
        compile(lambda x: ad.grad(lambda t: program.value_and_grad([t, t])[0])(x), scalars=scalars)(2.0)
    assert program([0.0, 0.0]) == 1.0
    assert compile(ad.value_and_grad(bowl))([0.0, 0.0]) == (1.0, [-2.0, 0.0])
    assert compile(bowl, parameters=[], scalars=scalars).value_and_grad([0.0, 0.0]) == (1.0, [])
