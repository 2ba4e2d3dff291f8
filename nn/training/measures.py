"""Metrics by name, as `fit` takes them: each a function of outputs and targets, both plain numbers.

>>> measure = measures(["accuracy"], "cross_entropy", [0, 2, 1])["accuracy"]     # one score for each of 3 classes
>>> measure([[0.1, 2.0, 0.3]], [1])
1.0
>>> measures(["accuracy"], "binary_cross_entropy", [0, 1])["accuracy"]([0.4, 0.9], [0, 1])    # from 0.5 up is a 1
1.0
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, did_you_mean, name_of, shorten

from ..losses import binary_cross_entropy_with_logits, cross_entropy, hinge, loss_by_name
from ..metrics import accuracy, categorical_accuracy, r2_score

Metric = Callable[[Any, Any], float]

METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "categorical_accuracy": categorical_accuracy,
    "r2_score": r2_score,
    "r2": r2_score,
}
"""Name -> metric. What "accuracy" counts as right depends on the loss, see `measures`."""


def measures(given: Any, loss: Any, targets: Sequence[Any]) -> dict[str, Metric]:
    """Name -> function; "accuracy" is the one that goes with the loss and the targets.

    For `cross_entropy` it is `categorical_accuracy`; for `hinge` and scores before the sigmoid the threshold is 0;
    otherwise it is halfway between the two targets there are, as 0.5 for 0 and 1, and 0 for -1 and 1.
    """
    found: dict[str, Metric] = {}
    for metric in [given] if isinstance(given, str) or callable(given) else given:
        if isinstance(metric, str):
            if metric not in METRICS:
                hint = did_you_mean(metric.lower(), METRICS, f"choose one of {', '.join(METRICS)}")
                raise ValueError(f"unknown metric {shorten(metric)}: {hint}, or pass a function")
            name, function = metric, _accuracy(loss, targets) if metric == "accuracy" else METRICS[metric]
        elif callable(metric):
            name, function = name_of(metric), metric
        else:
            got = f"{shorten(metric)}, {article(type(metric).__name__)}"
            raise TypeError(
                f"metrics has {got}: expected names such as 'accuracy', or functions of outputs and targets"
            )
        if name in found or name in ("loss", "validation_loss"):
            raise ValueError(f"metrics has two called {name!r}: give one another __name__")
        found[name] = function
    return found


def measured(metrics: dict[str, Metric], outputs: Any, targets: Any) -> dict[str, float]:
    """Each metric's number; ``TypeError`` if it gives none."""
    found = {}
    for name, metric in metrics.items():
        number = metric(outputs, targets)
        number = number.data if isinstance(number, Value) else number
        if not is_number(number):
            raise TypeError(
                f"metric {name!r} gave {shorten(number)}, {article(type(number).__name__)}: expected a number"
            )
        found[name] = float(number)
    return found


def _accuracy(loss: Any, targets: Sequence[Any]) -> Metric:
    function: Any = loss_by_name(loss)
    keywords: dict[str, Any] = {}
    while isinstance(function, functools.partial):
        keywords = {**function.keywords, **keywords}
        function = function.func
    if function is cross_entropy:
        return categorical_accuracy
    labels = {t for t in targets if not isinstance(t, list)} | {
        t for row in targets if isinstance(row, list) for t in row
    }
    scores = function in (hinge, binary_cross_entropy_with_logits) or keywords.get("from_logits")
    if scores or len(labels) != 2:
        return accuracy
    middle = sum(labels) / 2
    return lambda outputs, targets: accuracy(_less(outputs, middle), _less(targets, middle))


def _less(numbers: Any, middle: float) -> Any:
    """Every number of nested lists, less ``middle``."""
    return [_less(part, middle) for part in numbers] if isinstance(numbers, list) else numbers - middle
