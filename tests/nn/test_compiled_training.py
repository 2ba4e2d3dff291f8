"""`fit` by a compiled program: the histories of the graphs, and the graphs where a program would not do what they do."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
import nn
from autograd_tiny import Value

RNG = random.Random(0)
X = [[RNG.uniform(-1.0, 1.0) for _ in range(3)] for _ in range(23)]
SIDES = [1 if x[0] + x[1] > 0 else -1 for x in X]
LABELS = [(side + 1) // 2 for side in SIDES]
AMOUNTS = [x[0] * x[1] + 0.3 * x[2] for x in X]
ROWS = [[amount, -0.5 * amount + 0.1] for amount in AMOUNTS]
CLASSES = [i % 3 for i in range(len(X))]

TASKS: dict[str, tuple[Any, Any, list[int], list[str]]] = {
    "mse": ("mse", AMOUNTS, [4, 1], ["tanh", "linear"]),
    "mse of rows": ("mse", ROWS, [4, 2], ["relu", "linear"]),
    "mae": ("mae", AMOUNTS, [4, 1], ["sigmoid", "linear"]),
    "huber": ("huber", AMOUNTS, [4, 1], ["gelu", "linear"]),
    "half sum of squares": (nn.half_sum_of_squares, ROWS, [4, 2], ["tanh", "linear"]),
    "sum": (partial(nn.mean_squared_error, reduction="sum"), AMOUNTS, [4, 1], ["silu", "linear"]),
    "bce": ("binary_cross_entropy", LABELS, [4, 1], ["tanh", "sigmoid"]),
    "bce with logits": ("bce_with_logits", LABELS, [4, 1], ["leaky_relu", "linear"]),
    "hinge": ("hinge", SIDES, [4, 1], ["relu", "linear"]),
    "cross-entropy": ("cross_entropy", CLASSES, [5, 3], ["tanh", "linear"]),
    "a function": (lambda outputs, targets: ad.sum([(o - t).abs() for o, t in zip(outputs, targets, strict=True)])
                   / len(outputs), AMOUNTS, [4, 1], ["tanh", "linear"]),
}  # fmt: skip


def train(task: str = "mse", *, compile: Any, model: Any = None, optimizer: Any = None, **options: Any) -> Any:
    """The model and the history of a short run."""
    loss, targets, sizes, activations = TASKS[task]
    model = model or nn.MLP(3, sizes, activations, seed=1)
    optimizer = optimizer(model.parameters()) if optimizer else nn.SGD(model.parameters(), lr=0.05, momentum=0.5)
    settings = {"epochs": 4, "batch_size": 5, "seed": 0, **options}
    history = nn.fit(model, X, targets, loss=loss, optimizer=optimizer, verbose=0, compile=compile, **settings)
    return model, history


def close(ours: list[float], theirs: list[float]) -> None:
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def same(one: tuple[Any, Any], other: tuple[Any, Any]) -> None:
    """Two runs with the same histories and weights, to 1e-9."""
    for column in ("loss", "validation_loss", "gradient_norm", "learning_rate"):
        close(getattr(one[1], column), getattr(other[1], column))
    for name, numbers in one[1].metrics.items():
        close(numbers, other[1].metrics[name])
    assert (one[1].iterations, one[1].status) == (other[1].iterations, other[1].status)
    close([p.data for p in one[0].parameters()], [p.data for p in other[0].parameters()])


@pytest.mark.parametrize("batch_size", [1, 5, None])
@pytest.mark.parametrize("task", TASKS)
def test_every_loss_gives_the_history_of_the_graphs(task: str, batch_size: int | None) -> None:
    compiled, eager = (train(task, compile=way, batch_size=batch_size) for way in (True, False))
    assert compiled[1].evaluation == "by a compiled program"
    assert eager[1].evaluation == "eagerly: as asked"
    same(compiled, eager)
    assert any(abs(norm) > 1e-6 for norm in eager[1].gradient_norm)


@pytest.mark.parametrize(
    "options",
    [
        {"penalty": partial(nn.l2_penalty, strength=0.01)},
        {"clip_norm": 0.05},
        {"clip_value": 0.01},
        {"clip_value": 0.02, "clip_norm": 0.03},
        {"validation": 0.3, "metrics": ["r2_score"]},
        {"optimizer": lambda parameters: nn.Adam(parameters, lr=0.01, weight_decay=0.1)},
        {"optimizer": lambda parameters: nn.RMSProp(parameters[3:9], lr=0.01)},
        {"patience": 1, "optimizer": lambda parameters: nn.SGD(parameters, lr=1.5)},
    ],
    ids=["penalty", "norm", "value", "both clipped", "validation", "adam", "some parameters", "patience"],
)
def test_every_setting_gives_the_history_of_the_graphs(options: dict[str, Any]) -> None:
    same(*(train(compile=way, **options) for way in (True, False)))


def test_metrics_of_classes_and_validation_data() -> None:
    options = {"metrics": ["accuracy"], "validation": (X[:4], CLASSES[:4])}
    same(*(train("cross-entropy", compile=way, **options) for way in (True, False)))


def test_little_work_is_not_worth_a_program_and_much_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert train(compile="auto")[1].evaluation == "eagerly: too little work to be worth a program"
    monkeypatch.setattr("nn.training.compiled.WORTH_WHILE", 100)
    larger = nn.MLP(3, [16, 16, 1], seed=0)
    assert train(compile="auto", model=larger)[1].evaluation == "by a compiled program"


class Jittery(nn.Module):
    """Adds noise that it does not tell anyone about."""

    def __init__(self) -> None:
        self.line = nn.Neuron(3, "tanh", seed=0)

    def __call__(self, x: Any) -> Value:
        return self.line(x) + random.random()  # type: ignore[no-any-return]


class Branching(nn.Module):
    """Looks at a number on its way."""

    def __init__(self) -> None:
        self.line = nn.Neuron(3, None, seed=0)

    def __call__(self, x: Any) -> Value:
        y = self.line(x)
        return y if y.data > 0.0 else 0.1 * y  # type: ignore[no-any-return]


def root_mean_square(outputs: Any, targets: Any) -> Value:
    """A loss that is no mean of its samples' losses."""
    return nn.mean_squared_error(outputs, targets).sqrt()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"model": nn.Sequential(nn.Layer(3, 4, "tanh"), nn.Dropout(0.5, seed=0), nn.Layer(4, 1, None))}, "Dropout draws anew"),
        ({"model": Jittery()}, "draws at random"),
        ({"model": Branching()}, "reads the number of a Value"),
        ({"loss": root_mean_square}, "the loss of a batch is not the mean"),
    ],
    ids=["dropout", "noise", "branch", "root mean square"],
)  # fmt: skip
def test_what_a_program_cannot_do_is_done_by_graphs(options: dict[str, Any], reason: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("nn.training.compiled.WORTH_WHILE", 0)
    given = {"loss": "mse", "model": nn.MLP(3, [4, 1], seed=0), **options}
    model = given["model"]
    before = [p.data for p in model.parameters()]

    def run(compile: Any) -> Any:
        optimizer = nn.SGD(model.parameters(), lr=0.01)
        return nn.fit(model, X, AMOUNTS, loss=given["loss"], optimizer=optimizer, epochs=2, batch_size=8, seed=0,
                      verbose=0, compile=compile)  # fmt: skip

    with pytest.raises(ValueError, match=r"fit\(compile=True\): ") as error:
        run(True)
    assert reason in str(error.value)
    assert [p.data for p in model.parameters()] == before
    history = run("auto")
    assert history.evaluation.startswith("eagerly: ")
    assert reason in history.evaluation
    assert history.epochs == 2


class Annealed(nn.Module):
    """A model with a plain number in it, which a callback changes."""

    def __init__(self) -> None:
        self.layers, self.heat = nn.MLP(3, [16, 1], "tanh", seed=0), 1.0

    def __call__(self, x: Any) -> Value:
        return self.layers(x) * self.heat  # type: ignore[no-any-return]


def test_a_program_whose_recording_no_longer_holds_is_recorded_anew() -> None:
    def run(compile: Any) -> Any:
        model = Annealed()

        def cool(epoch: Any) -> None:
            if epoch.epoch == 2:
                model.heat = 0.5

        return train(compile=compile, model=model, callbacks=cool)

    import nn.training.compiled as module

    worth, module.WORTH_WHILE = module.WORTH_WHILE, 0
    try:
        eager, dropped = run(False), run("auto")
    finally:
        module.WORTH_WHILE = worth
    same(dropped, eager)
    assert dropped[1].evaluation == "by a compiled program"
    same(run(True), eager)


def test_an_interruption_leaves_the_values_with_their_numbers() -> None:
    model = nn.MLP(3, [4, 1], "tanh", seed=1)
    optimizer = nn.SGD(model.parameters(), lr=0.05)
    steps = 0
    move = optimizer.step_arrays

    def interrupted(weights: Any, gradients: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == 7:
            raise KeyboardInterrupt
        move(weights, gradients)

    optimizer.step_arrays = interrupted  # type: ignore[method-assign]
    history = nn.fit(model, X, AMOUNTS, optimizer=optimizer, epochs=4, batch_size=5, seed=0, verbose=0, compile=True)
    assert (history.status, history.epochs, history.iterations) == ("stopped", 1, 6)

    again = nn.MLP(3, [4, 1], "tanh", seed=1)
    optimizer = nn.SGD(again.parameters(), lr=0.05)
    nn.fit(again, X, AMOUNTS, optimizer=optimizer, epochs=1, batch_size=5, seed=0, verbose=0, compile=True)
    assert [p.data for p in model.parameters()] != [p.data for p in again.parameters()], "the sixth step counts"


@pytest.mark.parametrize("rate", [1e3, 1e200])
def test_a_run_that_diverges_ends_as_by_graphs(rate: float) -> None:
    runs = [train(compile=way, optimizer=lambda p: nn.SGD(p, lr=rate), epochs=50) for way in (True, False)]
    assert runs[0][1].status == runs[1][1].status == "diverged"
    assert runs[0][1].epochs == runs[1][1].epochs
    close([p.data for p in runs[0][0].parameters()], [p.data for p in runs[1][0].parameters()])


def test_a_resumed_run_has_the_bits_of_one_never_interrupted(tmp_path: Path) -> None:
    def run(epochs: int, checkpoint: Path | None) -> Any:
        return train(compile=True, epochs=epochs, checkpoint=checkpoint, optimizer=lambda p: nn.Adam(p, lr=0.01))

    whole = run(6, None)
    run(3, tmp_path / "run.json")
    resumed = run(6, tmp_path / "run.json")
    assert resumed[1].loss == whole[1].loss
    assert resumed[0].state_dict() == whole[0].state_dict()


def test_after_training_the_gradients_and_numbers_are_plain_again() -> None:
    model, _ = train(compile=True)
    loss = nn.mean_squared_error([model(x) for x in X], AMOUNTS)
    loss.backward()
    assert all(p.is_leaf for p in model.parameters())
    assert any(p.grad for p in model.parameters())


def test_leaves_that_are_not_trained_keep_fit_from_a_program_and_not_from_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nn.training.compiled.WORTH_WHILE", 0)
    scale = Value(2.0)
    model = nn.MLP(2, [4, 1], seed=0)

    def loss(outputs: Any, targets: Any) -> Any:
        return nn.mean_squared_error(outputs, targets) * scale

    X, y = [[0.1 * i, 1.0 - 0.1 * i] for i in range(8)], [0.1 * i for i in range(8)]
    history = nn.fit(model, X, y, loss=loss, epochs=2, verbose=0)
    assert history.evaluation == "eagerly: the model or the loss uses leaves that are none of the parameters trained"
    with pytest.raises(ValueError, match="uses leaves that are none of the parameters trained"):
        nn.fit(model, X, y, loss=loss, epochs=2, verbose=0, compile=True)


def test_threads_leave_the_bits_as_they_are() -> None:
    def run(threads: int) -> list[float]:
        model = nn.MLP(2, [8, 1], "tanh", seed=3)
        rng = np.random.default_rng(5)
        X = rng.normal(size=(9000, 2))
        fitted = nn.fit(model, X, X[:, 0] * X[:, 1], epochs=2, batch_size=None, threads=threads, seed=1, verbose=0)
        assert fitted.evaluation == "by a compiled program"
        return [p.data for p in model.parameters()]

    assert run(1) == run(3)
    with pytest.raises(ValueError, match=r"fit\(threads\) got 0"):
        nn.fit(nn.MLP(2, [1]), [[0, 0]], [0], threads=0)
