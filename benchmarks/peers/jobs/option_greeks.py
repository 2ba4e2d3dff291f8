"""Option Greeks in JAX: see examples/jobs/option_greeks.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from examples.jobs.option_greeks import MARKET, RATES, YEARS


def call(m: dict[str, Any]) -> Any:
    width = m["sigma"] * jnp.sqrt(m["years"])
    d1 = (jnp.log(m["spot"] / m["strike"]) + (m["rate"] + m["sigma"] ** 2 / 2.0) * m["years"]) / width
    return m["spot"] * norm.cdf(d1) - m["strike"] * jnp.exp(-m["rate"] * m["years"]) * norm.cdf(d1 - width)


def bond(rates: Any, coupon: float = 4.0) -> Any:
    t = jnp.arange(1.0, 11.0)
    paid = coupon + 100.0 * (t == 10)
    return jnp.sum(paid * jnp.exp(-t * jnp.interp(t, jnp.array(YEARS), rates)))


slopes, bend, by_rates = (jax.jit(f) for f in (jax.value_and_grad(call), jax.hessian(call), jax.grad(bond)))


def job() -> dict[str, Any]:
    price, by = slopes(MARKET)
    gamma = bend(MARKET)["spot"]["spot"]
    return {"price": price, "delta": by["spot"], "gamma": gamma, "vega": by["sigma"],
            "theta": -by["years"], "rho": by["rate"], "key_rates": by_rates(jnp.array(RATES))}  # fmt: skip
