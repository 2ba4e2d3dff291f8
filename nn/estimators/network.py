"""What the two estimators have in common: the parameters, the network that they describe, and its training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from autograd_tiny import Value, dot
from autograd_tiny.errors import shorten

from ..layers import MLP
from ..losses import Loss
from ..training.batches import pair
from ..training.fit import fit
from .patience import Patience
from .quasi_newton import Objective, minimised
from .rates import course, optimizer
from .weights import Scored, Shared, with_weights

Score = tuple[Callable[..., Any], Callable[[Any], Any]]
"""A metric of scikit-learn's, and what makes predictions of outputs."""
LARGEST_SEED = 2**31 - 1
ACTIVATIONS = {"logistic": "sigmoid", "identity": "linear"}
"""What scikit-learn calls them -> what `MLP` does."""


class MLPEstimator(BaseEstimator):  # type: ignore[misc]
    """The parameters, under scikit-learn's names, with its defaults but for ``hidden_layer_sizes`` (there 100 neurons)
    and ``learning_rate_init`` (there 0.001): smaller, and sooner trained.

    ``hidden_layer_sizes``  neurons of each hidden layer
    ``activation``          of the hidden layers: any name that `MLP` takes, or scikit-learn's "logistic", "identity"
    ``solver``              "adam" (with ``beta_1``, ``beta_2``, ``epsilon``), "sgd" (with ``momentum`` and
                            ``nesterovs_momentum``), or "lbfgs": all samples at once, without batches, rate and
                            held-out part, until no slope is above ``tol``, in ``max_fun`` evaluations at most
    ``alpha``               L2 penalty on the weights: ``alpha / 2 · Σ w²``, divided by what the samples of a batch
                            weigh (by their number, where all weigh 1); part of the losses of ``loss_curve_``
    ``batch_size``          samples a step; "auto" is 200, or all if there are fewer
    ``learning_rate``       "constant", or for "sgd" "invscaling" (with ``power_t``) or "adaptive"
    ``learning_rate_init``  the learning rate to begin with
    ``max_iter``            epochs at most
    ``shuffle``             draw the batches anew every epoch
    ``random_state``        of the first weights, the batches and the held-out part: an int makes them reproducible
    ``tol``, ``n_iter_no_change``  stop once the loss (with ``early_stopping`` the held-out part's score) has not
                            improved by ``tol`` in more than so many epochs
    ``verbose``             True for a progress bar
    ``warm_start``          the next `fit` goes on from the weights of the last
    ``early_stopping``, ``validation_fraction``  hold out this part of the samples and watch its score: the share of
                            right classes, or R²; the best weights stay
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (16,),
        activation: str = "relu",
        *,
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
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun

    _patience: Patience

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **{name: ["boolean"] for name in ("shuffle", "warm_start", "nesterovs_momentum", "early_stopping")},
        **{name: [Interval(Real, 0, 1, closed="left")] for name in ("momentum", "beta_1", "beta_2")},
        **{name: [Interval(Integral, 1, None, closed="left")] for name in ("max_iter", "n_iter_no_change", "max_fun")},
        **{name: [Interval(Real, 0, None, closed="left")] for name in ("alpha", "power_t", "tol")},
        **{name: [Interval(Real, 0, None, closed="neither")] for name in ("learning_rate_init", "epsilon")},
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "verbose": ["verbose"],
        "loss": [StrOptions({"squared_error", "poisson"})],
    }
    """What is checked of the parameters by scikit-learn's own means; the others have more to say in their errors."""

    def _check_parameters(self) -> None:
        asked = {name: value for name, value in self.get_params().items() if name in self._parameter_constraints}
        validate_parameter_constraints(self._parameter_constraints, asked, type(self).__name__)

    def _train(self, X: Any, targets: list[Any], outputs: int, loss: str | Loss, score: Score, sample_weight: Any,
               once: bool) -> Self:  # fmt: skip
        """Train the network, a fresh one unless there is one to go on from; ``once`` is one epoch, and no more."""
        samples, features = X.shape
        if once and self.early_stopping:
            raise ValueError("partial_fit with early_stopping=True: one epoch of it has nothing to stop; set it False")
        fresh = not self._goes_on(once)
        if fresh:
            self._random_state = check_random_state(self.random_state)
        seed = int(self._random_state.randint(LARGEST_SEED))
        if fresh:
            activation = ACTIVATIONS.get(self.activation, self.activation)
            self.model_ = MLP(features, [*self._hidden_sizes(), outputs], activation, seed=seed, init="xavier")
            self.loss_curve_: list[float] = []
            self.t_ = 0
        elif (made := [len(layer.neurons) for layer in self.model_.layers[:-1]]) != self._hidden_sizes():
            raise ValueError(
                f"hidden_layer_sizes is {shorten(self.hidden_layer_sizes)}: the network, which goes on, has "
                f"{tuple(made)}; set warm_start=False and fit to begin anew"
            )
        self.n_outputs_ = outputs
        weights = self._weights(sample_weight, X)
        single = not isinstance(targets[0], list)
        shared = Shared(loss, single, weights is not None)
        rows = with_weights(targets, weights)
        if self.solver == "lbfgs":
            objective = Objective(self.model_, shared, *pair(("X", "y"), X, rows), self._penalty())
            self.history_ = minimised(objective, int(self.max_iter), int(self.max_fun), self.tol)
            self._keep_history(False)
            return self
        if fresh or not once:
            self._optimizer = optimizer(self, self.model_.parameters())
        watched = "loss" if not self.early_stopping else "validation_score"
        held = round(samples * self.validation_fraction) if self.early_stopping else 0
        if self.early_stopping and held < 2:
            raise ValueError(
                f"early_stopping holds out {held} of {samples} samples, with validation_fraction="
                f"{self.validation_fraction}: expected at least 2 to take a score of; raise it, or give more samples"
            )
        trained = samples - held
        rate = course(self, self._optimizer, lambda: self.t_)
        if fresh or self._patience.watched != watched:
            self._patience = Patience(watched)
        self._patience.begin(self, self._optimizer)

        def counted(_: Any) -> None:
            self.t_ += trained

        self.history_ = fit(
            self.model_, X, rows, loss=shared, optimizer=self._optimizer, epochs=1 if once else int(self.max_iter),
            batch_size=self._batch(trained), shuffle=bool(self.shuffle), seed=seed,
            validation=self.validation_fraction if self.early_stopping else None,
            metrics=Scored(*score, single, weights is not None) if self.early_stopping else (), monitor=watched,
            penalty=self._penalty(), callbacks=[counted, *([rate] if rate else []), self._patience],
            verbose=min(int(self.verbose), 2),
        )  # fmt: skip
        self._patience.leave_the_best()
        self._keep_history(once)
        return self

    def _goes_on(self, once: bool) -> bool:
        """Whether there is a network, and its training is to go on."""
        return hasattr(self, "model_") and (once or self.warm_start)

    def _weights(self, given: Any, X: Any) -> list[float] | None:
        """The weights of the samples."""
        if given is None:
            return None
        weights = _check_sample_weight(given, X, ensure_non_negative=True)
        if not weights.any():
            raise ValueError("sample_weight is 0 for every sample: expected one above 0 at least")
        return weights.astype(float).tolist()  # type: ignore[no-any-return]

    def _penalty(self) -> Callable[[Sequence[Value]], Value] | None:
        if not self.alpha:
            return None
        weights = [w for name, w in self.model_.named_parameters() if ".weight[" in name]

        def penalty(_: Sequence[Value]) -> Value:
            squares: Value = dot(weights, weights)
            return squares * (0.5 * self.alpha)

        return penalty

    def _keep_history(self, once: bool) -> None:
        """The attributes that tell of the training, and a warning where it did not end well."""
        history = self.history_
        self.loss_curve_ = [*self.loss_curve_, *history.loss]
        self.n_iter_ = history.epochs
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else float("nan")
        self.best_loss_: float | None = min(self.loss_curve_, default=None)
        self.validation_scores_: list[float] | None = None
        self.best_validation_score_: float | None = None
        if self.early_stopping and self.solver != "lbfgs":
            self.best_loss_, self.validation_scores_ = None, history.validation_metrics["score"]
            self.best_validation_score_ = max(self.validation_scores_)
        if history.status == "diverged":
            warnings.warn(f"training diverged: {history.reason}", ConvergenceWarning, stacklevel=4)
        elif history.status == "completed" and not once:
            warnings.warn(
                f"{self.max_iter} epochs (max_iter) and the loss still falls: raise max_iter, or tol",
                ConvergenceWarning,
                stacklevel=4,
            )

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

    def _outputs(self, X: Any) -> Any:
        """The network's outputs for each row of ``X``, samples × outputs."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        self.model_.eval()
        found = []
        for x in X.tolist():
            output = self.model_(x)
            found.append([y.data for y in output] if isinstance(output, list) else [output.data])
        return np.array(found)

    # The network as scikit-learn's own has it

    @property
    def coefs_(self) -> list[Any]:
        """The weights of each layer, inputs × outputs: what ``model_`` has now, to read."""
        return [_to_read(np.array([[w.data for w in n.w] for n in layer.neurons]).T) for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[Any]:
        """The biases of each layer, to read."""
        return [_to_read(np.array([n.b.data for n in layer.neurons])) for layer in self.model_.layers]

    @property
    def n_layers_(self) -> int:
        """The layers, with that of the inputs."""
        return len(self.model_.layers) + 1


def _to_read(array: Any) -> Any:
    """An array that says so when it is written to: the weights are those of ``model_``."""
    array.flags.writeable = False
    return array


def by_epochs(estimator: MLPEstimator) -> bool:
    """Whether it has epochs, one of which `partial_fit` is; `AttributeError` says why not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is an epoch of 'adam' or 'sgd': solver 'lbfgs' takes all samples at once")
    return True
