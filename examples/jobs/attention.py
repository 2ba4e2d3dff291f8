"""Attention: each of four positions looks at those before it; the gradient of queries, keys and values.

y_i = Σ_{j≤i} a_ij v_j with a_i = softmax(q_i · k_j / √d).
Source: A. Vaswani and others, Attention Is All You Need (2017).

    python examples/jobs/attention.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad


def numbers(shift: float) -> list[list[float]]:
    return [[((7 * i + 3 * j) % 5) / 5.0 - shift for j in range(3)] for i in range(4)]


GIVEN = {"q": numbers(0.3), "k": numbers(0.5), "v": numbers(0.1)}


def loss(p: dict[str, Any]) -> Any:
    """The sum of squares of what comes out."""
    out = []
    for i, q in enumerate(p["q"]):
        weights = ad.softmax([ad.dot(q, k) / 3.0**0.5 for k in p["k"][: i + 1]])
        out += [ad.dot(weights, column) for column in zip(*p["v"][: i + 1], strict=True)]
    return ad.dot(out, out)


def main(verbose: int = 1) -> dict[str, Any]:
    value, slopes = ad.value_and_grad(loss)(GIVEN)
    found = {"loss": value, "slopes": slopes}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
