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

from ..core.operands import is_number
from ..errors import shorten
from .cases import Case
from .checkers import Checker
from .oracles import DigitsLost
from .ours import Ours
from .theirs import Theirs, ask
from .verdicts import (
    AGREED,
    DISAGREED,
    INCONCLUSIVE,
    NOT_DIFFERENTIABLE,
    GradientError,
    GradientReport,
    Inconclusive,
    NotDifferentiable,
)


def assert_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    wrt: int | str | Sequence[int | str] | None = None,
    tolerance: float | None = None,
    gradient: Callable[..., Any] | None = None,
    kinks: str = "error",
    inconclusive: str = "error",
    **named: Any,
) -> None:
    """Nothing, if all derivatives of ``f`` at ``args`` up to ``order`` agree with the oracles.

    ``args`` are numbers, or lists, dicts and arrays of them; ``wrt`` says by which arguments to differentiate
    (default: all that hold numbers). Arguments of ``f`` by name are passed on and held fixed, unless ``wrt`` names
    them or there are no others. ``f`` gives a number, or several in a list, dict or array, whose Jacobian is then
    checked entry by entry. ``gradient`` is another engine's: given the same arguments it gives a float for one
    argument, else a sequence, of several results one after the other; ``f`` then takes and gives plain floats.
    ``tolerance``, relative, is allowed on top of what the check works out for itself.

    Raises `GradientError` where they disagree, `NotDifferentiable` at a kink or pole, and `Inconclusive` where less
    than two digits of the derivative can be known; all are AssertionErrors. With ``kinks="skip"`` or
    ``inconclusive="skip"`` such a point skips the test (within Hypothesis: is drawn again). It never passes.
    """
    for name, choice in (("kinks", kinks), ("inconclusive", inconclusive)):
        if choice not in ("error", "skip"):
            raise ValueError(f'assert_gradients({name}={choice!r}): expected "error" or "skip"')
    with _untraced():
        report = check_gradients(f, *args, order=order, wrt=wrt, tolerance=tolerance, gradient=gradient, **named)
    if report.verdict == AGREED:
        return
    failure = FAILURES[report.verdict](report)
    if {NOT_DIFFERENTIABLE: kinks, INCONCLUSIVE: inconclusive}.get(report.verdict) == "skip":
        _skip(str(failure).splitlines()[0])
    raise failure


FAILURES: dict[str, type[GradientError]] = {
    DISAGREED: GradientError,
    NOT_DIFFERENTIABLE: NotDifferentiable,
    INCONCLUSIVE: Inconclusive,
}


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
    wrt: int | str | Sequence[int | str] | None = None,
    tolerance: float | None = None,
    gradient: Callable[..., Any] | None = None,
    **named: Any,
) -> GradientReport:
    """What `assert_gradients` bases itself on: every comparison, with its verdict, and no error.

    Raises ``ValueError`` for a function that gives different numbers at the same point; what ``f`` itself raises
    comes through, with the point added to it.
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"assert_gradients(order) got {shorten(order)}: expected a whole number of at least 1")
    if tolerance is not None and (not is_number(tolerance) or not 0.0 <= tolerance < 1.0):
        raise ValueError(f"assert_gradients(tolerance) got {shorten(tolerance)}: expected a relative one, below 1")
    if gradient is not None and order > 1:
        raise ValueError(f"assert_gradients(order={order}, gradient=...): a gradient function gives first derivatives")
    case = Case(f, args, wrt, foreign=gradient is not None, named=named)
    case.check_repeats()
    cases = case.split()
    report = GradientReport(case, gradient=gradient)
    given = [] if gradient is None else ask(gradient, cases)
    for k, one in enumerate(cases):
        checker: Checker = (
            Ours(one, tolerance) if gradient is None else Theirs(one, given[k], tolerance, gradient, row=k)
        )
        for n in range(1, order + 1):
            checker.check(n)
            if checker.report.verdict != AGREED:  # the second derivative of what is wrong says nothing more
                break
        report.comparisons += checker.report.comparisons
    return report


def differentiable(f: Callable[..., Any], *args: Any) -> bool:
    """Whether ``f`` is finite at ``args`` and probing finds no kink, jump or pole there."""
    case = Case(f, args)
    try:
        value = case.value(case.point)
    except (ArithmeticError, ValueError):
        return False
    checker = Checker(case, value, None)
    for i in range(len(case.point)):
        try:
            why = checker.trouble((i,), checker.estimate((i,)))
        except DigitsLost:
            checker.step_aside()
            why = checker.trouble((i,), checker.estimate((i,)))
        if why:
            return False
    return True
