"""A classifier over the plane: its scores on a grid of points, whatever it is that gives them.

>>> import nn
>>> xor = nn.MLP(2, [4, 1], "tanh", seed=1)
>>> s = scores(xor, [[0.0, 0.0], [1.0, 1.0]], [-1, 1])
>>> s.classes, s.threshold, s.numbers.shape, s.says
([-1, 1], 0.0, (2,), 'output')
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from autograd_tiny import Value, nonfinite
from autograd_tiny.errors import article, shorten
from nn import Module
from nn.module import in_eval

CALLER = "plot_decision_boundary"


@dataclass(frozen=True)
class Scores:
    """What a classifier gives: for two classes a number a point, for more a row of one for each class."""

    numbers: Any
    classes: list[Any]
    threshold: float
    """Two classes: above it a point is of the second."""
    says: str
    """What the number is."""

    @property
    def binary(self) -> bool:
        return bool(self.numbers.ndim == 1)

    def predicted(self) -> Any:
        """The place in `classes` of each point's class."""
        return (self.numbers > self.threshold).astype(int) if self.binary else self.numbers.argmax(axis=1)


def scores(model: Any, points: Any, labels: list[Any], threshold: float | None = None) -> Scores:
    """The scores of ``model`` at ``points``, n × 2, where ``labels`` are the classes there are, sorted."""
    import numpy as np

    points = np.asarray(points, dtype=float)
    if not isinstance(model, Module):
        classes = [_item(c) for c in getattr(model, "classes_", [])]
        if classes and hasattr(model, "predict_proba"):
            numbers = np.asarray(model.predict_proba(points), dtype=float)
            return _of_classes(numbers[:, 1] if len(classes) == 2 else numbers, classes, 0.5, threshold, "probability")
        if classes and hasattr(model, "decision_function"):
            return _of_classes(
                np.asarray(model.decision_function(points), dtype=float), classes, 0.0, threshold, "score"
            )
        if hasattr(model, "predict"):
            given = [_item(c) for c in np.asarray(model.predict(points)).tolist()]
            classes = sorted({*labels, *given}, key=lambda c: (str(type(c)), c))
            numbers = np.array([[float(c == one) for one in classes] for c in given])
            return _of_classes(numbers, classes, 0.0, None, "class")
        if not callable(model):
            got = f"{shorten(model)}, {article(type(model).__name__)}"
            raise TypeError(f"{CALLER}(model) got {got}: expected an nn.Module, or a fitted classifier with predict")
    numbers = _outputs(model, points)
    if numbers.ndim == 1:
        if len(labels) > 2:
            raise ValueError(
                f"{CALLER}: the model gives one number, which tells two classes apart, and y has {len(labels)}: "
                f"expected one output a class, such as nn.MLP(2, [8, {len(labels)}])"
            )
        return _of_classes(numbers, _two(labels), _middle(labels, numbers), threshold, "output")
    classes = list(range(numbers.shape[1]))
    strange = [label for label in labels if label not in classes]
    if strange:
        raise ValueError(
            f"{CALLER}(y) has {shorten(strange[0])}, and the model has {len(classes)} outputs: "
            f"expected the number of an output, 0 to {len(classes) - 1}"
        )
    return _of_classes(numbers, [int(c) for c in classes], 0.0, None, "output")


def _of_classes(numbers: Any, classes: list[Any], usual: float, threshold: float | None, says: str) -> Scores:
    return Scores(numbers, classes, usual if threshold is None else threshold, says)


def _item(label: Any) -> Any:
    return label.item() if hasattr(label, "item") else label


def _two(labels: list[Any]) -> list[Any]:
    """The classes of a model with one output, of which the data may have but one."""
    if len(labels) == 2:
        return labels
    if not labels:
        return ["below", "above"]
    only = labels[0]
    return [0, 1] if only in (0, 1) else [-1, 1] if only == -1 else [only, f"not {only}"]


def _middle(labels: list[Any], numbers: Any) -> float:
    """The threshold of one output: 0.5 for a probability of class 1 over class 0, else 0."""
    import numpy as np

    finite = numbers[np.isfinite(numbers)]
    probability = bool(finite.size) and bool(finite.min() >= 0.0) and bool(finite.max() <= 1.0)
    return 0.5 if probability and -1 not in labels else 0.0


def _outputs(model: Any, points: Any) -> Any:
    """The outputs of a model of ours, called point by point in eval mode; not finite ones are nan."""
    import numpy as np

    rows = []
    with in_eval(model) if isinstance(model, Module) else nullcontext(), nonfinite("allow"):
        for point in points.tolist():
            given = model(point)
            row = given if isinstance(given, (list, tuple)) else [given]
            rows.append([x.data if isinstance(x, Value) else float(x) for x in row])
    numbers = np.array(rows, dtype=float)
    return numbers[:, 0] if numbers.shape[1] == 1 else numbers
