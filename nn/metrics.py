"""Metrics: how good predictions are, as plain numbers to read; no graph is built and no gradient taken.

Predictions come first, as in the losses (scikit-learn's metrics have the targets first).

>>> accuracy([0.5, -2.0, 1.0], [1, 0, 0]), categorical_accuracy([[0.1, 2.0], [3.0, 1.0]], [1, 0])
(0.6666666666666666, 1.0)
>>> r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 6.0])
0.3571428571428571
"""

from __future__ import annotations

from math import fsum, prod
from typing import Any

from .losses.pairs import labelled_rows, number, paired, pairs


def accuracy(scores: Any, targets: Any, *, threshold: float = 0.0) -> float:
    """The share of scores on the right side of ``threshold``; a target is positive if it is above 0.

    For probabilities write ``threshold=0.5``; several outputs a sample count one by one.
    """
    hits = [(number(s) > threshold) == (number(t) > 0) for s, t in pairs("accuracy", scores, targets)]
    return hits.count(True) / len(hits)


def categorical_accuracy(logits: Any, classes: Any) -> float:
    """The share of samples whose largest score is that of their class; of equal scores the first counts as largest.

    One row of scores (or of probabilities) and one index, or as many of both.
    """
    hits = []
    for scores, k in labelled_rows("categorical_accuracy", logits, classes):
        numbers = [number(s) for s in scores]
        hits.append(numbers.index(max(numbers)) == k)
    return hits.count(True) / len(hits)


def r2_score(predictions: Any, targets: Any) -> float:
    """1 - Σ(p - t)² / Σ(t - mean t)², the share of the targets' variance that is explained; 1 is perfect.

    Of several outputs the mean, as in scikit-learn; where an output's targets are all equal, 1 if every
    prediction is exact and 0 otherwise, as there too.
    """
    p, t, shape = paired("r2_score", predictions, targets)
    if shape[0] < 2:
        raise ValueError("r2_score got 1 sample: expected at least two, as one has no variance to explain")
    outputs = prod(shape[1:])
    scores = [
        _explained([number(x) for x in p[i::outputs]], [number(x) for x in t[i::outputs]]) for i in range(outputs)
    ]
    return fsum(scores) / outputs


def _explained(p: list[float], t: list[float]) -> float:
    centre = fsum(t) / len(t)
    residual = fsum((x - y) * (x - y) for x, y in zip(p, t, strict=True))
    total = fsum((y - centre) * (y - centre) for y in t)
    if len(set(t)) == 1 or total == 0.0:  # three times 0.1 has a mean a little off 0.1
        return 1.0 if residual == 0.0 else 0.0
    return 1.0 - residual / total
