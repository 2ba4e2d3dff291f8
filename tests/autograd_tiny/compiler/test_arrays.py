"""Every library and kind of number that can run a program: the same answers, the same errors, no line left out."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import NonFiniteError, Value, compile, functions, logsumexp, sum
from autograd_tiny.compiler import running as calls
from autograd_tiny.compiler.libraries.arrays import FUNCTIONS
from autograd_tiny.compiler.lower.instructions import Elementwise, MatrixProduct, Reduction, Segments, Total
from autograd_tiny.compiler.lower.layout import View
from autograd_tiny.core import gradient_numbers
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive

from .programs import DRAWN, Network, Tangle
from .test_passes import arrays_of
from .test_programs import EXACT, POINTS, compare, compared, drawn
from .ways import EPSILON, NEEDS_TORCH, each_library, each_way

TANGLED = (0.0, 1000 * EPSILON)
"""A random program is up to 30 roundings deep, each of them enlarged by the slopes that follow."""


def tolerance(dtype: str) -> tuple[float, float]:
    return EXACT if dtype == "float64" else TANGLED


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[bool]]:
    """How many calls the arrays answered (True), and how many they left to the scalars (False)."""
    count: Counter[bool] = Counter()
    run: Callable[..., Any] = calls.run_arrays  # type: ignore[attr-defined]

    def counting(*arguments: Any, **named: Any) -> Any:
        found = run(*arguments, **named)
        count[found is not None] += 1
        return found

    monkeypatch.setattr(calls, "run_arrays", counting)
    return count


# Random programs


@pytest.mark.once
@each_way
def test_random_programs_run_and_every_kind_of_line_is_reached(backend: str, dtype: str, answered: Any) -> None:
    seen: Counter[Any] = Counter()
    most = 120 if dtype == "float64" else 70
    for seed in range(most):
        f, rows, batch = drawn(seed)
        if (backend, dtype) == ("numpy", "float64"):
            program = compared(seed).program
            program(*map(np.array, zip(*rows, strict=True)), batch=True) if batch else program(*rows[0])
        else:
            program, _ = compare(f, rows, batch, within=tolerance(dtype), backend=backend, dtype=dtype)
        arrays = arrays_of(program)
        there = "batch" if batch else "one"
        for instruction in arrays.instructions:
            seen[type(instruction), there] += 1
        for line in (*arrays.code.lines, *arrays.code.reverse_lines):
            seen.update(re.findall(r"[\w.]+(?=\()", line))
            if line.startswith(("dV", "dB")):
                seen["store", line.split()[1]] += 1
    for kind in (Elementwise, MatrixProduct, Total, Segments, Reduction):
        assert seen[kind, "one"], kind
        assert seen[kind, "batch"], kind
    heads = {*FUNCTIONS, "add.reduce", "maximum.reduce", "minimum.reduce", "add.reduceat", "maximum.reduceat"}
    assert heads - set(seen) == {"minimum"}, "of which there is only the reduction"
    assert seen["store", "="]
    assert seen["store", "+="]
    assert answered[True] >= most
    assert answered[False] == 0


@pytest.mark.once
@each_library
def test_float32_computes_in_float32(backend: str) -> None:
    """Most answers are off, by a rounding or a few."""
    off = []
    for seed in range(40):
        f, rows, _ = drawn(seed)
        rounded = compile(lambda *x, f=f: f(*x), scalars="never", backend=backend, dtype="float32")
        expected = f(*map(Value, rows[0])).data
        off.append(abs(rounded(*rows[0]) - expected) / abs(expected))
    assert np.count_nonzero(off) > 33
    assert EPSILON / 100 < np.median(off) < 10 * EPSILON


@NEEDS_TORCH
@given(DRAWN, POINTS, st.lists(POINTS, min_size=1, max_size=5), st.booleans())
def test_a_tangle_of_scalars_in_torch(drawn: Any, parameters: Any, rows: Any, batch: bool) -> None:
    width = min(map(len, rows))
    f = Tangle(drawn, [Value(x) for x in parameters], width)
    compare(f, [row[:width] for row in rows], batch, backend="torch")


@NEEDS_TORCH
@given(
    DRAWN.filter(lambda ops: len(ops) <= 10), st.lists(POINTS, min_size=1, max_size=5), st.integers(3, 30),
    st.booleans(),
)  # fmt: skip
def test_a_network_of_vectors_in_torch(drawn: Any, rows: Any, count: int, batch: bool) -> None:
    width = min(map(len, rows))
    f = Network(drawn, width, [math.sin(i * 2.3) for i in range(count)])
    f(*[Value(x) for x in rows[0][:width]])  # make the weights
    compare(f, [row[:width] for row in rows], batch, backend="torch")


@pytest.mark.long
@each_way
def test_thousands_of_programs(backend: str, dtype: str) -> None:
    for seed in range(120, 2000):
        compare(*drawn(seed), within=tolerance(dtype), backend=backend, dtype=dtype)


# The primitives


def apart(row: Primitive, k: int) -> list[list[float]]:
    """``k`` numbers for each argument of a primitive, from where its table samples it, no two alike."""
    return [
        [low + (high - low) * ((i * 0.37 + j * 0.19 + 0.11) % 1.0) for i in range(k)]
        for j, (low, high) in enumerate(row.samples if not row.variadic else [(-2.0, 2.0)] * len(row.arguments))
    ]


@pytest.mark.once
@each_way
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_primitive(row: Primitive, batch: bool, backend: str, dtype: str, answered: Any) -> None:
    columns = [[Value(x) for x in column] for column in apart(row, 5)]
    apply = getattr(functions, row.name)

    def terms(x: Any) -> list[Value]:
        moves = [low < high for low, high in row.samples]  # an order, as of polygamma, has to stay what it is
        moved = [[p * x if free else p for p in column] for column, free in zip(columns, moves, strict=True)]
        if row.variadic:  # vectors of one length, and of three
            several = [[column[:k] for column in moved] for k in (5, 1, 2, 3)]
            made = [apply(*vectors) for vectors in [*several, [column[::-1] for column in moved]]]
        else:
            made = [apply(*operands) for operands in zip(*moved, strict=True)]
        return [m * (1.0 + i) for i, m in enumerate(made)]

    f = lambda x: sum(terms(x))
    program = compile(f, scalars="never", backend=backend, dtype=dtype)
    xs = [1.0, 0.9375, 1.03125] if batch else [1.0]
    values, gradient = program.value_and_grad(np.array(xs) if batch else 1.0, batch=batch)
    roots = [f(Value(x)) for x in xs]
    wanted = np.mean([gradient_numbers(root, program.parameters) for root in roots], axis=0)
    within = 1e-12 if dtype == "float64" else 20 * EPSILON
    size = max(math.fsum(abs(term.data) for term in terms(Value(x))) for x in xs)
    expected = np.array([root.data for root in roots])
    assert np.abs(np.atleast_1d(values) - expected).max() <= within * size
    assert np.abs(gradient - wanted).max() <= within * np.abs(wanted).max()
    assert answered == {True: 1}
    assert (values if batch else np.float64(values)).dtype == np.float64
    assert all(type(x) is float for x in gradient)


@each_way
@pytest.mark.parametrize("batch", [False, True])
def test_what_is_read_backwards(backend: str, dtype: str, batch: bool) -> None:
    """torch has no negative strides."""
    w = [Value(0.1 * i + 0.2) for i in range(6)]

    def f(x: Any) -> Value:
        v = [(p * x).tanh() for p in w]
        return sum([(a / b).sin() * (1.0 + i) for i, (a, b) in enumerate(zip(v, v[::-1], strict=True))])

    program, gradient = compare(f, [[0.4], [-0.7], [0.2]], batch, within=tolerance(dtype), backend=backend, dtype=dtype)
    assert np.count_nonzero(gradient) == len(gradient)
    accesses = [x for i in arrays_of(program).instructions for x in getattr(i, "operands", (getattr(i, "left", None),))]
    assert any(isinstance(x, View) and min(x.strides) < 0 for x in accesses) == (backend == "numpy")


@each_way
@pytest.mark.parametrize("batch", [False, True])
def test_vectors_of_one_number(backend: str, dtype: str, batch: bool) -> None:
    """Their sum is written over the only term: torch would clear it first."""
    w = [Value(0.5), Value(-0.3)]
    f = lambda x: sum([logsumexp([p * x]) * 2.0 for p in w])
    compare(f, [[0.4], [-0.7], [0.2]], batch, within=tolerance(dtype), backend=backend, dtype=dtype)


# Training


@each_way
def test_a_network_learns(backend: str, dtype: str, answered: Any) -> None:
    rng = np.random.default_rng(3)
    points = rng.standard_normal((24, 2))
    targets = np.sin(points[:, 0]) * points[:, 1]
    losses, weights = {}, {}
    for way, settings in (("this", {"backend": backend, "dtype": dtype}), ("scalars", {"scalars": "always"})):
        model = nn.MLP(2, [8, 1], "tanh", seed=2)
        program = compile(
            lambda x, t, model=model: (model(x) - t) ** 2,
            parameters=model.parameters(),
            **{"scalars": "never"} | settings,
        )  # type: ignore[call-overload]
        with program.hold() as held:
            assert held.dtype == np.float64
            for _ in range(40):
                values, gradient = program.flat_value_and_grad(points, targets, batch=True)
                assert values.dtype == gradient.dtype == np.float64
                losses[way] = [*losses.get(way, []), values.mean()]
                held -= 0.1 * gradient
        weights[way] = [p.data for p in model.parameters()]
    assert losses["this"][-1] < 0.3 * losses["this"][0]
    within = 1e-10 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(weights["this"], weights["scalars"], rtol=within, atol=within)
    np.testing.assert_allclose(losses["this"], losses["scalars"], rtol=10 * within)
    assert answered == {True: 40}


@each_way
def test_small_steps_are_not_lost_while_held(backend: str, dtype: str) -> None:
    w = Value(1.0)
    program = compile(lambda x: w * x, parameters=[w], scalars="never", backend=backend, dtype=dtype)
    with program.hold() as held:
        for _ in range(100):
            held += 1e-9  # float32 would stay at 1
        assert program(3.0) == pytest.approx(3.0 * (1.0 + 1e-7), rel=2 * EPSILON)
    assert w.data == pytest.approx(1.0 + 1e-7, rel=1e-15)


@each_way
def test_an_input_changed_in_place_is_read_again(backend: str, dtype: str) -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x[1] + x[0], scalars="never", backend=backend, dtype=dtype)
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert program(x, batch=True).tolist() == [5.0, 11.0]
    x[:] = 1.0
    assert program(x, batch=True).tolist() == [3.0, 3.0]
    x.flags.writeable = False
    assert program(x, batch=True).tolist() == [3.0, 3.0]
    assert program([1, 2]) == 5.0


# Numbers that are not finite


@each_way
@pytest.mark.parametrize("batch", [False, True])
def test_what_is_not_finite_is_the_same_error(backend: str, dtype: str, batch: bool) -> None:
    w = Value(2.0, "w")

    def check(f: Any, good: float, bad: float, error: str) -> None:
        program = compile(f, scalars="never", backend=backend, dtype=dtype)
        give = (lambda x: program.value_and_grad(np.array([good, x]), batch=True)) if batch else program.value_and_grad
        give(good)
        for _ in range(2):
            with pytest.raises(NonFiniteError, match=error):
                give(bad)
        assert np.isfinite(give(good)[0]).all()

    check(lambda x: (w * x).log(), 1.0, -1.0, r"log\(-2.0\) is not a number: log needs x > 0")
    check(lambda x: 1.0 / (w * x).exp(), 1.0, 400.0, "exp")  # the result is finite
    check(lambda x: (w * x).sqrt(), 1.0, 0.0, "sqrt")  # the gradient is not
    check(lambda x: w / (x - 1.0), 2.0, 1.0, "div")


@each_library
@pytest.mark.parametrize("batch", [False, True])
def test_what_only_float32_cannot_hold_is_left_to_the_scalars(backend: str, batch: bool, answered: Any) -> None:
    w = Value(2.0)
    for f, number, bad in (
        (lambda x: (w * x).exp().log(), 2.0, 60.0),  # e^120
        (lambda x: w / x * 1e30, 1.0, 1e39),  # an input
        (lambda x: 1e-30 / (w * x), 1.0, 1e-50),  # 0, in float32: a division by it
        (lambda x: (w * x) * (w * x) * 1e-30, 1.0, 1e25),  # on the way
    ):
        answered.clear()
        program = compile(f, scalars="never", backend=backend, dtype="float32")
        give = (lambda x, p=program: p(np.array([1.0, x]), batch=True)[1]) if batch else program
        assert give(number) == pytest.approx(f(Value(number)).data, rel=10 * EPSILON)
        assert answered == {True: 1}
        for _ in range(2):
            assert give(bad) == f(Value(bad)).data, "all digits of float64"
        assert give(number) == pytest.approx(f(Value(number)).data, rel=10 * EPSILON)
        assert answered == {True: 2, False: 2}
    w.data = 1e39  # a parameter
    assert program(1e-39) == f(Value(1e-39)).data


@each_library
@pytest.mark.parametrize("batch", [False, True])
def test_a_constant_that_float32_cannot_hold(backend: str, batch: bool, answered: Any) -> None:
    w = [Value(2.0 + i) for i in range(3)]
    for constants in ([1e39] * 3, [1e39, 1e50, 2.0]):
        f = lambda x, constants=constants: sum([(p * x * c).tanh() for p, c in zip(w, constants, strict=True)])
        program = compile(f, scalars="never", backend=backend, dtype="float32")
        found = program(np.array([1e-39, 1e-40]), batch=True)[1] if batch else program(1e-40)
        assert found == f(Value(1e-40)).data
        assert "which float32 cannot hold" in program.explain()
        assert compile(f, scalars="never", backend=backend)(1e-40) == pytest.approx(found, rel=1e-12)
    assert answered == {True: 2}, "in float64"
