"""L-BFGS, the solver "lbfgs": no rate to choose, all samples at every step; scipy's, which scikit-learn stands on.

What it descends is the loss of all samples with the penalty, as one array program where that pays, as `fit` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from autograd_tiny import NonFiniteError, Value
from autograd_tiny.core import data_of, gradients_of, set_data

from ..losses import Loss
from ..module import Module
from ..training.compiled import Compiled, chosen
from ..training.eager import Eager, Penalty
from ..training.history import Epoch, History


class Objective:
    """The loss with its penalty, and the gradient, at an array of the parameters' numbers."""

    def __init__(self, model: Module, loss: Loss, X: Any, y: Sequence[Any], penalty: Penalty | None) -> None:
        self.parameters: list[Value] = model.parameters()
        self.everything = range(len(X))
        self.program, self.way = chosen(Eager(model, loss, self.parameters, X, y, penalty), "auto")
        self.loss = self.norm = float("nan")

    def __call__(self, weights: Any) -> tuple[float, Any]:
        set_data(self.parameters, weights)
        if isinstance(self.program, Compiled):
            self.program.weights[:] = weights
        self.loss = self.program.loss_and_gradients(self.everything)
        if isinstance(self.program, Compiled):
            gradient = np.array(self.program.gradient)
        else:
            gradient = np.array(gradients_of(self.parameters))
        self.norm = float(np.sqrt(gradient @ gradient))
        return self.loss, gradient


def minimised(objective: Objective, max_iter: int, max_fun: int, tol: float) -> History:
    """Leave the best weights in the model; an epoch of the history is an iteration, its loss with the penalty.

    Ends where no number of the gradient is above ``tol``, or the loss no longer falls.
    """
    history = History(evaluation=objective.way)
    started, found = perf_counter(), np.array(data_of(objective.parameters))

    def ended(intermediate_result: OptimizeResult) -> None:
        nonlocal started, found
        now, epoch, found = perf_counter(), len(history.records) + 1, np.array(intermediate_result.x)
        history.records.append(
            Epoch(epoch, 1, objective.loss, learning_rate=1.0, gradient_norm=objective.norm, seconds=now - started)
        )
        started = now

    try:
        with objective.program.training():
            result = minimize(objective, found.copy(), method="L-BFGS-B", jac=True, callback=ended,
                              options={"maxiter": max_iter, "maxfun": max_fun, "gtol": tol})  # fmt: skip
            found = result.x
            if isinstance(objective.program, Compiled):
                objective.program.weights[:] = found
        set_data(objective.parameters, found)
        history.status, history.reason = "completed" if result.status == 1 else "converged", str(result.message)
        history.iterations = int(result.nfev)
        if not isfinite(result.fun):
            history.status = "diverged"
    except NonFiniteError as error:
        set_data(objective.parameters, found)
        history.status, history.reason = "diverged", str(error)
    history.best_epoch = len(history.records) or None
    return history
