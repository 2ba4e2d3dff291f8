"""Taylor mode: every row against 60 digits, and against `grad` nested."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, compile, exp, grad, gradients, log, sin, sqrt, tanh, taylor
from autograd_tiny.derivatives import functions
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.namespaces.coefficients import Series
from autograd_tiny.table.namespaces.multiprecision import MultiPrecision, multiprecision
from autograd_tiny.table.namespaces.series import SeriesOver
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive, function

ORDER = 6


class Uncapped(MultiPrecision):
    """60 digits, and as many more as numerical differences ask for, also of functions that take long."""

    def _kept(self, name: str, f: Callable[..., Any], *operands: Any) -> Any:
        return f(*operands)


EXACT = Uncapped(multiprecision(60).context)


def line(row: Primitive, seed: int) -> tuple[list[Any], list[Any]]:
    """A point inside the row's domain and a direction, in the structure of its operands."""
    random = Random(zlib.crc32(row.name.encode()) + seed)
    if row.variadic:
        shape = [range(3) for _ in row.arguments]
        return [[random.uniform(-2, 2) for _ in xs] for xs in shape], [
            [random.uniform(-1, 1) for _ in xs] for xs in shape
        ]
    point = [random.uniform(*interval) for interval in row.samples]
    return point, [random.uniform(-0.5, 0.5) for _ in point]


def along(row: Primitive, point: list[Any], direction: list[Any]) -> Callable[[Any], Any]:
    """The row on the line, in 60 digits."""

    def moved(x: Any, d: Any, t: Any) -> Any:
        return [moved(*pair, t) for pair in zip(x, d, strict=True)] if isinstance(x, list) else EXACT.lift(x) + t * d

    return lambda t: row.forward(EXACT, *moved(point, [lifted(d) for d in direction], t))


def lifted(x: Any) -> Any:
    return [lifted(part) for part in x] if isinstance(x, list) else EXACT.lift(x)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_the_derivatives_that_mpmath_finds_numerically(row: Primitive, seed: int) -> None:
    point, direction = line(row, seed)
    context = EXACT.context
    right = [c * math.factorial(k) for k, c in enumerate(context.taylor(along(row, point, direction), 0, ORDER))]
    apply = getattr(functions, row.name)
    found = taylor(lambda operands: apply(*operands), point, ORDER, direction=direction)
    scale = max(map(abs, right)) or 1.0
    for k, (derivative, exact) in enumerate(zip(found, right, strict=True)):
        assert abs(derivative - exact) <= 2e-14 * scale, f"{row.name}, order {k}: {derivative}, but {exact}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_same_rules_hold_to_60_digits(row: Primitive) -> None:
    point, direction = line(row, 7)
    space = SeriesOver(EXACT)

    def variables(x: Any, d: Any) -> Any:
        return [variables(*pair) for pair in zip(x, d, strict=True)] if isinstance(x, list) else space.variable(x, d)

    operands = variables(lifted(point), lifted(direction))
    own = getattr(SeriesOver, row.name, None)
    y = space.apply(row, operands) if row.variadic or own is None else own(space, *operands)
    right = EXACT.context.taylor(along(row, point, direction), 0, ORDER)
    found = y.upto(ORDER) if isinstance(y, Series) else [y] + [0] * ORDER
    assert all(abs(a - b) <= EXACT.context.mpf(10) ** -50 for a, b in zip(found, right, strict=True))


def test_the_tenth_derivative_of_sin_exp_at_60_digits() -> None:
    exact = EXACT.context.taylor(lambda t: EXACT.context.sin(EXACT.context.exp(t)), EXACT.lift(0.3), 10)[10]
    found = taylor(lambda x: sin(exp(x)), 0.3, 10)[10]
    assert math.isclose(found, exact * math.factorial(10), rel_tol=1e-14)


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "power": lambda x: (x * x + 1.5) ** 2.5,
    "power of x": lambda x: (x * x + 0.5) ** x,
    "negative power": lambda x: (x - 5.0) ** -3,
    "quotients": lambda x: 1.0 / (4.0 + x) - x / (1.0 + x * x),
    "many parents": lambda x: ad.logsumexp([x, x * x, 1.0]) * ad.dot([x, sin(x)], [2.0, x]),
    "maximum": lambda x: ad.maximum(x, x * x, -3.0) * x,
    "activations": lambda x: tanh(ad.sigmoid(x)) * ad.gelu(x) + ad.silu(x) * ad.softplus(x),
    "branches": lambda x: ad.where(ad.greater(x, 0.1), sin(x), x**3) + ad.relu(x) * abs(x) * ad.elu(x),
    "inside a gradient": lambda x: grad(lambda z: exp(z * x))(0.5) * x,
}


@pytest.mark.parametrize("name", FORMULAS)
@given(x=st.floats(-2, 2).filter(lambda x: min(abs(x), abs(x - 0.1), abs(x - 1)) > 1e-3))
def test_equals_grad_nested(name: str, x: float) -> None:
    f = FORMULAS[name]
    first, second = grad(f), grad(grad(f))
    nested = [f(Value(x)).data, first(x), second(x), grad(second)(x)]
    found = taylor(f, x, 3)
    scale = max(1.0, *map(abs, nested))
    assert all(abs(a - b) <= 1e-9 * scale for a, b in zip(found, nested, strict=True))


def test_a_power_has_all_its_derivatives_at_zero() -> None:
    assert taylor(lambda x: x**3, 0.0, 5) == [0.0, 0.0, 0.0, 6.0, 0.0, 0.0]
    assert taylor(lambda x: x**2.5, 0.0, 2) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "f, order",
    [
        (lambda x: sqrt(x), 1),
        (lambda x: sqrt(x) ** 2, 1),  # 0 · ∞, as with grad, though the limit is 1
        (lambda x: (x**3) ** (1 / 3), 1),
        (lambda x: x**2.5, 3),
        (lambda x: ad.relu(x) * sqrt(x), 1),
    ],
)
def test_where_a_derivative_is_not_finite_it_raises_as_grad_does(f: Callable[[Any], Any], order: int) -> None:
    nested: Any = f
    for _ in range(order):
        nested = grad(nested)
    with pytest.raises(NonFiniteError):
        nested(0.0)
    with pytest.raises(NonFiniteError):
        taylor(f, 0.0, order)
    assert len(taylor(f, 0.0, order - 1)) == order
    with ad.nonfinite("allow"):
        assert not math.isfinite(taylor(f, 0.0, order)[order])


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize(
    ("f", "order"),
    [
        (lambda x: 0.0 * sqrt(x), 1),
        (lambda x: sqrt(x) ** 0, 1),
        (lambda x: abs(sqrt(x)), 1),
        (lambda x: ad.dot([sqrt(x), 1.0], [0.0, x]), 1),
        (lambda x: 0.0 * ad.leaky_relu(sqrt(x) - 1.0), 2),
    ],
)
def test_a_constant_zero_hides_no_infinity_that_grad_meets(f: Callable[[Any], Any], order: int, graph: bool) -> None:
    with pytest.raises(NonFiniteError):
        grad(f)(0.0)
    with pytest.raises(NonFiniteError):
        taylor((lambda x: f(x) + w * 0.0) if graph else f, 0.0, order)


w = Value(2.0, "w")


def test_a_branch_that_is_not_taken_sends_nothing_though_it_be_infinite() -> None:
    assert taylor(lambda x: ad.where(ad.greater(x, 1.0), sqrt(x), x * x), 0.0, 2) == [0.0, 0.0, 2.0]
    assert taylor(lambda x: ad.maximum(sqrt(x), 1.0 + x), 0.0, 2) == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: sqrt(ad.maximum(x, 0.0)), -1.0),
        (lambda x: ad.relu(x) ** 1.5, -1.0),
        (lambda x: sqrt(ad.clip(x, 0.0, 1.0)), -1.0),
        (lambda x: sqrt(ad.floor(x)), 0.25),
        (lambda x: ad.cbrt(ad.greater(x, 1.0)), 0.5),
        (lambda x: sqrt(ad.where(ad.greater(x, 0.0), x, 0.0)), -1.0),
    ],
)
def test_what_is_flat_is_a_number_at_every_order(f: Callable[[Any], Any], x: float, graph: bool) -> None:
    g = (lambda x: f(x) * (w * 1.0)) if graph else f
    found = taylor(g, x, 3)[1:]
    assert [y.data if isinstance(y, Value) else y for y in found] == [0.0, 0.0, 0.0]
    assert float(getattr(grad(g)(x), "data", grad(f)(x))) == 0.0


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: ad.cbrt(x * 0.0),
        lambda x: ad.cbrt(0.0 * x),
        lambda x: ad.cbrt(0.0 / x),
        lambda x: ad.cbrt(ad.dot([x, x], [0.0, 0.0])),
        lambda x: ad.cbrt(ad.xlogy(0.0, x)),
        lambda x: sqrt(abs(x - 0.25)),
    ],
)
def test_a_zero_that_was_written_is_no_mask(f: Callable[[Any], Any], graph: bool) -> None:
    g = (lambda x: f(x) * (w * 1.0)) if graph else f
    with pytest.raises(NonFiniteError):
        grad(g)(0.25)
    with pytest.raises(NonFiniteError):
        taylor(g, 0.25, 1)


def test_of_a_function_that_reaches_values_the_derivatives_are_values() -> None:
    w = Value(2.0)
    third = taylor(lambda x: sin(w * x) * x, 1.0, 3)[3]
    again = grad(lambda u: grad(grad(grad(lambda x: sin(u * x) * x)))(1.0))(2.0)
    assert isinstance(third, Value)
    assert math.isclose(gradients(third, w), again, rel_tol=1e-12)
    assert math.isclose(grad(lambda x: taylor(lambda y: exp(2.0 * y), x, 2)[2])(0.3), 8 * math.exp(0.6), rel_tol=1e-12)
    assert math.isclose(taylor(lambda x: taylor(lambda y: log(y), x, 1)[1], 2.0, 2)[2], 2 / 8, rel_tol=1e-12)


def test_the_answers_are_nobody_elses_nodes() -> None:
    w = Value(2.0)
    answers = taylor(lambda x: w * x, 1.0, 2)
    assert len({*answers, w}) == 4


def test_inside_a_compiled_function_it_holds_for_other_samples() -> None:
    f = lambda x: taylor(lambda y: sin(exp(y)) * y**3 / (1.0 + y), x, 2)[2]
    program = compile(f)
    for x in (0.5, 0.0, 1.5, -0.3):
        assert math.isclose(program(x), f(x), rel_tol=1e-12, abs_tol=1e-12)


def test_structures_directions_and_constants() -> None:
    assert taylor(lambda x: [x * x, (3.0 * x,)], 1.0, 1) == [[1.0, (3.0,)], [2.0, (3.0,)]]
    assert taylor(lambda x: 3.0, 1.0, 2) == [3.0, 0.0, 0.0]
    assert taylor(lambda v: v[0] * v[1], [2.0, 3.0], 3, direction=[1.0, -1.0]) == [6.0, 1.0, -2.0, 0.0]
    assert taylor(lambda x: [], 1.0, 1) == [[], []]


def test_a_long_chain_needs_no_deep_stack() -> None:
    def chain(x: Any) -> Any:
        for _ in range(5000):
            x = x * 0.5 + 1.0
        return x

    assert taylor(chain, 1.0, 2)[2] == 0.0


def test_a_plug_in_follows_from_its_partials() -> None:
    cube = ad.register(function("cubed", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
    try:
        assert taylor(cube, 2.0, 4) == [8.0, 12.0, 12.0, 6.0, 0.0]
    finally:
        ad.unregister("cubed")


@pytest.mark.parametrize("order", [-1, 1.5, "3", True, Value(2.0)])
def test_an_order_that_is_none(order: Any) -> None:
    with pytest.raises(TypeError, match=r"order got .*: expected a whole number, 0 or more"):
        taylor(sin, 1.0, order)


def test_several_numbers_without_a_direction() -> None:
    with pytest.raises(TypeError, match="or a direction of the same structure"):
        taylor(lambda v: v[0], [1.0, 2.0], 1)


def test_the_work_grows_with_the_square_of_the_order() -> None:
    counted = 0

    def times(a: float, b: float) -> float:
        nonlocal counted
        counted += 1
        return a * b

    def work(order: int) -> int:
        nonlocal counted
        counted, space = 0, SeriesOver(FLOATS)
        space.times = times
        x = space.variable(0.3)
        y = space.div(space.tanh(space.sin(space.exp(x)) * space.sigmoid(x)), space.sqrt(x) + space.pow(x, 2.5))
        y.at(order)
        return counted

    assert work(40) < 4.5 * work(20) < 4.5**2 * work(10)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: x**2, 1e-200, [0.0, 2e-200, 2.0, 0.0]),
        (lambda x: x**4, 1e-100, [0.0, 4e-300, 1.2e-199, 2.4e-99]),
        (lambda x: x**2, 1e-160, [1e-320, 2e-160, 2.0, 0.0]),
        (lambda x: x**2, -1e-200, [0.0, -2e-200, 2.0, 0.0]),
        (lambda x: x**2.5, 1e-150, [0.0, 2.5e-225, 3.75e-75, 1.875e75]),
    ],
)
def test_a_power_that_underflows_has_its_derivatives_still(f: Any, x: float, expected: list[float]) -> None:
    assert taylor(f, x, 3) == pytest.approx(expected, rel=1e-14)
    assert [y.data for y in taylor(f, Value(x), 3)] == pytest.approx(expected, rel=1e-14)


def test_there_is_no_derivative_where_there_is_no_angle() -> None:
    for f in (lambda x: ad.atan2(x, 0.0), lambda x: ad.atan2(0.0, x), lambda x: ad.atan2(x * 0.0, x)):
        for x in (0.0, Value(0.0)):
            with pytest.raises(NonFiniteError):
                taylor(f, x, 1)


def test_a_function_with_a_backward_of_its_own_is_differentiated_again_and_again() -> None:
    cube = ad.custom_gradient(backward=lambda g, y, x: g * 3.0 * x * x)(lambda x: x**3)
    root = ad.implicit(lambda a: a**0.5, lambda x, a: x * x - a)
    solved = lambda x: ad.linalg.solve([[x, 1.0], [1.0, 3.0]], [1.0, 2.0])[1]
    for f, same, x in (
        (cube, lambda x: x**3, 2.0),
        (root, ad.sqrt, 4.0),
        (solved, lambda x: (2 * x - 1) / (3 * x - 1), 2.0),
    ):
        expected = taylor(same, x, 4)
        assert taylor(f, x, 4) == pytest.approx(expected, rel=1e-12)
        assert [y.data for y in taylor(f, Value(x), 4)] == pytest.approx(expected, rel=1e-12)
    assert taylor(lambda v: cube(v[0]) * v[1], [2.0, 5.0], 2, [1.0, 1.0]) == pytest.approx([40.0, 68.0, 84.0])
