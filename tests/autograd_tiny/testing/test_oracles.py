"""The oracles held to what they say: errors are bounds, lost digits are seen, and nothing is known that is not."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_tiny.testing import GradientError, check_gradients
from autograd_tiny.testing.cases import Case
from autograd_tiny.testing.oracles import Estimate, floats, granularity, noise
from autograd_tiny.testing.oracles.exact import Exact as ExactOracle
from autograd_tiny.testing.verdicts import DISAGREED, INCONCLUSIVE, judge
from tests.autograd_tiny.testing.counting import Count, count, count_wild
from tests.autograd_tiny.testing.known import Hidden
from tests.autograd_tiny.testing.wild import FAMILIES

pytestmark = pytest.mark.once


def honest(found: Count) -> bool:
    return not (found.rejected or found.accepted or found.unbounded)


def test_no_right_gradient_is_rejected_and_no_wrong_one_accepted() -> None:
    found = count(150, seed=1)
    assert honest(found), f"{found}\n" + "\n".join([*found.rejected, *found.accepted, *found.unbounded][:9])
    assert found.share("scaled") <= 0.03
    assert found.share("scaled", DISAGREED) > 0.25, "the wrong ones are there, and are found"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
def test_nor_in_a_hundred_thousand(seed: int) -> None:
    """Each of the twenty enters its count in the file that ``AUTOGRAD_TINY_COUNT`` names, if it names one."""
    found = count(5000, seed)
    if path := os.environ.get("AUTOGRAD_TINY_COUNT"):
        with Path(path).open("a") as file:
            verdicts = {" ".join(map(str, key)): n for key, n in sorted(found.verdicts.items())}
            wrong = {"rejected": found.rejected, "accepted": found.accepted, "unbounded": found.unbounded}
            file.write(json.dumps({"functions": found.functions, "verdicts": verdicts, **wrong}) + "\n")
    assert honest(found), f"{found}\n" + "\n".join([*found.rejected, *found.accepted, *found.unbounded][:9])
    assert found.share("scaled") <= 0.03


def test_nor_of_functions_that_are_no_formulas() -> None:
    found = count_wild(40, seed=1)
    assert honest(found), f"{found}\n" + "\n".join([*found.rejected, *found.accepted, *found.unbounded][:9])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 220))
def test_nor_of_ten_thousand_of_them(seed: int) -> None:
    found = count_wild(450, seed, [kind for kind in FAMILIES if kind not in MISSED])
    assert honest(found), f"{found}\n" + "\n".join([*found.rejected, *found.accepted, *found.unbounded][:9])
    found = count_wild(50, seed, MISSED)
    assert len(found.unbounded) + len(found.accepted) <= 3, f"{found}\n" + "\n".join(found.unbounded)


MISSED = ("waves", "solver")
"""Of which one in fifty is missed: waves of 1e-13, and a bisection in floats whose stairs the steps fall beside."""


# The oracles' own mutants: with each of them that count, or a check below it, goes wrong.


def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding is taken to be a last place of the value, and not measured."""
    monkeypatch.setattr(floats, "granularity", lambda phi, scale: 2.0**-52 * abs(phi(0.0)))
    monkeypatch.setattr(floats, "SAFETY", 0.25)


def halved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bound of an estimate from floats is half of what it was."""
    plain = floats.extrapolated

    def extrapolated(phi: Any, scale: float, noise: float, *more: Any) -> Any:
        estimate, step = plain(phi, scale, noise, *more)
        return replace(estimate, error=0.5 * estimate.error), step

    monkeypatch.setattr(floats, "extrapolated", extrapolated)


def halved_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in 60 digits."""
    plain = ExactOracle._settled
    monkeypatch.setattr(ExactOracle, "_settled", lambda self, *more: _half(plain(self, *more)))


def _half(estimate: Any) -> Any:
    return replace(estimate, error=0.5 * estimate.error)


def halved_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding is measured as half of what it is."""
    plain = noise._height
    monkeypatch.setattr(noise, "_height", lambda *given: 0.5 * plain(*given))


def swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact oracle differences along the wrong argument."""
    plain = ExactOracle.difference

    def difference(self: Any, index: Any, steps: Any, sides: Any = None) -> Any:
        n = len(self.point)
        return plain(self, [(i + 1) % n for i in index], steps, sides)

    monkeypatch.setattr(ExactOracle, "difference", difference)


def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether digits are lost."""
    monkeypatch.setattr("autograd_tiny.testing.oracles.exact.lost", lambda xp: "")
    monkeypatch.setattr(ExactOracle, "keeps_digits", lambda self: True)


def unmoved(monkeypatch: pytest.MonkeyPatch) -> None:
    """No account is taken of digits that are lost in what multiplies the slope."""
    monkeypatch.setattr(floats, "noise_of_slope", lambda case, i, h: 0.0)


def never_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told is agreed to."""
    monkeypatch.setattr("autograd_tiny.testing.verdicts.INCONCLUSIVE", "agreed")


MUTANTS = [unmeasured, halved, halved_exactly, halved_measure, swapped, unchecked, unmoved, never_unsure]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda f: f.__name__)
def test_an_oracle_with_a_mistake_is_found_out(mutant: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    assert bounds_are_pinned()
    mutant(monkeypatch)
    assert not (bounds_are_pinned() and passes_the_cases() and honest(count(120, seed=3)))


def bounds_are_pinned() -> bool:
    """Whether each part of a bound is as large as what it stands for makes it."""
    near = lambda a, b: bool(abs(a - b) <= 0.05 * b)
    straight = floats.richardson(lambda t: t, 1.0, noise=1e-6)  # 4 for the extrapolation, 4 for the rounding over 1/32
    stairs = granularity(lambda t: round((1.0 + t) * 2.0**20) * 2.0**-20, 1.0)
    cube = ExactOracle(Case(lambda x: x**3, (1.0,), foreign=True))
    h = cube.steps(1, False)
    return (
        near(straight.error, 16.0 * 1e-6 * 32.0)
        and 0.4 * 2.0**-20 < stairs < 2.0**-20
        and near(cube._settled((0,), h).error, float(0.75 * h[0] ** 2 + mpmath.mpf(10) ** -58 / h[0]))
    )


def test_what_is_allowed_is_the_sum_of_the_two_errors() -> None:
    oracle = Estimate(1.0, 3e-7, "floats")
    assert judge(1.0 + 4.9e-7, oracle, 2e-7, 0.0, None) == ("agreed", 5e-7)
    assert judge(1.0 + 5.1e-7, oracle, 2e-7, 0.0, None)[0] == DISAGREED
    assert judge(0.0, Estimate(1e-9, 1e-8, "floats"), 0.0, 0.0, None)[0] == INCONCLUSIVE
    assert judge(0.0, Estimate(0.0, 1e-8, "floats", negligible=1e-7), 0.0, 0.0, None)[0] == "agreed"


def passes_the_cases() -> bool:
    """Whether each of `CASES`, and the wrong gradients beside them, is judged as it should be."""
    try:
        for f, point, right, wrong, told in CASES.values():
            for given in (right, wrong):
                verdict = check_gradients(f, *point, gradient=lambda *_, g=given: g).verdict
                if verdict == DISAGREED and given is right:
                    return False
                if verdict == "agreed" and given is wrong:
                    return False
                if verdict == INCONCLUSIVE and told:
                    return False
    except GradientError:
        return False
    return True


def hidden(f: Callable[..., Any]) -> Callable[..., Any]:
    """``f`` behind a cast that no oracle sees through."""
    return Hidden(f)


loss = lambda w, z: w * math.log(1 + math.exp(-z))
tail = -2.0 / math.sqrt(math.pi) * math.exp(-(4.5**2))

CASES: dict[str, tuple[Callable[..., Any], tuple[float, ...], list[float], list[float], bool]] = {
    "softplus": (loss, (2.0, 10.0), [math.log1p(math.exp(-10)), -2 / (1 + math.exp(10))], [math.log1p(math.exp(-10)), 0.0], True),
    "softplus near 0": (loss, (1.0, 0.00390625), [math.log1p(math.exp(-0.00390625)), -1 / (1 + math.exp(0.00390625))], [0.0, 0.0], True),
    "hidden softplus": (hidden(loss), (2.0, 10.0), [math.log1p(math.exp(-10)), -2 / (1 + math.exp(10))], [math.log1p(math.exp(-10)), 0.0], True),
    "1 + erf": (lambda s: 1 + math.erf(-s), (4.5,), [tail], [0.0], True),
    "hidden 1 + erf": (hidden(lambda s: 1 + math.erf(-s)), (4.5,), [tail], [0.0], True),
    "hidden 1 + erf, farther out": (hidden(lambda s: 1 + math.erf(-s)), (8.0,), [-1.8097067968559843e-28], [0.0], False),
    "1 - tanh": (lambda z: 1 - math.tanh(z), (5.0,), [-1 / math.cosh(5.0) ** 2], [0.0], True),
    "hidden 1 - tanh": (hidden(lambda z: 1 - math.tanh(z)), (5.0,), [-1 / math.cosh(5.0) ** 2], [0.0], True),
    "1 - cos": (lambda z: 1 - math.cos(z), (1e-5,), [math.sin(1e-5)], [0.0], True),
    "hidden 1 - cos": (hidden(lambda z: 1 - math.cos(z)), (1e-5,), [math.sin(1e-5)], [0.0], True),
    "times a factor that cancels": (hidden(lambda x, z: x * (1 - math.cos(z))), (3e-3, 1e-5), [2 * math.sin(5e-6) ** 2, 3e-3 * math.sin(1e-5)], [0.0, 0.0], True),
    "a tiny term": (lambda w, z: z + 1e-9 * w * math.log(1 + math.exp(-z)), (2.0, 1.0), [1e-9 * math.log1p(math.exp(-1)), 1 - 2e-9 / (1 + math.e)], [0.0, 1.0], True),
    "mpmath's own digits": (lambda x: x + 1e-6 * mpmath.exp(x), (0.5,), [1 + 1e-6 * math.exp(0.5)], [1.0], True),
    "sums in a cast array": (lambda x, y: x + np.array([x, y], float).sum(), (0.5, 1.5), [2.0, 1.0], [1.0, 0.0], True),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_cancellation_widens_the_bound_and_no_more(name: str) -> None:
    f, point, right, wrong, told = CASES[name]
    report = check_gradients(f, *point, gradient=lambda *_: right)
    assert report.verdict == ("agreed" if told else INCONCLUSIVE), str(report)
    for c, exact in zip(report.comparisons, right, strict=True):
        assert abs(c.oracle.value - exact) <= c.oracle.error + 1e-15 * abs(exact)
    assert check_gradients(f, *point, gradient=lambda *_: wrong).verdict == (DISAGREED if told else INCONCLUSIVE)


@pytest.mark.parametrize("z", [34.0, 60.0, 120.0, 300.0, 690.0])
def test_a_tail_is_known_as_far_as_floats_go(z: float) -> None:
    """In 60 digits, too, ``log(1 + exp(-z))`` is a staircase."""
    right = -1 / (1 + math.exp(z))
    f = lambda z: math.log(1 + math.exp(-z))
    assert check_gradients(f, z, gradient=lambda z: right).comparisons[0].digits >= 13
    if z < 690.0:
        assert check_gradients(f, z, gradient=lambda z: 0.0).verdict == DISAGREED


def test_a_black_scholes_call_has_its_greeks() -> None:
    def price(s: float, k: float, r: float, v: float, t: float) -> float:
        d = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
        normal = lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2)))
        return s * normal(d) - k * math.exp(-r * t) * normal(d - v * math.sqrt(t))

    def greeks(s: float, k: float, r: float, v: float, t: float) -> list[float]:
        d = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
        e = d - v * math.sqrt(t)
        normal = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))
        density = math.exp(-d * d / 2) / math.sqrt(2 * math.pi)
        kept = k * math.exp(-r * t)
        return [normal(d), -math.exp(-r * t) * normal(e), t * kept * normal(e), s * density * math.sqrt(t),
                s * density * v / (2 * math.sqrt(t)) + r * kept * normal(e)]  # fmt: skip

    rng = np.random.default_rng(7)
    for _ in range(8):
        s, k = rng.uniform(60, 140, 2)
        at = (float(s), float(k), *map(float, (rng.uniform(0, 0.1), rng.uniform(0.1, 0.5), rng.uniform(0.1, 2.0))))
        for f in (price, hidden(price)):
            assert check_gradients(f, *at, gradient=greeks).verdict in ("agreed", INCONCLUSIVE)
