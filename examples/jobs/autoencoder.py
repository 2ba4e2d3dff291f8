"""A linear autoencoder: three numbers through one, by scipy's BFGS on a compiled loss; the best one is PCA.

loss = Σ |x − w (w · x)|² / n. Source: P. Baldi, K. Hornik, Neural Networks 2 (1989) 53.

    python examples/jobs/autoencoder.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_tiny as ad

DATA = [[((5 * i) % 7) / 3.0 - 1.0 + 0.4 * ((i * j) % 3 - 1) for j in range(3)] for i in range(12)]


def loss(w: Any) -> Any:
    misses = []
    for x in DATA:
        code = ad.dot(w, x)
        misses += [a - b * code for a, b in zip(x, w, strict=True)]
    return ad.dot(misses, misses) / len(DATA)


def main(verbose: int = 1) -> dict[str, Any]:
    from scipy.optimize import minimize

    best = minimize(ad.compile(ad.value_and_grad(loss)), np.array([0.5, 0.4, 0.3]), jac=True, options={"gtol": 1e-9})
    found = {"loss": float(best.fun), "direction": best.x.tolist()}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
