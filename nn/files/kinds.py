"""How one class of modules is written down: what every kind has, and how its entries are read back, checked.

>>> whole({"class": "Layer", "inputs": 2}, "inputs")
2
>>> whole({"class": "Layer"}, "inputs")
Traceback (most recent call last):
ValueError: the description of the model has a Layer without 'inputs'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from autograd_tiny.errors import shorten

from .. import settings
from ..module import Module

Description = Mapping[str, Any]


class Kind(NamedTuple):
    """How one class of modules is described, counted and rebuilt."""

    attributes: Callable[[Any], set[str]]
    describe: Callable[[Any], dict[str, Any]]
    size: Callable[[Description], int]
    """How many numbers the state dict of the model has; nothing is made for it."""
    rebuild: Callable[[Description], Module]


def part(described: Description, key: str) -> Any:
    if key not in described:
        raise ValueError(f"the description of the model has a {described['class']} without {key!r}")
    return described[key]


def parts(described: Description, key: str) -> list[Any]:
    found = part(described, key)
    if not isinstance(found, list) or not found:
        raise ValueError(f"the description of the model has {key} {shorten(found)}: expected a list of them")
    return found


def whole(described: Description, key: str) -> int:
    return settings.whole(_place(described, key), part(described, key))


def number(described: Description, key: str) -> float:
    return settings.finite(_place(described, key), part(described, key))


def count(described: Description, key: str) -> int:
    return settings.count(_place(described, key), part(described, key))


def flag(described: Description, key: str) -> bool:
    return settings.flag(_place(described, key), part(described, key))


def positive(described: Description, key: str) -> float:
    return settings.positive(_place(described, key), part(described, key))


def not_negative(described: Description, key: str) -> float:
    return settings.not_negative(_place(described, key), part(described, key))


def _place(described: Description, key: str) -> str:
    return f"the description of the model: {described['class']}({key})"
