"""The paths between two nodes of a graph: the part of it that a derivative goes through.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(3.0, "b")
>>> L = (a * b) + a.tanh()
>>> paths = paths_between(L, a, L)
>>> len(paths.nodes), paths.total
(4, 2)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd_tiny import Value
from autograd_tiny.core import topological_order
from autograd_tiny.errors import article, shorten
from autograd_tiny.explaining.wording import name_of


class Paths(NamedTuple):
    """What lies on a path from ``start`` up to ``end``, both included, and how many such paths there are."""

    start: Value
    end: Value
    nodes: set[Value]
    total: int


def paths_between(root: Value, start: Value, end: Value) -> Paths:
    """The paths along which ``start`` reaches ``end``, the later node; ``ValueError`` if there are none."""
    count: dict[Value, int] = {start: 1}
    order = topological_order(end)
    for node in order:
        if node is not start and node.parents:
            ways = sum(count.get(parent, 0) for parent in node.parents)
            if ways:
                count[node] = ways
    if start is end or end not in count or not any(node is start for node in order):
        raise ValueError(
            f"draw_graph(focus): no path leads from {_called(start)} to {_called(end)}: "
            "give a node and one that is computed from it"
        )
    reaching = {end}
    for node in reversed(order):
        if node in reaching and node is not start:
            reaching.update(parent for parent in node.parents if parent in count)
    return Paths(start, end, reaching, count[end])


def checked_focus(root: Value, focus: Any) -> Paths | None:
    """The paths that ``focus`` asks for: those from a node to the root, or between two nodes in either order."""
    if focus is None:
        return None
    given = (focus, root) if isinstance(focus, Value) else tuple(focus) if isinstance(focus, (tuple, list)) else ()
    if len(given) != 2 or not all(isinstance(node, Value) for node in given):
        raise TypeError(
            f"draw_graph(focus) got {shorten(focus)}, {article(type(focus).__name__)}: expected a Value of the graph, "
            "or two of them: (x, y) for the paths from x to y"
        )
    inside = set(topological_order(root))
    for node in given:
        if node not in inside:
            raise ValueError(f"draw_graph(focus): {_called(node)} is not in the graph of {_called(root)}")
    start, end = given
    below_end = any(node is start for node in topological_order(end))
    return paths_between(root, start, end) if below_end else paths_between(root, end, start)


def _called(node: Value) -> str:
    return shorten(name_of(node), 60)
