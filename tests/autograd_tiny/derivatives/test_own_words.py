"""A function that is made of others is told about by its own name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, compile, nonfinite, sqrt, vjp

COMPOSED = ["softmax", "log_softmax", "mean", "var", "std", "prod", "cumsum"]
GIVEN: dict[str, tuple[Any, str]] = {
    "nan": ([math.nan, 1.0], "got nan: expected a finite number"),
    "infinity beside a Value": ([Value(1.0), math.inf], "got inf: expected a finite number"),
    "a text": (["a", 1.0], "got 'a', a str"),
    "nothing there": ([Value(1.0), None], "got None, a NoneType"),
    "a number": (3.0, "got 3.0, a float: expected a list or array"),
    "one text": ("ab", "got 'ab', a str: expected a list or array"),
}


@pytest.mark.parametrize("name", COMPOSED)
@pytest.mark.parametrize("given", GIVEN)
def test_what_it_got_is_said_in_its_name(name: str, given: str) -> None:
    x, says = GIVEN[given]
    with pytest.raises((TypeError, ValueError), match=rf"^{name} {says}"):
        getattr(ad, name)(x)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "mean", "var", "std"])
@pytest.mark.parametrize("nothing", [[], (), {}, np.zeros(0), np.zeros((2, 0))], ids=repr)
def test_of_nothing(name: str, nothing: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} of nothing: expected at least one element"):
        getattr(ad, name)(nothing)


@pytest.mark.parametrize("make", [float, Value])
@pytest.mark.parametrize(
    ("matrix", "pivot"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], "pivot 1, counted from 0, is -3.0"),
        ([[-1.0, 0.0], [0.0, 1.0]], "pivot 0, counted from 0, is -1.0"),
        ([[0.0, 1.0], [1.0, 1.0]], "pivot 0, counted from 0, is 0.0"),
        ([[4.0, 2.0, 0.0], [2.0, 1.0, 1.0], [0.0, 1.0, 1.0]], "pivot 1, counted from 0, is 0.0"),
    ],
)
def test_cholesky_of_what_has_none_names_the_pivot(matrix: Any, pivot: str, make: Callable[[float], Any]) -> None:
    given = [[make(x) for x in row] for row in matrix]
    for f in (ad.linalg.cholesky, lambda a: ad.linalg.cholesky(np.array(a))):
        with pytest.raises(
            NonFiniteError, match=f"linalg.cholesky got a matrix that is not positive definite: {pivot}"
        ):
            f(given)
    if make is float:
        program = compile(lambda a: ad.sum(ad.sum(ad.linalg.cholesky(a)[-1])))
        assert program([[2.0 * (i == j) for j in range(len(matrix))] for i in range(len(matrix))]) == pytest.approx(
            sqrt(2.0)
        )
        with pytest.raises(NonFiniteError, match=pivot):
            program(given)


def test_cholesky_that_fails_for_another_reason_says_that() -> None:
    with pytest.raises(NonFiniteError, match="div"):
        ad.linalg.cholesky([[Value(1e-300), 0.0], [Value(1e300), 1.0]])
    with nonfinite("allow"):
        assert math.isnan(ad.linalg.cholesky([[Value(-1.0)]])[0][0].data)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_the_seeds(bad: float) -> None:
    w = Value(2.0)
    f = lambda x: [w * x, x * x]
    program = compile(f)
    says: dict[str, Callable[[], Any]] = {
        "cotangents got": lambda: vjp(f, 1.0)[1]([bad, 0.0]),
        "tangents got": lambda: ad.jvp(lambda x: x * x, (1.0,), (bad,)),
        "seed has": lambda: program.vjp(1.0)[1]([bad, 0.0]),
        "seed has nan|seed has inf": lambda: program.value_and_grad(1.0, seed=[bad, 0.0]),
        "seed has .* for the output array": lambda: program.value_and_grad(
            [1.0, 2.0], seed=[[bad, 1.0], 0.0], batch=True
        ),
        "seed got": lambda: compile(lambda x: program.value_and_grad(x, seed=[bad, 0.0])[1])(1.0),
    }
    for words, ask in says.items():
        with pytest.raises(ValueError, match=words):
            ask()
    with pytest.raises(ValueError, match="seed has None for the output"):
        program.value_and_grad(1.0, seed=[None, 1.0])
    with pytest.raises(ValueError, match="seed has 1 number for 2 outputs"):
        compile(lambda x: program.value_and_grad(x, seed=[1.0])[1])(1.0)
