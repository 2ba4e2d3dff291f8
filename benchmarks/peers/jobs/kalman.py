"""A Kalman filter in JAX: see examples/jobs/kalman.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.kalman import SERIES


def log_likelihood(noise: Any, drift: Any) -> Any:
    def step(state: Any, y: Any) -> Any:
        level, spread = state
        spread = spread + drift
        miss, expected = y - level, spread + noise
        gain = spread / expected
        term = -0.5 * (jnp.log(2.0 * jnp.pi * expected) + miss**2 / expected)
        return (level + gain * miss, (1.0 - gain) * spread), term

    _, terms = jax.lax.scan(step, (0.0, 1.0), jnp.array(SERIES))
    return jnp.sum(terms)


slopes = jax.jit(jax.value_and_grad(log_likelihood, (0, 1)))


def job() -> dict[str, Any]:
    value, (by_noise, by_drift) = slopes(0.3, 0.1)
    return {"log_likelihood": value, "by_noise": by_noise, "by_drift": by_drift}
