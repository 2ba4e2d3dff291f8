"""The systems of the source articles: each trains on its data and reaches its figure."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import autograd_tiny

ROOT = Path(__file__).parent.parent.parent
SYSTEMS = ["logistic_regression", "two_layer_net", "image_classifier", "digits", "regression"]


def run(name: str, **options: Any) -> dict[str, Any]:
    module = importlib.import_module(f"examples.{name}")
    return module.main(verbose=0, **options)  # type: ignore[no-any-return]


def test_logistic_regression_tells_96_of_100_tumours_right() -> None:
    assert run("logistic_regression")["accuracy"] >= 0.96


def test_the_two_layer_net_equals_its_matrix_form() -> None:
    found = run("two_layer_net")
    assert found["difference"] <= 1e-12
    assert found["accuracy"] >= 0.9


def test_the_digit_recogniser_reads_93_of_100() -> None:
    found = run("digits")
    assert found["accuracy"] >= 0.93
    assert found["history"].loss[-1] < 0.25 * found["history"].loss[0]


@pytest.fixture(scope="module")
def histories() -> Any:
    return run("regression")["histories"]


@pytest.mark.once
@pytest.mark.parametrize("way", ["batch", "mini-batch", "stochastic"])
def test_the_regression_net_stops_early_below_its_tolerance(way: str, histories: Any) -> None:
    history = histories[way]
    iterations = {"batch": 1, "mini-batch": 4, "stochastic": 20}[way]
    assert history.status == "converged"
    assert history.loss[-1] < 0.5 < history.loss[-2]
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert history.iterations == iterations * history.epochs
    assert history.epochs < 2000


@pytest.mark.skipif(autograd_tiny.engine == "python", reason="takes 40 s on the plain engine")
def test_the_image_classifier_is_as_good_as_scikit_learns() -> None:
    from sklearn.neural_network import MLPClassifier

    from examples.image_classifier import patches

    found = run("image_classifier")
    assert found["history"].evaluation == "by a compiled program"
    assert found["training accuracy"] == 1.0
    training, test, training_labels, test_labels = patches()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = MLPClassifier((8,), max_iter=300, random_state=0).fit(training, training_labels)
    assert found["accuracy"] >= peer.score(test, test_labels) - 0.03


def test_no_test_patch_touches_a_training_patch() -> None:
    from examples.image_classifier import SEEN, patches

    training, test, _, _ = patches()
    assert training.shape == (209, 4096)
    assert test.shape == (200, 4096)
    assert abs(training.mean()) < 1e-12
    assert 0.0 < SEEN < 1.0


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_runs_as_a_script_of_its_own(name: str) -> None:
    """From anywhere, as ``python examples/NAME.py``: it only needs the installed packages."""
    code = f"import runpy; module = runpy.run_path({str(ROOT / 'examples' / name) + '.py'!r}); assert callable(module['main'])"
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")
