"""A convolutional net: one 3 × 3 filter over a 6 × 6 image, ReLU, mean, sigmoid; the gradient of the filter.

z = K ⋆ x + b (cross-correlation), p = σ(mean ReLU(z)), loss −log p. Source: Y. LeCun and others, Neural Computation 1
(1989) 541.

    python examples/jobs/convolution.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad

IMAGE = [[((3 * i + 5 * j) % 7) / 7.0 for j in range(6)] for i in range(6)]
FILTER = [[0.2, -0.1, 0.4], [0.0, 0.3, -0.5], [0.1, 0.2, -0.3]]


def loss(filter: list[list[Any]], bias: Any) -> Any:
    weights = [w for row in filter for w in row]
    window = lambda i, j: [x for row in IMAGE[i : i + 3] for x in row[j : j + 3]]
    maps = [ad.relu(ad.dot(weights, window(i, j)) + bias) for i in range(4) for j in range(4)]
    return -ad.log_sigmoid(ad.mean(maps))


def main(verbose: int = 1) -> dict[str, Any]:
    value, (by_filter, by_bias) = ad.value_and_grad(loss, (0, 1))(FILTER, 0.05)
    found = {"loss": value, "by_filter": by_filter, "by_bias": by_bias}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
