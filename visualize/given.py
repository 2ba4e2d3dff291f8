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

from .page.inputs import Input, Known, operands
from .page.inputs import is_filled as is_filled


class Given(NamedTuple):
    """One such number, and what it is called."""

    name: str
    data: float


def givens(nodes: Iterable[Value]) -> dict[Value, tuple[Given, ...]]:
    """Of each of the nodes its numbers; x₁, x₂, … with the vector's own where there are several: x₁⁽²⁾."""
    known: Known = {}
    of = {node: [each for each in operands(node, known) if isinstance(each, Input)] for node in nodes}
    return {node: tuple(Given(each.name(len(known) > 1), each.data) for each in inputs) for node, inputs in of.items()}
