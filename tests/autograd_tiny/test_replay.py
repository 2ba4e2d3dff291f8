"""Graphs run anew: `Replay` gives what the graph built anew would have, to the last bit, on both engines."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd_tiny import NonFiniteError, Value, dot, functions, where
from autograd_tiny.core import Replay, apply, gradient_numbers, tape
from autograd_tiny.ops import ROWS
from autograd_tiny.primitive import Primitive, function
from autograd_tiny.recording import DETACHED
from autograd_tiny.replay import Replay as PlainReplay
from autograd_tiny.replay import evaluate, rule_of
from autograd_tiny.testing import graphs

from .compiler.programs import DRAWN, NUMBERS, Tangle


class Run:
    """The graph of ``f`` on leaves, as a replay of the given class."""

    def __init__(self, f: Callable[..., Value], numbers: Sequence[float], fixed: int = 0, made: Any = Replay) -> None:
        """The first ``fixed`` leaves are inputs, which take no gradient."""
        leaves = [Value(x) for x in numbers]
        root = f(*leaves)
        codes, starts, parents, data, depends, (self.root,), below, rows = tape([root], leaves[:fixed])
        learns = bytes(d & 2 for d in depends)
        self.replay = made(bytes(codes), bytes(starts), bytes(parents), bytes(data), learns, rows)
        places = [i for i, code in enumerate(memoryview(bytes(codes)).cast("i")) if code == 0]
        self.places = dict(zip(below, places, strict=True))
        self.leaves = leaves
        self.numbers = memoryview(self.replay.numbers).cast("B").cast("d")
        self.adjoints = memoryview(self.replay.adjoints).cast("B").cast("d")

    def __call__(self, numbers: Sequence[float]) -> tuple[float, list[float]] | None:
        """The value and the derivatives by the leaves; None where something is not finite."""
        for leaf, number in zip(self.leaves, numbers, strict=True):
            if leaf in self.places:
                self.numbers[self.places[leaf]] = number
        if not self.replay.forward():
            return None
        self.replay.backward(self.root)
        return self.numbers[self.root], [
            self.adjoints[self.places[leaf]] if leaf in self.places else 0.0 for leaf in self.leaves
        ]


def eager(f: Callable[..., Value], numbers: Sequence[float]) -> tuple[float, list[float]] | None:
    leaves = [Value(x) for x in numbers]
    try:
        root = f(*leaves)
        return root.data, gradient_numbers(root, leaves)
    except NonFiniteError:
        return None


def bits(found: tuple[float, list[float]] | None) -> bytes | None:
    return None if found is None else struct.pack(f"{1 + len(found[1])}d", found[0], *found[1])


@given(
    DRAWN, st.lists(NUMBERS, min_size=3, max_size=3), st.lists(st.lists(NUMBERS, min_size=3, max_size=3), max_size=3)
)
def test_a_replay_gives_what_the_graph_built_anew_gives(drawn: Any, first: list[float], others: Any) -> None:
    def f(a: Value, b: Value, c: Value) -> Value:
        return Tangle(drawn, [a, b], 1)(c)

    assume(eager(f, first) is not None)
    run = Run(f, first)
    assert bits(run(first)) == bits(eager(f, first))
    for numbers in others:
        expected = eager(f, numbers)
        if expected is not None:
            assert bits(run(numbers)) == bits(expected)
        else:
            found = run(numbers)
            assert found is None or not all(abs(x) < float("inf") for x in found[1])


@given(graphs())
def test_graphs_of_the_kit(expression: Any) -> None:
    expected = eager(expression, expression.point)
    assume(expected is not None)
    for made in {Replay, PlainReplay}:
        assert bits(Run(expression, expression.point, made=made)(expression.point)) == bits(expected)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("fixed", [0, 1, 2])
def test_every_primitive_whichever_operands_are_inputs(row: Primitive, fixed: int) -> None:
    count = 3 if row.variadic else 1
    points = [0.31 * low + 0.69 * high for low, high in row.samples or [(0.2, 1.0)] * len(row.arguments)] * count
    points = [x + 0.01 * i for i, x in enumerate(points)]
    fixed = min(fixed, len(points))

    def f(*xs: Value) -> Value:
        vectors = [list(xs[i :: len(row.arguments)]) for i in range(len(row.arguments))]
        return getattr(functions, row.name)(*(vectors if row.variadic else [v[0] for v in vectors])) * 1.7

    expected = eager(f, points)
    assert expected is not None
    for made in {Replay, PlainReplay}:
        found = Run(f, points, fixed, made)(points)
        assert found is not None
        assert found[0] == expected[0]
        assert found[1][fixed:] == expected[1][fixed:]


def test_dots_with_one_side_or_the_other_fixed() -> None:
    numbers = [0.5, -1.5, 2.0, 0.25]
    for order in ([0, 1, 2, 3], [2, 3, 0, 1], [0, 2, 1, 3]):
        f = lambda *xs, order=order: dot([xs[i] for i in order[:2]], [xs[i] for i in order[2:]])
        expected = eager(f, numbers)
        assert expected is not None
        for fixed in range(4):
            found = Run(f, numbers, fixed)(numbers)
            assert found is not None
            assert (found[0], found[1][fixed:]) == (expected[0], expected[1][fixed:])
    filled = Run(lambda a, b: dot([a, b], [3.0, 4.0]), [1.0, 2.0])
    assert filled([5.0, 6.0]) == (39.0, [3.0, 4.0])


def test_what_leaves_the_domain_is_said_and_what_is_not_taken_does_no_harm() -> None:
    run = Run(lambda a: a.log(), [1.0])
    assert run([2.0]) == (Value(2.0).log().data, [0.5])
    assert run([-1.0]) is None
    assert run([2.0]) == (Value(2.0).log().data, [0.5])
    power = Run(lambda a: a**2.0, [3.0])  # the logarithm for the exponent's derivative is not asked for
    assert power([-3.0]) == (9.0, [-6.0])
    branch = Run(lambda a, b: where(a, b, a * 0.0), [1.0, 2.0])
    assert branch([0.0, 2.0]) == (0.0, [0.0, 0.0])


def test_a_chain_is_as_quick_to_prepare_as_anything() -> None:
    def chain(a: Value) -> Value:
        for _ in range(20_000):
            a = a.tanh()
        return a

    assert bits(Run(chain, [0.5])([0.7])) == bits(eager(chain, [0.7]))


def test_a_primitive_that_is_not_in_the_table_of_the_engine() -> None:
    row = function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x))
    run = Run(lambda a: apply(row, (a,)) * 2.0, [2.0])
    assert run([3.0]) == (54.0, [54.0])
    assert evaluate(row, [3.0]) == (27.0, [27.0])
    assert rule_of(row, (False,))(3.0) == (27.0, 0.0)


def test_no_gradient_passes_a_detached_number() -> None:
    run = Run(lambda a: apply(DETACHED, (a * a,)) * a, [2.0])
    assert run([3.0]) == (27.0, [9.0])
