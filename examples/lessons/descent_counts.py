"""Epoch, iteration, batch: how often do the weights move?

    python examples/lessons/descent_counts.py

The wrong variant divides and rounds down: it forgets the last, short batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

import nn

X = [[float(i)] for i in range(1, 11)]
TARGETS = [0.5 * x for [x] in X]
EPOCHS = 3
KINDS = {"batch": len(X), "mini-batch": 4, "stochastic": 1}


class Result(NamedTuple):
    expected: dict[str, int]
    iterations: dict[str, int]
    epochs: dict[str, int]
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("EPOCH, ITERATION, BATCH: how often do the weights move?\n")
    print("  batch       the samples that are looked at before one step")
    print("  iteration   one step: the gradient over a batch, then the weights move")
    print("  epoch       once through all samples\n")
    print(f"    {len(X)} samples, {EPOCHS} epochs; iterations = batches in an epoch × epochs\n")
    expected, iterations, epochs = {}, {}, {}
    rows = []
    for kind, size in KINDS.items():
        model = nn.Neuron(1, "linear", init=0.0)
        optimizer = nn.SGD(model.parameters(), lr=0.001)
        history = nn.fit(
            model, X, TARGETS, loss="mse", optimizer=optimizer, epochs=EPOCHS, batch_size=size, seed=0, verbose=0
        )
        wrong, right = len(X) // size, history.iterations // history.epochs
        expected[kind], iterations[kind], epochs[kind] = wrong * EPOCHS, history.iterations, history.epochs
        sizes = [min(size, len(X) - start) for start in range(0, len(X), size)]
        parts = " + ".join(map(str, sizes)) if len(sizes) < 5 else f"{' + '.join(map(str, sizes[:3]))} + …"
        rows.append((
            f"{kind}, {parts}",
            f"{wrong} × {EPOCHS} = {wrong * EPOCHS} iterations",
            f"{right} × {EPOCHS} = {history.iterations} iterations",
        ))  # fmt: skip
    first = table(print, ["the batches of an epoch", "WRONG: rounded down", "RIGHT: History of nn.fit"], rows)
    print(f"""
Claim: {len(X)} samples in batches of 4 are 4 + 4 + 2: three steps an epoch, not two.
The short batch counts too, or 2 samples would never be learnt from.
The same {EPOCHS} epochs move the weights {iterations["batch"]} times in batch descent,
{iterations["mini-batch"]} times in mini-batch descent and {iterations["stochastic"]} times in stochastic descent.""")
    return Result(expected, iterations, epochs, first)


if __name__ == "__main__":
    main()
