"""The arguments of a graph picture, checked on the way in: what came, what was expected, what to do.

>>> from autograd_tiny import Value
>>> checked(Value(2.0), digits=0)
Traceback (most recent call last):
ValueError: draw_graph(digits=0): expected a whole number from 1 to 17, a float's last digit
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any

from autograd_tiny import Value
from autograd_tiny.errors import article, did_you_mean, shorten

from .focus import Paths, checked_focus
from .modules import ModuleTree
from .style import FONTS, TEXT_SIZE, Theme, theme_named

DIRECTIONS = ("LR", "TB", "RL", "BT")
MAX_NODES, MAX_PARENTS = 300, 32


@dataclass(frozen=True)
class Arguments:
    """What `draw_graph` was asked for."""

    root: Value
    rankdir: str
    show_local: bool | str
    digits: int
    compact: bool
    theme: Theme
    gradients: bool
    paths: Paths | None
    tree: ModuleTree | None
    depth: int | None
    expand: frozenset[str] = field(default=frozenset())
    collapse: bool | None = None
    max_parents: int | None = None
    max_nodes: int | None = None


def checked(
    root: Any,
    *,
    rankdir: Any = "LR",
    show_local: Any = False,
    digits: Any = 4,
    boxes: Any = "full",
    theme: Any = "light",
    gradients: Any = True,
    focus: Any = None,
    model: Any = None,
    depth: Any = None,
    expand: Any = (),
    collapse: Any = None,
    max_parents: Any = MAX_PARENTS,
    max_nodes: Any = MAX_NODES,
    font: Any = FONTS,
    font_size: Any = TEXT_SIZE,
) -> Arguments:
    """The arguments, or an error for one that is not what it should be."""
    if not isinstance(root, Value):
        raise TypeError(
            f"draw_graph(root) got {shorten(root)}, {article(type(root).__name__)}: expected a Value; {_instead(root)}"
        )
    if not isinstance(rankdir, str) or rankdir not in DIRECTIONS:
        raise ValueError(
            f'draw_graph(rankdir={rankdir!r}): expected "LR" (left to right), "TB" (top to bottom), "RL" or "BT"'
        )
    if not isinstance(show_local, bool) and not (isinstance(show_local, str) and show_local == "formula"):
        raise ValueError(f'draw_graph(show_local={shorten(show_local)}): expected True, False or "formula"')
    if not isinstance(boxes, str) or boxes not in ("full", "compact"):
        raise ValueError(f'draw_graph(boxes={shorten(boxes)}): expected "full" or "compact"')
    if not isinstance(gradients, bool):
        raise ValueError(f"draw_graph(gradients={shorten(gradients)}): expected True or False")
    if collapse is not None and not isinstance(collapse, bool):
        raise ValueError(f"draw_graph(collapse={shorten(collapse)}): expected True, False or None, as is needed")
    check_digits("draw_graph", digits)
    if max_nodes is not None and whole_number(max_nodes) < 1:
        raise ValueError(f"draw_graph(max_nodes={max_nodes!r}): expected a whole number above 0, or None for no limit")
    if max_parents is not None and whole_number(max_parents) < 2:
        raise ValueError(f"draw_graph(max_parents={max_parents!r}): expected a whole number above 1, or None for all")
    if depth is not None and whole_number(depth) < 0:
        raise ValueError(f"draw_graph(depth={depth!r}): expected a whole number: 0 folds the model, 1 its layers")
    tree = ModuleTree(model) if model is not None else None
    if tree is None and (depth is not None or expand):
        raise ValueError(
            f"draw_graph({'depth' if depth is not None else 'expand'}) needs to know the modules: pass model= as well"
        )
    return Arguments(
        root, rankdir, show_local, digits, boxes == "compact", theme_named("draw_graph", theme, font, font_size),
        gradients, checked_focus(root, focus), tree, depth, _expanded(tree, expand), collapse, max_parents, max_nodes,
    )  # fmt: skip


def check_digits(caller: str, digits: Any) -> None:
    """``ValueError`` unless a float can have so many digits."""
    if not 1 <= whole_number(digits, least=1) <= 17:
        raise ValueError(f"{caller}(digits={digits!r}): expected a whole number from 1 to 17, a float's last digit")


def whole_number(x: Any, least: int = 0) -> int:
    """``x`` as an int, or one below ``least``, which every caller refuses."""
    try:
        return least - 1 if isinstance(x, bool) else operator.index(x)
    except TypeError:
        return least - 1


def _expanded(tree: ModuleTree | None, expand: Any) -> frozenset[str]:
    """The modules to open by name, and those around them."""
    opened: set[str] = set()
    for name in [expand] if isinstance(expand, str) else expand:
        assert tree is not None
        if name not in tree.modules:
            hint = did_you_mean(name, [n for n in tree.modules if n], "named_modules() has the names")
            raise ValueError(f"draw_graph(expand={name!r}): the model has no module of that name; {hint}")
        opened.update(tree.chain(name))
    return frozenset(opened)


def _instead(root: Any) -> str:
    """What to draw in place of a thing that is not a Value."""
    if isinstance(root, (list, tuple, set, dict)) or hasattr(root, "shape"):
        return "draw one of its elements, or their sum: autograd_tiny.sum(values)"
    if hasattr(root, "source"):
        return "this is a picture already: svg() and save_svg() take it as it is"
    if hasattr(root, "parameters"):
        return "draw_network() draws a model; draw_graph() what it gives for a sample"
    return "a plain number has no graph: make the inputs Values, and draw the result"
