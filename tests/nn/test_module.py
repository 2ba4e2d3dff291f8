"""Modules: names and shapes of parameters, training and use, what a model says of itself."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd_tiny import Value


class Own(nn.Module):
    """A user's module with a parameter in every place that one can be in."""

    def __init__(self) -> None:
        self.gain = Value(1.0)
        self.table = [[Value(2.0), Value(3.0)], [Value(4.0), Value(5.0)]]
        self.blocks = {"first": nn.Neuron(2, init=0.5), "list": [self.gain * 2.0, Value(6.0)]}
        self.array = np.array([Value(7.0), Value(8.0)])
        self.tied = self.gain
        self.rate, self.name, self.empty, self.floats = 0.5, "own", (), np.zeros(3)
        self.myself = self


OWN = {
    "gain": 1.0,
    "table": [[2.0, 3.0], [4.0, 5.0]],
    "blocks.first.weight": [0.5, 0.5],
    "blocks.first.bias": 0.0,
    "blocks.list.1": 6.0,
    "array": [7.0, 8.0],
    "tied": 1.0,
}


def test_names_and_shapes_are_torch_linears() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    state = model.state_dict()
    assert list(state) == ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    assert [np.shape(entry) for entry in state.values()] == [(3, 2), (3,), (1, 3), (1,)]
    assert state["layers.0.weight"][2][1] == model.layers[0].neurons[2].w[1].data
    assert list(nn.Layer(2, 3).state_dict()) == ["weight", "bias"]
    assert nn.Neuron(2, init=0.25).state_dict() == {"weight": [0.25, 0.25], "bias": 0.0}


def test_named_parameters_are_the_parameters_in_order() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    named = dict(model.named_parameters())
    assert list(named)[:4] == [
        "layers.0.weight[0][0]",
        "layers.0.weight[0][1]",
        "layers.0.bias[0]",
        "layers.0.weight[1][0]",
    ]
    for own in (model, Own(), nn.Neuron(3), nn.Layer(2, 2)):
        assert [p for _, p in own.named_parameters()] == own.parameters()
        assert len({name for name, _ in own.named_parameters()}) == len(own.parameters())
    assert named["layers.1.weight[0][2]"] is model.layers[1].neurons[0].w[2]


def test_ones_own_modules_get_natural_names() -> None:
    own = Own()
    assert own.state_dict() == OWN
    assert [name for name, _ in own.named_parameters()] == [
        "gain", "table[0][0]", "table[0][1]", "table[1][0]", "table[1][1]",
        "blocks.first.weight[0]", "blocks.first.weight[1]", "blocks.first.bias", "blocks.list.1", "array[0]", "array[1]",
    ]  # fmt: skip
    assert [name for name, _ in own.named_modules()] == ["", "blocks.first"]
    assert own.modules() == [own, own.blocks["first"]]
    own.load_state_dict({**OWN, "gain": 9.0, "tied": 9.0, "array": np.array([1, 2])})
    assert (own.gain.data, own.tied.data, own.array[1].data) == (9.0, 9.0, 2.0)


def test_ones_own_neurons_and_parameters_are_respected() -> None:
    class Gained(nn.Neuron):
        def __init__(self) -> None:
            super().__init__(2, init=1.0)
            self.gain = Value(3.0)

    layer = nn.Layer(2, 2, init=1.0)
    layer.neurons = [Gained(), Gained()]
    assert layer.state_dict() == {"weight": [[1.0, 1.0], [1.0, 1.0]], "bias": [0.0, 0.0], "gain": [3.0, 3.0]}

    class Frozen(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Neuron(1)

        def parameters(self) -> list[Value]:
            return [self.inner.b]

    class Outer(nn.Module):
        def __init__(self) -> None:
            self.part = Frozen()

    assert [name for name, _ in Outer().named_parameters()] == ["part.inner.bias"]
    assert list(Outer().state_dict()) == ["part.inner.weight", "part.inner.bias"]


def test_two_things_of_one_name_are_an_error() -> None:
    class Clash(nn.Module):
        def __init__(self) -> None:
            self.parts = {1: Value(1.0), "1": Value(2.0)}

    with pytest.raises(
        ValueError, match=r"^Clash has two things called 'parts\.1' in its state: rename a key or attrib"
    ):
        Clash().state_dict()


def test_names_of_one_parameter_must_agree() -> None:
    own = Own()
    with pytest.raises(ValueError, match=r"at odds: gain is 1\.0 and tied is 2\.0, and they are one parameter$"):
        own.load_state_dict({**OWN, "tied": 2.0})


def test_train_and_eval_reach_every_module() -> None:
    model = nn.MLP(2, [3, 1])
    assert all(module.training for module in model.modules())
    assert len(model.modules()) == 1 + 2 + 4
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model.train().layers[0].neurons[1].training
    with pytest.raises(TypeError, match=r"^train\(mode\) got 3, an int: expected True or False"):
        model.train(3)  # type: ignore[arg-type]


def test_what_a_model_says_of_itself() -> None:
    assert repr(Own()) == "Own of 11 parameters"
    assert str(nn.MLP(2, [1])) == "MLP of [Layer of [1 LinearNeuron(2)]], 3 parameters"
    assert Own().summary().splitlines() == [
        "Own: 11 parameters",
        "  itself        Own            8  gain a number, table 2 × 2, blocks.list.1 a number, array 2, tied a number",
        "  blocks.first  ReLUNeuron(2)  3  weight 2, bias a number",
    ]


def test_models_copy_and_pickle_without_lambdas() -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0, init=lambda rng, inputs, outputs: rng.uniform(0, 1)).eval()
    assert b"lambda" not in pickle.dumps(model)
    for made in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert made.state_dict() == model.state_dict()
        assert not set(made.parameters()) & set(model.parameters())
        assert not made.layers[0].training
    assert copy.copy(model).parameters() == model.parameters(), "a shallow copy shares them"
    own = pickle.loads(pickle.dumps(own_without_graph()))
    assert own.tied is own.gain


def own_without_graph() -> Own:
    own = Own()
    own.blocks["list"] = []
    return own
