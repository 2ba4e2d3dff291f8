"""The jobs of finance and engineering: option prices and their Greeks, filters, fits, an arm of six joints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..peers import jobs_casadi, jobs_jax, scalar_jobs
from .job import BUFFERS, CASADI, JAX, Work, derived, trained
from .replay import OURS


def books(count: int) -> Any:
    import numpy as np

    draw = np.random.default_rng(3)
    low, high = [80.0, 80.0, 0.0, 0.1, 0.2], [120.0, 120.0, 0.05, 0.5, 2.0]
    return draw.uniform(low, high, (count, 5))


def hessians_runs(count: int) -> dict[str, Callable[[], Work]]:
    def ours() -> Work:
        from examples.jobs.option_greeks import call

        names = ("spot", "strike", "rate", "sigma", "years")
        f = lambda p: call(dict(zip(names, p, strict=True)))
        return derived("hessian", f, books(count), True)

    return {JAX: lambda: jobs_jax.black_scholes(books(count)), OURS: ours}


def asian_runs() -> dict[str, Callable[[], Work]]:
    import numpy as np

    shocks = np.random.default_rng(4).standard_normal((100_000, 12))

    def ours() -> Work:
        from autograd_tiny import Value
        from examples.jobs.monte_carlo import payoff

        spot, sigma = Value(100.0), Value(0.25)
        return trained(lambda shocks: payoff(spot, sigma, shocks), [spot, sigma], (shocks,), True)

    return {JAX: lambda: jobs_jax.asian(np.array([100.0, 0.25]), shocks), OURS: ours}


def scalar_runs(name: str, mode: str, at: Any) -> dict[str, Callable[[], Work]]:
    def ours() -> Work:
        import autograd_tiny as ad

        f = getattr(scalar_jobs, name)
        if mode == "jacobian":
            return derived("jacobian", lambda p: f(ad, p), list(at), False)
        parameters = [ad.Value(x) for x in at]
        return trained(lambda: f(ad, parameters), parameters, (), False)

    return {
        CASADI: lambda: jobs_casadi.casadi(name, mode, list(at), buffers=False),
        BUFFERS: lambda: jobs_casadi.casadi(name, mode, list(at), buffers=True),
        OURS: ours,
    }
