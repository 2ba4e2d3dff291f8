"""Optimisers: PyTorch's numbers, saved states, and steps that happen whole or not at all."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.optim.optimizer
from autograd_tiny import NonFiniteError, Value
from nn.optim.adaptive import Adam, AdamW, RMSProp
from nn.optim.optimizer import Optimizer
from nn.optim.sgd import SGD

from .reference import make_torch_trajectories as reference

STORED = json.loads(reference.FILE.read_text())
KINDS: dict[str, type[Optimizer]] = {"SGD": SGD, "RMSProp": RMSProp, "Adam": Adam, "AdamW": AdamW}
NAMES = list(reference.OPTIMIZERS)


def raises(kind: type[BaseException], call: Any) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def make(name: str, x: list[Value]) -> Any:
    kind, _, options = reference.OPTIMIZERS[name]
    return KINDS[kind](x, **options)


def numbers(x: list[Value]) -> list[float]:
    return [p.data for p in x]


def walk(optimizer: Optimizer, steps: int) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        reference.loss(optimizer.parameters).backward()
        optimizer.step()


@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_steps_are_torchs(name: str) -> None:
    x = [Value(number) for number in reference.START]
    optimizer, done = make(name, x), 0
    for step, expected in zip(reference.KEPT, STORED["trajectories"][name], strict=True):
        walk(optimizer, step - done)
        done = step
        assert numbers(x) == pytest.approx(expected, rel=1e-10, abs=0.0), step


def test_the_reference_is_torchs() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: its numbers are the stored ones")
    now = reference.reference()
    for name in NAMES:
        for mine, stored in zip(now["trajectories"][name], STORED["trajectories"][name], strict=True):
            assert mine == pytest.approx(stored, rel=1e-12, abs=0.0), name
    for name, rates in STORED["rates"].items():
        assert now["rates"][name] == pytest.approx(rates, rel=1e-12)
    for mine, stored in zip(now["clipped"], STORED["clipped"], strict=True):
        for one, other in zip(mine, stored, strict=True):
            assert [*one["by_norm"], one["norm"]] == pytest.approx([*other["by_norm"], other["norm"]], rel=1e-12)
            assert one["by_value"] == other["by_value"]


def test_the_comparison_sees_a_wrong_option() -> None:
    for wrong in (Adam, AdamW):
        x = [Value(number) for number in reference.START]
        walk(wrong(x, lr=0.05, weight_decay=0.2 * 1.001), 100)
        assert numbers(x) != pytest.approx(STORED["trajectories"]["adamw decay"][-1], rel=1e-7)


def test_arguments_and_defaults_are_torchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from inspect import signature

    for ours, theirs in ((RMSProp, "RMSprop"), (Adam, "Adam"), (AdamW, "AdamW")):
        wanted = signature(getattr(torch.optim, theirs)).parameters
        for name, argument in list(signature(ours).parameters.items())[1:]:
            assert argument.default == wanted[name].default, (ours, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_restored_run_is_the_same_to_the_last_bit(name: str) -> None:
    x = [Value(number) for number in reference.START]
    whole = make(name, x)
    walk(whole, 30)
    state, middle = json.loads(json.dumps(whole.state_dict())), numbers(x)
    walk(whole, 30)

    y = [Value(number) for number in middle]
    restored = KINDS[whole.kind](y, lr=7.0)
    restored.load_state_dict(state)
    assert json.dumps(restored.state_dict()) == json.dumps(state), "options too"
    walk(restored, 30)
    assert numbers(y) == numbers(x)
    assert restored.state_dict() == whole.state_dict()


@pytest.mark.parametrize("name", NAMES)
def test_arrays_give_the_bits_of_floats(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    runs: list[Any] = []
    for least in (1, 10**9):
        monkeypatch.setattr(nn.optim.optimizer, "ARRAYS_FROM", least)
        x = [Value(number) for number in reference.START]
        optimizer = make(name, x)
        walk(optimizer, 40)
        runs.append((numbers(x), optimizer.state_dict()))
        monkeypatch.setattr(nn.optim.optimizer, "ARRAYS_FROM", 10**9 if least == 1 else 1)
        walk(optimizer, 3)  # and one run can go on as the other
        runs[-1] += (numbers(x),)
    assert runs[0] == runs[1]
    json.dumps(runs[0][1])


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats()), min_size=1, max_size=5), st.sampled_from(NAMES))
def test_a_step_is_whole_or_not_at_all(rows: list[tuple[float, float]], name: str) -> None:
    x = [Value(number) for number, _ in rows]
    for p, (_, gradient) in zip(x, rows, strict=True):
        p.grad = gradient
    optimizer = make(name, x)
    before = numbers(x), optimizer.state_dict()
    try:
        optimizer.step()
    except NonFiniteError:
        assert (numbers(x), optimizer.state_dict()) == before
    else:
        assert all(math.isfinite(gradient) for _, gradient in rows)
        kept = optimizer.state_dict()["kept"].values()
        assert all(map(math.isfinite, [*numbers(x), *(k for column in kept for k in column)]))


def test_finite_numbers_whose_sum_overflows_are_fine() -> None:
    x = [Value(1.7e308), Value(1.7e308)]
    SGD(x, lr=0.1).step()
    assert numbers(x) == [1.7e308, 1.7e308]


@pytest.mark.parametrize("least", [1, 10**9])
def test_nonfinite_steps_name_the_parameter(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.optim.optimizer, "ARRAYS_FROM", least)
    a, b = Value(1.0, "a"), Value(-1e308, "slope")
    a.grad, b.grad = 0.5, math.inf
    assert raises(NonFiniteError, Adam([a, b]).step) == (
        "Adam.step: the gradient of parameter 1 ('slope') is infinite: no parameter was changed; look for the cause in the loss"
    )
    b.grad = 1e308
    assert raises(NonFiniteError, SGD([a, b], lr=2.0).step) == (
        "SGD.step: the next number of parameter 1 ('slope') would be infinite, after -1e+308 with gradient 1e+308 and lr 2.0: "
        "no parameter was changed; lower the learning rate, or clip the gradients"
    )
    c = Value(1.0)
    c.grad = 1e200
    assert raises(NonFiniteError, RMSProp([c]).step) == (
        "RMSProp.step: the next square_avg of parameter 0 would be infinite, after 1.0 with gradient 1e+200 and lr 0.01: "
        "no parameter was changed; lower the learning rate, or clip the gradients"
    )
    assert (a.data, b.data, c.data) == (1.0, -1e308, 1.0)


class Interrupted(list):  # type: ignore[type-arg]
    """A list that Ctrl-C hits at the second element, while ``armed`` iterations in all were made."""

    iterations = 0

    def __iter__(self) -> Any:
        self.iterations += 1
        for i, element in enumerate(super().__iter__()):
            if self.iterations == 3 and i == 1:
                raise KeyboardInterrupt
            yield element


def test_an_interrupted_step_never_happened() -> None:
    x = [Value(1.0), Value(2.0)]
    optimizer = Adam(x)
    before = optimizer.state_dict()
    x[0].grad = x[1].grad = 1.0
    optimizer.parameters = Interrupted(x)
    with pytest.raises(KeyboardInterrupt):
        optimizer.step()
    assert (numbers(x), optimizer.state_dict()) == ([1.0, 2.0], before)
    optimizer.step()
    assert numbers(x) == pytest.approx([0.999, 1.999], rel=1e-8)


def test_centered_rmsprop_survives_the_rounding_below_zero() -> None:
    w = Value(0.0)
    optimizer = RMSProp([w], lr=1e-9, alpha=0.5, centered=True)
    for _ in range(200):  # one gradient for ever: the variance is 0, give or take rounding
        w.grad = 0.1
        optimizer.step()
    assert math.isfinite(w.data)


def test_the_learning_rate_can_be_set() -> None:
    w = Value(1.0)
    optimizer = SGD([w], lr=0.5)
    optimizer.lr, w.grad = 0, 1.0
    optimizer.step()
    assert w.data == 1.0
    assert raises(ValueError, lambda: setattr(optimizer, "lr", -0.1)) == (
        "SGD.lr got -0.1: expected a learning rate of at least 0"
    )
    assert "SGD.lr got 'x', a str: expected" in raises(TypeError, lambda: setattr(optimizer, "lr", "x"))
    assert optimizer.lr == 0.0


W = Value(1.0, "w")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: SGD([W, Value(2.0), W], lr=0.1), "SGD(parameters) has parameter 2 ('w') at 0 too: expected each once"),
        (lambda: SGD([W], 0.1, nesterov=True), "SGD(nesterov=True) got momentum 0.0: expected one above 0, such as 0.9"),
        (lambda: SGD([W], 0.1, weight_decay=-1), "SGD(weight_decay) got -1: expected a finite number of at least 0"),
        (lambda: Adam([W], betas=(0.9, 1.0)), "Adam(betas)[1] got 1.0: expected at least 0 and below 1"),
        (lambda: AdamW([W], eps=0.0), "AdamW(eps) got 0.0: expected a finite number above 0"),
        (lambda: RMSProp([W], alpha=1.0), "RMSProp(alpha) got 1.0: expected at least 0 and below 1"),
        (lambda: SGD(W, 0.1), "SGD(parameters) got Value(data=1.0, grad=0.0, label='w'), a Value: expected model.parameters() or a list of leaves"),  # type: ignore[arg-type]
        (lambda: SGD([W], "0.1"), "SGD(lr) got '0.1', a str: expected a learning rate above 0"),  # type: ignore[arg-type]
        (lambda: Adam([W], amsgrad=1), "Adam(amsgrad) got 1, an int: expected True or False"),  # type: ignore[arg-type]
        (lambda: Adam([W], betas=0.9), "Adam(betas) got 0.9: expected two numbers, such as (0.9, 0.999)"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_bad_options_get_one_clear_error(call: Any, text: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value) == text


KEYS = "kind, lr, betas, eps, weight_decay, amsgrad, steps, parameters, kept"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda s: None, "got None, a NoneType: expected what state_dict() gave"),
        (lambda s: s | {"kind": "SGD"}, "got the state of 'SGD': expected one of 'Adam'"),
        (lambda s: s | {"x": 1}, f"got a state with an unexpected 'x': expected the keys {KEYS}"),
        (lambda s: {k: v for k, v in s.items() if k not in ("eps", "lr")}, f"got a state without 'lr', 'eps': expected the keys {KEYS}"),
        (lambda s: s | {"parameters": 3}, "got a state of 3 parameters: expected 2"),
        (lambda s: s | {"steps": -1}, "(steps) got -1: expected at least 0"),
        (lambda s: s | {"steps": 1.5}, "(steps) got 1.5, a float: expected a whole number of at least 0"),
        (lambda s: s | {"eps": math.nan}, "(eps) got nan: expected a finite number above 0"),
        (lambda s: s | {"kept": {"exp_avg": [0, 0]}}, "(kept) got ['exp_avg']: expected lists named ['exp_avg', 'exp_avg_sq']"),
        (lambda s: s | {"kept": s["kept"] | {"exp_avg": [1.0]}}, "(exp_avg) got 1 numbers: expected 2, one for each parameter"),
        (lambda s: s | {"kept": s["kept"] | {"exp_avg": 1.0}}, "(exp_avg) got 1.0, a float: expected a list of 2 numbers"),
        (lambda s: s | {"kept": s["kept"] | {"exp_avg": [1.0, math.inf]}}, "(exp_avg)[1] got inf: expected a finite number"),
    ],
)  # fmt: skip
def test_a_wrong_state_changes_nothing(change: Any, text: str) -> None:
    optimizer = Adam([Value(1.0), Value(2.0)], lr=0.25)
    optimizer.step()
    before = optimizer.state_dict()
    other = Adam([Value(1.0), Value(2.0)]).state_dict()
    with pytest.raises((TypeError, ValueError)) as caught:
        optimizer.load_state_dict(change(other))
    assert str(caught.value) in (f"Adam.load_state_dict {text}", f"Adam.load_state_dict{text}")
    assert optimizer.state_dict() == before
