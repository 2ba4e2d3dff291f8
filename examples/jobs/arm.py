"""Inverse kinematics: the joint angles that bring the hand of a two-link arm to a point, by Newton's steps.

hand = l₁ (cos a, sin a) + l₂ (cos(a + b), sin(a + b)). Source: J. Craig, Introduction to Robotics (2005), 4.4.

    python examples/jobs/arm.py
"""

from __future__ import annotations

from typing import Any

import autograd_tiny as ad
from autograd_tiny import linalg

LINKS, TARGET = (1.0, 0.8), (0.9, 1.1)


def hand(angles: list[Any]) -> list[Any]:
    a, both = angles[0], angles[0] + angles[1]
    return [LINKS[0] * ad.cos(a) + LINKS[1] * ad.cos(both), LINKS[0] * ad.sin(a) + LINKS[1] * ad.sin(both)]


def main(verbose: int = 1) -> dict[str, Any]:
    angles, slopes = [0.3, 1.0], ad.jacobian(hand)
    for _ in range(12):
        misses = [at - to for at, to in zip(hand(angles), TARGET, strict=True)]
        angles = [q - s for q, s in zip(angles, linalg.solve(slopes(angles), misses), strict=True)]
    found = {"angles": angles, "hand": hand(angles)}
    if verbose:
        print(found)
    return found


if __name__ == "__main__":
    main()
