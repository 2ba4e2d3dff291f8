"""A recurrent net in JAX: see examples/jobs/recurrent.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.recurrent import SEQUENCE, TARGET, WEIGHTS


def loss(p: dict[str, Any]) -> Any:
    h = jnp.zeros(3)
    for x in SEQUENCE:
        h = jnp.tanh(p["W"] @ h + p["u"] * x)
    return (p["v"] @ h - TARGET) ** 2 / 2.0


slopes = jax.jit(jax.value_and_grad(loss))


def job() -> dict[str, Any]:
    value, by = slopes({name: jnp.array(x) for name, x in WEIGHTS.items()})
    return {"loss": value, "slopes": by}
