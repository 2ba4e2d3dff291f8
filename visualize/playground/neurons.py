"""The stepping pages of a playground's neurons: one shell with the program, and for each kind of neuron what is in it.

A kind is a number of inputs and an activation. Pages of activations that make graphs of one shape share the drawing and
all boxes but the last. The page in the playground puts in a neuron's own weights and one sample.

>>> pages = neuron_pages([2], ["tanh", "relu", "identity"])
>>> sorted(pages["kinds"]["2"]), [box["name"] for box in pages["kinds"]["2"][""]["nodes"]]
(['', 'identity'], ['w₁', 'w₂', 'x₁', 'x₂', 'w·x', 'b', 'z', 'a'])
>>> pages["kinds"]["2"][""]["last"]["tanh"]["title"]
'a = tanh(z)'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_tiny import Value, dot
from autograd_tiny.core import apply
from autograd_tiny.explaining.network_names import lowered
from autograd_tiny.table.ops import TABLE
from autograd_tiny.table.primitive import Primitive

from ..page import shell
from ..page.drawing import drawing
from ..page.story import story

DRAWING, DATA = "\ue010", "\ue011"
"""What stands in the shell for a drawing and for its data."""


def neuron_pages(sizes: Iterable[int], activations: Iterable[str]) -> dict[str, Any]:
    """The shell, and of each number of inputs and shape of graph the drawing and the boxes."""
    names = list(dict.fromkeys(activations))
    rows = [TABLE["dot"], TABLE["add"], *(TABLE[name] for name in names if name != "identity")]
    return {
        "shell": shell("One neuron, one sample", "a", DRAWING, DATA, rows),
        "kinds": {str(size): _kinds(size, names, rows) for size in sorted(set(sizes))},
    }


def _kinds(size: int, names: Sequence[str], rows: Sequence[Primitive]) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    for name in names:
        told = story(_neuron(size, name), among=rows)
        nodes = told["nodes"]
        nodes[-1]["symbol"] = ""  # the caption is the same for all of one shape
        shape = name if name == "identity" or TABLE[name].defaults else ""
        if shape not in kinds:
            kinds[shape] = {"drawing": drawing(nodes, "one neuron"), "nodes": nodes, "last": {}}
        kinds[shape]["last"][name] = nodes[-1]
    return kinds


def _neuron(size: int, activation: str) -> Any:
    w, x = ([Value(0.5, f"{letter}{lowered(i)}") for i in range(1, size + 1)] for letter in "wx")
    s = dot(w, x)
    s.label = "w·x"
    z = s + Value(0.25, "b")
    z.label = "z"
    if activation == "identity":
        z.label = "a"
        return z
    row = TABLE[activation]
    a = apply(row, (z, *row.defaults))
    a.label = "a"
    return a
