"""Saturation: where a sigmoid is flat, no gradient gets through.

    python examples/lessons/saturation.py

First one neuron that starts far out beside one that starts near 0; then stacks of sigmoids beside stacks of ReLUs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

from autograd_tiny import Value, gradients

RATE, STEPS, SHOWN = 2.0, 100, (0, 1, 2, 5, 10, 20, 50, 100)
DEPTHS = (1, 2, 3, 5, 10, 20)


def learn(start: float) -> list[tuple[float, float]]:
    """(slope of the sigmoid, cost) before each step and after the last; the neuron is to learn to say 0."""
    w = Value(start)
    log = []
    for _ in range(STEPS + 1):
        z = w * 1.0
        a = z.sigmoid()
        cost = a**2 / 2.0
        log.append((gradients(a, z), cost.data))
        w.data -= RATE * gradients(cost, w)
    return log


def stack(activation: Callable[[Value], Value], depth: int) -> float:
    """How much the output of `depth` neurons in a row moves with the first weight; all weights 1, the input 1."""
    first = Value(1.0)
    a = activation(first * 1.0)
    for _ in range(depth - 1):
        a = activation(1.0 * a)
    return gradients(a, first)


class Result(NamedTuple):
    saturated_costs: list[float]
    costs: list[float]
    sigmoid_gradients: list[float]
    relu_gradients: list[float]
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("SATURATION: where a sigmoid is flat, no gradient gets through\n")
    print("    a = σ(w)      cost = a²/2      target 0      learning rate 2\n")
    print("Both should say 0. The left one is further off, so it has more to learn.\n")
    wrong, right = learn(6.0), learn(1.0)
    rows = [
        (
            f"{i}",
            f"slope {wrong[i][0]:.5f}   cost {wrong[i][1]:.4f}",
            f"slope {right[i][0]:.5f}   cost {right[i][1]:.4f}",
        )
        for i in SHOWN
    ]
    first = table(print, ["step", "WRONG: starts at w = 6", "RIGHT: starts at w = 1"], rows)
    print(f"""
Claim: after {STEPS} steps the left neuron's cost is still {wrong[-1][1]:.2f}, the right one's
{right[-1][1]:.3f}. The gradient of w is (a − 0) × slope, and far from 0 the slope σ′ is
nearly nothing: such a neuron is saturated.

Now a deep stack, every weight 1: how far does the first weight move the output?
A sigmoid's slope is 0.25 at most, so each layer divides by 4 or more.
""")
    sigmoids = [stack(Value.sigmoid, depth) for depth in DEPTHS]
    relus = [stack(Value.relu, depth) for depth in DEPTHS]
    print("  layers   WRONG: sigmoid   RIGHT: relu\n  ──────   ──────────────   ───────────")
    for depth, small, large in zip(DEPTHS, sigmoids, relus, strict=True):
        print(f"  {depth:<6}   {small:<14.2g}   {large:g}")
    print(f"""
Claim: {DEPTHS[-1]} sigmoids leave {sigmoids[-1]:.0e} of the gradient: it has vanished. A ReLU that is
on has slope 1 and passes all of it. (nn.health finds both in your own model.)""")
    return Result([cost for _, cost in wrong], [cost for _, cost in right], sigmoids, relus, first)


if __name__ == "__main__":
    main()
