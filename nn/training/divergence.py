"""Divergence: what counts as an exploding loss, and the weights to go back to.

>>> watch = Divergence([0.5])
>>> for loss in [3.0, 2.0, 8e6]:
...     watch.begin([loss])
...     exploded = watch.batch(loss) or watch.epoch(loss)
>>> exploded, watch.good
('its loss is 8e+06, more than a million times that of the first epoch, 3', [2.0])
"""

from __future__ import annotations

from math import isfinite

from autograd_tiny.errors import number_words

EXPLODED = 1e6
"""A loss so many times that of the first epoch has exploded (of 1, if that was less: it may start near 0)."""


class Divergence:
    """Watches the losses. ``good`` are the latest weights, of the start of an epoch, whose loss was sound."""

    def __init__(self, weights: list[float]) -> None:
        self.good = weights
        self.first: float | None = None
        self._start: list[float] | None = None

    def begin(self, weights: list[float]) -> None:
        """An epoch starts with these weights: good ones, if their first batch proves them so."""
        self._start = weights

    def batch(self, loss: float) -> str | None:
        """What is wrong with the loss of a batch, if it is."""
        if not isfinite(loss):
            return f"its loss is {number_words(loss)}"
        if self._start is not None and not self._exploded(loss):
            self.good, self._start = self._start, None
        return None

    def epoch(self, loss: float) -> str | None:
        """What is wrong with the loss of a whole epoch, if it is."""
        if not isfinite(loss):
            return f"its loss is {number_words(loss)}"
        if self._exploded(loss):
            return f"its loss is {loss:.4g}, more than a million times that of the first epoch, {self.first:.4g}"
        if self.first is None:
            self.first = loss
        return None

    def _exploded(self, loss: float) -> bool:
        return self.first is not None and abs(loss) > EXPLODED * max(1.0, abs(self.first))
