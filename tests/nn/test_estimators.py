"""`MLPClassifier` and `MLPRegressor`: scikit-learn's own checks in full, its tools, and its names."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons, make_regression
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
from nn import MLPClassifier, MLPRegressor

CONVERGENCE = "ignore::sklearn.exceptions.ConvergenceWarning"


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.filterwarnings("ignore:.*was not run.*:sklearn.exceptions.EstimatorCheckFailedWarning")
@parametrize_with_checks([MLPClassifier((8,), max_iter=60), MLPRegressor((8,), max_iter=60)])
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def blobs() -> tuple[Any, Any]:
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["setosa", "versicolor", "virginica"])[y]


def test_three_classes_by_name() -> None:
    X, y = blobs()
    network = MLPClassifier((8,), learning_rate_init=0.05, max_iter=200, random_state=0, tol=1e-3).fit(X, y)
    assert network.score(X, y) >= 0.95
    assert network.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    probabilities = network.predict_proba(X)
    assert probabilities.shape == (150, 3)
    assert np.allclose(probabilities.sum(axis=1), 1.0)
    assert (network.classes_[probabilities.argmax(axis=1)] == network.predict(X)).all()
    assert np.allclose(np.log(probabilities), network.predict_log_proba(X))


def test_the_attributes_of_scikit_learns_own_networks() -> None:
    X, y = make_moons(60, noise=0.1, random_state=0)
    network = MLPClassifier((8,), max_iter=40, tol=0.0, random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"40 epochs \(max_iter\) and the loss still falls: raise max_iter"):
        network.fit(X, y)
    assert network.n_iter_ == len(network.loss_curve_) == network.history_.epochs == 40
    assert network.loss_curve_[-1] < network.loss_curve_[0]
    assert isinstance(network.model_, nn.MLP)


def test_training_stops_once_the_loss_no_longer_falls() -> None:
    X, y = make_moons(60, noise=0.1, random_state=0)
    network = MLPClassifier((8,), max_iter=500, tol=0.05, n_iter_no_change=4, random_state=0).fit(X, y)
    assert network.n_iter_ < 500
    assert network.history_.status == "stopped"


def test_a_held_out_part_is_watched_on_request() -> None:
    X, y = make_moons(80, noise=0.2, random_state=0)
    network = MLPClassifier((8,), early_stopping=True, max_iter=300, learning_rate_init=0.05, random_state=0).fit(X, y)
    assert len(network.history_.validation_loss) == network.n_iter_ < 300


@pytest.mark.filterwarnings(CONVERGENCE)
def test_the_same_seed_gives_the_same_network() -> None:
    X, y = make_moons(40, noise=0.1, random_state=0)
    first, second, other = (MLPClassifier((4,), max_iter=5, random_state=seed).fit(X, y) for seed in (3, 3, 4))
    assert first.loss_curve_ == second.loss_curve_ != other.loss_curve_
    assert first.model_.state_dict() == second.model_.state_dict()


@pytest.mark.filterwarnings(CONVERGENCE)
def test_pipelines_grids_clones_and_cross_validation() -> None:
    X, y = make_moons(60, noise=0.1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((6,), max_iter=15, learning_rate_init=0.1, random_state=0))
    search = GridSearchCV(pipeline, {"mlpclassifier__activation": ["tanh", "relu"]}, cv=2).fit(X, y)
    assert search.best_params_["mlpclassifier__activation"] in ("tanh", "relu")
    assert search.best_score_ > 0.7
    copied = clone(search.best_estimator_)
    assert copied[-1].get_params() == search.best_estimator_[-1].get_params()
    with pytest.raises(NotFittedError):
        copied.predict(X)
    assert len(cross_val_score(pipeline, X, y, cv=2)) == 2


def test_a_regressor_for_one_target_and_for_several() -> None:
    X, y = make_regression(80, 3, noise=1.0, n_targets=2, random_state=0)
    X, y = StandardScaler().fit_transform(X), StandardScaler().fit_transform(y)
    both = MLPRegressor((8,), "tanh", learning_rate_init=0.02, batch_size=16, max_iter=100, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        both.fit(X, y)
        one = clone(both).fit(X, y[:, 0])
    assert both.predict(X).shape == (80, 2)
    assert one.predict(X).shape == (80,)
    assert both.score(X, y) > 0.95
    assert one.score(X, y[:, 0]) > 0.95


@pytest.mark.filterwarnings(CONVERGENCE)
def test_a_trained_network_survives_pickling() -> None:
    X, y = make_moons(20, random_state=0)
    network = MLPClassifier((4,), max_iter=3, random_state=0).fit(X, y)
    assert (pickle.loads(pickle.dumps(network)).predict_proba(X) == network.predict_proba(X)).all()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"solver": "lbfgs"}, "solver is 'lbfgs': expected 'adam' or 'sgd'"),
        ({"hidden_layer_sizes": (0,)}, r"hidden_layer_sizes is \(0,\): expected numbers of neurons such as \(16, 16\)"),
        ({"batch_size": "all"}, "batch_size is 'all': expected a number of samples above 0, or 'auto'"),
        ({"activation": "wavelet"}, "wavelet"),
        ({"max_iter": 0}, "epochs"),
    ],
)
def test_a_wrong_parameter_is_named_when_fit_is_called(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        MLPClassifier(**options).fit([[0.0], [1.0]], [0, 1])


def test_one_class_is_not_enough() -> None:
    with pytest.raises(ValueError, match="y holds one class only, 3: expected at least two to tell apart"):
        MLPClassifier().fit([[0.0], [1.0]], [3, 3])


def test_a_run_that_diverges_says_so() -> None:
    X, y = make_regression(20, 2, random_state=0)
    with pytest.warns(ConvergenceWarning, match="training diverged"):
        MLPRegressor((4,), solver="sgd", learning_rate_init=1e6, max_iter=20, random_state=0).fit(X, y)
