"""Activations by name: any function of one number that the table of primitives has, and ``"linear"``.

>>> activation("relu")(-2.0), activation("linear")(-2.0)
(0.0, -2.0)
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import autograd_tiny
from autograd_tiny.errors import article, shorten
from autograd_tiny.ops import TABLE

Activation = Callable[[Any], Any]


def linear(x: Any) -> Any:
    """``x`` itself: no activation."""
    return x


def names() -> list[str]:
    """The activations that have a name."""
    return ["linear", *(row.name for row in TABLE.values() if _takes_one_number(row.name))]


def _takes_one_number(name: str) -> bool:
    row = TABLE[name]
    return not row.variadic and len(row.arguments) - len(row.defaults) == 1 and not row.operator


def activation(given: str | Activation | None) -> Activation:
    """The function for a name (or the function itself, or None for linear); an error naming the nearest otherwise."""
    if given is None or given == "linear":
        return linear
    if callable(given):
        return given
    if not isinstance(given, str):
        raise TypeError(
            f"activation got {shorten(given)}, {article(type(given).__name__)}: "
            "expected a name such as 'relu', or a function"
        )
    if given not in names():
        near = difflib.get_close_matches(given, names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names())}, or pass a function"
        raise ValueError(f"unknown activation {given!r}: {hint}")
    return getattr(autograd_tiny.functions, given)  # type: ignore[no-any-return]


def name_of(f: Activation) -> str:
    """What an activation is called."""
    return getattr(f, "__name__", type(f).__name__)
