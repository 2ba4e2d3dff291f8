"""Rules of plug-ins, which may give anything: an error that names the rule, and no crash."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile, core, gradients, register, unregister
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.primitive import Primitive, function

GIVES: list[Any] = [None, "1", 1j, (), object(), Value(1.0), np.ones(2)]


@contextlib.contextmanager
def registered(row: Primitive) -> Iterator[Primitive]:
    register(row)
    try:
        yield row
    finally:
        unregister(row.name)


def only_on_floats(wrong: Any, right: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that is found wrong only once it runs on numbers."""
    return lambda xp, *operands: wrong if xp is FLOATS else right(xp, *operands)


@pytest.mark.parametrize("wrong", GIVES, ids=lambda x: type(x).__name__)
def test_a_rule_that_gives_no_number(wrong: Any) -> None:
    double, slope = (lambda xp, x: 2.0 * x), (lambda xp, x, y: xp.identity(2.0))
    with registered(function("odd", only_on_floats(wrong, double), slope)) as row:
        for use in (lambda: core.apply(row, (Value(1.0),)), lambda: ad.functions.odd(1.0)):  # type: ignore[attr-defined]
            with pytest.raises(TypeError, match=r"^odd: its rule for the value gave .*: expected a number$"):
                use()
    with (
        registered(function("odd", double, only_on_floats(wrong, slope))) as row,
        pytest.raises(TypeError, match=r"^odd: its rule for the derivative by x gave .*: expected a number$"),
    ):
        core.apply(row, (Value(1.0),))


@pytest.mark.parametrize("size", [0, 1, 2, 4, 100])
def test_a_rule_that_gives_too_many_or_too_few(size: int) -> None:
    """Of three elements. In C the local derivatives were read by the number of parents."""
    total, right = (lambda xp, xs: xp.sum_of(xp.identity, xs)), (lambda xp, xs, y: xp.each(lambda x: 1.0, xs))
    three = [Value(1.0), Value(2.0), Value(3.0)]
    for wrong in ([1.0] * size, (1.0,) * size, np.ones(size)):
        row = function("odd", total, only_on_floats(wrong, right), arguments="xs", variadic=True)
        with (
            registered(row),
            pytest.raises(TypeError, match=rf"^odd: its rule for the derivative by xs gave {size}: expected 3 numbers"),
        ):
            core.apply(row, (three,))
    for wrong in ([1.0, None, 1.0], [1.0, "1", 1.0]):
        row = function("odd", total, only_on_floats(wrong, right), arguments="xs", variadic=True)
        with registered(row), pytest.raises(TypeError, match="odd: its rule for the derivative by xs gave"):
            core.apply(row, (three,))
    row = function("odd", total, only_on_floats([1, np.float64(2.0), True], right), arguments="xs", variadic=True)
    with registered(row):
        assert core.apply(row, (three,)).local_derivatives == (1.0, 2.0, 1.0)


@pytest.mark.parametrize("scalars", ["never", "always"])
def test_a_rule_that_goes_wrong_in_a_compiled_program(scalars: str) -> None:
    """Recorded at a point where it is right, and run where it is not."""
    slopes = {1.0: [1.0, 1.0, 1.0], 2.0: [1.0], 3.0: None, 4.0: [1.0] * 9, 5.0: ["1"] * 3}
    right = lambda xp, xs, y: xp.each(lambda x: 1.0, xs)
    row = function(
        "odd", lambda xp, xs: xp.sum_of(xp.identity, xs),
        lambda xp, xs, y: slopes[xs[0]] if xp is FLOATS else right(xp, xs, y),
        arguments="xs", variadic=True,
    )  # fmt: skip
    with registered(row):
        w = Value(1.0)
        program = compile(lambda x: core.apply(row, ([x, w, w * 1.0],)), scalars="always")
        assert program.value_and_grad(1.0) == (3.0, [2.0])
        for x in (2.0, 3.0, 4.0, 5.0):
            with pytest.raises(TypeError, match=r"^odd: its rule for the derivative by xs gave"):
                program.value_and_grad(x)
        assert program.value_and_grad(1.0) == (3.0, [2.0])


def test_a_rule_that_is_wrong_as_a_graph() -> None:
    for wrong in (None, "1", [1.0]):
        slope = lambda xp, x, y, wrong=wrong: wrong if isinstance(x, Value) else xp.identity(2.0)
        with registered(function("odd", lambda xp, x: 2.0 * x, slope)) as row:
            x = Value(1.0)
            with pytest.raises(TypeError, match=r"^odd: its rule for the derivative by x gave"):
                gradients(core.apply(row, (x,)), x, create_graph=True)
    few = lambda xp, xs, y: [1.0] if isinstance(y, Value) else xp.each(lambda x: 1.0, xs)
    row = function("odd", lambda xp, xs: xp.sum_of(xp.identity, xs), few, arguments="xs", variadic=True)
    with registered(row):
        node = core.apply(row, ([x, x, x],))
        with pytest.raises(TypeError, match=r"^odd: its rule for the derivative by xs gave 1: expected 3 numbers"):
            gradients(node, x, create_graph=True)


def test_a_rule_that_runs_the_program_that_runs_it() -> None:
    """The numbers of the run within would be taken for those of the run around it."""
    found: list[Any] = []

    def forward(xp: Any, x: Any) -> Any:
        if found and isinstance(x, float) and x > 1.0:
            found[0].run([], [0.5], 1, False)
        return 2.0 * x

    with registered(function("odd", forward, lambda xp, x, y: xp.identity(2.0))):
        x = Value(1.0)
        codes, starts, parents, numbers, depends, roots, _, rows = core.tape([x.odd() + 1.0], [x])  # type: ignore[attr-defined]
        zero = array("q", [0]).tobytes()
        found.append(core.Replay(*map(bytes, (codes, starts, parents, numbers, depends)), list(rows), b"", zero, zero,
                                 array("q", roots).tobytes()))  # fmt: skip
        assert found[0].run([], [0.25, 1.0], 2, True) == array("d", [1.5, 3.0])
        if ad.engine == "compiled":  # the plain engine writes the rule out once
            with pytest.raises(
                RuntimeError, match="a rule of the graph that runs has run the same graph on other numbers"
            ):
                found[0].run([], [2.0], 1, True)
