"""The questions of a lesson at the terminal: all is asked and counted, and a file's errors name it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograd_tiny.explaining.questions import read
from autograd_tiny_cli import lesson, main, questions

COMPUTED = '[[question]]\nexpression = "L = tanh(a*b)"\nnumbers = { a = 0.5, b = 1 }\n'
WITH_FILES = sorted(path.stem for path in lesson.FOLDER.glob("*.toml"))


def test_all_is_asked_and_counted() -> None:
    typed: Iterator[str] = iter(["0.786", "what", "", "−6"])
    said: list[str] = []
    asked = read((COMPUTED + 'gradient = "a"\n') * 2 + '[[question]]\nask = "?"\nanswer = -6\nwhy = "So."')
    assert questions.quiz(asked, lambda prompt: next(typed), said.append) == 2
    assert said[3] == "     It is 0.786." and said[-2:] == ["     So.", "2 of 3 right"]


def test_the_end_of_the_input_is_shown_the_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def ended(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    path = tmp_path / "mine.toml"
    path.write_text(COMPUTED + 'gradient = "b"')
    assert main(["lesson", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 of 1 right"
    path.write_text("[[question]]")
    assert main(["lesson", str(path)]) != 0
    assert f"{path}: question 1: expected an expression" in capsys.readouterr().err
    assert main(["lesson", "symmetry", "--quiz"]) != 0
    assert "the lessons with questions are accumulate, " in capsys.readouterr().err


@pytest.mark.parametrize("name", WITH_FILES)
def test_the_questions_of_the_lessons_can_be_answered(name: str) -> None:
    asked = read((lesson.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert asked and (lesson.FOLDER / f"{name}.py").exists()
    for question in asked:
        assert question.verdict(question.right).startswith("Right: ")
