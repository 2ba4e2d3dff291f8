"""Optimal control in JAX: see examples/jobs/optimal_control.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.optimal_control import START, STEPS, H


def cost(forces: Any) -> Any:
    def step(state: Any, u: Any) -> Any:
        x, v = state
        x, v = x + H * v, v + H * u
        return (x, v), H * (x * x + v * v / 10.0 + u * u / 2.0)

    _, terms = jax.lax.scan(step, START, forces)
    return jnp.sum(terms)


slope, bend = jax.jit(jax.value_and_grad(cost)), jax.jit(jax.hessian(cost))


def job() -> dict[str, Any]:
    rest = jnp.zeros(STEPS)
    forces = -jnp.linalg.solve(bend(rest), slope(rest)[1])
    return {"first_force": forces[0], "cost": slope(forces)[0]}
