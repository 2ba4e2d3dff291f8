"""Where weights start: each rule's bounds and variance, by its formula; seeds; what bad input gets."""

from __future__ import annotations

import math
import random
from statistics import fmean, pvariance
from typing import Any

import numpy as np
import pytest

import nn
from nn.initialization import RULES, initializer

INPUTS, OUTPUTS = 200, 100


def weights(init: Any, inputs: int = INPUTS, outputs: int = OUTPUTS, seed: Any = 0) -> list[float]:
    rows = nn.Layer(inputs, outputs, seed=seed, init=init).state_dict()["weight"]
    return [weight for row in rows for weight in row]


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        ("uniform", 16 / INPUTS / 3),
        ("normal", 1e-4),
        ("xavier", 2 / (INPUTS + OUTPUTS)),
        ("xavier_uniform", 2 / (INPUTS + OUTPUTS)),
        ("xavier_normal", 2 / (INPUTS + OUTPUTS)),
        ("he", 2 / INPUTS),
        ("he_normal", 2 / INPUTS),
        ("he_uniform", 2 / INPUTS),
    ],
)
def test_mean_and_variance_are_the_formulas(init: str, variance: float) -> None:
    """20,000 weights: five standard errors of a mean, and of a variance (at most √(2 / n) of it, for the normal)."""
    drawn = weights(init)
    assert abs(fmean(drawn)) < 5 * math.sqrt(variance / len(drawn))
    assert pvariance(drawn) == pytest.approx(variance, rel=5 * math.sqrt(2 / len(drawn)))
    beyond = sum(abs(weight) > 2 * math.sqrt(variance) for weight in drawn) / len(drawn)
    if init in ("normal", "he", "he_normal", "xavier_normal"):
        assert beyond == pytest.approx(0.0455, abs=0.01), "a normal has 4.55 % beyond two standard deviations"
    else:
        bound = math.sqrt(3 * variance)
        assert 0.999 * bound < max(drawn) <= bound
        assert -bound <= min(drawn) < -0.999 * bound


def test_every_rule_is_tested_above_or_below() -> None:
    marks = test_mean_and_variance_are_the_formulas.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in marks[0].args[1]} | {"zeros"} == set(RULES)


def test_fan_out_is_the_layers() -> None:
    seen = []

    def rule(rng: Any, inputs: int, outputs: int) -> float:
        seen.append((inputs, outputs))
        return 0.5

    nn.MLP(2, [3, 1], init=rule)
    assert seen == [(2, 3)] * 6 + [(3, 1)] * 3
    assert nn.Neuron(2, init=lambda rng, inputs, outputs: 10.0 * inputs + outputs).state_dict()["weight"] == [
        21.0,
        21.0,
    ]


def test_zeros_numbers_and_functions() -> None:
    assert set(weights("zeros", 2, 3)) == {0.0}
    assert set(weights(0.5, 2, 3)) == set(weights(np.float32(0.5), 2, 3)) == {0.5}
    rng = random.Random(0)
    assert weights(lambda rng, inputs, outputs: rng.uniform(1, 2), 2, 3) == [rng.uniform(1, 2) for _ in range(6)]


@pytest.mark.parametrize("init", [*RULES, 0.5])
def test_biases_are_zero_and_seeds_reproduce(init: Any) -> None:
    model = nn.MLP(2, [3, 2], seed=7, init=init)
    assert all(not any(entry) for name, entry in model.state_dict().items() if name.endswith("bias"))
    assert model.state_dict() == nn.MLP(2, [3, 2], seed=7, init=init).state_dict()
    assert model.state_dict() == nn.MLP(2, [3, 2], seed=random.Random(7), init=init).state_dict()
    assert model.state_dict() == nn.MLP(2, [3, 2], seed=np.int64(7), init=init).state_dict()  # type: ignore[arg-type]
    if init not in ("zeros", 0.5):
        assert model.state_dict() != nn.MLP(2, [3, 2], seed=8, init=init).state_dict()
        random.seed(7)
        assert model.state_dict() == nn.MLP(2, [3, 2], init=init).state_dict(), "without a seed, Python's random"


def test_the_default_is_micrograds() -> None:
    """One draw of random.uniform(-1, 1) for each weight, neuron by neuron."""
    rng = random.Random(1337)
    model = nn.MLP(2, [2, 1], seed=1337)
    for layer in model.layers:
        for neuron in layer.neurons:
            assert [w.data for w in neuron.w] == [rng.uniform(-1, 1) for _ in neuron.w]


@pytest.mark.parametrize(
    ("init", "kind", "text"),
    [
        ("xaiver", ValueError, "unknown init 'xaiver': did you mean 'xavier'?"),
        ("glorot_normal", ValueError, "unknown init 'glorot_normal': did you mean 'xavier_normal'?"),
        ("Kaiming_uniform", ValueError, "unknown init 'Kaiming_uniform': did you mean 'he_uniform'?"),
        ("?", ValueError, "unknown init '?': choose one of uniform, normal, xavier, xavier_uniform, xavier_normal, he, he_normal, he_uniform, zeros, a number or a function"),
        (None, TypeError, "init got None, a NoneType: expected a name such as 'xavier', a number, or a function of (rng, inputs, outputs)"),
        (True, TypeError, "init got True, a bool: expected a name such as 'xavier', a number, or a function of (rng, inputs, outputs)"),
        (math.inf, ValueError, "init got inf: expected a finite number; mask or replace it before it enters the graph"),
    ],
)  # fmt: skip
def test_bad_inits_get_one_clear_error(init: Any, kind: type[Exception], text: str) -> None:
    for make in (lambda: nn.Neuron(2, init=init), lambda: nn.Layer(2, 2, init=init), lambda: nn.MLP(2, [2], init=init)):
        with pytest.raises(kind) as caught:
            make()
        assert str(caught.value) == text
    with pytest.raises(kind):
        initializer(init)


def test_bad_numbers_of_a_function_and_bad_seeds() -> None:
    def broken(rng: Any, inputs: int, outputs: int) -> Any:
        return math.nan if inputs == 2 else "x"

    with pytest.raises(ValueError, match=r"^a weight, from init=broken, got nan: expected a finite number"):
        nn.Layer(2, 2, init=broken)
    with pytest.raises(TypeError, match=r"^a weight, from init=broken, got 'x', a str: expected a finite real number"):
        nn.Layer(3, 2, init=broken)
    with pytest.raises(TypeError, match=r"^seed got 1\.5, a float: expected a whole number, a random\.Random or None$"):
        nn.Neuron(2, seed=1.5)  # type: ignore[arg-type]
