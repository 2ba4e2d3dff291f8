"""Regression net, 3-5-2: from three exercises to weight and waist (scikit-learn's linnerud, 20 men at a gym).

Sigmoid hidden layer, linear output; the cost of a sample is half the sum of squares, its gradient averaged over the
samples of a step. Three ways to descend, which differ in the batch alone: all samples a step (batch), one
(stochastic), five (mini-batch). Each stops early once the cost of an epoch is below τ.

    python examples/regression.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad
import nn

TOLERANCE = 0.5
"""τ. Targets are standardised, so that predicting the mean costs ½ (1 + 1) = 1."""

WAYS: dict[str, int | None] = {"batch": None, "mini-batch": 5, "stochastic": 1}


def data() -> tuple[Any, Any]:
    """Chin-ups, sit-ups and jumps of each man; his weight and waist. All standardised."""
    from sklearn.datasets import load_linnerud
    from sklearn.preprocessing import StandardScaler

    exercises, measures = load_linnerud(return_X_y=True)
    scaled = (StandardScaler().fit_transform(part) for part in (exercises, measures[:, :2]))
    return next(scaled), next(scaled)


def cost(outputs: Any, targets: Any) -> ad.Value:
    """Half the sum of squares over the outputs of a sample, averaged over the samples."""
    return nn.half_sum_of_squares(outputs, targets) / len(outputs)


def main(epochs: int | None = None, seed: int = 0, verbose: int = 1) -> dict[str, Any]:
    """The history of each way to descend."""
    exercises, measures = data()
    histories = {}
    for way, batch_size in WAYS.items():
        model = nn.MLP(3, [5, 2], ["sigmoid", "linear"], seed=seed)
        histories[way] = nn.fit(
            model, exercises, measures, loss=cost, optimizer=nn.SGD(model.parameters(), lr=0.1), epochs=epochs or 2000,
            batch_size=batch_size, seed=seed, tolerance=TOLERANCE, verbose=verbose,
        )  # fmt: skip
    if verbose:
        for way, history in histories.items():
            print(
                f"{way:10}  cost {history.loss[0]:.3f} → {history.loss[-1]:.3f}  {history.status} after "
                f"{history.epochs} epochs of {history.iterations // history.epochs} iterations"
            )
    return {"histories": histories}


if __name__ == "__main__":
    main()
