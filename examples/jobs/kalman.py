"""A Kalman filter: the likelihood of a series under a local level, and its slope by both variances.

y_t = μ_t + ε, μ_t = μ_{t−1} + η; the filter goes through the series once, predicting and correcting.
Source: J. Durbin, S. Koopman, Time Series Analysis by State Space Methods (2012), 2.

    python examples/jobs/kalman.py
"""

from __future__ import annotations

import math
from typing import Any

import autograd_tiny as ad

SERIES = [0.4, 0.9, 0.1, 1.3, 1.1, 1.8, 0.7, 1.5]


def log_likelihood(noise: Any, drift: Any) -> Any:
    """Of variances; the level starts at 0 with variance 1."""
    level, spread, total = 0.0, 1.0, 0.0
    for y in SERIES:
        spread = spread + drift
        miss, expected = y - level, spread + noise
        total = total - 0.5 * (ad.log(2.0 * math.pi * expected) + miss**2 / expected)
        gain = spread / expected
        level, spread = level + gain * miss, (1.0 - gain) * spread
    return total


def main(verbose: int = 1) -> dict[str, Any]:
    value, slopes = ad.value_and_grad(log_likelihood, (0, 1))(0.3, 0.1)
    found = {"log_likelihood": value, "by_noise": slopes[0], "by_drift": slopes[1]}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
