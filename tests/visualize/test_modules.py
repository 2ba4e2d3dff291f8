"""Which module a node belongs to, told from the parameters."""

from __future__ import annotations

import pytest

import autograd_tiny
import nn
from autograd_tiny import Value, dot
from autograd_tiny.core import topological_order
from visualize import svg
from visualize.modules import ModuleTree

from .reading import edges, nodes

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


class TestInputs:
    """A network's inputs, which are plain numbers, have boxes; formulas have the names of the boxes."""

    def test_each_input_has_a_box_and_goes_to_every_neuron(self):
        model = nn.MLP(2, [3, 1], "tanh", seed=0)
        drawn = svg((model([0.5, -1.0]) - 1.0) ** 2, model=model)
        said = {part.name: part.texts for part in nodes(drawn).values() if part.name.startswith("x")}
        assert said == {"x0": ["x₁ = 0.5"], "x1": ["x₂ = −1"]}
        assert sum(tail == "x0" for tail, _, _ in edges(drawn)) == 3

    def test_several_samples_have_their_numbers(self):
        model = nn.MLP(2, [2, 1], "tanh", seed=0)
        drawn = svg(model([0.5, -1.0]) + model([2.0, 3.0]), model=model)
        said = [part.texts[0] for part in nodes(drawn).values() if part.name.startswith("x")]
        assert said == ["x₁⁽¹⁾ = 0.5", "x₂⁽¹⁾ = −1", "x₁⁽²⁾ = 2", "x₂⁽²⁾ = 3"]

    @pytest.mark.parametrize(("count", "said"), [(2, "x = 0.5, 0.5"), (100, "100 inputs")])
    def test_folded_or_many_they_share_a_box(self, count, said):
        model = nn.MLP(count, [3, 1], "tanh", seed=0)
        drawn = svg(model([0.5] * count), model=model, depth=1)
        assert [part.texts[0] for part in nodes(drawn).values() if part.name.startswith("x")] == [said]

    def test_without_a_model_too_and_none_for_a_mean(self):
        w = [Value(2.0, "w1"), Value(3.0, "w2")]
        assert {"x₁ = 4", "x₂ = 5"} <= {text for part in nodes(svg(dot(w, [4.0, 5.0]))).values() for text in part.texts}
        assert not [name for name in nodes(svg(w[0] * 2.0)) if name.startswith("x")]

    def test_formulas_have_the_networks_names(self):
        model = nn.MLP(2, [2, 1], "tanh", seed=0)
        loss = (model([0.5, -1.0]) - 1.0) ** 2
        texts = {label.split(" = ")[0] for _, _, label in edges(svg(loss, model=model, show_local="formula")) if label}
        assert {"x₁", "x₂", "a¹₁", "w²₁₂", "1 − tanh²(z¹₁)", "2 × (ŷ − 1)", "1"} <= texts
        assert not [text for text in texts if "(…)" in text]
