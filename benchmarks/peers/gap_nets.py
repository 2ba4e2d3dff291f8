"""Networks that are harder to turn back into matrices, by hand in numpy: a recurrent one, a small convolution, a
network with a part of its weights missing.

As in `array_nets`: whole matrices, derivatives by hand, each function gives the pass to time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .array_nets import Pass


def recurrent(weights: Sequence[Any], steps: Any) -> Pass:
    """hₜ = tanh(U xₜ + W hₜ₋₁ + b), from h₀ = 0; the loss is Σ h² of the last. ``weights`` are U, W, b."""
    import numpy as np

    def run() -> tuple[float, list[Any]]:
        u, w, b = weights
        given = steps @ u.T + b
        states = [np.zeros(len(b))]
        for x in given:
            states.append(np.tanh(x + w @ states[-1]))
        h = np.array(states)
        loss = (h[-1] * h[-1]).sum()
        dz = np.empty_like(given)
        d = 2.0 * h[-1]
        for t in range(len(given) - 1, -1, -1):
            dz[t] = d * (1.0 - h[t + 1] * h[t + 1])
            d = w.T @ dz[t]
        return loss, [dz.T @ steps, dz.T @ h[:-1], dz.sum(0)]

    return run


def convolution(weights: Sequence[Any], image: Any, size: int) -> Pass:
    """Filters of ``size`` × ``size`` over an image, ReLU, a weighted sum squared; ``weights`` are filters, biases, out.

    Filters are rows of size² numbers; out has a row of one number a place for each filter.
    """
    import numpy as np

    def run() -> tuple[float, list[Any]]:
        filters, biases, out = weights
        patches = np.lib.stride_tricks.sliding_window_view(image, (size, size)).reshape(-1, size * size)
        z = filters @ patches.T + biases[:, None]
        a = np.maximum(z, 0.0)
        total = (out * a).sum()
        d_out = 2.0 * total * a
        dz = 2.0 * total * out * (z > 0.0)
        return total * total, [dz @ patches, dz.sum(1), d_out]

    return run


def sparse(weights: Sequence[Any], masks: Sequence[Any], inputs: Any, targets: Any) -> Pass:
    """tanh, then linear, squared error summed over the outputs, mean over the batch, no biases.

    ``weights`` are 0 where ``masks`` are, and their gradients are too.
    """
    import numpy as np

    def run() -> tuple[float, list[Any]]:
        w1, w2 = weights
        h = np.tanh(inputs @ w1.T)
        errors = h @ w2.T - targets
        loss = (errors * errors).sum(1).mean()
        d = (2.0 / len(inputs)) * errors
        dz = (d @ w2) * (1.0 - h * h)
        return loss, [dz.T @ inputs * masks[0], d.T @ h * masks[1]]

    return run
