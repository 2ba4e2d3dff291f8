"""A model as columns of neurons, from left to right, and what each neuron gives for a sample.

>>> import nn
>>> columns = columns_of(nn.MLP(2, [3, 1], seed=0), [1.0, -1.0])
>>> [(column.name, column.size, column.activation) for column in columns]
[('input layer', 2, ''), ('hidden layer', 3, 'ReLU'), ('output layer', 1, '')]
>>> columns[0].numbers
[1.0, -1.0]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from autograd_tiny import Value
from autograd_tiny.core.operands import finite_float, is_number
from autograd_tiny.errors import article, shorten
from autograd_tiny.table.ops import TABLE
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential
from nn.activations import linear, name_of


@dataclass
class Column:
    """The neurons of one layer; the input layer has none, but a size."""

    name: str
    size: int
    activation: str = ""
    neurons: list[Neuron] = field(default_factory=list)
    numbers: list[float] | None = None
    """What each neuron gives for the sample."""


@dataclass
class Step:
    """A layer, and the functions that its outputs go through on the way to the next one."""

    neurons: list[Neuron]
    call: Callable[[Any], Any]
    functions: list[Callable[[Any], Any]] = field(default_factory=list)

    def activation(self) -> str:
        own = self.neurons[0].activation
        names = [name_of(own)] if own is not linear else []
        names += [_name(f) for f in self.functions if not isinstance(f, Dropout)]
        return " · ".join(TABLE[name].symbol if name in TABLE else name for name in names if name != "identity")

    def outputs(self, x: Any) -> list[Any]:
        y = self.call(x)
        for function in self.functions:
            if not isinstance(function, Dropout):  # what a picture shows is the network in use
                y = function(y)
        return list(y) if isinstance(y, (list, tuple)) else [y]


def _name(function: Any) -> str:
    name = name_of(function)
    return name.lower() if isinstance(function, Module) and name == "Softmax" else name


def columns_of(model: Any, sample: Any = None) -> list[Column]:
    """The columns of a model, the inputs first; ``sample`` is one number for each input."""
    steps, whole = _read(model)
    for first, second in pairwise(steps):
        if len(second.neurons[0].w) != len(first.neurons):
            raise ValueError(
                f"draw_network: a layer of {len(first.neurons)} neurons comes before one with "
                f"{len(second.neurons[0].w)} inputs: these are no layers in a row; "
                "draw the parts of the model that are, one by one"
            )
    columns = [Column("input layer", len(steps[0].neurons[0].w))]
    hidden = len(steps) - 1
    for i, step in enumerate(steps):
        name = "output layer" if i == hidden else f"hidden layer {i + 1}" if hidden > 1 else "hidden layer"
        columns.append(Column(name, len(step.neurons), step.activation(), step.neurons))
    if sample is not None:
        if not whole:
            raise ValueError(
                f"draw_network(sample): how a {type(model).__name__} puts its layers together is in its __call__, "
                "which a picture cannot see: leave sample out, or draw an MLP or a Sequential"
            )
        x: list[Any] = _numbers(sample, columns[0].size)
        columns[0].numbers = list(x)
        for step, column in zip(steps, columns[1:], strict=True):
            x = step.outputs(x)
            column.numbers = [y.data if isinstance(y, Value) else float(y) for y in x]
    return columns


def steps_of(model: Any) -> list[Step]:
    """The layers of a model in a row, each with the functions after it."""
    return _read(model)[0]


def _read(model: Any) -> tuple[list[Step], bool]:
    """The layers in a row, and whether calling them one after the other is calling the model."""
    if not isinstance(model, Module):
        raise TypeError(
            f"draw_network(model) got {shorten(model)}, {article(type(model).__name__)}: expected an nn.Module; "
            "draw_graph() draws a Value"
        )
    steps, whole = _flattened(model), True
    if not any(isinstance(step, Step) for step in steps):
        steps, whole = [_layer(m) for m in model.modules() if isinstance(m, Layer)], False
        steps = steps or [_layer(m) for m in model.modules() if isinstance(m, Neuron)][:1]
    layers: list[Step] = []
    for step in steps:
        if isinstance(step, Step):
            layers.append(step)
        elif isinstance(step, Module) and step.parameters() and any(isinstance(m, Neuron) for m in step.modules()):
            layers += [_layer(m) for m in step.modules() if isinstance(m, Layer)]
            whole = False
        elif layers:
            layers[-1].functions.append(step)
        else:
            whole = False  # a function before the first layer: the inputs are not what the layer sees
    if not layers:
        raise ValueError(f"draw_network: {shorten(model)} has no layers or neurons to draw")
    return layers, whole


def _flattened(step: Any) -> list[Any]:
    if isinstance(step, MLP):
        return [_layer(layer) for layer in step.layers]
    if isinstance(step, Sequential):
        return [part for inner in step for part in _flattened(inner)]
    return [_layer(step)] if isinstance(step, (Layer, Neuron)) else [step]


def _layer(layer: Layer | Neuron) -> Step:
    return Step([layer] if isinstance(layer, Neuron) else list(layer.neurons), layer)


def _numbers(sample: Any, size: int) -> list[float]:
    given: Sequence[Any] = sample.tolist() if hasattr(sample, "tolist") else sample
    if not isinstance(given, (list, tuple)):
        given = [given]
    if len(given) != size or not all(isinstance(x, Value) or is_number(x) for x in given):
        raise ValueError(f"draw_network(sample) got {shorten(sample)}: expected {size} numbers, one for each input")
    return [x.data if isinstance(x, Value) else finite_float(x, "draw_network(sample)") for x in given]
