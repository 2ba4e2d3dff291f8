"""Monte Carlo: the price of an Asian option and its pathwise Greeks, 2,000 paths as one batch of a compiled program.

A = mean of S over 12 months, price = e^(−rT) E max(A − K, 0); a Greek is the mean of the paths' own derivatives.
Source: M. Broadie, P. Glasserman, Management Science 42 (1996) 269.

    python examples/jobs/monte_carlo.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_tiny as ad

RATE, STRIKE, MONTHS = 0.02, 100.0, 12


def payoff(spot: Any, sigma: Any, shocks: Any) -> Any:
    """Discounted, of one path."""
    step, logs, levels = 1.0 / MONTHS, ad.log(spot), []
    for shock in shocks:
        logs = logs + (RATE - sigma**2 / 2.0) * step + sigma * step**0.5 * shock
        levels.append(ad.exp(logs))
    return np.exp(-RATE) * ad.relu(ad.mean(levels) - STRIKE)


def main(paths: int = 2000, seed: int = 0, verbose: int = 1) -> dict[str, float]:
    spot, sigma = ad.Value(100.0, "spot"), ad.Value(0.25, "sigma")
    program = ad.compile(lambda shocks: payoff(spot, sigma, shocks), parameters=[spot, sigma])
    shocks = np.random.default_rng(seed).normal(size=(paths, MONTHS))
    prices, (delta, vega) = program.value_and_grad(shocks, batch=True)
    found = {"price": float(np.mean(prices)), "delta": delta, "vega": vega}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
