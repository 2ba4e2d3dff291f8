"""A derivative that is finite where its function is not: a program raises there, as the function's own does."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, compile
from autograd_tiny.compiler.record.checks import record_checked
from autograd_tiny.compiler.record.sizes import size_by_rule
from autograd_tiny.core import constant
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import Primitive

OPTIONS: tuple[dict[str, Any], ...] = (
    {}, {"scalars": "always"}, {"scalars": "never"}, {"scalars": "never", "backend": "numpy"},
)  # fmt: skip
ways = pytest.mark.parametrize("options", OPTIONS, ids=str)

CASES: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    "log": (ad.log, 0.5, -0.5),
    "atanh": (ad.atanh, 0.3, 3.0),
    "log10": (ad.log10, 0.3, -2.0),
    "a product that overflows": (lambda x: x * x, 1.0, 1e200),
    "a sum that overflows": (lambda x: 0.5 * x + 0.6 * x, 1.0, 1.7e308),
    "a sine of what overflows": (lambda x: ad.sin(x + x) + 0.0 * x, 1.0, 1.7e308),
    "a bounded factor": (lambda x: ad.sin(x) * x + 1e308 * x, 1.0, 1.9),
    "an arm that is not taken": (lambda x: ad.where(ad.greater(x, 0.0), x, 0.0) + ad.log(x), 1.0, -1.0),
    "a divisor that is bounded": (lambda x: ad.log(x / ad.sin(x)) * 1.0, 1.0, 4.0),
}
"""The function, a point of its domain, and one outside at which its derivative's formula is finite."""


@ways
@pytest.mark.parametrize("name", CASES)
def test_the_derivatives_of_a_program(name: str, options: dict[str, Any]) -> None:
    f, inside, outside = CASES[name]
    for kind in ("jacobian", "hessian"):
        derivative = getattr(compile(f, **options), kind)
        assert derivative(inside) == pytest.approx(getattr(ad, kind)(f)(inside), rel=1e-12)
        with pytest.raises(NonFiniteError):
            derivative(outside)
        assert derivative(inside) == pytest.approx(getattr(ad, kind)(f)(inside), rel=1e-12)
        for count in (1, 40):
            with pytest.raises(NonFiniteError) as raised:
                derivative([inside] * count + [outside], batch=True)
            assert f"on sample {count} of the batch" in raised.value.__notes__


INSIDE: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "grad": ad.grad,
    "value_and_grad": lambda f: lambda x: ad.value_and_grad(f)(x)[1],
    "grad of grad": lambda f: ad.grad(ad.grad(f)),
    "jvp": lambda f: lambda x: ad.jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: ad.vjp(f, x)[1](1.0)[0],
    "hvp": lambda f: lambda x: ad.hvp(f, (x,), (1.0,)),
    "jacobian": ad.jacobian,
    "hessian": ad.hessian,
    "taylor": lambda f: lambda x: ad.taylor(f, x, 2)[1],
    "gradients": lambda f: lambda x: ad.gradients(f(x), x) if isinstance(x, Value) else ad.grad(f)(x),
}


@ways
@pytest.mark.parametrize("name", INSIDE)
def test_derivatives_inside_a_compiled_function(name: str, options: dict[str, Any]) -> None:
    for f, inside, outside in (CASES["log"], CASES["atanh"], CASES["a sum that overflows"]):
        g = INSIDE[name](f)
        program = compile(g, **options)
        slope = ad.grad(ad.grad(f)) if name in ("grad of grad", "hvp", "hessian") else ad.grad(f)
        expected = slope(inside)
        assert program(inside) == pytest.approx(expected, rel=1e-12)
        with pytest.raises(NonFiniteError):
            program(outside)
        with pytest.raises(NonFiniteError):
            program([inside, inside, outside], batch=True)


@ways
def test_in_the_step_of_a_loop(options: dict[str, Any]) -> None:
    slope = ad.grad(ad.log)
    program = compile(lambda x: ad.scan(lambda c, _: (slope(c), None), x, length=40)[0], **options)
    assert program(0.5) == pytest.approx(0.5)
    with pytest.raises(NonFiniteError, match="log"):
        program(-0.5)
    going = compile(
        lambda x: ad.while_loop(lambda c: ad.less(c[1], 3.0), lambda c: [slope(c[0]), c[1] + 1.0], [x, 0.0], 9)[0],
        **options,
    )
    assert going(0.5) == pytest.approx(2.0)
    with pytest.raises(NonFiniteError, match="log"):
        going(-0.5)


def test_a_loop_that_is_pulled_back_does_not_run_twice() -> None:
    program = compile(ad.grad(lambda x: ad.scan(lambda c, _: (c * x, None), x, length=50)[0]), scalars="never")
    assert program(1.1) == pytest.approx(51 * 1.1**50)
    names = [row.name for row in program.last.program.graph.rows]  # type: ignore[union-attr]
    assert "pullback" in names
    with pytest.raises(NonFiniteError):
        program(1e60)


def test_a_hessian_raises_where_the_gradient_overflows() -> None:
    f = lambda v: v[0] * v[0] * v[1]
    with pytest.raises(NonFiniteError):
        ad.hessian(f)([1e200, 0.0])
    for options in OPTIONS:
        program = compile(f, **options)
        assert program.hessian([1.0, 2.0]) == [[4.0, 2.0], [2.0, 0.0]]
        with pytest.raises(NonFiniteError):
            program.hessian([1e200, 0.0])
        within = compile(ad.hessian(f), **options)
        assert within([1.0, 2.0]) == [[4.0, 2.0], [2.0, 0.0]]
        with pytest.raises(NonFiniteError):
            within([1e200, 0.0])


def test_a_program_that_was_sent_away_raises_too(tmp_path: Path) -> None:
    program = compile(ad.grad(lambda x: ad.log(x) * 2.0))
    assert program(0.5) == 4.0
    program.export(tmp_path / "slope.json")
    for other in (ad.load_program(tmp_path / "slope.json"), pickle.loads(pickle.dumps(program))):
        assert other(0.5) == 4.0
        with pytest.raises(NonFiniteError, match="log"):
            other(-0.5)


UNARY = (
    "exp",
    "log",
    "sqrt",
    "sin",
    "tanh",
    "relu",
    "abs",
    "square",
    "atanh",
    "asin",
    "cbrt",
    "softplus",
    "erf",
    "acosh",
)
BINARY = ("add", "sub", "mul", "div", "hypot", "maximum", "where")
POINTS = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, 1e200, -1e200, 1e-200, 700.0)


def chain(operations: list[tuple[int, int]]) -> Callable[[Any], Any]:
    """Each operation on the result of the one before."""

    def f(v: Any) -> Any:
        results = [constant(x) if not isinstance(x, Value) else x for x in v]
        for kind, pick in operations:
            x, y = results[-1], results[pick % len(results)]
            name = (*UNARY, *BINARY)[kind % (len(UNARY) + len(BINARY))]
            if name == "maximum":
                made = ad.maximum(y, x)
            elif name == "where":
                made = ad.where(ad.greater(y, 0.5), x, y)
            else:
                made = getattr(ad.functions, name)(*([x] if name in UNARY else [y, x]))
            results.append(made)
        return results[-1] * v[0]

    return f


OVERFLOWS = "overflows"


def outcome(f: Callable[[Any], Any], point: tuple[float, ...]) -> Any:
    """The numbers; None outside a domain; `OVERFLOWS` where a step on the way does, of whichever mode it goes by."""
    try:
        return np.array(f([*point]), float)
    except NonFiniteError as error:
        return OVERFLOWS if OVERFLOWS in str(error) else None


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(POINTS), st.sampled_from(POINTS)), min_size=1, max_size=4),
    st.sampled_from(OPTIONS),
)
@settings(max_examples=25)
def test_drawn_functions_raise_where_their_derivatives_do(
    operations: list[tuple[int, int]], points: list[tuple[float, float]], options: dict[str, Any]
) -> None:
    f = chain(operations)
    for kind in ("jacobian", "hessian", "grad"):
        eager = getattr(ad, kind)(f)
        program = compile(eager, **options) if kind == "grad" else getattr(compile(f, **options), kind)
        for point in ((0.5, 0.7), *points):
            if kind == "hessian" and not all(1e-150 < abs(x) < 1e150 for x in point if x):
                continue  # node by node 1/x² is 0 or infinite there, which the program divides by twice (docs/compiler.md says so)
            expected, found = outcome(eager, point), outcome(program, point)
            if expected is OVERFLOWS or found is OVERFLOWS:
                continue  # v1 / v1 * v0 at (1e200, 1e-200): reverse goes through 1e400, forward through 0
            assert (expected is None) == (found is None), (kind, point)
            if expected is not None:
                # v1 / v1 * v0 at (1e200, 700) has the slope 1e200/700 - 1e200/700, to the last place of these
                largest = max(np.abs(expected).max(), *map(abs, point))
                assert np.allclose(found, expected, rtol=1e-7, atol=1e-12 * min(largest, 1e290) + 1e-13)


# What is not computed


SIZED = [row for row in ROWS if row.size is not None]


@pytest.mark.parametrize("row", SIZED, ids=lambda row: row.name)
def test_no_result_is_larger_than_its_size(row: Primitive) -> None:
    numbers = [sign * x for x in (0.0, 1e-300, 0.3, 1.0, 1.9, 20.0, 800.0, 1e15, 1e300) for sign in (1.0, -1.0)]
    for i, a in enumerate(numbers):
        for b in numbers if len(row.arguments) > 1 or row.variadic else [0.0]:
            operands = [a, b, numbers[-1 - i]][: 3 if row.variadic else len(row.arguments)]
            y = row.forward(FLOATS, operands) if row.variadic else row.forward(FLOATS, *operands)
            size = size_by_rule(row, [*map(abs, operands)])
            assert abs(y) <= size < inf


def test_what_is_finite_anyway_is_not_computed() -> None:
    x, y = Value(0.5), Value(2.0)
    kept = lambda beside: record_checked([x * y], [[x, y]], False, beside=beside).written()
    assert kept([x.sin() * y.tanh() + x.erf(), x.softplus().relu().sigmoid()]) == kept([])
    assert "log" in kept([x.log()])
    assert "exp" in kept([x.exp().sin()])
    assert "erf" not in kept([x * y.erf() + x])
    assert "abs" in kept([x * y.erf() + x])


def test_it_is_told_how_much_is_only_looked_at() -> None:
    program = compile(ad.grad(lambda x: ad.log(x)), scalars="never")
    program(0.5)
    assert "Of which 1 operation only" in program.explain()


def test_rows_with_a_size_are_arithmetic_or_say_so() -> None:
    for name in ("sin", "tanh", "norm_cdf", "where", "maximum", "softplus", "neg"):
        assert TABLE[name].size is not None
    for name in ("exp", "log", "div", "pow", "sqrt"):
        assert TABLE[name].size is None


def test_the_derivative_of_a_quotient_does_not_square_a_large_divisor() -> None:
    f = lambda v: v[0] / v[1] * v[0]
    assert compile(f).jacobian([1e200, 1e200]) == ad.grad(f)([1e200, 1e200]) == [2.0, -1.0]


QUOTIENTS: dict[str, tuple[Callable[..., Any], Callable[[Any, Any], tuple[Any, Any, Any]]]] = {
    "a / b": (lambda a, b: a / b, lambda a, b: (0, -1 / b**2, 2 * a / b**3)),
    "a · (1 / b)": (lambda a, b: a * (1.0 / b), lambda a, b: (0, -1 / b**2, 2 * a / b**3)),
    "a · b⁻²": (lambda a, b: a * b**-2, lambda a, b: (0, -2 / b**3, 6 * a / b**4)),
    "a² / b": (lambda a, b: a / b * a, lambda a, b: (2 / b, -2 * a / b**2, 2 * a**2 / b**3)),
    "a log b": (lambda a, b: a * ad.log(b), lambda a, b: (0, 1 / b, -a / b**2)),
    "3a · (2 / b)": (lambda a, b: (3.0 * a) * (2.0 / b), lambda a, b: (0, -6 / b**2, 12 * a / b**3)),
    "-a / b / b": (lambda a, b: -a / b / b, lambda a, b: (0, 2 / b**3, -6 * a / b**4)),
}


@pytest.mark.parametrize("options", [{"scalars": "always"}, {"scalars": "never", "backend": "numpy"}], ids=str)
@pytest.mark.parametrize("name", QUOTIENTS)
def test_no_reciprocal_is_squared_on_the_way_to_a_second_derivative(name: str, options: dict[str, Any]) -> None:
    f, exact = QUOTIENTS[name]
    program = compile(f, **options)
    for a, b in ((1e150, 1e160), (1e150, 1e120), (1e300, 1e305), (1e-150, 1e160), (3.0, 1e100), (1e-150, 1e-80)):
        if name == "a² / b" and a > 1.0 and b > 1e150:
            continue  # a/b/b/b, which b sees, is 0 before it is multiplied by a
        found = program.hessian(a, b, argnums=(0, 1))
        for number, wanted in zip(
            (found[0][0], found[1][0], found[1][1]), exact(Fraction(a), Fraction(b)), strict=True
        ):
            assert number == pytest.approx(float(wanted), rel=2e-15, abs=2e-323)
