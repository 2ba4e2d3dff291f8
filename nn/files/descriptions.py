"""A model as JSON and back: its classes, sizes and activations, without the numbers of its weights.

>>> from nn import MLP
>>> described = describe(MLP(2, [3, 1], "tanh"))
>>> described["layers"][0]
{'class': 'Layer', 'inputs': 2, 'outputs': 3, 'activation': 'tanh'}
>>> size(described), rebuild(described)
(13, MLP of [Layer of [3 TanhNeuron(2)], Layer of [1 LinearNeuron(3)]], 13 parameters)

Only the classes in ``KINDS`` are described, exactly those and with no attributes of a user's own: a description that
left something out would give another model back. And only they are rebuilt: a file can name no other class or function.
"""

from __future__ import annotations

from typing import Any

from autograd_tiny import Value
from autograd_tiny.errors import shorten
from autograd_tiny.table.ops import TABLE

from ..activations import ActivationModule, Softmax, activation, activation_module, linear, name_of, table_name
from ..containers import Sequential
from ..dropout import Dropout
from ..layers import MLP, Layer, Neuron
from ..module import Module
from .kinds import Description, Kind, number, part, parts, whole
from .sized import SIZED


class NotDescribed(ValueError):
    """The model has something that a description cannot hold; the text says what."""


def describe(model: Module) -> dict[str, Any]:
    """The model as JSON data. `NotDescribed` if it is, or has, something of a user's own."""
    described = _described(model)
    if size(described) != len(model.parameters()):
        raise NotDescribed("its parts share parameters, or some are computed")
    return described


def size(described: Any) -> int:
    """How many numbers a model so described has in its state dict. ``ValueError`` if this describes none."""
    return _kind(described).size(described)


def rebuild(described: Any) -> Module:
    """A model as described, with new weights. Ask `size` first: a description may call for any size."""
    return _kind(described).rebuild(described)


def _described(model: Any) -> dict[str, Any]:
    name = _class_of(model)
    if name is None:
        raise NotDescribed(f"{shorten(model)} is of a class of your own, {type(model).__name__}")
    kind = KINDS[name]
    own = sorted(set(vars(model)) - kind.attributes(model) - {"training"})
    if own:
        raise NotDescribed(f"{shorten(model)} has an attribute of your own, {own[0]!r}")
    return {"class": name, **kind.describe(model)}


def _class_of(model: Any) -> str | None:
    if isinstance(model, ActivationModule) and _is_row(model):
        return "Activation"
    name = type(model).__name__
    return name if name in CLASSES and type(model) is CLASSES[name] else None


def _is_row(model: ActivationModule) -> bool:
    return model.name in TABLE and type(model) is activation_module(model.name)


def _kind(described: Any) -> Kind:
    name = described.get("class") if isinstance(described, dict) else None
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"the description of the model has {shorten(described)} where {', '.join(KINDS)} may stand")
    return KINDS[name]


# Activations: a name for a function of the table, a description for a module


def _describe_activation(f: Any) -> Any:
    if f is linear:
        return "linear"
    if isinstance(f, Module):
        return _described(f)
    name = table_name(f)
    if name is None:
        raise NotDescribed(f"the activation {name_of(f)!r} is a function of your own")
    return name


def _activation_size(described: Description) -> int:
    f = part(described, "activation")
    return 0 if isinstance(f, str) else size(f)


def _rebuild_activation(f: Any) -> Any:
    return activation(f) if isinstance(f, str) else rebuild(f)


def _describe_module(model: ActivationModule) -> dict[str, Any]:
    given = {name: getattr(model, name) for name in TABLE[model.name].arguments[1:]}
    learnt = [name for name, x in given.items() if isinstance(x, Value)]
    return {
        "name": model.name,
        "settings": {name: x.data if isinstance(x, Value) else x for name, x in given.items()},
        "learnt": learnt,
    }


def _module_size(described: Description) -> int:
    learnt = part(described, "learnt")
    if not isinstance(learnt, list) or len(set(map(str, learnt))) != len(learnt):
        raise ValueError(f"the description of the model has learnt {shorten(learnt)}: expected a list of names")
    return len(learnt)


def _rebuild_module(described: Description) -> Module:
    learnt, given = part(described, "learnt"), part(described, "settings")
    if not isinstance(given, dict) or not set(learnt) <= set(given):
        raise ValueError(f"the description of the model has settings {shorten(given)}: expected a number for each name")
    named = {name: Value(x) if name in learnt else x for name, x in given.items()}
    return activation_module(part(described, "name"))(**named)


# Neurons and layers


def _describe_layer(layer: Layer) -> dict[str, Any]:
    first = _described(layer.neurons[0])
    for neuron in layer.neurons:
        if _class_of(neuron) != "Neuron" or len(neuron.w) != first["inputs"]:
            raise NotDescribed(f"{shorten(layer)} has neurons that are not alike")
        if neuron.activation is not layer.neurons[0].activation:
            raise NotDescribed(f"the neurons of {shorten(layer)} have activations of their own")
        _described(neuron)
    return {"inputs": first["inputs"], "outputs": len(layer.neurons), "activation": first["activation"]}


def _layer_size(described: Description) -> int:
    return (whole(described, "inputs") + 1) * whole(described, "outputs") + _activation_size(described)


def _rebuild_layer(described: Description) -> Layer:
    inputs, outputs = whole(described, "inputs"), whole(described, "outputs")
    return Layer(inputs, outputs, _rebuild_activation(part(described, "activation")), init=0.0)


def _describe_mlp(model: MLP) -> dict[str, Any]:
    if not all(type(layer) is Layer for layer in model.layers):
        raise NotDescribed(f"{shorten(model)} has layers of a class of your own")
    return {"layers": [_described(layer) for layer in model.layers]}


def _rebuild_mlp(described: Description) -> MLP:
    layers = [rebuild(layer) for layer in parts(described, "layers")]
    for layer in layers:
        if not isinstance(layer, Layer):
            raise ValueError(f"the description of the model has an MLP with {shorten(layer)}: expected layers")
    model = MLP(1, [1], init=0.0)
    model.layers = layers  # type: ignore[assignment]
    return model


def _describe_step(step: Any) -> Any:
    return _described(step) if isinstance(step, Module) else _describe_activation(step)


CLASSES: dict[str, type[Module]] = {
    **{c.__name__: c for c in (Neuron, Layer, MLP, Sequential, Dropout, Softmax)},
    **{c.__name__: c for c in SIZED},
}

KINDS: dict[str, Kind] = {
    "Neuron": Kind(
        lambda _: {"w", "b", "activation"},
        lambda n: {"inputs": len(n.w), "activation": _describe_activation(n.activation)},
        lambda d: whole(d, "inputs") + 1 + _activation_size(d),
        lambda d: Neuron(whole(d, "inputs"), _rebuild_activation(part(d, "activation")), init=0.0),
    ),
    "Layer": Kind(lambda _: {"neurons"}, _describe_layer, _layer_size, _rebuild_layer),
    "MLP": Kind(
        lambda _: {"layers"},
        _describe_mlp,
        lambda d: sum(size(layer) for layer in parts(d, "layers")),
        _rebuild_mlp,
    ),
    "Sequential": Kind(
        lambda _: {"steps"},
        lambda m: {"steps": [_describe_step(step) for step in m.steps]},
        lambda d: sum(size(step) for step in parts(d, "steps") if not isinstance(step, str)),
        lambda d: Sequential(*map(_rebuild_activation, parts(d, "steps"))),
    ),
    "Dropout": Kind(lambda _: {"p", "rng"}, lambda m: {"p": m.p}, lambda d: 0, lambda d: Dropout(number(d, "p"))),
    "Softmax": Kind(lambda _: set(), lambda m: {}, lambda d: 0, lambda d: Softmax()),
    "Activation": Kind(
        lambda m: {"function", *TABLE[m.name].arguments[1:]},
        _describe_module,
        _module_size,
        _rebuild_module,
    ),
    **{c.__name__: kind for c, kind in SIZED.items()},
}
"""Every class that is described, by the name that stands in the file."""
