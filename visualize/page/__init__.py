"""`write_stepper`: one self-contained HTML page on which anyone steps through a graph, forward and backward.

The page computes: its program has the rules of the table in it, so that a leaf may be given another number and all
values and gradients follow. It needs no server and loads nothing: drawing, data and program are in the file, and its
policy forbids all else. A label is data; it goes into the page as text.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> import tempfile, pathlib
>>> page = write_stepper((a * b).tanh(), pathlib.Path(tempfile.mkdtemp()) / "backprop.html")
>>> page.name, page.stat().st_size < 60_000
('backprop.html', True)
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autograd_tiny import Value
from autograd_tiny.core import topological_order
from autograd_tiny.errors import shorten
from autograd_tiny.explaining.names import Names
from autograd_tiny.table.codegen.javascript import rules
from autograd_tiny.table.primitive import Primitive

from ..files import checked_path, write_picture
from ..text import clean
from .drawing import drawing
from .embedding import embedded, policy
from .story import Calls, calls, names_of, rows, story

MOST = 2000
"""Above so many values a page is no help: step through a part of the graph instead."""


def write_stepper(
    root: Value, path: str | Path, *, title: str = "", model: Any = None, questions: str | Path | None = None
) -> Path:
    """Write the page that steps through the graph of ``root`` to ``path`` (``.html``); returns the path.

    With a ``model``, an ``nn.Module`` or a list or dict of them, its values have their textbook names (z¹₂, a¹₂, ŷ).
    A model that is a variable where the function is called is found by itself. ``questions`` is a file of your own,
    as ``autograd-tiny lesson my.toml`` reads it, that the page asks; there a question may be about this graph.

    It changes no gradient, and the page starts from gradients of 0. Raises ``ValueError`` for a graph of more than
    2,000 values, ``OSError`` where the file cannot be written.
    """
    check_root(root, "write_stepper")
    target = checked_path(path, "write_stepper")
    asked = None if questions is None else checked_path(questions, "write_stepper(questions)")
    return write_picture(target, page(root, title, model, questions=asked))


def check_root(root: Any, caller: str) -> None:
    """An error unless it is a Value whose graph a page can hold."""
    if not isinstance(root, Value):
        raise TypeError(f"{caller}(root, …): root is {shorten(root)}: expected the Value to step through")
    count = len(topological_order(root))
    if count > MOST:
        raise ValueError(
            f"{caller}: the graph has {count:,} values, and a page shows {MOST:,} at most: give it a part, "
            "such as one layer's output or one sample's loss; visualize.draw_graph(root, model=...) folds a large graph"
        )


def page(
    root: Value,
    title: str = "",
    model: Any = None,
    *,
    names: Names | None = None,
    bound: bool = False,
    questions: Path | None = None,
) -> str:
    """The page's HTML; one that is ``bound`` is the page of a pass in Python, as a notebook's widget."""
    names = names or names_of(root, model)
    told = story(root, model, names)
    if questions is not None:
        from autograd_tiny.explaining.questions import read_file

        told["questions"] = [asked.as_dict() for asked in read_file(questions, names)]
    if bound:
        told["bound"] = True
    name = told["nodes"][told["root"]]["full"]
    heading = clean(title) or f"Backpropagation through {name}"
    pictures = drawing(told["nodes"], heading)
    if "fold" in told:
        pictures += drawing(told["fold"]["groups"], f"{heading}, by layer", "f").replace("<svg ", "<svg hidden ", 1)
    return shell(heading, name, pictures, embedded(told), rows(root), calls(root), bound)


def shell(
    heading: str, root: str, pictures: str, data: str, used: Sequence[Primitive], known: Calls | None = None,
    bound: bool = False,
) -> str:  # fmt: skip
    """The page round a drawing and its data, with the rules of the rows that it uses."""
    first, *others = (asset(part) for part in PROGRAM if bound or part != BOUND)
    script = "\n".join([first, rules(used, known), *others])
    return Template(asset("stepper.html")).substitute(
        policy=policy(script),
        title=html.escape(heading),
        root=html.escape(root),
        style=asset("stepper.css"),
        drawing=pictures,
        data=data,
        script=script,
    )


def asset(name: str) -> str:
    """The text of a file of this folder."""
    return (files(__package__) / name).read_text(encoding="utf-8")


BOUND = "bound.js"
"""The part of a page that is one with a pass in Python."""

PROGRAM = (
    "numbers.js",
    "passes.js",
    "nudge.js",
    "stepper.js",
    "leaves.js",
    "picture.js",
    "quiz.js",
    "questions.js",
    BOUND,
    "controls.js",
)
"""In this order; after the first come the table's rules."""
