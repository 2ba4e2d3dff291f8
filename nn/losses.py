"""Losses: how far predictions are from targets, as one Value to call ``backward`` on.

Predictions and targets are a number each, or lists of the same length; the loss is the mean over the list,
except `half_sum_of_squares`. Labels of binary losses are 0 and 1, those of `hinge` -1 and 1.

>>> from autograd_tiny import Value
>>> round(binary_cross_entropy(Value(0.9), 1).data, 4)             # -log 0.9
0.1054
>>> round(binary_cross_entropy(Value(-800.0), 1, from_logits=True).data, 4)   # -log of a number below the smallest
800.0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.errors import shorten

Scalar = Value | float


def _pairs(loss: str, predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Predictions and targets in pairs; ``ValueError`` if there are not as many of one as of the other."""
    p, t = _listed(predictions), _listed(targets)
    if len(p) != len(t):
        raise ValueError(
            f"{loss} got {len(p)} predictions and {len(t)} targets: expected one target for each prediction"
        )
    if not p:
        raise ValueError(f"{loss} got no predictions: expected at least one")
    return list(zip(p, t, strict=True))


def _listed(scalars: Any) -> list[Any]:
    if hasattr(scalars, "tolist"):
        scalars = scalars.tolist()
    return list(scalars) if isinstance(scalars, (list, tuple)) else [scalars]


def _mean(terms: Sequence[Any]) -> Any:
    return ad.sum(terms) * (1.0 / len(terms))


def mean_squared_error(predictions: Any, targets: Any) -> Value:
    """Mean of (p - t)²."""
    return _mean([ad.square(p - t) for p, t in _pairs("mean_squared_error", predictions, targets)])  # type: ignore[no-any-return]


def half_sum_of_squares(predictions: Any, targets: Any) -> Value:
    """½ Σ (p - t)², whose derivative is p - t: the cost of the source articles' regression net."""
    return 0.5 * ad.sum([ad.square(p - t) for p, t in _pairs("half_sum_of_squares", predictions, targets)])  # type: ignore[no-any-return]


def binary_cross_entropy(predictions: Any, targets: Any, *, from_logits: bool = False) -> Value:
    """Mean of -t log p - (1 - t) log(1 - p), for probabilities p strictly between 0 and 1.

    With ``from_logits`` the predictions are scores s before the sigmoid, and the loss is softplus(s) - t s, which
    neither overflows nor loses digits. A probability of exactly 0 or 1 on the wrong side has no finite loss.
    """
    pairs = _pairs("binary_cross_entropy", predictions, targets)
    for _, t in pairs:
        if not isinstance(t, Value) and not 0.0 <= t <= 1.0:
            raise ValueError(f"binary_cross_entropy got target {t!r}: expected 0 or 1 (or a probability between)")
    if from_logits:
        return _mean([ad.softplus(s) - t * s for s, t in pairs])  # type: ignore[no-any-return]
    return _mean([_cross(p, t) for p, t in pairs])  # type: ignore[no-any-return]


def _cross(p: Scalar, t: Scalar) -> Any:
    """-t log p - (1 - t) log(1 - p), leaving out a term whose weight is 0: 0 · log 0 is 0."""
    if not isinstance(t, Value) and t in (0.0, 1.0):
        return -ad.log(p) if t else -ad.log1p(-p)
    return -(t * ad.log(p) + (1.0 - t) * ad.log1p(-p))


def cross_entropy(logits: Any, target: Any) -> Value:
    """logsumexp(logits) - logits[target]: minus the log-probability that softmax gives the right class.

    One sample: a list of scores and the index of its class. Several: a list of such lists and one of indices.
    """
    batch = logits if logits and isinstance(logits[0], (list, tuple)) else [logits]
    terms = []
    for scores, k in _pairs("cross_entropy", list(batch), target):
        if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k < len(scores):
            raise ValueError(
                f"cross_entropy got class {shorten(k)} for {len(scores)} scores: expected 0 to {len(scores) - 1}"
            )
        terms.append(ad.logsumexp(scores) - scores[k])
    return _mean(terms)  # type: ignore[no-any-return]


def hinge(scores: Any, targets: Any) -> Value:
    """Mean of max(0, 1 - t s): no loss once a score is on its target's side by a margin of 1. Targets are -1 and 1."""
    pairs = _pairs("hinge", scores, targets)
    for _, t in pairs:
        if not isinstance(t, Value) and t not in (-1, 1):
            raise ValueError(f"hinge got target {t!r}: expected -1 or 1; write 2 * t - 1 for labels 0 and 1")
    return _mean([ad.relu(1.0 - t * s) for s, t in pairs])  # type: ignore[no-any-return]


def accuracy(scores: Any, targets: Any, *, threshold: float = 0.0) -> float:
    """The share of scores on the right side of ``threshold``; a target is positive if it is above 0."""
    pairs = _pairs("accuracy", scores, targets)
    hits = [(s > threshold) == (t > 0) for s, t in pairs]
    return hits.count(True) / len(hits)
