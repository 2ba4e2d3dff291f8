"""`custom_gradient`, `implicit`, `linalg`: right to second order, eagerly, compiled, stepped, drawn, checked; errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import (
    Value,
    compile,
    custom_gradient,
    explain,
    grad,
    gradients,
    hessian,
    implicit,
    jacobian,
    jvp,
    linalg,
    steps,
    vjp,
)
from autograd_tiny.derivatives.custom import NumbersOnly
from autograd_tiny.testing import assert_gradients


@custom_gradient(backward=lambda g, y, x: g * 2.0 * x * y)
def bell(x: float) -> float:
    return math.exp(x * x)


@custom_gradient
def length(v: Any) -> Any:
    r = math.hypot(*v)
    return r, lambda g: [g * x / r for x in v]


@custom_gradient(backward=lambda g, y, a, b: (g["sum"] + g["product"] * b, g["sum"] + g["product"] * a))
def both(a: float, b: float) -> dict[str, float]:
    return {"sum": a + b, "product": a * b}


def test_it_is_one_node_with_its_own_derivative() -> None:
    x = Value(0.5, "x")
    y = bell(x)
    assert (y.op, y.parents, y.data) == ("bell", (x,), math.exp(0.25))
    assert gradients(y, x) == math.exp(0.25)
    assert bell(0.5) == math.exp(0.25)
    assert jvp(bell, (0.5,), (2.0,)) == (math.exp(0.25), 2.0 * math.exp(0.25))
    for order in (1, 2):
        assert_gradients(bell, 0.5, order=order)


def test_it_has_any_order_where_its_backward_is_arithmetic() -> None:
    third = grad(grad(grad(bell)))
    assert third(0.5) == pytest.approx((12 * 0.5 + 8 * 0.125) * math.exp(0.25), rel=1e-14)
    assert hessian(lambda v: both(v[0] * v[1], v[1])["sum"] * both(v[0], v[1])["product"])([1.0, 2.0]) == pytest.approx(
        np.array(hessian(lambda v: (v[0] * v[1] + v[1]) * v[0] * v[1])([1.0, 2.0]))
    )


def test_numbers_only_says_so() -> None:
    assert grad(length)([3.0, 4.0]) == [0.6, 0.8]
    with pytest.raises(NumbersOnly, match=r"the derivatives of length are numbers.*custom_gradient\(backward=…\)"):
        hessian(length)([3.0, 4.0])


def test_several_numbers_in_a_structure() -> None:
    found = both(Value(2.0), 3.0)
    assert {key: y.data for key, y in found.items()} == {"sum": 5.0, "product": 6.0}
    assert jacobian(lambda v: both(v[0], v[1]))([2.0, 3.0]) == {"sum": [1.0, 1.0], "product": [3.0, 2.0]}


def test_arrays_in_and_out() -> None:
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    times = custom_gradient(lambda v: matrix @ v, backward=lambda g, y, v: matrix.T @ g)
    v = np.array([Value(1.0), Value(-1.0)])
    y = times(v)
    assert isinstance(y, np.ndarray) and [x.data for x in y] == [-1.0, -1.0]
    assert gradients(ad.dot(y, y), list(v)) == (2.0 * matrix.T @ matrix @ [1.0, -1.0]).tolist()
    np.testing.assert_array_equal(jacobian(times)(np.array([1.0, -1.0])), matrix)


@pytest.mark.parametrize("scalars", ["auto", "never", "always"])
def test_a_compiled_function_calls_it_anew(scalars: str) -> None:
    w = Value(0.7)
    f = lambda x: bell(w * x) * 3.0 + w
    program = compile(f, scalars=scalars)
    for x in (0.3, -0.2, 0.0):
        want = math.exp((0.7 * x) ** 2)
        assert program(x) == pytest.approx(want * 3.0 + 0.7, rel=1e-15)
        slopes = program.value_and_grad(x)[1]
        assert slopes == pytest.approx([6.0 * 0.7 * x * x * want + 1.0], rel=1e-14)
    values, slopes = program.value_and_grad([0.1, 0.2], batch=True)
    assert values.tolist() == pytest.approx([3.0 * math.exp((0.7 * x) ** 2) + 0.7 for x in (0.1, 0.2)])
    assert not program.uses_arrays
    assert "it calls bell, a function of plain numbers" in program.explain() or scalars == "always"


def test_a_derivative_of_it_is_compiled_too() -> None:
    program = compile(lambda x: grad(lambda t: bell(t) * bell(2.0 * t))(x))
    for x in (0.5, -0.2):
        assert program(x) == pytest.approx(grad(lambda t: bell(t) * bell(2.0 * t))(x), rel=1e-14)


def test_a_program_that_calls_it_cannot_leave() -> None:
    w = Value(0.7)
    program = compile(lambda x: bell(w * x))
    program(0.3)
    with pytest.raises(TypeError, match="calls bell, a function of plain numbers, which nothing but Python runs"):
        program.to_numpy()


def test_it_is_stepped_explained_and_drawn() -> None:
    from visualize import draw_graph

    x = Value(0.5, "x")
    z = bell(x) * 2.0
    assert "∂bell(x)/∂x" in "".join(map(str, steps(z)))
    assert "bell(x)" in str(explain(z, x))
    assert "bell" in draw_graph(z).source


@dataclass
class Market:
    rate: float
    kind: str = "call"


def test_dataclasses_and_texts_among_the_arguments() -> None:
    @custom_gradient(backward=lambda g, y, market, t: (Market(-g * t * y, market.kind), -g * market.rate * y))
    def discount(market: Market, t: float) -> float:
        assert market.kind == "call"
        return math.exp(-market.rate * t)

    slope, by_time = grad(discount, (0, 1))(Market(0.05), 2.0)
    assert slope == Market(-2.0 * math.exp(-0.1), "call")
    assert by_time == pytest.approx(-0.05 * math.exp(-0.1))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: custom_gradient(3)(1.0), r"custom_gradient\(3\): expected a function"),
        (lambda: custom_gradient(backward="x"), r"custom_gradient\(backward='x'\): expected a function"),
        (lambda: grad(custom_gradient(lambda x: x))(1.0), "expected its result and a function backward"),
        (lambda: grad(custom_gradient(lambda a, b: a, backward=lambda g, y, a, b: g))(1.0, 2.0), "a tuple of 2 gradients"),
        (lambda: grad(custom_gradient(lambda v: v[0], backward=lambda g, y, v: [g]))([1.0, 2.0]), "1 number for argument 0"),
        (lambda: grad(custom_gradient(lambda x: "a", backward=lambda g, y, x: g))(1.0), "gave 'a', a str"),
        (lambda: grad(custom_gradient(lambda x: x, backward=lambda g, y, x: "a"))(1.0), "gave 0 numbers for argument 0: expected 1"),
        (lambda: bell(object()), "expected numbers, Values and structures"),
        (lambda: implicit(1, 2), r"implicit\(solve=1\): expected a function"),
    ],
)  # fmt: skip
def test_errors_in_words(make: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        make()


# Implicit functions


def kepler(mean: float, e: float) -> float:
    found = mean
    for _ in range(60):
        found -= (found - e * math.sin(found) - mean) / (1.0 - e * math.cos(found))
    return found


@pytest.mark.parametrize("way", ["auto", "never", "always"])
def test_a_program_calls_for_derivatives_that_are_numbers_only(way: Any) -> None:
    """A gradient or a Jacobian within is a first derivative; it was refused with the words for a second one."""
    w = Value(2.0, "w")
    functions: list[Any] = [
        grad(length),
        jacobian(lambda v: length(v) * v[0]),
        lambda v: jvp(length, (v,), ([1.0, 0.0],))[1],
    ]
    for f in functions:
        program = compile(f, scalars=way)
        assert program([3.0, 4.0]) == f([3.0, 4.0])
        assert np.transpose(program([[3.0, 4.0], [6.0, 8.0]], batch=True))[1].tolist() == f([6.0, 8.0])
    program = compile(lambda v: w * grad(length)(v)[0], scalars=way)
    assert program.value_and_grad([3.0, 4.0]) == (1.2, [0.6])
    for second in (hessian(length), lambda v: ad.hvp(length, (v,), ([1.0, 0.0],)), grad(program)):
        with pytest.raises(NumbersOnly, match="a second derivative takes a formula"):
            compile(second, scalars=way)([3.0, 4.0])


def test_a_residual_that_reaches_a_value_from_outside_is_an_error() -> None:
    w = Value(2.0, "w")
    scaled = implicit(lambda a: a * w.data, lambda x, a: x - a * w)
    for way in (lambda: scaled(3.0), lambda: scaled(Value(3.0)), lambda: grad(scaled)(3.0),
                lambda: grad(lambda b: implicit(lambda a: a, lambda x, a: x - a * b / b)(2.0))(3.0)):  # fmt: skip
        with pytest.raises(TypeError, match="Give it as a parameter, to solve and residual"):
            way()


anomaly = implicit(kepler, lambda E, mean, e: E - e * ad.sin(E) - mean)


@pytest.mark.parametrize(("mean", "e"), [(1.0, 0.5), (1e-9, 0.9), (3.0, 0.0), (-2.0, 0.99)])
def test_kepler_to_second_order(mean: float, e: float) -> None:
    E = kepler(mean, e)
    c, s, d = math.cos(E), math.sin(E), 1.0 - e * math.cos(E)
    assert grad(anomaly, (0, 1))(mean, e) == pytest.approx((1.0 / d, s / d), rel=1e-12)
    by_e = s / d
    mixed = -(e * s * by_e - c) / d**2  # d(1/d)/de
    want = [[-e * s / d**3, mixed], [mixed, 2.0 * c * by_e / d - e * s * by_e**2 / d]]
    found = hessian(lambda v: anomaly(v[0], v[1]))([mean, e])
    for row, exact in zip(found, want, strict=True):
        assert row == pytest.approx(exact, rel=1e-10, abs=1e-15)


def test_a_system_of_two_equations() -> None:
    """x² + y² = a, x y = b: x + y = √(a + 2b)."""

    def solve(v: Any) -> list[float]:
        a, b = v
        total, apart = math.sqrt(a + 2 * b), math.sqrt(a - 2 * b)
        return [(total + apart) / 2, (total - apart) / 2]

    f = implicit(solve, lambda x, v: [x[0] ** 2 + x[1] ** 2 - v[0], x[0] * x[1] - v[1]])
    explicit = lambda v: (ad.sqrt(v[0] + 2.0 * v[1]) + ad.sqrt(v[0] - 2.0 * v[1])) / 2.0
    point = [5.0, 2.0]
    assert f(point) == [2.0, 1.0]
    assert grad(lambda v: f(v)[0])(point) == pytest.approx(grad(explicit)(point), rel=1e-13)
    np.testing.assert_allclose(hessian(lambda v: f(v)[0])(point), hessian(explicit)(point), rtol=1e-11)
    w = Value(5.0)
    program = compile(lambda b: f([w, b])[0])
    for b in (2.0, 1.0):
        assert program.value_and_grad(b)[1] == pytest.approx([grad(explicit)([5.0, b])[0]], rel=1e-12)


def test_a_singular_equation_and_one_too_few() -> None:
    with pytest.raises(ZeroDivisionError, match="singular"):
        grad(implicit(lambda a: 0.0, lambda x, a: x * x - a))(0.0)
    with pytest.raises(ValueError, match="1 number for a solution of 2"):
        grad(lambda a: implicit(lambda a: [a, a], lambda x, a: [x[0] - a])(a)[0])(1.0)


WAYS = {
    "a Hessian times a vector": lambda f: lambda a: ad.hvp(f, (a,), (1.0,)),
    "forward over reverse": lambda f: lambda a: jvp(grad(f), (a,), (1.0,))[1],
    "reverse over forward": lambda f: lambda a: grad(lambda b: jvp(f, (b,), (1.0,))[1])(a),
    "reverse over reverse": lambda f: lambda a: grad(grad(f))(a),
    "a Hessian": lambda f: lambda a: hessian(f)(a),
}


@pytest.mark.parametrize("way", WAYS)
def test_second_derivatives_of_a_solution_with_a_leaf_that_is_closed_over(way: str) -> None:
    w = Value(2.0, "w")
    root = implicit(lambda a: a**0.5, lambda x, a: x * x - a)
    for f, right in ((lambda a: root(a * w), -0.125), (lambda a: w * root(a), -(2.0**0.5) / 8.0)):
        assert WAYS[way](f)(2.0).data == pytest.approx(right, rel=1e-14)
        program = compile(WAYS[way](f))
        assert program(2.0) == pytest.approx(right, rel=1e-14)
        assert program([2.0, 8.0], batch=True)[1] == pytest.approx(right / 8.0, rel=1e-14)


@pytest.mark.parametrize("inner", [jacobian, hessian, grad])
def test_derivatives_pushed_through_derivatives_by_a_leaf_that_is_closed_over(inner: Any) -> None:
    w = Value(2.0, "w")
    pushed = lambda a: jvp(lambda b: inner(lambda c: c * c * c * ad.sin(c))(b * w), (a,), (1.0,))[1]
    assert compile(pushed)(0.4) == pytest.approx(pushed(0.4).data, rel=1e-13)


@pytest.mark.parametrize("way", [hessian, lambda f: jacobian(jacobian(f)), lambda f: grad(grad(f))])
def test_second_derivatives_of_a_choice_by_a_leaf_that_is_closed_over(way: Any) -> None:
    w = Value(2.0, "w")
    chosen = lambda x: ad.cond(ad.greater(x, 0.0), lambda x: ad.log(x) * w, lambda x: x * x, x)
    assert [compile(way(chosen))(x) for x in (2.0, -3.0)] == [-0.5, 2.0]


@pytest.mark.parametrize("run", [lambda f: f, compile])
def test_a_solution_that_solves_another_equation_is_an_error(run: Any) -> None:
    wrong = lambda a: a**0.5 + 0.3
    root = implicit(wrong, lambda x, a: x * x - a)
    with pytest.raises(
        ValueError, match=r"residual is 1\.29 at the solution 2\.3, and a Newton step would move that by 0\.28"
    ):
        run(grad(root))(4.0)
    assert root(4.0) == 2.3
    with pytest.raises(ValueError, match=r"residual is 0\.2 at the solution \[1\.2, 1\.0\]"):
        grad(lambda a: implicit(lambda a: [1.2, 1.0], lambda x, a: [x[0] - a, x[1] - 1.0])(a)[0])(1.0)
    near = implicit(lambda a: a**0.5 * (1.0 + 1e-5), lambda x, a: x * x - a)
    assert grad(near)(4.0) == pytest.approx(0.25, rel=1e-4)
    assert grad(implicit(lambda a: 1e-9, lambda x, a: ad.sin(x) - a))(0.0) == pytest.approx(1.0)
    asked = implicit(wrong, lambda x, a: x * x - a, tolerance=math.inf)
    assert run(grad(asked))(4.0) == pytest.approx(1.0 / 4.6)
    with pytest.raises(ValueError, match=r"implicit\(tolerance=0\.0\): expected a number above 0"):
        implicit(wrong, lambda x, a: x, tolerance=0.0)


def test_a_compiled_second_derivative_of_a_solution() -> None:
    both = hessian(lambda v: anomaly(v[0], v[1]))
    np.testing.assert_allclose(compile(both)([1.0, 0.3]), both([1.0, 0.3]), rtol=1e-12)


def test_what_scipys_solvers_give() -> None:
    square = lambda x, a: x * x - a
    assert grad(implicit(lambda a: np.array(a**0.5), square))(4.0) == 0.25  # fixed_point gives such an array

    class OptimizeResult(dict[str, Any]):
        x, success = 2.0, True

    with pytest.raises(TypeError, match=r"solve gave the whole OptimizeResult: expected the solution .* its \.x"):
        implicit(lambda a: OptimizeResult(), square)(4.0)
    with pytest.raises(TypeError, match="implicit: solve gave None, a NoneType"):
        implicit(lambda a: None, square)(4.0)
    with pytest.raises(ValueError, match="implicit: the solution got nan"):
        implicit(lambda a: math.nan, square)(4.0)


def test_a_function_that_gives_no_number_says_so() -> None:
    lost = custom_gradient(lambda x: math.nan, backward=lambda g, y, x: g)
    with pytest.raises(ad.NonFiniteError, match=r"custom\(1\.0\) is not a number: the function gives none here"):
        lost(Value(1.0))
    with ad.nonfinite("allow"):
        found = ad.find_nonfinite(lost(Value(1.0)))
    assert "the function gives none here" in str(found)


def test_a_backward_may_ask_for_derivatives_in_a_compiled_function() -> None:
    slope = jacobian(lambda x: ad.sin(x) * x)
    wave = custom_gradient(lambda x: math.sin(x) * x, backward=lambda g, y, x: g * slope(x))
    f = lambda x: grad(wave)(x) + grad(grad(wave))(x)
    assert compile(f)(0.3) == pytest.approx(f(0.3), rel=1e-14)


# A call with names


@custom_gradient(backward=lambda g, y, a, x: (g * x * ad.cos(a * x), g * a * ad.cos(a * x)))
def wave(a: float, x: float = 0.5) -> float:
    return math.sin(a * x)


def test_arguments_by_name() -> None:
    assert wave(x=0.3, a=2.0) == wave(2.0, 0.3)
    assert grad(lambda a: wave(x=0.3, a=a))(2.0) == grad(wave)(2.0, 0.3)
    assert grad(lambda a: wave(a=a))(2.0) == grad(wave)(2.0, 0.5)
    with pytest.raises(TypeError, match="unexpected keyword argument 'b'"):
        wave(2.0, b=1.0)
    only = custom_gradient(lambda x, *, n: x, backward=lambda g, y, x: g)
    with pytest.raises(TypeError, match="takes n by name only"):
        only(Value(1.0), n=2)


# Matrices


A = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]]


def test_solve_inv_det_and_cholesky_are_numpys() -> None:
    b = [1.0, -2.0, 0.5]
    np.testing.assert_allclose(linalg.solve(A, b), np.linalg.solve(A, b), rtol=1e-14)
    np.testing.assert_allclose(linalg.solve(np.array(A), np.eye(3)), np.linalg.inv(A), rtol=1e-14)
    np.testing.assert_allclose(linalg.inv(np.array(A)), np.linalg.inv(A), rtol=1e-14)
    np.testing.assert_allclose(linalg.cholesky(np.array(A)), np.linalg.cholesky(A), rtol=1e-14)
    rng = np.random.default_rng(0)
    for n in range(1, 7):
        m = rng.normal(size=(n, n))
        assert linalg.det(m.tolist()) == pytest.approx(np.linalg.det(m), rel=1e-11)
    assert linalg.norm(np.array(A)) == pytest.approx(np.linalg.norm(A), rel=1e-15)
    assert linalg.solve([[0.0, 1.0], [1.0, 0.0]], [2.0, 3.0]) == [3.0, 2.0]


def test_their_derivatives() -> None:
    inverse = np.linalg.inv(A)
    np.testing.assert_allclose(grad(linalg.det)(A), np.linalg.det(A) * inverse.T, rtol=1e-13)
    logdet = lambda a: 2.0 * ad.sum([ad.log(row[i]) for i, row in enumerate(linalg.cholesky(a))])
    np.testing.assert_allclose(np.tril(grad(logdet)(A)), np.tril(2.0 * inverse) - np.diag(np.diag(inverse)), rtol=1e-12)
    quadratic = lambda a: ad.dot([1.0, 2.0, 3.0], linalg.solve(a, [1.0, -2.0, 0.5]))
    x, weights = np.linalg.solve(A, [1.0, -2.0, 0.5]), np.linalg.solve(np.transpose(A), [1.0, 2.0, 3.0])
    np.testing.assert_allclose(grad(quadratic)(A), -np.outer(weights, x), rtol=1e-13)
    for f in (quadratic, linalg.det, lambda a: linalg.inv(a)[0][1]):
        second = np.array(hessian(f)(A))  # by differences of the first
        for i, j in ((0, 0), (1, 2), (2, 0)):
            moved = [np.array(A) + h * np.outer(np.eye(3)[i], np.eye(3)[j]) for h in (1e-5, -1e-5)]
            slope = (np.array(grad(f)(moved[0].tolist())) - np.array(grad(f)(moved[1].tolist()))) / 2e-5
            np.testing.assert_allclose(second[i][j], slope, rtol=1e-6, atol=1e-8)


def test_singular_matrices() -> None:
    assert grad(linalg.det)([[1.0, 2.0], [2.0, 4.0]]) == [[4.0, -2.0], [-2.0, 1.0]]
    with pytest.raises(ZeroDivisionError, match="singular"):
        linalg.solve([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0])
    with pytest.raises(ad.NonFiniteError):
        linalg.cholesky([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ValueError, match=r"linalg.inv got 1 rows of 2 numbers: expected a square matrix"):
        linalg.inv([[1.0, 2.0]])
    with pytest.raises(TypeError, match=r"linalg.det got 3.0, a float"):
        linalg.det(3.0)


def test_pullbacks_of_structures() -> None:
    y, pullback = vjp(lambda p: {"area": p["a"] * p["b"], "name": "box"}, {"a": 2.0, "b": 3.0, "unit": "m"})
    assert y == {"area": 6.0, "name": "box"}
    assert pullback({"area": 1.0}) == ({"a": 3.0, "b": 2.0, "unit": "m"},)
