"""`Program.jacobian` and `Program.hessian` against the eager ones: every primitive, drawn functions, networks, batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, compile, dot, functions, grad, hessian, jacobian, sin, sum, tanh
from autograd_tiny.derivatives.symbolic.expressions import Expressions
from autograd_tiny.derivatives.symbolic.hessians import Swept, pushed
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import Primitive

from .programs import DRAWN, NUMBERS, Network, Tangle
from .test_composing import either, numbers_of

pytestmark = pytest.mark.once
KINDS = (jacobian, hessian)


def agree(found: Any, expected: Any, digits: float = 1e-9) -> None:
    a, b = np.array(numbers_of(found)), np.array(numbers_of(expected))
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol=digits, atol=digits * max(1e-3, np.abs(b).max(initial=0.0)), equal_nan=True)


def check(f: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """Both kinds, as arrays and as scalars, against the eager function; where that raises, so does the program."""
    for kind in KINDS:
        expected = either(lambda kind=kind: kind(f, **options)(*arguments))
        for scalars in ("always", "never"):
            program = compile(f, scalars=scalars)
            found = either(lambda p=program, kind=kind: getattr(p, kind.__name__)(*arguments, **options))
            if expected is None:
                assert found is None
                continue
            assert found is not None
            agree(found, expected)


def operand_points(row: Primitive) -> list[list[float]]:
    """Points inside the domain, one of them with equal operands where they may be."""
    points = []
    for t in (0.31, 0.68):
        low_high = row.samples or ((-3.0, 3.0),) * len(row.arguments)
        points.append([low + (high - low) * (t + 0.07 * i) for i, (low, high) in enumerate(low_high)])
    return points


def function_of(row: Primitive) -> Callable[[Any], Any]:
    f = getattr(functions, row.name)
    if row.variadic:
        return lambda v: f(*[[x * 1.0 for x in v[i::2]] + [v[0]] for i in range(len(row.arguments))]) * v[-1]
    return lambda v: f(*v[: len(row.arguments)]) * v[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_primitive(row: Primitive) -> None:
    f = function_of(row)
    if row.variadic:
        check(f, [0.4, 1.3, -0.7, 0.9])
        return
    for point in operand_points(row):
        check(f, point)
        for i, number in enumerate(point[1:], 1):  # one operand a constant
            check(lambda v, i=i, c=number: f([*v[:i], c, *v[i:]]), point[:i] + point[i + 1 :])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_edges_answer_as_the_function_or_raise(row: Primitive) -> None:
    f = lambda v: getattr(functions, row.name)(*([v] if row.variadic else v))
    for edge in row.edges:
        if isfinite(edge.value):
            check(f, list(edge.at))


@given(DRAWN, st.lists(NUMBERS, min_size=3, max_size=3))
@settings(max_examples=15)
def test_drawn_functions(operations: Sequence[tuple[int, ...]], xs: list[float]) -> None:
    f = Tangle(operations, [Value(0.4), Value(-0.3)], 3)
    check(lambda v: f(*v), xs)


@given(DRAWN, st.lists(NUMBERS, min_size=3, max_size=3), st.booleans())
@settings(max_examples=12)
def test_batches(operations: Sequence[tuple[int, ...]], xs: list[float], network: bool) -> None:
    made = Network(operations[:12], 3, [0.3, -0.2, 0.5]) if network else Tangle(operations, [Value(0.4)], 3)
    f = lambda v: made(*v)
    batch = np.array([xs, xs[::-1], [0.3, -0.2, 0.9]])
    batch = np.concatenate([batch, batch + 0.01, batch - 0.02])
    for kind in KINDS:
        expected = either(lambda kind=kind: [kind(f)(list(row)) for row in batch])
        for scalars in ("always", "never"):
            program = compile(f, scalars=scalars)
            found = either(lambda p=program, kind=kind: getattr(p, kind.__name__)(batch, batch=True))
            assert (found is None) == (expected is None)
            if expected is not None:
                agree(np.moveaxis(found, -1, 0), expected)


def greeks(v: Any) -> Any:
    """Black-Scholes: a call by price, strike, rate, volatility, time."""
    s, k, r, sigma, t = v[0], v[1], v[2], v[3], v[4]
    width = sigma * t**0.5
    d = (ad.log(s / k) + (r + sigma * sigma / 2) * t) / width
    return s * ad.norm_cdf(d) - k * ad.exp(-r * t) * ad.norm_cdf(d - width)


def test_a_large_batch_runs_in_rows_and_pieces() -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform([80, 80, 0.01, 0.1, 0.2], [120, 120, 0.05, 0.4, 2.0], (5000, 5))
    program = compile(greeks)
    found = program.hessian(X, batch=True)
    assert found.shape == (5, 5, 5000)
    for i in (0, 2047, 2048, 4999):
        agree(found[:, :, i], hessian(greeks)(X[i]), 1e-11)
    X[3000, 1] = -1.0  # no logarithm: that sample alone is the function's to answer, or to raise
    with pytest.raises(NonFiniteError, match="log"):
        program.hessian(X, batch=True)


def test_a_sample_that_is_not_finite_on_its_way_is_the_functions() -> None:
    f = lambda v: ad.where(ad.greater(v[0], 0.0), ad.sqrt(v[0]) * v[1], v[1] ** 2)
    X = np.array([[4.0, 1.0], [0.0, 3.0], [9.0, 2.0]] * 8)
    program = compile(f)
    for kind in KINDS:
        found = getattr(program, kind.__name__)(X, batch=True)
        agree(np.moveaxis(found, -1, 0), [kind(f)(list(row)) for row in X])
    assert program.fallen_back > 0


# Structures


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass
class Point:
    x: Any
    y: Any
    kind: str = "point"


def outputs(x: Any, y: Any) -> list[Any]:
    return [x * y, ad.sin(x) * y**3, x * 2.0]


STRUCTURES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "numbers": (lambda x, y: x * y**2, (0.5, 1.5)),
    "lists": (lambda v, y: outputs(v[0], v[1] * y), ([0.5, 1.5], 2.0)),
    "tuples": (lambda v, y: tuple(outputs(v[0], v[1] * y)), ((0.5, 1.5), 2.0)),
    "arrays": (lambda v, y: np.array(outputs(v[0], v[1] * y)), (np.array([0.5, 1.5]), 2.0)),
    "matrices": (
        lambda v, y: np.array([outputs(v[0, 0], v[0, 1] * y), outputs(v[1, 0], v[1, 1])]),
        (np.array([[0.5, 1.5], [0.7, 0.2]]), 2.0),
    ),
    "array to list": (lambda v, y: outputs(v[0], v[1] * y), (np.array([0.5, 1.5]), 2.0)),
    "list to array": (lambda v, y: np.array(outputs(v[0], v[1] * y)), ([0.5, 1.5], 2.0)),
    "dicts": (lambda d, y: {"r": outputs(d["p"], d["q"][0] * y)}, ({"p": 0.5, "q": [1.5, 0.3]}, 2.0)),
    "namedtuples": (lambda p, y: Pair(*outputs(p.a, p.b * y)[:2]), (Pair(0.5, 1.5), 2.0)),
    "dataclasses": (lambda p, y: Point(*outputs(p.x, p.y * y)[:2]), (Point(0.5, 1.5), 2.0)),
    "one of many": (lambda d, y: ad.exp(d["p"]) * d["q"][1] * y, ({"p": 0.5, "q": [1.5, 0.3]}, 2.0)),
}


def same(a: Any, b: Any) -> None:
    """The same structure with the same numbers, up to rounding."""
    assert type(a) is type(b) or (isinstance(a, float) and isinstance(b, float))
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, Point):
        same([a.x, a.y], [b.x, b.y])
        assert a.kind == b.kind
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(a, np.ndarray) and a.dtype == object:
        same(a.tolist(), b.tolist())
    else:
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("argnums", [0, 1, -1, (0, 1), (1,)])
def test_results_have_the_structure_of_the_eager_ones(name: str, argnums: Any) -> None:
    f, arguments = STRUCTURES[name]
    if isinstance(f(*arguments), np.ndarray) and argnums == (0, 1):
        return  # arrays of tuples of unlike arrays, which numpy refuses, and so does the eager one
    program = compile(f)
    same(program.jacobian(*arguments, argnums=argnums), jacobian(f, argnums)(*arguments))
    if name in ("numbers", "one of many"):
        same(program.hessian(*arguments, argnums=argnums), hessian(f, argnums)(*arguments))


# Sparsity


def shooting(z: Any) -> list[Any]:
    """Defects of multiple shooting: a pendulum with a force, 10 intervals of two steps each."""
    defects = []
    for i in range(10):
        x, v, u = z[3 * i], z[3 * i + 1], z[3 * i + 2]
        for _ in range(2):
            x, v = x + 0.1 * v, v + 0.1 * (u - x.sin() - 0.1 * v)
        defects += [z[3 * i + 3] - x, z[3 * i + 4] - v]
    return defects


def test_what_is_0_for_every_input_is_not_computed() -> None:
    z = [0.1 * i - 1.0 for i in range(33)]
    program = compile(shooting)
    entries = program.jacobian(z, sparse=True)
    assert entries.shape == (20, 33)
    assert len(entries.values) == 80
    agree(entries.dense(), jacobian(shooting)(z))
    agree(program.jacobian(z), jacobian(shooting)(z))
    batch = program.jacobian(np.array([z, z[::-1]]), batch=True, sparse=True)
    assert batch.values.shape == (80, 2)
    agree(batch.dense()[:, :, 1], jacobian(shooting)(z[::-1]))


def test_a_hessian_is_symmetric_and_sparse() -> None:
    chain = lambda v: sum([(b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(v)])
    x = [0.1 * i for i in range(12)]
    entries = compile(chain).hessian(x, sparse=True)
    assert len(entries.values) == 12 + 2 * 11
    dense = entries.dense()
    assert (dense == dense.T).all()
    agree(dense, hessian(chain)(x))


def test_pushing_edges_and_forward_over_reverse_agree() -> None:
    e = Expressions()
    x = [e.leaf() for _ in range(3)]
    node = e.apply(TABLE["logsumexp"], tuple(x))
    root = e.product(node, e.apply(TABLE["sin"], (x[1],)))
    swept = Swept(e, [root], x)
    gradient = swept.reverse()
    assert gradient.keys() == {(0, 0), (0, 1), (0, 2)} == swept.forward().keys()
    numbers = dict(zip(x, (0.2, -0.4, 0.7), strict=True))

    def value(place: int) -> float:
        if place not in numbers:
            row, operands = e.rows[place], [value(i) for i in e.operands[place]]
            known = e.numbers[place]
            numbers[place] = known if known is not None else getattr(functions, row.name)(
                *([operands] if row.name in ("sum", "logsumexp") else operands)
            )  # fmt: skip
        return numbers[place]

    by_edges = pushed(swept, root, 10**6)
    over = Swept(e, [gradient[0, j] for j in range(3)], x)
    for entry, place in over.forward().items():
        i, j = max(entry), min(entry)
        assert abs(value(place) - value(by_edges[i, j])) < 1e-12


# Parameters, indices, refusals


def test_parameters_are_read_anew_and_held_ones_too() -> None:
    w = Value(2.0)
    program = compile(lambda v: w * v[0] ** 2 * v[1], parameters=[w])
    assert program.hessian([3.0, 5.0]) == [[20.0, 12.0], [12.0, 0.0]]
    w.data = 1.0
    assert program.hessian([3.0, 5.0]) == [[10.0, 6.0], [6.0, 0.0]]
    with program.hold() as held:
        held += 2.0
        assert program.jacobian([3.0, 5.0]) == [90.0, 27.0]
    assert program.parameters == [w]


def test_indices_are_told_apart() -> None:
    rows = [Value(1.0), Value(2.0), Value(4.0)]
    program = compile(lambda v, i: rows[i] * v[0] ** 2)
    assert program.jacobian([3.0], 2) == [24.0]
    found = program.jacobian([[3.0], [3.0], [1.0]], [0, 1, 2], batch=True)
    assert found.tolist() == [[6.0, 12.0, 8.0]]
    with pytest.raises(TypeError, match="argument 1 of <lambda> is used as an index"):
        program.jacobian([3.0], 2, argnums=1)


def test_surroundings_are_watched() -> None:
    setting = {"power": 2}
    program = compile(lambda x: x ** setting["power"])
    assert program.jacobian(3.0) == 6.0
    setting["power"] = 3
    assert program.jacobian(3.0) == 27.0


def test_a_function_of_plain_numbers_is_derived_on_values() -> None:
    cube = ad.custom_gradient(lambda x: x**3, backward=lambda g, y, x: g * 3.0 * x**2)
    program = compile(lambda v: cube(v[0]) * v[1])
    agree(program.jacobian([2.0, 3.0]), [36.0, 8.0])
    agree(program.hessian([2.0, 3.0]), [[36.0, 12.0], [12.0, 0.0]])
    with pytest.raises(TypeError, match="function of plain numbers"):
        program.jacobian([2.0, 3.0], sparse=True)


@pytest.mark.parametrize("kind", ["jacobian", "hessian"])
def test_one_of_plain_numbers_reads_parameters_where_they_are_held(kind: str) -> None:
    w = Value(2.0)
    cube = ad.custom_gradient(lambda x: x**3, backward=lambda g, y, x: g * 3.0 * x**2)
    program = compile(lambda v: cube(v[0]) * w)
    derivative = getattr(program, kind)
    before = np.array(derivative([2.0]))
    assert program.parameters == [w]
    with program.hold() as held:
        held *= 5.0
        np.testing.assert_allclose(derivative([2.0]), 5.0 * before)
        assert w.data == 2.0


def test_of_values_and_within_programs() -> None:
    f = lambda v: v[0] ** 3 * v[1]
    program = compile(f)
    found = program.hessian([Value(2.0), 3.0])
    assert numbers_of(found) == [36.0, 12.0, 12.0, 0.0]
    outer = compile(lambda v: program.jacobian(v)[0] + program.hessian(v)[0][1])
    assert outer([2.0, 3.0]) == 48.0


@pytest.mark.parametrize("scalars", ["always", "never"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: grad(lambda y: jacobian(lambda z: z * z * y)(3.0))(x),
        lambda x: jacobian(lambda y: hessian(lambda z: z**3 * y)(y))(x),
        lambda x: hessian(lambda y: jacobian(lambda z: z * z * y * x)(y))(x),
        lambda x: jacobian(lambda y: jacobian(lambda z: sin(z * y))(y))(x) * x,
    ],
)
def test_one_inside_another_keeps_the_variable_around_it(f: Callable[[Any], Any], scalars: str) -> None:
    agree(compile(f, scalars=scalars)(0.7), f(0.7))


STEP = lambda c, q: (c * 0.3 + q, None)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: grad(lambda y: y * ad.scan(STEP, x, [0.1, 0.2])[0])(x),
        lambda x: grad(lambda y: y * y * ad.scan(lambda c, q: (x * c + q, None), 0.5, [0.1, 0.2])[0])(x),
        lambda x: jacobian(lambda y: [y * ad.scan(STEP, x, [0.1, 0.2])[0]])(2.0)[0],
        lambda x: ad.jvp(lambda y: y * ad.scan(STEP, x, [0.1, 0.2])[0], (2.0,), (1.0,))[1],
    ],
)
def test_a_loop_around_which_something_else_is_differentiated(f: Callable[[Any], Any]) -> None:
    program = compile(f)
    for x in (0.7, -1.3):
        agree(program(x), f(x))


def test_refusals_say_what_to_do() -> None:
    several = compile(lambda v: [v[0], v[1]])
    with pytest.raises(TypeError, match="hessian needs a function that gives one number"):
        several.hessian([1.0, 2.0])
    with pytest.raises(TypeError, match="argnums has 3, but <lambda> was called with 1 arguments"):
        several.jacobian([1.0, 2.0], argnums=3)
    with pytest.raises(NonFiniteError):
        compile(lambda x: x.sqrt()).jacobian(0.0)


def test_networks_of_many_inputs() -> None:
    weights = [[((3 * i + 5 * j) % 7 - 3) / 7 for j in range(6)] for i in range(5)]

    def f(x: Any) -> Any:
        hidden = [tanh(dot(row, x)) for row in weights]
        return dot(hidden, hidden) + dot([h**3 for h in hidden], [0.1, 0.2, 0.3, 0.4, 0.5])

    check(f, [0.3, -0.5, 0.2, 0.9, -0.1, 0.4])


@given(DRAWN, st.lists(NUMBERS, min_size=2, max_size=2))
@settings(max_examples=12)
def test_derivatives_inside_a_program_and_their_gradients(
    operations: Sequence[tuple[int, ...]], xs: list[float]
) -> None:
    f = Tangle(operations, [Value(0.4), Value(-0.3)], 2)
    g = lambda v: f(*v)

    def total(v: Any) -> Any:
        slopes, matrix = jacobian(g)(v), hessian(g)(v)
        return sum([slopes[0], slopes[1] * 0.5, matrix[0][0], matrix[1][0] * 0.3, matrix[1][1]])

    expected = either(lambda: total(xs))
    for scalars in ("always", "never"):
        program = compile(total, scalars=scalars, parameters=f.parameters)
        found = either(lambda p=program: p.value_and_grad(xs))
        slopes = None if expected is None else either(lambda: ad.gradients(expected, f.parameters))
        assert (found is None) == (slopes is None)
        if found is not None:
            agree([found[0], list(found[1])], [expected, slopes], 1e-8)


def test_a_network_whose_loss_has_second_derivatives() -> None:
    weights = [[Value(((3 * i + 5 * j) % 7 - 3) / 7) for j in range(3)] for i in range(4)]
    flat = [w for row in weights for w in row]

    def residual(x: Any, t: Any) -> Any:
        u = lambda v: sum([tanh(dot(row[:2], v) + row[2]) for row in weights])
        return (jacobian(u)([x, t])[1] - hessian(u)([x, t])[0][0]) ** 2

    program = compile(residual, parameters=flat)
    _, slopes = program.value_and_grad([0.3, -0.2], [0.5, 0.1], batch=True)
    mean = (residual(0.3, 0.5) + residual(-0.2, 0.1)) * 0.5
    agree(list(slopes), ad.gradients(mean, flat), 1e-11)


def test_parts_of_a_long_batch_share_their_arrays() -> None:
    program = compile(lambda v: v[0] ** 2 * v[1].exp(), scalars="never")
    xs = np.random.default_rng(3).normal(size=(9000, 2))
    program.hessian(xs, batch=True)
    arrays = program._derivatives["hessian", 0].last.program  # type: ignore[union-attr]
    assert arrays is not None
    assert [len(every) for every in arrays.bindings.values()] == [1, 1]
    assert not any(binding.in_use for every in arrays.bindings.values() for binding in every)


@pytest.mark.parametrize("scalars", ["always", "never"])
def test_what_is_no_number_in_an_argument_stays_in_its_hessian(scalars: str) -> None:
    f = lambda v: v[1] ** 3 * (2.0 if v[0] else 1.0)
    program = compile(f, scalars=scalars)
    for v in ([True, 2.0], [False, 2.0], ["text", 2.0]):
        assert program.hessian(v) == hessian(f)(v)
        assert program.jacobian(v) == jacobian(f)(v)
