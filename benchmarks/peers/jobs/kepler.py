"""Kepler's equation in JAX: see examples/jobs/kepler.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


def newton(f: Any, guess: Any) -> Any:
    def step(_: int, at: Any) -> Any:
        return at - f(at) / jax.grad(f)(at)

    return jax.lax.fori_loop(0, 20, step, guess)


def anomaly(mean: Any, e: Any) -> Any:
    f = lambda E: E - e * jnp.sin(E) - mean
    solve_line = lambda g, y: y / g(1.0)
    return jax.lax.custom_root(f, mean + e * jnp.sin(mean), newton, solve_line)


slopes, bends = jax.jit(jax.value_and_grad(anomaly, (0, 1))), jax.jit(jax.hessian(anomaly, (0, 1)))


def job() -> dict[str, Any]:
    found, (by_mean, by_e) = slopes(1.2, 0.3)
    ((twice, _), _) = bends(1.2, 0.3)
    return {"E": found, "by_mean": by_mean, "by_e": by_e, "by_mean_twice": twice}
