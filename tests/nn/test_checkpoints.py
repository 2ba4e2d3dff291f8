"""Checkpoints of `nn.fit`: a run goes on to the same bits, a bad file changes nothing; for killed ones see `test_leftovers`."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn.training.checkpoints import CheckpointError

X = [[i / 10, (i * 7 % 5) / 5] for i in range(12)]
Y = [2 * a - b + 0.5 for a, b in X]

SCHEDULES: dict[str, Any] = {
    "none": lambda optimizer: None,
    "warm up": lambda optimizer: nn.WarmUp(nn.CosineSchedule(optimizer, T_max=6), epochs=2),
    "step": lambda optimizer: nn.StepSchedule(optimizer, step_size=2),
}
OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda parameters: nn.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda parameters: nn.Adam(parameters, lr=0.01),
    "rmsprop": lambda parameters: nn.RMSProp(parameters, lr=0.01),
}


def run(path: Path | None, epochs: int = 6, *, optimizer: str = "adam", schedule: str = "none", stop: int | None = None,
        dropout: int | None = 3, order: int | None = 0, seed: int = 0, **options: Any) -> tuple[Any, ...]:  # fmt: skip
    """Train a fresh network: all that the run came to, but for the seconds."""
    model = nn.Sequential(nn.Layer(2, 5, "tanh", seed=seed), nn.Dropout(0.3, seed=dropout), nn.Layer(5, 1, seed=1))
    chosen = OPTIMIZERS[optimizer](model.parameters())

    def interrupt(epoch: nn.Epoch) -> None:
        if epoch.epoch == stop:
            raise KeyboardInterrupt

    history = nn.fit(model, X, Y, **{"optimizer": chosen, "schedule": SCHEDULES[schedule](chosen), "epochs": epochs,
                     "batch_size": 5, "seed": order, "validation": 0.25, "metrics": ["r2"], "checkpoint": path,
                     "callbacks": interrupt, "verbose": 0, **options})  # fmt: skip
    state = {"weights": model.state_dict(), "optimizer": chosen.state_dict()}
    told = {**history.to_dict(), "records": [{**row, "seconds": 0} for row in history.to_dict()["records"]]}
    return state, told, model


@given(
    stop=st.integers(1, 5),
    every=st.integers(1, 3),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    schedule=st.sampled_from(sorted(SCHEDULES)),
    patience=st.sampled_from([None, 1, 2, 10]),
)
@settings(max_examples=25)
def test_a_resumed_run_is_that_never_interrupted(
    tmp_path_factory: pytest.TempPathFactory, stop: int, every: int, optimizer: str, schedule: str, patience: int | None
) -> None:
    path = tmp_path_factory.mktemp("run") / "run.json"
    setting: dict[str, Any] = {"optimizer": optimizer, "schedule": schedule, "patience": patience}
    straight = run(None, **setting)
    _, told, _ = run(path, stop=stop, checkpoint_every=every, **setting)
    assert told["status"] == "stopped"
    assert run(path, checkpoint_every=every, **setting)[:2] == straight[:2]
    assert run(path, checkpoint_every=every, **setting)[:2] == straight[:2], "a finished run is told again"


def test_without_seeds_too(tmp_path: Path) -> None:
    options: dict[str, Any] = {"dropout": None, "order": None}
    random.seed(7)
    straight = run(None, **options)
    after = random.random()
    random.seed(7)
    run(tmp_path / "run.json", stop=4, **options)
    random.seed(8)
    assert run(tmp_path / "run.json", **options)[:2] == straight[:2]
    assert random.random() == after


def test_a_run_goes_on_for_longer_and_others_can_be_told_to(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    run(path, epochs=3)
    assert run(path, epochs=6)[:2] == run(None, epochs=6)[:2]
    _, told, _ = run(path, epochs=2)
    assert (told["status"], told["reason"]) == ("completed", "6 epochs, as asked")
    _, told, _ = run(path, epochs=2, resume=False)
    assert len(told["records"]) == 2
    assert len(json.loads(path.read_bytes())["history"]["records"]) == 2
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        run(tmp_path / "other.json", resume=True)
    assert not (tmp_path / "other.json").exists()


def test_it_is_written_every_so_many_epochs_and_at_the_end(tmp_path: Path) -> None:
    path, counts = tmp_path / "run.json", []

    def count(epoch: nn.Epoch) -> None:
        counts.append(len(json.loads(path.read_bytes())["history"]["records"]) if path.exists() else 0)

    run(path, epochs=8, checkpoint_every=3, callbacks=count)
    count(nn.Epoch(9, 9, 0.0))
    assert counts == [0, 0, 0, 3, 3, 3, 6, 6, 8]


def test_a_diverged_run_diverges_again_to_the_same_weights(tmp_path: Path) -> None:
    def diverge(path: Path | None, stop: int | None = None) -> tuple[Any, ...]:
        model = nn.Neuron(2, None, seed=0)

        history = nn.fit(model, X, Y, optimizer=nn.SGD(model.parameters(), lr=30.0), batch_size=None, verbose=0,
                         checkpoint=path, callbacks=lambda epoch: epoch.epoch == stop)  # fmt: skip
        return history.status, history.reason, history.loss, model.state_dict()

    straight = diverge(None)
    assert straight[0] == "diverged"
    for stop in range(1, len(straight[2])):
        diverge(tmp_path / f"{stop}", stop)
        assert diverge(tmp_path / f"{stop}") == straight


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "batches": ({"batch_size": 4}, "batch_size was 5 and is 4"),
    "seed": ({"order": 1}, "seed was 0 and is 1"),
    "loss": ({"loss": "mae"}, "loss was 'mean_squared_error' and is 'mean_absolute_error'"),
    "optimizer": ({"optimizer": "sgd"}, "optimizer was "),
    "schedule": ({"schedule": "step"}, "schedule was None and is "),
    "validation": ({"validation": (X, Y)}, "validation was 0.25 and is '12 samples"),
    "clipping": ({"clip_norm": 1.0}, "clip_norm was None and is '1.0'"),
    "metrics": ({"metrics": []}, r"metrics was \['r2'\] and is \[\]"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_that_of_another_run_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "run.json"
    run(path, epochs=2)
    content = path.read_bytes()
    options, words = OTHERS[name]
    with pytest.raises(CheckpointError, match=rf"run.json' is of another run: .*{words}") as told:
        run(path, **options)
    assert "nothing was changed. Give fit another checkpoint=, or resume=False" in str(told.value)
    assert path.read_bytes() == content


def test_that_of_another_model_or_data_set_or_rate_is_refused(tmp_path: Path) -> None:
    def start(model: nn.Module, data: Any = X, lr: float = 0.1) -> None:
        optimizer = nn.SGD(model.parameters(), lr=lr)
        nn.fit(model, data, Y, optimizer=optimizer, epochs=2, checkpoint=tmp_path / "a", verbose=0, seed=0)

    start(nn.Neuron(2, seed=0))
    start(nn.Neuron(2, seed=5))  # another start is no other run: the weights are those of the file
    for words, options in {
        "model was {'weight': '2', 'bias': 'a number'} and is {'0.weight'": {"model": nn.Sequential(nn.Layer(2, 1))},
        "data was '12 samples with fingerprint": {"model": nn.Neuron(2), "data": [[b, a] for a, b in X]},
        "learning rate was 0.1 and is 0.2": {"model": nn.Neuron(2), "lr": 0.2},
    }.items():
        with pytest.raises(CheckpointError) as told:
            start(**options)
        assert words in str(told.value)


def mended(**changes: Any) -> Any:
    return lambda state: {**state, **changes}


def without(key: str) -> Any:
    return lambda state: {k: v for k, v in state.items() if k != key}


SPOILT: dict[str, tuple[Any, str]] = {
    "foreign": (lambda state: {"format": "something else"}, "is no checkpoint of nn.fit"),
    "a list": (lambda state: [1], "is no checkpoint of nn.fit"),
    "version": (mended(version=99), "is of version 99, and this program reads 1"),
    "no optimizer": (without("optimizer"), "lacks optimizer"),
    "few weights": (lambda s: {**s, "parameters": s["parameters"][:-1]}, "parameters got 20 numbers: expected 21"),
    "nan": (lambda s: {**s, "parameters": [float("nan"), *s["parameters"][1:]]}, r"parameters\[0\] got nan"),
    "text": (lambda s: {**s, "good": ["1.0", *s["good"][1:]]}, r"good\[0\] got '1.0', a str"),
    "optimizer": (mended(optimizer={"kind": "SGD"}), "Adam.load_state_dict got the state of 'SGD'"),
    "schedule": (mended(schedule=None), "its schedule is missing"),
    "bad schedule": (mended(schedule={"kind": "StepSchedule"}), "StepSchedule.load_state_dict got a state without"),
    "stopping": (mended(stopping={}), "Stopping.load_state_dict got the state of None"),
    "held out": (mended(held_out=[3, 3, 4]), "held_out is"),
    "held out far": (mended(held_out=[3, 4, 12]), "held_out is"),
    "random": (lambda s: {**s, "random": {**s["random"], "order": [3, [1, 2], None]}}, "is no state of a random gen"),
    "random names": (mended(random={}), "it has random numbers of nothing: expected order, 1.rng"),
    "history": (mended(history={"records": []}), "History.from_dict got the keys records"),
    "run": (mended(run=None), "is of another run"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_checkpoint_changes_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "run.json"
    setting: dict[str, Any] = {"schedule": "step", "patience": 5}
    run(path, epochs=2, **setting)
    change, words = SPOILT[name]
    path.write_text(json.dumps(change(json.loads(path.read_bytes()))))
    refused(path, words, **setting)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_checkpoint_changes_nothing(tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.json"
    run(path, epochs=2)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(path, "is no whole JSON file", schedule="none")
    path.write_bytes(b"\xff\xfe" + content)
    refused(path, "is no whole JSON file", schedule="none")


def refused(path: Path, words: str, *, schedule: str, **options: Any) -> None:
    """The file is named, and it and all that `fit` was given stay as they were."""
    content = path.read_bytes()
    model = nn.Sequential(nn.Layer(2, 5, "tanh", seed=0), nn.Dropout(0.3, seed=3), nn.Layer(5, 1, seed=1))
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    chosen = SCHEDULES[schedule](optimizer)

    def everything() -> list[Any]:
        return [
            model.state_dict(),
            optimizer.state_dict(),
            chosen and chosen.state_dict(),
            model.steps[1].rng.getstate(),
        ]

    before = everything()
    with pytest.raises(CheckpointError, match=rf"run.json' .*{words}"):
        nn.fit(model, X, Y, optimizer=optimizer, schedule=chosen, epochs=6, batch_size=5, seed=0, validation=0.25,
               metrics=["r2"], checkpoint=path, verbose=0, **options)  # fmt: skip
    assert everything() == before
    assert path.read_bytes() == content
