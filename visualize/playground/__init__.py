"""`write_playground`: a small network on two features that trains in the page, by the rules of the table.

One file, no server, no request: decision boundary, a thumbnail of what each neuron gives over the plane, weights as
lines, the loss; play, pause, step, rate, batch, activation, other data. A neuron's sum and gradients stand in words.

>>> import nn, tempfile, pathlib
>>> model = nn.MLP(2, [4, 1], "tanh", seed=1)
>>> xs, ys = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> page = write_playground(model, xs, ys, pathlib.Path(tempfile.mkdtemp()) / "play.html")
>>> page.name, page.stat().st_size < 200_000
('play.html', True)
"""

from __future__ import annotations

import html
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autograd_tiny.table.codegen.javascript import rules
from autograd_tiny.table.ops import TABLE

from ..files import checked_path, write_picture
from ..page.embedding import embedded, policy
from ..text import clean
from .neurons import neuron_pages
from .reading import CHOICES, read

SETS = ("moons", "circles", "spirals", "exclusive or")
"""The sets of points that the page makes itself."""


def write_playground(
    model: Any, xs: Any, ys: Any, path: str | Path, *, title: str = "", rate: float = 0.1, batch: int = 16,
    data: str = "",
) -> Path:  # fmt: skip
    """Write the page on which ``model`` trains on the points ``xs`` (two numbers each) with the targets ``ys``.

    The model is an `MLP`, or a `Sequential` of layers and activations, of two inputs and one output; it is not changed.
    Targets of 0 and 1 are learned by cross-entropy where the output is a score or a sigmoid, all others by the squared
    error. ``data`` begins with one of the page's own sets: moons, circles, spirals or exclusive or.
    """
    target = checked_path(path, "write_playground")
    return write_picture(target, playground(model, xs, ys, title, rate, batch, data))


def playground(
    model: Any, xs: Any, ys: Any, title: str = "", rate: float = 0.1, batch: int = 16, data: str = ""
) -> str:
    """The page's HTML."""
    if data and data not in SETS:
        raise ValueError(f"write_playground(data={data!r}): expected one of {', '.join(SETS)}, or nothing for your own")
    told = read(model, xs, ys)
    used = list(dict.fromkeys([*CHOICES, *(layer["activation"] for layer in told["layers"]), "softplus", "square"]))
    told |= {
        "extras": {name: list(TABLE[name].defaults) for name in used},
        "choices": CHOICES,
        "called": "your points",
        "set": data,
        "batch": max(1, batch),
    }
    sizes = [2, *(len(layer["b"]) for layer in told["layers"][:-1])]
    pages = neuron_pages(sizes, [*CHOICES, *(layer["activation"] for layer in told["layers"])])
    parts = {part: (files(__package__) / part).read_text(encoding="utf-8") for part in ASSETS}
    first, rest = parts["train.js"].split("\n", 1)
    program = [rules([TABLE[name] for name in used]), f"const names = {embedded(used)};", rest]
    program += [parts["boxes.js"], parts["play.js"]]
    script = "\n".join([first, *program])
    return Template(parts["play.html"]).substitute(
        policy=policy(script, within=pages["shell"]),
        title=html.escape(clean(title) or "A network learns"),
        style=parts["play.css"],
        rate=html.escape(f"{rate:g}"),
        data=embedded(told),
        neurons=embedded(pages),
        script=script,
    )


ASSETS = ("play.html", "play.css", "boxes.js", "play.js", "train.js")
