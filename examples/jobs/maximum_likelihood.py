"""Maximum likelihood: a gamma distribution fitted by Newton's steps, with standard errors from the same Hessian.

log L = Σ (k − 1) log x − x/θ − k log θ − log Γ(k). The Hessian of lgamma is the trigamma function, from the table.
Source: M. Evans, N. Hastings, B. Peacock, Statistical Distributions (2000), 18.

    python examples/jobs/maximum_likelihood.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad
from autograd_tiny import linalg

DATA = [1.2, 0.7, 3.4, 2.2, 0.9, 1.8, 2.9, 1.1, 0.4, 2.5, 1.6, 4.1]


def loss(p: list[Any]) -> Any:
    """Minus the log-likelihood, of the logarithms of shape and scale, which may be anything."""
    shape, scale = ad.exp(p[0]), ad.exp(p[1])
    return ad.sum([x / scale + shape * p[1] + ad.lgamma(shape) - (shape - 1.0) * ad.log(x) for x in DATA])


def main(verbose: int = 1) -> dict[str, float]:
    p = [0.0, 0.0]
    for _ in range(30):
        step = linalg.solve(ad.hessian(loss)(p), ad.grad(loss)(p))
        p = [x - max(-1.0, min(1.0, s)) for x, s in zip(p, step, strict=True)]
    spread = linalg.inv(ad.hessian(loss)(p))
    found = {"shape": ad.exp(p[0]), "scale": ad.exp(p[1]), "error_of_log_shape": spread[0][0] ** 0.5}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
