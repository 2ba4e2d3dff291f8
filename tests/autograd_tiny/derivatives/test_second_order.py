"""Second and third order: Hessians and Hessian-vector products in numbers, each row and each pair of rows."""

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
from autograd_tiny import NonFiniteError, Value, core, grad, hessian, hvp, jacobian
from autograd_tiny.derivatives import functional, functions
from autograd_tiny.table.namespaces.coefficients import Series
from autograd_tiny.table.namespaces.multiprecision import multiprecision
from autograd_tiny.table.namespaces.series import SeriesOver
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive, function

EXACT = multiprecision(60)
Formula = Callable[[Any], Any]


def through_graphs(monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]) -> Any:
    """What ``call`` gives where no engine has second derivatives in numbers."""
    with monkeypatch.context() as patch:
        patch.setattr(functional, "curvature_numbers", None)
        return call()


def close(a: Any, b: Any) -> bool:
    scale = max(1.0, *(abs(x) for row in b for x in row))
    return all(abs(x - y) <= 1e-13 * scale for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True))


CHOICES = [(row, fixed) for row in ROWS for fixed in range(len(row.arguments) + 1 if len(row.arguments) > 1 else 1)]


@pytest.mark.parametrize("row, fixed", CHOICES, ids=lambda x: getattr(x, "name", x))
def test_every_row_in_numbers_is_as_by_graphs(monkeypatch: pytest.MonkeyPatch, row: Primitive, fixed: int) -> None:
    """All operands vary, or all but one."""
    random = Random(zlib.crc32(row.name.encode()))
    if row.variadic:
        at = [[random.uniform(-2, 2) for _ in range(3)] for _ in row.arguments]
    else:
        at = [[random.uniform(*interval)] for interval in row.samples]
    sizes = [len(xs) for xs in at]

    def f(flat: list[Any]) -> Any:
        supply = iter(flat)
        operands = [
            xs if i + 1 == fixed else [next(supply) for _ in range(n)]
            for i, (xs, n) in enumerate(zip(at, sizes, strict=True))
        ]
        y = getattr(functions, row.name)(*(operands if row.variadic else [xs[0] for xs in operands]))
        return y * y * flat[0] + 3.0 * y * flat[-1]

    variables = [x for i, xs in enumerate(at) if i + 1 != fixed for x in xs]
    found = hessian(f)(variables)
    assert close(found, through_graphs(monkeypatch, lambda: hessian(f)(variables)))
    assert all(found[i][k] == found[k][i] for i in range(len(found)) for k in range(i))
    along = [random.uniform(-1, 1) for _ in variables]
    product = [sum(a * b for a, b in zip(line, along, strict=True)) for line in found]
    assert close([hvp(f, (variables,), (along,))], [product])


def applied(row: Primitive, x: Any, seed: int, exact: SeriesOver | None) -> Any:
    """The row on operands that all vary with ``x``, inside its domain: as Values, or as series of 60 digits."""
    random = Random(seed)
    lift = float if exact is None else EXACT.lift
    ends = [(-1.5, 1.5)] * (3 if row.variadic else 0) or row.samples
    operands = []
    for low, high in ends:
        middle, half = (low + high) / 2, 0.4 * (high - low) * random.choice((-1, 1)) * random.uniform(0.5, 1.0)
        squeezed = ad.tanh(x) if exact is None else exact.tanh(x)
        operands.append(lift(middle) + lift(half) * squeezed)
    vectors = [operands, operands[::-1]][: len(row.arguments)] if row.variadic else operands
    if exact is None:
        return getattr(functions, row.name)(*vectors)
    own = getattr(SeriesOver, row.name, None)
    if row.name in ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal", "sign"):
        return getattr(exact, row.name)(*vectors)
    return exact.apply(row, vectors) if row.variadic or own is None else own(exact, *vectors)


@pytest.mark.parametrize("outer", ROWS, ids=lambda row: row.name)
def test_every_pair_of_rows_at_second_and_third_order_to_60_digits(
    outer: Primitive, request: pytest.FixtureRequest
) -> None:
    """Every pair in `make test-long`; else of each row some, both ways round, and others by engine."""
    first, step = ROWS.index(outer) + (ad.engine == "python"), 3 if ad.engine == "compiled" else 6
    if request.config.getoption("--long"):
        step = 1
    for inner in ROWS[-first % step :: step]:
        seed = zlib.crc32(f"{outer.name} {inner.name}".encode())
        at = Random(seed).uniform(-0.8, 0.8)
        f = lambda x, inner=inner, seed=seed: applied(outer, applied(inner, x, seed, None), seed + 1, None)
        space = SeriesOver(EXACT)
        y = applied(
            outer, applied(inner, space.variable(EXACT.lift(at), EXACT.lift(1.0)), seed, space), seed + 1, space
        )
        exact = y.upto(3) if isinstance(y, Series) else [y, 0, 0, 0]
        second = hessian(lambda v, f=f: f(v[0]))([at])[0][0]
        third = grad(grad(grad(f)))(at)
        scale = max(map(abs, exact))
        for order, found in ((2, second), (3, third)):
            right = exact[order] * math.factorial(order)
            assert abs(found - right) <= 1e-12 * max(scale, abs(right)), f"{outer.name} of {inner.name}, order {order}"


@given(data=st.data())
def test_a_product_is_the_hessian_times_the_vector(data: st.DataObject) -> None:
    numbers = st.floats(-1.5, 1.5)
    at, along = (
        data.draw(st.lists(numbers, min_size=3, max_size=3)),
        data.draw(st.lists(numbers, min_size=3, max_size=3)),
    )
    f = lambda v: ad.logsumexp([v[0] * v[1], v[2], v[0] * v[0]]) * ad.sin(v[1]) + ad.dot(v, v) / (2.0 + ad.exp(v[2]))
    right = [sum(a * b for a, b in zip(row, along, strict=True)) for row in jacobian(grad(f))(at)]
    assert close([hvp(f, (at,), (along,))], [right])


@pytest.mark.parametrize(
    "f, at",
    [
        (lambda v: ad.sqrt(v[0] ** 2 + v[1] ** 2) ** 2, [0.0, 0.0]),
        (lambda v: v[0] ** v[1], [0.0, 1.0]),
        (lambda v: ad.sqrt(v[0]) * v[1], [0.0, 0.0]),
        (lambda v: v[0] ** 1.5 + v[1], [0.0, 1.0]),
    ],
)
def test_poles_say_the_same_as_at_first_order(monkeypatch: pytest.MonkeyPatch, f: Formula, at: list[float]) -> None:
    said = []
    for call in (lambda: hessian(f)(at), lambda: hvp(f, (at,), ([1.0, 1.0],))):
        with pytest.raises(NonFiniteError) as error:
            call()
        said.append(str(error.value))
        with pytest.raises(NonFiniteError) as error:
            through_graphs(monkeypatch, call)
        assert str(error.value) == said[-1]


def test_vectors_of_one_or_two_elements_made_in_either_way() -> None:
    apply, rows = core.apply, {row.name: row for row in ROWS}
    assert hessian(lambda v: -ad.dot([v[0]], [v[0]]))([1.5]) == [[-2.0]]
    assert hessian(lambda v: apply(rows["dot"], ([v[0]], [v[1]])))([1.5, 2.0]) == [[0.0, 1.0], [1.0, 0.0]]
    assert hessian(lambda v: apply(rows["logsumexp"], ([v[0] ** 2],)))([1.5]) == [[2.0]]
    assert hessian(lambda v: apply(rows["sum"], ([v[0] ** 2, v[1]],)))([1.5, 1.0]) == [[2.0, 0.0], [0.0, 0.0]]


def test_masks_and_kinks_are_those_of_first_order() -> None:
    guarded = lambda v: ad.where(ad.greater(v[0], 1.0), ad.sqrt(v[0]), v[0] * v[0])
    assert hessian(guarded)([0.0]) == [[2.0]]
    assert hessian(lambda v: ad.relu(v[0]) * v[0] + abs(v[0]))([0.0]) == [[0.0]]
    assert hessian(lambda v: ad.maximum(v[0], v[1]) ** 2)([1.0, 1.0]) == [[0.5, 0.5], [0.5, 0.5]]


def test_shapes_constants_and_the_same_variable_twice() -> None:
    assert hessian(lambda v: v[0] * v[0] * 3.0)([2.0, 1.0]) == [[6.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda v: 4.0)([2.0]) == [[0.0]]
    assert hessian(lambda a, b: a[0] * b * b, argnums=1)([2.0], 5.0) == 4.0
    assert hvp(lambda a, b: a * b[0] * b[0], (2.0, [3.0]), (1.0, [0.0])) == (0.0, [6.0])
    assert hvp(lambda v: v[0] ** 2 * v[1], ([1.0, 2.0],), ([1.0, 0.0],)) == [4.0, 2.0]
    nine = [float(i) for i in range(1, 10)]
    assert hessian(lambda v: ad.dot(v, v) / 2.0)(nine) == [[float(i == k) for k in range(9)] for i in range(9)]


def test_of_other_leaves_and_inside_graphs_it_stays_a_graph() -> None:
    w = Value(3.0)
    found = hessian(lambda v: w * v[0] ** 3)([2.0])
    assert isinstance(found[0][0], Value)
    assert ad.gradients(found[0][0], w) == 12.0
    assert grad(lambda x: hessian(lambda v: x * v[0] ** 3)([2.0])[0][0])(5.0) == 12.0
    assert grad(lambda x: hvp(lambda t: t**4, (x,), (1.0,)))(2.0) == 48.0
    assert ad.compile(lambda x: hvp(lambda t: t**4, (x,), (1.0,)))(2.0) == 48.0


def test_a_plug_in_goes_by_graphs() -> None:
    ad.register(function("cubed", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
    try:
        assert hessian(lambda v: v[0].cubed() * v[1])([2.0, 1.0]) == [[12.0, 12.0], [12.0, 0.0]]
    finally:
        ad.unregister("cubed")


def test_a_function_that_changes_its_variable_is_noticed() -> None:
    def f(v: list[Any]) -> Any:
        y = v[0] ** 3
        v[0].data = 7.0
        return y

    with pytest.raises((ad.StaleGraphError, ad.ComputedValueError)):
        hessian(f)([2.0])


@pytest.mark.parametrize("call", [lambda f: hessian(f)([1.0, 2.0]), lambda f: hvp(f, ([1.0, 2.0],), ([1.0, 0.0],))])
def test_a_function_of_several_numbers_has_no_hessian(call: Callable[[Formula], Any]) -> None:
    with pytest.raises(TypeError, match="needs a function that gives one number"):
        call(lambda v: [v[0], v[1]])


def test_of_several_arguments_it_is_blocks_in_numbers_as_by_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    f = lambda x, v: x * ad.sin(v[0] * v[1]) + x**3 * v[1]
    for argnums in ((0, 1), (1, 0), (1,), (0, 0)):
        found = hessian(f, argnums)(0.5, [1.0, 2.0])
        graphs = through_graphs(monkeypatch, lambda argnums=argnums: hessian(f, argnums)(0.5, [1.0, 2.0]))
        assert isinstance(found, tuple) and len(found) == len(argnums)
        assert functional.flatten(found) == pytest.approx(functional.flatten(graphs), rel=1e-13)
        nested = jacobian(grad(f, argnums), argnums)(0.5, [1.0, 2.0])
        assert functional.flatten(found) == pytest.approx(functional.flatten(nested), rel=1e-13)
