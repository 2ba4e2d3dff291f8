"""Monte Carlo in JAX: see examples/jobs/monte_carlo.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from examples.jobs.monte_carlo import MONTHS, RATE, STRIKE


def price(spot: Any, sigma: Any, shocks: Any) -> Any:
    step = 1.0 / MONTHS
    moves = (RATE - sigma**2 / 2.0) * step + sigma * step**0.5 * shocks
    levels = spot * jnp.exp(jnp.cumsum(moves, axis=1))
    return jnp.exp(-RATE) * jnp.mean(jax.nn.relu(jnp.mean(levels, axis=1) - STRIKE))


slopes = jax.jit(jax.value_and_grad(price, (0, 1)))


def job(paths: int = 2000, seed: int = 0) -> dict[str, Any]:
    shocks = np.random.default_rng(seed).normal(size=(paths, MONTHS))
    found, (delta, vega) = slopes(100.0, 0.25, shocks)
    return {"price": found, "delta": delta, "vega": vega}
