"""Digit recogniser: a feed-forward sigmoid network reads handwritten digits (scikit-learn's, 8 × 8 pixels).

64 inputs scaled to 0..1, 30 hidden sigmoid neurons, 10 outputs, one a digit; squared error against a 1 for the right
digit and 0 for the others, by stochastic gradient descent on mini-batches of 16, as the source articles have it.
1,437 digits train it and 360 that it has not seen test it.

    python examples/digits.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad
import nn


def data(seed: int) -> tuple[Any, Any, Any, Any]:
    """Training pixels, test pixels, training digits, test digits."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, digits = load_digits(return_X_y=True)
    parts = train_test_split(pixels / 16.0, digits, test_size=360, random_state=seed, stratify=digits)
    return tuple(parts)  # type: ignore[return-value]


def one_hot(digits: Any) -> list[list[float]]:
    """For each digit ten numbers: 1 in its own place and 0 elsewhere."""
    return [[float(digit == place) for place in range(10)] for digit in digits]


def cost(outputs: Any, targets: Any) -> ad.Value:
    """Half the squared error of a sample, summed over its ten outputs and averaged over the samples."""
    return nn.half_sum_of_squares(outputs, targets) / len(outputs)


def main(epochs: int | None = None, seed: int = 0, verbose: int = 1) -> dict[str, Any]:
    """The share of test digits read right, with the history of the training."""
    training, test, training_digits, test_digits = data(seed)
    model = nn.MLP(64, [30, 10], ["sigmoid", "sigmoid"], seed=seed, init="xavier")
    history = nn.fit(
        model, training, one_hot(training_digits), loss=cost, optimizer=nn.SGD(model.parameters(), lr=3.0),
        epochs=epochs or 30, batch_size=16, seed=seed, verbose=verbose,
    )  # fmt: skip
    accuracy = nn.categorical_accuracy([model(x) for x in test.tolist()], test_digits)
    if verbose:
        print(f"read right: {accuracy:.1%} of {len(test)} digits never seen, after {history.epochs} epochs")
    return {"accuracy": accuracy, "history": history}


if __name__ == "__main__":
    main()
