"""Hamiltonian Monte Carlo: samples from a curved density, the force from a compiled gradient.

H = U(q) + p²/2 with U = (q₀² / 4 + (q₁ − q₀²/2)²) / 2; leapfrog steps, then accept with probability e^(−ΔH).
Source: R. Neal, Handbook of Markov Chain Monte Carlo (2011), 5.

    python examples/jobs/hamiltonian.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_tiny as ad


def energy(q: Any) -> Any:
    return (q[0] ** 2 / 4.0 + (q[1] - q[0] ** 2 / 2.0) ** 2) / 2.0


def main(samples: int = 200, seed: int = 0, verbose: int = 1) -> dict[str, Any]:
    rng, force = np.random.default_rng(seed), ad.compile(ad.grad(energy))
    q, step, kept, accepted = np.array([0.5, 0.5]), 0.15, [], 0
    for _ in range(samples):
        p, new = rng.normal(size=2), q.copy()
        before = energy(q) + p @ p / 2.0
        p = p - step / 2.0 * force(new)
        for i in range(10):
            new = new + step * p
            p = p - (step if i < 9 else step / 2.0) * force(new)
        if rng.random() < np.exp(before - energy(new) - p @ p / 2.0):
            q, accepted = new, accepted + 1
        kept.append(q)
    found = {"mean": np.mean(kept, axis=0).tolist(), "accepted": accepted / samples}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
