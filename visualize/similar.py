"""Nodes that do the same work, found from the shape of the graph alone: what a large picture can draw as one box.

Two nodes are similar if they are of the same operation and are used by similar nodes in the same place: the 16
ReLUs of a layer are, and the 32 weights below them. The root is similar to nothing.

>>> from autograd_tiny import Value, dot
>>> from autograd_tiny.core import topological_order
>>> w = [Value(float(i)) for i in range(3)]
>>> order = topological_order(dot(w, w[::-1]).tanh())
>>> classes = similarity(order, {})
>>> [classes[node] for node in order]
[2, 2, 2, 1, 0]
"""

from __future__ import annotations

from typing import Any

from autograd_tiny import Value


def similarity(order: list[Value], places: dict[Value, Any]) -> dict[Value, int]:
    """Node -> the number of its class; ``order`` has parents first. Nodes of different ``places`` differ."""
    used: dict[Value, set[tuple[int, int]]] = {node: set() for node in order}
    numbers: dict[Any, int] = {}
    classes: dict[Value, int] = {}
    for node in reversed(order):
        kind = node.op if node.parents else "constant" if node.is_constant else "leaf"
        key = (kind, places.get(node), frozenset(used.pop(node)))
        mine = classes[node] = numbers.setdefault(key, len(numbers))
        if not node.parents:
            continue
        row = node.primitive
        operands = len(row.arguments)
        each = len(node.parents) // operands if row.variadic else 1  # so many parents make up one operand
        for i, parent in enumerate(node.parents):
            if parent in used:
                used[parent].add((mine, i // each))
    return classes
