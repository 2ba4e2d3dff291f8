"""A network and its points as plain data for the playground.

>>> import nn
>>> told = read(nn.MLP(2, [3, 1], "tanh", seed=0), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
>>> [(len(layer["b"]), layer["activation"]) for layer in told["layers"]], told["loss"]
([(3, 'tanh'), (1, 'identity')], 'cross-entropy')
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_tiny.errors import shorten
from autograd_tiny.table.ops import TABLE
from nn import Dropout
from nn.activations import linear, name_of
from nn.data import rows
from nn.settings import finite

from ..network_layers import columns_of, steps_of

CHOICES = ("tanh", "relu", "sigmoid", "leaky_relu", "silu", "gelu", "softplus", "identity")
"""The activations that a reader can choose between."""
MOST_NEURONS, MOST_POINTS = 64, 2000


def read(model: Any, xs: Any, ys: Any) -> dict[str, Any]:
    """The layers with their weights, the points, and the loss that goes with the targets."""
    points = rows(xs, 2, "write_playground(xs)")
    targets = _targets(ys)
    if len(points) != len(targets):
        raise ValueError(
            f"write_playground(xs, ys) got {len(points)} points and {len(targets)} targets: expected a target for each "
            "point"
        )
    if len(points) > MOST_POINTS:
        raise ValueError(f"write_playground got {len(points):,} points, and shows {MOST_POINTS:,} at most")
    layers = _layers(model)
    classes = set(targets) <= {0.0, 1.0}
    last = layers[-1]["activation"]
    loss = "cross-entropy" if classes and last in ("identity", "sigmoid") else "squared error"
    return {"layers": layers, "xs": [list(map(float, x)) for x in points], "ys": targets, "loss": loss}


def _targets(ys: Any) -> list[float]:
    """The targets as numbers; the model has one output, so each is one."""
    given = ys.tolist() if hasattr(ys, "tolist") else ys
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"write_playground(ys) got {shorten(given)}: expected a list with a target for each point")
    found = []
    for i, y in enumerate(given):
        y = y.tolist() if hasattr(y, "tolist") else y
        place = f"write_playground(ys)[{i}]"
        if isinstance(y, (list, tuple)):
            if len(y) != 1:
                raise ValueError(f"{place} got {shorten(y)}: expected one number, as the model has one output")
            y = y[0]
        if isinstance(y, str):
            raise TypeError(f"{place} got {shorten(y)}: expected a number; write 0 and 1 for two classes")
        found.append(finite(place, y))
    return found


def _layers(model: Any) -> list[dict[str, Any]]:
    columns = columns_of(model)  # says what is no network of layers
    sizes = [column.size for column in columns]
    if sizes[0] != 2 or sizes[-1] != 1:
        raise ValueError(
            f"write_playground(model) got a network of {sizes[0]} inputs and {sizes[-1]} outputs: expected two "
            "features and one output, which a plane can show"
        )
    if sum(sizes) > MOST_NEURONS:
        raise ValueError(f"write_playground shows {MOST_NEURONS} neurons at most, and the model has {sum(sizes)}")
    return [
        {
            "w": [[weight.data for weight in neuron.w] for neuron in step.neurons],
            "b": [neuron.b.data for neuron in step.neurons],
            "activation": _activation(step.neurons[0].activation, step.functions),
        }
        for step in steps_of(model)
    ]


def _activation(own: Any, functions: Sequence[Any]) -> str:
    """The row of the one activation that the layer has."""
    found = [name_of(own)] if own is not linear else []
    found += [name_of(function).lower() for function in functions if not isinstance(function, Dropout)]
    found = [name for name in found if name not in ("identity", "linear")]
    row = TABLE.get(found[0]) if len(found) == 1 else None
    if found and (row is None or row.variadic or len(row.arguments) - len(row.defaults) != 1):
        raise ValueError(
            f"write_playground: a layer goes through {shorten(found)}: expected one activation of the table, such as "
            f"{', '.join(CHOICES[:4])}"
        )
    return found[0] if found else "identity"
