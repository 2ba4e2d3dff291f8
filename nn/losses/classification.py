"""Losses of scores or probabilities against classes: cross-entropy of two classes and of many, and the hinge.

Labels of binary losses are 0 and 1, those of `hinge` -1 and 1, those of `cross_entropy` indices of classes.

>>> from autograd_tiny import Value
>>> round(binary_cross_entropy(Value(0.9), 1).data, 4)                               # -log 0.9
0.1054
>>> round(binary_cross_entropy(Value(-800.0), 1, from_logits=True).data, 4)   # -log of a number below the smallest
800.0
>>> round(cross_entropy([Value(2.0), Value(0.0)], 0).data, 4)                        # log(1 + e^-2)
0.1269
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.errors import shorten
from autograd_tiny.modes.recording import being_recorded

from .pairs import Reduction, labelled_rows, number, pairs, reduced

Scalar = Value | float


def binary_cross_entropy(
    predictions: Any, targets: Any, *, from_logits: bool = False, reduction: Reduction = "mean"
) -> Value:
    """Mean of -t log p - (1 - t) log(1 - p), for probabilities p strictly between 0 and 1 (PyTorch's BCELoss).

    With ``from_logits`` the predictions are scores s before the sigmoid, and the loss is t softplus(-s) +
    (1 - t) softplus(s), which neither overflows nor loses digits (softplus(s) - t s is 0 at s = 40, t = 1).
    A probability of exactly 0 or 1 on the wrong side has no finite loss; PyTorch cuts its logarithm at -100.
    """
    paired = pairs("binary_cross_entropy", predictions, targets)
    for p, t in paired:
        if not isinstance(t, Value) and not 0.0 <= t <= 1.0:
            raise ValueError(f"binary_cross_entropy got target {t!r}: expected 0 or 1 (or a probability between)")
        if not from_logits and not being_recorded() and not 0.0 <= number(p) <= 1.0:
            raise ValueError(
                f"binary_cross_entropy got prediction {number(p)!r}: expected a probability from 0 to 1; "
                "write from_logits=True for scores before the sigmoid"
            )
    term = _cross_of_score if from_logits else _cross
    return reduced("binary_cross_entropy", [term(p, t) for p, t in paired], reduction)


def binary_cross_entropy_with_logits(predictions: Any, targets: Any, *, reduction: Reduction = "mean") -> Value:
    """`binary_cross_entropy` of scores before the sigmoid, under PyTorch's name (BCEWithLogitsLoss)."""
    return binary_cross_entropy(predictions, targets, from_logits=True, reduction=reduction)


def _cross(p: Scalar, t: Scalar) -> Any:
    """-t log p - (1 - t) log(1 - p), leaving out a term whose weight is 0: 0 · log 0 is 0."""
    if not isinstance(t, Value) and t in (0.0, 1.0):
        return -ad.log(p) if t else -ad.log1p(-p)
    return -(t * ad.log(p) + (1.0 - t) * ad.log1p(-p))


def _cross_of_score(s: Scalar, t: Scalar) -> Any:
    """The same for p = σ(s), as -log σ(s) = softplus(-s) and -log(1 - σ(s)) = softplus(s)."""
    if not isinstance(t, Value) and t in (0.0, 1.0):
        return ad.softplus(-s) if t else ad.softplus(s)
    return t * ad.softplus(-s) + (1.0 - t) * ad.softplus(s)


def cross_entropy(logits: Any, target: Any, *, reduction: Reduction = "mean") -> Value:
    """logsumexp(logits) - logits[target]: minus the log-probability that softmax gives the right class.

    One sample: a list of scores and the index of its class. Several: a list of such lists (or a two-dimensional
    array) and one of indices, and the loss is the mean over the samples (PyTorch's CrossEntropyLoss).
    """
    rows = labelled_rows("cross_entropy", logits, target)
    return reduced("cross_entropy", [ad.logsumexp(scores) - ad.select(scores, k) for scores, k in rows], reduction)


def hinge(scores: Any, targets: Any, *, reduction: Reduction = "mean") -> Value:
    """Mean of max(0, 1 - t s): no loss once a score is on its target's side by a margin of 1. Targets are -1 and 1."""
    paired = pairs("hinge", scores, targets)
    for _, t in paired:
        if not isinstance(t, Value) and t not in (-1, 1):
            raise ValueError(f"hinge got target {shorten(t)}: expected -1 or 1; write 2 * t - 1 for labels 0 and 1")
    return reduced("hinge", [ad.relu(1.0 - t * s) for s, t in paired], reduction)
