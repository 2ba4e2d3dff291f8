"""Loops of many steps, each compiled in the time of one, next to jax.lax.scan under jax.jit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..harness import Workload
from ..peers import jobs_jax
from .job import drawn, learned, with_jax

STEP = 0.001


def lstm_loss(w: Any, xs: Any) -> Any:
    """1,000 steps of 8 numbers through 16 cells; the sum of squares of the last."""
    import autograd_tiny as ad

    n = len(w["h"][0])

    def step(state: Any, x: Any) -> Any:
        h, c = state
        z = [ad.dot(a, x) + ad.dot(b, h) + bias for a, b, bias in zip(w["x"], w["h"], w["b"], strict=True)]
        i, f, g, o = (z[k * n : (k + 1) * n] for k in range(4))
        c = [ad.sigmoid(b) * d + ad.sigmoid(a) * ad.tanh(e) for a, b, e, d in zip(i, f, g, c, strict=True)]
        return ([ad.sigmoid(a) * ad.tanh(d) for a, d in zip(o, c, strict=True)], c), None

    (h, _), _ = ad.scan(step, ([0.0] * n, [0.0] * n), xs)
    return ad.dot(h, h)


def lstm_data() -> tuple[dict[str, Any], tuple[Any, ...]]:
    return {"x": drawn(64, 8), "h": drawn(64, 16, spread=0.3), "b": drawn(64)}, (drawn(32, 1000, 8),)


def populations(w: Any, start: Any) -> Any:
    """Predators and prey after 10,000 steps of Runge and Kutta's: their sum."""
    import autograd_tiny as ad

    (x, y), _ = ad.scan(jobs_jax.hunt(w["p"], STEP), (start[0], start[1]), length=10_000)
    return x + y


def populations_data(*samples: int) -> tuple[dict[str, Any], tuple[Any, ...]]:
    import numpy as np

    return {"p": np.array([1.1, 0.4, 0.4, 0.1])}, (5.0 + abs(drawn(*samples, 2)),)


LONG_LOOPS: Sequence[Workload] = (
    with_jax("loop-lstm", "An LSTM of 1,000 steps, 32 samples", lambda: learned(
        lstm_data, lstm_loss, jobs_jax.lstm)),
    with_jax("loop-ode", "Lotka and Volterra, 10,000 Runge-Kutta steps: gradient", lambda: learned(
        populations_data, populations, jobs_jax.populations, batch=False)),
    with_jax("loop-ode-100", "The same from 100 states", lambda: learned(
        lambda: populations_data(100), populations, jobs_jax.many_populations)),
)  # fmt: skip
