"""Samples that count differently: the weight of each travels with its target, and the loss and metrics take it off.

>>> from autograd_tiny import Value
>>> loss = Weighted("mean_squared_error", single=True)
>>> loss([Value(1.0), Value(3.0)], with_weights([0.0, 0.0], [2.0, 0.0])).data     # (2·1 + 0·9) / 2
1.0
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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


class Weighted:
    """The mean over the samples of a loss times the sample's weight; ``single``: a target is one number."""

    def __init__(self, loss: str | Loss, single: bool) -> None:
        self.loss, self.single = loss_by_name(loss), single
        self.__name__ = f"weighted_{self.loss.__name__}"

    def __call__(self, outputs: Sequence[Any], targets: Sequence[Any]) -> Value:
        plain = without_weights(targets, self.single)
        terms = [
            row[-1] * self.loss([output], [target]) for output, target, row in zip(outputs, plain, targets, strict=True)
        ]
        return total(terms) / len(terms)  # type: ignore[no-any-return]


class Unweighted:
    """A metric of targets that have a weight behind, which it leaves aside."""

    def __init__(self, metric: Callable[[Any, Any], float], single: bool) -> None:
        self.metric, self.single, self.__name__ = metric, single, "score"

    def __call__(self, outputs: Any, targets: Any) -> float:
        return self.metric(outputs, without_weights(targets, self.single))
