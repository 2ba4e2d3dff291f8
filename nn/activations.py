"""Activations: functions by name, any of one number that the table of primitives has, and the same as modules.

>>> activation("relu")(-2.0), activation("linear")(-2.0)
(0.0, -2.0)
>>> ReLU()([-2.0, 3.0]), LeakyReLU(0.1)(-2.0), LeakyReLU(0.1)
([0.0, 3.0], -0.2, LeakyReLU(slope=0.1))

Each module is made from its row, so a primitive that you register has one too, `activation_module` or
``nn.activations.Cube`` for ``cube``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_tiny
from autograd_tiny import Value
from autograd_tiny.core.operands import finite_float
from autograd_tiny.errors import article, did_you_mean, shorten
from autograd_tiny.errors import name_of as called
from autograd_tiny.table.ops import TABLE

from .module import Module

Activation = Callable[[Any], Any]


def linear(x: Any) -> Any:
    """``x`` itself: no activation."""
    return x


def names() -> list[str]:
    """The activations that have a name."""
    return ["linear", *(row.name for row in TABLE.values() if _takes_one_number(row.name))]


def _takes_one_number(name: str) -> bool:
    row = TABLE[name]
    return not row.variadic and len(row.arguments) - len(row.defaults) == 1 and not row.operator


def activation(given: str | Activation | None) -> Activation:
    """The function for a name (or the function itself, or None for linear); an error naming the nearest otherwise."""
    if given is None or given == "linear":
        return linear
    if isinstance(given, type) and issubclass(given, Module):
        raise TypeError(f"activation got the class {given.__name__}: expected an instance; write {given.__name__}()")
    if callable(given):
        return given
    if not isinstance(given, str):
        raise TypeError(
            f"activation got {shorten(given)}, {article(type(given).__name__)}: "
            "expected a name such as 'relu', or a function"
        )
    if given == "softmax":
        raise ValueError("softmax takes all outputs of a layer at once: write nn.Sequential(layer, nn.Softmax())")
    if given not in names():
        hint = elsewhere(given) or did_you_mean(
            given, names(), f"choose one of {', '.join(names())}, or pass a function"
        )
        raise ValueError(f"unknown activation {given!r}: {hint}")
    return getattr(autograd_tiny.derivatives.functions, given)  # type: ignore[no-any-return]


ELSEWHERE = {"swish": "silu", "logistic": "sigmoid", "expit": "sigmoid", "sigma": "sigmoid", "lrelu": "leaky_relu",
             "rectifier": "relu", "linear": "identity"}  # fmt: skip
"""What others call them."""


def elsewhere(name: str) -> str:
    """``swish is called silu here``; empty for a name that nobody uses."""
    return f"{name} is called {ELSEWHERE[name]} here" if name in ELSEWHERE else ""


def name_of(f: Activation) -> str:
    """What an activation is called."""
    return f.name if isinstance(f, ActivationModule) else called(f)


def table_name(given: Any) -> str | None:
    """The row's name for an activation given by name, as the table's function or as Value's method; else None."""
    if isinstance(given, str):
        activation(given)
        return None if given == "linear" else given
    name = getattr(given, "__name__", "")
    if name not in TABLE or not _takes_one_number(name):
        return None
    return name if given in (getattr(autograd_tiny.derivatives.functions, name), getattr(Value, name, None)) else None


def each(f: Activation, x: Any) -> Any:
    """``f`` of a Value or number; of a list or array, the list of ``f`` of its elements."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    return [each(f, part) for part in x] if isinstance(x, (list, tuple)) else f(x)


class ActivationModule(Module):
    """An activation as a module, for one number or each of a list. Its settings (the slope of `LeakyReLU`) are
    attributes; one given as a Value is learnt.
    """

    name: str

    def __init__(self, *settings: float | Value, **named: float | Value) -> None:
        row = TABLE[self.name]
        allowed = row.arguments[1:]
        given = dict(zip(allowed, settings, strict=False))
        if len(settings) > len(allowed) or set(named) - set(allowed) | (set(named) & set(given)):
            shown = ", ".join([*map(repr, settings), *(f"{name}={x!r}" for name, x in named.items())])
            expected = f"at most {', '.join(allowed)}, each once" if allowed else "nothing"
            raise TypeError(f"{type(self).__name__}({shown}): expected {expected} between the brackets")
        for name, x in {**dict(zip(allowed, row.defaults, strict=True)), **given, **named}.items():
            setattr(self, name, x if isinstance(x, Value) else finite_float(x, f"{type(self).__name__}({name})"))
        self.function = activation(self.name)

    def __call__(self, x: Any) -> Any:
        function, settings = self.function, [getattr(self, name) for name in TABLE[self.name].arguments[1:]]
        return each(lambda scalar: function(scalar, *settings), x) if settings else each(function, x)

    def __repr__(self) -> str:
        settings = {name: getattr(self, name) for name in TABLE[self.name].arguments[1:]}
        shown = [f"{name}={x.data if isinstance(x, Value) else x:g}" for name, x in settings.items()]
        return f"{type(self).__name__}({', '.join(shown)})"


SPELLINGS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU"}
"""PyTorch's names of classes, where they are not the row's in capitals and small letters."""

_MADE: dict[str, type[ActivationModule]] = {}


def _class_name(name: str) -> str:
    return SPELLINGS.get(name, name.title().replace("_", ""))


def activation_module(name: str) -> type[ActivationModule]:
    """The class of modules for the activation of a name: ``activation_module("relu") is nn.ReLU``."""
    activation(name)
    if name == "linear":
        name = "identity"
    if name not in _MADE:
        members = {"name": name, "__module__": __name__, "__doc__": f"`{name}` as a module."}
        _MADE[name] = type(_class_name(name), (ActivationModule,), members)
    return _MADE[name]


ReLU = activation_module("relu")
LeakyReLU = activation_module("leaky_relu")
ELU = activation_module("elu")
GELU = activation_module("gelu")
SiLU = activation_module("silu")
Sigmoid = activation_module("sigmoid")
Tanh = activation_module("tanh")
Softplus = activation_module("softplus")


def __getattr__(name: str) -> Any:
    """The modules of the table's other rows, made when they are asked for (also by pickle)."""
    for row in TABLE:
        if _takes_one_number(row) and _class_name(row) == name:
            return activation_module(row)
    raise AttributeError(f"nn.activations has no {name!r}")


class Softmax(Module):
    """Numbers to probabilities: exp(xᵢ) / Σ exp(xⱼ), positive, adding up to 1, and without overflow."""

    def __call__(self, x: Any) -> list[Any]:
        if isinstance(x, Value):
            raise TypeError(
                "Softmax got a single Value: expected a list of them; the softmax of one number is always 1"
            )
        found: list[Any] = autograd_tiny.derivatives.functions.softmax(x)
        return found

    def __repr__(self) -> str:
        return "Softmax()"
