"""The questions of a lesson: a file is read or refused with its place, an answer is told which mistake it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograd_tiny import Value, steps
from autograd_tiny.explaining.questions import read, read_file

COMPUTED = '[[question]]\nexpression = "L = tanh(a*b)"\nnumbers = { a = 0.5, b = 1 }\n'


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
    [asked] = read(COMPUTED + 'gradient = "a"')
    assert asked.text == "L = tanh(a*b) at a = 0.5, b = 1. What is ∂L/∂a?"
    assert asked.verdict(answer) == said


def test_a_value_and_a_question_in_words() -> None:
    text = (
        COMPUTED
        + 'value = "L"\nask = "And L?"\n\n[[question]]\nask = "Twice?"\nanswer = 6\nmistakes = { "3" = "once" }\nwhy = "It adds."'
    )
    value, words = read(text)
    assert value.text == "L = tanh(a*b) at a = 0.5, b = 1. And L?"
    assert value.verdict(0.462) == "Right: 0.462." and value.verdict(1.0) == "1 is not it: 0.462."
    assert [words.verdict(x) for x in (6.0, 3.0, 4.0)] == ["Right: 6.", "3 is once. It is 6.", "4 is not it: 6."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[question", "the questions are no TOML: "),
        ("x = 1", r"got 'x' outside of the questions: expected tables \[\[question\]\] and nothing else"),
        ("", r"got no question: expected tables \[\[question\]\], such as"),
        ("question = [1]", "got no question: "),
        ("[question]\nask = 'x'", r"got \[question\]: write \[\[question\]\], with two brackets"),
        ("What is the gradient?", r"the questions are no TOML: .*\nwrite them so:\n  \[\[question\]\]"),
        (COMPUTED + 'gradient = "a"\nanswer = 1', "question 1: got expression and answer: with expression leave out "
         "answer and mistakes, which are computed"),
        ('[[question]]\nask = "?"\nanswer = 1\ngradient = "a"', "question 1: got answer and gradient: with answer leave"),
        ('[[question]]\nask = " "\nanswer = 1', "question 1: ask is empty: write what is asked"),
        (f'[[question]]\nask = "?"\nanswer = 1{"0" * 400}', "question 1: answer = 10+…"),
        ('[[question]]\nask = "?"\nanswer = 6\nmistakes = { "6.0" = "y" }', "question 1: mistakes: 6 is the answer"),
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
        read(text)


def test_a_file_from_windows_is_read_and_one_that_is_no_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[question]]\nask = "größe?"\nanswer = 1', encoding="utf-8-sig")
    assert read_file(path)[0].text == "größe?"
    path.write_text('[[question]]\nask = "größe?"\nanswer = 1', encoding="latin-1")
    with pytest.raises(ValueError, match=r"mine\.toml: it is no UTF-8 at byte 22: save it as UTF-8 text"):
        read_file(path)


def worked() -> Value:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    L = a * b + a
    L.label = "L"
    return L


def test_a_question_about_a_graph_counts_from_zero() -> None:
    L = worked()
    L.backward()
    asked, value = read('[[question]]\ngradient = "a"\n[[question]]\nvalue = "a*b"\nask = "?"', steps(L).names)
    assert asked.text == "At a = 2, b = -3: What is ∂L/∂a?"
    assert (asked.right, asked.way, value.right) == (-2.0, "1 + 1 × -3 = -2", -6.0)
    assert asked.verdict(-3.0).startswith("-3 is what this step sends alone")
    assert asked.as_dict()["text"] == "At a = 2, b = −3: What is ∂L/∂a?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('gradient = "q"', "question 1: 'q' is no name of the graph: expected one of a, b, L"),
        ('gradient = "L"', "question 1: L is what is differentiated"),
        (
            'gradient = "a"\nnumbers = { a = 1 }',
            "question 1: got gradient and numbers: with gradient leave out numbers and mistakes, which the graph gives",
        ),
        ('gradient = "a"\nvalue = "a"', "question 1: expected gradient or value"),
    ],
)
def test_a_question_that_the_graph_cannot_answer(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        read(f"[[question]]\n{text}", steps(worked()).names)
