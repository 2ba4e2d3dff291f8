"""`MLPClassifier`: two classes, more, or several labels at once."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from autograd_tiny.errors import shorten

from .network import MLPEstimator, by_epochs
from .objectives import labels

BINARY, MANY = "binary_cross_entropy_with_logits", "cross_entropy"


class MLPClassifier(ClassifierMixin, MLPEstimator):  # type: ignore[misc]
    """A classifier: one output and the sigmoid for two classes, one output a class and softmax for more.

    A ``y`` of rows of 0 and 1, a column for each label, has one output and the sigmoid for each of them.

    Its parameters are listed at `MLPEstimator`. After `fit`: ``classes_``, ``model_`` (the network), ``history_``,
    ``loss_``, ``best_loss_``, ``loss_curve_``, ``validation_scores_``, ``best_validation_score_``, ``n_iter_``, ``t_``,
    ``coefs_``, ``intercepts_``, ``n_layers_``, ``n_outputs_``, ``out_activation_``, ``n_features_in_``,
    ``feature_names_in_``.
    """

    classes_: Any

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the classes ``y`` (numbers or names) of the rows of ``X``; returns the classifier.

        ``sample_weight``: how much each row counts; without it all count alike.
        """
        self._check_parameters()
        X, y = self._checked(X, y, once=False)
        classes = np.arange(y.shape[1]) if y.ndim == 2 else np.unique(y)
        if self.warm_start and hasattr(self, "classes_") and not np.array_equal(self.classes_, classes):
            raise ValueError(
                f"warm_start goes on with the classes {self.classes_.tolist()}: y has {classes.tolist()}; "
                "set warm_start=False to begin anew"
            )
        if len(classes) < 2 and y.ndim == 1:
            raise ValueError(f"y holds one class only, {classes.tolist()[0]!r}: expected at least two to tell apart")
        self.classes_ = classes
        return self._learn(X, y, sample_weight, once=False)

    @available_if(by_epochs)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One epoch on these rows; the first call names all ``classes`` that there will be."""
        self._check_parameters()
        _check_partial_fit_first_call(self, classes)
        X, y = self._checked(X, y, once=True)
        strangers = sorted({*y.tolist()} - {*self.classes_.tolist()}) if y.ndim == 1 else []
        if strangers:
            raise ValueError(f"y has {shorten(strangers)}, which are none of the classes {self.classes_.tolist()}")
        return self._learn(X, y, sample_weight, once=True)

    def _checked(self, X: Any, y: Any, once: bool) -> tuple[Any, Any]:
        y = y.toarray() if hasattr(y, "toarray") else y
        X, y = validate_data(self, X, y, dtype=float, multi_output=True, reset=not self._goes_on(once))
        check_classification_targets(y)
        if type_of_target(y) != "multilabel-indicator":
            y = column_or_1d(y, warn=True)
        return X, y

    def _learn(self, X: Any, y: Any, sample_weight: Any, once: bool) -> Self:
        count = len(self.classes_)
        if y.ndim == 2:
            targets, outputs, self.out_activation_ = y.astype(int).tolist(), count, "logistic"
        else:
            targets = np.searchsorted(self.classes_, y).tolist()
            outputs, self.out_activation_ = (1, "logistic") if count == 2 else (count, "softmax")
        if y.ndim == 2 and count == 1:
            targets = [t for [t] in targets]
        self._labels = y.ndim == 2
        score = accuracy_score, _best if self.out_activation_ == "softmax" else _likely
        loss = MANY if self.out_activation_ == "softmax" else labels if outputs > 1 else BINARY
        return self._train(X, targets, outputs, loss, score, sample_weight, once)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class of ``classes_``, samples × classes; of each label, if there are several."""
        check_is_fitted(self)
        logits = self._outputs(X)
        if self._labels:
            return np.exp(-np.logaddexp(0.0, -logits))
        if logits.shape[1] == 1:
            logits = np.hstack([np.zeros_like(logits), logits])  # σ(z) is softmax(0, z)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> Any:
        """Their logarithms."""
        return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Any:
        """The most probable class of each row; of several labels, 1 for each that is more probable than not."""
        found = self.predict_proba(X)
        return (found > 0.5).astype(int) if self._labels else self.classes_[found.argmax(axis=1)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _likely(outputs: Any) -> Any:
    return (outputs > 0.0).astype(int)


def _best(outputs: Any) -> Any:
    return outputs.argmax(axis=1)
