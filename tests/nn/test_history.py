"""`History`: columns of whole epochs, a table in words, and JSON and back; and how a run shows where it stands."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

import nn
from nn.training.history import Epoch, History


def trained(**options: Any) -> History:
    X = [[i / 9, i % 2] for i in range(10)]
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    return nn.fit(model, X, [x[0] for x in X], **{"epochs": 30, "seed": 1, "verbose": 0, **options})


def test_there_and_back_through_json() -> None:
    for history in (trained(), trained(validation=0.3, metrics=["r2"], patience=40), History()):
        again = History.from_dict(json.loads(json.dumps(history.to_dict())))
        assert again == history
        assert str(again) == str(history)


def test_columns_are_as_long_as_the_run() -> None:
    history = trained(validation=0.3, metrics=["r2", nn.mean_squared_error])
    columns = [history.loss, history.validation_loss, history.learning_rate, history.gradient_norm, history.seconds,
               *history.metrics.values(), *history.validation_metrics.values()]  # fmt: skip
    assert {len(column) for column in columns} == {30} == {history.epochs}
    assert list(history.metrics) == list(history.validation_metrics) == ["r2", "mean_squared_error"]
    assert history.validation_metrics["mean_squared_error"] == history.validation_loss
    assert trained().validation_loss == []
    assert trained().metrics == {}


TABLE = """\
stopped: loss was best in epoch 2 (0.5) and has not improved for 1 epoch
3 epochs and 12 iterations in 0.6 s
epoch  loss  validation loss  acc  validation acc  learning rate  gradient norm
    1     1              1.5  0.5            0.25            0.1              2
    2   0.5              1.5  0.5            0.25            0.1              2  best
    3  0.75              1.5  0.5            0.25            0.1              2"""


def test_the_table_in_words() -> None:
    rows = [Epoch(i, 4 * i, loss, 1.5, {"acc": 0.5}, {"acc": 0.25}, 0.1, 2.0, 0.2) for i, loss in
            enumerate([1.0, 0.5, 0.75], start=1)]  # fmt: skip
    reason = "loss was best in epoch 2 (0.5) and has not improved for 1 epoch"
    history = History(rows, "stopped", reason, best_epoch=2, iterations=12)
    assert str(history) == TABLE
    assert repr(history) == "History(stopped after 3 epochs, 12 iterations: loss 1 -> 0.75)"
    assert repr(History()) == "History(completed after 0 epochs, 0 iterations)"
    long = str(trained(epochs=500)).splitlines()
    assert len(long) <= 3 + 12
    assert long[3].split()[0] == "1"
    assert long[-1].split()[0] == "500"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "done"}, "expected one of converged, completed, stopped, diverged"),
        ({"records": 3}, r"\(records\) got 3: expected a list"),
        ({"records": [{}]}, r"records\[0\]\) got the keys : expected a dict with the keys epoch, iterations"),
        ({"iterations": -1}, r"\(iterations\) got -1"),
        ({"best_epoch": 0}, r"\(best_epoch\) got 0"),
        ({"reason": 3}, r"\(reason\) got 3: expected text"),
        ({"more": 3}, "expected a dict with the keys records, status"),
    ],
)
def test_what_is_no_history_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        History.from_dict({**trained().to_dict(), **change})
    rows = trained().to_dict()["records"]
    for wrong in ({**rows[1], "epoch": 1}, {**rows[1], "loss": "x"}, {**rows[1], "metrics": {"a": "b"}}):
        with pytest.raises((ValueError, TypeError), match=r"records\[1\]"):
            History.from_dict({**trained().to_dict(), "records": [rows[0], wrong]})


def test_silence_lines_and_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    trained(verbose=0)
    assert capsys.readouterr() == ("", "")
    trained(verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["1/30", *(f"{3 * i}/30" for i in range(1, 11))]
    assert lines[-1] == "completed: 30 epochs, as asked"
    history = trained(verbose=2, epochs=3, validation=0.2, metrics="accuracy")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[2].startswith(f"epoch 3/3  loss {history.loss[2]:.4g}  validation loss ")
    assert "  accuracy " in lines[2]
    assert "  validation accuracy " in lines[2]


def test_one_bar_with_the_time_left_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "120")):
        monkeypatch.setenv(name, value)
    history = trained(verbose=1, tolerance=1e9)
    said = capsys.readouterr().out
    assert "epoch 1/30" in said
    assert f"loss {history.loss[0]:.4g}" in said
    assert "left" in said
    assert "━" in said
    assert said.endswith(f"converged: {history.reason}\n")
