"""A convolutional net in JAX: see examples/jobs/convolution.py."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from examples.jobs.convolution import FILTER, IMAGE


def loss(kernel: Any, bias: Any) -> Any:
    image = jnp.array(IMAGE)[None, None]
    maps = jax.lax.conv_general_dilated(image, kernel[None, None], (1, 1), "VALID")
    return -jax.nn.log_sigmoid(jnp.mean(jax.nn.relu(maps + bias)))


slopes = jax.jit(jax.value_and_grad(loss, (0, 1)))


def job() -> dict[str, Any]:
    value, (by_filter, by_bias) = slopes(jnp.array(FILTER), 0.05)
    return {"loss": value, "by_filter": by_filter, "by_bias": by_bias}
