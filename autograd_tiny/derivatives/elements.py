"""The elements that a function takes, looked at in its own name: it is made of others, which would be told of instead.

>>> elements_of((1.0, 2.0), "mean"), numbers_of([1.0, 2.0], "mean")
([1.0, 2.0], [1.0, 2.0])
>>> try:
...     numbers_of([], "mean")
... except ValueError as error:
...     print(error)
mean of nothing: expected at least one element
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from ..core import Value
from ..core.operands import finite_float
from ..errors import article, shorten
from .structure import is_array

_FLOATS, _VALUES = {float}, {Value}


def elements_of(xs: Any, name: str) -> list[Any]:
    """The elements of a list or array."""
    if is_array(xs):
        return xs.reshape(-1).tolist()  # type: ignore[no-any-return]
    if isinstance(xs, Value) or not isinstance(xs, Iterable) or isinstance(xs, (str, bytes)):
        raise TypeError(
            f"{name} got {shorten(xs)}, {article(type(xs).__name__)}: expected a list or array of Values and numbers"
        )
    return list(xs)


def numbers_of(given: list[Any], name: str, least: int = 1) -> list[Any]:
    """The elements, if they are Values and finite numbers, and ``least`` of them."""
    if len(given) < least:
        raise ValueError(f"{name} of nothing: expected at least one element")
    kinds = {*map(type, given)}
    if kinds != _VALUES and not (kinds == _FLOATS and all(map(isfinite, given))):
        for x in given:
            if not isinstance(x, Value):
                finite_float(x, name)
    return given
