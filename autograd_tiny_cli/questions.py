"""The questions of a lesson, from a small file that a lecturer writes, and their answers judged.

The file is TOML, with a table ``[[question]]`` for each. A question about an expression is computed, and its answer is
told which mistake it is::

    [[question]]
    expression = "d = a*b + c; L = tanh(d)"
    numbers = { a = 2, b = -3, c = 10 }
    gradient = "a"                       # or value = "d"
    why = "Two links: tanh, then the product."

A question in words brings its answer, and the mistakes that give other numbers::

    [[question]]
    ask = "backward() twice without zero_grad, for a gradient of 3: what is x.grad?"
    answer = 6
    mistakes = { "3" = "the gradient alone: a second backward adds to the first" }

>>> [asked] = read('[[question]]\\nexpression = "y = x*x"\\nnumbers = { x = 3 }\\ngradient = "x"')
>>> print(asked.text)
y = x*x at x = 3. What is ∂y/∂x?
>>> print(asked.verdict(3.0))
3 is what this step sends alone: it is added to the 3 that is there, not put in its place. It is 3 + 1 × 3 = 6.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd_tiny import steps
from autograd_tiny.errors import did_you_mean, shorten
from autograd_tiny.explaining.digits import short
from autograd_tiny.explaining.quiz import Question, close
from autograd_tiny.parsing import Parsed, parse

KEYS = ("ask", "expression", "numbers", "gradient", "value", "answer", "mistakes", "why")


@dataclass(frozen=True)
class Asked:
    """A question, its answer, and what is said of an answer."""

    text: str
    right: float
    verdict: Callable[[float], str]
    why: str = ""


def read(text: str) -> list[Asked]:
    """The questions of a file; ``ValueError`` that says which one is not as it should be, and how."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the questions are no TOML: {error}") from error
    tables = told.get("question")
    if list(told) != ["question"] or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ValueError("expected tables [[question]] and nothing else")
    found = []
    for i, table in enumerate(tables, start=1):
        try:
            found.append(_asked(table))
        except ValueError as error:
            raise ValueError(f"question {i}: {error}") from error
    return found


def _asked(table: Mapping[str, Any]) -> Asked:
    known = f"expected one of {', '.join(KEYS)}"
    for key in table:
        if key not in KEYS:
            raise ValueError(f"unknown key {key!r}; {did_you_mean(key, KEYS, known)}")
    for key in ("ask", "expression", "gradient", "value", "why"):
        if not isinstance(table.get(key, ""), str):
            raise ValueError(f"{key} = {shorten(table[key])}: expected a text")
    if "expression" in table:
        return _computed(table)
    if "ask" not in table or "answer" not in table:
        raise ValueError("expected an expression and its numbers, or ask and answer")
    right = _number("answer", table["answer"])
    mistakes = table.get("mistakes", {})
    if not isinstance(mistakes, dict) or not all(isinstance(said, str) for said in mistakes.values()):
        raise ValueError('mistakes: expected numbers and what each is, such as { "3" = "the gradient alone" }')
    named = [(_number("mistakes", wrong), said) for wrong, said in mistakes.items()]

    def verdict(answer: float) -> str:
        if close(answer, right):
            return f"Right: {short(right)}."
        said = next((f"is {said}" for wrong, said in named if close(answer, wrong)), "is not it")
        return f"{short(answer)} {said}. It is {short(right)}."

    return Asked(table["ask"], right, verdict, table.get("why", ""))


def _number(key: str, x: Any) -> float:
    try:
        number = float(x) if not isinstance(x, bool) else float("nan")
    except (TypeError, ValueError):
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"{key} = {shorten(x)}: expected a number")
    return number


def _computed(table: Mapping[str, Any]) -> Asked:
    numbers = table.get("numbers", {})
    if not isinstance(numbers, dict):
        raise ValueError(f"numbers = {shorten(numbers)}: expected a number for each name, such as {{ a = 2 }}")
    given = {name: _number(name, x) for name, x in numbers.items()}
    if ("gradient" in table) == ("value" in table):
        raise ValueError("expected gradient or value, the name of what is asked for")
    parsed = parse(table["expression"], given)
    at = ", ".join(f"{name} = {short(x)}" for name, x in given.items())
    head = f"{table['expression']} at {at}." if at else f"{table['expression']}."
    if "value" in table:
        right = _named(parsed, table["value"]).data
        asked = table.get("ask", f"What is {table['value']}?")
        wrong = f"is not it. It is {short(right)}."
        return Asked(
            f"{head} {asked}", right,
            lambda answer: f"Right: {short(right)}." if close(answer, right) else f"{short(answer)} {wrong}",
            table.get("why", ""),
        )  # fmt: skip
    question = _last(parsed, table["gradient"])
    asked = table.get("ask", f"What is ∂{parsed.root.label}/∂{table['gradient']}?")
    return Asked(f"{head} {asked}", question.right, question.verdict, table.get("why", ""))


def _named(parsed: Parsed, name: str) -> Any:
    names = {**parsed.names, parsed.root.label: parsed.root}
    if name not in names:
        raise ValueError(f"{shorten(name)} is no name of the expression: expected one of {', '.join(names)}")
    return names[name]


def _last(parsed: Parsed, name: str) -> Question:
    """The step that makes the gradient of a name whole."""
    node, backward = _named(parsed, name), steps(parsed.root)
    found = [
        Question(step, sent)
        for step in map(backward.step, range(1, len(backward) + 1))
        for sent in step.contributions
        if sent.parent is node and sent.parent is not step.node
    ]
    if not found:
        raise ValueError(f"{name} is what is differentiated: ask for the gradient of another")
    return found[-1]


def quiz(asked: list[Asked], answer: Callable[[str], str], say: Callable[[str], None]) -> int:
    """Ask all; how many answers were right. An empty line, or the end of the input, is shown the answer."""
    right = 0
    for i, question in enumerate(asked, start=1):
        say(f"{i}/{len(asked)}  {question.text}")
        number = _answered(answer)
        if number is None:
            say(f"     It is {short(question.right)}.")
        else:
            right += close(number, question.right)
            say(f"     {question.verdict(number)}")
        if question.why:
            say(f"     {question.why}")
    say(f"{right} of {len(asked)} right")
    return right


def _answered(answer: Callable[[str], str]) -> float | None:
    """The number that is typed; what is none is asked for again."""
    prompt = "     your answer: "
    while True:
        try:
            typed = answer(prompt).strip().replace("−", "-")
        except EOFError:
            return None
        if not typed:
            return None
        try:
            return float(typed)
        except ValueError:
            prompt = "     a number, or an empty line to be shown: "
