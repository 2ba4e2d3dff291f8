"""`MLPClassifier` and `MLPRegressor`: an `MLP` of scalars under scikit-learn's interface.

The names of parameters and attributes are those of scikit-learn's own estimators of these names, so that a `Pipeline`,
a `GridSearchCV` and one's fingers need not care which of the two they hold. What differs: ``model_`` is an `MLP`
whose every weight is a Value, to step through, draw and differentiate.

>>> from nn import MLPClassifier
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["even", "odd", "odd", "even"]
>>> network = MLPClassifier((8,), "tanh", learning_rate_init=0.1, max_iter=300, random_state=0).fit(X, y)
>>> network.predict(X).tolist(), network.model_
(['even', 'odd', 'odd', 'even'], MLP of [Layer of [8 TanhNeuron(2)], Layer of [1 LinearNeuron(8)]], 33 parameters)
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import Any, Self

from autograd_tiny import Value, dot
from autograd_tiny.errors import shorten

try:
    import numpy as np
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError as error:
    raise ImportError(
        "MLPClassifier and MLPRegressor need scikit-learn 1.6 or newer: pip install 'autograd-tiny[data]'"
    ) from error

from .layers import MLP
from .optim.adaptive import Adam
from .optim.optimizer import Optimizer
from .optim.sgd import SGD
from .training.fit import fit

LARGEST_SEED = 2**31 - 1


class _MLPEstimator(BaseEstimator):  # type: ignore[misc]
    """What the two have in common: the parameters, the network that they describe, and its training.

    ``hidden_layer_sizes``  neurons of each hidden layer
    ``activation``          of the hidden layers: any name that `MLP` takes
    ``solver``              "adam" or "sgd" (with ``momentum``)
    ``alpha``               L2 penalty on the weights: ``alpha / 2 · Σ w²``, divided by the samples of a batch
    ``batch_size``          samples a step; "auto" is 200, or all if there are fewer
    ``learning_rate_init``  the learning rate, which stays as it is
    ``max_iter``            epochs at most
    ``shuffle``             draw the batches anew every epoch
    ``random_state``        of the first weights, the batches and the held-out part: an int makes them reproducible
    ``tol``, ``n_iter_no_change``  stop once the loss (with ``early_stopping`` the held-out part's) has not fallen by
                            ``tol`` in so many epochs; the best weights stay
    ``verbose``             True for a progress bar
    ``early_stopping``, ``validation_fraction``  hold out this part of the samples and watch its loss
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (16,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.01,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        momentum: float = 0.9,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.momentum = momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def _fit_network(self, X: Any, y: Any, outputs: int, loss: str) -> Self:
        """Train a fresh network with ``outputs`` outputs and keep it with its history."""
        hidden = self._hidden_sizes()
        samples, features = X.shape
        seed = int(check_random_state(self.random_state).randint(LARGEST_SEED))
        self.model_ = MLP(features, [*hidden, outputs], self.activation, seed=seed, init="xavier")
        batch = self._batch(samples)
        weights = [w for name, w in self.model_.named_parameters() if ".weight[" in name]

        def penalty(_: Sequence[Value]) -> Value:
            squares: Value = dot(weights, weights)
            return squares * (0.5 * self.alpha / batch)

        self.history_ = fit(
            self.model_, X, y, loss=loss, optimizer=self._optimizer(), epochs=self.max_iter, batch_size=batch,
            shuffle=self.shuffle, seed=seed, validation=self.validation_fraction if self.early_stopping else None,
            patience=self.n_iter_no_change, min_delta=self.tol, penalty=penalty if self.alpha else None,
            verbose=int(self.verbose),
        )  # fmt: skip
        self.loss_curve_ = self.history_.loss
        self.n_iter_ = self.history_.epochs
        if self.history_.status == "diverged":
            warnings.warn(f"training diverged: {self.history_.reason}", ConvergenceWarning, stacklevel=3)
        elif self.history_.status == "completed":
            warnings.warn(
                f"{self.max_iter} epochs (max_iter) and the loss still falls: raise max_iter, or tol",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _hidden_sizes(self) -> list[int]:
        given: Any = self.hidden_layer_sizes
        sizes: list[Any] = [given] if isinstance(given, Integral) else list(given)
        if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
            raise ValueError(f"hidden_layer_sizes is {shorten(given)}: expected numbers of neurons such as (16, 16)")
        return [int(size) for size in sizes]

    def _batch(self, samples: int) -> int:
        if self.batch_size == "auto":
            return min(200, samples)
        if not isinstance(self.batch_size, Integral) or not self.batch_size > 0:
            raise ValueError(f"batch_size is {self.batch_size!r}: expected a number of samples above 0, or 'auto'")
        return min(int(self.batch_size), samples)

    def _optimizer(self) -> Optimizer:
        parameters = self.model_.parameters()
        if self.solver == "adam":
            return Adam(parameters, lr=self.learning_rate_init)
        if self.solver == "sgd":
            return SGD(parameters, lr=self.learning_rate_init, momentum=self.momentum)
        raise ValueError(f"solver is {self.solver!r}: expected 'adam' or 'sgd'")

    def _outputs(self, X: Any) -> list[list[float]]:
        """The network's outputs for each row of ``X``, as numbers."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        self.model_.eval()
        found = []
        for x in X.tolist():
            output = self.model_(x)
            found.append([y.data for y in output] if isinstance(output, list) else [output.data])
        return found


class MLPClassifier(ClassifierMixin, _MLPEstimator):  # type: ignore[misc]
    """A classifier: one output and the sigmoid for two classes, one output a class and softmax for more.

    Its parameters are listed at `_MLPEstimator`. After `fit`: ``classes_``, ``model_`` (the network), ``history_``,
    ``loss_curve_``, ``n_iter_``.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the classes ``y`` (numbers or names) of the rows of ``X``; returns the classifier."""
        X, y = validate_data(self, X, y, dtype=float, multi_output=True)
        check_classification_targets(y)
        y = column_or_1d(y, warn=True)
        self.classes_, indices = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y holds one class only, {self.classes_.tolist()[0]!r}: expected at least two to tell apart"
            )
        binary = len(self.classes_) == 2
        loss = "binary_cross_entropy_with_logits" if binary else "cross_entropy"
        return self._fit_network(X, indices, 1 if binary else len(self.classes_), loss)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class of ``classes_``, samples × classes."""
        logits = np.array(self._outputs(X))
        if logits.shape[1] == 1:
            logits = np.hstack([np.zeros_like(logits), logits])  # σ(z) is softmax(0, z)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> Any:
        """Their logarithms."""
        return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Any:
        """The most probable class of each row."""
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]


class MLPRegressor(RegressorMixin, _MLPEstimator):  # type: ignore[misc]
    """A regressor on the mean squared error, for one target or several.

    Its parameters are listed at `_MLPEstimator`. After `fit`: ``model_`` (the network), ``history_``,
    ``loss_curve_``, ``n_iter_``.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the numbers ``y`` (one a row, or a row of them) of the rows of ``X``; returns the regressor."""
        X, y = validate_data(self, X, y, dtype=float, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._single = y.ndim == 1
        return self._fit_network(X, y, 1 if self._single else y.shape[1], "mean_squared_error")

    def predict(self, X: Any) -> Any:
        """The numbers of each row, in the shape that ``y`` had."""
        found = np.array(self._outputs(X))
        return found[:, 0] if self._single else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
