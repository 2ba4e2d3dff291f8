"""Hamiltonian Monte Carlo in JAX: see examples/jobs/hamiltonian.py."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np


def energy(q: Any) -> Any:
    return (q[0] ** 2 / 4.0 + (q[1] - q[0] ** 2 / 2.0) ** 2) / 2.0


force = jax.jit(jax.grad(energy))


def job(samples: int = 200, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    q, step, kept, accepted = np.array([0.5, 0.5]), 0.15, [], 0
    for _ in range(samples):
        p, new = rng.normal(size=2), q.copy()
        before = energy(q) + p @ p / 2.0
        p = p - step / 2.0 * np.asarray(force(new))
        for i in range(10):
            new = new + step * p
            p = p - (step if i < 9 else step / 2.0) * np.asarray(force(new))
        if rng.random() < np.exp(before - energy(new) - p @ p / 2.0):
            q, accepted = new, accepted + 1
        kept.append(q)
    return {"mean": np.mean(kept, axis=0), "accepted": accepted / samples}
