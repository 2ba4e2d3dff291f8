"""Optimal control: bring a cart to rest in 12 steps, with the least effort; one Newton step, the cost being quadratic.

x' = x + h v, v' = v + h u; cost Σ (x² + v²/10 + u²/2) h.
Source: A. Bryson, Y.-C. Ho, Applied Optimal Control (1975), 5.

    python examples/jobs/optimal_control.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad
from autograd_tiny import linalg

STEPS, H, START = 12, 0.25, (1.0, 0.0)


def cost(forces: list[Any]) -> Any:
    x, v = START
    total: Any = 0.0
    for u in forces:
        x, v = x + H * v, v + H * u
        total = total + H * (x * x + v * v / 10.0 + u * u / 2.0)
    return total


def main(verbose: int = 1) -> dict[str, Any]:
    rest = [0.0] * STEPS
    step = linalg.solve(ad.hessian(cost)(rest), ad.grad(cost)(rest))
    forces = [-s for s in step]
    found = {"first_force": forces[0], "cost": cost(forces)}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
