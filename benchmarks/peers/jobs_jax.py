"""The jobs of `workloads.jobs` in jax, as its users write them: whole arrays, vmap over samples, jit, float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from . import scalar_jobs


def setup() -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


Ready = tuple[Callable[[], Any], Callable[[Any], Any]]
"""The work to time, and what makes its answer a list of numbers."""


def numbers(found: Any) -> list[float]:
    import jax

    return [x for leaf in jax.tree_util.tree_leaves(found) for x in leaf.ravel()[:4000].tolist()]


def ready(f: Any, *given: Any) -> Ready:
    jax = setup()
    compiled = jax.jit(f)
    arrays = jax.tree_util.tree_map(jax.numpy.asarray, given)
    return lambda: jax.block_until_ready(compiled(*arrays)), numbers


def mean_of(loss: Any) -> Any:
    """The value and gradient of the mean over samples of a loss of weights and a sample."""
    jax = setup()
    return jax.value_and_grad(lambda w, *xs: jax.vmap(lambda *x: loss(w, *x))(*xs).mean())


def hinge(weights: Any, points: Any, sides: Any) -> Ready:
    jax = setup()

    def loss(w: Any, x: Any, y: Any) -> Any:
        for i, (matrix, bias) in enumerate(zip(w[::2], w[1::2], strict=True)):
            x = matrix @ x + bias
            x = jax.nn.relu(x) if i < len(w) // 2 - 1 else x
        return jax.nn.relu(1.0 - y * x[0])

    return ready(mean_of(loss), weights, points, sides)


def images(weights: Any, pictures: Any, labels: Any) -> Ready:
    jax = setup()
    np = jax.numpy

    def loss(w: Any, x: Any, t: Any) -> Any:
        p = jax.nn.sigmoid(w[2] @ jax.nn.relu(w[0] @ x + w[1]) + w[3])[0]
        return -(t * np.log(p) + (1.0 - t) * np.log(1.0 - p))

    return ready(mean_of(loss), weights, pictures, labels)


def gpt(weights: Any, tokens: Any) -> Ready:
    jax = setup()
    np = jax.numpy
    seen, wanted = np.asarray(tokens[:-1]), np.asarray(tokens[1:])
    n, heads = len(tokens) - 1, 4
    norm = lambda x: x * (np.mean(x * x, 1, keepdims=True) + 1e-5) ** -0.5
    split = lambda x: x.reshape(n, heads, -1).transpose(1, 0, 2)

    def loss(w: Any) -> Any:
        letters, places, query, key, value, blend, widen, narrow, read_out = w
        x = letters[seen] + places[:n]
        y = norm(x)
        q, k, v = (split(y @ m.T) for m in (query, key, value))
        fits = q @ k.transpose(0, 2, 1) * q.shape[2] ** -0.5 + np.triu(np.full((n, n), -np.inf), 1)
        x = x + (jax.nn.softmax(fits) @ v).transpose(1, 0, 2).reshape(n, -1) @ blend.T
        x = x + jax.nn.relu(norm(x) @ widen.T) @ narrow.T
        return -jax.nn.log_softmax(norm(x) @ read_out.T)[np.arange(n), wanted].mean()

    return ready(jax.value_and_grad(loss), weights)


def block(weights: Any, x: Any) -> Ready:
    jax = setup()
    np = jax.numpy
    heads = 4

    def loss(w: Any, x: Any) -> Any:
        n = len(x)
        split = lambda x: x.reshape(n, heads, -1).transpose(1, 0, 2)
        q, k, v = (split(x @ w[name].T) for name in "qkv")
        fits = jax.nn.softmax(q @ k.transpose(0, 2, 1) * q.shape[2] ** -0.5)
        x = x + (fits @ v).transpose(1, 0, 2).reshape(n, -1) @ w["o"].T
        x = x + np.tanh(x @ w["up"].T) @ w["down"].T
        return (x * x).sum()

    return ready(jax.value_and_grad(loss), weights, x)


def lstm(weights: Any, series: Any) -> Ready:
    jax = setup()
    np = jax.numpy

    def loss(w: Any, xs: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            h, c = state
            i, f, g, o = np.split(w["x"] @ x + w["h"] @ h + w["b"], 4)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * np.tanh(g)
            return (jax.nn.sigmoid(o) * np.tanh(c), c), None

        zero = np.zeros(w["h"].shape[1])
        (h, _), _ = jax.lax.scan(step, (zero, zero), xs)
        return h @ h

    return ready(mean_of(loss), weights, series)


def hunt(p: Any, h: float) -> Callable[..., Any]:
    """A step of Runge and Kutta's for predators and prey, which runs on any numbers."""
    a, b, c, d = p

    def slope(x: Any, y: Any) -> tuple[Any, Any]:
        return a * x - b * x * y, d * x * y - c * y

    def step(state: Any, _: Any) -> Any:
        x, y = state
        k = slope(x, y)
        m = slope(x + h / 2 * k[0], y + h / 2 * k[1])
        n = slope(x + h / 2 * m[0], y + h / 2 * m[1])
        o = slope(x + h * n[0], y + h * n[1])
        x, y = (z + h / 6 * (k[i] + 2 * m[i] + 2 * n[i] + o[i]) for i, z in enumerate(state))
        return (x, y), None

    return step


def _end(w: Any, start: Any) -> Any:
    (x, y), _ = setup().lax.scan(hunt(w["p"], 0.001), (start[0], start[1]), None, length=10_000)
    return x + y


def populations(weights: Any, start: Any) -> Ready:
    return ready(setup().value_and_grad(_end), weights, start)


def many_populations(weights: Any, starts: Any) -> Ready:
    return ready(mean_of(_end), weights, starts)


def convolution(weights: Any, pictures: Any, digits: Any) -> Ready:
    jax = setup()

    def loss(w: Any, x: Any, digit: Any) -> Any:
        maps = jax.lax.conv(x[None, None], w["filters"][:, None], (1, 1), "VALID")[0] + w["bias"][:, None, None]
        return -jax.nn.log_softmax(w["out"] @ jax.nn.relu(maps).ravel()) @ digit

    return ready(mean_of(loss), weights, pictures, digits)


def autoencoder(weights: Any, pictures: Any, draws: Any) -> Ready:
    jax = setup()
    np = jax.numpy

    def loss(w: Any, x: Any, e: Any) -> Any:
        h = np.tanh(w["in"] @ x)
        mean, log_spread = w["mean"] @ h, w["spread"] @ h
        z = mean + np.exp(log_spread) * e
        back = jax.nn.sigmoid(w["back"] @ np.tanh(w["out"] @ z))
        apart = 0.5 * (np.exp(2.0 * log_spread) + mean * mean - 1.0 - 2.0 * log_spread).sum()
        return ((back - x) ** 2).sum() + apart

    return ready(mean_of(loss), weights, pictures, draws)


def informed(weights: Any, points: Any) -> Ready:
    jax = setup()
    np = jax.numpy

    def u(w: Any, x: Any) -> Any:
        h = np.tanh(w["in"] * x + w["bias"])
        return w["out"] @ np.tanh(w["mid"] @ h)

    def loss(w: Any, x: Any) -> Any:
        bend = jax.grad(jax.grad(u, 1), 1)(w, x)
        return (bend + math.pi**2 * np.sin(math.pi * x)) ** 2

    return ready(mean_of(loss), weights, points)


def black_scholes(books: Any) -> Ready:
    jax = setup()
    np = jax.numpy

    def call(p: Any) -> Any:
        spot, strike, rate, sigma, years = p
        width = sigma * np.sqrt(years)
        d1 = (np.log(spot / strike) + (rate + sigma**2 / 2.0) * years) / width
        cdf = jax.scipy.special.ndtr
        return spot * cdf(d1) - strike * np.exp(-rate * years) * cdf(d1 - width)

    return ready(jax.vmap(jax.hessian(call)), books)


def asian(market: Any, shocks: Any) -> Ready:
    jax = setup()
    np = jax.numpy
    rate, strike, months = 0.02, 100.0, 12

    def payoff(p: Any, shocks: Any) -> Any:
        spot, sigma = p
        steps = (rate - sigma**2 / 2.0) / months + sigma * months**-0.5 * shocks
        levels = np.exp(np.log(spot) + np.cumsum(steps))
        return np.exp(-rate) * jax.nn.relu(levels.mean() - strike)

    return ready(mean_of(payoff), market, shocks)


def scalar(name: str, mode: str, at: Any) -> Ready:
    """A job of `scalar_jobs`: its value and gradient, or its Jacobian."""
    jax = setup()
    f = getattr(scalar_jobs, name)
    g = lambda p: jax.numpy.stack(f(jax.numpy, p)) if mode == "jacobian" else f(jax.numpy, p)
    return ready(jax.value_and_grad(g) if mode == "gradient" else jax.jacrev(g), at)
