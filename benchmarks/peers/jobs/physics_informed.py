"""A physics-informed net in JAX: see examples/jobs/physics_informed.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.physics_informed import POINTS, START


def u(p: dict[str, Any], x: Any) -> Any:
    return p["a"] @ jnp.tanh(p["w"] * x + p["b"])


def loss(p: dict[str, Any]) -> Any:
    x = jnp.array(POINTS)
    bend = jax.vmap(jax.grad(jax.grad(u, 1), 1), (None, 0))(p, x)
    misses = bend + jnp.pi**2 * jnp.sin(jnp.pi * x)
    return jnp.mean(misses**2) + u(p, 0.0) ** 2 + u(p, 1.0) ** 2


slopes = jax.jit(jax.value_and_grad(loss))


def job() -> dict[str, Any]:
    value, by = slopes({name: jnp.array(row) for name, row in START.items()})
    return {"loss": value, "slopes": by}
