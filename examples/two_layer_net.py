"""A 2-3-1 sigmoid network, neuron by neuron and as the matrix form ``a = σ(W x + b)``: the same numbers.

The forward pass of the scalar network, three neurons and then one, is compared with two matrix products of its own
weights in numpy, on every point; then the network learns which points lie inside a circle.

    python examples/two_layer_net.py
"""

from __future__ import annotations

from typing import Any

import nn


def data(points: int, seed: int) -> tuple[Any, Any]:
    """Points of the square from -1 to 1, and 1 for those within 0.7 of its middle."""
    import numpy as np

    xs = np.random.default_rng(seed).uniform(-1.0, 1.0, (points, 2))
    return xs, ((xs**2).sum(axis=1) < 0.49).astype(int)


def matrix_form(model: nn.MLP, xs: Any) -> Any:
    """The outputs of the same network by ``a = σ(W x + b)``, layer by layer, for the points in the rows of ``xs``."""
    import numpy as np

    state = model.state_dict()
    a = xs.T
    for layer in range(len(model.layers)):
        W, b = (np.array(state[f"layers.{layer}.{name}"]) for name in ("weight", "bias"))
        a = 1.0 / (1.0 + np.exp(-(W @ a + b[:, None])))
    return a[0]


def largest_difference(model: nn.MLP, xs: Any) -> float:
    """How far the neurons and the matrices are apart at most."""
    return max(abs(model(x).data - a) for x, a in zip(xs.tolist(), matrix_form(model, xs), strict=True))


def main(epochs: int | None = None, seed: int = 1, verbose: int = 1) -> dict[str, Any]:
    """The largest difference between the two forms before and after training, and the accuracy reached."""
    xs, inside = data(200, seed)
    model = nn.MLP(2, [3, 1], ["sigmoid", "sigmoid"], seed=seed)
    before = largest_difference(model, xs)
    history = nn.fit(
        model, xs, inside, loss="binary_cross_entropy", optimizer=nn.Adam(model.parameters(), lr=0.05),
        epochs=epochs or 100, batch_size=20, seed=seed, verbose=verbose,
    )  # fmt: skip
    after = largest_difference(model, xs)
    accuracy = nn.accuracy([model(x) for x in xs.tolist()], inside, threshold=0.5)
    if verbose:
        print(f"neurons and matrices differ by at most {before:.1e} before training, {after:.1e} after")
        print(f"{accuracy:.1%} of the points are told right")
    return {"difference": max(before, after), "accuracy": accuracy, "history": history}


if __name__ == "__main__":
    main()
