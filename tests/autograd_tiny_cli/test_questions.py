"""The questions of a lesson: a file is read or refused with its place, an answer is told which mistake it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograd_tiny_cli import lesson, main, questions

COMPUTED = '[[question]]\nexpression = "L = tanh(a*b)"\nnumbers = { a = 0.5, b = 1 }\n'
WITH_FILES = sorted(path.stem for path in lesson.FOLDER.glob("*.toml"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (0.786, "Right: 0 + 0.786 × 1 = 0.786."),
        (1.0, "1 is ∂(a×b)/∂a alone: the upstream gradient, 0.786, is forgotten. It is 0 + 0.786 × 1 = 0.786."),
        (-0.786, "-0.786 is the right size with the wrong sign. It is 0 + 0.786 × 1 = 0.786."),
        (5.0, "5 is not it: 0 + 0.786 × 1 = 0.786."),
    ],
)
def test_an_answer_is_told_what_it_is(answer: float, said: str) -> None:
    [asked] = questions.read(COMPUTED + 'gradient = "a"')
    assert asked.text == "L = tanh(a*b) at a = 0.5, b = 1. What is ∂L/∂a?"
    assert asked.verdict(answer) == said


def test_a_value_and_a_question_in_words() -> None:
    text = (
        COMPUTED
        + 'value = "L"\nask = "And L?"\n\n[[question]]\nask = "Twice?"\nanswer = 6\nmistakes = { "3" = "once" }\nwhy = "It adds."'
    )
    value, words = questions.read(text)
    assert value.text == "L = tanh(a*b) at a = 0.5, b = 1. And L?"
    assert value.verdict(0.462) == "Right: 0.462." and value.verdict(1.0) == "1 is not it. It is 0.462."
    assert [words.verdict(x) for x in (6.0, 3.0, 4.0)] == ["Right: 6.", "3 is once. It is 6.", "4 is not it. It is 6."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[question", "the questions are no TOML: "),
        ("x = 1", r"expected tables \[\[question\]\] and nothing else"),
        ('[[question]]\nanser = 1\nask = ""', "question 1: unknown key 'anser'; did you mean 'answer'"),
        (COMPUTED, "question 1: expected gradient or value, the name of what is asked for"),
        (COMPUTED + 'gradient = "q"', "question 1: 'q' is no name of the expression: expected one of a, b, L"),
        (COMPUTED + 'gradient = "L"', "question 1: L is what is differentiated: ask for the gradient of another"),
        (COMPUTED.replace("0.5", '"two"') + 'value = "a"', "question 1: a = 'two': expected a number"),
        (COMPUTED.replace("tanh", "tahn") + 'value = "a"', "question 1: unknown function tahn: did you mean tanh?"),
        ('[[question]]\nask = "?"', "question 1: expected an expression and its numbers, or ask and answer"),
        ('[[question]]\nask = 3\nanswer = 1', "question 1: ask = 3: expected a text"),
        ('[[question]]\nask = "?"\nanswer = true', "question 1: answer = True: expected a number"),
        ('[[question]]\nask = "?"\nanswer = 1\nmistakes = { x = "y" }', "question 1: mistakes = 'x': expected a number"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_it_should_be(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        questions.read(text)


def test_all_is_asked_and_counted() -> None:
    typed: Iterator[str] = iter(["0.786", "what", "", "−6"])
    said: list[str] = []
    asked = questions.read((COMPUTED + 'gradient = "a"\n') * 2 + '[[question]]\nask = "?"\nanswer = -6\nwhy = "So."')
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
    asked = questions.read((lesson.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert asked and (lesson.FOLDER / f"{name}.py").exists()
    for question in asked:
        assert question.verdict(question.right).startswith("Right: ")
