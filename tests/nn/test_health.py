"""Health: the units are found in the graph of any model, and what is said of them is so."""

from __future__ import annotations

import copy
import random
from math import exp, hypot, inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_tiny as ad
import nn
from autograd_tiny import Value
from nn.diagnostics.findings import FLAT, LARGE, MOST, RATIO, LayerHealth
from nn.diagnostics.units import Unit, steepest

RNG = random.Random(0)
X = [[RNG.gauss(0.0, 1.0) for _ in range(3)] for _ in range(30)]
Y = [float(sum(x) > 0.0) for x in X]

seeds = st.integers(0, 2**32)


def names(units: list[Unit]) -> list[str]:
    return [str(unit) for unit in units]


def sums(neuron: nn.Neuron) -> list[float]:
    return [sum(w.data * v for w, v in zip(neuron.w, x, strict=True)) + neuron.b.data for x in X]


@given(seeds)
def test_dead_relus_are_those_that_are_off_on_every_sample(seed: int) -> None:
    rng = random.Random(seed)
    model = nn.MLP(3, [8, 1], seed=seed)
    for neuron in model.layers[0].neurons:
        neuron.b.data = rng.uniform(-6.0, 1.0)
    found = nn.health(model, X)
    expected = [i for i, neuron in enumerate(model.layers[0].neurons) if max(sums(neuron)) <= 0.0]
    assert names(found.dead) == [f"layers.0, neuron {i}" for i in expected]
    for unit, neuron in zip(found.units, model.layers[0].neurons, strict=True):
        assert unit.slopes == tuple(float(z > 0.0) for z in sums(neuron))
    assert found.healthy == (not expected)


@given(seeds, st.sampled_from(["sigmoid", "tanh"]))
def test_saturated_units_are_those_that_are_flat_on_most_samples(seed: int, activation: str) -> None:
    rng = random.Random(seed)
    model = nn.MLP(3, [8, 1], activation, seed=seed)
    for neuron in model.layers[0].neurons:
        neuron.b.data = rng.uniform(-9.0, 9.0)

    def slope(z: float) -> float:  # of the steepest
        if activation == "tanh":
            return 1.0 - np.tanh(z) ** 2
        return 4.0 * exp(-abs(z)) / (1.0 + exp(-abs(z))) ** 2

    expected = [
        i for i, neuron in enumerate(model.layers[0].neurons)
        if sum(slope(z) < FLAT for z in sums(neuron)) >= MOST * len(X)
    ]  # fmt: skip
    found = nn.health(model, X)
    assert names(found.saturated) == [f"layers.0, neuron {i}" for i in expected]
    assert found.dead == []


def test_most_is_most() -> None:
    neuron = nn.Neuron(1, "tanh", init=1.0)
    model = nn.Sequential(neuron, nn.Layer(1, 1, None))
    flat, steep = [[5.0]], [[0.0]]
    assert names(nn.health(model, flat * 9 + steep * 1).saturated) == ["0"]
    assert nn.health(model, flat * 8 + steep * 2).saturated == []


def test_an_output_that_is_sure_of_itself_is_not_called_saturated() -> None:
    assert nn.health(nn.Neuron(3, "sigmoid", init=30.0), X).saturated == []
    assert nn.health(nn.Sequential(nn.Neuron(3, "sigmoid", init=30.0), lambda a: 2.0 * a), X).saturated != []


def test_a_relu_that_is_seldom_on_is_neither_dead_nor_saturated() -> None:
    neuron = nn.Neuron(1, "relu", init=1.0)
    samples = [[-1.0]] * 99 + [[1.0]]
    assert nn.health(nn.Sequential(neuron, nn.Layer(1, 1, None)), samples).healthy
    assert not nn.health(nn.Sequential(neuron, nn.Layer(1, 1, None)), samples[:-1]).healthy


def test_which_activations_saturate() -> None:
    table = ad.ops.TABLE
    assert steepest(table["sigmoid"]) == 0.25
    assert steepest(table["tanh"]) == 1.0
    assert steepest(table["elu"], [1.0]) == 1.0
    assert [steepest(table[name], table[name].defaults) for name in ("relu", "exp", "square", "log", "acos")] == [
        None
    ] * 5


class Matrices(nn.Module):
    """A user's own module: matrices as attributes, and plain arithmetic as in micrograd."""

    def __init__(self) -> None:
        rng = random.Random(1)
        self.gain = Value(0.9)
        self.w1 = [[Value(rng.gauss(0.0, 1.0)) for _ in range(3)] for _ in range(4)]
        self.b1 = [Value(-100.0 if i in (1, 2) else 0.0) for i in range(4)]
        self.w2 = [[Value(rng.gauss(0.0, 1.0)) for _ in range(4)] for _ in range(2)]
        self.unused = Value(1.0)

    def __call__(self, x: Any) -> Any:
        zs = [
            self.gain * (sum((w * v for w, v in zip(row, x, strict=True)), b)) / 2.0
            for row, b in zip(self.w1, self.b1, strict=True)
        ]
        h = [z.relu() for z in zs]
        return [(ad.dot(row, h) - 0.5).tanh() for row in self.w2]


def test_a_module_of_ones_own_in_plain_arithmetic() -> None:
    found = nn.health(Matrices(), X)
    assert names(found.dead) == ["w1, neuron 1", "w1, neuron 2"]
    assert names(found.units)[4:] == ["w2, neuron 0", "w2, neuron 1"]
    assert [unit.activation for unit in found.units] == ["relu"] * 4 + ["tanh"] * 2
    assert [unit.is_output for unit in found.units] == [False] * 4 + [True] * 2
    assert [layer.name for layer in found.layers][-1] == "unused", "what took no part comes last"


class Branches(nn.Module):
    """Neurons in lists, a residual path, and a kernel that serves two places."""

    def __init__(self) -> None:
        self.neurons = [nn.Neuron(3, "tanh", seed=i) for i in range(3)]
        self.kernel = [Value(1.0), Value(-1.0)]
        self.out = nn.Layer(2, 1, None, seed=0)

    def __call__(self, x: Any) -> Any:
        h = [neuron(x) + v for neuron, v in zip(self.neurons, x, strict=True)]
        return self.out([ad.dot(self.kernel, h[i : i + 2]).relu() for i in (0, 1)])


def test_neurons_in_a_list_and_a_shared_kernel() -> None:
    found = nn.health(Branches(), X, Y, "mse")
    assert names(found.units) == [*(f"neurons, neuron {i}" for i in range(3)), "Branches"]
    assert len(found.units[3].slopes) == 2 * len(X), "one unit, two places"
    assert [layer.name for layer in found.layers] == ["neurons", "Branches", "out"]
    assert [layer.parameters for layer in found.layers] == [12, 2, 3]


class Scaled(nn.Module):
    """Two lists side by side: a weight and a bias for each number."""

    def __init__(self) -> None:
        self.w, self.b = [Value(1.0) for _ in range(3)], [Value(0.0) for _ in range(3)]

    def __call__(self, x: Any) -> Any:
        return [(w * v + b).tanh() for w, v, b in zip(self.w, x, self.b, strict=True)]


class Mixed(nn.Module):
    """Each neuron has a row of its own, and all of them add the row that they share."""

    def __init__(self) -> None:
        self.own = [[Value(1.0), Value(2.0), Value(3.0)] for _ in range(2)]
        self.shared = [[Value(1.0), Value(1.0), Value(1.0)]]

    def __call__(self, x: Any) -> Any:
        return [(ad.dot(row, x) + ad.dot(self.shared[0], x)).tanh() for row in self.own]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (nn.Neuron(3, "tanh"), ["Neuron"]),
        (nn.Layer(3, 2, "tanh"), ["Layer, neuron 0", "Layer, neuron 1"]),
        (nn.MLP(3, [1, 1], "tanh"), ["layers.0, neuron 0"]),
        (nn.Sequential(nn.Layer(3, 2, None), nn.Layer(2, 2, None), "tanh"), ["1, neuron 0", "1, neuron 1"]),
        (nn.Sequential(nn.Layer(3, 1, None), nn.Layer(1, 1, None), "tanh"), ["1, neuron 0"]),
        (nn.Sequential(nn.Layer(3, 2, None), "relu", nn.Dropout(0.5), nn.Layer(2, 1, "sigmoid")),
         ["0, neuron 0", "0, neuron 1", "3, neuron 0"]),
        (nn.Sequential(nn.Layer(3, 2, nn.LeakyReLU(0.1)), nn.Softmax()),
         ["0, neuron 0", "0, neuron 1"]),
        (nn.Sequential(nn.MLP(3, [2, 2], "gelu"), nn.Layer(2, 2, lambda z: 2.0 * z.softplus())),
         ["0.layers.0, neuron 0", "0.layers.0, neuron 1", "1, neuron 0", "1, neuron 1"]),
        (nn.Layer(3, 2, None), []),
        (nn.Layer(3, 2, "sign"), ["Layer, neuron 0", "Layer, neuron 1"]),
        (Scaled(), ["Scaled, neuron 0", "Scaled, neuron 1", "Scaled, neuron 2"]),
        (Mixed(), ["own, neuron 0", "own, neuron 1"]),
    ],
)  # fmt: skip
def test_units_by_name(model: nn.Module, expected: list[str]) -> None:
    assert names(nn.health(model, X).units) == expected
    assert names(nn.health(model, np.array(X)).units) == expected


def test_a_row_of_the_table_that_a_plug_in_adds_is_an_activation() -> None:
    bump = ad.primitive.function("bump", lambda xp, x: xp.exp(-xp.square(x)), lambda xp, x, y: -2.0 * x * y)
    ad.register(bump)
    try:
        found = nn.health(nn.Layer(3, 2, "bump"), X)
        assert [unit.activation for unit in found.units] == ["bump", "bump"]
    finally:
        ad.unregister("bump")


def test_dropout_is_off_and_the_model_is_left_as_it_was() -> None:
    model = nn.Sequential(nn.Layer(3, 4, "tanh", seed=0), nn.Dropout(0.5, seed=1), nn.Layer(4, 1, None, seed=2))
    model[0].eval()
    modes = [module.training for module in model.modules()]
    for i, parameter in enumerate(model.parameters()):
        parameter.grad = float(i)
    state, drawn = copy.deepcopy(model.state_dict()), model[1].rng.getstate()
    first, again = (nn.health(model, X, Y, "mse") for _ in range(2))
    assert first == again
    assert [module.training for module in model.modules()] == modes
    assert [parameter.grad for parameter in model.parameters()] == [float(i) for i in range(len(model.parameters()))]
    assert model.state_dict() == state
    assert model[1].rng.getstate() == drawn

    def fails(predictions: Any, targets: Any) -> Value:
        raise RuntimeError("the user's own")

    with pytest.raises(RuntimeError, match="the user's own"):
        nn.health(model, X, Y, fails)
    assert [module.training for module in model.modules()] == modes


@given(seeds)
def test_gradient_norms_are_those_of_backward(seed: int) -> None:
    model = nn.MLP(3, [4, 2, 1], ["tanh", "relu", "linear"], seed=seed)
    found = nn.health(model, X, Y, "mse")
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    loss.backward()
    assert found.loss == loss.data
    for layer, health in zip(model.layers, found.layers, strict=True):
        norm = hypot(*(p.grad for p in layer.parameters()))
        assert health.gradient_norm == pytest.approx(norm, rel=1e-12, abs=0.0)
        assert health.weight_norm == pytest.approx(hypot(*(p.data for p in layer.parameters())), rel=1e-12)


def deep(init: Any, activation: str = "sigmoid", depth: int = 6) -> nn.MLP:
    return nn.MLP(3, [6] * depth + [1], activation, seed=3, init=init)


def test_a_deep_stack_of_sigmoids_vanishes_and_he_and_relu_do_not() -> None:
    found = nn.health(deep("xavier"), X, Y, "mse")
    ratios = found.ratios()
    assert found.vanishing == [name for name in ratios if ratios[name] < 1.0 / RATIO]
    assert found.vanishing[:3] == ["layers.0", "layers.1", "layers.2"]
    assert "layers.6" not in found.vanishing
    assert "layers.0 to layers." in found.advice()[0]
    good = nn.health(deep("he", "relu"), X, Y, "mse")
    assert (good.vanishing, good.exploding) == ([], [])


def test_large_weights_explode() -> None:
    found = nn.health(deep(4.0, "relu", depth=4), X, Y, "mse")
    assert found.exploding == [f"layers.{i}" for i in range(5)]
    assert any("the gradient explodes" in sentence for sentence in found.advice())


def test_numbers_that_are_not_finite_are_a_finding() -> None:
    found = nn.health(nn.MLP(3, [2, 1], "relu", init=1e200), X, Y, "mse")
    assert found.loss == inf
    assert found.exploding
    assert "it is not finite" in found.advice()[-1]


def layer(name: str, norm: float | None, weight_norm: float = 1.0) -> LayerHealth:
    return LayerHealth(name, (), 4, norm, weight_norm)


@pytest.mark.parametrize(
    ("norms", "vanishing", "exploding"),
    [
        ([1.0, 1.0], [], []),
        ([1.01 / RATIO, 1.0], [], []),
        ([0.99 / RATIO, 1.0], ["0"], []),
        ([RATIO * 0.5, 0.501], [], []),
        ([RATIO * 0.5, 0.499], [], ["0"]),
        ([LARGE * 0.99, LARGE], [], []),
        ([LARGE, LARGE * 1.01], [], ["1"]),
        ([0.0, 1.0], ["0"], []),
        ([1.0, 0.0], ["1"], []),
        ([0.0, 0.0], [], []),
        ([float("nan"), 1.0], [], ["0"]),
        ([None, None], [], []),
    ],
)
def test_thresholds(norms: list[Any], vanishing: list[str], exploding: list[str]) -> None:
    found = nn.Health("MLP", 1, tuple(layer(str(i), norm) for i, norm in enumerate(norms)), None)
    assert (found.vanishing, found.exploding) == (vanishing, exploding)


def test_the_norm_is_beside_that_of_the_weights() -> None:
    assert nn.Health("MLP", 1, (layer("0", 5.0 * LARGE, 10.0),)).exploding == []
    assert nn.Health("MLP", 1, (layer("0", 15.0 * LARGE, 10.0),)).exploding == ["0"]


def test_no_gradient_at_all() -> None:
    nothing = nn.Health("MLP", 1, (layer("0", 0.0), layer("1", 0.0)), 0.5)
    assert nothing.advice() == [
        "The gradient is 0 in every layer, though the loss is 0.5: nothing passes the activations, "
        "or the loss cannot fall from here."
    ]
    assert nn.Health("MLP", 1, (layer("0", 0.0), layer("1", 0.0)), 0.0).healthy


def test_the_table_in_words() -> None:
    model = nn.MLP(3, [8, 1], seed=0)
    for neuron in model.layers[0].neurons[:5]:
        neuron.b.data = -50.0
    assert str(nn.health(model, X)).splitlines() == [
        "health of MLP on 30 samples",
        "layer     activation  units  dead  saturated  mean slope",
        "layers.0  relu            8     5          0        0.17",
        "layers.1  linear",
        "What to do:",
        "- layers.0: 5 of 8 ReLUs are dead (neurons 0, 1, 2, 3, 4), with slope 0 on every",
        "  sample: lower the learning rate, use leaky_relu, or start from He",
        '  initialisation (init="he").',
    ]
    healthy = str(nn.health(nn.MLP(3, [8, 1], "tanh", seed=0), X, Y, "mse"))
    assert healthy.endswith("Verdict: healthy. No unit is dead or saturated and the gradient arrives in every\nlayer.")
    for model in (deep("xavier"), deep(4.0), deep(1e150, "relu", 3), nn.MLP(3, [70, 1], init=-100.0)):
        assert max(map(len, str(nn.health(model, [[1.0] * 3], [1.0], "mse")).splitlines())) <= 80


def test_one_of_several_and_the_only_one() -> None:
    one = nn.MLP(3, [2, 1], seed=0)
    one.layers[0].neurons[1].b.data = -50.0
    assert nn.health(one, X).advice()[0].startswith("layers.0: 1 of 2 ReLUs is dead (neuron 1), with slope 0")
    only = nn.Neuron(3, "relu")
    only.b.data = -50.0
    assert nn.health(only, X).advice()[0].startswith("Neuron: the ReLU is dead, with slope 0")
    many = nn.Layer(3, 9, "sigmoid", init=0.0)
    for neuron in many.neurons:
        neuron.b.data = 2000.0
    hidden = nn.health(nn.Sequential(many, nn.Layer(9, 1, None)), X)
    assert (len(hidden.dead), hidden.saturated) == (9, []), "one or the other"
    assert (
        nn.health(many, X)
        .advice()[0]
        .startswith(
            "Layer: 9 of 9 units are dead (neurons 0, 1, 2, 3, 4, 5 and 3 more), with slope 0 on every sample: scale"
        )
    )


def test_as_a_callback_of_fit() -> None:
    model = nn.MLP(3, [4, 1], seed=0)
    said: list[str] = []
    check = nn.HealthCheck(model, X, Y, "mse", every=5, report=said.append)
    nn.fit(model, X, Y, loss="mse", epochs=7, verbose=0, seed=0, callbacks=[check])
    assert list(check.found) == [1, 6]
    assert check.found[6].loss is not None
    assert nn.health(model, X, Y, "mse").loss != check.found[6].loss, "a record of then, not of now"
    assert said == []
    for neuron in model.layers[0].neurons:
        neuron.b.data = -1000.0
    for epoch in (11, 12, 16):
        check(nn.Epoch(epoch, epoch, 0.5))
    assert [text.split(":")[0] for text in said] == ["epoch 11", "epoch 11"], "what is still wrong is not said again"


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda m: nn.health(X, X), TypeError, "health(model) got "),
        (lambda m: nn.health(m, []), ValueError, "health(X) got no samples: expected at least one"),
        (lambda m: nn.health(m, 3), TypeError, "health(X) got 3, an int: expected a list or array of samples"),
        (
            lambda m: nn.health(m, X, Y),
            ValueError,
            "health got y and no loss: expected both, for the gradients, or neither",
        ),
        (lambda m: nn.health(m, X, loss="mse"), ValueError, "health got loss and no y: expected both"),
        (lambda m: nn.health(m, X, Y, "mze"), ValueError, "unknown loss 'mze': did you mean 'mse'?"),
        (lambda m: nn.health(m, X, Y[1:], "mse"), ValueError, "got 30 predictions and 29 targets"),
        (lambda m: nn.HealthCheck(m, X, every=0), ValueError, "HealthCheck(every) got 0: expected at least 1"),
    ],
)
def test_bad_input(call: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        call(nn.MLP(3, [2, 1]))
    assert text in str(caught.value)
