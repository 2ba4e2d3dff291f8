"""`MLPClassifier` and `MLPRegressor`: scikit-learn's own checks in full, its tools, and its names."""

from __future__ import annotations

import pickle
import warnings
from inspect import signature
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
from nn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.once

CONVERGENCE = "ignore::sklearn.exceptions.ConvergenceWarning"


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.filterwarnings("ignore:.*was not run.*:sklearn.exceptions.EstimatorCheckFailedWarning")
@parametrize_with_checks(
    [
        MLPClassifier((8,), max_iter=60),
        MLPRegressor((8,), max_iter=30),
        MLPClassifier((8,), solver="lbfgs", max_iter=20),
        MLPRegressor((8,), solver="lbfgs", max_iter=20),
    ]
)
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
        ({"solver": "newton"}, "solver is 'newton': expected 'adam', 'sgd' or 'lbfgs'"),
        ({"hidden_layer_sizes": (0,)}, r"hidden_layer_sizes is \(0,\): expected numbers of neurons such as \(16, 16\)"),
        ({"batch_size": "all"}, "batch_size is 'all': expected a number of samples above 0, or 'auto'"),
        ({"activation": "wavelet"}, "wavelet"),
        ({"max_iter": 0}, "'max_iter' parameter of MLPClassifier must be an int"),
        ({"alpha": -1.0}, "'alpha' parameter of MLPClassifier must be a float in the range"),
        ({"alpha": "x"}, "'alpha' parameter"),
        ({"power_t": -1.0}, "'power_t' parameter"),
        ({"tol": -1.0}, "'tol' parameter"),
        ({"momentum": 1.0}, "'momentum' parameter"),
        ({"validation_fraction": 2.0}, "'validation_fraction' parameter"),
        ({"n_iter_no_change": 0}, "'n_iter_no_change' parameter"),
        ({"max_fun": 0}, "'max_fun' parameter"),
        ({"early_stopping": "x"}, "'early_stopping' parameter"),
        ({"nesterovs_momentum": "x"}, "'nesterovs_momentum' parameter"),
        ({"learning_rate_init": 0.0}, "'learning_rate_init' parameter"),
        ({"learning_rate": "slow"}, "learning_rate is 'slow': expected 'constant', 'invscaling' or 'adaptive'"),
    ],
)
def test_a_wrong_parameter_is_named_when_fit_is_called(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        MLPClassifier(**options).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.parametrize("weighted", [False, True])
def test_lbfgs_ends_where_scikit_learns_own_ends(weighted: bool) -> None:
    X, y = blobs()
    weights = np.random.default_rng(0).uniform(0.0, 2.0, 150) if weighted else None
    options: dict[str, Any] = {"solver": "lbfgs", "activation": "tanh", "alpha": 0.5, "random_state": 0, "tol": 1e-7}
    ours = MLPClassifier((5,), max_iter=1, warm_start=True, **options).fit(X, y)
    theirs = SklearnClassifier((5,), max_iter=1, warm_start=True, **options).fit(X, y)
    theirs.coefs_, theirs.intercepts_ = [c.copy() for c in ours.coefs_], [b.copy() for b in ours.intercepts_]
    for network in (ours, theirs):
        network.set_params(max_iter=600).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)
    assert ours.history_.status == "converged"
    assert ours.loss_curve_[-1] < ours.loss_curve_[1]
    assert (ours.early_stopping, ours.validation_scores_, ours.t_) == (False, None, theirs.t_)
    again = clone(ours).set_params(warm_start=False).fit(X, y)
    assert (again.predict(X) == clone(again).fit(X, y).predict(X)).all()


def test_lbfgs_on_numbers_and_what_it_cannot_do() -> None:
    X = np.linspace(-1.0, 1.0, 30)[:, None]
    y = np.sin(2 * X[:, 0])
    network = MLPRegressor((6,), "tanh", solver="lbfgs", alpha=0.0, max_iter=500, random_state=1).fit(X, y)
    assert network.score(X, y) > 0.999
    with pytest.raises(AttributeError) as caught:
        network.partial_fit(X, y)
    assert str(caught.value.__cause__).startswith("partial_fit is an epoch of 'adam' or 'sgd'")
    with pytest.warns(ConvergenceWarning, match="raise max_iter"):
        MLPRegressor((6,), solver="lbfgs", max_iter=2, random_state=1).fit(X, X[:, 0] ** 2)
    with pytest.raises(ValueError, match="max_iter"):
        MLPRegressor((6,), solver="lbfgs", max_iter=0).fit(X, X[:, 0])


SKLEARN: dict[str, Any] = {"activation": "tanh", "alpha": 0.01, "shuffle": False, "random_state": 0, "batch_size": 150}


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        ({"solver": "sgd", "learning_rate_init": 0.1}, 1e-12),
        ({"solver": "sgd", "learning_rate_init": 0.1, "nesterovs_momentum": False}, 1e-12),
        (
            {
                "solver": "sgd",
                "learning_rate_init": 0.9,
                "learning_rate": "invscaling",
                "power_t": 0.3,
                "momentum": 0.0,
            },
            1e-12,
        ),
        ({"learning_rate_init": 0.02, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-12}, 1e-9),
    ],
)
def test_from_the_same_weights_it_goes_where_scikit_learns_own_goes(
    options: dict[str, Any], tolerance: float, weighted: bool
) -> None:
    X, y = blobs()
    weights = np.random.default_rng(0).uniform(0.0, 2.0, 150) if weighted else None
    ours = MLPClassifier((5,), max_iter=1, warm_start=True, **SKLEARN, **options).fit(X, y)
    theirs = SklearnClassifier((5,), max_iter=1, warm_start=True, **SKLEARN, **options).fit(X, y)
    theirs.coefs_, theirs.intercepts_ = [c.copy() for c in ours.coefs_], [b.copy() for b in ours.intercepts_]
    for network in (ours, theirs):
        network.set_params(max_iter=6).fit(X, y, sample_weight=weights)
    for mine, right in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        np.testing.assert_allclose(mine, right, rtol=tolerance, atol=tolerance)
    for name in ("n_layers_", "n_outputs_", "out_activation_", "t_", "n_iter_", "n_features_in_"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert len(ours.loss_curve_) == len(theirs.loss_curve_) == 7


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.parametrize("kind", [MLPRegressor, MLPClassifier])
def test_training_goes_on_with_as_many_features_only_and_a_refusal_changes_nothing(kind: Any) -> None:
    X, y = [[0.0, 1.0], [1.0, 0.0], [0.5, 2.0]], [0, 1, 1]
    network = kind((3,), max_iter=2, warm_start=True, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"X has 4 features, but .* is expecting 2 features"):
        network.fit([row + row for row in X], y)
    assert (network.n_features_in_, len(network.predict(X))) == (2, 3)


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_it_has_the_parameters_and_attributes_of_scikit_learns_own(early_stopping: bool) -> None:
    X, y = blobs()
    for mine, theirs, target in ((MLPClassifier, SklearnClassifier, y), (MLPRegressor, SklearnRegressor, X[:, 0])):
        given = {"hidden_layer_sizes": (3,), "max_iter": 3, "early_stopping": early_stopping, "random_state": 0}
        ours, their_own = mine(**given).fit(X, target), theirs(**given).fit(X, target)
        for name in (name for name in vars(their_own) if name.endswith("_") and not name.startswith("_")):
            assert (getattr(ours, name) is None) == (getattr(their_own, name) is None), name
        assert {*their_own.get_params()} - {*ours.get_params()} <= {"max_fun", "loss"}


@pytest.mark.filterwarnings(CONVERGENCE)
def test_several_labels_at_once() -> None:
    X, y = make_multilabel_classification(60, 4, n_classes=3, random_state=0)
    X = StandardScaler().fit_transform(X)
    network = MLPClassifier((8,), learning_rate_init=0.05, max_iter=100, random_state=0).fit(X, y)
    assert network.predict(X).shape == network.predict_proba(X).shape == (60, 3)
    assert ((network.predict_proba(X) > 0.5) == network.predict(X)).all()
    assert network.score(X, y) > 0.6
    assert network.out_activation_ == "logistic"
    watched = clone(network).set_params(early_stopping=True, max_iter=5).fit(X, y)
    assert len(watched.validation_scores_) == 5


@pytest.mark.filterwarnings(CONVERGENCE)
def test_bit_by_bit() -> None:
    X, y = blobs()
    network = MLPClassifier((8,), learning_rate_init=0.05, random_state=0)
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        network.partial_fit(X, y)
    for _ in range(30):
        network.partial_fit(X[::2], y[::2], classes=np.unique(y))
    assert network.score(X[1::2], y[1::2]) > 0.9
    assert (network.t_, len(network.loss_curve_), network.n_iter_) == (30 * 75, 30, 1)
    with pytest.raises(ValueError, match=r"y has \['lily'\], which are none of the classes \['setosa', "):
        network.partial_fit(X[:2], ["lily", "setosa"])
    with pytest.raises(ValueError, match="partial_fit with early_stopping=True"):
        MLPRegressor(early_stopping=True).partial_fit(X, X[:, 0])
    with pytest.raises(ValueError, match="y has 2 numbers a row: this network, which goes on, has 1 outputs"):
        MLPRegressor().partial_fit(X, X[:, 0]).partial_fit(X, X[:, :2])


@pytest.mark.filterwarnings(CONVERGENCE)
def test_an_adaptive_rate_falls_where_the_loss_does_not() -> None:
    X, y = blobs()
    network = MLPClassifier(
        (4,),
        solver="sgd",
        learning_rate="adaptive",
        learning_rate_init=0.2,
        tol=0.5,
        n_iter_no_change=2,
        random_state=0,
    ).fit(X, y)
    rates = network.history_.learning_rate
    assert rates[0] == 0.2
    assert rates[-1] < 1e-5
    assert network.history_.status == "stopped"


def test_the_weights_are_to_read() -> None:
    X = blobs()[0]
    network = MLPRegressor((4,), max_iter=1).partial_fit(X, X[:, 0])
    with pytest.raises(ValueError, match="read-only"):
        network.coefs_[0][0, 0] = 1.0
    with pytest.raises(AttributeError):
        MLPRegressor().coefs_


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_with_their_names(library: str) -> None:
    frames = pytest.importorskip(library)
    X, y = blobs()
    frame, names = frames.DataFrame(dict(zip("abcd", X.T, strict=True))), frames.Series(y)
    network = MLPClassifier((4,), max_iter=3).fit(frame, names)
    assert network.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert network.predict(frame).tolist() == network.predict(frame[["a", "b", "c", "d"]]).tolist()
    with pytest.raises(ValueError, match="feature names should match"):
        network.predict(frame[["b", "a", "c", "d"]])
    assert MLPRegressor((4,), max_iter=3).fit(frame, frame[["a", "b"]]).predict(frame).shape == (150, 2)
    assert nn.fit(nn.MLP(4, [1], seed=0), frame, frame["a"], epochs=2, verbose=0).status == "completed"


def test_one_class_is_not_enough() -> None:
    with pytest.raises(ValueError, match="y holds one class only, 3: expected at least two to tell apart"):
        MLPClassifier().fit([[0.0], [1.0]], [3, 3])


def test_a_run_that_diverges_says_so() -> None:
    X, y = make_regression(20, 2, random_state=0)
    with pytest.warns(ConvergenceWarning, match="training diverged"):
        MLPRegressor((4,), solver="sgd", learning_rate_init=1e6, max_iter=20, random_state=0).fit(X, y)


def given_the_weights_of(ours: Any, theirs: Any) -> None:
    for layer, weights, biases in zip(ours.model_.layers, theirs.coefs_, theirs.intercepts_, strict=True):
        for neuron, column, bias in zip(layer.neurons, weights.T, biases, strict=True):
            neuron.b.data = float(bias)
            for w, number in zip(neuron.w, column, strict=True):
                w.data = float(number)


ROWS = np.random.default_rng(0).normal(size=(80, 3))
FIRST = (ROWS[:, 0] + ROWS[:, 1] * ROWS[:, 2] > 0.0).astype(int)
TARGETS = {
    "two classes": (MLPClassifier, SklearnClassifier, FIRST, {}),
    "three classes": (MLPClassifier, SklearnClassifier, np.digitize(ROWS[:, 0], [-0.5, 0.5]), {}),
    "labels": (MLPClassifier, SklearnClassifier, np.c_[FIRST, 1 - FIRST, ROWS[:, 1] > 0.0].astype(int), {}),
    "a number": (MLPRegressor, SklearnRegressor, ROWS[:, 0] * ROWS[:, 1], {}),
    "two numbers": (MLPRegressor, SklearnRegressor, ROWS[:, :2] ** 2, {}),
    "a count": (MLPRegressor, SklearnRegressor, np.round(np.abs(ROWS[:, 0]) * 3.0), {"loss": "poisson"}),
}


@pytest.mark.parametrize("batch", [20, 30, 80])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", TARGETS)
def test_a_step_is_scikit_learns_step(name: str, weighted: bool, batch: int) -> None:
    """From the same weights, ``alpha`` and the rate mean the same: so does what is learned of an epoch, to rounding.

    Of the last batch too, which may be smaller, and of batches whose samples weigh more or less than those of others.
    """
    mine, theirs, y, more = TARGETS[name]
    settings = {
        "hidden_layer_sizes": (4, 3), "activation": "tanh", "solver": "sgd", "momentum": 0.0, "shuffle": False,
        "alpha": 0.3, "learning_rate_init": 0.05, "nesterovs_momentum": False, "random_state": 0,
        "batch_size": batch, **more,
    }  # fmt: skip
    try:
        other = theirs(**settings)
    except TypeError:
        pytest.skip("this scikit-learn has no loss='poisson'")
    network = mine(**settings)
    first = {"classes": np.arange(3) if y.ndim == 2 else np.unique(y)} if mine is MLPClassifier else {}
    network.partial_fit(ROWS, y, **first)
    other.partial_fit(ROWS, y, **first)
    given_the_weights_of(network, other)
    weights = {"sample_weight": np.linspace(0.2, 2.0, 80)} if weighted else {}
    for _ in range(2):
        network.partial_fit(ROWS, y, **weights)
        other.partial_fit(ROWS, y, **weights)
    for a, b in zip([*network.coefs_, *network.intercepts_], [*other.coefs_, *other.intercepts_], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    kind = "predict_proba" if mine is MLPClassifier else "predict"
    np.testing.assert_allclose(getattr(network, kind)(ROWS), getattr(other, kind)(ROWS), atol=1e-12)
    assert network.out_activation_ == other.out_activation_
    if name != "two numbers":  # of several theirs reports the mean and descends the sum
        np.testing.assert_allclose(network.loss_curve_[1:], other.loss_curve_[1:], atol=1e-12)
    assert network.loss_ == network.loss_curve_[-1]


@pytest.mark.parametrize(
    "rate",
    [
        {},
        {"learning_rate": "adaptive", "momentum": 0.0},
        {"solver": "adam", "learning_rate_init": 0.01, "epsilon": 1e-14},
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_training_ends_where_scikit_learns_ends(rate: dict[str, Any], weighted: bool) -> None:
    """With the same patience, at the same epoch, at the same weights."""
    settings: dict[str, Any] = {
        "hidden_layer_sizes": (4,), "activation": "tanh", "shuffle": False, "alpha": 0.1, "random_state": 0,
        "batch_size": 30, "warm_start": True, "n_iter_no_change": 3, "tol": 3e-3, "solver": "sgd",
        "learning_rate_init": 0.2, **rate,
    }  # fmt: skip
    ours, theirs = MLPClassifier(max_iter=1, **settings), SklearnClassifier(max_iter=1, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for network in (ours, theirs):
            network.fit(ROWS, FIRST)
    given_the_weights_of(ours, theirs)
    for network in (ours, theirs):
        network.set_params(max_iter=500, warm_start=True)
        network.fit(ROWS, FIRST, sample_weight=np.linspace(0.2, 2.0, 80) if weighted else None)
    assert 5 < ours.n_iter_ == theirs.n_iter_ < 500
    assert ours.t_ == theirs.t_
    np.testing.assert_allclose(ours.loss_curve_[1:], theirs.loss_curve_[1:], atol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(ROWS), theirs.predict_proba(ROWS), atol=1e-9)


@pytest.mark.filterwarnings(CONVERGENCE)
def test_a_batch_that_weighs_nothing_teaches_nothing() -> None:
    weights = np.r_[np.zeros(40), np.ones(40)]
    settings: dict[str, Any] = {"solver": "sgd", "momentum": 0.0, "shuffle": False, "max_iter": 3, "random_state": 0}
    network = MLPClassifier((3,), batch_size=40, **settings).fit(ROWS, FIRST, sample_weight=weights)
    other = MLPClassifier((3,), batch_size=40, **settings).fit(ROWS[40:], FIRST[40:])
    np.testing.assert_allclose(network.predict_proba(ROWS), other.predict_proba(ROWS), rtol=1e-12)


@pytest.mark.filterwarnings(CONVERGENCE)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_what_is_held_out_is_scored_by_its_weights(kind: Any) -> None:
    """Rows that are wrong and weigh nothing leave the score as it is."""
    rows, right = np.vstack([ROWS, ROWS]), np.r_[ROWS[:, 0] > 0.0, ROWS[:, 0] < 0.0].astype(int)
    weights = np.r_[np.ones(80), np.zeros(80)]
    network = kind((4,), early_stopping=True, validation_fraction=0.5, learning_rate_init=0.05, random_state=0)
    assert network.fit(rows, right, sample_weight=weights).best_validation_score_ > 0.5


@pytest.mark.filterwarnings(CONVERGENCE)
def test_counts() -> None:
    counts = np.round(np.exp(ROWS[:, 0]))
    network = MLPRegressor((4,), loss="poisson", early_stopping=True, max_iter=60, random_state=0).fit(ROWS, counts)
    assert (network.predict(ROWS) > 0.0).all() and network.score(ROWS, counts) > 0.5
    assert network.best_validation_score_ > 0.0
    with pytest.raises(ValueError, match="y has numbers below 0"):
        MLPRegressor(loss="poisson").fit(ROWS, -counts)
    with pytest.raises(ValueError, match="'loss' parameter of MLPRegressor must be a str among"):
        MLPRegressor(loss="huber").fit(ROWS, counts)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_too_few_held_out_are_an_error(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"early_stopping holds out 1 of 8 samples, .*: expected at least 2"):
        kind(early_stopping=True).fit(ROWS[:8], FIRST[:8])


def test_a_network_that_goes_on_keeps_its_layers() -> None:
    network = MLPClassifier((4,)).partial_fit(ROWS, FIRST, [0, 1])
    with pytest.raises(ValueError, match=r"hidden_layer_sizes is \(7,\): the network, which goes on, has \(4,\)"):
        network.set_params(hidden_layer_sizes=(7,)).partial_fit(ROWS, FIRST)
    network.set_params(hidden_layer_sizes=4).partial_fit(ROWS, FIRST)


@pytest.mark.filterwarnings(CONVERGENCE)
def test_parameters_from_numpy() -> None:
    settings = {"max_iter": np.int64(2), "n_iter_no_change": np.int64(3), "shuffle": np.True_, "verbose": np.False_}
    MLPClassifier((np.int64(2),), **settings, alpha=np.float32(0.1)).fit(ROWS, FIRST)


def test_both_have_the_same_parameters_and_the_regressor_its_loss() -> None:
    """scikit-learn reads them off each class's own signature, so they stand there twice."""
    theirs = dict(signature(MLPRegressor).parameters)
    assert theirs.pop("loss").default == "squared_error"
    assert theirs == dict(signature(MLPClassifier).parameters)
    given = {name: object() for name in theirs}
    assert {name: x for name, x in MLPRegressor(**given).get_params().items() if name != "loss"} == given
