"""The optimiser that scikit-learn's parameters describe, and how its rate goes on from epoch to epoch.

``learning_rate`` is "constant", "invscaling" (``learning_rate_init / t ** power_t``, t the samples seen so far) or
"adaptive", which is `patience`'s. The last two are for "sgd", as there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_tiny import Value

from ..optim.adaptive import Adam
from ..optim.optimizer import Optimizer
from ..optim.sgd import SGD
from ..training.history import Epoch


def optimizer(settings: Any, parameters: list[Value]) -> Optimizer:
    """The optimiser of an estimator's parameters ``settings``."""
    if settings.solver == "adam":
        betas = (settings.beta_1, settings.beta_2)
        return Adam(parameters, lr=settings.learning_rate_init, betas=betas, eps=settings.epsilon)
    if settings.solver == "sgd":
        nesterov = bool(settings.nesterovs_momentum and settings.momentum)
        return SGD(parameters, lr=settings.learning_rate_init, momentum=settings.momentum, nesterov=nesterov)
    raise ValueError(f"solver is {settings.solver!r}: expected 'adam', 'sgd' or 'lbfgs'")


def course(settings: Any, steps: Optimizer, seen: Callable[[], int]) -> Callable[[Epoch], Any] | None:
    """What sets the rate after each epoch, given how many samples were ``seen``; None where it stays."""
    kind = settings.learning_rate
    if kind not in ("constant", "invscaling", "adaptive"):
        raise ValueError(f"learning_rate is {kind!r}: expected 'constant', 'invscaling' or 'adaptive'")
    if kind != "invscaling" or settings.solver != "sgd":
        return None

    def scaled(epoch: Epoch) -> None:
        steps.lr = settings.learning_rate_init / (seen() + 1) ** settings.power_t

    return scaled
