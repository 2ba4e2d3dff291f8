"""Random programs against the eager engine: values and gradients, one sample and batches, replayed with new numbers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, currently_in_test_context, given
from hypothesis import strategies as st

import autograd_tiny
from autograd_tiny import NonFiniteError, Value
from autograd_tiny.compiler.lower.instructions import Elementwise, MatrixProduct, Reduction, Segments, Total
from autograd_tiny.compiler.lower.layout import Gather, Number, View
from autograd_tiny.core import gradient_numbers
from autograd_tiny.table.ops import ROWS

from .programs import DRAWN, NUMBERS, Network, Tangle

POINTS = st.lists(NUMBERS, min_size=1, max_size=4)


def eager(f: Callable[..., Value], rows: list[list[float]], parameters: list[Value]) -> tuple[Any, Any]:
    """Values sample by sample, and the gradient of their mean."""
    roots = [f(*[Value(x) for x in row]) for row in rows]
    gradients = [gradient_numbers(root, parameters) for root in roots]
    return np.array([root.data for root in roots]), np.mean(gradients, axis=0)


EXACT = (1e-9, 1e-12)
"""How far numbers may be off: relative to each, and to the largest of them."""


def assert_close(found: Any, expected: Any, scale: float = 0.0, within: tuple[float, float] = EXACT) -> None:
    found, expected = np.asarray(found), np.asarray(expected)
    size = max(float(np.abs(expected).max(initial=0.0)), scale)
    np.testing.assert_allclose(found, expected, rtol=within[0], atol=within[1] * size)


def compare(
    f: Any,
    rows: list[list[float]],
    batch: bool,
    scalars: str = "never",
    within: tuple[float, float] = EXACT,
    **settings: Any,
) -> tuple[Any, Any]:
    """Run ``f`` compiled and eagerly, twice, with other parameters the second time; the program and a gradient."""
    program = autograd_tiny.compile(lambda *x: f(*x), scalars=scalars, **settings)
    for scale in (0.83, 1.0):
        try:
            if batch:
                columns = [np.array(column) for column in zip(*rows, strict=True)]
                values, gradient = program.value_and_grad(*columns, batch=True)
                again = program.value_and_grad(*columns, batch=True)
                expected, wanted = eager(f, rows, program.parameters)
            else:
                value, gradient = program.value_and_grad(*rows[0])
                values, again = np.array([value]), program.value_and_grad(*rows[0])
                expected, wanted = eager(f, rows[:1], program.parameters)
        except NonFiniteError:
            if currently_in_test_context():
                assume(False)
            raise  # the programs drawn from seeds stay within every domain
        if scalars == "always":
            assert np.array_equal(values, expected)
        # With few digits a sum is as exact as its terms, which are about 1 in size here, and may nearly cancel.
        size = 0.0 if within == EXACT else 1.0
        assert_close(values, expected, size, within)
        assert_close(gradient, wanted, size, within)
        assert np.array_equal(again[0], values if batch else values[0])
        assert again[1] == gradient, "a second call differs in its bits"
        for parameter in program.parameters:
            parameter.data *= scale
        rows = [[x * scale + 0.1 for x in row] for row in rows]
    assert program.cache_info().currsize == 1
    return program, gradient


WAYS = st.sampled_from(["never", "always"])
"""As arrays, and replayed as scalars."""


@given(DRAWN, POINTS, st.lists(POINTS, min_size=1, max_size=5), st.booleans(), WAYS)
def test_a_tangle_of_scalars(drawn: Any, parameters: Any, rows: Any, batch: bool, scalars: str) -> None:
    width = min(map(len, rows))
    f = Tangle(drawn, [Value(x) for x in parameters], width)
    compare(f, [row[:width] for row in rows], batch, scalars)


@given(
    DRAWN.filter(lambda ops: len(ops) <= 10),
    st.lists(NUMBERS, min_size=3, max_size=30),
    st.lists(POINTS, min_size=1, max_size=5),
    st.booleans(),
    WAYS,
)
def test_a_network_of_vectors(drawn: Any, numbers: Any, rows: Any, batch: bool, scalars: str) -> None:
    width = min(map(len, rows))
    f = Network(drawn, width, numbers)
    f(*[Value(x) for x in rows[0][:width]])  # make the weights
    compare(f, [row[:width] for row in rows], batch, scalars)


def drawn(seed: int) -> tuple[Any, list[list[float]], bool]:
    """A program that is the same on every run."""
    source = random.Random(seed)
    operations = [tuple(source.randrange(256) for _ in range(6)) for _ in range(source.randrange(1, 24))]
    width = source.randrange(1, 5)
    f: Any
    if seed % 2:
        f = Tangle(operations, [Value(source.uniform(-2, 2)) for _ in range(4)], width)
    else:
        f = Network(operations, width, [source.uniform(-1, 1) for _ in range(23)])
    rows = [[source.uniform(-2, 2) for _ in range(width)] for _ in range(source.choice([1, 2, 5]))]
    return f, rows, source.random() < 0.6


SEEDS = [seed if seed < 24 else pytest.param(seed, marks=pytest.mark.long) for seed in range(40)]
"""For what has to hold of any program; 120 of them are run against their functions."""


class Drawn(NamedTuple):
    """A program that was drawn, compiled and compared with the function."""

    program: Any
    gradient: Any
    rows: list[list[float]]
    batch: bool


@cache
def compared(seed: int) -> Drawn:
    """The program of that seed; many tests look at the same ones, and it is enough to compare each once."""
    f, rows, batch = drawn(seed)
    return Drawn(*compare(f, rows, batch), rows, batch)


@pytest.mark.once
def test_every_kind_of_instruction_access_and_primitive_is_reached_and_most_gradients_are_not_zero() -> None:
    seen: Counter[Any] = Counter()
    gradients = zeros = 0
    for seed in range(120):
        program, gradient, _, batch = compared(seed)
        gradients += len(gradient)
        zeros += gradient.count(0.0)
        assert program.last is not None
        assert program.last.program is not None
        for instruction in program.last.program.instructions:
            kind, there = type(instruction), "batch" if batch else "one"
            seen[kind, there, instruction.out.memory] += 1
            if isinstance(instruction, Elementwise):
                seen[instruction.row.name] += 1
                seen.update(type(access) for access in instruction.operands)
            elif isinstance(instruction, Reduction | Segments):
                seen[instruction.row.name] += 1
                seen[kind, instruction.row.name == "sum"] += 1
            elif isinstance(instruction, MatrixProduct):
                seen["dot"] += 1
                seen["product", instruction.left.memory, instruction.right.memory] += 1
        for line in program.last.program.code.reverse_lines:
            seen["reverse", line.split("(")[0].split("[")[0]] += 1
    for kind in (Elementwise, MatrixProduct, Total, Segments, Reduction):
        assert seen[kind, "one", "flat"], kind
        assert seen[kind, "batch", "batch"], kind
    assert seen[Segments, True] and seen[Segments, False], "sums of several lengths, and others"
    assert seen[Elementwise, "batch", "flat"], "a part of a batched program that all samples share"
    assert all(seen[kind] for kind in (View, Gather, Number))
    assert seen["product", "flat", "flat"]
    assert seen["product", "flat", "batch"]
    assert seen["product", "batch", "batch"]
    assert seen["reverse", "add.reduceat"], "an operand that occurs twice"
    missing = {row.name for row in ROWS} - {key for key in seen if isinstance(key, str)} - {"sum"}
    assert not missing
    assert zeros < 0.4 * gradients


@pytest.mark.long
def test_thousands_of_programs() -> None:
    for seed in range(120, 4000):
        compare(*drawn(seed))


def test_replayed_scalars_do_not_fall_back_on_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the function itself was run")

    monkeypatch.setattr("autograd_tiny.compiler.answering.run_function", never)
    for seed in range(40):
        program, _ = compare(*drawn(seed), "always")
        assert not program.uses_arrays
