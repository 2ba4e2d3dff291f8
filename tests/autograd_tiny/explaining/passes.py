"""What the tests of passes share: the gradients of a graph to the bit, and a small graph with names."""

from __future__ import annotations

import struct

from autograd_tiny import Value

State = list[tuple[bytes, bool]]


def bits(x: float) -> bytes:
    return struct.pack("d", x)


def state(order: list[Value]) -> State:
    """Every gradient to the bit, and whether a backward has reached the node."""
    return [(bits(node.grad), node.backward_ran) for node in order]


def example() -> tuple[Value, dict[str, Value]]:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    root = d.tanh() * a
    root.label = "L"
    return root, {node.label: node for node in (a, b, c, d, root)}
