"""The table, row by row: every rule against mpmath at 60 digits, second order, arrays, text, edges."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_tiny import Value, functions, gradients, nonfinite
from autograd_tiny.core import apply
from autograd_tiny.namespaces import FLOATS, LATEX, TEXT
from autograd_tiny.namespaces.arrays import ARRAYS
from autograd_tiny.namespaces.multiprecision import multiprecision
from autograd_tiny.ops import ROWS, TABLE
from autograd_tiny.primitive import Primitive

MP = multiprecision(60)
FIXED = [row for row in ROWS if not row.variadic]
VARIADIC = [row for row in ROWS if row.variadic]
by_name = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
fixed = pytest.mark.parametrize("row", FIXED, ids=lambda row: row.name)
variadic = pytest.mark.parametrize("row", VARIADIC, ids=lambda row: row.name)


def sample_points(row: Primitive, count: int = 12) -> list[list[float]]:
    """Points inside the row's intervals, corners left out; for a many-parent row vectors of 4, flat."""
    rng = random.Random(row.name)
    intervals = row.samples or ((-3.0, 3.0),)
    if row.variadic:
        intervals = intervals[:1] * (4 * len(row.arguments))
    return [[rng.uniform(low, high) for low, high in intervals] for _ in range(count)]


def exact(row: Primitive, flat: list[float]) -> tuple[Any, list[Any]]:
    """Value and first derivatives to 60 digits, from the forward rule alone."""

    def f(*xs: Any) -> Any:
        return row.forward(MP, *row.operands(list(xs)))

    point = [MP.context.mpf(x) for x in flat]
    orders = [tuple(int(i == j) for j in range(len(flat))) for i in range(len(flat))]
    return f(*point), [MP.context.diff(f, point, order) for order in orders]


def close(got: float, want: Any, tolerance: float = 4e-15, scale: float = 0.0) -> bool:
    return abs(got - want) <= tolerance * max(abs(want), scale)


@by_name
def test_value_and_derivatives_agree_with_mpmath(row: Primitive) -> None:
    assert_agrees_with_mpmath(row)


def assert_agrees_with_mpmath(row: Primitive) -> None:
    """The node of ``row`` has the value and the local derivatives that 60 digits give, at every sample point."""
    for flat in sample_points(row):
        node = apply(row, tuple(row.operands([Value(x) for x in flat])))
        value, derivatives = exact(row, flat)
        # A sum of terms that cancel is as accurate as its largest term allows.
        scale = max(map(abs, flat)) if row.variadic or row.name in ("add", "sub", "expm1") else 0.1
        assert close(node.data, value, scale=float(scale))
        for got, want in zip(node.local_derivatives, derivatives, strict=True):
            assert close(got, want, scale=0.1), (row.name, flat, got, want)


def mutants(row: Primitive) -> dict[str, Primitive]:
    """The row with one mistake planted in its partials; only mistakes that change some number."""
    derivatives = [exact(row, point)[1] for point in sample_points(row, 3)]
    changes = {"1e-9 off": lambda x: x + 1e-9}
    if any(x for point in derivatives for x in point):
        changes |= {"0.1 % off": lambda x: x * 1.001, "wrong sign": lambda x: -x, "dropped": lambda x: 0.0 * x}
    found = {name: replace(row, partials=tuple(_changed(row, p, change) for p in row.partials))
             for name, change in changes.items()}  # fmt: skip
    if any(point != point[::-1] for point in derivatives) and len(row.partials) > 1:
        found["swapped"] = replace(row, partials=row.partials[::-1])
    return found


def _changed(row: Primitive, rule: Any, change: Any) -> Any:
    def wrong(xp: Any, *operands: Any) -> Any:
        got = rule(xp, *operands)
        return [change(x) for x in got] if row.variadic else change(got)

    return wrong


MUTANTS = {f"{row.name}: {name}": mutant for row in ROWS for name, mutant in mutants(row).items()}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_the_comparison_catches_planted_mistakes(mutant: Primitive) -> None:
    with pytest.raises(AssertionError):
        assert_agrees_with_mpmath(mutant)


@by_name
def test_second_derivatives_agree_with_mpmath(row: Primitive) -> None:
    for flat in sample_points(row, 4):
        leaves = [Value(x) for x in flat]
        node = apply(row, tuple(row.operands(leaves)))
        first = gradients(node, leaves, create_graph=True)
        point = [MP.context.mpf(x) for x in flat]
        for i, derivative in enumerate(first):
            rows = gradients(derivative, leaves)
            for j in range(len(flat)):
                order = [0] * len(flat)
                order[i] += 1
                order[j] += 1
                want = MP.context.diff(lambda *xs: row.forward(MP, *row.operands(list(xs))), point, tuple(order))
                assert close(rows[j], want, tolerance=1e-13, scale=1.0), (row.name, flat, i, j, rows[j], want)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "silu", "gelu", "sech_squared", "erf", "atan"])
@pytest.mark.parametrize("x", [0.0, 18.0, -18.0, 1e-9])
def test_smooth_functions_keep_four_orders_and_all_digits(name: str, x: float) -> None:
    """The traps: tanh' as 1 - y², 4 % off at 18; an |x| inside a partial, which loses the third order at 0."""
    row = TABLE[name]
    leaf = Value(x)
    derivative: Value = apply(row, (leaf,))
    for order in range(1, 5):
        derivative = gradients(derivative, leaf, create_graph=True)
        want = MP.context.diff(lambda v: row.forward(MP, v), MP.context.mpf(x), order) if x else _at_zero(row, order)
        scale = 1e-30 if abs(x) > 1.0 else 1e-3  # near a zero of the derivative terms of size 1 cancel
        assert close(derivative.data, want, tolerance=1e-12, scale=scale), (name, x, order, derivative.data, want)


def _at_zero(row: Primitive, order: int) -> Any:
    """The derivative at 0, from a side: a rule that uses |x| is smooth there, but finite differences see a kink."""
    return MP.context.diff(lambda v: row.forward(MP, v), MP.context.mpf("1e-40"), order, h=MP.context.mpf("1e-48"))


@fixed
def test_arrays_compute_what_floats_compute(row: Primitive) -> None:
    points = sample_points(row)
    columns = [np.array(column) for column in zip(*points, strict=True)]
    out = row.forward(ARRAYS, *columns)
    assert out.shape == (len(points),)
    np.testing.assert_allclose(out, [row.forward(FLOATS, *point) for point in points], rtol=1e-14)
    for partial in row.partials:
        expected = [partial(FLOATS, *point, row.forward(FLOATS, *point)) for point in points]
        np.testing.assert_allclose(np.broadcast_to(partial(ARRAYS, *columns, out), out.shape), expected, rtol=1e-13)


@variadic
def test_many_parent_arrays_compute_what_floats_compute(row: Primitive) -> None:
    points = sample_points(row)
    columns = row.operands([np.array(column) for column in zip(*points, strict=True)])
    expected = [row.forward(FLOATS, *row.operands(point)) for point in points]
    np.testing.assert_allclose(row.forward(ARRAYS, *columns), expected, rtol=1e-14)


@pytest.mark.parametrize(("row", "edge"), [(row, edge) for row in ROWS for edge in row.edges],
                         ids=lambda x: getattr(x, "name", None) or str(getattr(x, "at", "")))  # fmt: skip
def test_pinned_edges(row: Primitive, edge: Any) -> None:
    """The answer that the table pins is the one that floats, arrays and Values give."""

    def same(got: float, want: float) -> bool:
        return got == want or (math.isnan(got) and math.isnan(want))

    operands = row.operands(list(edge.at))
    out = row.forward(FLOATS, *operands)
    assert same(out, edge.value)
    found = [rule(FLOATS, *operands, out) for rule in row.partials]
    flat = [x for part in found for x in part] if row.variadic else found
    for got, want in zip(flat, edge.partials, strict=True):
        assert want is None or same(got, want), (row.name, edge, got)
    if not row.variadic:
        assert same(float(row.forward(ARRAYS, *map(np.float64, edge.at))), edge.value)
    with nonfinite("allow"):
        leaves = [Value(x) for x in edge.at]
        node = apply(row, tuple(row.operands(leaves)))
        assert same(node.data, edge.value)
        if row.name == "pow":
            assert same((leaves[0] ** leaves[1]).data, edge.value)


@pytest.mark.parametrize("row", [row for row in FIXED if len(row.arguments) == 1], ids=lambda row: row.name)
def test_the_generated_method_is_the_general_one(row: Primitive) -> None:
    """Bit for bit, from ordinary numbers to the rim of the floats."""
    rim = [0.0, -0.0, 1e-310, -1e-300, 1e300, -1e300, 700.0, -750.0, 1e17]
    with nonfinite("allow"):
        for x in [*rim, *(point[0] for point in sample_points(row, 40))]:
            fast, slow = getattr(Value(x), row.name)(), apply(row, (Value(x),))
            assert repr((fast.data, fast.local_derivatives)) == repr((slow.data, slow.local_derivatives)), x
            assert fast.op == slow.op == row.name


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.dunder and len(row.arguments) == 2], ids=lambda row: row.name
)
def test_the_generated_operator_is_the_general_one(row: Primitive) -> None:
    numbers = [0.0, -0.0, 1.0, 2.0, -2.0, 3.0, 0.5, -1.5, 1e-300, 1e300, -1e300]
    operator, reflected = f"__{row.dunder}__", f"__r{row.dunder}__"
    with nonfinite("allow"):
        for a in numbers:
            for b in numbers:
                for fast, slow in (
                    (getattr(Value(a), operator)(Value(b)), apply(row, (Value(a), Value(b)))),
                    (getattr(Value(a), operator)(b), apply(row, (Value(a), b))),
                    (getattr(Value(b), reflected)(a), apply(row, (a, Value(b)))),
                ):
                    assert repr((fast.data, fast.local_derivatives)) == repr((slow.data, slow.local_derivatives)), (
                        a,
                        b,
                    )
                    assert [p.is_constant for p in fast.parents] == [p.is_constant for p in slow.parents]


@by_name
def test_every_row_explains_itself(row: Primitive) -> None:
    for xp in (TEXT, LATEX):
        operands: list[Any] = [xp.name(name) for name in row.arguments]
        if row.variadic:
            operands = [[xp.name(f"{name}{i}") for i in (1, 2)] for name in row.arguments]
        for name in row.arguments:
            if not row.variadic:
                assert name in str(xp.write(row, *operands))
        for partial in row.partials:
            assert str(xp.as_text(partial(xp, *operands, xp.name("y"))))


@by_name
def test_every_row_is_a_function_of_numbers_and_values(row: Primitive) -> None:
    flat = sample_points(row, 1)[0]
    on_numbers = getattr(functions, row.name)(*row.operands(flat))
    on_values = getattr(functions, row.name)(*row.operands([Value(x) for x in flat]))
    assert isinstance(on_numbers, float)
    assert isinstance(on_values, Value)
    assert on_numbers == on_values.data
    with_mpmath = getattr(functions, row.name)(*row.operands([mpmath.mpf(x) for x in flat]))
    assert close(on_numbers, with_mpmath, scale=3.0)


def test_formulas_read_as_a_lecturer_writes_them() -> None:
    x, y, a, b = (TEXT.name(name) for name in "xyab")
    written = {name: [str(TEXT.as_text(p(TEXT, *args, y))) for p in TABLE[name].partials]
               for name, args in {"mul": (a, b), "div": (a, b), "pow": (x, TEXT.number(3.0)), "tanh": (x,), "log": (x,),
                                  "sigmoid": (x,), "relu": (x,), "sqrt": (x,), "sub": (a, b)}.items()}  # fmt: skip
    assert written == {
        "mul": ["b", "a"],
        "div": ["1 / b", "−(y / b)"],
        "pow": ["3 × x²", "y × log(x)"],
        "tanh": ["1 / cosh²(x)"],
        "log": ["1 / x"],
        "sigmoid": ["y × σ(−x)"],
        "relu": ["1 if x > 0 else 0"],
        "sqrt": ["0.5 / y"],
        "sub": ["1", "−1"],
    }
