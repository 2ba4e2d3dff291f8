"""Where the digits of a function go, and what its floats alone tell of its slope."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_tiny.testing import GradientError, Inconclusive, NotDifferentiable, assert_gradients, check_gradients
from autograd_tiny.testing.cases import Case
from autograd_tiny.testing.oracles import Exact, floats, granularity, noise
from autograd_tiny.testing.oracles.digits import lost, tracked_digits
from autograd_tiny.testing.oracles.lifting import lifted
from autograd_tiny.testing.verdicts import DISAGREED, INCONCLUSIVE
from tests.autograd_tiny.testing.test_oracles import hidden

pytestmark = pytest.mark.once


LOSING: dict[str, Callable[[Any], Any]] = {
    "a cast": lambda x: float(x) * x,
    "of one branch": lambda x: x if x < 0.6 else float(x),
    "an array of floats": lambda x: np.array([x, 1.0], dtype=float).sum(),
    "an entry of one": lambda x: np.add(np.zeros(1), np.asarray(x, dtype=float))[0],
    "a text": lambda x: float(f"{x:.17g}"),
    "a C function": lambda x: math.fsum(map(abs, [complex(x)])),
    "mpmath's own context": lambda x: mpmath.mp.sin(x) * 1e-9 + x,
    "a library": lambda x: np.linalg.det(np.array([[x, 1.0], [1.0, 3.0]])),
}


@pytest.mark.parametrize("name", LOSING)
def test_digits_that_are_lost_are_seen(name: str) -> None:
    f = LOSING[name]
    case = Case(f, (0.7,), foreign=True)
    assert Exact.of(case, case.value([0.7])) is None


def test_digits_that_are_lost_at_another_point_only() -> None:
    """At the point itself nothing is: a little above it is a cast."""
    f = lambda x: x * x if x <= 0.5 else float(x) ** 2
    report = check_gradients(f, 0.5, gradient=lambda x: 2 * x)
    assert report.comparisons[0].oracle.oracle == "Richardson-extrapolated differences"
    assert report.verdict == "agreed"


@pytest.mark.parametrize(
    "f",
    [
        lambda x: math.log(x) + math.floor(x) + math.hypot(x, 1.0) + math.pow(x, 2.0) + math.copysign(x, -1.0),
        lambda x: np.exp(x) + np.log1p(x) + np.sqrt(x) + np.arctan(x),
        lambda x: np.mean(np.array([x, x * x])) + np.std(np.array([x, 1.0])),
        functools.partial(lambda a, x: a * math.exp(x), 2.0),
        lambda x, of=math.sin: of(x),
        lambda x: sum(g(x) for g in (math.sin, math.cos)),
    ],
)
def test_digits_go_through_math_and_numpy(f: Callable[..., Any]) -> None:
    case = Case(f, (0.7,), foreign=True)
    oracle = Exact.of(case, case.value([0.7]))
    assert oracle is not None
    assert oracle.derivative((0,)).error < 1e-15 * (1 + abs(oracle.derivative((0,)).value))


def test_the_copy_of_a_function_is_no_other_function() -> None:
    xp = tracked_digits()

    def tower(n: int, x: Any) -> Any:
        return x if n == 0 else math.exp(-tower(n - 1, x))

    f = lambda x: tower(3, x) * math.sqrt(2.0)
    copy = lifted(f, xp.context)
    assert copy(0.3) == f(0.3)
    assert math.exp is not None
    assert f.__globals__["math"] is math, "nothing is changed for anyone else"
    lost(xp)
    with pytest.raises(ValueError, match="math domain error"):
        lifted(lambda x: math.sqrt(x) ** 2, xp.context)(xp.context.mpf(-1))


@pytest.mark.parametrize("cover", [lambda f: f, hidden], ids=["open", "hidden"])
@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (math.sqrt, 1e-20, 5e9),
        (math.log, 1e-300, 1e300),
        (math.acos, 1 - 1e-12, -1 / math.sqrt(1 - (1 - 1e-12) ** 2)),
        (math.atanh, 1e-5 - 1, 1 / (1 - (1e-5 - 1) ** 2)),
    ],
)
def test_near_the_edge_of_a_domain(f: Any, x: float, slope: float, cover: Callable[..., Any]) -> None:
    """What is raised beyond the edge has the point in it, as text, and that is no loss of digits."""
    report = check_gradients(cover(f), x, gradient=lambda x: slope)
    assert report.verdict in ("agreed", INCONCLUSIVE), str(report)
    assert cover is hidden or report.comparisons[0].oracle.exact


# What floats tell


@pytest.mark.parametrize(
    ("f", "x", "least", "most"),
    [
        (lambda t: math.exp(t), 1.0, 1e-17, 1e-14),
        (lambda t: 1.0 - math.cos(t), 1e-5, 1e-17, 1e-15),
        (lambda t: (t + 1e8) - 1e8, 3.0, 1e-9, 1e-7),
        (lambda t: math.tanh(t), 18.0, 1e-17, 1e-14),
        (lambda t: abs(t), 0.0, 0.0, 0.0),
        (lambda t: t**5, 1.0, 1e-17, 1e-14),
    ],
)
def test_rounding_is_measured(f: Callable[[float], float], x: float, least: float, most: float) -> None:
    scale = floats.scales(x)[-1]
    assert least <= granularity(lambda t: f(x + t), scale) <= most


def test_a_flat_stretch_is_followed_to_its_end() -> None:
    saturated = noise.plateau(lambda t: math.tanh(40.0 + t), 40.0)
    assert saturated.endless
    assert 15.0 < saturated.width < 25.0
    assert 0.0 < saturated.riser < 2e-16
    clipped = noise.plateau(lambda t: max(0.0, math.sin(4.0 + t)), 4.0)
    assert (clipped.riser, clipped.endless) == (0.0, False)
    assert noise.plateau(lambda t: float(math.floor(2.5 + t)), 2.0).riser == 1.0


SLOPE_ZERO: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "a crest": (math.cos, (0.0,)),
    "a cubic": (lambda x: x**3, (0.0,)),
    "a saturated tail": (math.tanh, (40.0,)),
    "a sigmoid's tail": (lambda x: 1 / (1 + math.exp(-x)), (50.0,)),
    "a rectifier": (lambda x: max(0.0, x), (-3.0,)),
    "a clipped wave": (lambda x: max(0.0, math.sin(x)), (4.0,)),
}


@pytest.mark.parametrize("name", SLOPE_ZERO)
@pytest.mark.parametrize("cover", [lambda f: f, hidden], ids=["open", "hidden"])
def test_a_slope_of_zero_is_no_kink(name: str, cover: Callable[..., Any]) -> None:
    f, point = SLOPE_ZERO[name]
    assert_gradients(cover(f), *point, gradient=lambda *xs: [0.0] * len(xs))
    with pytest.raises(GradientError):
        assert_gradients(cover(f), *point, gradient=lambda *xs: [0.1] * len(xs))


def layer_norm(a: Any, b: Any, c: Any) -> Any:
    mean = (a + b + c) / 3
    deviation = math.sqrt(((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 3 + 1e-5)
    return (2 * (a - mean) - (b - mean) + 0.5 * (c - mean)) / deviation


@pytest.mark.parametrize("cover", [lambda f: f, hidden], ids=["open", "hidden"])
def test_layer_norm_at_three_equal_inputs(cover: Callable[..., Any]) -> None:
    right = [(w - 0.5) / math.sqrt(1e-5) for w in (2, -1, 0.5)]
    report = check_gradients(cover(layer_norm), 0.7, 0.7, 0.7, gradient=lambda *_: right)
    assert [c.verdict for c in report.comparisons][:2] == ["agreed", "agreed"]
    assert report.comparisons[2].verdict in ("agreed", INCONCLUSIVE)
    assert report.verdict != "not differentiable here"


@pytest.mark.parametrize("f", [abs, lambda x: max(0.0, x), lambda x: abs(x) * math.exp(x)])
def test_a_kink_is_one_behind_a_cast_too(f: Callable[..., Any]) -> None:
    with pytest.raises(NotDifferentiable, match="a kink"):
        assert_gradients(hidden(f), 0.0, gradient=lambda x: 0.5)


def test_no_zero_passes_because_every_quotient_rounds_to_zero() -> None:
    for f, x in (
        (lambda z: 1 - math.tanh(z), 40.0),
        (lambda z: (z + 1e17) - 1e17, 3.0),
        (lambda z: z * 1e-12 + 1e3, 1.0),
    ):
        with pytest.raises(Inconclusive, match="any gradient between"):
            assert_gradients(hidden(f), x, gradient=lambda z: 0.0)


EDGE = 0.999999999


@pytest.mark.parametrize("factor, verdict", [(1.0, "agreed"), (1.0 + 1e-6, "disagreed"), (1.01, "disagreed")])
def test_a_gradient_whose_formula_cancels_is_let_off_what_that_costs_and_no_more(factor: float, verdict: str) -> None:
    found = check_gradients(
        lambda x: math.acos(x) ** 2, EDGE, gradient=lambda x: -factor * 2.0 * math.acos(x) / math.sqrt(1.0 - x * x)
    )
    assert found.verdict == verdict
    assert found.digits <= 10


def test_a_gradient_that_gives_two_numbers_at_one_point_is_let_off_nothing() -> None:
    numbers = iter(range(1, 100))
    found = check_gradients(lambda x: x * x, 3.0, gradient=lambda x: 2.0 * x * (1.0 + 1e-6 * next(numbers)))
    assert found.verdict == "disagreed"


@pytest.mark.parametrize("height", [1e-6, 1e-8, 1e-10, 1e-11])
@pytest.mark.parametrize("x", [1.0, -2.3, 0.7])
def test_waves_too_small_for_most_steps_are_not_taken_for_rounding(height: float, x: float) -> None:
    """The slope that all larger steps agree upon is the one without the waves."""
    f = hidden(lambda x: x + height * math.sin(x / height))
    for slope, verdicts in ((1.0 + math.cos(x / height), ("agreed", INCONCLUSIVE)), (1.0, (DISAGREED, INCONCLUSIVE))):
        assert check_gradients(f, x, gradient=lambda x, slope=slope: slope).verdict in verdicts, (slope, height)


@pytest.mark.parametrize("cover", [lambda f: f, hidden], ids=["open", "hidden"])
def test_what_stands_beside_a_pole_or_has_a_tiny_argument_is_not_stepped_over(cover: Any) -> None:
    """Steps that are too large see another function, and all of them the same one."""
    cases: list[tuple[Callable[..., Any], tuple[float, ...], list[float]]] = [
        (lambda x: 1.0 / (x - 1.0), (1.0 + 2.0**-34,), [-(2.0**68)]),
        (lambda x: math.log(abs(x - 1.0)), (1.0 + 2.0**-36,), [2.0**36]),
        (lambda x: math.exp(1e50 * x), (1e-50,), [math.e * 1e50]),
        (lambda x: math.atan(1e60 * x), (1e-60,), [0.5e60]),
        (lambda x: max(0.0, x), (1e-45,), [1.0]),
        (lambda x, y: 1e40 * x / y + math.sin(1e40 * x), (1e-40, 2.0), [1e40 * (0.5 + math.cos(1.0)), -0.25]),
        (lambda x, y: math.hypot(math.sin(1e40 * x), y), (1e-40, 1.0),
         [1e40 * math.sin(1.0) * math.cos(1.0) / math.hypot(math.sin(1.0), 1.0), 1.0 / math.hypot(math.sin(1.0), 1.0)]),
    ]  # fmt: skip
    for f, point, right in cases:
        report = check_gradients(cover(f), *point, gradient=lambda *_, g=right: g)
        assert report.verdict in ("agreed", INCONCLUSIVE), str(report)
        wrong = [0.5 * g for g in right]
        assert check_gradients(cover(f), *point, gradient=lambda *_, g=wrong: g).verdict in (DISAGREED, INCONCLUSIVE)


@pytest.mark.parametrize("cover", [lambda f: f, hidden], ids=["open", "hidden"])
def test_between_the_knots_of_a_table_it_is_as_good_as_anywhere(cover: Any) -> None:
    knots, heights = np.linspace(-4.0, 4.0, 33), np.cos(np.arange(33.0))
    slope = float(heights[20] - heights[19]) / 0.25
    f = lambda x: np.interp(x, knots, heights)
    assert_gradients(cover(f), 0.8, gradient=lambda x: slope)
    with pytest.raises(GradientError):
        assert_gradients(cover(f), 0.8, gradient=lambda x: 1.001 * slope)


def test_a_power_that_is_flat_at_0_is_no_kink() -> None:
    f = lambda x: abs(x) ** 1.1
    for cover in (lambda f: f, hidden):
        assert check_gradients(cover(f), 0.0, gradient=lambda x: 0.0).verdict in ("agreed", INCONCLUSIVE)


def heron(x: Any) -> Any:
    root = 1.0 + 0.0 * x
    while abs(root * root - x) > 1e-9:
        root = 0.5 * (root + x / root)
    return root


def test_what_stops_iterating_is_right_to_its_tolerance() -> None:
    """Its slope in 60 digits is that of so many turns, and not that of the root."""
    for x in (1.2, 1.1739571586421187, 1.5879272591251232, 2.0):
        report = check_gradients(heron, x, gradient=lambda x: 0.5 / math.sqrt(x))
        assert report.verdict == "agreed" and 6 <= report.digits <= 8, str(report)
    with pytest.raises(GradientError):
        assert_gradients(heron, 1.2, gradient=lambda x: 0.50001 / math.sqrt(x))
    assert check_gradients(lambda x: x * x if x > 1e-8 else 0.0 * x, 1.0, gradient=lambda x: 2 * x).digits == 15


def test_an_exponential_of_an_exponential_ends() -> None:
    """A step of 1e-20 beside 1e-31 makes of it a number with more bits than there is memory."""
    f = lambda x: math.sin(math.exp(math.exp(1e31 * x)))
    right = lambda x: 1e31 * math.exp(1e31 * x) * math.exp(math.exp(1e31 * x)) * math.cos(math.exp(math.exp(1e31 * x)))
    assert check_gradients(f, 3e-32, gradient=right).verdict == "agreed"
    assert (
        check_gradients(lambda x: 1.0 / (1.0 + math.exp(-1e31 * x)), 3e-32, gradient=lambda x: 0.0).verdict == DISAGREED
    )
