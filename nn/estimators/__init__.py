"""`MLPClassifier` and `MLPRegressor`: an `MLP` of scalars under scikit-learn's interface.

The names of parameters and attributes are those of scikit-learn's own estimators of these names, so that a `Pipeline`,
a `GridSearchCV` and one's fingers need not care which of the two they hold. What differs: ``model_`` is an `MLP`
whose every weight is a Value, to step through, draw and differentiate.

>>> from nn import MLPClassifier
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["even", "odd", "odd", "even"]
>>> network = MLPClassifier((8,), "tanh", learning_rate_init=0.1, max_iter=300, random_state=0).fit(X, y)
>>> network.predict(X).tolist(), network.model_
(['even', 'odd', 'odd', 'even'], MLP of [Layer of [8 TanhNeuron(2)], Layer of [1 LinearNeuron(8)]], 33 parameters)

`network` has the parameters and the training, `rates` the optimiser that they describe, `patience` when it ends,
`quasi_newton` the solver that needs neither, `objectives` what is minimised, `weights` how a batch's samples share in
it; `classifier` and `regressor` say what the outputs mean. Stands on ``training/``, ``optim/`` and ``losses/``.
"""

from __future__ import annotations

try:
    from sklearn.utils.validation import validate_data as _needed  # noqa: F401
except ImportError as error:
    raise ImportError(
        "MLPClassifier and MLPRegressor need scikit-learn 1.6 or newer: pip install 'autograd-tiny[data]'"
    ) from error

from .classifier import MLPClassifier as MLPClassifier
from .regressor import MLPRegressor as MLPRegressor
