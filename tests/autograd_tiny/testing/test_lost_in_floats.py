"""Functions of which floats give nothing right, while their formula is known: the exact oracle judges, and no difference
of floats, which sees one tread of a stair and takes it for the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny.testing import check_gradients
from autograd_tiny.testing.verdicts import DISAGREED, INCONCLUSIVE

pytestmark = pytest.mark.once

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "1 - cos": (lambda x: (1 - math.cos(x)) / x**2, lambda x: (1 - mpmath.cos(x)) / x**2),
    "1 - cos of numpy": (lambda x: (1 - np.cos(x)) / x**2, lambda x: (1 - mpmath.cos(x)) / x**2),
    "x - sin": (lambda x: (x - math.sin(x)) / x**3, lambda x: (x - mpmath.sin(x)) / x**3),
    "sqrt - 1": (lambda x: (math.sqrt(1 + x * x) - 1) / (x * x), lambda x: (mpmath.sqrt(1 + x * x) - 1) / (x * x)),
    "tan - x": (lambda x: (math.tan(x) - x) / x**3, lambda x: (mpmath.tan(x) - x) / x**3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [1e-9, 1.2e-8, 1e-7, 3.3e-7, 2e-6, 1e-5])
def test_what_cancels_near_0_is_known_by_its_formula(name: str, x: float) -> None:
    f, exactly = FUNCTIONS[name]
    with mpmath.workdps(100):
        right = float(mpmath.diff(exactly, mpmath.mpf(x)))
    assert check_gradients(f, x, gradient=lambda _: right).verdict == "agreed"
    for wrong in (-2.0 * float(f(x)) / x, 1.0, 1e9):  # the first is the slope of a tread
        assert check_gradients(f, x, gradient=lambda _, g=wrong: g).verdict in (DISAGREED, INCONCLUSIVE)


@pytest.mark.parametrize("large", [1e15, 1e16, 1e17])
def test_what_is_added_and_taken_off_again(large: float) -> None:
    f = lambda x: ((x + large) - large) * x
    for x in (3.3, 2.2154003234078257, -1.9663148906708239, 2.030407620656315, -0.7, 4.1):
        assert check_gradients(f, x, gradient=lambda x: 2.0 * x).verdict == "agreed"
        tread = ((x + large) - large) * 2.0**-1
        assert check_gradients(f, x, gradient=lambda _, g=tread: g).verdict in (DISAGREED, INCONCLUSIVE)


@pytest.mark.parametrize("x", [1e-9, 1e-8, 1e-7])
def test_a_derivative_of_ours_that_is_all_rounding_is_not_agreed_to(x: float) -> None:
    assert check_gradients(lambda x: (1 - ad.cos(x)) / x**2, x).verdict == INCONCLUSIVE


def test_a_cube_root_has_negative_numbers_too() -> None:
    for f in (math.cbrt, np.cbrt):
        assert check_gradients(f, -8.0, gradient=lambda x: 1 / 12).digits == 15
        assert check_gradients(f, -8.0, gradient=lambda x: 1 / 12.001).verdict == DISAGREED
    assert check_gradients(lambda x: x * math.cbrt(x), 0.0, gradient=lambda x: 0.0).verdict == "agreed"
    assert "vertical tangent" in str(check_gradients(math.cbrt, 0.0, gradient=lambda x: 0.0))
