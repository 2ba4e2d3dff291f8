"""Kepler's equation: where a planet is, and how that changes with the orbit, without differentiating the solver.

E − e sin E = M; dE/dM = 1 / (1 − e cos E), dE/de = sin E / (1 − e cos E).
Source: J. Danby, Fundamentals of Celestial Mechanics (1988), 6.6.

    python examples/jobs/kepler.py
"""

from __future__ import annotations

import math

import autograd_tiny as ad


def newton(mean: float, e: float) -> float:
    found = mean + e * math.sin(mean)
    for _ in range(20):
        found -= (found - e * math.sin(found) - mean) / (1.0 - e * math.cos(found))
    return found


anomaly = ad.implicit(newton, lambda E, mean, e: E - e * ad.sin(E) - mean)


def main(verbose: int = 1) -> dict[str, float]:
    by_mean, by_e = ad.grad(anomaly, (0, 1))(1.2, 0.3)
    ((twice, _), _) = ad.hessian(anomaly, (0, 1))(1.2, 0.3)
    found = {"E": anomaly(1.2, 0.3), "by_mean": by_mean, "by_e": by_e, "by_mean_twice": twice}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
