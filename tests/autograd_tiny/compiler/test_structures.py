"""What a compiled function takes and gives: structures are taken apart, and what is not a number is told apart exactly."""

from __future__ import annotations

import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, compile

ways = pytest.mark.parametrize("scalars", ["auto", "never", "always"])
w = Value(2.0, "w")
Pt = namedtuple("Pt", "x y")


@dataclass(frozen=True)
class Frozen:
    x: float
    mode: str = "a"


@dataclass
class Plain:
    at: Pt
    xs: list[float] = field(default_factory=list)


class Colour(Enum):
    RED = 1
    BLUE = 2


TAKEN: dict[str, tuple[Any, list[Any]]] = {
    "namedtuple": (lambda q: w * q.x + q.y, [Pt(0.0, 1.0), Pt(-0.0, 2.0), Pt(1e-300, 3)]),
    "frozen dataclass": (
        lambda q: w * q.x if q.mode == "a" else w * w * q.x,
        [Frozen(1.0), Frozen(3.0, "b"), Frozen(2)],
    ),
    "plain dataclass": (lambda q: w * q.at.x + q.xs[-1], [Plain(Pt(1.0, 2.0), [3.0]), Plain(Pt(2.0, 2.0), [3.0, 4.0])]),
    "dict": (lambda q: w * q["a"] + q["b"][0], [{"a": 1.0, "b": (2.0,)}, {"b": (5.0,), "a": 3.0}]),
    "dict subclass": (lambda q: w * q["a"], [OrderedDict(a=1.0), OrderedDict(a=2.0)]),
    "order of a dict": (lambda q: w * next(iter(q.values())), [{"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}]),
    "keys of a dict": (lambda q: w * float(type(next(iter(q))) is bool), [{1: 1.0}, {True: 1.0}, {1.0: 1.0}]),
    "bool": (lambda q: w if q else -w, [True, False]),
    "text": (lambda q: w * len(q), ["a", "bb", ""]),
    "enum": (lambda q: w if q is Colour.RED else -w, [Colour.RED, Colour.BLUE]),
    "function": (lambda q: q(w), [abs, lambda v: v * 3.0]),
    "None": (lambda q: w if q is None else w * q, [None, 3.0, None]),
    "int and float": (lambda q: w * q, [3, 3.0, np.float64(4.0), np.int64(2), 1e-300]),
    "index": (lambda q: w * [1.0, 5.0, 7.0][q], [0, 2, 1, np.int64(1)]),
    "array": (lambda q: (w * q).sum(), [np.array([1.0, 2.0]), np.array([1, 2, 3])]),
}


@ways
@pytest.mark.parametrize("name", TAKEN)
def test_arguments_of_each_kind(name: str, scalars: str) -> None:
    f, given = TAKEN[name]
    program = compile(f, scalars=scalars)
    for x in [*given, *given[::-1]]:
        assert program(x) == pytest.approx(f(x).data, rel=1e-12)
        y = f(x)
        assert program.value_and_grad(x)[0] == pytest.approx(y.data, rel=1e-12)


@ways
def test_a_sign_inside_a_namedtuple_is_a_number_that_may_not_be_looked_at(scalars: str) -> None:
    program = compile(lambda q: w * math.copysign(1.0, q.x), scalars=scalars)
    for q in (Pt(0.0, 1.0), Pt(-0.0, 1.0)):
        with pytest.raises(TypeError):
            program(q)


@dataclass
class Result:
    loss: Any
    outputs: list[Any]
    note: str = "fine"


GIVEN: dict[str, Any] = {
    "dict": lambda x: {"loss": w * x, "n": 3.0},
    "namedtuple": lambda x: Pt(w * x, x),
    "dataclass": lambda x: Result(w * x, [w, x * x]),
    "with None": lambda x: {"loss": w * x, "aux": None, "mode": "mean"},
    "arrays": lambda x: ([np.array([w * x, w])], {"a": np.array([[x], [w]])}),
    "empty": lambda x: [],
}


def numbers(x: Any) -> Any:
    """The same with numbers for Values, as text."""
    if isinstance(x, Value):
        return x.data
    if isinstance(x, np.ndarray):
        return [numbers(part) for part in x.tolist()] if x.ndim else numbers(x.item())
    if isinstance(x, dict):
        return {key: numbers(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [type(x).__name__, *map(numbers, x)]
    return {"a": type(x).__name__, **numbers(vars(x))} if hasattr(x, "__dict__") else x


@ways
@pytest.mark.parametrize("name", GIVEN)
def test_results_of_each_kind(name: str, scalars: str) -> None:
    f = GIVEN[name]
    program = compile(f, scalars=scalars)
    for x in (1.0, -2.0):
        assert numbers(program(x)) == numbers(f(x))
    with pytest.raises(TypeError, match="a gradient needs one"):
        program.value_and_grad(1.0)
    if name in ("dict", "namedtuple", "dataclass"):
        batch = program([1.0, -2.0], batch=True)
        loss = batch["loss"] if name == "dict" else batch[0] if name == "namedtuple" else batch.loss
        assert loss.tolist() == [2.0, -4.0]


@ways
def test_nothing_and_foreign_things_are_refused_in_words(scalars: str) -> None:
    with pytest.raises(TypeError, match="gave None: expected a Value"):
        compile(lambda x: None, scalars=scalars)(1.0)
    with pytest.raises(TypeError, match="write a dataclass or a dict"):
        compile(lambda x: w, scalars=scalars)(object())
    with pytest.raises(TypeError, match="write a dataclass or a dict"):
        compile(lambda x: w, scalars=scalars)({1.0})
