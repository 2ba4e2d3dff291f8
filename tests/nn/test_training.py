"""`nn.fit`: what an epoch's loss is, how runs end, and that the weights and modes are left as they should be."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from functools import partial
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_tiny import Value, nonfinite

X = [[i / 10, (i * 7 % 5) / 5] for i in range(11)]
LINE = [2 * a - b + 0.5 for a, b in X]
SIDES = [1 if a > b else -1 for a, b in X]


def net(*extra: Any, seed: int = 0) -> nn.Sequential:
    return nn.Sequential(nn.Layer(2, 4, "tanh", seed=seed), *extra, nn.Layer(4, 1, None, seed=seed + 1))


def weights(model: nn.Module) -> list[float]:
    return [p.data for p in model.parameters()]


def fit(model: nn.Module, X: Any = X, y: Any = LINE, **options: Any) -> nn.History:
    return nn.fit(model, X, y, **{"verbose": 0, "epochs": 3, "seed": 0, **options})


def still(model: nn.Module, **options: Any) -> nn.History:
    """A run of one epoch at a rate of 0."""
    optimizer = nn.SGD(model.parameters(), lr=1.0)
    optimizer.lr = 0.0
    return fit(model, optimizer=optimizer, epochs=1, **options)


LOSSES = ["mse", "mae", "huber", "half_sum_of_squares", partial(nn.mean_squared_error, reduction="sum")]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss if isinstance(loss, str) else "sum of squares")
@given(batch_size=st.integers(1, 13), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_the_loss_of_an_epoch_does_not_depend_on_the_batches(loss: Any, batch_size: int, seed: int) -> None:
    whole = still(net(), loss=loss, batch_size=None)
    parts = still(net(), loss=loss, batch_size=batch_size, seed=seed)
    assert parts.loss == pytest.approx(whole.loss, rel=1e-12)
    model = net()
    function = nn.loss_by_name(loss)
    assert whole.loss[0] == pytest.approx(function([model(x) for x in X], LINE).data, rel=1e-12)
    assert (whole.iterations, parts.iterations) == (1, -(-len(X) // batch_size))


@pytest.mark.parametrize("batch_size", [None, 1, 4])
def test_fit_takes_the_steps_of_a_loop_by_hand(batch_size: int | None) -> None:
    by_hand, fitted, rng = net(), net(), random.Random(5)
    optimizer, size = nn.Adam(by_hand.parameters(), lr=0.01), batch_size or len(X)
    norms, rows = [], []
    for _ in range(3):
        order = list(range(len(X)))
        if batch_size:
            rng.shuffle(order)
        for start in range(0, len(X), size):
            batch = order[start : start + size]
            loss = nn.mean_squared_error([by_hand(X[i]) for i in batch], [LINE[i] for i in batch])
            optimizer.zero_grad()
            loss.backward()
            norms.append(nn.clip_gradient_norm(by_hand.parameters(), 0.5))
            optimizer.step()
        rows.append(len(norms))
    history = fit(fitted, optimizer=nn.Adam(fitted.parameters(), lr=0.01), batch_size=batch_size, seed=5, clip_norm=0.5)
    assert weights(fitted) == weights(by_hand)
    assert [record.iterations for record in history.records] == rows
    assert history.gradient_norm[0] == pytest.approx(sum(norms[: rows[0]]) / rows[0])
    assert history.iterations == rows[-1]
    assert (history.status, history.reason, history.epochs) == ("completed", "3 epochs, as asked", 3)


def test_the_penalty_moves_the_weights_and_is_not_in_the_history() -> None:
    plain, decayed, penalised = net(), net(), net()
    first = fit(plain, optimizer=nn.SGD(plain.parameters(), lr=0.1), epochs=1, batch_size=None).loss
    fit(decayed, optimizer=nn.SGD(decayed.parameters(), lr=0.1, weight_decay=0.2), epochs=1, batch_size=None)
    history = fit(penalised, optimizer=nn.SGD(penalised.parameters(), lr=0.1), epochs=1, batch_size=None,
                  penalty=partial(nn.l2_penalty, strength=0.1))  # fmt: skip
    assert weights(penalised) == pytest.approx(weights(decayed), rel=1e-12)
    assert weights(penalised) != weights(plain)
    assert history.loss == first


def test_the_value_is_clipped_before_the_norm_and_the_norm_told_is_that_before() -> None:
    model = net()
    before = weights(model)
    history = fit(model, y=[100 * t for t in LINE], optimizer=nn.SGD(model.parameters(), lr=1.0), epochs=1,
                  batch_size=None, clip_value=0.01)  # fmt: skip
    assert history.gradient_norm[0] > 1
    assert max(abs(a - b) for a, b in zip(weights(model), before, strict=True)) == pytest.approx(0.01)


def test_schedule_and_optimizer_go_together() -> None:
    model = net()
    schedule = nn.StepSchedule(nn.SGD(model.parameters(), lr=0.1), step_size=2, gamma=0.5)
    assert fit(model, schedule=schedule, epochs=5).learning_rate == [0.1, 0.1, 0.05, 0.05, 0.025]
    assert fit(net()).learning_rate == [0.001] * 3, "Adam, as in Keras and scikit-learn"
    other = nn.SGD(net().parameters(), lr=0.1)
    with pytest.raises(
        ValueError, match=r"none of this model's parameters: write nn.SGD\(model.parameters\(\), lr=0.1"
    ):
        fit(model, optimizer=other)
    with pytest.raises(ValueError, match="schedule of another optimiser"):
        fit(model, schedule=schedule, optimizer=nn.SGD(model.parameters(), lr=0.1))


@given(share=st.floats(0.1, 0.9), seed=st.integers(0, 50))
@settings(max_examples=15)
def test_what_is_held_out_is_not_trained_on(share: float, seed: int) -> None:
    seen: list[Any] = []

    class Spy(nn.Neuron):
        def __call__(self, x: Any) -> Any:
            if self.training:
                seen.append(tuple(x))
            return super().__call__(x)

    history = fit(Spy(2, None, seed=0), validation=share, seed=seed, epochs=2, batch_size=3)
    assert len(seen) == 2 * (len(X) - round(share * len(X)))
    assert len(set(seen)) == len(seen) / 2
    assert len(history.validation_loss) == 2


def test_dropout_is_off_where_it_is_measured_and_modes_come_back() -> None:
    dropout = nn.Dropout(0.9, seed=1)
    model = net(dropout)
    model.steps[0].training = False
    model.training = False
    modes = [module.training for module in model.modules()]
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    history = fit(model, optimizer=optimizer, epochs=1, validation=(X, LINE), metrics=["r2"])
    assert [module.training for module in model.modules()] == modes
    model.eval()
    outputs = [model(x) for x in X]
    assert history.validation_loss == [nn.mean_squared_error(outputs, LINE).data]
    assert history.metrics["r2"] == history.validation_metrics["r2"] == [nn.r2_score(outputs, LINE)]
    assert history.loss[0] != history.validation_loss[0]


def test_accuracy_goes_with_the_loss() -> None:
    def of(loss: Any, targets: list[int], outputs: int = 1) -> float:
        model = nn.Sequential(nn.Layer(2, outputs, "sigmoid", seed=3), lambda x: x)
        history = still(model, y=targets, loss=loss, metrics=["accuracy"])
        return history.metrics["accuracy"][0]

    zero_one = [(side + 1) // 2 for side in SIDES]
    model = nn.Layer(2, 1, "sigmoid", seed=3)
    right = sum((model(x).data > 0.5) == (t == 1) for x, t in zip(X, zero_one, strict=True)) / len(X)
    positive = zero_one.count(1) / len(X)
    assert right != positive
    assert of("bce", zero_one) == of("mse", zero_one) == right
    assert of("bce_with_logits", zero_one) == of("hinge", SIDES) == of("mse", SIDES) == positive
    assert of(partial(nn.binary_cross_entropy, from_logits=True), zero_one) == positive
    rows = [[v.data for v in nn.Layer(2, 3, "sigmoid", seed=3)(x)] for x in X]
    classes = [row.index(max(row)) for row in rows]
    assert of("cross_entropy", classes, 3) == 1.0


def test_converged_below_the_tolerance() -> None:
    model = nn.Neuron(2, None, seed=0)
    history = fit(model, optimizer=nn.SGD(model.parameters(), lr=0.3), epochs=5000, tolerance=1e-6, batch_size=None)
    assert history.status == "converged"
    assert history.loss[-1] < 1e-6 <= min(history.loss[:-1])
    assert f"of epoch {history.epochs} is below the tolerance 1e-06" in history.reason


def test_patience_stops_and_leaves_the_best_weights() -> None:
    kept: list[list[float]] = []
    for restore in (True, False):
        model = net()
        kept.clear()
        history = fit(model, optimizer=nn.SGD(model.parameters(), lr=0.9), epochs=60, patience=4, validation=0.3,
                      restore_best=restore, callbacks=lambda _, model=model: kept.append(weights(model)))  # fmt: skip
        best = min(range(history.epochs), key=history.validation_loss.__getitem__)
        assert (history.status, history.best_epoch) == ("stopped", best + 1)
        assert history.epochs == history.best_epoch + 4
        assert f"validation loss was best in epoch {best + 1} (" in history.reason
        assert weights(model) == kept[best if restore else -1]
        assert kept[best] != kept[-1]


def test_patience_counts_only_what_improves_by_more_than_min_delta() -> None:
    model = nn.Neuron(2, None, seed=0)
    options: dict[str, Any] = {"epochs": 50, "batch_size": None, "patience": 3}
    history = fit(model, optimizer=nn.SGD(model.parameters(), lr=1e-6), min_delta=1.0, **options)
    assert (history.status, history.epochs, history.best_epoch) == ("stopped", 4, 1)
    again = fit(model, optimizer=nn.SGD(model.parameters(), lr=1e-6), **options)
    assert (again.status, again.epochs, again.best_epoch) == ("completed", 50, 50)
    rising = fit(model, optimizer=nn.SGD(model.parameters(), lr=0.1), metrics="r2", monitor="r2", **options)
    assert rising.best_epoch == max(range(rising.epochs), key=rising.metrics["r2"].__getitem__) + 1


@pytest.mark.parametrize("answer", ["stop", True])
def test_a_callback_ends_the_run(answer: Any) -> None:
    seen = []

    def enough(epoch: nn.Epoch) -> Any:
        seen.append(epoch.epoch)
        return answer if epoch.epoch == 2 else None

    history = fit(net(), epochs=9, callbacks=[enough, lambda epoch: seen.append(-epoch.epoch)])
    assert (history.status, history.reason) == ("stopped", "callback enough asked for it after epoch 2")
    assert seen == [1, -1, 2, -2]
    with pytest.raises(ValueError, match="returned 'halt': expected 'stop', True or nothing"):
        fit(net(), callbacks=lambda epoch: "halt")


def test_divergence_by_overflow_keeps_finite_weights() -> None:
    model = net()
    history = fit(model, optimizer=nn.SGD(model.parameters(), lr=1e160), epochs=50)
    assert history.status == "diverged"
    assert history.reason.startswith(f"in epoch {history.epochs + 1}: ")
    assert all(map(isfinite, weights(model)))
    assert isfinite(nn.mean_squared_error([model(x) for x in X], LINE).data)


def test_divergence_by_an_exploding_loss_goes_back_to_before() -> None:
    model = nn.Neuron(2, None, seed=0)
    starts = [weights(model)]
    history = fit(model, optimizer=nn.SGD(model.parameters(), lr=30.0), epochs=99, batch_size=None,
                  callbacks=lambda _: starts.append(weights(model)))  # fmt: skip
    assert history.status == "diverged"
    assert "more than a million times that of the first epoch" in history.reason
    assert history.loss[-1] > 1e6 * max(1.0, history.loss[0]) >= history.loss[-2]
    assert weights(model) == starts[history.epochs - 2], "the weights whose loss was the last sound one"


def test_divergence_where_numbers_are_let_flow() -> None:
    model = nn.Neuron(2, None, seed=0)
    before = weights(model)

    def loss(outputs: Any, targets: Any) -> Value:
        return nn.mean_squared_error(outputs, targets) * (Value(1e308) * 1e308 if model.training else 1.0)

    with nonfinite("allow"):
        history = fit(model, loss=loss)
    assert (history.status, history.reason) == ("diverged", "in epoch 1: its loss is infinite")
    assert weights(model) == before


def test_divergence_in_validation() -> None:
    model = nn.Neuron(1, "exp", init=1.0)
    history = fit(model, [[0.0]], [1.0], validation=([[0.0], [1000.0]], [1.0, 1.0]), epochs=2)
    assert history.status == "diverged"
    assert "exp" in history.reason
    assert history.epochs == 0


@pytest.mark.parametrize("where", ["callback", "loss"])
def test_ctrl_c_keeps_the_history_and_the_weights(where: str) -> None:
    model, calls = net(nn.Dropout(0.1, seed=0)), []
    model.eval()

    def interrupt(*_: Any) -> None:
        calls.append(weights(model))
        if len(calls) == 3:
            raise KeyboardInterrupt

    def loss(outputs: Any, targets: Any) -> Value:
        if model.training and where == "loss":
            interrupt()
        return nn.mean_squared_error(outputs, targets)

    history = fit(model, loss=loss, epochs=9, batch_size=None, callbacks=interrupt if where == "callback" else ())
    done = 3 if where == "callback" else 2
    assert (history.status, history.reason) == ("stopped", f"Ctrl-C after {done} epochs")
    assert history.epochs == history.iterations == done
    assert weights(model) == calls[-1]
    assert not any(module.training for module in model.modules())


SIGNALLED = """
import nn, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs us in the background has it ignored
model = nn.MLP(2, [8, 1], seed=0)
X = [[i / 10, i % 3] for i in range(30)]
def ready(epoch):
    if epoch.epoch == 2: print("ready", flush=True)
history = nn.fit(model, X, [x[0] for x in X], epochs=10**6, batch_size=1, seed=0, verbose=0, callbacks=ready)
assert len(history.loss) == len(history.seconds) == history.epochs >= 2, history
assert history.iterations >= 30 * history.epochs
print(history.status, history.reason.split(" after ")[0], all(abs(p.data) < 1e3 for p in model.parameters()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_real_sigint() -> None:
    with subprocess.Popen([sys.executable, "-c", SIGNALLED], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGINT)
        assert child.stdout.read() == "stopped Ctrl-C True\n"
    assert child.returncode == 0


def test_an_error_of_the_users_own_passes_through_and_modes_come_back() -> None:
    model = net()
    model.eval()

    def broken(epoch: nn.Epoch) -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        fit(model, callbacks=broken)
    assert not model.training


def test_a_target_that_does_not_fit_is_told_before_anything_changes() -> None:
    model = net()
    before, optimizer = weights(model), nn.Adam(model.parameters())
    for y, options, words in (
        ([*SIDES[:-1], 0], {"loss": "hinge"}, "hinge got target 0"),
        ([[t] for t in LINE], {}, r"targets of shape \(1, 1\): .*write \[t for"),
        (LINE, {"metrics": "categorical_accuracy"}, "categorical_accuracy"),
        (LINE, {"validation": (X[:2], [[1.0], [2.0]])}, r"targets of shape \(1, 1\)"),
    ):
        with pytest.raises(ValueError, match=words):
            fit(model, y=y, optimizer=optimizer, batch_size=2, **options)
        assert (weights(model), optimizer.steps, model.training) == (before, 0, True)


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"model": 3}, TypeError, r"fit\(model\) got 3, an int: expected an nn.Module that can be called"),
    ({"optimizer": nn.SGD}, TypeError, r"fit\(optimizer\) got .*expected an optimiser, such as nn.SGD\(model"),
    ({"schedule": 0.1}, TypeError, r"fit\(schedule\) got 0.1: expected a schedule"),
    ({"loss": "msee"}, ValueError, "unknown loss 'msee': did you mean 'mse'"),
    ({"loss": lambda outputs, targets: 1.0}, TypeError, "loss gave 1.0, a float: expected a Value to differentiate"),
    ({"penalty": 0.1}, TypeError, r"fit\(penalty\) got 0.1: expected a function of the parameters"),
    ({"metrics": ["acuracy"]}, ValueError, "unknown metric 'acuracy': did you mean 'accuracy'"),
    ({"metrics": [3]}, TypeError, "metrics has 3, an int"),
    ({"metrics": [lambda outputs, targets: "good"]}, TypeError, "metric '<lambda>' gave 'good', a str"),
    ({"epochs": 0}, ValueError, r"fit\(epochs\) got 0: expected at least 1"),
    ({"batch_size": 0}, ValueError, r"fit\(batch_size\) got 0: expected at least 1"),
    ({"batch_size": 2.0}, TypeError, r"fit\(batch_size\) got 2.0, a float"),
    ({"shuffle": 1}, TypeError, r"fit\(shuffle\) got 1, an int: expected True or False"),
    ({"seed": "x"}, TypeError, "seed got 'x', a str"),
    ({"validation": 1.5}, ValueError, r"fit\(validation\) got 1.5: expected \(X, y\), or a share"),
    ({"validation": 0.01}, ValueError, "validation got 0.01 of 11 samples, which is 0: expected at least one"),
    ({"validation": "half"}, TypeError, r"fit\(validation\) got 'half', a str"),
    ({"monitor": "validation_loss"}, ValueError, r"expected one of loss; it needs validation data"),
    ({"monitor": "r2"}, ValueError, r"fit\(monitor\) got 'r2': expected one of loss"),
    ({"tolerance": 0.0}, ValueError, r"fit\(tolerance\) got 0.0"),
    ({"patience": 0}, ValueError, r"fit\(patience\) got 0"),
    ({"min_delta": -1.0}, ValueError, r"fit\(min_delta\) got -1.0"),
    ({"clip_norm": 0.0}, ValueError, r"fit\(clip_norm\) got 0.0"),
    ({"callbacks": [3]}, TypeError, r"fit\(callbacks\) has 3, an int"),
    ({"checkpoint": 3}, TypeError, r"fit\(checkpoint\) got 3, an int: expected a file name"),
    ({"checkpoint": "no/such/folder/x"}, ValueError, "there is no folder 'no/such/folder'"),
    ({"resume": "yes"}, ValueError, r"fit\(resume\) got 'yes': expected True, False or 'auto'"),
    ({"verbose": 3}, ValueError, r"fit\(verbose\) got 3: expected 0, 1 or 2"),
    ({"X": X[:3]}, ValueError, "X has 3 samples and y 11 targets"),
]


@pytest.mark.parametrize(("options", "kind", "words"), BAD, ids=lambda x: str(x)[:30])
def test_what_does_not_fit_is_named(options: dict[str, Any], kind: type[Exception], words: str) -> None:
    model = net()
    before = weights(model)
    with pytest.raises(kind, match=words):
        fit(**{"model": model, **options})
    assert weights(model) == before


def test_a_norm_beyond_the_largest_float_is_divergence() -> None:
    model = nn.Neuron(2, None, init=0.1)
    history = fit(model, [[1.5e308, 1.5e308]], [0.0], loss=lambda outputs, targets: outputs[0] * 1.0)
    assert history.status == "diverged"
    assert "the norm of the gradients is beyond the largest float" in history.reason
    assert weights(model) == [0.1, 0.1, 0.0]
    clipped = fit(model, [[1.5e308, 1.5e308]], [0.0], loss=lambda outputs, targets: outputs[0] * 1.0, clip_value=1.0)
    assert (clipped.status, clipped.epochs) == ("completed", 3)
