"""What the estimators minimise where it is not a loss of `nn.losses` as it stands: scikit-learn's, a mean over samples.

Of a sample with several numbers or labels the terms are added, so that ``alpha`` and the learning rate mean here what
they mean there.

>>> from math import log
>>> from autograd_tiny import Value
>>> squared_error([[Value(1.0), Value(2.0)], [Value(0.0), Value(0.0)]], [[0.0, 0.0], [0.0, 0.0]]).data
1.25
>>> poisson([Value(0.0)], [2.0]).data == 2.0 * log(2.0) - 1.0           # half the deviance of 2 from e⁰
True
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_tiny import Value, exp, xlogy
from autograd_tiny import sum as total

from ..losses import binary_cross_entropy_with_logits, half_sum_of_squares
from ..losses.pairs import pairs


def squared_error(predictions: Sequence[Any], targets: Sequence[Any]) -> Value:
    """½ Σ (p − t)², the mean over the samples."""
    return half_sum_of_squares(predictions, targets) / len(predictions)


def poisson(predictions: Sequence[Any], targets: Sequence[Any]) -> Value:
    """Half the Poisson deviance of counts t from eᵖ, Σ t log t − t p − t + eᵖ, the mean over the samples."""
    terms = [exp(p) - t * p + (xlogy(t, t) - t) for p, t in pairs("poisson", predictions, targets)]
    return total(terms) / len(predictions)  # type: ignore[no-any-return]


def labels(predictions: Sequence[Any], targets: Sequence[Any]) -> Value:
    """The binary cross entropy of logits, over all labels of a sample, the mean over the samples."""
    return binary_cross_entropy_with_logits(predictions, targets, reduction="sum") / len(predictions)
