"""The jobs: the number in which each ends, against an oracle that shares nothing with it, eager and compiled."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from benchmarks.beside import RESULTS, compared, lines_of
from tools import docs_jobs

scipy_stats = pytest.importorskip("scipy.stats")

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "examples" / "jobs").glob("*.py"))
RIGHT = 1e-9


def job(name: str) -> Any:
    return importlib.import_module(f"examples.jobs.{name}")


def close(found: Any, want: Any, tolerance: float = RIGHT) -> None:
    np.testing.assert_allclose(np.array(found, float), np.array(want, float), rtol=tolerance, atol=tolerance * 1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_is_and_where_it_is_from(name: str) -> None:
    text = job(name).__doc__
    assert "Source: " in text
    assert f"python examples/jobs/{name}.py" in text
    lines = Path(job(name).__file__).read_text().splitlines()
    assert len(lines) < 70
    assert max(map(len, lines)) <= 120


def test_there_are_fifteen_and_the_command_lists_them() -> None:
    from autograd_tiny_cli.examples import found, listing

    assert len(NAMES) == 15
    assert set(NAMES) <= set(found())
    assert "jobs:" in listing()


@pytest.mark.parametrize("name", NAMES)
def test_none_is_longer_than_1_3_times_the_same_in_jax(name: str) -> None:
    ours = lines_of(ROOT / "examples" / "jobs" / f"{name}.py")
    theirs = lines_of(ROOT / "benchmarks" / "peers" / "jobs" / f"{name}.py")
    assert 5 <= ours <= 1.3 * theirs
    found = next(row for row in json.loads(RESULTS.read_text()) if row["name"] == name)
    assert found["lines"] == [ours, theirs], "run python -m benchmarks.beside, where jax is installed"
    assert found["apart"] < 1e-8


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_jax_gives_the_same(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    assert compared(name).apart < 1e-8


def test_the_gallery_shows_them_all() -> None:
    page = docs_jobs.page()
    assert [*docs_jobs.ORACLES] == NAMES
    for name in NAMES:
        assert f"](#{name}) |" in page
        assert f"{{ #{name} }}" in page
        assert f"`autograd-tiny examples {name}`" in page


def test_the_command_lists_shows_and_runs_them(capsys: pytest.CaptureFixture[str]) -> None:
    from autograd_tiny_cli import main

    assert main(["examples"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name} " in listed for name in NAMES)
    assert main(["examples", "Policy-Gradient"]) == 0
    assert "'policy'" in capsys.readouterr().out
    assert main(["examples", "kepler", "--source"]) == 0
    assert capsys.readouterr().out == (ROOT / "examples" / "jobs" / "kepler.py").read_text(encoding="utf-8")
    assert main(["examples", "keplr"]) == 1
    assert "no example 'keplr'; did you mean 'kepler'?" in capsys.readouterr().err


def test_option_greeks() -> None:
    found, norm = job("option_greeks").main(verbose=0), scipy_stats.norm
    s, k, r, v, t = 100.0, 105.0, 0.03, 0.2, 0.75
    d1 = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
    d2, gone = d1 - v * math.sqrt(t), math.exp(-r * t)
    close(found["price"], s * norm.cdf(d1) - k * gone * norm.cdf(d2))
    close(found["delta"], norm.cdf(d1))
    close(found["gamma"], norm.pdf(d1) / (s * v * math.sqrt(t)))
    close(found["vega"], s * norm.pdf(d1) * math.sqrt(t))
    close(found["theta"], -s * norm.pdf(d1) * v / (2 * math.sqrt(t)) - r * k * gone * norm.cdf(d2))
    close(found["rho"], k * t * gone * norm.cdf(d2))
    years, rates = job("option_greeks").YEARS, job("option_greeks").RATES
    slopes = np.zeros(4)
    for year in range(1, 11):
        shares = [np.interp(year, years, np.eye(4)[i]) for i in range(4)]
        slopes += -year * (4.0 + 100.0 * (year == 10)) * math.exp(-year * np.dot(shares, rates)) * np.array(shares)
    close(found["key_rates"], slopes)


def test_monte_carlo() -> None:
    found = job("monte_carlo").main(paths=500, seed=3, verbose=0)
    z = np.random.default_rng(3).normal(size=(500, 12))
    months = np.arange(1, 13) / 12.0
    walk = np.cumsum(z, axis=1) / math.sqrt(12.0)
    s = 100.0 * np.exp((0.02 - 0.25**2 / 2) * months + 0.25 * walk)
    paid, gone = s.mean(axis=1) > 100.0, math.exp(-0.02)
    close(found["price"], gone * np.mean(np.maximum(s.mean(axis=1) - 100.0, 0.0)))
    close(found["delta"], gone * np.mean(paid * s.mean(axis=1) / 100.0))
    close(found["vega"], gone * np.mean(paid * (s * (walk - 0.25 * months)).mean(axis=1)))


def test_maximum_likelihood() -> None:
    from scipy.optimize import brentq
    from scipy.special import digamma, polygamma

    found, data = job("maximum_likelihood").main(verbose=0), np.array(job("maximum_likelihood").DATA)
    apart = math.log(data.mean()) - np.log(data).mean()
    k = brentq(lambda k: math.log(k) - digamma(k) - apart, 0.1, 50.0, xtol=1e-14, rtol=1e-14)
    close([found["shape"], found["scale"]], [k, data.mean() / k])
    information = len(data) * np.array([[k * k * polygamma(1, k), k], [k, k]])  # of the logarithms, at the maximum
    close(found["error_of_log_shape"], math.sqrt(np.linalg.inv(information)[0, 0]))


def test_hamiltonian() -> None:
    """The same sampler with the force written by hand."""
    found, rng, q, kept = job("hamiltonian").main(samples=60, seed=5, verbose=0), np.random.default_rng(5), None, []
    energy = lambda q: (q[0] ** 2 / 4 + (q[1] - q[0] ** 2 / 2) ** 2) / 2
    force = lambda q: np.array([q[0] / 4 - q[0] * (q[1] - q[0] ** 2 / 2), q[1] - q[0] ** 2 / 2])
    q = np.array([0.5, 0.5])
    for _ in range(60):
        p, new = rng.normal(size=2), q.copy()
        before = energy(q) + p @ p / 2
        p = p - 0.075 * force(new)
        for i in range(10):
            new = new + 0.15 * p
            p = p - (0.15 if i < 9 else 0.075) * force(new)
        q = new if rng.random() < np.exp(before - energy(new) - p @ p / 2) else q
        kept.append(q)
    close(found["mean"], np.mean(kept, axis=0))


def test_ode_fit() -> None:
    close(job("ode_fit").main(verbose=0)["parameters"], job("ode_fit").TRUTH)


def test_optimal_control() -> None:
    """Riccati's recursion, backwards; the cost counts each state after its step."""
    found, module = job("optimal_control").main(verbose=0), job("optimal_control")
    h, state = module.H, np.array([1.0, 0.0])
    a, b = np.array([[1.0, h], [0.0, 1.0]]), np.array([[0.0], [h]])
    q, r, ahead = h * np.diag([1.0, 0.1]), np.array([[h / 2]]), np.zeros((2, 2))
    gains = []
    for _ in range(module.STEPS):
        whole = ahead + q
        gain = np.linalg.solve(r + b.T @ whole @ b, b.T @ whole @ a)
        ahead = a.T @ whole @ (a - b @ gain)
        gains.insert(0, gain)
    close(found["first_force"], -(gains[0] @ state)[0])
    close(found["cost"], state @ ahead @ state)


def test_arm() -> None:
    found, (x, y) = job("arm").main(verbose=0), job("arm").TARGET
    elbow = math.acos((x * x + y * y - 1.0 - 0.64) / 1.6)
    shoulder = math.atan2(y, x) - math.atan2(0.8 * math.sin(elbow), 1.0 + 0.8 * math.cos(elbow))
    close(found["angles"], [shoulder, elbow])
    close(found["hand"], [x, y])


def test_kepler() -> None:
    from scipy.optimize import brentq

    found = job("kepler").main(verbose=0)
    E = brentq(lambda E: E - 0.3 * math.sin(E) - 1.2, 0.0, 3.0, xtol=1e-15)
    d = 1.0 - 0.3 * math.cos(E)
    close(list(found.values()), [E, 1.0 / d, math.sin(E) / d, -0.3 * math.sin(E) / d**3])


def test_recurrent() -> None:
    """Backpropagation through time by hand."""
    module = job("recurrent")
    found, (W, u, v) = module.main(verbose=0), (np.array(module.WEIGHTS[name]) for name in "Wuv")
    hs = [np.zeros(3)]
    for x in module.SEQUENCE:
        hs.append(np.tanh(W @ hs[-1] + u * x))
    miss = v @ hs[-1] - module.TARGET
    dW, du, back = np.zeros((3, 3)), np.zeros(3), miss * v
    for x, before, h in zip(module.SEQUENCE[::-1], hs[-2::-1], hs[:0:-1], strict=True):
        inner = back * (1.0 - h * h)
        dW, du, back = dW + np.outer(inner, before), du + inner * x, W.T @ inner
    close(found["loss"], miss**2 / 2)
    for name, want in (("W", dW), ("u", du), ("v", miss * hs[-1])):
        close(found["slopes"][name], want)


def test_convolution() -> None:
    from scipy.signal import correlate2d

    module = job("convolution")
    found, image, kernel = module.main(verbose=0), np.array(module.IMAGE), np.array(module.FILTER)
    z = correlate2d(image, kernel, mode="valid") + 0.05
    p = 1.0 / (1.0 + math.exp(-np.maximum(z, 0.0).mean()))
    up = (p - 1.0) * (z > 0.0) / z.size
    close(found["loss"], -math.log(p))
    close(found["by_filter"], correlate2d(image, up, mode="valid"))
    close(found["by_bias"], up.sum())


def test_attention() -> None:
    module = job("attention")
    found, (q, k, v) = module.main(verbose=0), (np.array(module.GIVEN[name]) for name in "qkv")
    scores = np.where(np.tril(np.ones((4, 4))) > 0, q @ k.T / math.sqrt(3.0), -np.inf)
    a = np.exp(scores - scores.max(axis=1, keepdims=True))
    a /= a.sum(axis=1, keepdims=True)
    y = a @ v
    da = 2.0 * y @ v.T
    ds = a * (da - (da * a).sum(axis=1, keepdims=True)) / math.sqrt(3.0)
    close(found["loss"], (y * y).sum())
    for name, want in (("q", ds @ k), ("k", ds.T @ q), ("v", a.T @ (2.0 * y))):
        close(found["slopes"][name], want)


def test_physics_informed() -> None:
    module = job("physics_informed")
    found, (a, w, b) = module.main(verbose=0), (np.array(module.START[name]) for name in "awb")
    x = np.array(module.POINTS)
    t = np.tanh(np.outer(x, w) + b)
    s = 1.0 - t * t
    bend = -2.0 * t * s  # tanh''
    third = s * (6.0 * t * t - 2.0)  # tanh'''
    miss = bend @ (a * w * w) + math.pi**2 * np.sin(math.pi * x)
    ends = [np.tanh(b), np.tanh(w + b)]
    heights = [a @ ends[0], a @ ends[1]]
    close(found["loss"], miss @ miss / len(x) + heights[0] ** 2 + heights[1] ** 2)
    share = 2.0 * miss / len(x)
    slopes = [1.0 - e * e for e in ends]
    edge = 2.0 * heights[0] * ends[0] + 2.0 * heights[1] * ends[1]
    close(found["slopes"]["a"], share @ (bend * w * w) + edge)
    by_b = share @ (third * (a * w * w)) + 2.0 * heights[0] * a * slopes[0] + 2.0 * heights[1] * a * slopes[1]
    close(found["slopes"]["b"], by_b)
    inner = share @ (third * (a * w * w) * x[:, None] + bend * (2.0 * a * w))
    close(found["slopes"]["w"], inner + 2.0 * heights[1] * a * slopes[1])


def test_autoencoder() -> None:
    found, data = job("autoencoder").main(verbose=0), np.array(job("autoencoder").DATA)
    levels, directions = np.linalg.eigh(data.T @ data / len(data))
    close(found["loss"], levels[:2].sum())
    close(np.abs(found["direction"]), np.abs(directions[:, 2]), 1e-5)


def test_policy_gradient() -> None:
    module = job("policy_gradient")
    found, r = module.main(verbose=0), np.array(module.REWARDS)
    soft = lambda s: np.exp(s) / np.exp(s).sum()
    slope = lambda s: soft(s) * (r - soft(s) @ r)
    scores = np.array(module.START)
    close(found["first"], slope(scores))
    for _ in range(200):
        scores = scores + 0.5 * slope(scores)
    close(found["policy"], soft(scores))


def test_kalman() -> None:
    """The filter's likelihood is that of one normal distribution of the whole series."""
    found, y = job("kalman").main(verbose=0), np.array(job("kalman").SERIES)
    n = len(y)
    walk = np.minimum.outer(np.arange(1, n + 1), np.arange(1, n + 1)).astype(float)
    cover = 0.3 * np.eye(n) + np.ones((n, n)) + 0.1 * walk
    close(found["log_likelihood"], scipy_stats.multivariate_normal(np.zeros(n), cover).logpdf(y))
    z = np.linalg.solve(cover, y)
    for name, change in (("by_noise", np.eye(n)), ("by_drift", walk)):
        close(found[name], 0.5 * z @ change @ z - 0.5 * np.trace(np.linalg.solve(cover, change)))


@pytest.mark.parametrize(
    ("name", "f", "given"),
    [
        ("recurrent", "loss", "WEIGHTS"), ("attention", "loss", "GIVEN"), ("physics_informed", "loss", "START"),
        ("convolution", "loss", "FILTER"), ("policy_gradient", "surrogate", "START"), ("option_greeks", "call", "MARKET"),
        ("option_greeks", "bond", "RATES"), ("maximum_likelihood", "loss", (0.3, -0.2)), ("kalman", "log_likelihood", 0.3),
        ("optimal_control", "cost", (0.1,) * 12), ("hamiltonian", "energy", (0.3, 0.7)), ("ode_fit", "trajectory", "TRUTH"),
        ("arm", "hand", (0.3, 1.0)), ("kepler", "anomaly", 1.2), ("autoencoder", "loss", (0.5, 0.4, 0.3)),
    ],
)  # fmt: skip
def test_the_gradient_compiled_is_the_gradient(name: str, f: str, given: Any) -> None:
    module = job(name)
    point = getattr(module, given) if isinstance(given, str) else list(given) if isinstance(given, tuple) else given
    more = {"convolution": (0.05,), "kalman": (0.1,), "kepler": (0.3,)}.get(name, ())
    slope = (ad.jacobian if f in ("trajectory", "hand") else ad.grad)(getattr(module, f))
    flat = lambda x: np.array(ad.derivatives.structure.flatten(x), float)
    np.testing.assert_allclose(flat(ad.compile(slope)(point, *more)), flat(slope(point, *more)), rtol=1e-12, atol=1e-14)
