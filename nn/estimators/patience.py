"""When an estimator's training ends before ``max_iter``, and what of it stays: scikit-learn's count, to the epoch.

An epoch counts as without progress if its loss is not ``tol`` below the best of all before it; after more than
``n_iter_no_change`` of them in a row training ends, or, with an "adaptive" rate, goes on at a fifth of the rate until
that is too small to matter.
"""

from __future__ import annotations

from math import inf, isnan
from typing import Any

from autograd_tiny.core import data_of, set_data

from ..optim.optimizer import Optimizer
from ..training.history import Epoch

SMALLEST_RATE = 1e-6


class Patience:
    """A callback of `fit`; it goes on counting where training goes on."""

    __name__ = "patience"

    def __init__(self, watched: str) -> None:
        self.watched, self.best, self.waited = watched, inf, 0
        self.sign = 1.0 if watched == "loss" else -1.0
        self.weights: Any = None
        """Those of the best score, of samples held out; of a loss, which changes within an epoch, none are kept."""

    def begin(self, settings: Any, steps: Optimizer) -> None:
        """Watch over a call of `fit` or `partial_fit`."""
        self.steps, self.tol, self.limit = steps, settings.tol, int(settings.n_iter_no_change)
        self.adaptive = settings.solver == "sgd" and settings.learning_rate == "adaptive"

    def __call__(self, epoch: Epoch) -> bool:
        given = epoch.value(self.watched)
        number = inf if given is None or isnan(given) else self.sign * given
        self.waited = self.waited + 1 if number > self.best - self.tol else 0
        if number < self.best:
            self.best = number
            if self.watched != "loss":
                self.weights = data_of(self.steps.parameters)
        if self.waited <= self.limit:
            return False
        if not self.adaptive or self.steps.lr <= SMALLEST_RATE:
            return True
        self.waited, self.steps.lr = 0, self.steps.lr / 5.0
        return False

    def leave_the_best(self) -> None:
        """The weights of the best score, where such were kept."""
        if self.weights is not None:
            set_data(self.steps.parameters, self.weights)
