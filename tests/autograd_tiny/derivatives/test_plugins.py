"""One row is all that a new primitive takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile, grad, gradients, register, unregister
from autograd_tiny.table.namespaces import TEXT
from autograd_tiny.table.ops import TABLE
from autograd_tiny.table.primitive import Primitive, function
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
    with pytest.raises(ValueError, match="has 1 argument and 0 partials"):
        register(function("halfway", lambda xp, x: x))
    with pytest.raises(ValueError, match="'tanh' is no registered plug-in"):
        unregister("tanh")


def state() -> tuple[Any, ...]:
    """All that a registration changes."""
    return (dict(TABLE), set(vars(ad.functions)), set(dir(Value)))


def fails(*_: Any) -> Any:
    raise RuntimeError("no")


two = lambda xp, x: 2.0 * x
slope = lambda xp, x, y: 2.0


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: function("f", lambda xp, x: math.floor(x), slope), TypeError, "f does not write itself down"),
        (lambda: function("f", two, lambda xp, x, y: math.floor(x)), TypeError, "f does not write itself down"),
        (lambda: function("f", lambda xp, x: x if x > 0 else -x, slope), TypeError, "does not write itself down"),
        (lambda: function("f", lambda x: x, slope), TypeError, "does not write itself down"),
        (lambda: function("f", two, lambda xp, x: x), TypeError, "does not write itself down"),
        (lambda: function("f", lambda xp, x: None, slope), TypeError, "does not write itself down"),
        (lambda: function("f", lambda xp, x: [x], slope), TypeError, "does not write itself down"),
        (lambda: function("f", two, lambda xp, x, y: "2.0 * x"), TypeError, "does not write itself down"),
        (
            lambda: function("f", fails, slope),
            TypeError,
            r"write itself down \(RuntimeError: no\); nothing is registered",
        ),
        (lambda: function("f", lambda xp, x: xp.nonsense(x), slope), TypeError, "does not write itself down"),
        (lambda: function("f", two, slope, text="f({1})"), TypeError, "does not write itself down"),
        (lambda: function("f", two, slope, text="f({"), TypeError, "does not write itself down"),
        (lambda: function("f", two, slope, latex="{x}"), TypeError, "does not write itself down"),
        (lambda: function("f", two, 2.0), TypeError, "f got 2.0 for a rule: expected a function"),  # type: ignore[arg-type]
        (lambda: function("f", two, slope, slope), ValueError, "f has 1 argument and 2 partials"),
        (lambda: function("f", lambda xp: 1.0, arguments=""), ValueError, "f has the arguments"),
        (lambda: function("f", two, slope, slope, arguments="x x"), ValueError, "one or more different names"),
        (lambda: function("f", two, slope, defaults=(1.0, 2.0)), ValueError, "expected numbers for its arguments"),
        (lambda: function("f", two, slope, defaults=("1",)), ValueError, "expected numbers for its arguments"),
        (lambda: function("f", two, slope, aliases=("tanh",)), ValueError, "the name 'tanh' is taken"),
        (lambda: function("f", two, slope, aliases=("a b",)), ValueError, "'a b' cannot be a method's name"),
        (lambda: function("lambda", two, slope), ValueError, "'lambda' cannot be a method's name"),
        (lambda: function("", two, slope), ValueError, "'' cannot be a method's name"),
        (lambda: function("call", two, slope), ValueError, "the name 'call' is taken"),  # a function's
        (lambda: function("each", two, slope), ValueError, "the name 'each' is taken"),  # a namespace's
        (lambda: function("constant", two, slope), ValueError, "the name 'constant' is taken"),
        (lambda: two, TypeError, r"register got <function <lambda>.*, a function: expected a row"),
    ],
)
def test_a_registration_that_fails_changes_nothing(make: Callable[[], Any], error: type[Exception], text: str) -> None:
    before = state()
    with pytest.raises(error, match=text):
        register(make())
    assert state() == before
    with pytest.raises(AttributeError):
        Value(2.5).f()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="'f' is no registered plug-in"):
        unregister("f")


def test_what_fails_after_the_checks_is_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = state()
    monkeypatch.setattr(ad.functions, "make", fails)
    with pytest.raises(RuntimeError):
        register(function("f", two, slope))
    monkeypatch.undo()
    assert state() == before
    register(function("f", two, slope))
    unregister("f")
    assert state() == before


def test_other_names_of_a_plug_in_are_methods_too() -> None:
    register(function("f", two, slope, aliases=("g",)))
    assert Value(3.0).g().data == 6.0  # type: ignore[attr-defined]
    unregister("f")
    assert not hasattr(Value(3.0), "g")


@pytest.mark.parametrize("scalars", ["auto", "never", "always"])
def test_another_primitive_of_the_same_name_is_another(scalars: str) -> None:
    """What was recorded with the first is recorded anew; nodes of the first keep its rule."""
    x = Value(3.0)
    program = compile(lambda t: (x * t).f(), scalars=scalars)
    compiled_slope = compile(lambda t: grad(lambda s: s.f())(t), scalars=scalars)
    first = register(function("f", lambda xp, x: x * x, lambda xp, x, y: 2.0 * x))
    try:
        old = x.f()  # type: ignore[attr-defined]
        kept = compile(lambda t: first(x * t), scalars=scalars)
        assert program.value_and_grad(2.0) == kept.value_and_grad(2.0) == (36.0, [24.0])
        assert compiled_slope(2.0) == 4.0
    finally:
        unregister("f")
    with pytest.raises(AttributeError):
        program(2.0)
    assert kept.value_and_grad(2.0) == (36.0, [24.0]), "the function that register gave is still that of the first"
    for factor in (2.0, 5.0):  # the rows before are gone, and their ids may be used again
        register(function("f", lambda xp, x, k=factor: k * x, lambda xp, x, y, k=factor: k))
        try:
            assert x.f().data == 3.0 * factor  # type: ignore[attr-defined]
            assert program.value_and_grad(2.0) == (6.0 * factor, [2.0 * factor])
            assert program([2.0, 3.0], batch=True).tolist() == [6.0 * factor, 9.0 * factor]
            assert compiled_slope(2.0) == factor
            assert gradients(old + x.f(), x) == 6.0 + factor  # type: ignore[attr-defined]
            again = gradients(old, x, create_graph=True)
            assert (again.data, gradients(again, x)) == (6.0, 2.0)
        finally:
            unregister("f")
