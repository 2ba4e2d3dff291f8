"""`MLPRegressor`: one number a sample, or several."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d, validate_data

from ..metrics import r2_score
from .network import MLPEstimator, by_epochs


class MLPRegressor(RegressorMixin, MLPEstimator):  # type: ignore[misc]
    """A regressor on the mean squared error, for one target or several.

    Its parameters are listed at `MLPEstimator`. After `fit`: ``model_`` (the network), ``history_``, ``loss_``,
    ``best_loss_``, ``loss_curve_``, ``validation_scores_``, ``best_validation_score_``, ``n_iter_``, ``t_``,
    ``coefs_``, ``intercepts_``, ``n_layers_``, ``n_outputs_``, ``out_activation_``, ``n_features_in_``,
    ``feature_names_in_``.
    """

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
        going_on = self._goes_on(once)
        X, y = validate_data(self, X, y, dtype=float, multi_output=True, y_numeric=True, reset=not going_on)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        outputs = 1 if y.ndim == 1 else y.shape[1]
        if going_on and outputs != self.n_outputs_:
            raise ValueError(
                f"y has {outputs} numbers a row: this network, which goes on, has {self.n_outputs_} outputs"
            )
        self._single, self.out_activation_ = y.ndim == 1, "identity"
        return self._train(X, y.tolist(), outputs, "mean_squared_error", r2_score, sample_weight, once)

    def predict(self, X: Any) -> Any:
        """The numbers of each row, in the shape that ``y`` had."""
        found = self._outputs(X)
        return found[:, 0] if self._single else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
