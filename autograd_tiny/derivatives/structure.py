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
import operator
import sys
from collections.abc import Callable, Iterator
from functools import reduce
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from ..core.operands import is_number
from ..errors import shorten

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
        nested = _lists(nested)
    if not is_structure(nested):
        return [nested]
    return [x for part in parts(nested) if not isinstance(part, STAYS) for x in flatten(part)]


def undimensioned(x: Any) -> Any:
    """The number of an array without dimensions, which some of scipy's solvers give; anything else as it is."""
    return x.item() if getattr(x, "shape", None) == () and not is_number(x) else x


def _lists(array: Any) -> Any:
    """The numbers of an array as nested lists; those of truth values are 0 and 1."""
    return (array.astype(float) if array.dtype.kind == "b" else array).tolist()


def _is_even(x: Any) -> bool:
    """Whether numpy makes an array of ``x``: of lists of one shape, however deep."""
    if isinstance(x, (list, tuple)):
        return all(map(_is_even, x)) and len({_shape(part) for part in x}) < 2
    return not is_structure(x) or is_array(x)


def _shape(x: Any) -> tuple[int, ...]:
    if isinstance(x, (list, tuple)):
        return (len(x), *(_shape(x[0]) if x else ()))
    return x.shape if is_array(x) else ()


def aligned(like: Any, given: Any, name: str) -> Any:
    """``given``, whose dicts may have another order, in that of ``like``; ``ValueError`` where their keys differ,
    those apart that stand for no scalar.

    >>> aligned({"a": 1.0, "b": [2.0]}, {"b": [4.0], "a": 3.0}, "tangents")
    {'a': 3.0, 'b': [4.0]}
    """
    if isinstance(like, dict) and isinstance(given, dict):
        keys = [key for key, part in like.items() if key in given or flatten([part])]
        if {*keys} != given.keys():
            raise ValueError(f"{name} has the keys {shorten([*given])}: expected {shorten(keys)}")
        return {key: aligned(like[key], given[key], name) for key in keys}
    if not is_structure(like) or is_array(like) or not is_structure(given) or is_array(given):
        return given
    ours, theirs = parts(like), parts(given)
    if len(ours) != len(theirs) or all(isinstance(x, float) for x in ours):
        return given
    return [aligned(a, b, name) for a, b in zip(ours, theirs, strict=True)]


def rebuild(like: Any, scalars: Iterator[Any], array: Callable[[Any], Any] | None = None) -> Any:
    """The structure of ``like`` filled with ``scalars`` in order; ``array`` is what becomes of an array of objects."""
    if is_array(like) and not like.size:
        return sys.modules["numpy"].zeros(like.shape)
    if is_array(like):
        filled = rebuild(_lists(like), scalars)
        plain = all(isinstance(x, float) for x in flatten(filled))
        kind, numpy = float if plain else object, sys.modules["numpy"]
        if not _is_even(reduce(operator.getitem, (0,) * like.ndim, filled)):
            # each number became a dict, or what else numpy makes no numbers of
            found = numpy.empty(like.shape, dtype=object)
            for place in numpy.ndindex(like.shape):
                found[place] = reduce(operator.getitem, place, filled)
            return found
        found = numpy.array(filled, dtype=kind)
        return found if plain or array is None else array(found)
    if not is_structure(like):
        return next(scalars)
    return _of_parts(like, [part if isinstance(part, STAYS) else rebuild(part, scalars, array) for part in parts(like)])


def blocks(like: Any, rows: Iterator[Any]) -> Any:
    """The structure of ``like`` with a row, a structure of its own, in the place of each number.

    Of an array it is the row's structure, with the array's shape before that of each part, as the blocks of a Jacobian:

    >>> import numpy as np
    >>> found = blocks(np.zeros(3), iter([(np.ones(2), 5.0)] * 3))
    >>> found[0].shape, found[1].shape
    ((3, 2), (3,))
    """
    if is_array(like) and (found := [next(rows) for _ in flatten(like)]):
        apart = is_apart(found[0]) and len(found) == like.size  # there may be what is no number among them
        return stacked(like, found) if apart else rebuild(like, iter(found))
    if is_array(like) or not is_structure(like):
        return rebuild(like, rows)
    return _of_parts(like, [part if isinstance(part, STAYS) else blocks(part, rows) for part in parts(like)])


def is_apart(row: Any) -> bool:
    """Whether numpy would make no array of numbers of such rows, or one in which parts of a row are an axis: what has
    names for its parts, or arrays among them.
    """
    if is_array(row) or not is_structure(row):
        return False
    if not isinstance(row, (list, tuple)) or hasattr(row, "_fields"):
        return True
    return any(is_array(part) or is_apart(part) for part in row)


def stacked(like: Any, rows: list[Any]) -> Any:
    """An array ``like`` of rows of one structure, as that structure of arrays."""
    if not is_apart(rows[0]):
        numpy = sys.modules["numpy"]
        made = numpy.array(rows, dtype=float if all(isinstance(x, float) for x in flatten(rows)) else object)
        return made.reshape(*like.shape, *made.shape[1:])
    each = zip(*map(parts, rows), strict=True)
    return _of_parts(
        rows[0], [these[0] if isinstance(these[0], STAYS) else stacked(like, list(these)) for these in each]
    )


def _of_parts(like: Any, made: list[Any]) -> Any:
    """The structure with other parts."""
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
