"""The table's second half against mpmath's own functions: value and three derivatives, at tiny, large and edge arguments.

`check_primitive` holds a row to its own rule in 60 digits; here the oracle is another's function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, compile, grad, gradients, hessian, jvp, nonfinite
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.special import SPECIAL

MP = mpmath.MPContext()
MP.dps = 60
mpf = MP.mpf


ORACLES: dict[str, Callable[[Any], Any]] = {
    "log2": lambda x: MP.log(x, 2),
    "log10": MP.log10,
    "exp2": lambda x: mpf(2) ** x,
    "cbrt": lambda x: MP.sign(x) * MP.cbrt(abs(x)),
    "asinh": MP.asinh,
    "acosh": MP.acosh,
    "atanh": MP.atanh,
    "log_sigmoid": lambda x: -MP.log1p(MP.exp(-x)),
    "lgamma": lambda x: MP.log(abs(MP.gamma(x))),
    "digamma": MP.digamma,
    "sinc": MP.sincpi,
    "erfinv": MP.erfinv,
    "norm_cdf": MP.ncdf,
}
POINTS: dict[str, tuple[float, ...]] = {
    "log2": (1e-300, 1e-5, 1.0 + 1e-12, 3.0, 1e300),
    "log10": (1e-300, 1e-5, 1.0 + 1e-12, 3.0, 1e300),
    "exp2": (-700.0, -1e-9, 0.0, 1e-9, 3.5, 900.0),
    "cbrt": (-1e60, -2.0, 1e-60, 1e-9, 27.0, 1e60),
    "asinh": (-1e200, -3.0, -1e-9, 0.0, 1e-200, 1e-5, 2.0, 1e100),
    "acosh": (1.0 + 1e-12, 1.0001, 2.0, 1e100, 1e200),
    "atanh": (-0.999999, -1e-9, 0.0, 1e-200, 0.5, 1.0 - 1e-9),
    "log_sigmoid": (-800.0, -30.0, -1e-9, 0.0, 2.0, 30.0, 200.0),
    "lgamma": (1e-100, 1e-9, 0.3, 1.0, 1.0 + 1e-9, 1.4616, 2.0, 2.0 - 1e-9, 5.0, 8.499, 8.5, 30.0, 1e10),
    "digamma": (1e-60, 1e-9, 0.3, 1.0, 2.5, 9.999, 10.0, 50.0, 1e8),
    "sinc": (0.0, 1e-300, 1e-9, -1e-5, 0.5, 1.0, 1.27, 1.28, -2.5, 7.3),
    "erfinv": (0.0, 1e-300, -1e-9, 0.5, 0.849, 0.851, -0.9999, 1.0 - 1e-12),
    "norm_cdf": (-20.0, -3.0, -1e-9, 0.0, 1e-300, 2.0, 9.0),
}


def room(name: str, x: float) -> Any:
    """How far the nearest point is at which the function is not smooth; as far as it changes little."""
    if name in ("log2", "log10", "cbrt", "lgamma", "digamma"):
        return abs(mpf(x))
    if name == "acosh":
        return mpf(x) - 1
    return 1 - abs(mpf(x)) if name in ("atanh", "erfinv") else max(abs(mpf(x)), mpf(1))


@pytest.mark.parametrize(("name", "x"), [(name, x) for name, xs in POINTS.items() for x in xs])
def test_three_derivatives_are_mpmaths(name: str, x: float) -> None:
    f, leaf = ORACLES[name], Value(x)
    exact = [f(mpf(x))] + [MP.diff(f, mpf(x), k, h=room(name, x) * mpf(10) ** -10) for k in range(1, 5)]
    found = getattr(ad, name)(leaf)
    for order in range(4):
        if order:
            found = gradients(found, leaf, create_graph=True)
        want, moved = float(exact[order]), float(abs(exact[order + 1] * mpf(x))) * 2.0**-52
        # Where a derivative of smooth functions is 0 at 0, or a gamma function is, terms of size 1 cancel.
        small = 4e-16 if order and abs(x) < 1e-4 and name != "erfinv" else 0.0
        small = 1e-30 if name == "erfinv" and order == 2 else small  # as far as differences see
        small = 4e-16 if name == "digamma" or (name == "sinc" and not order) else small
        assert abs(found.data - want) <= 1e-13 * abs(want) + 20.0 * moved + small + 1e-300, (order, found.data, want)
        if not all(abs(y) < 1e290 for y in exact[: order + 2]):
            break


@pytest.mark.parametrize("apart", [0.0, 2.3e-16, -2.3e-16, 1e-12, -1e-6, 0.01, -0.2, 0.249, 0.26, -0.249, -0.26])
def test_digamma_keeps_its_digits_where_it_is_0(apart: float) -> None:
    x = 1.4616321449683622 + apart
    assert ad.digamma(x) == pytest.approx(float(MP.digamma(mpf(x))), rel=5e-15)


@pytest.mark.parametrize("order", range(1, 6))
def test_0_to_the_0_is_flat_at_every_order(order: int) -> None:
    f = lambda x: x**x
    assert ad.taylor(f, 0.0, order)[1:] == [0.0] * order
    for _ in range(order):
        f = grad(f)
    assert f(0.0) == 0.0


def test_exact_where_people_look() -> None:
    assert [ad.log2(2.0**k) for k in (-1074, -3, 29, 1023)] == [-1074.0, -3.0, 29.0, 1023.0]
    assert [ad.log10(10.0**k) for k in (-3, 3, 15)] == [-3.0, 3.0, 15.0]
    assert ad.sinc(0.0) == 1.0 and grad(ad.sinc)(0.0) == 0.0
    assert grad(grad(ad.sinc))(0.0) == pytest.approx(-(math.pi**2) / 3.0, rel=1e-15)
    assert (ad.lgamma(1.0), ad.lgamma(2.0)) == (0.0, 0.0)
    near = 1.0 + 1e-9
    assert ad.lgamma(near) == pytest.approx(-0.5772156649 * (near - 1.0), rel=1e-8)


@pytest.mark.parametrize("x", [-0.5, -1.5, -2.457024, -7.25, -30.1])
def test_gamma_functions_left_of_zero(x: float) -> None:
    assert ad.lgamma(x) == pytest.approx(float(ORACLES["lgamma"](mpf(x))), rel=1e-12, abs=3e-15)
    assert grad(ad.lgamma)(x) == pytest.approx(float(MP.digamma(mpf(x))), rel=1e-12)
    assert grad(grad(ad.lgamma))(x) == pytest.approx(float(MP.psi(1, mpf(x))), rel=1e-12)
    assert grad(grad(grad(grad(ad.lgamma))))(x) == pytest.approx(float(MP.psi(3, mpf(x))), rel=1e-12)


@pytest.mark.parametrize("n", range(1, 21))
def test_polygamma_left_of_zero(n: int) -> None:
    xs = [-1e-3, -0.1, -0.25, -0.2500001, -0.5, -0.75, -1.4999999, -1.5, -2.457024, -7.9, -30.1, -1e6 - 0.375]
    known = [float(MP.psi(n, mpf(x))) for x in xs]
    assert [ad.polygamma(n, x) for x in xs] == pytest.approx(known, rel=4e-14)
    program = compile(lambda x: ad.polygamma(float(n), x), scalars="never")
    assert program(xs, batch=True).tolist() == pytest.approx(known, rel=4e-14)
    if n < 20:
        assert [grad(ad.polygamma, 1)(n, x) for x in xs] == [ad.polygamma(n + 1, x) for x in xs]


def test_polygamma_at_its_poles_has_the_sign_it_has_to_their_right() -> None:
    with nonfinite("allow"):
        assert [ad.polygamma(n, x) for n in (1, 2, 3) for x in (0.0, -1.0, -7.0)] == [math.inf] * 3 + [
            -math.inf] * 3 + [math.inf] * 3  # fmt: skip
    with pytest.raises(NonFiniteError, match="x not 0, −1, −2, …"):
        ad.polygamma(2, -3.0)


@pytest.mark.parametrize("n", range(1, 13))
@pytest.mark.parametrize("x", [1e-9, 0.2, 1.0, 4.5, 17.0, 1e4])
def test_polygamma(n: int, x: float) -> None:
    assert ad.polygamma(n, x) == pytest.approx(float(MP.psi(n, mpf(x))), rel=4e-14)
    assert grad(ad.polygamma, 1)(n, x) == pytest.approx(float(MP.psi(n + 1, mpf(x))), rel=4e-14)


@pytest.mark.parametrize("n", range(11))
@pytest.mark.parametrize("x", [0.0, 1e-9, 0.2, -1.0, 3.9, 4.1, 11.0, 13.9, 14.1, -40.0])
def test_spherical_bessel_functions(n: int, x: float) -> None:
    known = lambda n, x: x**n / MP.fac2(2 * n + 1) * MP.hyp0f1(mpf(n) + 1.5, -x * x / 4)
    assert ad.spherical_jn(n, x) == pytest.approx(float(known(n, mpf(x))), rel=2e-12, abs=1e-16)
    if n < 10:
        slope = (n * known(n - 1, mpf(x)) if n and x else (1 if n == 1 else 0)) - (n + 1) * known(n + 1, mpf(x))
        assert grad(ad.spherical_jn, 1)(n, x) == pytest.approx(float(slope / (2 * n + 1)), rel=2e-12, abs=1e-16)


def test_orders_that_are_not_known_say_so() -> None:
    for call in (lambda: ad.polygamma(21, 1.0), lambda: ad.polygamma(0, 1.0), lambda: ad.spherical_jn(11, 1.0),
                 lambda: ad.polygamma(1.5, 1.0), lambda: ad.polygamma(1.5, -1.2), lambda: Value(0.9).polygamma(-0.5), lambda: ad.spherical_jn(0.5, 1.0),
                 lambda: ad.spherical_jn(-1.0, Value(1.0))):  # fmt: skip
        with pytest.raises(NonFiniteError, match="a whole number from"):
            call()


# Lengths and angles


@pytest.mark.parametrize("scale", [1e-200, 1e-300, 1.0, 1e150, 1e200, 1e300])
@pytest.mark.parametrize("f", [lambda v: ad.hypot(v[0], v[1]), ad.norm], ids=["hypot", "norm"])
def test_lengths_neither_overflow_nor_vanish(f: Any, scale: float) -> None:
    assert f([3.0 * scale, 4.0 * scale]) == pytest.approx(5.0 * scale, rel=1e-15)
    assert grad(f)([3.0 * scale, -4.0 * scale]) == pytest.approx([0.6, -0.8], rel=1e-15)
    if scale > 1e-250:
        second = hessian(f)([3.0 * scale, 4.0 * scale])
        for found, want in zip([*second[0], *second[1]], (0.128, -0.096, -0.096, 0.072), strict=True):
            assert found * scale == pytest.approx(want, rel=1e-12)


def test_a_length_at_the_origin() -> None:
    """As |x|: its slope is 0 by convention, a second derivative there is none; the square has all of them as a dot."""
    for f in (lambda v: ad.hypot(v[0], v[1]), ad.norm):
        assert f([0.0, 0.0]) == 0.0
        assert grad(f)([0.0, 0.0]) == [0.0, 0.0]
        assert grad(lambda v, f=f: f(v) ** 2)([0.0, 0.0]) == [0.0, 0.0]
        assert jvp(f, ([0.0, 0.0],), ([1.0, 2.0],)) == (0.0, 0.0)
        with pytest.raises(NonFiniteError):
            hessian(f)([0.0, 0.0])
    assert hessian(lambda v: ad.dot(v, v))([0.0, 0.0]) == [[2.0, 0.0], [0.0, 2.0]]


def test_the_square_of_a_norm_at_the_origin_is_right_to_second_order() -> None:
    for square in (lambda y: y**2, lambda y: y * y, ad.square):
        for f in (ad.norm, lambda v: ad.hypot(v[0], v[1])):
            assert hessian(lambda v, f=f, square=square: square(f(v)))([0.0, 0.0]) == [[2.0, 0.0], [0.0, 2.0]]


@pytest.mark.parametrize("point", [(1.0, 2.0), (-1.0, -3.0), (1e-200, 1e-200), (1e200, -1e200), (0.0, 2.0), (5.0, 0.0)])
def test_atan2(point: tuple[float, float]) -> None:
    a, b = map(mpf, point)
    square = a * a + b * b
    assert ad.atan2(*point) == math.atan2(*point)
    assert grad(ad.atan2, (0, 1))(*point) == pytest.approx((float(b / square), float(-a / square)), rel=1e-14)
    if 1e-100 < abs(sum(point)) < 1e100:
        want = [[-2 * a * b, a * a - b * b], [a * a - b * b, 2 * a * b]]
        found = hessian(lambda v: ad.atan2(v[0], v[1]))(list(point))
        for row, exact in zip(found, want, strict=True):
            assert row == pytest.approx([float(x / square**2) for x in exact], rel=1e-14, abs=1e-16)


def test_atan2_at_the_origin_raises() -> None:
    assert ad.atan2(0.0, 0.0) == 0.0
    with pytest.raises(NonFiniteError):
        grad(ad.atan2)(0.0, 0.0)


# Logarithms of sums and products


@pytest.mark.parametrize("a", [-800.0, -1.0, 0.0, 700.0])
@pytest.mark.parametrize("b", [-800.0, -1.0, 1e-9, 701.0])
def test_logaddexp(a: float, b: float) -> None:
    p = 1 / (1 + MP.exp(mpf(b) - mpf(a)))
    assert ad.logaddexp(a, b) == pytest.approx(float(MP.log(MP.exp(mpf(a)) + MP.exp(mpf(b)))), rel=1e-15)
    assert grad(ad.logaddexp, (0, 1))(a, b) == pytest.approx((float(p), float(1 - p)), rel=1e-13)
    second = float(p * (1 - p))
    found = hessian(lambda v: ad.logaddexp(v[0], v[1]))([a, b])
    assert [*found[0], *found[1]] == pytest.approx([second, -second, -second, second], rel=1e-13)


def test_xlogy() -> None:
    assert (ad.xlogy(0.0, 0.0), ad.xlogy(0.0, -1.0), ad.xlogy(2.0, 3.0)) == (0.0, 0.0, 2.0 * math.log(3.0))
    assert grad(ad.xlogy, 1)(0.0, 0.0) == 0.0  # a label of 0, and a prediction of 0
    assert hessian(lambda v: ad.xlogy(v[0], v[1]))([0.0, 2.0]) == [[0.0, 0.5], [0.5, 0.0]]
    assert hessian(lambda v: ad.xlogy(v[0], v[1]))([3.0, 2.0]) == [[0.0, 0.5], [0.5, -0.75]]
    with pytest.raises(NonFiniteError):
        grad(ad.xlogy)(0.0, 0.0)
    with pytest.raises(NonFiniteError):
        grad(lambda x, y: grad(ad.xlogy, 1)(x, y))(0.0, 0.0)
    assert compile(lambda x: ad.xlogy(x, x))(0.0) == 0.0


# Whole numbers, remainders, bounds


@pytest.mark.parametrize("a", [-7.5, -6.0, -0.5, 0.0, 0.3, 6.0, 6.5, 1e17])
@pytest.mark.parametrize("b", [-2.0, -0.1, 0.1, 2.0, 3.7])
def test_remainders_are_pythons(a: float, b: float) -> None:
    x, y = Value(a), Value(b)
    assert ((x % y).data, (x % b).data, (a % y).data) == (a % b, a % b, a % b)
    assert ((x // y).data, (x // b).data, (a // y).data) == (a // b, a // b, a // b)
    assert ad.fmod(a, b) == math.fmod(a, b)
    assert gradients(x % y, [x, y]) == [1.0, -(a // b)]
    assert gradients(x // y, [x, y]) == [0.0, 0.0]
    quotient, rest = divmod(x, y)
    assert (quotient.data, rest.data) == divmod(a, b)
    assert [part.data for part in divmod(a, y)] == list(divmod(a, b))


def test_roundings() -> None:
    numbers = [-2.5, -1.5, -0.4, 0.0, 0.5, 1.5, 2.5, 1e300]
    for x in numbers:
        v = Value(x)
        assert (math.floor(v).data, math.ceil(v).data, math.trunc(v).data) == (
            math.floor(x),
            math.ceil(x),
            math.trunc(x),
        )
        assert round(v).data == round(x)
        assert (ad.floor(x), ad.ceil(x), ad.round(x), ad.trunc(x)) == (
            math.floor(x),
            math.ceil(x),
            round(x),
            math.trunc(x),
        )
        assert grad(ad.floor)(x) == grad(ad.round)(x) == 0.0
    assert round(Value(3.14159), 2).data == pytest.approx(3.14)
    assert math.copysign(1.0, ad.ceil(-0.5)) == -1.0
    y = Value(2.7)
    assert gradients(y - ad.floor(y), y) == 1.0


def test_clip_passes_within_its_bounds_and_at_them() -> None:
    f = lambda v: ad.clip(v[0], v[1], v[2])
    for x, slopes in ((0.5, [1.0, 0.0, 0.0]), (1.0, [1.0, 0.0, 0.0]), (-1.0, [1.0, 0.0, 0.0]), (3.0, [0.0, 0.0, 1.0]),
                      (-3.0, [0.0, 1.0, 0.0])):  # fmt: skip
        assert grad(f)([x, -1.0, 1.0]) == slopes
    assert f([0.0, 2.0, 1.0]) == 1.0 and grad(f)([0.0, 2.0, 1.0]) == [0.0, 0.0, 1.0]  # as numpy: the upper one wins
    assert grad(lambda x: ad.clip(ad.sqrt(x), 0.5, 1.0))(0.0) == 0.0  # a bound is a mask


@pytest.mark.parametrize(
    ("a", "b"), [(-1.0, 1e-200), (-1e-170, 1e-160), (1e-170, -1e-160), (1.0, -1e-200), (-1e-300, -1e-20)]
)
def test_a_remainder_has_the_sign_of_a_divisor_however_small(a: float, b: float) -> None:
    assert ad.mod(a, b) == a % b
    assert (Value(a) % b).data == a % b
    for scalars in ("never", "always"):
        program = compile(lambda a, b: a % b, scalars=scalars)
        assert program(a, b) == a % b
        assert program([a, 7.0], [b, 4.0], batch=True).tolist() == [a % b, 3.0]


# Where an order runs out


@pytest.mark.parametrize("x", [-0.25, -0.5, -1.75, -2.5, -7.9, -40.125, -1e-3])
def test_the_trigamma_of_negative_numbers_is_mpmaths(x: float) -> None:
    assert (
        ad.polygamma(1, x)
        == ad.grad(ad.digamma)(x)
        == pytest.approx(float(mpmath.polygamma(1, mpmath.mpf(x))), rel=1e-13)
    )


@pytest.mark.parametrize(
    ("f", "x", "words"),
    [
        (lambda x: ad.polygamma(20, x), 2.0, "it is polygamma(n + 1, x), known for n + 1 up to 20"),
        (lambda x: ad.polygamma(20, x), -2.5, "it is polygamma(n + 1, x), known for n + 1 up to 20"),
        (lambda x: ad.spherical_jn(10, x), 2.0, "it needs spherical_jn(n + 1, x), known for n + 1 up to 10"),
        (lambda x: ad.spherical_jn(10, x), 0.5, "it needs spherical_jn(n + 1, x), known for n + 1 up to 10"),
    ],
)  # fmt: skip
def test_the_derivative_that_is_not_known_says_up_to_where_it_is(f: Any, x: float, words: str) -> None:
    with pytest.raises(ad.NonFiniteError) as caught:
        ad.grad(f)(x)
    assert f"with respect to x is not a number: {words}\n" in str(caught.value)
    assert "ask for a lower order" in str(caught.value)
    assert "move the operand" not in str(caught.value)


def test_help_says_up_to_where_the_derivatives_go() -> None:
    assert str(ad.spherical_jn.__doc__).endswith(
        "Derivatives: it needs spherical_jn(n + 1, x), known for n + 1 up to 10"
    )


@pytest.mark.parametrize(
    "call", [lambda: ad.spherical_jn(-1, 2.0), lambda: ad.polygamma(21, -2.5), lambda: ad.acosh(0.5)]
)
def test_outside_the_domain_scaling_is_no_advice(call: Any) -> None:
    with pytest.raises(ad.NonFiniteError, match=r"needs (.|\n)*keep the operands where it is defined"):
        call()


FAR_OUT: list[tuple[str, float, float | None, float | None]] = [
    ("log10", 8e307, 5.4286810237906479e-309, None),
    ("log10", 1.7e308, 2.5546734229603048e-309, None),
    ("log2", 1.7e308, 8.486441416993903e-309, None),
    ("asin", 1e-300, 1.0, 1e-300),
    ("asin", 1e-4, 1.0000000050000001, 1.0000000150000002e-4),
    ("acos", -1e-300, -1.0, 1e-300),
    ("atanh", 1e-300, 1.0, 2e-300),
    ("atanh", -1e-4, 1.0000000100000001, -2.0000000400000006e-4),
    ("lgamma", 1e200, None, 1e-200),
    ("lgamma", 1e300, None, 1e-300),
    ("sqrt", 1e300, 5e-151, None),
    ("asinh", 1e300, 1e-300, None),
]


@pytest.mark.parametrize(("name", "x", "slope", "curvature"), FAR_OUT)
def test_no_rule_cancels_or_leaves_the_range_of_floats_where_its_derivative_does_not(
    name: str, x: float, slope: float | None, curvature: float | None
) -> None:
    f = getattr(ad, name)
    if slope is not None:
        assert ad.grad(f)(x) == ad.compile(ad.grad(f))(x) == pytest.approx(slope, rel=4e-16, abs=1e-323)
        assert ad.compile(f).jacobian(x) == pytest.approx(slope, rel=4e-16, abs=1e-323)
    if curvature is not None:
        ways = [ad.grad(ad.grad(f)), ad.compile(f).hessian, ad.compile(ad.grad(ad.grad(f)))]
        assert [way(x) for way in ways] == pytest.approx([curvature] * 3, rel=4e-15, abs=0.0)
        assert ad.taylor(f, x, 2)[2] == pytest.approx(curvature, rel=4e-15, abs=0.0)


@pytest.mark.parametrize("x", [1e8, 1.5e9, 1e155, 1e300])
def test_inverse_hyperbolic_functions_of_libraries_that_have_none_do_not_overflow(x: float) -> None:
    for sign in (1.0, -1.0):
        assert SPECIAL["asinh"](FLOATS, sign * x) == pytest.approx(math.asinh(sign * x), rel=4e-16)
    assert SPECIAL["acosh"](FLOATS, x) == pytest.approx(math.acosh(x), rel=4e-16)
