"""What if a leaf had another number: the graph built anew on it, since a computed node keeps what it was computed from.

>>> from autograd_tiny import Value
>>> from autograd_tiny.core import topological_order
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> y = (a * b).tanh(); y.label = "y"
>>> new = with_number(topological_order(y), a, 0.5)
>>> new[y].label, round(new[y].data, 4), y.data == new[y].data, a.data
('y', -0.9051, False, 0.5)
"""

from __future__ import annotations

from collections.abc import Sequence

from ...core import Value, apply
from ...table.ops import TABLE


def with_number(order: Sequence[Value], leaf: Value, number: float) -> dict[Value, Value]:
    """Set the leaf's ``data``; for each node of ``order`` that depends on it, its like on the new numbers.

    Where a number is refused, or an operation has no finite answer, the leaf has its old number again.
    """
    before = leaf.data
    leaf.data = number
    new: dict[Value, Value] = {}
    try:
        for node in order:
            if any(parent is leaf or parent in new for parent in node.parents):
                new[node] = again(node, [new.get(parent, parent) for parent in node.parents])
    except BaseException:  # Ctrl-C too
        leaf.data = before
        raise
    return new


def again(node: Value, parents: Sequence[Value]) -> Value:
    """The operation of ``node`` on other parents, under its label."""
    row = node.primitive
    arguments = row.operands(list(parents))
    full = TABLE.get(node.op, row)
    if full is not row and full.fill is not None:  # plain numbers stand for one of the vectors
        row, arguments = full, [*arguments, list(node.local_derivatives)]
    made = apply(row, tuple(arguments))
    made.label = node.label
    return made
