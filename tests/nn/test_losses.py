"""Losses, penalties and metrics: PyTorch's numbers, extreme scores, and the laws of sums and means."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import Value, gradients
from autograd_tiny.core import topological_order
from nn.losses import (
    LOSSES,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_sum_of_squares,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
)
from nn.losses.penalties import l1_penalty, l2_penalty
from nn.metrics import accuracy, categorical_accuracy, r2_score

from .reference import make_torch_losses as reference

CASES = json.loads(reference.FILE.read_text())
PLACES: dict[str, Callable[..., Any]] = {**LOSSES, "l1_penalty": l1_penalty, "l2_penalty": l2_penalty}
REDUCED = [mean_squared_error, mean_absolute_error, huber, binary_cross_entropy_with_logits, hinge]


def as_values(nested: Any) -> Any:
    return [as_values(x) for x in nested] if isinstance(nested, list) else Value(nested)


def leaves(nested: Any) -> list[Value]:
    return [leaf for x in nested for leaf in leaves(x)] if isinstance(nested, list) else [nested]


def name_of(case: dict[str, Any]) -> str:
    return f"{case['loss']}-{case['keywords'].get('reduction', '')}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_value_and_gradient_are_pytorchs(case: dict[str, Any]) -> None:
    """Where PyTorch subtracts near-equal numbers (σ(s) - t), its own error of 1e-16 is the absolute tolerance."""
    predictions = as_values(case["predictions"])
    loss = PLACES[case["loss"]](predictions, case["targets"], **case["keywords"])
    assert loss.data == pytest.approx(case["value"], rel=1e-12, abs=1e-15)
    assert list(gradients(loss, leaves(predictions))) == pytest.approx(case["gradient"], rel=1e-12, abs=3e-16)


def test_the_table_covers_every_loss() -> None:
    assert {case["loss"] for case in CASES} == {f.__name__ for f in PLACES.values()}


def test_the_table_is_what_pytorch_gives() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: the stored numbers are compared with ours only")
    made = reference.with_torch()
    assert len(made) == len(CASES)
    for fresh, stored in zip(made, CASES, strict=True):
        assert {**fresh, "value": 0, "gradient": 0} == {**stored, "value": 0, "gradient": 0}
        assert [fresh["value"], *fresh["gradient"]] == pytest.approx([stored["value"], *stored["gradient"]], rel=1e-13)


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c["keywords"].get("reduction"), str)], ids=name_of)
def test_arrays_plain_numbers_and_values_as_targets_give_the_same(case: dict[str, Any]) -> None:
    loss, predictions, targets = PLACES[case["loss"]], as_values(case["predictions"]), case["targets"]
    wanted = loss(predictions, targets, **case["keywords"]).data
    assert loss(np.array(predictions, dtype=object), np.array(targets), **case["keywords"]).data == wanted
    if isinstance(targets, list) and not isinstance(targets[0], list):
        scalars = list(np.array(targets))
        assert loss(predictions, scalars, **case["keywords"]).data == wanted, "a list of numpy scalars"
        assert loss(tuple(predictions), tuple(targets), **case["keywords"]).data == wanted
    if not case["loss"].endswith("_penalty"):
        assert float(loss(np.array(case["predictions"]), targets, **case["keywords"])) == wanted, (
            "numbers in, number out"
        )
    if case["loss"] not in ("cross_entropy", "l1_penalty", "l2_penalty"):
        variable = loss(predictions, as_values(targets), **case["keywords"])
        assert variable.data == pytest.approx(wanted, rel=1e-12, abs=1e-15), "targets may vary too"


def test_scores_far_out_keep_their_digits() -> None:
    """-log σ(s) at s = 40 is e^-40 to the last digit; PyTorch's gradient σ(40) - 1 is 0 there."""
    for score, target in [(40.0, 1), (-40.0, 0), (700.0, 1)]:
        s = Value(score)
        loss = binary_cross_entropy_with_logits(s, target)
        assert loss.data == pytest.approx(math.exp(-abs(score)), rel=1e-13)
        assert gradients(loss, s) == pytest.approx(-math.copysign(math.exp(-abs(score)), score), rel=1e-13)
    assert cross_entropy([Value(1e308), Value(-7e307)], 0).data == 0.0


def test_huber_is_exact_on_both_sides_of_delta() -> None:
    for error, value, slope in [(1e-150, 5e-301, 1e-150), (1e300, 1e300, 1.0), (-1.0, 0.5, -1.0), (3.0, 2.5, 1.0)]:
        p = Value(error)
        loss = huber(p, 0.0)
        assert loss.data == pytest.approx(value, rel=1e-15)
        assert gradients(loss, p) == slope
    for error, curvature in [(0.3, 1.0), (2.0, 0.0)]:
        p = Value(error)
        assert gradients(gradients(huber(p, 0.0), p, create_graph=True), p) == pytest.approx(curvature, abs=1e-15)


def size_of(loss: Value) -> int:
    """The nodes of a graph, without its leaves and constants."""
    return sum(bool(node.parents) for node in topological_order(loss))


def test_losses_are_few_nodes() -> None:
    """A difference a prediction, and few more: the cost of a loss is the cost of its nodes."""
    predictions, targets = [Value(0.1 * i) for i in range(10)], [0.0] * 10
    assert size_of(mean_squared_error(predictions, targets)) == 10 + 2
    assert size_of(huber(predictions, targets)) == 3 * 10 + 5
    assert size_of(l2_penalty(predictions, 0.1)) == 2
    assert binary_cross_entropy_with_logits(Value(2.0), 0).op == "softplus", "a single term is its own mean"


NUMBERS = st.floats(-5, 5)
PAIRS = st.lists(st.tuples(NUMBERS, st.sampled_from([1.0, -1.0])), min_size=1, max_size=6)


def targets_for(loss: Any, signs: list[float]) -> list[float]:
    return [(t + 1.0) / 2.0 for t in signs] if loss is binary_cross_entropy_with_logits else signs


@pytest.mark.parametrize("loss", REDUCED, ids=lambda f: f.__name__)
@given(pairs=PAIRS, data=st.data())
def test_order_does_not_matter_and_the_sum_is_the_mean_times_n(loss: Any, pairs: Any, data: Any) -> None:
    predictions, targets = [Value(s) for s, _ in pairs], targets_for(loss, [t for _, t in pairs])
    close: Any = {"rel": 1e-12, "abs": 1e-300}
    mean, total = loss(predictions, targets), loss(predictions, targets, reduction="sum")
    assert total.data == pytest.approx(mean.data * len(pairs), **close)
    of_mean, of_sum = gradients(mean, predictions), gradients(total, predictions)
    assert list(of_sum) == pytest.approx([g * len(pairs) for g in of_mean], **close)
    alone = [gradients(loss(p, t), p) for p, t in zip(predictions, targets, strict=True)]
    assert list(of_sum) == pytest.approx(alone, **close), "a sum's gradient is each sample's own"
    order = data.draw(st.permutations(range(len(pairs))))
    shuffled = loss([predictions[i] for i in order], [targets[i] for i in order])
    assert shuffled.data == pytest.approx(mean.data, **close)
    assert list(gradients(shuffled, predictions)) == pytest.approx(list(of_mean), **close)


@given(st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_cross_entropy_s_gradient_adds_up_to_zero(rows: list[list[float]], data: Any) -> None:
    """softmax - one-hot: adding a number to every score of a sample changes nothing."""
    classes = [data.draw(st.integers(0, 2)) for _ in rows]
    logits = as_values(rows)
    loss = cross_entropy(logits, classes)
    for row in logits:
        assert math.fsum(gradients(loss, row)) == pytest.approx(0.0, abs=1e-15)
    assert cross_entropy([[x + 3.0 for x in row] for row in rows], classes) == pytest.approx(loss.data, rel=1e-12)
    assert cross_entropy(logits[::-1], classes[::-1]).data == pytest.approx(loss.data, rel=1e-12)
    assert cross_entropy(logits, classes, reduction="sum").data == pytest.approx(loss.data * len(rows), rel=1e-12)


@given(st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=4))
def test_vectors_are_their_numbers_one_after_the_other(rows: list[list[float]]) -> None:
    goals = [[0.5, -1.0]] * len(rows)
    in_line = [x for row in rows for x in row]
    for loss in (mean_squared_error, mean_absolute_error, huber, half_sum_of_squares):
        assert loss(as_values(rows), goals).data == loss(as_values(in_line), [x for row in goals for x in row]).data


def test_penalties_take_a_model_or_values() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    numbers = np.array([p.data for p in model.parameters()])
    for given_as in (model, model.parameters(), iter(model.parameters())):
        assert l1_penalty(given_as, 0.1).data == pytest.approx(0.1 * np.abs(numbers).sum(), rel=1e-14)
    loss = mean_squared_error(model([1.0, 2.0]), 0.5) + l2_penalty(model, np.float64(0.1))
    loss.backward()
    assert all(p.grad for p in model.parameters() if p.data)


def test_metrics() -> None:
    assert accuracy(np.array([0.9, 0.2, 0.6]), np.array([1, 0, 0]), threshold=0.5) == pytest.approx(2 / 3)
    logits = [[Value(1.0), Value(2.0), Value(0.0)], [Value(5.0), Value(1.0), Value(1.0)]]
    assert categorical_accuracy(logits, np.array([1, 2])) == 0.5
    assert categorical_accuracy([1.0, 1.0], 0) == 1.0, "of equal scores the first"
    assert r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0
    assert r2_score([2.0, 2.0, 2.0], [Value(1.0), 2.0, 3.0]) == 0.0
    assert (r2_score([0.1] * 3, [0.1] * 3), r2_score([0.1, 0.1, 0.2], [0.1] * 3)) == (1.0, 0.0)


def test_metrics_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed (extra `data`)")
    rng = np.random.default_rng(0)
    t, p = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))
    t[:, 2] = 0.5
    assert r2_score(p, t) == pytest.approx(metrics.r2_score(t, p), rel=1e-12)
    assert r2_score(p[:, 0], t[:, 0]) == pytest.approx(metrics.r2_score(t[:, 0], p[:, 0]), rel=1e-12)
    k = rng.integers(0, 3, 20)
    assert categorical_accuracy(p, k) == metrics.accuracy_score(k, p.argmax(axis=1))
