"""Accumulation: a value that is used several times adds up its gradients.

    python examples/lessons/accumulate.py

The wrong variant writes `parent.grad = ...` where `parent.grad += ...` is right. One character.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

from autograd_tiny import Value


class Number:
    """A learner's first engine: `+`, `*` and a backward pass down a tree."""

    def __init__(self, data: float, edges: tuple[tuple[Number, float], ...] = ()) -> None:
        self.data, self.edges, self.grad = data, edges, 0.0

    def __add__(self, other: Number) -> Number:
        return Number(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Number) -> Number:
        return Number(self.data * other.data, ((self, other.data), (other, self.data)))

    def backward(self, assign: bool, told: Callable[[Number, float], None], upstream: float = 1.0) -> None:
        if assign:
            self.grad = upstream  # WRONG: forgets what came before
        else:
            self.grad += upstream  # RIGHT
        told(self, upstream)
        for parent, local in self.edges:
            parent.backward(assign, told, upstream * local)


def run(assign: bool) -> tuple[list[tuple[float, float]], float]:
    """What `a` is told each time, with a.grad after it; and a.grad in the end, for y = a·a + a at a = 3."""
    a = Number(3.0)
    y = a * a + a
    log: list[tuple[float, float]] = []
    y.backward(assign, lambda node, came: log.append((came, node.grad)) if node is a else None)
    return log, a.grad


class Result(NamedTuple):
    wrong: float
    right: float
    value: float
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("ACCUMULATION: a value used several times adds up its gradients\n")
    print("    y = a·a + a   at a = 3      dy/da = 2a + 1 = 7\n")
    print("a stands in three places. Each place sends its share down to a.\n")
    wrong_log, wrong = run(assign=True)
    right_log, right = run(assign=False)
    places = ["left of a·a", "right of a·a", "the last + a"]
    rows = [
        (f"{place}: {came:g}", f"a.grad = {bad:g}", f"a.grad = {good:g}")
        for place, (came, bad), (_, good) in zip(places, wrong_log, right_log, strict=True)
    ]
    first = table(print, ["a is sent, from", "WRONG: grad = g", "RIGHT: grad += g"], rows)

    a = Value(3.0)
    (a * a + a).backward()
    print(f"\nautograd_tiny: dy/da = {a.grad:g}")
    print(f"""
Claim: `=` keeps only what came last, {wrong:g}. The shares must be added,
3 + 3 + 1 = {right:g}: if a grows a little, y grows through all three places at once.""")
    return Result(wrong, right, a.grad, first)


if __name__ == "__main__":
    main()
