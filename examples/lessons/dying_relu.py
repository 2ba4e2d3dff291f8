"""The dying ReLU: one step too large, and it is 0 for ever; the leaky cure.

    python examples/lessons/dying_relu.py

The same neuron, start and steps; only what the activation does below 0 differs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

import nn

X, TARGETS = [[1.0], [2.0]], [0.5, 1.0]
SHOWN = (0, 1, 2, 3, 10, 30, 100, 300)
LEAK = 0.1


def train(activation: nn.Module) -> tuple[list[float], list[float], bool]:
    """The loss before each step, the gradient of the weight at each, and whether the neuron is dead in the end."""
    neuron = nn.Neuron(1, activation, init=1.0)
    losses, slopes = [], []
    for step in range(SHOWN[-1] + 1):
        loss = nn.mean_squared_error([neuron(x) for x in X], TARGETS)
        neuron.zero_grad()
        loss.backward()
        losses.append(loss.data)
        slopes.append(neuron.w[0].grad)
        rate = 1.0 if step == 0 else 0.1  # the first step is too large
        for parameter in neuron.parameters():
            parameter.data -= rate * parameter.grad
    return losses, slopes, bool(nn.health(neuron, X).dead)


class Result(NamedTuple):
    relu_losses: list[float]
    leaky_losses: list[float]
    relu_gradients: list[float]
    relu_is_dead: bool
    leaky_is_dead: bool
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("THE DYING RELU: where it is off, it is flat, and nothing can switch it on\n")
    print("    a = relu(w·x + b)      samples: x = 1 → 0.5, x = 2 → 1")
    print("    start: w = 1, b = 0    first step with rate 1 (too large), then 0.1")
    print("    loss: mean of (a − target)²    gradient: that of w\n")
    wrong, wrong_slopes, wrong_dead = train(nn.ReLU())
    right, right_slopes, right_dead = train(nn.LeakyReLU(LEAK))
    rows = [
        (f"{i}", f"loss {wrong[i]:.4f}  gradient {wrong_slopes[i]:+.4f}",
         f"loss {right[i]:.4f}  gradient {right_slopes[i]:+.4f}")
        for i in SHOWN
    ]  # fmt: skip
    first = table(print, ["step", "WRONG: relu", f"RIGHT: leaky_relu, slope {LEAK} below 0"], rows)
    verdict = ", ".join(
        f"{name} {'dead' if dead else 'alive'}" for name, dead in (("relu", wrong_dead), ("leaky_relu", right_dead))
    )
    print(f"""
Claim: after the first step w·x + b is below 0 on both samples. relu is flat
there: gradient 0, so w and b never move again. leaky_relu still slopes a
little: worse at first, with outputs below 0, it climbs out and learns, down to
a loss of {right[-1]:.4f}.
nn.health calls the neuron with {verdict}.""")
    return Result(wrong, right, wrong_slopes, wrong_dead, right_dead, first)


if __name__ == "__main__":
    main()
