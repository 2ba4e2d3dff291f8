"""A second backward: it is not enough to clear the leaves.

    python examples/lessons/second_backward.py

The wrong variant is micrograd's rule, `+=` everywhere. The right one gives every node in between a fresh gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

from autograd_tiny import Value


class Number:
    """micrograd in a few lines: a product, and a backward pass that adds into every node."""

    def __init__(self, data: float, edges: tuple[tuple[Number, float], ...] = ()) -> None:
        self.data, self.edges, self.grad = data, edges, 0.0

    def __mul__(self, other: Number) -> Number:
        return Number(self.data * other.data, ((self, other.data), (other, self.data)))


def backward(order: list[Number]) -> None:
    """`order` is topological: the output first."""
    order[0].grad = 1.0
    for node in order:
        for parent, local in node.edges:
            parent.grad += local * node.grad  # WRONG for a node in between that ran before


class Result(NamedTuple):
    wrong: list[float]
    right: list[float]
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("A SECOND BACKWARD: old gradients in the middle of the graph\n")
    print("    t = x·x      y = t·x = x³      at x = 3:  dy/dx = 3x² = 27\n")
    x1 = Number(3.0)
    t1 = x1 * x1
    y1 = t1 * x1
    x2 = Value(3.0)
    t2 = x2 * x2
    y2 = t2 * x2
    rows: list[tuple[str, float, float]] = []
    for run in ("first backward", "second backward"):
        backward([y1, t1, x1])
        y2.backward()
        rows += [(f"{run}: {name}.grad", p.grad, q.grad)
                 for name, p, q in (("y", y1, y2), ("t", t1, t2), ("x", x1, x2))]  # fmt: skip
        if run == "first backward":
            x1.grad = x2.grad = 0.0  # what zero_grad() does: it clears the leaves
            rows.append(("x.grad = 0", x1.grad, x2.grad))
    first = table(print, ["", "WRONG: micrograd", "RIGHT: autograd_tiny"], rows)
    print(f"""
Claim: t still held 3 from the first run and got 3 more, so x is told
9 + 6 × 6 = {x1.grad:g}. Right is 9 + 3 × 6 = {x2.grad:g} again: only leaves collect from run
to run, the nodes in between start afresh.""")
    return Result([p for _, p, _ in rows], [q for _, _, q in rows], first)


if __name__ == "__main__":
    main()
