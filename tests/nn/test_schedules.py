"""Clipping and schedules: PyTorch's numbers, saved states, and what bad input gets."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import NonFiniteError, Value
from nn.optim import schedules
from nn.optim.clipping import clip_gradient_norm, clip_gradient_value
from nn.optim.schedules import CosineSchedule, ExponentialSchedule, LinearSchedule, Schedule, StepSchedule, WarmUp
from nn.optim.sgd import SGD

from .reference import make_torch_trajectories as reference
from .test_optim import STORED, raises

NAMES = [*reference.SCHEDULES, "warm-up"]


def with_gradients(gradients: list[float]) -> list[Value]:
    x = [Value(0.0) for _ in gradients]
    for p, gradient in zip(x, gradients, strict=True):
        p.grad = gradient
    return x


def make(name: str, lr: float = 0.1) -> Schedule:
    optimizer = SGD([Value(1.0)], lr=lr)
    kind, _, options = reference.SCHEDULES["cosine" if name == "warm-up" else name]
    made = getattr(schedules, kind)(optimizer, **options)
    return WarmUp(made, **reference.WARM_UP) if name == "warm-up" else made  # type: ignore[arg-type]


@pytest.mark.parametrize("i", range(len(reference.GRADIENTS)))
@pytest.mark.parametrize("k", range(len(reference.LIMITS)))
def test_clipping_is_torchs(i: int, k: int) -> None:
    gradients, limit, expected = reference.GRADIENTS[i], reference.LIMITS[k], STORED["clipped"][i][k]
    x = with_gradients(gradients)
    assert clip_gradient_norm(x, limit) == pytest.approx(expected["norm"], rel=1e-14)
    assert [p.grad for p in x] == pytest.approx(expected["by_norm"], rel=1e-14, abs=0.0)
    x = with_gradients(gradients)
    clip_gradient_value(x, limit)
    assert [p.grad for p in x] == expected["by_value"]


@given(st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=6), st.floats(1e-3, 1e3))
def test_clipped_gradients_keep_their_direction_and_stay_below(gradients: list[float], limit: float) -> None:
    x = with_gradients(gradients)
    norm = clip_gradient_norm(x, limit)
    assert math.hypot(*(p.grad for p in x)) <= limit * (1 + 1e-12)
    factor = min(1.0, limit / (norm + 1e-6))
    assert [p.grad for p in x] == [factor * gradient for gradient in gradients]


def test_clipping_nonfinite_gradients() -> None:
    x = with_gradients([1.0, -math.inf, math.nan])
    x[1].label = "slope"
    assert raises(NonFiniteError, lambda: clip_gradient_norm(x, 1.0)) == (
        "clip_gradient_norm: the gradient of parameter 1 ('slope') is infinite: no gradient was changed; look for the cause in the loss"
    )
    assert raises(NonFiniteError, lambda: clip_gradient_value(x, 0.5)) == (
        "clip_gradient_value: the gradient of parameter 2 is not a number: no gradient was changed; look for the cause in the loss"
    )
    assert x[0].grad == 1.0
    clip_gradient_value(x[:2], 0.5)
    assert [x[0].grad, x[1].grad] == [0.5, -0.5]
    assert "beyond the largest float" in raises(
        NonFiniteError, lambda: clip_gradient_norm(with_gradients([1.5e308, 1.5e308]), 1.0)
    )


@pytest.mark.parametrize("name", NAMES)
def test_rates_are_torchs(name: str) -> None:
    schedule, rates = make(name), []
    for _ in range(reference.EPOCHS):
        rates.append(schedule.lr)
        assert schedule.optimizer.lr == schedule.lr
        schedule.step()
    assert rates == pytest.approx(STORED["rates"][name], rel=1e-11, abs=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_a_restored_schedule_is_the_same_to_the_last_bit(name: str) -> None:
    def go_on(schedule: Schedule) -> list[float]:
        rates = []
        for _ in range(10):
            rates.append(schedule.lr)
            schedule.step()
        return rates

    schedule = make(name)
    go_on(schedule)
    state = json.loads(json.dumps(schedule.state_dict()))
    restored = make(name, lr=3.0)
    restored.load_state_dict(state)
    assert restored.state_dict() == state
    assert go_on(restored) == go_on(schedule)


OPTIMIZER = SGD([Value(1.0)], lr=0.1)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: StepSchedule(OPTIMIZER, 0), "StepSchedule(step_size) got 0: expected at least 1"),
        (lambda: StepSchedule(OPTIMIZER, 2.5), "StepSchedule(step_size) got 2.5, a float: expected a whole number of at least 1"),  # type: ignore[arg-type]
        (lambda: ExponentialSchedule(OPTIMIZER, 1.5), "ExponentialSchedule(gamma) got 1.5: expected above 0 and at most 1"),
        (lambda: CosineSchedule(OPTIMIZER, 5, -1), "CosineSchedule(eta_min) got -1: expected a finite number of at least 0"),
        (lambda: LinearSchedule(OPTIMIZER, 0.0), "LinearSchedule(start_factor) got 0.0: expected above 0 and at most 1"),
        (lambda: ExponentialSchedule(0.1, 0.9), "ExponentialSchedule got 0.1: expected an optimiser, such as nn.SGD"),  # type: ignore[arg-type]
        (lambda: WarmUp(OPTIMIZER, 5), "WarmUp got "),  # type: ignore[arg-type]
        (lambda: clip_gradient_norm([], 1.0), "clip_gradient_norm got no parameters: expected model.parameters() or a list of leaves"),
        (lambda: clip_gradient_norm([Value(1.0)], 0), "clip_gradient_norm(max_norm) got 0: expected a number above 0"),
        (lambda: clip_gradient_value([Value(1.0)], math.nan), "clip_gradient_value(limit) got nan: expected a number above 0"),
    ],
)  # fmt: skip
def test_bad_options_get_one_clear_error(call: Any, text: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value) == text or text == "WarmUp got "
    assert OPTIMIZER.lr == 0.1, "the optimiser keeps its rate"


def test_a_wrong_state_changes_nothing() -> None:
    schedule = make("warm-up")
    schedule.step()
    before, rate = schedule.state_dict(), schedule.lr
    wrong: list[tuple[Any, str]] = [
        (before | {"kind": "StepSchedule"}, "WarmUp.load_state_dict got the state of 'StepSchedule': expected one of 'WarmUp'"),
        (before | {"epoch": -1}, "WarmUp.load_state_dict(epoch) got -1: expected at least 0"),
        (before | {"epoch": 9, "then": make("step").state_dict()}, "CosineSchedule.load_state_dict got the state of 'StepSchedule': expected one of 'CosineSchedule'"),
        ({"kind": "WarmUp"}, "WarmUp.load_state_dict got a state without 'epoch', 'base_lr', 'epochs', 'start_factor', 'then': expected the keys kind, epoch, base_lr, epochs, start_factor, then"),
    ]  # fmt: skip
    for state, text in wrong:
        assert raises(ValueError, lambda state=state: schedule.load_state_dict(state)) == text
        assert (schedule.state_dict(), schedule.lr) == (before, rate)
