"""A recurrent net: three hidden numbers over a sequence, and the gradient through time.

h_t = tanh(W h_{t−1} + u x_t), y = v · h_T, loss (y − target)² / 2. Source: J. Elman, Cognitive Science 14 (1990) 179.

    python examples/jobs/recurrent.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad

SEQUENCE, TARGET = [0.5, -1.0, 0.3, 0.8, -0.2, 0.1], 0.4
WEIGHTS = {"W": [[0.5, -0.3, 0.1], [0.2, 0.4, -0.6], [-0.1, 0.3, 0.7]], "u": [0.9, -0.4, 0.2], "v": [1.0, -0.5, 0.3]}


def loss(p: dict[str, Any]) -> Any:
    step = lambda h, x: ([ad.tanh(ad.dot(row, h) + u * x) for row, u in zip(p["W"], p["u"], strict=True)], None)
    h, _ = ad.scan(step, [0.0, 0.0, 0.0], SEQUENCE)
    return (ad.dot(p["v"], h) - TARGET) ** 2 / 2.0


def main(verbose: int = 1) -> dict[str, Any]:
    value, slopes = ad.value_and_grad(loss)(WEIGHTS)
    found = {"loss": value, "slopes": slopes}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
