"""Arguments of a batch: the same for all samples by name, and structures whose parts have samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, RecordingError, Value, compile, dot, hessian, jacobian

from .programs import DRAWN, NUMBERS, Tangle
from .test_composing import close, either

WAYS = ("always", "never")
X = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 0.0]])


@given(DRAWN, st.lists(NUMBERS, min_size=4, max_size=4), st.sampled_from(WAYS))
@settings(max_examples=12)
def test_a_shared_argument_is_as_if_repeated(operations: Any, xs: list[float], scalars: str) -> None:
    f = Tangle(operations, [Value(0.4), Value(-0.3)], 4)
    with_names = lambda x, grid, y: f(x, *grid, y)
    shared = compile(with_names, shared="grid", scalars=scalars, parameters=f.parameters)
    repeated = compile(with_names, scalars=scalars, parameters=f.parameters)
    x, y = [xs[0], xs[1], 0.4], [xs[3], 0.2, -0.7]
    found = either(lambda: shared.value_and_grad(x, xs[1:3], y, batch=True))
    expected = either(lambda: repeated.value_and_grad(x, [xs[1:3]] * 3, y, batch=True))
    assert (found is None) == (expected is None)
    if expected is not None:
        close([list(found[0]), list(found[1])], [list(expected[0]), list(expected[1])])


@pytest.mark.parametrize("scalars", WAYS)
def test_derivatives_by_and_beside_shared_arguments(scalars: str) -> None:
    w = Value(1.5)
    f = lambda v, k: w * dot(v, k["grid"]) ** 2 * k["rate"]
    program = compile(f, shared=["k"], scalars=scalars)
    k = {"grid": [0.5, -1.0], "rate": 2.0}
    for kind in (jacobian, hessian):
        found = getattr(program, kind.__name__)(X, k, batch=True)
        for i, row in enumerate(X):
            close(found[..., i].tolist(), kind(f)(list(row), k))
    by_k = program.jacobian(X, k, argnums=1, batch=True)
    for i, row in enumerate(X):
        expected = jacobian(f, 1)(list(row), k)
        close([by_k["grid"][0][i], by_k["grid"][1][i], by_k["rate"][i]], [*expected["grid"], expected["rate"]])
    _, pullback = program.vjp(X, k, batch=True)
    assert pullback(1.0)[0].shape == (2, 3)
    assert program.parameters == [w]


def test_by_name_by_place_and_alone() -> None:
    program = compile(lambda x, rate=1.0: x * rate, shared="rate")
    assert program([1.0, 2.0], 3.0, batch=True).tolist() == [3.0, 6.0]
    assert program([1.0, 2.0], rate=4.0, batch=True).tolist() == [4.0, 8.0]
    assert program(2.0, 5.0) == 10.0
    assert [y.data for y in program([Value(1.0), Value(2.0)], 3.0, batch=True)] == [3.0, 6.0]
    assert compile(lambda v: program([v, v], 3.0, batch=True)[1])(2.0) == 6.0
    anything = compile(lambda *xs, **named: xs[0] * named["rate"], shared="rate")
    assert anything([1.0, 2.0], rate=4.0, batch=True).tolist() == [4.0, 8.0]
    with pytest.raises(ValueError, match=r"has no argument 'rat': expected the names .* among x, rate"):
        compile(lambda x, rate: x * rate, shared="rat")


def test_shared_numbers_are_neither_parameters_nor_kept() -> None:
    w = Value(2.0)
    program = compile(lambda x, k: w * x + k, shared="k")
    for k in (1.0, -3.0, 0.0):
        values, slopes = program.value_and_grad([1.0, 2.0], k, batch=True)
        assert values.tolist() == [2.0 + k, 4.0 + k]
        assert slopes == [1.5]
    program.backward([1.0, 2.0], 5.0, batch=True)
    assert w.grad == 1.5
    with program.hold() as held:
        assert held.tolist() == [2.0]
        held[0] = 3.0
        assert program([1.0], 1.0, batch=True).tolist() == [4.0]
    assert program.cache_info().currsize == 1


def test_shared_indices_and_what_is_not_finite() -> None:
    rows = [Value(1.0), Value(2.0), Value(4.0)]
    program = compile(lambda x, i: rows[i] * x, shared="i")
    assert program([1.0, 2.0], 2, batch=True).tolist() == [4.0, 8.0]
    assert program([1.0, 2.0], 1, batch=True).tolist() == [2.0, 4.0]
    root = compile(lambda x, k: x * k.sqrt() if isinstance(k, Value) else x * k**0.5, shared="k")
    with pytest.raises((NonFiniteError, RecordingError, TypeError)):
        root([1.0, 2.0], -1.0, batch=True)
    with pytest.raises(ValueError, match="there is no argument with samples"):
        compile(lambda k: k * 1.0, shared="k")(1.0, batch=True)


# Structures with samples


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass
class Point:
    at: Any
    weight: Any
    kind: str = "soft"


STRUCTURES: dict[str, tuple[Any, Any]] = {
    "dict": (lambda d: d["p"] * d["q"]["r"][1] + d["q"]["r"][0] ** 2, lambda: {"p": [1.0, 2.0, 3.0], "q": {"r": X}}),
    "namedtuple": (lambda p: p.a * p.b[0] - p.b[1], lambda: Pair(np.array([1.0, 2.0, 3.0]), X)),
    "dataclass": (lambda p: ad.tanh(p.at[0] * p.weight) + p.at[1], lambda: Point(X, [1.0, 2.0, 3.0])),
}


def one(x: Any, i: int) -> Any:
    """Sample i of a structure."""
    if isinstance(x, dict):
        return {key: one(part, i) for key, part in x.items()}
    if isinstance(x, Pair):
        return Pair(one(x.a, i), one(x.b, i))
    if isinstance(x, Point):
        return Point(one(x.at, i), one(x.weight, i), x.kind)
    return list(x[i]) if np.ndim(x) > 1 else float(x[i])


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("scalars", WAYS)
def test_structures_of_samples(name: str, scalars: str) -> None:
    f, make = STRUCTURES[name]
    w = Value(1.5)
    g = lambda x: {"y": w * f(x), "x": x}
    program = compile(g, scalars=scalars)
    given = make()
    found = program(given, batch=True)
    assert type(found["x"]) is type(given)
    for i in range(3):
        sample = one(given, i)
        close(found["y"][i], g(sample)["y"])
    single = compile(lambda x: w * f(x), scalars=scalars)
    values, slopes = single.value_and_grad(given, batch=True)
    close(values.tolist(), [f(one(given, i)) * 1.5 for i in range(3)])
    close(list(slopes), [np.mean([f(one(given, i)) for i in range(3)])])
    by = single.jacobian(given, batch=True)
    assert type(by) is type(given)
    first = lambda x: x["p"] if isinstance(x, dict) else x[0] if isinstance(x, Pair) else x.weight
    for i in range(3):
        expected = first(jacobian(lambda x: 1.5 * f(x))(one(given, i)))
        close(first(by)[i], expected)


def test_structures_in_larger_batches_and_with_indices() -> None:
    rng = np.random.default_rng(0)
    d = {"v": rng.normal(size=(3000, 2)), "k": rng.integers(0, 2, 3000)}
    rows = [Value(1.0), Value(-2.0)]
    f = lambda d: rows[d["k"]] * d["v"][0] ** 2 * d["v"][1]
    program = compile(f)
    sign = np.where(d["k"] == 0, 1.0, -2.0)
    assert np.allclose(program(d, batch=True), sign * d["v"][:, 0] ** 2 * d["v"][:, 1])
    g = compile(lambda d: d["v"][0] ** 2 * d["v"][1])
    found = g.jacobian(d, batch=True)
    assert np.allclose(found["v"][0], 2 * d["v"][:, 0] * d["v"][:, 1])
    on_values = compile(lambda p: p.a * p.b)(Pair([Value(1.0), Value(2.0)], [3.0, 4.0]), batch=True)
    assert [y.data for y in on_values] == [3.0, 8.0]


def test_errors_name_what_does_not_fit() -> None:
    program = compile(lambda d, x: d["a"] * d["b"] * x)
    with pytest.raises(ValueError, match="argument 0 has parts of 2 and 3 samples"):
        program({"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]}, [1.0, 2.0], batch=True)
    with pytest.raises(ValueError, match="argument 1 has 3 samples, those before it 2"):
        program({"a": [1.0, 2.0], "b": [1.0, 2.0]}, [1.0, 2.0, 3.0], batch=True)
    with pytest.raises(TypeError, match="expected an array"):
        program({"a": 1.0, "b": [1.0, 2.0]}, [1.0, 2.0], batch=True)


def test_functions_of_plain_numbers_take_them_too() -> None:
    cube = ad.custom_gradient(lambda x: x**3, backward=lambda g, y, x: g * 3.0 * x**2)
    program = compile(lambda d, k: cube(d["v"][0]) * d["v"][1] * k, shared="k")
    found = program.jacobian({"v": [[1.0, 2.0], [2.0, 3.0]]}, 2.0, batch=True)
    assert np.array_equal(found["v"], [[12.0, 72.0], [2.0, 16.0]])


def test_calls_alike_give_what_the_first_gave() -> None:
    program = compile(lambda v, k: v[0] ** 2 * v[1] * k, shared="k")
    for _ in range(3):
        assert program.jacobian(X, 2.0, batch=True)[0].tolist() == (4.0 * X[:, 0] * X[:, 1]).tolist()
        assert program.jacobian(X, 3.0, batch=True)[0].tolist() == (6.0 * X[:, 0] * X[:, 1]).tolist()
        assert program.jacobian(X, 3.0, argnums=1, batch=True).tolist() == (X[:, 0] ** 2 * X[:, 1]).tolist()
