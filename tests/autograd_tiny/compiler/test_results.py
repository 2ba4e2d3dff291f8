"""Gradients that read as lists, and results put together anew at each call."""

from __future__ import annotations

import copy
import dataclasses
import operator
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile
from autograd_tiny.compiler.results import Gradient

NUMBERS = st.lists(st.floats(-9.0, 9.0), max_size=6)


@given(NUMBERS, NUMBERS, st.integers(-8, 8), st.slices(6))
def test_a_gradient_is_the_list_to_whoever_reads_it(x: list[float], y: list[float], i: int, part: slice) -> None:
    g = Gradient(np.array(x, float))
    assert g == x
    assert x == g
    assert (g == y) == (x == y)
    assert (g != y) == (x != y)
    assert (g < y) == (x < y)
    assert (y >= g) == (y >= x)
    assert g[part] == x[part]
    assert type(g[part]) is list
    assert [*g] == [*iter(g)] == g.tolist() == g.copy() == list(g) == x
    assert [*reversed(g)] == x[::-1]
    assert (len(g), bool(g), repr(g), str(g)) == (len(x), bool(x), repr(x), str(x))
    assert (g + y, y + g, g * 2, 2 * g) == (x + y, y + x, x * 2, x * 2)
    assert sum(g) == sum(x)
    assert (g.count(1.0), 1.0 in g) == (x.count(1.0), 1.0 in x)
    assert np.array_equal(np.asarray(g), np.array(x, float))
    for made in (copy.copy(g), copy.deepcopy(g), pickle.loads(pickle.dumps(g))):
        assert type(made) is list
        assert made == x
    if -len(x) <= i < len(x):
        assert g[i] == x[i]
        assert type(g[i]) is float
    else:
        with pytest.raises(IndexError):
            g[i]


def test_what_a_list_refuses_a_gradient_refuses() -> None:
    g: Any = Gradient(np.array([1.0]))
    for do in (lambda: g["a"], lambda: hash(g), lambda: operator.add(g, (1.0,)), lambda: g[1.0], lambda: g < (1.0,)):
        with pytest.raises(TypeError):
            do()
    with pytest.raises(TypeError):
        g[0] = 2.0
    assert (g == (1.0,)) is False
    assert np.allclose(g * np.array([2.0]), 2.0)


def test_an_array_of_a_gradient_is_one_of_ones_own() -> None:
    g = compile(lambda x: W * x).value_and_grad(2.0)[1]
    np.asarray(g)[0] = 5.0
    assert g == [2.0]


W = Value(3.0)


@dataclasses.dataclass
class Point:
    at: Any
    called: str = "a"


STRUCTURES: dict[str, Any] = {
    "arrays": lambda x: [np.array([W * x, x]), np.array([[x], [x * x]])],
    "mixed": lambda x: {"a": [x, W], "b": (np.array([x, W * x]), x, None, "text"), "c": []},
    "record": lambda x: [Point([x, x * x]), (x,), 4.0],
    "rows": lambda x: [[W * x, x], [x, 1.0]],
    "nothing": lambda x: [],
}


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("scalars", ["never", "always"])
def test_results_are_the_functions_however_often(name: str, scalars: str) -> None:
    f = STRUCTURES[name]
    program = compile(f, scalars=scalars)
    for x in (2.0, 2.0, -1.5, 0.25):
        assert repr(program(x)) == repr(_plain(f(x)))
    xs = np.array([2.0, -1.5])
    for _ in range(3):
        found = program(xs, batch=True)
        for i, x in enumerate(xs.tolist()):
            assert repr(_sample(found, i)) == repr(_plain(f(x)))


def _plain(x: Any) -> Any:
    """With numbers for Values."""
    if isinstance(x, np.ndarray):
        return np.array([_plain(v) for v in x.reshape(-1)], float).reshape(x.shape)
    if isinstance(x, (list, tuple)):
        return type(x)(map(_plain, x))
    if isinstance(x, dict):
        return {key: _plain(part) for key, part in x.items()}
    if isinstance(x, Point):
        return Point(_plain(x.at), x.called)
    return x.data if isinstance(x, Value) else x


def _sample(x: Any, i: int) -> Any:
    if isinstance(x, np.ndarray):
        return x[..., i].item() if x.ndim == 1 else x[..., i]
    if isinstance(x, (list, tuple)):
        return type(x)(_sample(part, i) for part in x)
    if isinstance(x, dict):
        return {key: _sample(part, i) for key, part in x.items()}
    return Point(_sample(x.at, i), x.called) if isinstance(x, Point) else x


def test_results_do_not_share_their_numbers_with_later_ones() -> None:
    program = compile(lambda x: [np.array([W * x, x]), x], scalars="never")
    first = program([1.0, 2.0], batch=True)
    before = [part.copy() for part in first]
    program([5.0, 6.0], batch=True)
    for a, b in zip(first, before, strict=True):
        assert np.array_equal(a, b)
