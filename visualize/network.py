"""`draw_network`: a model as circles and arrows, its weights as colour and width, as articles draw it.

Such a drawing is regular, so it is laid out here and needs no `dot`. Blue weights are positive, vermilion ones
negative; the wider, the larger.

>>> import nn
>>> picture = draw_network(nn.MLP(2, [3, 1], seed=0), [1.0, -1.0])
>>> picture.svg().count("<circle"), picture.svg().count("<polygon")
(6, 9)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_tiny.errors import shorten
from autograd_tiny.explaining.network_names import lowered

from .accessible import Description
from .arguments import check_digits, whole_number
from .files import picture_path, write_picture
from .network_layers import Column, columns_of
from .network_plan import Plan
from .network_svg import network_svg
from .scale import Scale
from .style import FONTS, TEXT_SIZE, theme_named
from .text import number

MAX_NEURONS = 16
LEFT_OF = 7
"""Of a longer layer so many neurons are drawn, the first and the last."""
TERMS = 4


class NetworkPicture:
    """A drawn network: shows itself in a notebook; ``save("net.svg")`` and `save_svg` write it."""

    def __init__(self, text: str, description: Description) -> None:
        self._text, self.description = text, description

    def svg(self) -> str:
        """The SVG text."""
        return self._text

    def save(self, path: str | os.PathLike[str]) -> Path:
        """``path``, where the SVG now is."""
        return write_picture(picture_path(path, "save"), self._text)

    def _repr_svg_(self) -> str:
        return self._text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self._text, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{self.description.title}: {self.description.text}>"


def draw_network(
    model: Any,
    sample: Sequence[float] | None = None,
    *,
    show: str = "weight",
    neuron: tuple[int, int] | None = None,
    path: Sequence[int] | None = None,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    digits: int = 3,
    theme: str = "light",
    font: str = FONTS,
    font_size: float = TEXT_SIZE,
    max_neurons: int | None = MAX_NEURONS,
) -> NetworkPicture:
    """A picture of a model's layers, with what each neuron gives for ``sample`` in its circle.

    ``show="gradient"`` colours the arrows by the gradient of their weights. ``neuron=(1, 0)`` highlights a neuron
    (layer, number; layer 0 is the input) with its arrows and writes out its sum; ``path=[0, 2, 0]`` one neuron of
    each layer and the arrows between them. ``inputs`` and ``outputs`` are names. A layer of more than
    ``max_neurons`` is drawn in part, with a count of the rest; None draws all. ``font`` names the type, and the
    picture is as large as ``font_size``, 11, makes it.

    The model is an `MLP`, `Layer`, `Neuron` or a `Sequential` of them; of another module the layers are drawn in
    the order of its attributes, without a sample.
    """
    chosen = theme_named("draw_network", theme, font, font_size)
    check_digits("draw_network", digits)
    if show not in ("weight", "gradient"):
        raise ValueError(f'draw_network(show={shorten(show)}): expected "weight" or "gradient"')
    if max_neurons is not None and whole_number(max_neurons) < 3:
        raise ValueError(f"draw_network(max_neurons={max_neurons!r}): expected a whole number above 2, or None for all")
    columns = columns_of(model, sample)
    names = [_names("inputs", inputs, columns[0].size), _names("outputs", outputs, columns[-1].size)]
    lit = _highlighted(columns, neuron, path)
    shown = [_shown(column.size, max_neurons, {i for c, i in lit if c == k}) for k, column in enumerate(columns)]
    weights: dict[tuple[int, int, int], float] = {}
    ran = False
    for k, column in enumerate(columns[1:], 1):
        for i in shown[k]:
            w = column.neurons[i].w
            for j in shown[k - 1]:
                ran = ran or w[j].backward_ran
                weights[k, j, i] = w[j].data if show == "weight" else w[j].grad
    notes = [] if show == "weight" or ran else ["backward has not run: no gradients yet"]
    left_out = sum(column.size - len(part) for column, part in zip(columns, shown, strict=True))
    if neuron is not None and (written := _written_out(columns, neuron, digits)):
        notes.append(written)
    parameters = len(model.parameters())
    description = Description(
        f"Network {type(model).__name__} with {' - '.join(f'{column.size:,}' for column in columns)} neurons",
        f"{parameters:,} parameters; {len(weights):,} weights drawn, coloured by {show}"
        + (f"; {left_out:,} neurons left out" if left_out else ""),
        {},
    )
    scale = Scale(weights.values(), chosen, root=1 if show == "weight" else None)
    plan = Plan(
        columns,
        shown,
        weights,
        scale,
        lit,
        neuron is None,
        names,
        notes,
        show,
        digits,
    )
    return NetworkPicture(network_svg(plan, description), description)


def _names(which: str, given: Any, size: int) -> list[str] | None:
    if given is None:
        return None
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != size:
        raise ValueError(f"draw_network({which}={shorten(given)}): expected {size} names, one for each")
    return [str(name) for name in given]


def _highlighted(columns: list[Column], neuron: Any, path: Any) -> list[tuple[int, int]]:
    """The (layer, number) of each highlighted neuron."""
    if neuron is not None and path is not None:
        raise ValueError("draw_network got both neuron= and path=: highlight one or the other")
    if neuron is not None:
        pair = tuple(neuron) if isinstance(neuron, (tuple, list)) else ()
        lit = [pair] if len(pair) == 2 else []
        expected = f"(layer, number), with a layer from 0 to {len(columns) - 1} and a neuron of it"
    elif path is not None:
        lit = list(enumerate(path)) if isinstance(path, (tuple, list)) and len(path) == len(columns) else []
        expected = f"{len(columns)} numbers, one neuron of each layer"
    else:
        return []
    for k, i in lit:
        if not (0 <= whole_number(k) < len(columns) and 0 <= whole_number(i) < columns[whole_number(k)].size):
            lit = []
            break
    if not lit:
        given = f"neuron={shorten(neuron)}" if neuron is not None else f"path={shorten(path)}"
        raise ValueError(f"draw_network({given}): expected {expected}, counted from 0")
    return lit


def _shown(size: int, most: int | None, lit: set[int]) -> list[int]:
    """The neurons of a layer that are drawn."""
    if most is None or size <= most:
        return list(range(size))
    kept = min(LEFT_OF, most - 1)
    return sorted({*range(kept - 1), size - 1, *lit})


def _written_out(columns: list[Column], neuron: tuple[int, int], digits: int) -> str:
    """The sum that a neuron takes: ReLU(0.5 × 1 − 0.2 × 3 + 0.1) = 0."""
    layer, i = neuron
    column = columns[layer]
    if not column.neurons:
        return ""
    below, the = columns[layer - 1].numbers, column.neurons[i]
    terms = []
    for j, w in enumerate(the.w[:TERMS]):
        x = number(below[j], digits) if below is not None else f"x{lowered(j + 1)}"
        terms.append(f"{number(w.data, digits)} × {x if not x.startswith('−') else f'({x})'}")
    if len(the.w) > TERMS:
        terms.append(f"… {len(the.w) - TERMS:,} more")
    terms.append(number(the.b.data, digits))
    total = " + ".join(terms).replace("+ −", "− ")
    result = f" = {number(column.numbers[i], digits)}" if column.numbers is not None else ""
    return f"{column.name}, neuron {i}: {f'{column.activation}({total})' if column.activation else total}{result}"
