"""The table, row by row: what `check_primitive` holds each row to, and what it leaves: bits, high orders, wording."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import mpmath
import pytest

from autograd_tiny import NonFiniteError, Value, compile, engine, functions, grad, gradients, hessian, nonfinite
from autograd_tiny.core import apply
from autograd_tiny.table.namespaces import TEXT
from autograd_tiny.table.namespaces.multiprecision import multiprecision
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import Edge, Primitive
from autograd_tiny.testing import check_primitive
from autograd_tiny.testing.primitives import sample_points

MP = multiprecision(60)
by_name = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def close(got: float, want: Any, tolerance: float = 4e-15, scale: float = 0.0) -> bool:
    return abs(got - want) <= tolerance * max(abs(want), scale)


@by_name
def test_every_row_keeps_its_promises(row: Primitive, request: pytest.FixtureRequest) -> None:
    """At fewer points on the plain engine: what takes long are the digits of the rules, which both engines run."""
    few = 6 if engine == "compiled" else 3
    check_primitive(row, points=12 if request.config.getoption("--long") else few)


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


@pytest.mark.parametrize(
    "row", [row for row in ROWS if len(row.arguments) == 1 and not row.variadic], ids=lambda row: row.name
)
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
    numbers += [x for edge in row.edges for x in edge.at]
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
def test_every_row_is_a_function_of_numbers_and_values(row: Primitive) -> None:
    f = getattr(functions, row.name)
    for flat in sample_points(row, 2):
        on_numbers, on_values = f(*row.operands(flat)), f(*row.operands([Value(x) for x in flat]))
        assert isinstance(on_numbers, float)
        assert isinstance(on_values, Value)
        assert on_numbers == on_values.data
        assert close(on_numbers, f(*row.operands([mpmath.mpf(x) for x in flat])), scale=3.0)


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


def second_derivative(row: Primitive, at: tuple[float, ...], i: int, j: int) -> float | None:
    """By operand i, then by j; None where it is not finite, and so raises."""
    leaves = [Value(x) for x in at]
    try:
        slope = gradients(apply(row, tuple(row.operands(list(leaves)))), leaves[i], create_graph=True)
        return float(gradients(slope, leaves[j]))
    except NonFiniteError:
        return None


@pytest.mark.parametrize(
    ("row", "edge"),
    [(row, edge) for row in ROWS for edge in row.edges if len(edge.at) > 1],
    ids=lambda x: x.name if isinstance(x, Primitive) else str(x.at),
)
def test_second_derivatives_at_the_edges_are_symmetric(row: Primitive, edge: Edge) -> None:
    for i, j in combinations(range(len(edge.at)), 2):
        assert second_derivative(row, edge.at, i, j) == second_derivative(row, edge.at, j, i), (i, j)


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ((0.0, 0.0), [[0.0, 0.0], [0.0, 0.0]]),
        ((0.0, 0.5), None),  # a^-0.5 already
        ((0.0, 1.0), None),  # 1 + log 0
        ((-0.0, 1.0), None),
        ((0.0, 1.5), None),  # 0.75 a^-0.5
        ((0.0, 2.0), [[2.0, 0.0], [0.0, 0.0]]),
        ((0.0, 3.0), [[0.0, 0.0], [0.0, 0.0]]),
        ((2.0, 1.0), [[0.0, 1.0 + math.log(2.0)], [1.0 + math.log(2.0), 2.0 * math.log(2.0) ** 2]]),
        ((1.0, 1.0), [[0.0, 1.0], [1.0, 0.0]]),
    ],
)
def test_the_hessian_of_a_power_at_zero(at: tuple[float, float], wanted: list[list[float]] | None) -> None:
    power = lambda v: v[0] ** v[1]
    if wanted is None:
        with pytest.raises(NonFiniteError):
            hessian(power)(list(at))
    else:
        assert hessian(power)(list(at)) == [pytest.approx(row, rel=1e-14) for row in wanted]
    assert grad(lambda x: x**1.0)(0.0) == 1.0
    assert grad(grad(lambda x: x**1.0))(0.0) == 0.0


@pytest.mark.parametrize("scalars", ["never", "always"])
def test_a_slope_that_is_recorded_at_an_edge_is_right_elsewhere(scalars: str) -> None:
    """Which branch of a rule an edge takes is decided anew in every run of the program."""
    slope = grad(lambda a, b: a**b, argnums=(0, 1))
    program = compile(lambda a, b: list(slope(a, b)), scalars=scalars)
    for at in ((0.0, 0.0), (2.0, 3.0), (0.0, 1.0), (0.0, 2.0), (2.0, 1.0), (0.0, 0.0)):
        assert program(*at) == pytest.approx(list(slope(*at)), rel=1e-15), at


@pytest.mark.parametrize("row", [row for row in ROWS if row.books], ids=lambda row: row.name)
def test_the_textbooks_form_is_the_same_function(row: Primitive) -> None:
    for point in sample_points(row, 20):
        xs = [MP.context.mpf(x) for x in point]
        y = row.forward(MP, *xs)
        for book, partial in zip(row.books, row.partials, strict=True):
            if book is not None:
                assert abs(book(MP, *xs, y) - partial(MP, *xs, y)) < MP.context.mpf("1e-50")
