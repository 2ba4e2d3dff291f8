"""Which module a node belongs to, told from the parameters."""

from __future__ import annotations

import pytest

import autograd_tiny
import nn
from autograd_tiny import Value
from autograd_tiny.core import topological_order
from visualize.modules import ModuleTree

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


def placed(root, model):
    order = topological_order(root)
    return order, ModuleTree(model).places(order)


def ops_in(order, places, name):
    return [node.op for node in order if places.get(node) == name and node.parents]


class TestNeurons:
    @pytest.mark.parametrize("activation", ["relu", "tanh", "leaky_relu"])
    def test_dot_sum_and_activation(self, activation):
        model = nn.MLP(2, [3, 1], activation, seed=0)
        order, places = placed((model([1.0, 2.0]) - 1.0) ** 2, model)
        for i in range(3):
            assert ops_in(order, places, f"layers.0.neurons.{i}") == ["dot", "add", activation]
            neuron = model.layers[0].neurons[i]
            assert {places[p] for p in neuron.parameters()} == {f"layers.0.neurons.{i}"}
        assert ops_in(order, places, "layers.1.neurons.0") == ["dot", "add"]
        assert [node.op for node in order if node.parents and node not in places] == ["sub", "pow"]

    def test_an_activation_at_the_end_is_the_neurons_and_not_the_loss(self):
        model = nn.MLP(2, [2, 1], ["relu", "sigmoid"], seed=0)
        order, places = placed(model([1.0, 2.0]).log(), model)
        assert ops_in(order, places, "layers.1.neurons.0") == ["dot", "add", "sigmoid"]
        assert order[-1] not in places

    def test_an_activation_of_ones_own(self):
        model = nn.MLP(2, [2, 1], lambda x: x * x.sigmoid(), seed=0)
        order, places = placed(model([1.0, 2.0]), model)
        assert ops_in(order, places, "layers.0.neurons.1") == ["dot", "add", "sigmoid", "mul"]

    def test_a_learnt_slope_of_a_layer(self):
        slope = Value(0.1)
        model = nn.MLP(2, [2, 1], nn.LeakyReLU(slope), seed=0)
        order, places = placed(model([1.0, 2.0]), model)
        assert places[slope] == "layers.0"
        assert ops_in(order, places, "layers.0.neurons.0") == ["dot", "add", "leaky_relu"]

    def test_a_batch(self):
        model = nn.MLP(2, [3, 1], seed=0)
        outputs = [model([float(i), 1.0]) for i in range(5)]
        order, places = placed(nn.mean_squared_error(outputs, [0.0] * 5), model)
        assert ops_in(order, places, "layers.0.neurons.2").count("relu") == 5
        assert not {places.get(node) for node in order[-3:]} - {None}


class TestOthers:
    def test_activation_modules_between_layers_and_at_the_end(self):
        model = nn.Sequential(nn.Layer(2, 3, None, seed=0), "tanh", nn.Layer(3, 2, None, seed=1), nn.Sigmoid())
        order, places = placed(autograd_tiny.sum(model([1.0, 2.0])), model)
        assert ops_in(order, places, "1") == ["tanh"] * 3
        assert ops_in(order, places, "3") == ["sigmoid"] * 2
        assert ops_in(order, places, "0.neurons.2") == ["dot", "add"]

    def test_shared_weights_belong_to_what_is_around_both(self):
        model = nn.MLP(2, [2, 1], seed=0)
        model.layers[0].neurons[1].w = model.layers[0].neurons[0].w
        _, places = placed(model([1.0, 2.0]), model)
        assert places[model.layers[0].neurons[0].w[0]] == "layers.0"

    def test_a_module_of_ones_own(self):
        class Line(nn.Module):
            def __init__(self):
                self.slope, self.offset = Value(2.0), Value(1.0)

            def __call__(self, x):
                return self.slope * x + self.offset

        line, x = Line(), Value(3.0)
        order, places = placed(line(line(x)).tanh(), line)
        assert ops_in(order, places, "") == ["mul", "add"] * 2
        assert x not in places and order[-1] not in places

    def test_a_penalty_on_the_weights(self):
        model = nn.MLP(2, [2, 1], seed=0)
        order, places = placed((model([1.0, 2.0]) - 1.0) ** 2 + nn.l2_penalty(model.parameters(), 0.1), model)
        assert order[-1] not in places

    def test_several_models_do_not_share_what_mixes_them(self):
        models = {"left": nn.Neuron(1, seed=0), "right": nn.Neuron(1, seed=1)}
        root = models["left"]([1.0]) * models["right"]([2.0])
        _, places = placed(root, models)
        assert set(places.values()) == {"left", "right"} and root not in places
        assert set(ModuleTree(list(models.values())).modules) == {"0", "1"}

    def test_titles(self):
        tree = ModuleTree(nn.MLP(2, [2, 1]))
        assert [tree.title(name) for name in list(tree.modules)[:3]] == [
            "MLP",
            "layers.0 · Layer",
            "neurons.0 · Neuron",
        ]
        assert tree.depth("layers.0.neurons.1") == 2

    @pytest.mark.parametrize("given", [3, [], [3], "model", {"a": None}])
    def test_not_a_model(self, given):
        with pytest.raises(TypeError, match=r"^draw_graph\(model\) got .*: expected an nn.Module, or a list or dict"):
            ModuleTree(given)
