"""What a batch minimises, and how a held-out part is scored: samples that count differently, and the penalty's share.

As in scikit-learn: of a batch, the losses of its samples times their weights, and the penalty, are added up and divided
by what the batch weighs, so that a last batch of fewer samples, or of light ones, moves the network no less. The weight
of a sample travels behind its target.

>>> from autograd_tiny import Value
>>> from ..losses import mean_squared_error
>>> loss = Shared(mean_squared_error, single=True, weighted=True)
>>> targets = with_weights([0.0, 0.0], [2.0, 1.0])
>>> loss([Value(1.0), Value(3.0)], targets).data, loss.divisor(targets)                  # 2·1 + 1·9, and 2 + 1
(11.0, 3.0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum
from typing import Any

import numpy as np

from autograd_tiny import Value
from autograd_tiny import sum as total

from ..losses import Loss, loss_by_name


def with_weights(targets: Sequence[Any], weights: Sequence[float] | None) -> list[Any]:
    """Each target with the weight of its sample behind; the targets themselves if all count alike."""
    if weights is None:
        return list(targets)
    rows = [list(t) if isinstance(t, (list, tuple)) else [t] for t in targets]
    return [[*row, weight] for row, weight in zip(rows, weights, strict=True)]


def without_weights(targets: Sequence[Any], single: bool) -> list[Any]:
    """The targets as they were: numbers, or lists of several."""
    return [row[0] if single else list(row[:-1]) for row in targets]


class Shared:
    """The sum over samples of a loss times the sample's weight; `divisor` is what it is to be divided by.

    ``single``: a target is one number; ``weighted``: a weight stands behind it.
    """

    def __init__(self, loss: str | Loss, single: bool, weighted: bool) -> None:
        self.loss, self.single, self.weighted = loss_by_name(loss), single, weighted
        self.__name__ = f"shared_{self.loss.__name__}"

    def __call__(self, outputs: Sequence[Any], targets: Sequence[Any]) -> Value:
        if not self.weighted:
            return self.loss(outputs, targets) * len(targets)
        plain = without_weights(targets, self.single)
        terms = [
            row[-1] * self.loss([output], [target]) for output, target, row in zip(outputs, plain, targets, strict=True)
        ]
        return total(terms)  # type: ignore[no-any-return]

    def divisor(self, targets: Any) -> float:
        """What these samples weigh together; without weights, how many they are."""
        return fsum(float(row[-1]) for row in targets) if self.weighted else float(len(targets))


class Scored:
    """A metric of scikit-learn's, of what ``decoded`` makes of outputs, with the weights of the samples."""

    def __init__(self, metric: Callable[..., Any], decoded: Callable[[Any], Any], single: bool, weighted: bool) -> None:
        self.metric, self.decoded, self.__name__ = metric, decoded, "score"
        self.single, self.weighted = single, weighted

    def __call__(self, outputs: Any, targets: Any) -> float:
        plain = without_weights(targets, self.single) if self.weighted else targets
        weights = [row[-1] for row in targets] if self.weighted else None
        if weights is not None and not any(weights):
            return float("nan")
        return float(self.metric(np.array(plain), self.decoded(np.array(outputs)), sample_weight=weights))
