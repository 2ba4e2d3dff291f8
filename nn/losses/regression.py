"""Losses of numbers against numbers: squared, absolute, and Huber's, which is the one near 0 and the other far off.

Predictions and targets are a number each, lists of the same length, or lists of vectors of the same shape; the mean
is over all elements, as PyTorch takes it. Sums of squares are a `dot` of the differences with themselves: one node.

>>> from autograd_tiny import Value
>>> predictions, targets = [Value(1.0), Value(5.0)], [2.0, 2.0]
>>> mean_squared_error(predictions, targets).data, mean_absolute_error(predictions, targets).data
(5.0, 2.0)
>>> huber(predictions, targets).data, huber(predictions, targets, reduction="sum").data
(1.5, 3.0)
"""

from __future__ import annotations

from math import inf
from typing import Any

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

from .pairs import Reduction, pairs, reduced, scaled


def mean_squared_error(predictions: Any, targets: Any, *, reduction: Reduction = "mean") -> Value:
    """Mean of (p - t)² (PyTorch's MSELoss)."""
    errors = _differences("mean_squared_error", predictions, targets)
    return scaled("mean_squared_error", ad.dot(errors, errors), len(errors), reduction)


def half_sum_of_squares(predictions: Any, targets: Any) -> Value:
    """½ Σ (p - t)², whose derivative is p - t: the cost of the source articles' regression net. Always a sum."""
    errors = _differences("half_sum_of_squares", predictions, targets)
    loss: Value = 0.5 * ad.dot(errors, errors)
    return loss


def mean_absolute_error(predictions: Any, targets: Any, *, reduction: Reduction = "mean") -> Value:
    """Mean of |p - t|, whose derivative at p = t is 0 (PyTorch's L1Loss)."""
    errors = _differences("mean_absolute_error", predictions, targets)
    return reduced("mean_absolute_error", [ad.abs(e) for e in errors], reduction)


def huber(predictions: Any, targets: Any, delta: float = 1.0, *, reduction: Reduction = "mean") -> Value:
    """Mean of ½e² where |e| ≤ δ and δ (|e| - ½δ) beyond, for e = p - t (PyTorch's HuberLoss; P. J. Huber, 1964).

    With a = |e| and m = min(a, δ) both branches are m a - ½m²; this has Huber's derivative at |e| = δ too, where a
    tie in `minimum` shares its gradient: ∂/∂m = a - m is 0 there. ½e² - ½relu(a - δ)² would cancel for large e.
    """
    if not is_number(delta):
        raise TypeError(
            f"huber(delta) got {shorten(delta)}, {article(type(delta).__name__)}: expected a number above 0"
        )
    if not 0.0 < delta < inf:
        raise ValueError(f"huber(delta) got {delta!r}: expected a finite number above 0")
    sizes = [ad.abs(e) for e in _differences("huber", predictions, targets)]
    clipped = [ad.minimum([a, delta]) for a in sizes]  # the compiled engine makes this in 0.2 µs, minimum(a, δ) in 5
    total = ad.dot(clipped, sizes) - 0.5 * ad.dot(clipped, clipped)
    return scaled("huber", total, len(sizes), reduction)


def _differences(loss: str, predictions: Any, targets: Any) -> list[Any]:
    return [p - t for p, t in pairs(loss, predictions, targets)]
