"""The image classifier 4096-8-1 by hand in numpy, and in PyTorch: what a network of scalars is measured against.

ReLU in the hidden layer, sigmoid at the output, mean binary cross-entropy. Each function takes the data and returns
the pass to time: forward to the loss and backward to the gradients, float64 throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

SAMPLES, PIXELS, HIDDEN = 209, 4096, 8


class Data(NamedTuple):
    """Images, labels 0 and 1, and the initial weights, as numpy arrays; biases start at 0."""

    images: Any
    labels: Any
    hidden: Any
    output: Any


class Gradients(NamedTuple):
    """The derivatives of the loss by the hidden layer's weights (8 × 4096) and biases, and by the output's."""

    hidden: Any
    hidden_bias: Any
    output: Any
    output_bias: Any


Pass = Callable[[], Gradients]


def draw() -> Data:
    """Standardised inputs and small random weights, the same on every call."""
    import numpy as np

    rng = np.random.default_rng(0)
    return Data(
        rng.standard_normal((SAMPLES, PIXELS)),
        (rng.random(SAMPLES) < 0.5).astype(float),
        rng.uniform(-1.0, 1.0, (HIDDEN, PIXELS)) / PIXELS**0.5,
        rng.uniform(-1.0, 1.0, HIDDEN),
    )


def numpy_at_once(data: Data) -> Pass:
    """Matrix products over all samples, the derivatives by hand."""
    import numpy as np

    x, t, w1, w2 = data
    b1, b2 = np.zeros(HIDDEN), 0.0

    def run() -> Gradients:
        z = x @ w1.T + b1
        a = np.maximum(z, 0.0)
        p = 1.0 / (1.0 + np.exp(-(a @ w2 + b2)))
        loss = -np.mean(t * np.log(p) + (1.0 - t) * np.log(1.0 - p))
        assert np.isfinite(loss)
        ds = (p - t) / SAMPLES
        dz = np.outer(ds, w2) * (z > 0.0)
        return Gradients(dz.T @ x, dz.sum(axis=0), ds @ a, ds.sum())

    return run


def numpy_by_sample(data: Data) -> Pass:
    """The same with a loop over the samples: one matrix-vector product and one outer product for each."""
    import numpy as np

    images, labels, w1, w2 = data
    b1, b2 = np.zeros(HIDDEN), 0.0

    def run() -> Gradients:
        loss, dw1, db1, dw2, db2 = 0.0, np.zeros_like(w1), np.zeros(HIDDEN), np.zeros(HIDDEN), 0.0
        for x, t in zip(images, labels, strict=True):
            z = w1 @ x + b1
            a = np.maximum(z, 0.0)
            p = 1.0 / (1.0 + np.exp(-(a @ w2 + b2)))
            loss -= (t * np.log(p) + (1.0 - t) * np.log(1.0 - p)) / SAMPLES
            ds = (p - t) / SAMPLES
            dz = ds * w2 * (z > 0.0)
            dw1 += np.outer(dz, x)
            db1 += dz
            dw2 += ds * a
            db2 += ds
        assert np.isfinite(loss)
        return Gradients(dw1, db1, dw2, db2)

    return run


def torch_at_once(data: Data) -> Pass:
    """PyTorch's own linear layer, loss and derivatives, on one thread."""
    import torch
    from torch.nn.functional import binary_cross_entropy, linear

    torch.set_num_threads(1)
    x, t, w1, w2 = map(torch.from_numpy, data)
    b1, b2 = torch.zeros(HIDDEN, dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    parameters = [parameter.requires_grad_() for parameter in (w1, b1, w2, b2)]

    def run() -> Gradients:
        p = torch.sigmoid(torch.relu(linear(x, w1, b1)) @ w2 + b2)
        return Gradients(*torch.autograd.grad(binary_cross_entropy(p, t), parameters))

    return run
