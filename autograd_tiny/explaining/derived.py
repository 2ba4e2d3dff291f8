"""What nodes made by differentiation are called: ``∂a/∂z``, ``∂L/∂z``, and ``∂L/∂z via a`` for one part of a sum.

Each such node knows what it is the derivative of (`core.origins`). A rule may make several for one local derivative:
the name is that of the last, which the others are made for.

>>> from autograd_tiny import Value, gradients
>>> from autograd_tiny.core import topological_order
>>> x = Value(0.5, "z")
>>> y = x.tanh(); y.label = "a"
>>> slope = gradients(y * y, x, create_graph=True)
>>> sorted(name(lambda node: node.label or "f") for name in derived(topological_order(slope)).values())
['∂a/∂z', '∂f/∂a', '∂f/∂z']
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..core import Value


@dataclass(frozen=True, eq=False)
class Derived:
    """The name of one node; called with what its Values are called, it gives the text."""

    over: Value
    under: Value
    via: Value | None = None

    def __call__(self, called: Callable[[Value], str]) -> str:
        name = f"∂{_closed(called(self.over))}/∂{_closed(called(self.under))}"
        return name if self.via is None else f"{name} via {called(self.via)}"

    def latex(self, called: Callable[[Value], str]) -> str:
        """The same, its names in LaTeX already."""
        name = rf"\frac{{\partial {called(self.over)}}}{{\partial {called(self.under)}}}"
        return name if self.via is None else rf"{name}\,\text{{via}}\,{called(self.via)}"


def _closed(name: str) -> str:
    """The name as one piece."""
    return f"({name})" if re.search(r"[\s+\-−×*/·^=<>,|∂]", name) else name


def derived(order: Iterable[Value]) -> Mapping[Value, Derived]:
    """For each node of ``order`` that is one whole derivative, or one path's part of it: which."""
    made = {node: origin for node in order if (origin := node.derivative_of) is not None}
    if not made:
        return {}
    inner = {parent for node, origin in made.items() for parent in node.parents if made.get(parent) == origin}
    tops = {node: origin for node, origin in made.items() if node not in inner}
    ends: Counter[Any] = Counter()  # of a total, its own node and all that is sent there
    for origin in tops.values():
        if origin.kind != "local":
            ends[origin.root, origin.node if origin.kind == "total" else origin.parent] += 1
    found = {}
    for node, origin in tops.items():
        if origin.kind == "local":
            found[node] = Derived(origin.node, origin.parent)
        elif origin.kind == "total":
            found[node] = Derived(origin.root, origin.node)
        else:
            several = ends[origin.root, origin.parent] > 1
            found[node] = Derived(origin.root, origin.parent, origin.node if several else None)
    return found


def labelled(order: Iterable[Value]) -> dict[Value, str]:
    """The names of those whose Values all have labels: what a picture writes."""
    found = {
        node: name(lambda value: value.label)
        for node, name in derived(order).items()
        if all(value.label.strip() for value in (name.over, name.under, name.via) if value is not None)
    }
    uses = Counter(found.values())
    return {node: name for node, name in found.items() if uses[name] == 1}
