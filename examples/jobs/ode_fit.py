"""An ODE's parameters from data: predators and prey, by Gauss and Newton's steps through a Runge-Kutta solver.

x' = a x − b x y, y' = −c y + d x y; the derivative of the trajectory is that of the solver's arithmetic.
Source: A. Lotka (1925), V. Volterra (1926).

    python examples/jobs/ode_fit.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_tiny as ad

TRUTH, START, STEP = [1.1, 0.4, 0.4, 0.1], [10.0, 5.0], 0.1


def slope(y: list[Any], p: list[Any]) -> list[Any]:
    a, b, c, d = p
    return [a * y[0] - b * y[0] * y[1], d * y[0] * y[1] - c * y[1]]


def trajectory(p: list[Any], points: int = 10) -> list[Any]:
    """Both populations at each tenth of a year."""
    move = lambda y, k, h: [u + h * v for u, v in zip(y, k, strict=True)]

    def step(y: list[Any], _: None) -> tuple[list[Any], list[Any]]:
        k1 = slope(y, p)
        k2 = slope(move(y, k1, STEP / 2), p)
        k3 = slope(move(y, k2, STEP / 2), p)
        k4 = slope(move(y, k3, STEP), p)
        y = [u + STEP / 6 * (e + 2 * f + 2 * g + h) for u, e, f, g, h in zip(y, k1, k2, k3, k4, strict=True)]
        return y, y

    return [u for y in ad.scan(step, START, length=points)[1] for u in y]


def main(verbose: int = 1) -> dict[str, Any]:
    data, p = np.array(trajectory(TRUTH)), np.array([1.0, 0.5, 0.5, 0.15])
    for _ in range(15):
        misses, slopes = np.array(trajectory(p.tolist())) - data, np.array(ad.jacobian(trajectory)(p.tolist()))
        p = p - np.linalg.lstsq(slopes, misses, rcond=None)[0]
    found = {"parameters": p.tolist()}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
