"""One row is all that a new primitive takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import autograd_tiny as ad
from autograd_tiny import Value, grad, gradients, register, unregister
from autograd_tiny.namespaces import TEXT
from autograd_tiny.primitive import Primitive, function
from autograd_tiny.testing import check_primitive

SOFTSIGN = function(
    "softsign_scaled",
    lambda xp, x, scale: xp.div(scale * x, 1.0 + xp.abs(x)),
    lambda xp, x, scale, y: xp.div(scale, xp.square(1.0 + xp.abs(x))),
    lambda xp, x, scale, y: xp.div(x, 1.0 + xp.abs(x)),
    arguments="x scale",
    defaults=(1.0,),
    samples=((0.1, 3.0), (0.5, 2.0)),
)


@pytest.fixture
def row() -> Iterator[Primitive]:
    register(SOFTSIGN)
    yield SOFTSIGN
    unregister(SOFTSIGN.name)


def test_one_row_gives_everything(row: Primitive) -> None:
    x = Value(3.0, "x")
    assert x.softsign_scaled().data == 0.75  # type: ignore[attr-defined]
    y = x.softsign_scaled(scale=2.0)  # type: ignore[attr-defined]
    assert (y.op, y.data, y.local_derivatives) == ("softsign_scaled", 1.5, (0.125, 0.0))
    softsign = ad.functions.softsign_scaled  # type: ignore[attr-defined]
    assert softsign(3.0) == 0.75
    assert grad(grad(softsign))(3.0) == pytest.approx(-2 / 64)
    assert str(TEXT.softsign_scaled(TEXT.name("a"), TEXT.name("b"))) == "softsign_scaled(a, b)"
    assert gradients(y, x) == 0.125
    check_primitive(row)


def test_unregistered_it_is_gone(row: Primitive) -> None:
    unregister(row.name)
    assert not hasattr(Value, row.name)
    with pytest.raises(AttributeError):
        Value(1.0).softsign_scaled()  # type: ignore[attr-defined]
    register(row)


def test_bad_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="the name 'tanh' is taken"):
        register(function("tanh", lambda xp, x: x, lambda xp, x, y: 1.0))
    with pytest.raises(ValueError, match="the name 'data' is taken"):
        register(function("data", lambda xp, x: x, lambda xp, x, y: 1.0))
    with pytest.raises(ValueError, match="cannot be a method's name"):
        register(function("soft sign", lambda xp, x: x, lambda xp, x, y: 1.0))
    with pytest.raises(ValueError, match="has 1 arguments and 0 partials"):
        register(function("halfway", lambda xp, x: x))
    with pytest.raises(ValueError, match="'tanh' is no registered plug-in"):
        unregister("tanh")
