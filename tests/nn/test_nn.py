"""Layers, losses and SGD: numbers, gradients, and what bad input gets."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import Value, gradients

NUMBERS = st.floats(-5, 5)


def raises(kind: type[BaseException], call: Any) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def test_a_neuron_is_three_nodes_and_the_matrix_form() -> None:
    model = nn.MLP(2, [3, 1], ["sigmoid", "sigmoid"], seed=4)
    x = np.array([0.3, -1.2])

    def sigmoid(z: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-z))

    a = x
    for layer in model.layers:
        W = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
        b = np.array([neuron.b.data for neuron in layer.neurons])
        a = sigmoid(W @ a + b)
    for given_as in (x, x.tolist(), [Value(v) for v in x]):
        assert model(given_as).data == pytest.approx(a[0], rel=1e-14)
    y = model.layers[0].neurons[0](x)
    assert (y.op, y.parents[0].op, y.parents[0].parents[0].op) == ("sigmoid", "add", "dot")


def test_weights_are_seeded_and_bounded() -> None:
    def weights(model: nn.Module) -> list[float]:
        return [p.data for p in model.parameters()]

    assert weights(nn.MLP(3, [4, 2], seed=1)) == weights(nn.MLP(3, [4, 2], seed=1))
    assert weights(nn.MLP(3, [4, 2], seed=1)) != weights(nn.MLP(3, [4, 2], seed=2))
    assert max(map(abs, weights(nn.Neuron(1600, seed=0)))) <= 0.1
    assert len({w for w in weights(nn.MLP(3, [4, 2], seed=1)) if w}) == 4 * 3 + 2 * 4, "no two weights alike"


def test_activations_by_name_by_function_and_by_layer() -> None:
    x = [0.5, -0.25]
    named = nn.MLP(2, [3, 2], ["tanh", "linear"], seed=0)
    given = nn.MLP(2, [3, 2], [Value.tanh, None], seed=0)
    assert [y.data for y in named(x)] == [y.data for y in given(x)]
    assert nn.MLP(2, [3, 1], "tanh", seed=0)(x).op == "add", "a single activation is for the hidden layers"
    assert repr(nn.Layer(2, 3, "leaky_relu")) == "Layer of [3 Leaky_reluNeuron(2)]"


def test_modules_find_their_parameters_copy_and_pickle() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    for made in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [p.data for p in made.parameters()] == [p.data for p in model.parameters()]
        assert not set(made.parameters()) & set(model.parameters())
        assert made([1.0, 2.0]).data == model([1.0, 2.0]).data
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())

    class Tied(nn.Module):
        def __init__(self) -> None:
            self.a = Value(1.0)
            self.b = {"again": self.a, "list": [self.a * 2.0, Value(3.0)]}

    tied = Tied()
    assert [p.data for p in tied.parameters()] == [1.0, 3.0], "each leaf once, no computed nodes"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: nn.Neuron(0), "Neuron(inputs) got 0: expected at least 1"),
        (lambda: nn.Layer(2, 0), "Layer(outputs) got 0: expected at least 1"),
        (lambda: nn.MLP(2, []), "MLP(inputs, outputs) got outputs=[]: expected a list with the size of each layer, such as [16, 1]"),
        (lambda: nn.MLP(2, 3), "MLP(inputs, outputs) got outputs=3: expected a list with the size of each layer, such as [16, 1]"),
        (lambda: nn.MLP(2, [3, 1], ["relu"]), "MLP got 1 activations for 2 layers: expected one for each, or a single one for the hidden layers"),
        (lambda: nn.Neuron(2, "rleu"), "unknown activation 'rleu': did you mean 'relu'?"),
        (lambda: nn.Neuron(2)([1.0]), "a neuron of 2 inputs got 1: expected one number for each weight"),
        (lambda: nn.mean_squared_error([1.0, 2.0], [1.0]), "mean_squared_error got 2 predictions and 1 targets: expected one target for each prediction"),
        (lambda: nn.hinge([], []), "hinge got no predictions: expected at least one"),
        (lambda: nn.hinge([Value(1.0)], [0]), "hinge got target 0: expected -1 or 1; write 2 * t - 1 for labels 0 and 1"),
        (lambda: nn.binary_cross_entropy([0.5], [2]), "binary_cross_entropy got target 2: expected 0 or 1 (or a probability between)"),
        (lambda: nn.cross_entropy([1.0, 2.0], 2), "cross_entropy got class 2 for 2 scores: expected 0 to 1"),
        (lambda: nn.SGD([], lr=0.1), "SGD got no parameters: expected model.parameters() or a list of leaves"),
        (lambda: nn.SGD([Value(1.0)], lr=0), "SGD(lr) got 0: expected a learning rate above 0"),
        (lambda: nn.SGD([Value(1.0)], lr=math.nan), "SGD(lr) got nan: expected a learning rate above 0"),
        (lambda: nn.SGD([Value(1.0)], lr=0.1, momentum=1.0), "SGD(momentum) got 1.0: expected at least 0 and below 1"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_error(call: Any, text: str) -> None:
    assert raises(ValueError, call) == text


def test_wrong_types_too() -> None:
    assert raises(TypeError, lambda: nn.Neuron(2.5)) == (  # type: ignore[arg-type]
        "Neuron(inputs) got 2.5, a float: expected a whole number of at least 1"
    )
    assert raises(TypeError, lambda: nn.Neuron(2, 3)) == (  # type: ignore[arg-type]
        "activation got 3, an int: expected a name such as 'relu', or a function"
    )
    assert "expected leaves" in raises(TypeError, lambda: nn.SGD([Value(1.0) * 2.0], lr=0.1))
    assert "choose one of linear, " in raises(ValueError, lambda: nn.Neuron(2, "zzzzzz"))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_losses_are_their_formulas(pairs: list[tuple[float, float]]) -> None:
    s, t = np.array(pairs).T
    p = 1.0 / (1.0 + np.exp(-s))
    label = (t > 0).astype(float)
    scores = [Value(x) for x in s]
    probabilities = [Value(x) for x in p]
    close = {"rel": 1e-11, "abs": 1e-13}
    assert nn.mean_squared_error(scores, t.tolist()).data == pytest.approx(((s - t) ** 2).mean(), **close)
    assert nn.half_sum_of_squares(scores, t).data == pytest.approx(((s - t) ** 2).sum() / 2, **close)
    wanted = -(label * np.log(p) + (1 - label) * np.log1p(-p)).mean()
    assert nn.binary_cross_entropy(probabilities, label.tolist()).data == pytest.approx(wanted, **close)
    assert nn.binary_cross_entropy(scores, label, from_logits=True).data == pytest.approx(wanted, **close)
    soft = -(0.3 * np.log(p) + 0.7 * np.log1p(-p)).mean()
    assert nn.binary_cross_entropy(probabilities, [0.3] * len(pairs)).data == pytest.approx(soft, **close)
    sides = (2 * label - 1).astype(int).tolist()
    assert nn.hinge(scores, sides).data == pytest.approx(np.maximum(0, 1 - np.array(sides) * s).mean(), **close)
    assert nn.accuracy(scores, sides) == np.mean((s > 0) == (label > 0))
    k = len(pairs) - 1
    assert nn.cross_entropy(scores, k).data == pytest.approx(
        np.log(np.exp(s - s.max()).sum()) + s.max() - s[k], **close
    )


def test_cross_entropy_of_a_batch_is_the_mean() -> None:
    rows = [[Value(1.0), Value(2.0)], [Value(0.5), Value(-1.0)]]
    both = nn.cross_entropy(rows, [1, 0]).data
    assert both == pytest.approx((nn.cross_entropy(rows[0], 1).data + nn.cross_entropy(rows[1], 0).data) / 2)


def test_losses_from_logits_never_overflow() -> None:
    for score, target, expected in [(1000.0, 0, 1000.0), (-1000.0, 1, 1000.0), (1000.0, 1, 0.0)]:
        s = Value(score)
        assert nn.binary_cross_entropy(s, target, from_logits=True).data == expected
        assert gradients(nn.binary_cross_entropy(s, target, from_logits=True), s) == (
            1.0 if expected and not target else -1.0 if expected else 0.0
        )
    assert nn.cross_entropy([Value(1000.0), Value(0.0)], 1).data == 1000.0
    assert nn.binary_cross_entropy(Value(1.0 - 1e-16), 1).data == pytest.approx(1.1102230246251565e-16)
    assert nn.binary_cross_entropy([1.0, 0.0], [1, 0]) == 0.0


def test_sgd_with_momentum_is_torchs_rule() -> None:
    w = Value(1.0)
    optimizer = nn.SGD([w], lr=0.1, momentum=0.9)
    expected, velocity = 1.0, 0.0
    for _ in range(5):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        velocity = 0.9 * velocity + 2.0 * expected
        expected -= 0.1 * velocity
        assert w.data == pytest.approx(expected, rel=1e-15)


def test_a_small_net_learns_xor() -> None:
    model = nn.MLP(2, [4, 1], "tanh", seed=1)
    optimizer = nn.SGD(model.parameters(), lr=0.2, momentum=0.9)
    xs, ys = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    for _ in range(200):
        loss = nn.binary_cross_entropy([model(x) for x in xs], ys, from_logits=True)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.data < 0.05
    assert nn.accuracy([model(x) for x in xs], ys) == 1.0
