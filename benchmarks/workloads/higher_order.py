"""Derivatives of higher order: the fourth by nesting, the tenth by truncated series, next to autograd's and jax's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engines import COMPILED
from ..goals import at_most
from ..harness import ONE_THREAD, Contender, Package, Sample, Workload
from .orders import JAX, JIT, agreeing, best, contender

ORDER, AT = 10, 0.3
AUTOGRAD = Package("autograd", "autograd")
FOURTH, TENTH = "fourth derivative, nested", "tenth derivative"


def nested(grad: Callable[[Any], Any], f: Any, times: int) -> Any:
    for _ in range(times):
        f = grad(f)
    return f


def fourth_ours() -> Sample:
    from autograd_tiny import exp, grad, sin

    fourth = nested(grad, lambda x: sin(exp(x)), 4)
    return Sample({FOURTH: best(lambda: fourth(AT), 1e-6)}, {"derivative": fourth(AT)})


def fourth_autograd() -> Sample:
    import autograd
    import autograd.numpy as anp

    fourth = nested(autograd.grad, lambda x: anp.sin(anp.exp(x)), 4)
    return Sample({FOURTH: best(lambda: fourth(AT), 1e-6)}, {"derivative": float(fourth(AT))})


def fourth_jax() -> Sample:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    fourth = jax.jit(nested(jax.grad, lambda x: jnp.sin(jnp.exp(x)), 4))
    found = float(fourth(AT))
    return Sample({FOURTH: best(lambda: fourth(AT).block_until_ready(), 1e-6)}, {"derivative": found})


def tenth_ours() -> Sample:
    from autograd_tiny import exp, sin, taylor

    tenth = lambda: taylor(lambda x: sin(exp(x)), AT, ORDER)
    return Sample({TENTH: best(tenth, 1e-6)}, {"derivative": tenth()[ORDER]})


def tenth_jax() -> Sample:
    import jax
    import jax.numpy as jnp
    from jax.experimental.jet import jet

    jax.config.update("jax_enable_x64", True)
    series = [1.0, *[0.0] * (ORDER - 1)]
    tenth = jax.jit(lambda x: jet(lambda x: jnp.sin(jnp.exp(x)), (x,), (series,))[1][-1])
    found = float(tenth(AT))
    return Sample({TENTH: best(lambda: tenth(AT).block_until_ready(), 1e-6)}, {"derivative": found})


HIGHER_ORDER = (
    Workload(
        name="fourth-derivative",
        title="The fourth derivative of sin(exp(x)), by nesting",
        contenders=[
            contender(fourth_ours),
            Contender("autograd", fourth_autograd, AUTOGRAD),
            Contender(JIT, fourth_jax, JAX, ONE_THREAD),
        ],
        quantities={FOURTH: "{:,.0f} µs"},
        peer="autograd",
        rounds=3,
        notes=agreeing("derivative"),
    ),
    Workload(
        name="tenth-derivative",
        title="The tenth derivative of sin(exp(x)), by series",
        contenders=[contender(tenth_ours), Contender("jax.jet", tenth_jax, JAX, ONE_THREAD)],
        quantities={TENTH: "{:,.0f} µs"},
        peer="jax.jet",
        goals=[at_most(COMPILED.name, TENTH, 1_000, "{:,.0f} µs")],
        rounds=3,
        notes=agreeing("derivative"),
    ),
)
