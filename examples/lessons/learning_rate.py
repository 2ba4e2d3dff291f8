"""The learning rate: too large diverges, too small crawls.

    python examples/lessons/learning_rate.py

Three rates on the smallest loss there is, w².
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

from autograd_tiny import Value, gradients

STEPS = 10
SMALL, GOOD, LARGE = 0.001, 0.3, 1.1


def descend(rate: float) -> list[float]:
    """w before each step and after the last, on the loss w², from w = 1."""
    w = Value(1.0)
    path = [w.data]
    for _ in range(STEPS):
        w.data -= rate * gradients(w**2, w)
        path.append(w.data)
    return path


class Result(NamedTuple):
    small: list[float]
    good: list[float]
    large: list[float]
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("THE LEARNING RATE: how far to go against the gradient\n")
    print("    loss = w²      gradient 2w      w starts at 1, the best w is 0\n")
    small, good, large = descend(SMALL), descend(GOOD), descend(LARGE)
    rows = [(f"{i}", *(f"w = {w:+.4f}" for w in ws)) for i, ws in enumerate(zip(large, small, good, strict=True))]
    heads = ["step", f"WRONG: too large, {LARGE}", f"WRONG: too small, {SMALL}", f"RIGHT: {GOOD}"]
    first = table(print, heads, rows)
    print(f"""
Claim: each step multiplies w by 1 − 2 × rate.
  {LARGE}:   by −1.2: past 0, and further away each time. It diverges.
  {SMALL}: by 0.998: after {STEPS} steps w is still {small[-1]:.4f}. It crawls.
  {GOOD}:   by 0.4: after {STEPS} steps w is {good[-1]:.4f}. It arrives.""")
    return Result(small, good, large, first)


if __name__ == "__main__":
    main()
