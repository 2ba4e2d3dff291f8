"""``autograd-tiny predict``: columns by name, bad rows by line, and models that are none."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd_tiny_cli import main
from nn.data import Standardiser

pytest.importorskip("safetensors", reason="models are safetensors files: extra `files`")

NOTES: dict[str, Any] = {
    "target": "kind", "columns": ["width", "height"], "classes": ["a", "b"], "target_scale": None,
    "scale": {"means": [10.0, 0.0], "deviations": [2.0, 1.0]},
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command in a folder with two models: class b from a width above 10, and number = 100 + width."""
    monkeypatch.chdir(tmp_path)
    classifier, regressor = nn.MLP(2, [2], init=0.0), nn.MLP(2, [1], init=0.0)
    classifier.load_state_dict({"layers.0.weight": [[0.0, 0.0], [4.0, 0.0]], "layers.0.bias": [0.0, 0.0]})
    regressor.load_state_dict({"layers.0.weight": [[0.2, 0.0]], "layers.0.bias": [0.0]})
    nn.save(classifier, "m", NOTES)
    scale = Standardiser([110.0], [10.0])
    nn.save(regressor, "r", {**NOTES, "classes": None, "target": "weight", "target_scale": scale.to_dict()})

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["predict", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_columns_are_found_by_name(run: Any) -> None:
    Path("d.csv").write_text("id;height;width\n7;0;12\n8;0;8.5\n", encoding="utf-8-sig")
    status, out, err = run("m", "d.csv")
    assert status == 0
    assert err == "not used, as the model was trained without: 'id'\n"
    assert out == "line,kind,probability\n2,b,0.982014\n3,a,0.952574\n"


def test_a_quantity(run: Any) -> None:
    Path("d.csv").write_text("width,height,weight\n12,0,113\n9,0,\n9,0,110\n")
    status, out, err = run("r", "d.csv")
    assert (status, out) == (0, "line,weight\n2,112.0\n3,109.0\n4,109.0\n")
    assert err == "compared with column 'weight': off by 1 on average\n"


def test_predictions_go_into_a_file(run: Any) -> None:
    Path("d.csv").write_text("width,height,kind\n12,0,b\n12,0,a\n9,0,\n")
    status, out, err = run("m", "d.csv", "--out", "p.csv")
    assert (status, out) == (0, "wrote 3 predictions of 'kind' to p.csv\n")
    assert err == "compared with column 'kind': 1 of 2 right\n"
    with open("p.csv", newline="") as file:
        assert [row[:2] for row in csv.reader(file)] == [["line", "kind"], ["2", "b"], ["3", "b"], ["4", "a"]]


def test_bad_rows(run: Any) -> None:
    lines = (
        "  line 3: 1 cells, and the header names 2 columns\n  line 4: column 'width' is 'x', not a number\n"
        "  line 6: its numbers are too far from those of the training: the prediction overflows\n"
    )
    Path("d.csv").write_text("width,height\n12,0\n12\nx,0\n9,0\n-1.7e308,1e308\n9,1\n")
    nn.save(nn.MLP(2, [2], init=1e100), "m", NOTES)
    status, out, err = run("m", "d.csv", "--out", "p.csv")
    assert (status, out) == (1, "")
    assert err == (
        "autograd-tiny predict: 'd.csv': 3 of 6 rows are bad\n" + lines
        + "  mend them, or go on without them: --skip-bad-rows\n"
    )  # fmt: skip
    assert not Path("p.csv").exists()
    status, out, err = run("m", "d.csv", "--skip-bad-rows")
    assert (status, err) == (0, "3 of 6 rows are bad and skipped:\n" + lines)
    assert [line.split(",")[0] for line in out.splitlines()] == ["line", "2", "5", "7"]


def test_columns_that_are_missing(run: Any) -> None:
    Path("d.csv").write_text("Width,hight\n12,0\n")
    assert run("m", "d.csv")[2] == (
        "autograd-tiny predict: 'd.csv' lacks 'width', 'height', which the model was trained on; did you mean 'Width'?\n"
    )
    Path("d.csv").write_text("width\n12\n")
    assert run("m", "d.csv")[2] == "autograd-tiny predict: 'd.csv' lacks 'height', which the model was trained on\n"


def test_what_is_read_is_not_written_over(run: Any) -> None:
    Path("d.csv").write_text("width,height\n12,0\n")
    for name in ("d.csv", "m"):
        before = Path(name).read_bytes()
        assert f"--out got {name!r}, which is read here: expected another file" in run("m", "d.csv", "--out", name)[2]
        assert Path(name).read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        {"target": 3}, {"columns": ["width"]}, {"columns": 3}, {"columns": ["width", 2]}, {"classes": ["a"]},
        {"classes": None}, {"classes": [1, 2]}, {"scale": None}, {"scale": {"means": [1.0], "deviations": [1.0]}},
        {"scale": {"means": [1.0, 1.0], "deviations": [1.0, 0.0]}},
    ],
)  # fmt: skip
def test_models_with_other_notes(change: dict[str, Any], run: Any) -> None:
    Path("d.csv").write_text("width,height\n12,0\n")
    nn.save(nn.MLP(2, [2]), "other", {**NOTES, **change})
    status, out, err = run("other", "d.csv")
    assert (status, out) == (1, "")
    assert err.startswith("autograd-tiny predict: 'other' is not a model that `autograd-tiny train data.csv` wrote: ")


def test_files_that_are_no_models(run: Any) -> None:
    Path("d.csv").write_text("width,height\n12,0\n")
    nn.save(nn.Neuron(2), "neuron", NOTES)
    nn.save(nn.MLP(2, [2]), "bare")
    for name, words in (
        ("no", "'no': there is no such file"),
        ("d.csv", "cannot read 'd.csv': this is no safetensors file: it looks like text"),
        ("bare", "'bare' is not a model that `autograd-tiny train data.csv` wrote"),
        ("neuron", "'neuron' is not a model that `autograd-tiny train data.csv` wrote"),
    ):
        status, out, err = run(name, "d.csv")
        assert (status, out) == (1, "")
        assert words in err
    assert "there is no file 'no.csv'" in run("m", "no.csv")[2]
    assert json.loads(json.dumps(NOTES)) == nn.read_notes("m")
