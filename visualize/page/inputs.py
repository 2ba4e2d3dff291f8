"""The operands of a node as the page has them: its parents, and the plain numbers that fill in for a vector.

A neuron's ``dot(w, [0.5, -1.0])`` keeps its inputs in its row, where they take no node. On a page they are boxes of
their own, so that a network's inputs are seen, and can be moved.

>>> from autograd_tiny import Value, dot
>>> w = [Value(2.0, "w1"), Value(3.0, "w2")]
>>> y = dot(w, [0.5, -1.0])
>>> full(y).arguments, [operand.data for operand in operands(y, {})]
(('ws', 'xs'), [2.0, 3.0, 0.5, -1.0])
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd_tiny import Value
from autograd_tiny.explaining.network_names import lowered, raised
from autograd_tiny.table.ops import TABLE
from autograd_tiny.table.primitive import Primitive


@dataclass(eq=False, frozen=True, slots=True)
class Input:
    """A plain number that fills in for an operand."""

    data: float
    place: int
    """Which element of its vector, counted from 1."""
    vector: int
    """Which vector of the graph, counted from 1."""

    def name(self, several: bool) -> str:
        """x₂, and x₂⁽³⁾ where there are ``several`` vectors."""
        return f"x{lowered(self.place)}{raised(self.vector) if several else ''}"


Known = dict[tuple[float, ...], tuple[Input, ...]]
"""The vectors of numbers that were met; neurons of one layer see the same."""


def is_filled(node: Value) -> bool:
    """Whether plain numbers stand for one of its vectors."""
    row = TABLE.get(node.op)
    return row is not None and node.primitive is not row and row.fill is not None


def full(node: Value) -> Primitive:
    """The row of the operation on all its operands."""
    return TABLE[node.op] if is_filled(node) else node.primitive


def operands(node: Value, known: Known) -> list[Value | Input]:
    """The node's parents, then the numbers that fill in; those of a vector that is ``known`` are the same."""
    if not is_filled(node):
        return list(node.parents)
    numbers = tuple(node.local_derivatives)
    if numbers not in known:
        vector = len(known) + 1
        known[numbers] = tuple(Input(x, place, vector) for place, x in enumerate(numbers, start=1))
    return [*node.parents, *known[numbers]]
