"""Option Greeks, and what a bond loses when the curve moves.

C = S Φ(d₁) − K e^(−rT) Φ(d₂), with d₁ = (log(S/K) + (r + σ²/2) T) / σ√T and d₂ = d₁ − σ√T. Every Greek is a derivative
of that one line; a key-rate duration is the slope of a bond's price by one point of the curve it is discounted on.
Source: F. Black, M. Scholes, Journal of Political Economy 81 (1973) 637.

    python examples/jobs/option_greeks.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad

MARKET = {"spot": 100.0, "strike": 105.0, "rate": 0.03, "sigma": 0.2, "years": 0.75}
YEARS, RATES = [1.0, 2.0, 5.0, 10.0], [0.02, 0.025, 0.03, 0.032]


def call(m: dict[str, Any]) -> Any:
    width = m["sigma"] * ad.sqrt(m["years"])
    d1 = (ad.log(m["spot"] / m["strike"]) + (m["rate"] + m["sigma"] ** 2 / 2.0) * m["years"]) / width
    return m["spot"] * ad.norm_cdf(d1) - m["strike"] * ad.exp(-m["rate"] * m["years"]) * ad.norm_cdf(d1 - width)


def bond(rates: list[Any], coupon: float = 4.0) -> Any:
    paid = [(float(t), coupon + 100.0 * (t == 10)) for t in range(1, 11)]
    return ad.sum([cash * ad.exp(-t * ad.interp(t, YEARS, rates)) for t, cash in paid])


def main(verbose: int = 1) -> dict[str, Any]:
    price, slopes = ad.value_and_grad(call)(MARKET)
    gamma = ad.grad(ad.grad(lambda spot: call({**MARKET, "spot": spot})))(100.0)
    found = {"price": price, "delta": slopes["spot"], "gamma": gamma, "vega": slopes["sigma"],
             "theta": -slopes["years"], "rho": slopes["rate"], "key_rates": ad.grad(bond)(RATES)}  # fmt: skip
    if verbose:
        for name, number in found.items():
            print(f"{name:10} {number}")
    return found


if __name__ == "__main__":
    main()
