"""Policy gradient: a policy over four actions learns from rewards alone; the gradient of what it earns on average.

∇ E r = E r ∇ log π(a): the gradient of a surrogate, stop_gradient(π) · r · log π, summed over the actions.
Source: R. Williams, Machine Learning 8 (1992) 229.

    python examples/jobs/policy_gradient.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad

REWARDS, START = [1.0, 0.2, -0.5, 2.0], [0.1, 0.4, -0.3, 0.0]


def surrogate(scores: list[Any]) -> Any:
    logs = ad.log_softmax(scores)
    return ad.sum([ad.stop_gradient(ad.exp(log)) * reward * log for log, reward in zip(logs, REWARDS, strict=True)])


def main(steps: int = 200, verbose: int = 1) -> dict[str, Any]:
    slope, scores = ad.compile(ad.grad(surrogate)), list(START)
    first = slope(scores)
    for _ in range(steps):
        scores = [s + 0.5 * g for s, g in zip(scores, slope(scores), strict=True)]
    found = {"first": first, "policy": ad.softmax(scores)}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
