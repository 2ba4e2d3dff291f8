"""Inverse kinematics in JAX: see examples/jobs/arm.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.arm import LINKS, TARGET


def hand(angles: Any) -> Any:
    a, both = angles[0], angles[0] + angles[1]
    return jnp.array([
        LINKS[0] * jnp.cos(a) + LINKS[1] * jnp.cos(both),
        LINKS[0] * jnp.sin(a) + LINKS[1] * jnp.sin(both),
    ])  # fmt: skip


slopes = jax.jit(jax.jacobian(hand))


def job() -> dict[str, Any]:
    angles = jnp.array([0.3, 1.0])
    for _ in range(12):
        angles = angles - jnp.linalg.solve(slopes(angles), hand(angles) - jnp.array(TARGET))
    return {"angles": angles, "hand": hand(angles)}
