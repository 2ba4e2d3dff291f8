"""Predictions beside their targets: nested lists and arrays checked, flattened and paired, and a loss reduced.

Every loss and metric takes a number, a list (one number a sample) or a list of lists (a vector a sample), of
Values, plain numbers, numpy scalars or as a numpy array. Both sides must have one shape. Nothing is broadcast:
PyTorch makes an n × n loss of shapes (n, 1) and (n,), which trains towards the mean in silence.

>>> pairs("loss", [[1.0, 2.0], [3.0, 4.0]], [[0, 1], [1, 0]])
[(1.0, 0), (2.0, 1), (3.0, 1), (4.0, 0)]
>>> pairs("loss", [[1.0], [2.0]], [0, 1])
Traceback (most recent call last):
ValueError: loss got predictions of shape (2, 1) and targets of shape (2,): expected the same shape;
write [p for [p] in predictions]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten
from autograd_tiny.modes.recording import being_recorded

Reduction = Literal["mean", "sum"]
Shape = tuple[int, ...]

_ORDINARY = {Value, float, int, bool}  # a row of these needs no look at each of its elements


def pairs(loss: str, predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Each number of ``predictions`` with its target, row by row; ``ValueError`` if their shapes differ.

    A single number stands for a list of one.
    """
    p, t, _ = paired(loss, predictions, targets)
    return list(zip(p, t, strict=True))


def paired(loss: str, predictions: Any, targets: Any) -> tuple[list[Any], list[Any], Shape]:
    """The predictions and the targets as two flat lists, and the shape that both had."""
    p, p_shape = flat(loss, "predictions", predictions)
    t, t_shape = flat(loss, "targets", targets)
    p_shape, t_shape = p_shape or (1,), t_shape or (1,)
    check_counts(loss, p_shape[0], t_shape[0])
    if p_shape != t_shape:
        advice = ""
        if p_shape == (*t_shape, 1):
            advice = "; write [p for [p] in predictions]"
        if t_shape == (*p_shape, 1):
            advice = "; write [t for [t] in targets], or targets.ravel() for an array"
        raise ValueError(
            f"{loss} got predictions of shape {p_shape} and targets of shape {t_shape}: expected the same shape{advice}"
        )
    check_some(loss, p)
    return p, t, p_shape


def labelled_rows(loss: str, logits: Any, classes: Any) -> list[tuple[list[Any], int]]:
    """Each sample's scores with the index of its class: one row and one index, or as many of both."""
    scores, shape = flat(loss, "predictions", logits)
    labels, label_shape = flat(loss, "targets", classes)
    check_some(loss, scores)
    if len(shape) not in (1, 2):
        raise ValueError(
            f"{loss} got predictions of shape {shape}: expected a list with a score for each class, or a list of "
            "such lists; for one score a sample use binary_cross_entropy(..., from_logits=True)"
        )
    samples, width = shape if len(shape) == 2 else (1, shape[0])
    if len(label_shape) > 1:
        raise ValueError(
            f"{loss} got targets of shape {label_shape}: expected the index of each sample's class; "
            "write row.index(1) for a one-hot row, or targets.argmax(axis=1) for an array"
        )
    check_counts(loss, samples, len(labels))
    for k in labels:
        if isinstance(k, Value) and being_recorded():
            continue  # an index that varies: `select` takes it
        if isinstance(k, bool) or not isinstance(k, int):
            raise ValueError(
                f"{loss} got class {shorten(k)}, {article(type(k).__name__)}: "
                f"expected a whole number from 0 to {width - 1}; write int(k), or targets.astype(int) for an array"
            )
        if not 0 <= k < width:
            raise ValueError(f"{loss} got class {shorten(k)} for {width} scores: expected 0 to {width - 1}")
    return [(scores[i * width : (i + 1) * width], k) for i, k in enumerate(labels)]


def flat(loss: str, word: str, given: Any) -> tuple[list[Any], Shape]:
    """The numbers of a nested list or array row by row, and its shape; an error if it is ragged or has no numbers.

    >>> flat("loss", "targets", [[1, 2], (3, 4)])
    ([1, 2, 3, 4], (2, 2))
    """
    if not isinstance(given, Value) and hasattr(given, "tolist"):
        given = given.tolist()
    if not isinstance(given, (list, tuple)):
        if not isinstance(given, Value) and not is_number(given):
            raise TypeError(
                f"{loss} got {shorten(given)}, {article(type(given).__name__)}, for {word}: "
                "expected Values and numbers, in lists, tuples or numpy arrays"
            )
        return [given], ()
    if _ORDINARY.issuperset(map(type, given)):
        return list(given), (len(given),)
    numbers: list[Any] = []
    shapes: dict[Shape, None] = {}
    for part in given:
        row, shape = flat(loss, word, part)
        numbers += row
        shapes[shape] = None
    if len(shapes) > 1:
        one, other, *_ = shapes
        raise ValueError(
            f"{loss} got ragged {word}, {_called(one)} beside {_called(other)}: expected rows of equal length"
        )
    return numbers, (len(given), *shape)


def _called(shape: Shape) -> str:
    """What an element of a list is called: a number, a row, or rows of rows."""
    return "a number" if not shape else f"a row of {' × '.join(map(str, shape))}"


def check_counts(loss: str, predictions: int, targets: int) -> None:
    """``ValueError`` if there are not as many predictions as targets."""
    if predictions != targets:
        raise ValueError(
            f"{loss} got {predictions} predictions and {targets} targets: expected one target for each prediction"
        )


def check_some(loss: str, predictions: Sequence[Any]) -> None:
    """``ValueError`` if there is nothing to take a loss of."""
    if not predictions:
        raise ValueError(f"{loss} got no predictions: expected at least one")


def number(x: Any) -> float:
    """The number of a Value, or the number itself, for checks and metrics that take no part in the graph."""
    return float(x.data if isinstance(x, Value) else x)


def reduced(loss: str, terms: Sequence[Any], reduction: Reduction) -> Value:
    """The mean or the sum of ``terms``; a single term is its own mean and sum, and adds no node."""
    return scaled(loss, terms[0] if len(terms) == 1 else ad.sum(terms), len(terms), reduction)


def scaled(loss: str, total: Any, count: int, reduction: Reduction) -> Value:
    """``total`` for "sum", ``total / count`` for "mean" (a division: 49 times 1/49 is below 1)."""
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{loss}(reduction) got {shorten(reduction)}: expected 'mean' or 'sum'")
    loss_value: Value = total / count if reduction == "mean" and count > 1 else total
    return loss_value
