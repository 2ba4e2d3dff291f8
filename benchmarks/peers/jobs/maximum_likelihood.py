"""Maximum likelihood in JAX: see examples/jobs/maximum_likelihood.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln

from examples.jobs.maximum_likelihood import DATA


def loss(p: Any) -> Any:
    x, shape, scale = jnp.array(DATA), jnp.exp(p[0]), jnp.exp(p[1])
    return jnp.sum(x / scale + shape * p[1] + gammaln(shape) - (shape - 1.0) * jnp.log(x))


slope, bend = jax.jit(jax.grad(loss)), jax.jit(jax.hessian(loss))


def job() -> dict[str, Any]:
    p = jnp.zeros(2)
    for _ in range(30):
        p = p - jnp.clip(jnp.linalg.solve(bend(p), slope(p)), -1.0, 1.0)
    spread = jnp.linalg.inv(bend(p))
    return {"shape": jnp.exp(p[0]), "scale": jnp.exp(p[1]), "error_of_log_shape": jnp.sqrt(spread[0, 0])}
