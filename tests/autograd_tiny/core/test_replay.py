"""Graphs run anew: `Replay` gives what the graph built anew would have, to the last bit, on both engines."""

from __future__ import annotations

import builtins
import signal
import threading
from array import array
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from math import isfinite
from time import perf_counter
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from autograd_tiny import NonFiniteError, Value, compile, dot, engine, exp, functions, gradients, track_sources, where
from autograd_tiny.core import Replay, apply, gradient_numbers, tape, topological_order
from autograd_tiny.core.replay import Replay as PlainReplay
from autograd_tiny.core.replay import evaluate, rule_of
from autograd_tiny.modes.recording import DETACHED
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive, function
from autograd_tiny.testing import graphs
from tests.autograd_tiny.compiler.programs import DRAWN, NUMBERS, Tangle


def int64(numbers: Sequence[int]) -> bytes:
    return array("q", numbers).tobytes()


class Run:
    """The graph of ``f`` on leaves, as a replay of the given class."""

    def __init__(self, f: Callable[..., Value], numbers: Sequence[float], fixed: int = 0, made: Any = Replay) -> None:
        """The first ``fixed`` leaves are inputs, which take no gradient."""
        leaves = [Value(x) for x in numbers]
        codes, starts, parents, data, depends, roots, below, rows = tape([f(*leaves)], leaves[:fixed])
        learns = bytes(d & 2 for d in depends)
        nodes = [i for i, code in enumerate(memoryview(bytes(codes)).cast("i")) if code == 0]
        place = dict(zip(below, nodes, strict=True))
        self.fixed = fixed
        self.given = [i for i in range(fixed) if leaves[i] in place]
        self.learned = [i for i in range(fixed, len(leaves)) if leaves[i] in place]
        self.replay = made(
            bytes(codes), bytes(starts), bytes(parents), bytes(data), learns, rows,
            int64([place[leaves[i]] for i in self.learned]), int64([place[leaves[i]] for i in self.given]),
            int64(self.given), int64(roots),
        )  # fmt: skip

    def __call__(self, *samples: Sequence[float]) -> tuple[list[float], list[float]] | None:
        """The values, and the derivatives of their mean by the leaves (0 by inputs); None where one is not finite."""
        parameters = array("d", [samples[0][i] for i in self.learned])
        given = array("d", [x for sample in samples for x in sample[: self.fixed]])
        values = self.replay.run(parameters, given, len(samples), True)
        if values is None:
            return None
        slopes = memoryview(self.replay.gradient).cast("B").cast("d").tolist()
        assert slopes.pop() == 0.0
        gradient = [0.0] * len(samples[0])
        for i, slope in zip(self.learned, slopes, strict=True):
            gradient[i] = slope
        return list(values), gradient


Found = tuple[list[float], list[float]]


def eager(f: Callable[..., Value], numbers: Sequence[float]) -> Found | None:
    leaves = [Value(x) for x in numbers]
    try:
        root = f(*leaves)
        return [root.data], gradient_numbers(root, leaves)
    except NonFiniteError:
        return None


def has_a_pole(f: Callable[..., Value], numbers: Sequence[float]) -> bool:
    """Whether a slope on the way is infinite, such as of ``cbrt(floor(x))`` at 0, which `floor` lets nobody notice.

    A replay passes it on, and then leaves the answer to the function.
    """
    root = f(*map(Value, numbers))
    return not all(isfinite(slope) for node in topological_order(root) for slope in node.local_derivatives)


def bits(found: Found | None) -> bytes | None:
    return None if found is None else array("d", found[0] + found[1]).tobytes()


POLE = [(208, 14, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0), (123, 0, 0, 0, 0, 0)]


@example(POLE, [0.00137, 0.00137, 0.00137], [])
@given(
    DRAWN, st.lists(NUMBERS, min_size=3, max_size=3), st.lists(st.lists(NUMBERS, min_size=3, max_size=3), max_size=3)
)
def test_a_replay_gives_what_the_graph_built_anew_gives(drawn: Any, first: list[float], others: Any) -> None:
    def f(a: Value, b: Value, c: Value) -> Value:
        return Tangle(drawn, [a, b], 1)(c)

    assume(eager(f, first) is not None)
    run = Run(f, first)
    for numbers in (first, *others):
        expected = eager(f, numbers)
        if expected is not None:
            found = run(numbers)
            assert bits(found) == bits(expected) or (found is None and has_a_pole(f, numbers))
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
    assert filled([5.0, 6.0]) == ([39.0], [3.0, 4.0])


@pytest.mark.parametrize("fixed", [0, 4, 8])
def test_a_wide_graph_goes_kind_by_kind(fixed: int) -> None:
    def wide(*leaves: Value) -> Value:
        parts = [(x * y - y / x) / (x + y) - -(x / 3.0) * dot([x, y], [y, 2.0]) for x in leaves for y in leaves]
        return dot(parts, [1.0 / (i + 1) for i in range(len(parts))])

    numbers = [0.7, -1.9, 2.3, 0.4, 1.1, 3.0, -0.6, 5.0]
    replayed = Run(wide, numbers, fixed)
    for factor in (1.0, 0.37):
        scaled = [factor * x for x in numbers]
        value, gradient = eager(wide, scaled) or ([], [])
        assert replayed(scaled) == (value, [0.0] * fixed + gradient[fixed:])
        assert [*replayed.replay.run(array("d", scaled[fixed:]), array("d", scaled[:fixed]), 1, False)] == value
    assert replayed([*numbers[:7], 1.9]) is None  # a quotient by 0


def test_what_leaves_the_domain_is_said_and_what_is_not_taken_does_no_harm() -> None:
    run = Run(lambda a: a.log(), [1.0])
    assert run([2.0]) == ([Value(2.0).log().data], [0.5])
    assert run([-1.0]) is None
    assert run([2.0]) == ([Value(2.0).log().data], [0.5])
    power = Run(lambda a: a**2.0, [3.0])  # the logarithm for the exponent's derivative is not asked for
    assert power([-3.0]) == ([9.0], [-6.0])
    hidden = Run(lambda a: 1.0 / (a * a), [1.0])
    assert hidden([1e200]) is None, "an infinity on the way, though the result is 0"
    for made in {Replay, PlainReplay}:
        branch = Run(lambda c, a, b: where(c, a, a / b), [1.0, 0.0, 1.0], 1, made)
        assert branch([1.0, 0.0, 1e-310]) == ([0.0], [0.0, 1.0, 0.0]), "0 times an infinite slope"


def test_a_chain_is_as_quick_to_prepare_as_anything() -> None:
    def chain(a: Value) -> Value:
        for _ in range(20_000):
            a = a.tanh()
        return a

    assert bits(Run(chain, [0.5])([0.7])) == bits(eager(chain, [0.7]))


def test_a_primitive_that_is_not_in_the_table_of_the_engine() -> None:
    row = function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x))
    run = Run(lambda a: apply(row, (a,)) * 2.0, [2.0])
    assert run([3.0]) == ([54.0], [54.0])
    assert evaluate(row, [3.0]) == (27.0, [27.0])
    assert rule_of(row, (False,))(3.0) == (27.0, 0.0)


def test_no_gradient_passes_a_detached_number() -> None:
    run = Run(lambda a: apply(DETACHED, (a * a,)) * a, [2.0])
    assert run([3.0]) == ([27.0], [9.0])


def test_samples_are_averaged_and_numbers_of_a_wrong_length_are_an_error() -> None:
    for made in {Replay, PlainReplay}:
        run = Run(lambda x, a, b: a * x + b.exp(), [1.0, 2.0, 0.0], 1, made)
        assert run([1.0, 2.0, 0.0], [4.0, 2.0, 0.0]) == ([3.0, 9.0], [0.0, 2.5, 1.0])
        for parameters, samples in (([2.0], [1.0]), ([2.0, 0.0, 1.0], [1.0]), ([2.0, 0.0], [])):
            with pytest.raises(ValueError, match=r"Replay.run got . parameters and samples of . numbers: expected 2"):
                run.replay.run(array("d", parameters), array("d", samples), 1, True)
        nothing = Run(lambda x: x * x, [3.0], 1, made)
        kept = memoryview(nothing.replay.gradient)
        assert nothing([4.0]) == ([16.0], [0.0]), "no parameter, and its gradient is looked at"
        assert len(kept) in (1, 8)
        assert run([1.0, 2.0, 1000.0]) is None
        assert run([1.0, 2.0, 0.0]) == ([3.0], [0.0, 1.0, 1.0])


def test_ctrl_c_stops_a_long_batch() -> None:
    count = 4_000_000 if engine == "compiled" else 400_000
    run = Run(lambda x, a: x * a, [1.0, 2.0], 1)
    samples = array("d", [1.0]) * count

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            run.replay.run(array("d", [2.0]), samples, count, True)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert memoryview(run.replay.gradient).cast("B").cast("d")[0] != 1.0, "it ran to its end"
    assert run([3.0, 2.0]) == ([6.0], [0.0, 3.0])


def test_other_threads_run_while_a_long_batch_does() -> None:
    count = 2_000_000 if engine == "compiled" else 5_000

    def chain(x: Value, a: Value) -> Value:
        for _ in range(30):
            x = x * a
        return x

    run = Run(chain, [1.0, 1.0], 1)
    samples = array("d", [1.0]) * count
    turns: list[float] = []
    stop = threading.Event()

    def other() -> None:
        while not stop.is_set():
            turns.append(perf_counter())

    thread = threading.Thread(target=other)
    thread.start()
    try:
        start = perf_counter()
        run.replay.run(array("d", [1.0]), samples, count, True)
        end = perf_counter()
    finally:
        stop.set()
        thread.join()
    quarter = (end - start) / 4
    assert any(start + quarter < turn < end - quarter for turn in turns), "nothing else ran in the middle of it"


WEIGHTS: list[Any] = [[1, 3], [1.0, 3], (True, 2.5), [1.0, 3.0]]


@pytest.mark.parametrize("weights", WEIGHTS, ids=repr)
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("tracked", [False, True])
def test_the_numbers_of_a_dot_are_constants_of_the_tape_whichever_way_it_was_made(
    weights: Any, first: bool, tracked: bool
) -> None:
    """In a batch of as many samples as there are weights, each sample got a weight of its own, and of others an error."""
    w = Value(0.5)

    def f(x: Any, y: Any) -> Any:
        given = [exp(x) * w, exp(y)]
        return dot(weights, given) if first else dot(given, weights)

    x, y = [1.5, 0.3, -0.7], [0.1, 0.2, 0.3]
    with track_sources() if tracked else nullcontext():
        for scalars in ("never", "always"):
            for n in (1, 2, 3):
                program = compile(f, scalars=scalars)
                right = [f(a, b) for a, b in zip(x[:n], y[:n], strict=True)]
                values, slopes = program.value_and_grad(x[:n], y[:n], batch=True)
                assert values == pytest.approx([r.data for r in right], rel=1e-12)
                assert slopes[0] == pytest.approx(builtins.sum(gradients(r, w) for r in right) / n, rel=1e-12)
