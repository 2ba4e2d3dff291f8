"""Nested lists of scalars: take them apart and put others in the same places.

>>> flatten([1.0, (2.0, [3.0])])
[1.0, 2.0, 3.0]
>>> rebuild([1.0, (2.0, [3.0])], iter("abc"))
['a', ('b', ['c'])]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any


def is_array(x: Any) -> bool:
    """Whether ``x`` is a numpy array of one dimension or more."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray) and x.ndim > 0


def flatten(nested: Any) -> list[Any]:
    """The scalars of a nested list, tuple or array, from left to right; a scalar is its own only element."""
    if is_array(nested):
        nested = nested.tolist()
    if isinstance(nested, (list, tuple)):
        return [x for part in nested for x in flatten(part)]
    return [nested]


def rebuild(like: Any, scalars: Iterator[Any]) -> Any:
    """The structure of ``like`` filled with ``scalars`` in order."""
    if is_array(like):
        filled = rebuild(like.tolist(), scalars)
        plain = all(isinstance(x, float) for x in flatten(filled))
        return sys.modules["numpy"].array(filled, dtype=float if plain else object)
    if isinstance(like, (list, tuple)):
        parts = [rebuild(part, scalars) for part in like]
        if isinstance(like, list):
            return parts
        return type(like)(*parts) if hasattr(like, "_fields") else tuple(parts)  # a namedtuple keeps its type
    return next(scalars)
