"""`custom_primitive` and `check_primitive`: operations of one's own, and how to trust them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd_tiny as ad
from autograd_tiny import Value, grad, gradients, unregister
from autograd_tiny.table.namespaces import TEXT
from autograd_tiny.table.ops import TABLE
from autograd_tiny.table.primitive import Edge
from autograd_tiny.testing import (
    Expression,
    NumericalOnly,
    PrimitiveError,
    assert_gradients,
    check_primitive,
    custom_primitive,
    expressions,
)


@pytest.fixture
def cap() -> Iterator[Any]:
    @custom_primitive(lambda x, size, y: 1.0 / (1.0 + (x / size) ** 2),
                      lambda x, size, y: math.atan(x / size) - x / size / (1.0 + (x / size) ** 2),
                      samples=((-3.0, 3.0), (0.5, 2.0)), domain="size > 0")  # fmt: skip
    def cap(x: float, size: float = 1.0) -> float:
        """A soft cap."""
        return size * math.atan(x / size)

    yield cap
    unregister("cap")


@pytest.fixture
def ruled() -> Iterator[Any]:
    @custom_primitive(lambda xp, x, y: xp.div(1.0, xp.square(1.0 + xp.abs(x))), samples=(0.1, 3.0),
                      edges=(Edge((0.0,), 0.0, (1.0,), "smooth enough"),))  # fmt: skip
    def softsign(xp: Any, x: Any) -> Any:
        return xp.div(x, 1.0 + xp.abs(x))

    yield softsign
    unregister("softsign")


def test_a_numerical_primitive_works_where_a_built_in_does(cap: Any) -> None:
    x = Value(0.5, "x")
    node = cap(x, 2.0)
    assert (node.op, node.data, node.local_derivatives) == ("cap", 2.0 * math.atan(0.25), (1 / 1.0625, 0.0))
    node.backward()
    assert x.grad == gradients(node, x) == 1 / 1.0625
    assert cap(0.5) == x.cap().data == math.atan(0.5)  # type: ignore[attr-defined]
    assert grad(cap)(0.5) == 0.8
    assert str(TEXT.cap(TEXT.name("a"), TEXT.name("b"))) == "cap(a, b)"
    np.testing.assert_array_equal(cap(np.array([0.5, 1.0])), [math.atan(0.5), math.atan(1.0)])
    assert cap.__doc__ == "A soft cap."
    check_primitive(cap)
    check_primitive("cap")
    assert_gradients(lambda x, s: ad.tanh(cap(x, s) * x), 0.7, 1.2)


def test_a_numerical_primitive_has_no_second_derivative_and_says_why(cap: Any) -> None:
    with pytest.raises(NumericalOnly) as caught:
        grad(grad(cap))(0.5)
    assert str(caught.value) == (
        "cap has its derivative in numbers only, and a second derivative takes a formula: write forward and partials "
        "over xp, as in @custom_primitive(lambda xp, x, y: ...) def cap(xp, x)"
    )
    with pytest.raises(ValueError, match=re.escape("expressions(order=2): cap has its derivative as numbers only")):
        expressions(primitives=["cap"], order=2)


def test_a_ruled_primitive_has_every_order(ruled: Any) -> None:
    assert grad(grad(ruled))(1.0) == -0.25
    check_primitive(ruled)

    @given(expressions(primitives=[ruled, "mul", "add"], order=2, max_leaves=4))
    def everywhere(e: Expression) -> None:
        assert_gradients(e, *e.point, order=2)

    everywhere()


def test_wrong_ones_are_caught() -> None:
    @custom_primitive(lambda x, y: 2.0 * x + 1e-3)
    def squared(x: float) -> float:
        return x * x

    try:
        with pytest.raises(PrimitiveError, match="partial: squared: its local derivative with respect to x is"):
            check_primitive(squared)
    finally:
        unregister("squared")


PROMISES: list[tuple[str, str, Any]] = [
    ("edge", "relu", lambda row: replace(row, edges=(Edge((0.0,), 0.0, (0.5,), "a half"),))),
    ("edge", "abs", lambda row: replace(row, forward=lambda xp, x: xp.abs(x) if type(xp).__name__ != "Arrays" else xp.abs(x) + 1e-9)),
    ("value", "tanh", lambda row: replace(row, forward=lambda xp, x: xp.div(xp.exp(x) - xp.exp(-x), xp.exp(x) + xp.exp(-x)))),
    ("text", "tanh", lambda row: replace(row, text="tanh")),
    ("compiled form", "tanh", lambda row: replace(row, partials=(lambda xp, x, y: xp.sech_squared(x) * (1.0 if str(x) else 0.0) + getattr(xp, "less", None)(x, x, x) if type(xp).__name__ == "C" else xp.sech_squared(x),))),
    ("arrays", "tanh", lambda row: replace(row, forward=lambda xp, x: xp.tanh(x) if type(xp).__name__ != "Arrays" else xp.tanh(x) + 1e-9)),
    ("arrays", "tanh", lambda row: replace(row, partials=(lambda xp, x, y: xp.sech_squared(x) * (1.0 if type(xp).__name__ != "Arrays" else 1.001),))),
    ("second order", "tanh", lambda row: replace(row, partials=(lambda xp, x, y: 1.0 - y * y if type(xp).__name__ == "Values" else xp.sech_squared(x),))),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "change"), PROMISES)
def test_each_promise_is_checked(kind: str, name: str, change: Any) -> None:
    with pytest.raises(PrimitiveError) as caught:
        check_primitive(change(TABLE[name]))
    assert any(problem.startswith(f"{kind}: ") for problem in caught.value.problems), caught.value


def test_a_method_that_differs_from_its_row_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ad.functions, "tanh", ad.functions.sin)
    with pytest.raises(PrimitiveError, match="method: the generated form of tanh"):
        check_primitive("tanh")


def test_bad_definitions_are_refused() -> None:
    with pytest.raises(TypeError, match="custom_primitive got no partial"):
        custom_primitive()
    with pytest.raises(TypeError, match="expected a function of the operands and the result"):
        custom_primitive(1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=re.escape("two has 2 operands (x, z) and 1 partials: expected one for each")):
        custom_primitive(lambda x, z, y: 1.0)(_named("two", lambda x, z: x))
    with pytest.raises(ValueError, match="the partial of one with respect to x takes 1 arguments: expected 2"):
        custom_primitive(lambda x: 1.0)(_named("one", lambda x: x))
    with pytest.raises(ValueError, match="the name 'tanh' is taken"):
        custom_primitive(lambda x, y: 1.0)(_named("tanh", lambda x: x))


def _named(name: str, f: Any) -> Any:
    f.__name__ = name
    return f
