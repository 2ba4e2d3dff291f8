"""How far a graph is folded where the caller leaves that open: until it can be read, and with a note that says so.

>>> from autograd_tiny import Value, dot
>>> from visualize.arguments import checked
>>> w, x = ([Value(float(i)) for i in range(200)] for _ in range(2))
>>> chosen = choose_view(checked(dot(w, x)))
>>> len(chosen.view.boxes), chosen.notes[1]
(3, '401 values in 3 boxes: similar values share a box; to draw each: collapse=False, max_nodes=None')
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from autograd_tiny.core import topological_order
from autograd_tiny.errors import AutogradError, counted
from autograd_tiny.explaining.wording import name_of

from .arguments import Arguments
from .text import cut
from .view import Folding, View

LEGIBLE_BOXES, LEGIBLE_EDGES, LEGIBLE_COUNTS = 60, 150, 24
"""What still reads at a glance: so much is opened where the caller does not say; of edges with a count, so few."""
NOT_RUN = "backward has not run: no gradients yet"


class GraphTooLarge(AutogradError, ValueError):
    """A graph of more values than the caller wants in one picture, even folded."""


class Chosen(NamedTuple):
    """What is drawn, and what the picture says about that."""

    view: View
    notes: list[str]


def choose_view(given: Arguments) -> Chosen:
    """The view that the arguments ask for; without ``depth`` and ``collapse``, the most open one that is legible."""
    order = topological_order(given.root)
    places = given.tree.places(order) if given.tree is not None else {}
    depth = 1 if given.expand and given.depth is None else given.depth
    folding = Folding(given.tree, depth, given.expand, bool(given.collapse), given.max_parents)

    def view(folding: Folding) -> View:
        return View(given.root, order, folding, given.paths, places)

    chosen = view(folding)
    limit = given.max_nodes
    if limit is not None and chosen.boxes_of_all > limit:
        if given.tree is not None and depth is None:
            chosen = _deepest_legible(given, folding, view)
        elif given.collapse is None:
            chosen = view(replace(folding, collapse=True))
        if len(chosen.boxes) > limit:
            raise GraphTooLarge(_too_large(given, len(order), len(chosen.boxes)))
    return Chosen(chosen, _notes(given, chosen))


def _deepest_legible(given: Arguments, folding: Folding, view: Callable[[Folding], View]) -> View:
    assert given.tree is not None
    deepest = max(map(given.tree.depth, given.tree.modules))
    ways = [given.collapse] if given.collapse is not None else [False, True]
    for depth in range(deepest, -1, -1):
        for collapse in ways:
            found = view(replace(folding, depth=depth, collapse=collapse))
            few = len(found.counted) <= LEGIBLE_COUNTS
            if found.boxes_of_all <= LEGIBLE_BOXES and len(found.edges) <= LEGIBLE_EDGES and few:
                return found
    return found


def _too_large(given: Arguments, values: int, boxes: int) -> str:
    folded = "" if boxes == values else f" in {boxes} boxes"
    return (
        f"draw_graph: the graph has {values} values{folded}, more than max_nodes={given.max_nodes}: slow to lay out "
        f"and too small to read; draw a part of it (any value inside is a root too, focus=x draws the paths from x), "
        f"or pass max_nodes={boxes} (None for no limit)"
    )


def _notes(given: Arguments, view: View) -> list[str]:
    """What the picture does not show, and how to see it."""
    root, notes = given.root, []
    if not root.backward_ran and not root.is_constant:
        notes.append(NOT_RUN)
    if view.paths is not None:
        count = counted(view.paths.total, "path")
        start, end = cut(name_of(view.paths.start)), cut(name_of(view.paths.end))
        notes.append(f"{count} from {start} to {end}; what only feeds them is grey")
    modules = [box for box in view.boxes if box.kind == "module"]
    groups = any(box.kind == "group" for box in view.boxes)
    if (modules or groups) and view.paths is None:
        ways = []
        if modules:
            assert given.tree is not None
            name = min((box.module for box in modules if box.module), key=given.tree.order.__getitem__, default="")
            depth = view.folding.depth or 0
            ways.append(f"modules are folded; to open: depth={depth + 1}{f' or expand={name!r}' if name else ''}")
        if groups:
            limit = ", max_nodes=None" if given.collapse is None else ""
            ways.append(f"similar values share a box; to draw each: collapse=False{limit}")
        notes.append(f"{len(view.order):,} values in {len(view.holding):,} boxes: {'; '.join(ways)}")
    if len(view.counted) > LEGIBLE_COUNTS:
        notes.append("edges between folded boxes stand for several each: point at one to see how many")
    return notes
