"""The command ``lesson``: its list, a run, a wrong name, and a package without lessons."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograd_tiny_cli import lesson, main

NAMES = ["accumulate", "chain-rule", "descent-counts", "dying-relu", "learning-rate", "saturation", "second-backward",
         "symmetry", "topological-order", "zero-grad"]  # fmt: skip


def test_the_list_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-2]] == NAMES
    assert lines[-2:] == ["", "run one: autograd-tiny lesson NAME"]
    assert lines[NAMES.index("zero-grad")] == "zero-grad          clear the old gradient before each step."
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    "name", ["topological-order", "topological_order", "Topological Order", "topological_order.py"]
)
def test_a_lesson_runs_under_any_spelling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = list(sys.path)
    assert main(["lesson", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith("TOPOLOGICAL ORDER: ")
    assert out.endswith(f"\nThe lesson's code: {lesson.FOLDER / 'topological_order.py'}\n")
    assert sys.path == before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("topological-ordr", "unknown lesson 'topological-ordr': did you mean 'topological-order'?"),
        ("relu", "unknown lesson 'relu': did you mean 'dying-relu'?"),
        ("../gpt", f"unknown lesson '../gpt': choose one of {', '.join(NAMES)}"),
        ("side-by-side", f"unknown lesson 'side-by-side': choose one of {', '.join(NAMES)}"),
        ("", f"unknown lesson '': choose one of {', '.join(NAMES)}"),
    ],
)
def test_a_wrong_name(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson", name]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"autograd-tiny lesson: {hint}\n")


def test_an_installation_without_lessons_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lesson, "FOLDER", tmp_path / "examples" / "lessons")
    for arguments in (["lesson"], ["lesson", "symmetry"]):
        assert main(arguments) == 1
        err = capsys.readouterr().err
        assert err == (
            f"autograd-tiny lesson: there are no examples in {str(tmp_path / 'examples' / 'lessons')!r}: a wheel brings "
            "them and a clone has them, so this installation is incomplete; install it again: "
            "pip install --force-reinstall --no-deps autograd-tiny\n"
        )


def test_it_runs_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autograd_tiny", "lesson", "accumulate"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ACCUMULATION: ")
