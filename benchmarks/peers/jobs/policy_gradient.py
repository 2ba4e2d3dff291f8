"""Policy gradient in JAX: see examples/jobs/policy_gradient.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.policy_gradient import REWARDS, START


def surrogate(scores: Any) -> Any:
    logs = jax.nn.log_softmax(scores)
    return jnp.sum(jax.lax.stop_gradient(jnp.exp(logs)) * jnp.array(REWARDS) * logs)


slope = jax.jit(jax.grad(surrogate))


def job(steps: int = 200) -> dict[str, Any]:
    scores = jnp.array(START)
    first = slope(scores)
    for _ in range(steps):
        scores = scores + 0.5 * slope(scores)
    return {"first": first, "policy": jax.nn.softmax(scores)}
