"""The questions of a lesson or a page, from a small file that a lecturer writes, and their answers judged.

The file is TOML, with a table ``[[question]]`` for each. A question about an expression is computed, and its answer is
told which mistake it is::

    [[question]]
    expression = "d = a*b + c; L = tanh(d)"
    numbers = { a = 2, b = -3, c = 10 }
    gradient = "a"                       # or value = "d"
    why = "Two links: tanh, then the product."

For a page, `about` its graph, a question names what is asked for and nothing else::

    [[question]]
    gradient = "a"

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

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from ..core import Value
from ..errors import did_you_mean, shorten
from ..parsing import Parsed, parse
from .digits import short
from .names import Names
from .quiz import Question, close, verdict
from .stepping import steps

KEYS = ("ask", "expression", "numbers", "gradient", "value", "answer", "mistakes", "why")

EXAMPLE = '  [[question]]\n  expression = "y = x*x"\n  numbers = { x = 3 }\n  gradient = "x"'
"""What a file looks like, for who has written something else."""
WRITTEN_OUT, MENTIONED = 6, 16
"""So many leaves of a graph have their numbers in the question; so many names are in an error."""


@dataclass(frozen=True)
class Asked:
    """A question, its answer and the way to it, and the mistakes that give other numbers."""

    text: str
    right: float
    way: str
    mistakes: tuple[tuple[float, str], ...] = ()
    why: str = ""

    def verdict(self, answer: float) -> str:
        """What is said of an answer."""
        return verdict(answer, self.right, self.way, self.mistakes)

    def as_dict(self) -> dict[str, Any]:
        """The question as plain data, with true minus signs."""
        named = [[wrong, _minus(said)] for wrong, said in self.mistakes if isfinite(wrong)]
        texts = {"text": self.text, "way": self.way, "why": self.why}
        return {"right": self.right, "mistakes": named, **{key: _minus(text) for key, text in texts.items()}}


def _minus(text: str) -> str:
    return re.sub(r"(?<![\w)])-(?=\d)", "−", text)


def read_file(path: str | Path, about: Names | None = None) -> list[Asked]:
    """The questions of a file; ``ValueError`` that names it, ``OSError`` where it cannot be read."""
    try:
        return read(Path(path).read_text(encoding="utf-8-sig"), about)  # Windows's editors put a mark in front
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: it is no UTF-8 at byte {error.start}: save it as UTF-8 text") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def read(text: str, about: Names | None = None) -> list[Asked]:
    """The questions of a text; ``ValueError`` that says which one is not as it should be, and how.

    A question without an expression or an answer is ``about`` the graph whose names these are.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the questions are no TOML: {error}\nwrite them so:\n{EXAMPLE}") from error
    found = []
    for i, table in enumerate(_tables(told), start=1):
        try:
            found.append(_asked(table, about))
        except ValueError as error:
            raise ValueError(f"question {i}: {error}") from error
    return found


def _tables(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tables = told.get("question", [])
    others = ", ".join(key for key in told if key != "question")
    if others:
        raise ValueError(
            f"got {shorten(others)} outside of the questions: expected tables [[question]] and nothing else"
        )
    if isinstance(tables, dict):
        raise ValueError("got [question]: write [[question]], with two brackets, above each question")
    if not tables or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ValueError(f"got no question: expected tables [[question]], such as\n{EXAMPLE}")
    return tables


def _asked(table: Mapping[str, Any], about: Names | None) -> Asked:
    known = f"expected one of {', '.join(KEYS)}"
    for key in table:
        if key not in KEYS:
            raise ValueError(f"unknown key {key!r}; {did_you_mean(key, KEYS, known)}")
    for key in ("ask", "expression", "gradient", "value", "why"):
        if not isinstance(table.get(key, ""), str):
            raise ValueError(f"{key} = {shorten(table[key])}: expected a text")
    if not table.get("ask", "?").strip():
        raise ValueError("ask is empty: write what is asked")
    if "expression" in table:
        _without(table, "expression", ("answer", "mistakes"), "which are computed")
        return _on_expression(table)
    if about is not None and "answer" not in table and ("gradient" in table or "value" in table):
        _without(
            table, "gradient" if "gradient" in table else "value", ("numbers", "mistakes"), "which the graph gives"
        )
        return _on_graph(table, about)
    if "ask" not in table or "answer" not in table:
        raise ValueError("expected an expression and its numbers, or ask and answer")
    _without(table, "answer", ("numbers", "gradient", "value"), "which belong to an expression")
    mistakes = table.get("mistakes", {})
    if not isinstance(mistakes, dict) or not all(isinstance(said, str) for said in mistakes.values()):
        raise ValueError('mistakes: expected numbers and what each is, such as { "3" = "the gradient alone" }')
    named = tuple((_number("mistakes", wrong), said) for wrong, said in mistakes.items())
    right = _number("answer", table["answer"])
    for wrong, _ in named:
        if close(wrong, right):
            raise ValueError(f"mistakes: {short(wrong)} is the answer: expected other numbers")
    return Asked(table["ask"], right, short(right), named, table.get("why", ""))


def _without(table: Mapping[str, Any], key: str, others: Sequence[str], why: str) -> None:
    """Nothing that is written is left out in silence."""
    for other in others:
        if other in table:
            raise ValueError(f"got {key} and {other}: with {key} leave out {' and '.join(others)}, {why}")


def _number(key: str, x: Any) -> float:
    try:
        number = float(x) if not isinstance(x, bool) else float("nan")
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"{key} = {shorten(x)}: expected a number")
    return number


def _on_expression(table: Mapping[str, Any]) -> Asked:
    numbers = table.get("numbers", {})
    if not isinstance(numbers, dict):
        raise ValueError(f"numbers = {shorten(numbers)}: expected a number for each name, such as {{ a = 2 }}")
    given = {name: _number(name, x) for name, x in numbers.items()}
    _wanted(table)
    parsed = parse(table["expression"], given)
    at = ", ".join(f"{name} = {short(x)}" for name, x in given.items())
    head = f"{table['expression']} at {at}." if at else f"{table['expression']}."
    return _computed(table, head, parsed.root, parsed.root.label, lambda name: _named(parsed, name))


def _on_graph(table: Mapping[str, Any], about: Names) -> Asked:
    """A question about a page's own graph, at the numbers that it has."""
    leaves = [node for node in about.order if node.is_leaf and not node.is_constant]
    at = ", ".join(f"{about.name(leaf).string} = {short(leaf.data)}" for leaf in leaves)
    head = f"At {at}:" if len(leaves) <= WRITTEN_OUT else "At the numbers that the page begins with:"

    def named(name: str) -> Value:
        found = about.find(name)
        if len(found) != 1:
            known = [about.name(node).string for node in about.order if about.word(node)]
            some = ", ".join(known if len(known) <= MENTIONED else [*known[:MENTIONED], "…"])
            which = "no name" if not found else "the name of several values"
            raise ValueError(f"{shorten(name)} is {which} of the graph: expected one of {some}")
        return found[0]

    return _computed(table, head, about.root, about.name(about.root).string, named, about)


def _wanted(table: Mapping[str, Any]) -> str:
    """Whether a value or a gradient is asked for."""
    if ("gradient" in table) == ("value" in table):
        raise ValueError("expected gradient or value, the name of what is asked for")
    return "gradient" if "gradient" in table else "value"


def _computed(
    table: Mapping[str, Any],
    head: str,
    root: Value,
    top: str,
    named: Callable[[str], Value],
    names: Names | None = None,
) -> Asked:
    """The question, answered by the engine."""
    name = table[_wanted(table)]
    why = table.get("why", "")
    if "value" in table:
        right = named(name).data
        return Asked(f"{head} {table.get('ask', f'What is {name}?')}", right, short(right), (), why)
    question = _last(root, named(name), name, names)
    asked = table.get("ask", f"What is ∂{top}/∂{name}?")
    return Asked(f"{head} {asked}", question.right, question.way, tuple(question.mistakes), why)


def _named(parsed: Parsed, name: str) -> Value:
    names = {**parsed.names, parsed.root.label: parsed.root}
    if name not in names:
        raise ValueError(f"{shorten(name)} is no name of the expression: expected one of {', '.join(names)}")
    return names[name]


def _last(root: Value, node: Value, name: str, names: Names | None) -> Question:
    """The step that makes the gradient of a node whole, of a pass that starts from gradients of 0."""
    backward = steps(root)
    if names is not None:
        backward.names = names
    found = None
    for step in (backward.step(n, from_zero=True) for n in range(1, len(backward) + 1)):
        for sent in step.contributions:
            if sent.parent is node and sent.parent is not step.node:
                found = Question(step, sent)
    if found is None:
        raise ValueError(f"{name} is what is differentiated: ask for the gradient of another")
    if not isfinite(found.right):
        raise ValueError(f"the gradient of {name} is {found.right}: ask for one that is finite")
    return found
