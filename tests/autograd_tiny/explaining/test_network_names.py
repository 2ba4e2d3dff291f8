"""Textbook names: by layer, neuron and sample, in steps, ledgers and errors, and what the user named stays."""

from __future__ import annotations

import pytest

import nn
from autograd_tiny import Value, explain, forward_steps, steps
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.network_names import network_names


def names(root: Value, model: nn.Module) -> list[str]:
    order = topological_order(root)
    found = network_names(order, {node: name for name, node in model.named_parameters()})
    return [found.get(node, node.op) for node in order if not node.is_constant]


def test_two_layers_by_layer_neuron_and_input() -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    assert names((model([0.5, -1.0]) - Value(1.0)) ** 2, model) == [
        "w²₁₁", "w²₁₂", "w¹₁₁", "w¹₁₂", "w¹₁·x", "b¹₁", "z¹₁", "a¹₁", "w¹₂₁", "w¹₂₂", "w¹₂·x", "b¹₂", "z¹₂", "a¹₂",
        "w²₁·a¹", "b²₁", "ŷ", "y", "sub", "pow"]  # fmt: skip


def test_an_activated_output_has_its_z_and_several_outputs_their_numbers() -> None:
    model = nn.MLP(2, [2, 2], ["relu", "sigmoid"], seed=0)
    first, second = model([0.5, -1.0])
    found = names(first + second, model)
    assert {"z²₁", "ŷ₁", "z²₂", "ŷ₂"} <= set(found)


def test_each_sample_has_its_number() -> None:
    model = nn.MLP(1, [2, 1], "tanh", seed=0)
    xs = [[Value(0.5)], [Value(1.5)], [Value(2.5)]]
    loss = sum((model(x) - Value(1.0)) ** 2 for x in xs)
    assert isinstance(loss, Value)
    found = names(loss, model)
    assert [name for name in found if name.startswith(("ŷ", "y"))] == ["ŷ⁽¹⁾", "y⁽¹⁾", "ŷ⁽²⁾", "y⁽²⁾", "ŷ⁽³⁾", "y⁽³⁾"]
    assert {"x₁⁽¹⁾", "x₁⁽³⁾", "z¹₂⁽²⁾", "a¹₁⁽³⁾", "w¹₂·x⁽³⁾"} <= set(found)
    assert len(set(found) - {"sub", "pow", "add"}) == len([name for name in found if name not in ("sub", "pow", "add")])


def test_a_neuron_alone_and_one_written_as_micrograd_does() -> None:
    neuron = nn.Neuron(2, "tanh", seed=0)
    assert names(neuron([1.0, 2.0]), neuron) == ["w₁", "w₂", "w·x", "b", "z", "ŷ"]
    x = [Value(1.0), Value(2.0)]
    out = sum((w * v for w, v in zip(neuron.w, x, strict=True)), neuron.b).tanh()
    assert names(out, neuron)[-2:] == ["z", "ŷ"]


def test_wide_layers_put_commas_between() -> None:
    model = nn.MLP(2, [12, 1], "tanh", seed=0)
    found = names(model([1.0, 2.0]), model)
    assert {"w¹₁,₂", "w¹₁₂,₂", "w²₁,₁₂", "a¹₁₂"} <= set(found)


def test_steps_and_ledger_say_them_and_what_the_user_named_stays() -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    out = model([0.5, -1.0])
    loss = (out - 1.0) ** 2
    said = [str(step).split("   ", 1)[1] for step in forward_steps(loss)]
    assert said[1].startswith("z¹₁ = w¹₁·x + b¹₁ = ")
    assert said[2].startswith("a¹₁ = tanh(z¹₁) = ")
    assert any(line.startswith("out = w²₁·a¹ + b²₁") for line in said), "a variable of the user's comes first"
    assert "[0.5, -1]" in said[0], "the inputs are seen, though they are numbers"
    model.layers[0].neurons[1].b.label = "shift"
    assert any("z¹₂ = w¹₂·x + shift" in str(step) for step in forward_steps(loss))
    assert "∂loss/∂w¹₁₂" in str(explain(loss, model.layers[0].neurons[0].w[1]))


@pytest.mark.parametrize("typed", ["z¹₂", "z12", "layers.0.bias[1]", "b12", "w121", "layers.0"])
def test_they_are_found_as_typed_and_by_the_models_own_names(typed: str) -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    assert steps(loss).until(typed) is not None


def test_a_step_of_a_named_network_is_latex() -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    step = steps(loss).until("z12")
    assert step is not None
    assert r"\frac{\partial \mathrm{loss}}{\partial z_{2}^{1}}" in step.latex()
    assert r"w_{2}^{1} \cdot x" in step.latex()
