"""Losses by name: how far predictions are from targets, as one Value to call ``backward`` on.

The losses themselves are in `regression_losses` and `classification_losses`; every one is called as
``loss(predictions, targets)``, so that training takes any of them, or a function of your own.

>>> from autograd_tiny import Value
>>> loss_by_name("mse") is mean_squared_error
True
>>> loss_by_name("hube")
Traceback (most recent call last):
ValueError: unknown loss 'hube': did you mean 'huber'?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_tiny import Value
from autograd_tiny.errors import article, did_you_mean, shorten

from .classification import binary_cross_entropy as binary_cross_entropy
from .classification import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from .classification import cross_entropy as cross_entropy
from .classification import hinge as hinge
from .regression import half_sum_of_squares as half_sum_of_squares
from .regression import huber as huber
from .regression import mean_absolute_error as mean_absolute_error
from .regression import mean_squared_error as mean_squared_error

Loss = Callable[[Any, Any], Value]

LOSSES: dict[str, Loss] = {
    "mean_squared_error": mean_squared_error,
    "mse": mean_squared_error,
    "half_sum_of_squares": half_sum_of_squares,
    "mean_absolute_error": mean_absolute_error,
    "mae": mean_absolute_error,
    "huber": huber,
    "binary_cross_entropy": binary_cross_entropy,
    "bce": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "bce_with_logits": binary_cross_entropy_with_logits,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
}
"""Name -> loss, each under its full name and its usual short one."""


def loss_by_name(given: str | Loss) -> Loss:
    """The loss for a name, or the function itself; an error naming the nearest name otherwise."""
    if callable(given):
        return given
    if not isinstance(given, str):
        raise TypeError(
            f"loss got {shorten(given)}, {article(type(given).__name__)}: "
            "expected a name such as 'mse', or a function of predictions and targets"
        )
    if given not in LOSSES:
        hint = did_you_mean(given.lower(), LOSSES, f"choose one of {', '.join(LOSSES)}, or pass a function")
        raise ValueError(f"unknown loss {shorten(given)}: {hint}")
    return LOSSES[given]
