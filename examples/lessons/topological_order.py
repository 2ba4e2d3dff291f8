"""Topological order: pass a gradient on only when all of it is there.

    python examples/lessons/topological_order.py

The wrong variant walks from the output downwards and takes each node the first time that it meets it. The right one
takes a node only after every node that uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

import autograd_tiny


class Node:
    """A number, the nodes that it was made of, and its derivative towards each of them."""

    def __init__(self, name: str, edges: list[tuple[Node, float]]) -> None:
        self.name, self.edges, self.grad = name, edges, 0.0


def first_met(root: Node) -> list[Node]:
    """WRONG: the nodes as they are met on the way down from the root."""
    order = [root]
    for node in order:
        for parent, _ in node.edges:
            if parent not in order:
                order.append(parent)
    return order


def topological(root: Node) -> list[Node]:
    """RIGHT: a node comes after all that use it. (It is listed when all below it are, and the list is turned round.)"""
    finished: list[Node] = []

    def finish(node: Node) -> None:
        if node not in finished:
            for parent, _ in node.edges:
                finish(parent)
            finished.append(node)

    finish(root)
    return finished[::-1]


def backward(root: Node, order: list[Node]) -> list[str]:
    """Run the chain rule in this order; what each step did, in words."""
    said = []
    root.grad = 1.0
    for node in order:
        for parent, local in node.edges:
            parent.grad += local * node.grad
            said.append(f"{node.name} sends {local:g} × {node.grad:g}: {parent.name}.grad = {parent.grad:g}")
    return said


def graph() -> tuple[Node, Node]:
    """a and y of: b = 3a, c = 2b, y = b + c."""
    a = Node("a", [])
    b = Node("b", [(a, 3.0)])
    c = Node("c", [(b, 2.0)])
    return a, Node("y", [(b, 1.0), (c, 1.0)])


class Result(NamedTuple):
    wrong: float
    right: float
    value: float
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("TOPOLOGICAL ORDER: a node passes its gradient on only when it has all of it\n")
    print("    b = 3a      c = 2b      y = b + c      so y = 9a, and dy/da must be 9\n")
    print("b is used twice: by y and by c. It must wait for both.")
    print('("b sends 3 × 1": the local derivative db/da = 3, times b.grad = 1.)\n')
    wrong_a, wrong_y = graph()
    right_a, right_y = graph()
    wrong, right = backward(wrong_y, first_met(wrong_y)), backward(right_y, topological(right_y))
    rows = [(f"{i}", *cells) for i, cells in enumerate(zip(wrong, right, strict=True), start=1)]
    heads = ["step", "WRONG: as first met (y, b, c)", "RIGHT: topological (y, c, b)"]
    first = table(print, heads, [*rows, ("end", f"dy/da = {wrong_a.grad:g}", f"dy/da = {right_a.grad:g}")])

    a = autograd_tiny.Value(1.0)
    b = 3.0 * a
    c = 2.0 * b
    (b + c).backward()
    print(f"\nautograd_tiny: dy/da = {a.grad:g}")
    print(f"""
Claim: on the left b passed on 1, all that it had by then. The 2 that c sends it
comes too late: b is never visited again, and a is told {wrong_a.grad:g} instead of {right_a.grad:g}.""")
    return Result(wrong_a.grad, right_a.grad, a.grad, first)


if __name__ == "__main__":
    main()
