"""An ODE's parameters in JAX: see examples/jobs/ode_fit.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.ode_fit import START, STEP, TRUTH


def slope(y: Any, p: Any) -> Any:
    a, b, c, d = p
    return jnp.array([a * y[0] - b * y[0] * y[1], d * y[0] * y[1] - c * y[1]])


def trajectory(p: Any, points: int = 10) -> Any:
    def step(y: Any, _: Any) -> Any:
        k1 = slope(y, p)
        k2 = slope(y + STEP / 2 * k1, p)
        k3 = slope(y + STEP / 2 * k2, p)
        k4 = slope(y + STEP * k3, p)
        y = y + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return y, y

    _, found = jax.lax.scan(step, jnp.array(START), length=points)
    return found.reshape(-1)


run, slopes = jax.jit(trajectory), jax.jit(jax.jacobian(trajectory))


def job() -> dict[str, Any]:
    data, p = run(jnp.array(TRUTH)), jnp.array([1.0, 0.5, 0.5, 0.15])
    for _ in range(15):
        p = p - jnp.linalg.lstsq(slopes(p), run(p) - data)[0]
    return {"parameters": p}
