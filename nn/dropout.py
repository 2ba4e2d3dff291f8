"""`Dropout`: in training, each number is dropped with probability ``p``; in use, all pass.

>>> dropout = Dropout(0.5, seed=1)
>>> dropout([1.0, 2.0, 3.0, 4.0])
[0.0, 4.0, 6.0, 0.0]
>>> dropout.eval()([1.0, 2.0, 3.0, 4.0])
[1.0, 2.0, 3.0, 4.0]
"""

from __future__ import annotations

import random
from typing import Any

from autograd_tiny.core.operands import finite_float

from .activations import each
from .initialization import generator
from .module import Module


class Dropout(Module):
    """Times 0 with probability ``p``, and otherwise times 1 / (1 - p), so that the mean stays: inverted dropout, as
    in PyTorch (Srivastava et al. 2014, section 10). After ``eval()`` it changes nothing.

    ``seed`` makes what is dropped reproducible; without one it comes from Python's ``random``. ``rng`` is the
    generator, and part of a copy or pickle.
    """

    def __init__(self, p: float = 0.5, seed: int | random.Random | None = None) -> None:
        self.p = finite_float(p, "Dropout(p)")
        if not 0.0 <= self.p <= 1.0:
            raise ValueError(f"Dropout(p) got {p!r}: expected a probability, from 0 to 1")
        self.rng: Any = None if seed is None else generator(seed)

    def __call__(self, x: Any) -> Any:
        """``x``, a Value, a number or a list of them, with some of it dropped."""
        if not self.training or self.p == 0.0:
            return x
        draw = (self.rng or random).random
        p, kept = self.p, 1.0 / (1.0 - self.p) if self.p < 1.0 else 0.0
        return each(lambda scalar: scalar * (0.0 if draw() < p else kept), x)

    def __repr__(self) -> str:
        return f"Dropout(p={self.p:g})"
