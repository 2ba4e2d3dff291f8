"""numpy's and scipy's own names on Values and arrays of Values, and ours on arrays: the small inputs of working users."""

from __future__ import annotations

import math
import statistics
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.special

import autograd_tiny as ad
from autograd_tiny import Value, compile, grad, gradients, hessian, hvp, jacobian, value_and_grad

UNARY = ["log10", "log2", "exp2", "cbrt", "arcsinh", "arctanh", "arctan", "floor", "ceil", "trunc", "rint", "sqrt",
         "exp", "tanh", "conjugate", "negative", "absolute", "deg2rad", "rad2deg", "degrees", "radians"]  # fmt: skip
BINARY = ["arctan2", "hypot", "fmod", "remainder", "floor_divide", "true_divide", "power"]
X = np.array([[0.31, 0.42], [0.53, 0.64]])


def leaves(x: Any = X) -> Any:
    made = np.empty(x.shape, object)
    made.reshape(-1)[:] = [Value(float(a)) for a in x.reshape(-1)]
    return made


def numbers(x: Any) -> Any:
    return np.vectorize(lambda y: y.data if isinstance(y, Value) else float(y))(x)


@pytest.mark.parametrize("name", UNARY)
def test_numpys_functions_of_one_array(name: str) -> None:
    x, f = leaves(), getattr(np, name)
    y = f(x)
    assert all(isinstance(part, Value) for part in y.reshape(-1))
    np.testing.assert_allclose(numbers(y), f(X), rtol=1e-15)
    slopes = gradients(np.sum(y), list(x.reshape(-1)))
    h = 1e-6
    np.testing.assert_allclose(slopes, ((f(X + h) - f(X - h)) / (2 * h)).reshape(-1), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("other", [2.3, np.array([0.11, 0.2]), "values"])
def test_numpys_functions_of_two_arrays(name: str, other: Any) -> None:
    f = getattr(np, name)
    b = leaves(X[::-1] + 0.05) if isinstance(other, str) else other
    np.testing.assert_allclose(numbers(f(leaves(), b)), f(X, numbers(b)), rtol=1e-14)
    if not isinstance(other, (float, np.ndarray)) or name not in ("arctan2", "hypot", "fmod"):
        # Of those numpy asks the first operand, which has to be a Value: ours take them in any order.
        np.testing.assert_allclose(numbers(f(b, leaves())), f(numbers(b), X), rtol=1e-14)
    if name in ("arctan2", "hypot", "fmod"):
        ours = {"arctan2": ad.atan2}.get(name) or getattr(ad, name)
        np.testing.assert_allclose(numbers(ours(b, leaves())), f(numbers(b), X), rtol=1e-14)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "var", "ravel", "round", "cumsum", "median"])
def test_numpys_functions_of_one_value(name: str) -> None:
    found = getattr(np, name)(Value(2.0))
    assert numbers(np.asarray(found)).tolist() == np.asarray(getattr(np, name)(2.0)).tolist()


def test_a_slope_that_is_infinite_is_no_warning_of_numpys() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert numbers(np.sqrt(np.array([Value(0.0), Value(4.0)]))).tolist() == [0.0, 2.0]
        assert np.std(np.array([Value(1.0), Value(1.0)])).data == 0.0
        if ad.engine == "compiled":  # plain Python cannot put back the flags of the C library's pow and cosh
            assert numbers(np.array([Value(0.0), Value(4.0)]) ** 0.5).tolist() == [0.0, 2.0]
            assert numbers(np.tanh(np.array([Value(800.0), Value(0.0)]))).tolist() == [1.0, 0.0]


def test_statistics_of_arrays() -> None:
    x = leaves()
    for f in (np.var, np.std, np.mean, np.sum, np.prod, np.linalg.norm, np.max, np.trace):
        y = f(x)
        assert isinstance(y, Value), f
        assert y.data == pytest.approx(float(f(X)), rel=1e-14)
    for f in (np.var, np.std, np.mean, np.sum, np.cumsum, np.linalg.norm):
        np.testing.assert_allclose(numbers(f(x, axis=0)), f(X, axis=0), rtol=1e-14)
    np.testing.assert_allclose(numbers(np.clip(x, 0.4, 0.6)), np.clip(X, 0.4, 0.6))
    np.testing.assert_allclose(numbers(np.round(x, 1)), np.round(X, 1))
    np.testing.assert_allclose(numbers(np.where([[True, False]] * 2, x, 0.0)), np.where([[True, False]] * 2, X, 0.0))
    assert gradients(np.var(x), list(x.reshape(-1))) == pytest.approx(((X - X.mean()) / 2.0).reshape(-1).tolist())


def test_our_statistics_are_numpys() -> None:
    for name in ("mean", "var", "std", "prod", "sum"):
        ours, theirs = getattr(ad, name), getattr(np, name)
        assert ours(X.tolist()[0]) == pytest.approx(theirs(X[0]), rel=1e-14)
        for axis in (None, 0, 1, -1):
            np.testing.assert_allclose(ours(X, axis=axis), theirs(X, axis=axis), rtol=1e-14)
            np.testing.assert_allclose(numbers(ours(leaves(), axis=axis)), theirs(X, axis=axis), rtol=1e-14)
    assert ad.var([1.0, 3.0], ddof=1) == 2.0
    np.testing.assert_allclose(numbers(ad.cumsum(leaves())), np.cumsum(X))
    assert ad.prod([]) == 1.0
    for f in (ad.mean, ad.var, ad.std):
        with pytest.raises(ValueError, match="of nothing: expected at least one element"):
            f([])
        with pytest.raises(TypeError, match="expected a list or array of Values and numbers"):
            f(3.0)


def test_edges_of_the_statistics() -> None:
    assert grad(ad.prod)([0.0, 2.0, 3.0]) == [6.0, 0.0, 0.0]
    assert hessian(ad.prod)([0.0, 0.0, 3.0]) == [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert grad(ad.prod)([1e-200, 1e-200]) == [1e-200, 1e-200]
    assert grad(ad.std)([2.0, 2.0]) == [0.0, 0.0] and grad(ad.var)([2.0, 2.0]) == [0.0, 0.0]
    assert hessian(ad.var)([2.0, 2.0]) == [[0.5, -0.5], [-0.5, 0.5]]
    assert ad.std([1e200, 3e200]) == pytest.approx(1e200) and ad.std([1e-200, 3e-200]) == pytest.approx(1e-200)
    assert ad.log_softmax([1000.0, 0.0]) == [0.0, -1000.0]
    assert grad(lambda v: ad.log_softmax(v)[1])([1000.0, 0.0]) == [-1.0, 1.0]


def test_our_functions_take_arrays_and_broadcast() -> None:
    x = leaves()
    np.testing.assert_allclose(numbers(ad.exp(x)), np.exp(X))
    np.testing.assert_allclose(numbers(ad.where(X > 0.5, x, 0.0)), np.where(X > 0.5, X, 0.0))
    np.testing.assert_allclose(numbers(ad.maximum(x, 0.5)), np.maximum(X, 0.5))
    np.testing.assert_allclose(numbers(ad.hypot(x, X[0])), np.hypot(X, X[0]))
    np.testing.assert_allclose(numbers(ad.hypot(X, Value(2.0))), np.hypot(X, 2.0))
    np.testing.assert_allclose(numbers(ad.clip(x, 0.4, leaves(X[0] + 0.2))), np.clip(X, 0.4, X[0] + 0.2))
    np.testing.assert_allclose(numbers(ad.leaky_relu(-x, slope=0.5)), -0.5 * X)
    assert ad.sum(x).data == pytest.approx(X.sum()) and ad.logsumexp(x).data == pytest.approx(math.log(np.exp(X).sum()))
    np.testing.assert_allclose(numbers(ad.logsumexp(x, axis=1)), np.log(np.exp(X).sum(axis=1)))
    assert isinstance(ad.erf(X), np.ndarray) and ad.erf(X).dtype == float
    np.testing.assert_allclose(ad.atan2(X, 2.0), np.arctan2(X, 2.0))
    np.testing.assert_allclose(ad.logaddexp(X, X[0]), np.logaddexp(X, X[0]))
    np.testing.assert_allclose(numbers(ad.logaddexp(x, X[0])), np.logaddexp(X, X[0]))
    with pytest.raises(ValueError, match="axis=5"):
        ad.sum(x, axis=5)
    with pytest.raises(ValueError, match=r"dot got an array of several dimensions.*np\.dot"):
        ad.dot(x, x)


def test_interp() -> None:
    places, heights = [0.0, 1.0, 3.0], [2.0, 5.0, -1.0]
    for x in (-1.0, 0.0, 0.25, 1.0, 2.0, 3.0, 4.0):
        assert ad.interp(x, places, heights) == np.interp(x, places, heights)
        assert ad.interp(Value(x), places, heights).data == np.interp(x, places, heights)
    slopes = [grad(ad.interp)(x, places, heights) for x in (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0)]
    assert slopes == [0.0, 3.0, 3.0, -3.0, -3.0, -3.0, 0.0]
    assert grad(ad.interp, 2)(0.25, places, heights) == [0.75, 0.25, 0.0]
    program = compile(lambda x: grad(ad.interp)(x, places, heights) * 10.0 + ad.interp(x, places, heights))
    for x in (0.5, -1.0, 2.0, 3.0, 4.0, 1.0):
        assert program(x) == grad(ad.interp)(x, places, heights) * 10.0 + np.interp(x, places, heights)
    np.testing.assert_allclose(numbers(ad.interp(leaves(), places, heights)), np.interp(X, places, heights))
    with pytest.raises(TypeError, match=r"write autograd_tiny\.interp instead of numpy\.interp"):
        np.interp(Value(0.5), places, heights)
    with pytest.raises(ValueError, match="places that increase"):
        ad.interp(0.5, [1.0, 1.0], [0.0, 0.0])


def test_exact_numbers_are_operands() -> None:
    v = Value(2.5)
    assert (v * Fraction(1, 2)).data == 1.25 == (Fraction(1, 2) * v).data
    assert (v - Decimal("0.5")).data == 2.0 and (Decimal("0.5") - v).data == -2.0
    assert Value(Fraction(1, 4)).data == 0.25 and ad.hypot(Fraction(3), Decimal(4)) == 5.0
    with pytest.raises(TypeError, match=r"write autograd_tiny\.mean"):
        statistics.mean([v, v])
    assert round(v).data == 2.0 and (v % 2).data == 0.5 and (v // 2).data == 1.0


def test_round_is_pythons_for_numbers() -> None:
    assert "round" not in ad.__all__ and ad.round(2.5) == 2.0
    assert round(Value(2.567), 1).data == pytest.approx(2.6)


def test_special_names() -> None:
    special = pytest.importorskip("scipy.special")
    for name in ("cbrt", "digamma", "erf", "erfc", "erfinv", "exp2", "expm1", "log1p", "expit", "log_expit", "gammaln",
                 "psi", "ndtr", "logit", "entr"):  # fmt: skip
        ours, theirs = getattr(ad.special, name), getattr(special, name)
        np.testing.assert_allclose(ours(X), theirs(X), rtol=1e-13)
        np.testing.assert_allclose(numbers(ours(leaves())), theirs(X), rtol=1e-13)
    np.testing.assert_allclose(ad.special.xlogy(X, X), special.xlogy(X, X), rtol=1e-14)
    np.testing.assert_allclose(ad.special.polygamma(2, X), special.polygamma(2, X), rtol=1e-13)
    np.testing.assert_allclose(ad.special.spherical_jn(2, X), special.spherical_jn(2, X), rtol=1e-12)
    np.testing.assert_allclose(ad.special.log_softmax(X[0]), special.log_softmax(X[0]), rtol=1e-14)


# scipy's solvers take ours as they are, eager and compiled


def rosenbrock(x: Any) -> Any:
    return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2


@pytest.mark.parametrize("way", [lambda f: f, compile], ids=["eager", "compiled"])
def test_scipys_minimisers(way: Any) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    start = np.array([-1.2, 1.0])
    for method, more in (
        ("BFGS", {}),
        ("Newton-CG", {"hess": way(hessian(rosenbrock))}),
        ("trust-krylov", {"hessp": way(lambda x, p: hvp(rosenbrock, (x,), (p,)))}),
    ):
        found = optimize.minimize(way(rosenbrock), start, jac=way(grad(rosenbrock)), method=method, **more)
        np.testing.assert_allclose(found.x, [1.0, 1.0], rtol=1e-3)
    found = optimize.minimize(value_and_grad(rosenbrock), start, jac=True)
    np.testing.assert_allclose(found.x, [1.0, 1.0], rtol=1e-5)


@pytest.mark.parametrize("way", [lambda f: f, compile], ids=["eager", "compiled"])
def test_scipys_least_squares_and_roots(way: Any) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    times = [0.0, 0.5, 1.0, 1.5, 2.0]
    misses = lambda p: [p[0] * ad.exp(-p[1] * t) - 3.0 * math.exp(-0.7 * t) for t in times]
    found = optimize.least_squares(way(misses), np.array([1.0, 1.0]), jac=way(jacobian(misses)))
    np.testing.assert_allclose(found.x, [3.0, 0.7], rtol=1e-8)
    circle = lambda v: [v[0] ** 2 + v[1] ** 2 - 4.0, v[0] - v[1]]
    root = optimize.root(way(circle), np.array([1.0, 2.0]), jac=way(jacobian(circle)))
    np.testing.assert_allclose(root.x, [math.sqrt(2.0)] * 2, rtol=1e-9)


@pytest.mark.parametrize("way", [lambda f: f, compile], ids=["eager", "compiled"])
def test_scipys_stiff_solver(way: Any) -> None:
    integrate = pytest.importorskip("scipy.integrate")
    slope = lambda t, y: [y[1], 100.0 * ((1.0 - y[0] ** 2) * y[1] - y[0])]
    by_us = integrate.solve_ivp(
        way(slope), (0.0, 3.0), [2.0, 0.0], method="Radau", jac=way(jacobian(slope, 1)), rtol=1e-6, atol=1e-6
    )
    by_scipy = integrate.solve_ivp(slope, (0.0, 3.0), [2.0, 0.0], method="Radau", rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(by_us.y[:, -1], by_scipy.y[:, -1], rtol=1e-4)


VECTOR_TO_NUMBER = ["sum", "mean", "prod", "var", "std", "maximum", "minimum", "logsumexp", "norm"]


def theirs(name: str) -> Any:
    reference = {"maximum": np.max, "minimum": np.min, "norm": lambda x, **kw: np.sqrt(np.sum(x * x, **kw)),
                 "logsumexp": lambda x, **kw: np.log(np.sum(np.exp(x), **kw))}  # fmt: skip
    return reference.get(name) or getattr(np, name)


@pytest.mark.parametrize("name", VECTOR_TO_NUMBER)
@pytest.mark.parametrize("axis", [None, 0, -1, 1, (0, 2), (2, 1), (0, 1, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_along_axes(name: str, axis: Any, keepdims: bool) -> None:
    x = np.arange(1.0, 13.0).reshape(2, 3, 2) ** 0.5 / 2.0
    right = theirs(name)(x, axis=axis, keepdims=keepdims)
    ours = getattr(ad, name)
    for given in (x, leaves(x), x.tolist(), leaves(x).tolist()):
        found = ours(given, axis=axis, keepdims=keepdims)
        assert np.shape(found) == right.shape
        np.testing.assert_allclose(numbers(found), right, rtol=1e-13)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_along_an_axis_that_stays(axis: Any) -> None:
    shifted = np.exp(X - X.max())
    soft = shifted / shifted.sum(axis=axis, keepdims=True)
    for given in (X, leaves(), X.tolist(), leaves().tolist()):
        np.testing.assert_allclose(numbers(ad.softmax(given, axis=axis)), soft, rtol=1e-13)
        np.testing.assert_allclose(numbers(ad.log_softmax(given, axis=axis)), np.log(soft), rtol=1e-13)
        np.testing.assert_allclose(numbers(ad.cumsum(given, axis=axis)), np.cumsum(X, axis=axis), rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ad.sum([[1.0, 2.0], [3.0]]), r"sum got rows of several lengths, \[\[1.0, 2.0\], \[3.0\]\]"),
        (lambda: ad.mean(X, axis=(0, 0)), r"axis=\(0, 0\), a tuple: expected None for all elements"),
        (lambda: ad.softmax(X, axis=2), "axis=2, an int: .* from -2 to 1 for an array of 2 dimensions"),
        (
            lambda: ad.sum(X, dtype=float),
            "sum\\(\\) got an unexpected argument 'dtype': it takes an array, axis and keepdims",
        ),
        (
            lambda: ad.exp([1.0, 2.0]),
            r"exp got \[1.0, 2.0\], a list: .*write np.array\(…\) .* or \[exp\(x\) for x in …\]",
        ),
        (lambda: ad.clip([Value(1.0)], 0.0, 2.0), r"or \[clip\(x, low, high\) for x in …\]"),
        (lambda: ad.where([True], Value(1.0), Value(2.0)), "where got .*, a list: .*write np.array"),
    ],
)
def test_what_does_not_fit_an_array(call: Any, text: str) -> None:
    with pytest.raises((TypeError, ValueError), match=text):
        call()


def test_clip_without_a_bound() -> None:
    for f in (ad.clip, lambda x, low, high: x.clip(low, high)):
        assert f(Value(3.0), None, 2.0).data == f(Value(1.0), 2.0, None).data == 2.0
        assert gradients(f(x := Value(1e300), None, None), x) == 1.0
    assert ad.clip(3.0, None, 2.0) == 2.0
    np.testing.assert_array_equal(numbers(ad.clip(leaves(), 0.5, None)), np.clip(X, 0.5, None))
    with pytest.raises(TypeError, match="clip: x got None"):
        ad.clip(None, Value(1.0), None)


GIVEN = np.array([[2.2, 1.1], [1.3, 3.4]])
IN_A_FUNCTION: dict[str, Any] = {
    "solve": lambda x: np.sum(np.linalg.solve(x, np.array([1.0, 2.0]))),
    "inv": lambda x: np.sum(np.linalg.inv(x) * x[::-1]),
    "det": np.linalg.det,
    "cholesky": lambda x: np.sum(np.linalg.cholesky(x @ x.T)),
    "norm": np.linalg.norm,
    "arctan2": lambda x: np.sum(np.arctan2(2.0, x) * np.arctan2(x, GIVEN)),
    "hypot": lambda x: np.sum(np.hypot(GIVEN, x[0])),
    "logaddexp": lambda x: np.sum(np.logaddexp(GIVEN, x)),
    "fmod": lambda x: np.sum(np.fmod(10.0, x)),
    "maximum": lambda x: np.sum(np.maximum(1.2, x) - np.minimum(x, GIVEN.T)),
    "clip": lambda x: np.sum(np.clip(x, 1.2, 3.0) + np.clip(x, None, 2.0)),
    "interp": lambda x: np.sum(np.interp(x, [0.0, 2.0, 4.0], [0.0, 1.0, 5.0])),
    "max": lambda x: np.max(x) - np.sum(np.min(x, axis=0)) + np.sum(x.max(axis=1, keepdims=True)),
    "var": lambda x: np.var(x) + np.std(x, axis=0)[1],
    "einsum": lambda x: np.einsum("ij,jk->", x, GIVEN),
}


@pytest.mark.parametrize("name", IN_A_FUNCTION)
def test_on_the_arrays_that_a_function_is_given_more_of_numpy_works(name: str) -> None:
    f, h = IN_A_FUNCTION[name], 1e-6
    steps = [h * unit.reshape(2, 2) for unit in np.eye(4)]
    slopes = np.array([(f(GIVEN + step) - f(GIVEN - step)) / (2.0 * h) for step in steps]).reshape(2, 2)
    found = grad(f)(GIVEN)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, slopes, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(compile(grad(f))(GIVEN), found, rtol=1e-12)
    np.testing.assert_allclose(compile(f)(GIVEN), f(GIVEN), rtol=1e-13)


def test_such_an_array_is_written_into_and_shown_as_any_other() -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        y = x * 2.0
        y += 1.0
        np.multiply(y, x, out=y)
        seen.append(repr(y))
        return np.sum(y) + np.divmod(x.size, 3)[0]

    assert grad(f)(np.array([1.0, 2.0])).tolist() == [5.0, 9.0]
    assert seen[0].startswith("array([Value(")


REFUSED: dict[str, Any] = {
    "linalg.solve": lambda m: np.linalg.solve(m, np.array([1.0, 2.0]))[0],
    "linalg.inv": lambda m: np.linalg.inv(m)[0][0],
    "linalg.det": np.linalg.det,
    "linalg.cholesky": lambda m: np.linalg.cholesky(m)[0][0],
    "interp": lambda m: np.interp(m[0], [0.0, 1.0], [1.0, 3.0])[0],
    "logaddexp": lambda m: np.logaddexp(m, 1.0)[0][0],
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_numpy_refuses_an_array_that_the_function_made_the_error_names_ours(name: str) -> None:
    f = lambda v: REFUSED[name](np.array([[v[0], v[1]], [v[1], v[2]]]))
    for derive in (grad(f), lambda x: ad.jvp(f, (x,), ([1.0, 1.0, 1.0],)), ad.compile(f)):
        with pytest.raises(TypeError) as caught:
            derive([4.0, 1.0, 3.0])
        [note] = caught.value.__notes__
        assert note.endswith(f"write autograd_tiny.{name}, or keep the array that the function was given")
    assert callable(_named(ad, name))
    with pytest.raises(TypeError, match="mine") as own:
        grad(_raising)([1.0])
    assert not hasattr(own.value, "__notes__")


def _named(start: Any, path: str) -> Any:
    for part in path.split("."):
        start = getattr(start, part)
    return start


def _raising(v: Any) -> Any:
    raise TypeError("mine")


@pytest.mark.parametrize("name", ["erf", "erfc", "erfinv", "expit", "log_expit", "gammaln", "psi", "ndtr", "cbrt",
                                  "exp2", "expm1", "log1p"])  # fmt: skip
def test_scipys_functions_of_an_array_that_was_given(name: str) -> None:
    special = pytest.importorskip("scipy.special")
    f, ours = getattr(special, name), getattr(ad.special, name)
    total = lambda x: np.sum(f(x) * x)
    np.testing.assert_allclose(grad(total)(X), grad(lambda x: np.sum(ours(x) * x))(X), rtol=1e-14)
    np.testing.assert_allclose(compile(total)(X), total(X), rtol=1e-12)


def test_scipys_functions_of_a_value_say_whose_to_write() -> None:
    special = pytest.importorskip("scipy.special")
    with pytest.raises(TypeError) as caught:
        grad(lambda x: special.erf(x))(0.3)
    assert caught.value.__notes__ == [
        "scipy's erf takes no Values: write autograd_tiny.special.erf, or keep the array that the function was given"
    ]


@pytest.mark.parametrize("name", ["radians", "deg2rad", "degrees", "rad2deg"])
def test_degrees_of_an_array_that_was_given(name: str) -> None:
    f = getattr(np, name)
    np.testing.assert_allclose(grad(lambda x: np.sum(np.sin(f(x))))(X), np.cos(f(X)) * f(1.0), rtol=1e-14)
    np.testing.assert_allclose(compile(lambda x: f(x))(X), f(X), rtol=1e-15)


def test_the_logarithm_of_a_determinant() -> None:
    a = np.array([[0.0, 2.0, 1.0], [1.0, 3.0, -0.5], [0.5, -0.2, 2.0]])
    sign, size = ad.linalg.slogdet(a)
    assert (sign, size) == pytest.approx(np.linalg.slogdet(a), rel=1e-14)
    log_det = lambda a: np.linalg.slogdet(a).logabsdet
    np.testing.assert_allclose(grad(log_det)(a), np.linalg.inv(a).T, rtol=1e-13)
    by_det = lambda a: ad.log(ad.abs(ad.linalg.det(a)))
    np.testing.assert_allclose(hessian(log_det)(a), hessian(by_det)(a), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(compile(grad(log_det))(a), np.linalg.inv(a).T, rtol=1e-13)
    assert ad.linalg.slogdet(1e-200 * np.eye(3))[1] == pytest.approx(-600.0 * math.log(10.0))
    with pytest.raises(ZeroDivisionError, match=r"linalg\.slogdet got a singular matrix"):
        ad.linalg.slogdet([[1.0, 2.0], [2.0, 4.0]])
    with pytest.raises(ValueError, match=r"linalg\.slogdet got 1 rows of 2 numbers"):
        ad.linalg.slogdet([[1.0, 2.0]])


ORDERS: list[tuple[Any, Any]] = [
    (None, None), (None, 0), (None, (0, 1)), (2, 1), (3, 1), (1, 0), (np.inf, 1), (-np.inf, 0), ("fro", (0, 1)),
    (1, None), (np.inf, None), (1, (1, 0)), (np.inf, (1, 0)), (0.5, -1),
]  # fmt: skip


@pytest.mark.parametrize("run", [lambda f: f, compile])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("order", "axis"), ORDERS)
def test_norms_of_all_kinds(run: Any, keepdims: bool, order: Any, axis: Any) -> None:
    x = np.array([[1.0, -2.0, 4.0], [3.0, -1.0, 0.5]])
    norm = lambda a: np.linalg.norm(a, order, axis, keepdims)
    np.testing.assert_allclose(np.array(run(norm)(x), dtype=float), norm(x), rtol=1e-14)
    slopes = np.array(run(grad(lambda a: np.sum(np.atleast_1d(norm(a)))))(x))
    for place in ((0, 0), (1, 2)):
        h = np.zeros((2, 3))
        h[place] = 1e-6
        assert slopes[place] == pytest.approx(np.sum(norm(x + h) - norm(x - h)) / 2e-6, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("run", [lambda f: f, compile])
def test_norms_at_0_and_of_large_numbers(run: Any) -> None:
    assert run(grad(lambda v: np.linalg.norm(v)))(np.zeros(2)).tolist() == [0.0, 0.0]
    assert run(grad(lambda v: np.linalg.norm(v)))(np.array([3e200, 4e200])) == pytest.approx([0.6, 0.8])
    with pytest.raises(TypeError, match="a spectral norm takes eigenvalues, which are not here"):
        run(grad(lambda v: np.linalg.norm(v, 2)))(np.ones((2, 2)))


@pytest.mark.parametrize("run", [lambda f: f, compile])
def test_some_only_and_names_of_one_array(run: Any) -> None:
    x, some = np.array([[0.1, 0.2], [0.0, 0.4]]), np.array([True, False])
    assert run(grad(lambda a: ad.sum(np.sum(a, axis=1, where=some))))(x).tolist() == [[1.0, 0.0], [1.0, 0.0]]
    assert run(grad(lambda a: np.mean(a, where=x > 0.15)))(x).tolist() == [[0.0, 0.5], [0.0, 0.5]]
    assert run(lambda a: np.prod(a, axis=0, where=x > 0.0))(x).tolist() == [0.1, 0.2 * 0.4]
    assert run(hessian(lambda v: np.sum(np.sinc(v))))(np.zeros(1))[0][0] == pytest.approx(-(np.pi**2) / 3.0)
    for name in ("entr", "logit"):
        function, ours = getattr(scipy.special, name), getattr(ad.special, name)
        assert run(grad(lambda v: ad.sum(function(v))))(x[0]).tolist() == grad(lambda v: ad.sum(ours(v)))(x[0]).tolist()  # noqa: B023
