"""Logistic regression: one neuron tells malignant from benign tumours (scikit-learn's breast cancer set).

The neuron computes ``p = σ(w · x + b)`` from 30 measurements of a tumour, each standardised by the training part's
mean and deviation; the cost is binary cross-entropy. 426 tumours train it and 143 that it has not seen test it.

    python examples/logistic_regression.py
"""

from __future__ import annotations

from typing import Any

import nn


def data(seed: int) -> tuple[Any, Any, Any, Any]:
    """Training measurements, test measurements, training labels, test labels (1 is benign)."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    measured, labels = load_breast_cancer(return_X_y=True)
    training, test, *sides = train_test_split(measured, labels, random_state=seed, stratify=labels)
    scaler = StandardScaler().fit(training)
    return scaler.transform(training), scaler.transform(test), *sides


def main(epochs: int | None = None, seed: int = 0, verbose: int = 1) -> dict[str, Any]:
    """The share of test tumours told right, with the history of the training."""
    training, test, training_labels, test_labels = data(seed)
    neuron = nn.Neuron(30, "sigmoid", seed=seed, init=0.0)  # one neuron has no symmetry to break: zeros will do
    history = nn.fit(
        neuron, training, training_labels, loss="binary_cross_entropy",
        optimizer=nn.SGD(neuron.parameters(), lr=0.1, momentum=0.9), epochs=epochs or 30, batch_size=32, seed=seed,
        metrics=[told_right], verbose=verbose,
    )  # fmt: skip
    accuracy = told_right([neuron(x) for x in test.tolist()], test_labels)
    if verbose:
        print(f"test accuracy {accuracy:.3f} on {len(test)} tumours after {history.epochs} epochs")
    return {"accuracy": accuracy, "history": history}


def told_right(probabilities: Any, labels: Any) -> float:
    """The share of probabilities on the right side of one half."""
    return nn.accuracy(probabilities, labels, threshold=0.5)


if __name__ == "__main__":
    main()
