"""`Neuron`, `Layer`, `MLP`: ``activation(dot(w, x) + b)``, several of them side by side, and layers in a row.

>>> neuron = Neuron(3, "tanh", seed=0)
>>> y = neuron([1.0, 2.0, 3.0])
>>> y.op, y.parents[0].op, y.parents[0].parents[0].op          # three nodes
('tanh', 'add', 'dot')

No layer computes its own gradient. micrograd's forms work as they are: ``MLP(2, [16, 16, 1])``, ``model.layers``,
``layer.neurons``, ``neuron.w``, ``neuron.b``, and a layer of one neuron gives a Value, not a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd_tiny import Value, dot

from . import settings
from .activations import Activation, activation, name_of
from .initialization import Generator, Rule, generator, initializer
from .module import Module

Scalar = Value | float


class Neuron(Module):
    """``activation(w · x + b)``: ``inputs`` weights, small and random, and a bias of 0.

    ``seed`` makes the weights reproducible; without one they come from Python's ``random``, in micrograd's order.
    ``init`` says where the weights start: a name in `nn.initialization`, a number for all, or a function
    ``(rng, inputs, outputs) -> float``. ``nonlin=False`` is micrograd's word for a linear neuron.
    """

    def __init__(self, inputs: int, activation: str | Activation | None = "relu", *,
                 seed: int | Generator | None = None, nonlin: bool = True,
                 init: str | float | Rule = "uniform") -> None:  # fmt: skip
        rng, rule = generator(seed), initializer(init)
        settings.whole("Neuron(inputs)", inputs)
        self.activation = _resolve(activation if nonlin else None)
        self.w = [Value(rule(rng, inputs, 1)) for _ in range(inputs)]
        self.b = Value(0.0)

    def __call__(self, x: Sequence[Scalar]) -> Value:
        """The output for ``inputs`` numbers or Values."""
        if len(x) != len(self.w):
            raise ValueError(f"a neuron of {len(self.w)} inputs got {len(x)}: expected one number for each weight")
        return self.activation(dot(self.w, x) + self.b)  # type: ignore[no-any-return]

    def named_state(self) -> dict[str, Any]:
        """``weight``, ``inputs`` numbers, and ``bias``, a number; then any other attributes."""
        others = {name: part for name, part in vars(self).items() if name not in ("w", "b")}
        return {"weight": self.w, "bias": self.b, **others}

    def __repr__(self) -> str:
        name = name_of(self.activation)
        return f"{ {'relu': 'ReLU'}.get(name, name.capitalize()) }Neuron({len(self.w)})"


_resolve = activation  # the parameter of the same name hides it


class Layer(Module):
    """``outputs`` neurons that see the same ``inputs`` numbers. One output comes as a Value, several as a list."""

    def __init__(self, inputs: int, outputs: int, activation: str | Activation | None = "relu", *,
                 seed: int | Generator | None = None, nonlin: bool = True,
                 init: str | float | Rule = "uniform") -> None:  # fmt: skip
        rng, rule = generator(seed), initializer(init)
        settings.whole("Layer(outputs)", outputs)

        def of_this_layer(rng: Generator, inputs: int, _: int) -> float:
            return rule(rng, inputs, outputs)

        self.neurons = [Neuron(inputs, activation, seed=rng, nonlin=nonlin, init=of_this_layer) for _ in range(outputs)]

    def __call__(self, x: Sequence[Scalar]) -> Any:
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def named_state(self) -> dict[str, Any]:
        """Those of the neurons one under the other: ``weight`` is outputs × inputs, ``bias`` a list of outputs.

        A module that all neurons share, an activation with a parameter, keeps its own name.
        """
        stacked: dict[str, list[Any]] = {}
        for neuron in self.neurons:
            for name, part in neuron.named_state().items():
                stacked.setdefault(name, []).append(part)
        state: dict[str, Any] = {}
        for name, parts in stacked.items():
            shared = isinstance(parts[0], Module) and all(part is parts[0] for part in parts)
            state[name] = parts[0] if shared else parts
        return {**state, **{name: part for name, part in vars(self).items() if name != "neurons"}}

    def __repr__(self) -> str:
        return f"Layer of [{len(self.neurons)} {self.neurons[0]!r}]"


class MLP(Module):
    """A multi-layer perceptron: ``MLP(2, [16, 16, 1])`` has 2 inputs, two hidden layers of 16 and one output.

    ``activation`` is for the hidden layers, and the output is linear; a list gives each layer its own, the
    output included: ``MLP(2, [3, 1], ["sigmoid", "sigmoid"])``.
    """

    def __init__(self, inputs: int, outputs: Sequence[int],
                 activation: str | Activation | Sequence[Any] | None = "relu", *,
                 seed: int | Generator | None = None, init: str | float | Rule = "uniform") -> None:  # fmt: skip
        if isinstance(outputs, int) or not outputs:
            raise ValueError(
                f"MLP(inputs, outputs) got outputs={outputs!r}: "
                "expected a list with the size of each layer, such as [16, 1]"
            )
        if isinstance(activation, (list, tuple)):
            if len(activation) != len(outputs):
                raise ValueError(
                    f"MLP got {len(activation)} activations for {len(outputs)} layers: expected one for each, "
                    "or a single one for the hidden layers"
                )
            chosen = list(activation)
        else:
            chosen = [activation] * (len(outputs) - 1) + ["linear"]
        rng = generator(seed)
        sizes = [inputs, *outputs]
        self.layers = [Layer(*pair, chosen[i], seed=rng, init=init) for i, pair in enumerate(pairwise(sizes))]

    def __call__(self, x: Sequence[Scalar]) -> Any:
        """The network's output for one sample: a Value, or a list of them if the last layer has several neurons."""
        for layer in self.layers[:-1]:
            y = layer(x)
            x = y if isinstance(y, list) else [y]
        return self.layers[-1](x)

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}], {self._size()}"
