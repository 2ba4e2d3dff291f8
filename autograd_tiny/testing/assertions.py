"""`assert_gradients`: the derivatives of a function against oracles that know nothing of derivative rules.

>>> from autograd_tiny import tanh
>>> assert_gradients(lambda x, y: tanh(x * y), 0.7, -1.2, order=2)
>>> assert_gradients(lambda x: x ** 3, 2.0, gradient=lambda x: 3 * x ** 2)
>>> assert_gradients(abs, 0.0)
Traceback (most recent call last):
autograd_tiny.testing.verdicts.NotDifferentiable: abs is not differentiable here
  df/dx at x = 0.0: a kink: slope -1 on the left, 1 on the right
  move the point off it, draw points with points_for(f), or pass kinks="skip"

The tolerance is not a constant: it is what the oracle is sure of, plus what rounding can do to the engine's own
sum, both worked out for this function at this point.
"""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import shorten
from ..operands import is_number
from .cases import Case
from .checkers import Checker, Foreign, Ours
from .verdicts import AGREED, DISAGREED, NOT_DIFFERENTIABLE, GradientError, GradientReport, NotDifferentiable


def assert_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    wrt: int | Sequence[int] | None = None,
    tolerance: float | None = None,
    gradient: Callable[..., Any] | None = None,
    kinks: str = "error",
) -> None:
    """Nothing, if all derivatives of ``f`` at ``args`` up to ``order`` agree with the oracles.

    ``args`` are numbers, or lists and arrays of them; ``wrt`` names the arguments to differentiate by (default: all
    that hold numbers). ``gradient`` is another engine's: given ``args`` it gives a float for one argument, else a
    sequence, and ``f`` then takes and gives plain floats. ``tolerance``, relative, is allowed on top of what the
    check works out for itself.

    Raises `GradientError` where they disagree and `NotDifferentiable` at a kink or pole; both are AssertionErrors.
    With ``kinks="skip"`` such a point skips the test (within Hypothesis: is drawn again). It never passes.
    """
    if kinks not in ("error", "skip"):
        raise ValueError(f'assert_gradients(kinks={kinks!r}): expected "error" or "skip"')
    with _untraced():
        report = check_gradients(f, *args, order=order, wrt=wrt, tolerance=tolerance, gradient=gradient)
    if report.verdict == DISAGREED:
        raise GradientError(report)
    if report.verdict == NOT_DIFFERENTIABLE:
        failure = NotDifferentiable(report)
        if kinks == "skip":
            _skip(str(failure).splitlines()[0])
        raise failure


@contextmanager
def _untraced() -> Iterator[None]:
    """Without Hypothesis's line tracer, which is there to explain failures and makes a check 20 times slower.

    Any other tracer, a debugger's or coverage's, stays.
    """
    trace = sys.gettrace()
    if type(getattr(trace, "__self__", None)).__module__.startswith("hypothesis."):
        sys.settrace(None)
        try:
            yield
        finally:
            sys.settrace(trace)
    else:
        yield


def _skip(reason: str) -> None:
    """Leave the test undecided, in the way of whatever runs it."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is not None and hypothesis.currently_in_test_context():
        hypothesis.reject()
    pytest = sys.modules.get("pytest")
    if pytest is not None:
        pytest.skip(reason)
    raise unittest.SkipTest(reason)


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    wrt: int | Sequence[int] | None = None,
    tolerance: float | None = None,
    gradient: Callable[..., Any] | None = None,
) -> GradientReport:
    """What `assert_gradients` bases itself on: every comparison, with its verdict, and no error."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"assert_gradients(order) got {shorten(order)}: expected a whole number of at least 1")
    if tolerance is not None and (not is_number(tolerance) or not 0.0 <= tolerance < 1.0):
        raise ValueError(f"assert_gradients(tolerance) got {shorten(tolerance)}: expected a relative one, below 1")
    if gradient is not None and order > 1:
        raise ValueError(f"assert_gradients(order={order}, gradient=...): a gradient function gives first derivatives")
    case = Case(f, args, wrt, foreign=gradient is not None)
    checker = Foreign(case, gradient, tolerance) if gradient is not None else Ours(case, tolerance)
    for k in range(1, order + 1):
        checker.check(k)
        if checker.report.verdict != AGREED:  # the second derivative of what is wrong says nothing more
            break
    return checker.report


def differentiable(f: Callable[..., Any], *args: Any) -> bool:
    """Whether ``f`` is finite at ``args`` and probing finds no kink, jump or pole there."""
    case = Case(f, args)
    try:
        value = case.value(case.point)
    except (ArithmeticError, ValueError):
        return False
    checker = Checker(case, value, None)
    return not any(checker.trouble((i,), checker.estimate((i,))) for i in range(len(case.point)))
