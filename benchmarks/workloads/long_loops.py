"""Loops of many steps, each compiled in the time of one, next to jax.lax.scan under jax.jit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..harness import Workload
from ..peers import jobs_jax
from .job import drawn, learned, with_jax
from .job_networks import lstm_data, lstm_start, lstm_step

STEP = 0.001


def lstm_loss(w: Any, xs: Any) -> Any:
    """1,000 steps of 8 numbers through 16 cells; the sum of squares of the last."""
    import autograd_tiny as ad

    (h, _), _ = ad.scan(lstm_step(w), lstm_start(w), xs)
    return ad.dot(h, h)


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
        lambda: lstm_data(1000), lstm_loss, jobs_jax.lstm)),
    with_jax("loop-ode", "Lotka and Volterra, 10,000 Runge-Kutta steps: gradient", lambda: learned(
        populations_data, populations, jobs_jax.populations, batch=False)),
    with_jax("loop-ode-100", "The same from 100 states", lambda: learned(
        lambda: populations_data(100), populations, jobs_jax.many_populations)),
)  # fmt: skip
