"""The optimiser that scikit-learn's parameters describe, and how its rate goes on from epoch to epoch.

``learning_rate`` is "constant", "invscaling" (``learning_rate_init / t ** power_t``, t the samples seen so far) or
"adaptive" (a fifth of the rate each time the loss has not fallen for ``n_iter_no_change`` epochs, until it is below
1e-6). The last two are for "sgd", as there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_tiny import Value

from ..optim.adaptive import Adam
from ..optim.optimizer import Optimizer
from ..optim.sgd import SGD
from ..training.history import Epoch

SMALLEST_RATE = 1e-6


def optimizer(settings: Any, parameters: list[Value]) -> Optimizer:
    """The optimiser of an estimator's parameters ``settings``."""
    if settings.solver == "adam":
        betas = (settings.beta_1, settings.beta_2)
        return Adam(parameters, lr=settings.learning_rate_init, betas=betas, eps=settings.epsilon)
    if settings.solver == "sgd":
        nesterov = bool(settings.nesterovs_momentum and settings.momentum)
        return SGD(parameters, lr=settings.learning_rate_init, momentum=settings.momentum, nesterov=nesterov)
    raise ValueError(f"solver is {settings.solver!r}: expected 'adam', 'sgd' or 'lbfgs'")


def course(settings: Any, steps: Optimizer, seen: Callable[[], int], watched: str) -> Callable[[Epoch], Any] | None:
    """What sets the rate after each epoch, given how many samples were ``seen``; None where it stays."""
    kind = settings.learning_rate
    if kind not in ("constant", "invscaling", "adaptive"):
        raise ValueError(f"learning_rate is {kind!r}: expected 'constant', 'invscaling' or 'adaptive'")
    if kind == "constant" or settings.solver != "sgd":
        return None
    if kind == "invscaling":

        def scaled(epoch: Epoch) -> None:
            steps.lr = settings.learning_rate_init / (seen() + 1) ** settings.power_t

        return scaled
    return Adaptive(steps, settings.tol, settings.n_iter_no_change, watched)


class Adaptive:
    """A fifth of the rate whenever patience ends; asks for the end of the run once that is too small to matter."""

    def __init__(self, steps: Optimizer, tol: float, patience: int, watched: str) -> None:
        self.steps, self.tol, self.patience, self.watched = steps, tol, patience, watched
        self.sign = 1.0 if watched == "loss" else -1.0
        self.best, self.waited = float("inf"), 0

    def __call__(self, epoch: Epoch) -> bool:
        number = self.sign * (epoch.value(self.watched) or 0.0)
        self.waited = self.waited + 1 if number > self.best - self.tol else 0
        self.best = min(self.best, number)
        if self.waited < self.patience:
            return False
        self.waited, self.steps.lr = 0, self.steps.lr / 5.0
        return self.steps.lr <= SMALLEST_RATE
