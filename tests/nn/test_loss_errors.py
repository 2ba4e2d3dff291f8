"""Losses by name, and what a loss, penalty or metric says of bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value
from nn.losses import (
    LOSSES,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber,
    loss_by_name,
    mean_absolute_error,
    mean_squared_error,
)
from nn.losses.penalties import l1_penalty, l2_penalty
from nn.metrics import r2_score


def test_losses_by_name() -> None:
    assert (loss_by_name("mse"), loss_by_name("mae"), loss_by_name("huber")) == (
        mean_squared_error,
        mean_absolute_error,
        huber,
    )
    assert all(loss_by_name(f.__name__) is f for f in LOSSES.values())
    own: Any = lambda predictions, targets: Value(0.0)
    assert loss_by_name(own) is own


V = Value(1.0)
COUNTS = "expected one target for each prediction"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: huber([V], [1.0, 2.0]), f"huber got 1 predictions and 2 targets: {COUNTS}"),
        (lambda: mean_absolute_error([], []), "mean_absolute_error got no predictions: expected at least one"),
        (lambda: mean_squared_error([[], []], [[], []]), "mean_squared_error got no predictions: expected at least one"),
        (lambda: mean_squared_error([[V, V], [V]], [[1, 2], [3]]), "mean_squared_error got ragged predictions, a row of 2 beside a row of 1: expected rows of equal length"),
        (lambda: mean_squared_error([V, V], [[1, 2], 3]), "mean_squared_error got ragged targets, a row of 2 beside a number: expected rows of equal length"),
        (lambda: mean_squared_error([[V, V]], [[1, 2, 3]]), "mean_squared_error got predictions of shape (1, 2) and targets of shape (1, 3): expected the same shape"),
        (lambda: mean_squared_error([V, V], np.ones((2, 1))), "mean_squared_error got predictions of shape (2,) and targets of shape (2, 1): expected the same shape; write [t for [t] in targets], or targets.ravel() for an array"),
        (lambda: huber([[V], [V]], [1, 2]), "huber got predictions of shape (2, 1) and targets of shape (2,): expected the same shape; write [p for [p] in predictions]"),
        (lambda: mean_squared_error(V, 1, reduction="none"), "mean_squared_error(reduction) got 'none': expected 'mean' or 'sum'"),  # type: ignore[arg-type]
        (lambda: cross_entropy([V, V], 0, reduction="avg"), "cross_entropy(reduction) got 'avg': expected 'mean' or 'sum'"),  # type: ignore[arg-type]
        (lambda: huber(V, 1, delta=0), "huber(delta) got 0: expected a finite number above 0"),
        (lambda: huber(V, 1, delta=math.inf), "huber(delta) got inf: expected a finite number above 0"),
        (lambda: binary_cross_entropy(Value(1.5), 1), "binary_cross_entropy got prediction 1.5: expected a probability from 0 to 1; write from_logits=True for scores before the sigmoid"),
        (lambda: binary_cross_entropy_with_logits(V, -1), "binary_cross_entropy got target -1: expected 0 or 1 (or a probability between)"),
        (lambda: cross_entropy([[V, V], [V]], [0, 0]), "cross_entropy got ragged predictions, a row of 2 beside a row of 1: expected rows of equal length"),
        (lambda: cross_entropy([[V, V]], [0, 1]), f"cross_entropy got 1 predictions and 2 targets: {COUNTS}"),
        (lambda: cross_entropy([V, V], -1), "cross_entropy got class -1 for 2 scores: expected 0 to 1"),
        (lambda: cross_entropy([V, V], np.float64(1)), "cross_entropy got class 1.0, a float: expected a whole number from 0 to 1; write int(k), or targets.astype(int) for an array"),
        (lambda: cross_entropy([[V, V]], [[0, 1]]), "cross_entropy got targets of shape (1, 2): expected the index of each sample's class; write row.index(1) for a one-hot row, or targets.argmax(axis=1) for an array"),
        (lambda: cross_entropy(V, 0), "cross_entropy got predictions of shape (): expected a list with a score for each class, or a list of such lists; for one score a sample use binary_cross_entropy(..., from_logits=True)"),
        (lambda: cross_entropy([], []), "cross_entropy got no predictions: expected at least one"),
        (lambda: r2_score([1.0], [1.0]), "r2_score got 1 sample: expected at least two, as one has no variance to explain"),
        (lambda: l1_penalty([], 0.1), "l1_penalty got no parameters: expected a model that has some, or a list of Values"),
        (lambda: l2_penalty([V], -1), "l2_penalty(strength) got -1: expected a finite number of at least 0"),
        (lambda: l2_penalty([V], math.nan), "l2_penalty(strength) got nan: expected a finite number of at least 0"),
        (lambda: loss_by_name("MSEE"), "unknown loss 'MSEE': did you mean 'mse'?"),
        (lambda: loss_by_name("zzz"), f"unknown loss 'zzz': choose one of {', '.join(LOSSES)}, or pass a function"),
        (lambda: mean_squared_error(V, math.nan), "an expression got nan: expected a finite number; mask or replace it before it enters the graph"),
    ],
)  # fmt: skip
def test_bad_values_get_one_clear_error(call: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: mean_squared_error([V], ["1"]), "mean_squared_error got '1', a str, for targets: expected Values and numbers, in lists, tuples or numpy arrays"),
        (lambda: huber([None], [1]), "huber got None, a NoneType, for predictions: expected Values and numbers, in lists, tuples or numpy arrays"),
        (lambda: huber(V, 1, "1"), "huber(delta) got '1', a str: expected a number above 0"),  # type: ignore[arg-type]
        (lambda: l1_penalty(V, 0.1), "l1_penalty(parameters) got Value(data=1.0, grad=0.0), a Value: expected a model, or a list of Values"),  # type: ignore[arg-type]
        (lambda: l2_penalty([V, 2.0], 0.1), "l2_penalty(parameters) has 2.0, a float: expected a model, or a list of Values"),  # type: ignore[list-item]
        (lambda: l2_penalty([V], "0.1"), "l2_penalty(strength) got '0.1', a str: expected a number of at least 0"),  # type: ignore[arg-type]
        (lambda: loss_by_name(3), "loss got 3, an int: expected a name such as 'mse', or a function of predictions and targets"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_wrong_types_get_one_clear_error(call: Any, text: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == text
