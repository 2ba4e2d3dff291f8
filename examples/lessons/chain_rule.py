"""The chain rule: ∂C/∂w⁽¹⁾ has a factor for every link, each sigmoid included.

    python examples/lessons/chain_rule.py

The wrong variant multiplies the weights on the way and forgets the slopes σ′ of the activations.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import NamedTuple

from side_by_side import table

from autograd_tiny import Value

X, Y = 1.0, 0.0
W1, W2, W3, B = 0.5, -1.5, 2.0, 0.1
WIDTH = 15


def sigmoid(z: float) -> float:
    return 1.0 / (1.0 + exp(-z))


class Result(NamedTuple):
    wrong: float
    right: float
    value: float
    by_difference: float
    first_difference: int | None


def cost(w1: float) -> float:
    """The whole network as plain arithmetic, to move w⁽¹⁾ a little."""
    a1 = sigmoid(w1 * X + B)
    a2 = sigmoid(W2 * a1 + B)
    a3 = sigmoid(W3 * a2 + B)
    return (a3 - Y) ** 2


def main(print: Callable[..., object] = print) -> Result:
    print("THE CHAIN RULE: one factor for every link between w⁽¹⁾ and the cost\n")
    print("    x ─w⁽¹⁾→ z⁽¹⁾ ─σ→ a⁽¹⁾ ─w⁽²⁾→ z⁽²⁾ ─σ→ a⁽²⁾ ─w⁽³⁾→ z⁽³⁾ ─σ→ a⁽³⁾ → C\n")
    print("    z⁽ˡ⁾ = w⁽ˡ⁾ a⁽ˡ⁻¹⁾ + b      a⁽ˡ⁾ = σ(z⁽ˡ⁾)      C = (a⁽³⁾ − y)²")
    print(f"    x = {X:g}   y = {Y:g}   w⁽¹⁾ = {W1}   w⁽²⁾ = {W2}   w⁽³⁾ = {W3}   each b = {B}\n")

    w1 = Value(W1, "w1")
    z1 = w1 * X + B
    a1 = z1.sigmoid()
    z2 = W2 * a1 + B
    a2 = z2.sigmoid()
    z3 = W3 * a2 + B
    a3 = z3.sigmoid()
    C = (a3 - Y) ** 2
    C.backward()
    for layer, z, a in ((1, z1, a1), (2, z2, a2), (3, z3, a3)):
        print(f"    forward, layer {layer}:   z = {z.data:+.4f}   a = {a.data:.4f}")
    print(f"    cost:               C = {C.data:.4f}\n")

    links = [  # name, formula, number, and whether the learner forgot it
        ("∂C/∂a⁽³⁾", "2(a⁽³⁾ − y)", 2.0 * (a3.data - Y), False),
        ("∂a⁽³⁾/∂z⁽³⁾", "σ′(z⁽³⁾)", a3.data * (1.0 - a3.data), True),
        ("∂z⁽³⁾/∂a⁽²⁾", "w⁽³⁾", W3, False),
        ("∂a⁽²⁾/∂z⁽²⁾", "σ′(z⁽²⁾)", a2.data * (1.0 - a2.data), True),
        ("∂z⁽²⁾/∂a⁽¹⁾", "w⁽²⁾", W2, False),
        ("∂a⁽¹⁾/∂z⁽¹⁾", "σ′(z⁽¹⁾)", a1.data * (1.0 - a1.data), True),
        ("∂z⁽¹⁾/∂w⁽¹⁾", "x", X, False),
    ]
    names = [name for name, *_ in links]
    print(f"    ∂C/∂w⁽¹⁾ = {' · '.join(names[:4])}")
    print(f"               · {' · '.join(names[4:])}\n")
    wrong = right = 1.0
    rows = []
    for name, formula, number, forgotten in links:
        right *= number
        wrong *= 1.0 if forgotten else number
        factor = "forgotten" if forgotten else f"× {number:+.4f}"
        rows.append((f"{name} = {formula}", f"{factor:<9} → {wrong:+.5f}", f"× {number:+.4f} → {right:+.5f}"))
    first = table(print, ["link", "WRONG: without the σ′", "RIGHT: every link"], rows)
    step = 1e-5
    by_difference = (cost(W1 + step) - cost(W1 - step)) / (2.0 * step)
    print(f"""
    moving w⁽¹⁾ by a hair:   ∂C/∂w⁽¹⁾ = {by_difference:+.5f}
    autograd_tiny:           ∂C/∂w⁽¹⁾ = {w1.grad:+.5f}

Claim: the product of all seven is the gradient, {right:+.5f}. Without the three
slopes it is {wrong / right:.0f} times too large: each of them is 0.25 at most.""")
    return Result(wrong, right, w1.grad, by_difference, first)


if __name__ == "__main__":
    main()
