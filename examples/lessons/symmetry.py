"""Symmetry: neurons that start equal stay equal; so start at random.

    python examples/lessons/symmetry.py

The wrong variant gives every weight the same number, the right one draws them at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

import nn

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = [0.0, 1.0, 1.0, 0.0]
STEPS, SHOWN, SEED = 300, (0, 1, 2, 10, 50, 100, 300), 1

Weights = tuple[list[float], list[float]]


def train(init: float | str) -> tuple[list[Weights], list[float]]:
    """The weights of the two hidden neurons and the loss, before each step and after the last."""
    model = nn.MLP(2, [2, 1], "tanh", seed=SEED, init=init)
    optimizer = nn.SGD(model.parameters(), lr=0.3)
    weights, losses = [], []
    for _ in range(STEPS + 1):
        loss = nn.mean_squared_error([model(x) for x in X], TARGETS)
        losses.append(loss.data)
        one, two = ([*(w.data for w in neuron.w), neuron.b.data] for neuron in model.layers[0].neurons)
        weights.append((one, two))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return weights, losses


def cell(weights: Weights, loss: float) -> str:
    one, two = weights
    return f"{one[0]:+.2f} {two[0]:+.2f} {'equal ' if one == two else 'differ'}  loss {loss:.3f}"


class Result(NamedTuple):
    wrong_weights: list[Weights]
    right_weights: list[Weights]
    wrong_losses: list[float]
    right_losses: list[float]
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("SYMMETRY: equal weights stay equal\n")
    print("    2 inputs, 2 hidden tanh neurons, 1 output; learns exclusive or (XOR)\n")
    print("Beside each step: the first weight of hidden neuron 1 and of hidden neuron 2.\n")
    wrong, wrong_losses = train(0.5)
    right, right_losses = train("uniform")
    rows = [(f"{i}", cell(wrong[i], wrong_losses[i]), cell(right[i], right_losses[i])) for i in SHOWN]
    first = table(print, ["step", "WRONG: all weights 0.5", "RIGHT: random weights"], rows)
    print(f"""
Claim: two neurons with the same weights see the same numbers, get the same
gradient and take the same step, for ever: after {STEPS} steps they are equal to the
last bit. Two neurons then do the work of one, which cannot learn XOR: the loss
is still {wrong_losses[-1]:.3f}. Random weights make them different: it falls to {right_losses[-1]:.3f}.""")
    return Result(wrong, right, wrong_losses, right_losses, first)


if __name__ == "__main__":
    main()
