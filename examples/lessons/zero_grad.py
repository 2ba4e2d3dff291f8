"""zero_grad: clear the old gradient before each step.

    python examples/lessons/zero_grad.py

The wrong variant forgets `w.grad = 0.0`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from side_by_side import table

from autograd_tiny import Value

STEPS, RATE, GOAL = 20, 0.1, 3.0


def descend(clear: bool) -> list[tuple[float, float]]:
    """(w.grad, w) at each of 20 steps of gradient descent on (w - 3)², from w = 0."""
    w = Value(0.0)
    log = []
    for _ in range(STEPS):
        if clear:
            w.grad = 0.0
        ((w - GOAL) ** 2).backward()  # adds to w.grad
        w.data -= RATE * w.grad
        log.append((w.grad, w.data))
    return log


class Result(NamedTuple):
    wrong: list[float]
    right: list[float]
    first_difference: int | None


def main(print: Callable[..., object] = print) -> Result:
    print("ZERO_GRAD: clear the gradient before each step\n")
    print("    loss = (w − 3)²      w starts at 0      learning rate 0.1\n")
    wrong, right = descend(clear=False), descend(clear=True)
    rows = [
        (f"{i}", f"grad {g1:+7.3f}   w = {w1:.3f}", f"grad {g2:+7.3f}   w = {w2:.3f}")
        for i, ((g1, w1), (g2, w2)) in enumerate(zip(wrong, right, strict=True), start=1)
    ]
    first = table(print, ["step", "WRONG: never cleared", "RIGHT: cleared each step"], rows)
    highest = max(w for _, w in wrong)
    print(f"""
Claim: step 2 on the left uses −6 − 4.8 = −10.8: the old gradient is still
in it. So w rushes past 3, up to {highest:.2f}, and swings to and fro without end. On the
right it closes in on 3. (An optimiser has zero_grad() for this.)""")
    return Result([w for _, w in wrong], [w for _, w in right], first)


if __name__ == "__main__":
    main()
