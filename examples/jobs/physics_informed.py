"""A physics-informed net: u'' = −π² sin πx, u(0) = u(1) = 0, by a net that is trained on its own second derivative.

loss = mean (u''(x) + π² sin πx)² over points + u(0)² + u(1)²; u'' is a derivative of a derivative, and training takes a
third. Source: M. Raissi, P. Perdikaris, G. Karniadakis, Journal of Computational Physics 378 (2019) 686.

    python examples/jobs/physics_informed.py
"""

from __future__ import annotations

import math
from typing import Any

import autograd_tiny as ad

POINTS = [i / 8.0 for i in range(9)]
START = {"a": [0.5, -0.4, 0.3], "w": [1.0, 2.0, -1.5], "b": [0.1, -0.6, 0.7]}


def u(p: dict[str, Any], x: Any) -> Any:
    return ad.dot(p["a"], [ad.tanh(w * x + b) for w, b in zip(p["w"], p["b"], strict=True)])


def loss(p: dict[str, Any]) -> Any:
    bend = ad.grad(ad.grad(lambda x: u(p, x)))
    misses = [bend(x) + math.pi**2 * math.sin(math.pi * x) for x in POINTS]
    return ad.dot(misses, misses) / len(POINTS) + u(p, 0.0) ** 2 + u(p, 1.0) ** 2


def main(verbose: int = 1) -> dict[str, Any]:
    value, slopes = ad.value_and_grad(loss)(START)
    found = {"loss": value, "slopes": slopes}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
