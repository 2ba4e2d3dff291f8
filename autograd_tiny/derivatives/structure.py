"""Nested structures of scalars: take them apart and put others in the same places.

Lists, tuples, namedtuples, dicts, dataclasses and arrays. Texts, None, truth values and functions in them are no
scalars: they stay where they are.

>>> flatten([1.0, (2.0, {"b": 3.0, "kind": "mean"})])
[1.0, 2.0, 3.0]
>>> rebuild([1.0, (2.0, {"b": 3.0, "kind": "mean"})], iter("abc"))
['a', ('b', {'b': 'c', 'kind': 'mean'})]
"""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

STAYS = (str, bytes, bool, type(None), FunctionType, BuiltinFunctionType, ModuleType, type)
"""What is no scalar where it stands beside scalars."""


def is_array(x: Any) -> bool:
    """Whether ``x`` is a numpy array of one dimension or more."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray) and x.ndim > 0


def is_dataclass(x: Any) -> bool:
    """Whether ``x`` is an instance of a dataclass."""
    return dataclasses.is_dataclass(x) and not isinstance(x, type)


def is_structure(x: Any) -> bool:
    """Whether ``x`` has parts."""
    return isinstance(x, (list, tuple, dict)) or is_array(x) or is_dataclass(x)


def field_names(x: Any) -> list[str]:
    """The names of a dataclass's fields that have been set."""
    return [field.name for field in dataclasses.fields(x) if hasattr(x, field.name)]


def parts(x: Any) -> list[Any]:
    """The parts of a structure that is no array, in order."""
    if isinstance(x, dict):
        return list(x.values())
    return list(x) if isinstance(x, (list, tuple)) else [getattr(x, name) for name in field_names(x)]


def flatten(nested: Any) -> list[Any]:
    """The scalars of a structure, from left to right; a scalar is its own only element."""
    if is_array(nested):
        nested = nested.tolist()
    if not is_structure(nested):
        return [nested]
    return [x for part in parts(nested) if not isinstance(part, STAYS) for x in flatten(part)]


def rebuild(like: Any, scalars: Iterator[Any], array: Callable[[Any], Any] | None = None) -> Any:
    """The structure of ``like`` filled with ``scalars`` in order; ``array`` is what becomes of an array of objects."""
    if is_array(like):
        filled = rebuild(like.tolist(), scalars)
        plain = all(isinstance(x, float) for x in flatten(filled))
        found = sys.modules["numpy"].array(filled, dtype=float if plain else object)
        return found if plain or array is None else array(found)
    if not is_structure(like):
        return next(scalars)
    made: list[Any] = [part if isinstance(part, STAYS) else rebuild(part, scalars, array) for part in parts(like)]
    if isinstance(like, dict):
        return dict(zip(like, made, strict=True))
    if isinstance(like, list):
        return made
    if isinstance(like, tuple):
        return type(like)(*made) if hasattr(like, "_fields") else tuple(made)  # a namedtuple keeps its type
    other = copy.copy(like)
    for name, part in zip(field_names(like), made, strict=True):
        object.__setattr__(other, name, part)  # which may be frozen
    return other


def outline(x: Any) -> Any:
    """Something hashable, equal for arguments that differ in numbers only."""
    if is_array(x):
        return ("array", x.shape)
    if isinstance(x, STAYS):
        return (type(x), x)
    if not is_structure(x):
        return "number"
    keys = tuple(x) if isinstance(x, dict) else tuple(field_names(x)) if is_dataclass(x) else ()
    return (type(x), keys, *map(outline, parts(x)))
