"""Attention in JAX: see examples/jobs/attention.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.attention import GIVEN


def loss(p: dict[str, Any]) -> Any:
    scores = p["q"] @ p["k"].T / jnp.sqrt(3.0)
    causal = jnp.tril(jnp.ones_like(scores)) > 0
    weights = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf), axis=1)
    out = weights @ p["v"]
    return jnp.sum(out**2)


slopes = jax.jit(jax.value_and_grad(loss))


def job() -> dict[str, Any]:
    given = {name: jnp.array(rows) for name, rows in GIVEN.items()}
    value, by_given = slopes(given)
    return {"loss": value, "slopes": by_given}
