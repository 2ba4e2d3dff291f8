"""The structure of arguments and results as JSON data, so that it can stand in a file.

``"number"`` is a number, ``["list", 3, "number"]`` a list of three. A named tuple or a dataclass is a ``"record"``: it
comes back as a named tuple of the same fields.

>>> described({"x": [1.0, 2.0], "mode": "mean"})
['dict', ['x', ['list', 2, 'number']], ['mode', ['is', 'mean']]]
>>> numbers_in(["list", 2, "number"], (3.0, 4.0), "x")
[3.0, 4.0]
>>> filled(["tuple", ["number", ["list", 2, "number"]]], iter([1.0, 2.0, 3.0]))
(1.0, [2.0, 3.0])
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from keyword import iskeyword
from math import prod
from typing import Any
from unicodedata import normalize

import numpy as np

from ...core import Value
from ...core.operands import is_number
from ...errors import shorten

Spec = Any
"""JSON data, as above."""

MOST_DEPTH = 100
PLAIN = (str, bool, type(None))


def described(x: Any) -> Spec:
    """The structure of an argument or a result; ``TypeError`` for what no file can say."""
    if isinstance(x, PLAIN):
        return ["is", x]
    if isinstance(x, np.ndarray) and x.ndim:
        return ["array", list(x.shape)]
    if isinstance(x, Value) or is_number(x) or isinstance(x, np.ndarray):
        return "number"
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return ["record", type(x).__name__, *[[name, described(part)] for name, part in zip(x._fields, x, strict=True)]]
    if isinstance(x, (list, tuple)):
        parts = [described(part) for part in x]
        word = "list" if isinstance(x, list) else "tuple"
        if parts and all(part == parts[0] for part in parts):
            return [word, len(parts), parts[0]]
        return [word, parts]
    if isinstance(x, dict) and all(isinstance(key, str) for key in x):
        return ["dict", *[[key, described(part)] for key, part in x.items()]]
    if is_dataclass(x) and not isinstance(x, type):
        return ["record", type(x).__name__, *[[f.name, described(getattr(x, f.name))] for f in fields(x)]]
    raise TypeError(
        f"a program's file cannot say what {shorten(x)} is: expected numbers, arrays, lists, tuples, dicts with names "
        "as keys, named tuples, dataclasses, strings, booleans or None"
    )


def checked(spec: Any, depth: int = 0) -> Spec:
    """``spec`` if it is one; ``ValueError`` for what a damaged file may hold instead."""
    if spec == "number":
        return spec
    if depth < MOST_DEPTH and isinstance(spec, list) and spec:
        word, *rest = spec
        if word == "is" and len(rest) == 1 and isinstance(rest[0], PLAIN):
            return spec
        if word == "array" and len(rest) == 1 and _is_shape(rest[0]):
            return spec
        if word in ("list", "tuple") and len(rest) == 2 and _is_count(rest[0]):
            checked(rest[1], depth + 1)
            return spec
        if word in ("list", "tuple") and len(rest) == 1 and isinstance(rest[0], list):
            for part in rest[0]:
                checked(part, depth + 1)
            return spec
        if word == "dict" or (word == "record" and rest and _is_name(rest[0])):
            pairs = rest[word == "record" :]
            if _are_pairs(pairs, is_text if word == "dict" else _is_name):
                for _, part in pairs:
                    checked(part, depth + 1)
                return spec
    raise ValueError(f"{shorten(spec)} is no structure of arguments or results")


def _is_count(n: Any) -> bool:
    return type(n) is int and 0 <= n < 1 << 40


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, list) or not 0 < len(shape) <= 32 or not all(map(_is_count, shape)):
        return False
    return bool(prod(max(n, 1) for n in shape) < 1 << 40)


def _are_pairs(pairs: list[Any], good: Callable[[Any], bool]) -> bool:
    """Whether these are names, each once, and what belongs to them."""
    if not all(isinstance(pair, list) and len(pair) == 2 and good(pair[0]) for pair in pairs):
        return False
    return len({name for name, _ in pairs}) == len(pairs)


def _is_name(word: Any) -> bool:
    """Whether a named tuple takes it for a field."""
    if not is_text(word) or not word.isidentifier() or iskeyword(word) or word.startswith("_"):
        return False
    return bool(normalize("NFKC", word) == word)


def is_text(word: Any) -> bool:
    """Whether it is text that can be written out."""
    return isinstance(word, str) and not any("\ud800" <= c <= "\udfff" for c in word)


def count(spec: Spec, parts: bool = False) -> int:
    """How many numbers are in it; with ``parts``, how many numbers, lists, names, ….."""
    if spec == "number":
        return 1
    word, *rest = spec
    if word == "is":
        return int(parts)
    if word == "array":
        return int(prod(rest[0])) + parts
    if word in ("list", "tuple"):
        inside = rest[0] * count(rest[1], parts) if len(rest) == 2 else sum(count(part, parts) for part in rest[0])
        return inside + parts
    return parts + sum(count(part, parts) for _, part in (rest[1:] if word == "record" else rest))


def numbers_in(spec: Spec, x: Any, place: str) -> list[Any]:
    """The numbers (or Values) of ``x``, in order; ``TypeError`` naming ``place`` if it is of another structure.

    A list may be a tuple or an array here, and a record a dict or anything with such attributes.
    """
    if spec == "number":
        if isinstance(x, Value) or is_number(x):
            return [x]
        if isinstance(x, np.ndarray) and x.ndim == 0:
            return [x.item()]
        raise _other(place, "a number", x)
    word, *rest = spec
    if word == "is":
        if type(x) is type(rest[0]) and x == rest[0]:
            return []
        raise _other(place, repr(rest[0]), x)
    if word == "array":
        flat = np.asarray(x, object).reshape(-1).tolist() if isinstance(x, (np.ndarray, list, tuple)) else None
        if flat is None or len(flat) != prod(rest[0]):
            raise _other(place, f"an array of {'×'.join(map(str, rest[0]))} numbers", x)
        return flat
    if word in ("list", "tuple"):
        length = rest[0] if len(rest) == 2 else len(rest[0])
        if not isinstance(x, (list, tuple, np.ndarray)) or (isinstance(x, np.ndarray) and x.ndim == 0):
            raise _other(place, f"a {word} of {length}", x)
        if len(x) != length:
            raise _other(place, f"{length} elements", x)
        parts = [rest[1]] * length if len(rest) == 2 else rest[0]
        return [
            n for i, (p, part) in enumerate(zip(parts, x, strict=True)) for n in numbers_in(p, part, f"{place}[{i}]")
        ]
    fields_of = rest[word == "record" :]
    found: list[Any] = []
    for name, part in fields_of:
        if isinstance(x, dict) and name in x:
            found += numbers_in(part, x[name], f"{place}[{name!r}]")
        elif word == "record" and hasattr(x, name):
            found += numbers_in(part, getattr(x, name), f"{place}.{name}")
        else:
            raise _other(place, f"something with {', '.join(name for name, _ in fields_of)}", x)
    if isinstance(x, dict) and len(x) != len(fields_of):
        raise _other(place, f"no more than {', '.join(name for name, _ in fields_of)}", x)
    return found


def _other(place: str, expected: str, x: Any) -> TypeError:
    return TypeError(f"{place} is {shorten(x)}: the exported program takes {expected} there")


def filled(spec: Spec, supply: Iterator[Any]) -> Any:
    """The structure with the next of ``supply`` in place of each number."""
    if spec == "number":
        return next(supply)
    word, *rest = spec
    if word == "is":
        return rest[0]
    if word == "array":
        made = np.empty(prod(rest[0]), object)
        made[:] = [next(supply) for _ in range(made.size)]
        return made.reshape(rest[0])
    if word in ("list", "tuple"):
        parts: Sequence[Spec] = [rest[1]] * rest[0] if len(rest) == 2 else rest[0]
        every = [filled(part, supply) for part in parts]
        return every if word == "list" else tuple(every)
    if word == "dict":
        return {name: filled(part, supply) for name, part in rest}
    made_of = _record_class(rest[0], tuple(name for name, _ in rest[1:]))
    return made_of(*[filled(part, supply) for _, part in rest[1:]])


@lru_cache(256)  # one class for one record, so that two results are of one type
def _record_class(name: str, names: tuple[str, ...]) -> Any:
    return namedtuple(name, names)
