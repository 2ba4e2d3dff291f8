"""`parse`: from a text such as ``d = a*b + c; L = tanh(d)`` to the graph of Values that it describes.

The text is read into a row of instructions before anything is computed, so that a mistake in it is told before a
missing number is. Numbers alone are computed as Python would, in floats: no integer grows.

>>> parse("a ** 2 + sum(a, 3*b)", {"a": 2.0, "b": 1.0}).root.data
9.0
>>> parse("tahn(a)", {"a": 1.0})
Traceback (most recent call last):
autograd_tiny.parsing.places.ExpressionError: unknown function tahn: did you mean tanh?
  tahn(a)
  ^^^^
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, pi

from ..core import Value
from ..errors import shorten
from .notation import called, nearest
from .places import ExpressionError, Place
from .reader import Reader, Result, syntax

CONSTANTS = {"pi": pi}
"""Names that need no number, unless one is given."""

ROOT_NAMES = ("y", "L", "result")
"""What an expression without a name of its own is called: the first that it does not use itself."""


@dataclass(frozen=True)
class Parsed:
    """What a text describes: the last of its values as ``root``, and each of its names."""

    text: str
    root: Value
    leaves: dict[str, Value]
    """The variables, in the order in which the text has them."""
    names: dict[str, Value]
    """The variables and the assigned names."""


def parse(text: str, numbers: Mapping[str, float] | None = None) -> Parsed:
    """The graph that the text describes, its variables leaves with the ``numbers`` given for them.

    The text is one expression, or several statements ``name = expression`` apart by ``;`` or line ends. What is
    named has its name for a label; a name assigned a plain number is a variable. Raises `ExpressionError`, with the
    place, for all that is no operation of the table, for a variable without a number, and where an operation
    leaves its domain; ``ValueError`` for a number that belongs to no variable.
    """
    text = text.strip()
    given = {_normal(name): number for name, number in (numbers or {}).items()}
    reader = Reader(text)
    reader.read(syntax(text))
    free = {name: place for name, place in reader.free.items() if name in given or name not in CONSTANTS}
    _check_numbers(text, given, free, reader.assigned)
    return _build(text, reader, given)


def _build(text: str, reader: Reader, given: Mapping[str, float]) -> Parsed:
    leaves: dict[str, Value] = {}
    known: dict[str, Result] = dict(CONSTANTS)
    for name in reader.free:
        if name in given:
            known[name] = leaves[name] = Value(given[name], name)
    root = reader.run(known, leaves)
    if not isinstance(root, Value):
        raise ExpressionError(
            "there is nothing to differentiate by: write a name in place of a number, and give it: x=1.0",
            text, reader.last,
        )  # fmt: skip
    names = {name: value for name, value in known.items() if isinstance(value, Value)}
    if not root.label:
        root.label = next((name for name in ROOT_NAMES if name not in names), "root")
    return Parsed(text, root, leaves, names)


def _check_numbers(
    text: str, given: Mapping[str, float], free: Mapping[str, Place], assigned: Mapping[str, Place]
) -> None:
    """Raise unless there is a number for each free name, and a free name for each number."""
    missing, unused = [name for name in free if name not in given], [name for name in given if name not in free]
    for name in unused:
        if name in assigned:
            raise ExpressionError(
                f"{name} is assigned here and given as {name}={given[name]:g}: leave one of them out",
                text, assigned[name],
            )  # fmt: skip
    for name in missing:
        meant = nearest(name, unused)
        if meant:
            raise ExpressionError(
                f"no number for {name}, but one for {meant}, which is not here: give it: {name}={given[meant]:g}",
                text, free[name],
            )  # fmt: skip
    for name in missing:
        if called(name):
            raise ExpressionError(
                f"{name} is a function: write {name}(x), or give {name}=1.0 if it is a number", text, free[name]
            )
    if missing:
        example = " ".join(f"{name}=1.0" for name in missing)
        it = "it" if len(missing) == 1 else "them"
        raise ExpressionError(f"no number for {', '.join(missing)}: give {it}: {example}", text, free[missing[0]])
    if unused:
        name = unused[0]
        known = f"its variables are {', '.join(free)}" if free else "it has no variables"
        raise ValueError(f"{name}={given[name]:g} is not in the expression ({known}): leave it out")


def numbers_from(words: Iterable[str]) -> dict[str, float]:
    """The numbers of assignments such as ``a=2``; ``ValueError`` for what is none.

    >>> numbers_from(["a=2", "b=-1e-3"])
    {'a': 2.0, 'b': -0.001}
    """
    numbers: dict[str, float] = {}
    for word in words:
        name, equals, digits = (part.strip() for part in word.partition("="))
        if not equals or not name or not digits:
            raise ValueError(f"{shorten(word)} is no assignment: write NAME=NUMBER without spaces, such as a=2.0")
        name = _normal(name)
        if not name.isidentifier():
            raise ValueError(
                f"{shorten(word)}: {shorten(name)} is no name: expected letters and digits, such as w1=2.0"
            )
        try:
            number = float(digits)
        except ValueError:
            raise ValueError(f"{shorten(word)}: {shorten(digits)} is no number: write {name}=1.0") from None
        if not isfinite(number):
            raise ValueError(f"{shorten(word)}: expected a finite number, such as {name}=1.0")
        if name in numbers:
            raise ValueError(f"{name} is given twice, as {numbers[name]:g} and as {number:g}: leave one out")
        numbers[name] = number
    return numbers


def _normal(name: str) -> str:
    """The name as Python's grammar reads it, in which ｘ is x."""
    return unicodedata.normalize("NFKC", name)
