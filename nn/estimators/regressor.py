"""`MLPRegressor`: one number a sample, or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d, validate_data

from .network import MLPEstimator, by_epochs
from .objectives import poisson, squared_error


class MLPRegressor(RegressorMixin, MLPEstimator):  # type: ignore[misc]
    """A regressor on half the squared error, for one target or several.

    Its parameters are those of `MLPEstimator`, and ``loss``: with "poisson" in place of "squared_error" the targets
    are counts, or what else is at least 0, and the network gives their logarithm. After `fit`: ``model_`` (the
    network), ``history_``, ``loss_``, ``best_loss_``, ``loss_curve_``, ``validation_scores_``,
    ``best_validation_score_``, ``n_iter_``, ``t_``, ``coefs_``, ``intercepts_``, ``n_layers_``, ``n_outputs_``,
    ``out_activation_``, ``n_features_in_``, ``feature_names_in_``.
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (16,),
        activation: str = "relu",
        *,
        loss: str = "squared_error",
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.01,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int = 10,
        max_fun: int = 15_000,
    ) -> None:
        super().__init__(
            hidden_layer_sizes, activation, solver=solver, alpha=alpha, batch_size=batch_size,
            learning_rate=learning_rate, learning_rate_init=learning_rate_init, power_t=power_t, max_iter=max_iter,
            shuffle=shuffle, random_state=random_state, tol=tol, verbose=verbose, warm_start=warm_start,
            momentum=momentum, nesterovs_momentum=nesterovs_momentum, early_stopping=early_stopping,
            validation_fraction=validation_fraction, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon,
            n_iter_no_change=n_iter_no_change, max_fun=max_fun,
        )  # fmt: skip
        self.loss = loss

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the numbers ``y`` (one a row, or a row of them) of the rows of ``X``; returns the regressor.

        ``sample_weight``: how much each row counts; without it all count alike.
        """
        return self._learn(X, y, sample_weight, once=False)

    @available_if(by_epochs)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch on these rows."""
        return self._learn(X, y, sample_weight, once=True)

    def _learn(self, X: Any, y: Any, sample_weight: Any, once: bool) -> Self:
        self._check_parameters()
        going_on = self._goes_on(once)
        X, y = validate_data(self, X, y, dtype=float, multi_output=True, y_numeric=True, reset=not going_on)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        outputs = 1 if y.ndim == 1 else y.shape[1]
        if going_on and outputs != self.n_outputs_:
            raise ValueError(
                f"y has {outputs} numbers a row: this network, which goes on, has {self.n_outputs_} outputs"
            )
        decoded: Any
        loss, self.out_activation_, decoded = squared_error, "identity", np.asarray
        if self.loss == "poisson":
            loss, self.out_activation_, decoded = poisson, "exp", np.exp
            if (y < 0.0).any():
                raise ValueError("loss='poisson' is for counts: y has numbers below 0")
        self._single = y.ndim == 1
        return self._train(X, y.tolist(), outputs, loss, (r2_score, decoded), sample_weight, once)

    def predict(self, X: Any) -> Any:
        """The numbers of each row, in the shape that ``y`` had."""
        found = self._outputs(X)
        found = np.exp(found) if self.out_activation_ == "exp" else found
        return found[:, 0] if self._single else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
