"""The plain numbers that fill in for a vector of Values: a network's inputs, which are numbers and no nodes.

A neuron's ``dot(w, [0.5, -1.0])`` keeps its inputs in its row; in pictures they have boxes all the same.

>>> from autograd_tiny import Value, dot
>>> y = dot([Value(2.0), Value(3.0)], [0.5, -1.0])
>>> [each.name for each in givens([y])[y]], [each.data for each in givens([y])[y]]
(['x₁', 'x₂'], [0.5, -1.0])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from autograd_tiny import Value
from autograd_tiny.explaining.network_names import lowered, raised

from .page.inputs import is_filled as is_filled


class Given(NamedTuple):
    """One such number, and what it is called."""

    name: str
    data: float


def givens(nodes: Iterable[Value]) -> dict[Value, tuple[Given, ...]]:
    """Of each of the nodes its numbers; x₁, x₂, … with the vector's own where there are several: x₁⁽²⁾."""
    vectors: dict[tuple[float, ...], int] = {}
    of: dict[Value, tuple[float, ...]] = {}
    for node in nodes:
        of[node] = tuple(node.local_derivatives)
        vectors.setdefault(of[node], len(vectors) + 1)
    return {
        node: tuple(
            Given(f"x{lowered(place)}{raised(vectors[numbers]) if len(vectors) > 1 else ''}", x)
            for place, x in enumerate(numbers, start=1)
        )
        for node, numbers in of.items()
    }
