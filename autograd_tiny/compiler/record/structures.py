"""Structures that a compiled function takes and gives: lists, tuples, namedtuples, dicts and dataclasses, nested.

>>> from typing import NamedTuple
>>> class Point(NamedTuple):
...     x: float
...     label: str
>>> leaves({"at": Point(1.0, "a"), "of": [2.0]})
[1.0, 2.0]
>>> refilled({"at": Point(1.0, "a"), "of": [2.0]}, iter([3.0, 4.0]))
{'at': Point(x=3.0, label='a'), 'of': [4.0]}
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ...core import Value

PLAIN = (list, tuple, dict)


class Same:
    """Something that is told from others by what it is, not by ``==``."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def exact(x: Any) -> Any:
    """Something hashable that is equal for no two things that a function could tell apart: 1, 1.0 and True differ."""
    kind = type(x)
    if kind in (str, bytes, bool) or x is None:
        return (kind, x)
    if kind in (int, float, complex) or isinstance(x, np.generic):
        return (kind, repr(x))
    if kind is tuple:
        return (kind, *map(exact, x))
    if kind is frozenset:
        return (kind, frozenset(map(exact, x)))
    return Same(x)


def stays(x: Any) -> bool:
    """Whether an argument that is no number is the same for ever: it is then part of what was recorded."""
    return x is None or x is ... or isinstance(
        x, (str, bytes, bool, Enum, range, FunctionType, BuiltinFunctionType, ModuleType, type)
    )  # fmt: skip


_SCALARS = frozenset((float, int, Value))


def is_record(x: Any) -> bool:
    """Whether it is a namedtuple or an instance of a dataclass."""
    return (isinstance(x, tuple) and hasattr(x, "_fields")) or (dataclasses.is_dataclass(x) and not isinstance(x, type))


def field_names(x: Any) -> list[str]:
    """The names of a dataclass's fields, and of what else the instance has."""
    names = [field.name for field in dataclasses.fields(x) if hasattr(x, field.name)]
    return names + [name for name in getattr(x, "__dict__", ()) if name not in names]


def parts(x: Any) -> list[tuple[Any, Any]] | None:
    """``(key, part)`` of each part of a structure; None for what is none."""
    if type(x) in _SCALARS:  # most of what is asked about, and the rest of the questions take a microsecond
        return None
    if isinstance(x, dict):
        return list(x.items())
    if type(x) in (list, tuple) or (isinstance(x, tuple) and hasattr(x, "_fields")):
        return list(enumerate(x))
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return [(name, getattr(x, name)) for name in field_names(x)]
    return None


def with_parts(x: Any, new: list[Any]) -> Any:
    """A structure of the same kind with other parts."""
    if isinstance(x, dict):
        pairs = zip(list(x), new, strict=True)
        if type(x) is dict:
            return dict(pairs)
        made = copy.copy(x)
        for key, part in pairs:
            made[key] = part
        return made
    if isinstance(x, tuple):
        return type(x)(*new) if hasattr(x, "_fields") else tuple(new)
    if isinstance(x, list):
        return new
    made = copy.copy(x)
    for name, part in zip(field_names(x), new, strict=True):
        object.__setattr__(made, name, part)
    return made


def leaves(x: Any) -> list[Any]:
    """What is in a structure but for None and texts; an array gives its elements."""
    if isinstance(x, np.ndarray):
        return x.reshape(-1).tolist()
    found = parts(x)
    if found is None:
        return [x]
    return [
        leaf for _, part in found if part is not None and not isinstance(part, (str, bytes)) for leaf in leaves(part)
    ]


def refilled(like: Any, numbers: Iterator[Any], array: Callable[[Any, list[Any]], Any] | None = None) -> Any:
    """The structure of ``like`` with others in the place of its `leaves`; ``array(like, numbers)`` makes an array."""
    if isinstance(like, np.ndarray):
        mine = [next(numbers) for _ in range(like.size)]
        return array(like, mine) if array is not None else np.array(mine, float).reshape(like.shape)
    found = parts(like)
    if found is None:
        return next(numbers)
    return with_parts(
        like, [p if p is None or isinstance(p, (str, bytes)) else refilled(p, numbers, array) for _, p in found]
    )


def is_structure(x: Any) -> bool:
    """Whether it is an array or has parts."""
    return isinstance(x, np.ndarray) or parts(x) is not None


def outline(x: Any) -> Any:
    """What a function would have to change to change an argument: which things are where."""
    if isinstance(x, np.ndarray):
        return [id(x), *map(id, x.reshape(-1).tolist())] if x.dtype == object else [id(x), x.tobytes()]
    found = parts(x)
    return [id(x), *[(key, outline(part)) for key, part in found]] if found is not None else [id(x)]
