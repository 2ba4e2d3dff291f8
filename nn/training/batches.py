"""Samples and targets as plain numbers, checked and converted once, before training; and the order they are taken in.

>>> samples("X", ((1, 2), (3, 4))), targets("y", [0, 1.5])
([[1.0, 2.0], [3.0, 4.0]], [0, 1.5])
>>> samples("X", [[1.0, 2.0], [3.0]])
Traceback (most recent call last):
ValueError: X[1] is 1 number long and X[0] 2: expected samples of the same shape
>>> batches([4, 0, 3, 1, 2], 2)
[[4, 0], [3, 1], [2]]

A sample becomes a list of floats, so that a neuron's `dot` gets numbers and makes edges to its weights only. Targets
keep their kind: an index of a class stays an int. Both may be dicts of such, one a sample or one of columns:

>>> samples("X", {"size": [1, 2], "place": [[0, 1], [1, 0]]})
[{'size': 1.0, 'place': [0.0, 1.0]}, {'size': 2.0, 'place': [1.0, 0.0]}]
"""

from __future__ import annotations

import hashlib
import random
from array import array
from collections.abc import Sequence
from math import isfinite
from typing import Any

from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

Samples = list[Any]
"""Lists of floats, or of lists of floats, or dicts of either."""


def samples(name: str, given: Any) -> Samples:
    """The samples as lists of floats; an error that says which entry is no finite number, or of another length."""
    rows = _listed(name, _rows_of(name, given), "a list of samples, each a list of numbers")
    if not _is_list(rows[0]) and not isinstance(rows[0], dict):
        if is_number(rows[0]):
            raise ValueError(
                f"{name} got {len(rows)} numbers: expected a list of samples, each a list of numbers; write "
                f"[[x] for x in {name}], or {name}.reshape(-1, 1) for an array"
            )
        _refuse(f"{name}[0]", rows[0], "a list of numbers")
    return _same_shape(name, [_floats(f"{name}[{i}]", row) for i, row in enumerate(rows)])


def targets(name: str, given: Any) -> list[Any]:
    """The targets: a number for each sample, or a list of numbers for each."""
    return _same_shape(
        name,
        [_plain(f"{name}[{i}]", t) for i, t in enumerate(_listed(name, _rows_of(name, given), "a list of targets"))],
    )


def pair(names: tuple[str, str], X: Any, y: Any) -> tuple[Samples, list[Any]]:
    """Both, of equal length."""
    rows, labels = samples(names[0], X), targets(names[1], y)
    if len(rows) != len(labels):
        raise ValueError(
            f"{names[0]} has {len(rows)} samples and {names[1]} {len(labels)} targets: expected one target for each"
        )
    return rows, labels


def held_out(count: int, part: float, rng: random.Random) -> list[int]:
    """The indices of ``part`` of so many samples, drawn without replacement, in order."""
    some = round(count * part)
    if not 0 < some < count:
        raise ValueError(
            f"validation got {part!r} of {count} samples, which is {some}: expected at least one to validate on "
            "and one to train on"
        )
    return sorted(rng.sample(range(count), some))


def batches(order: Sequence[int], size: int) -> list[Sequence[int]]:
    """``order`` cut into pieces of ``size``; the last may be shorter."""
    return [order[start : start + size] for start in range(0, len(order), size)]


def digest(*data: Any) -> str:
    """A fingerprint of nested lists of numbers: equal for equal numbers in equal places."""
    state = hashlib.sha256()
    for part in data:
        _feed(state, part)
    return state.hexdigest()


def _rows_of(name: str, given: Any) -> Any:
    """The rows of a dict of columns; what is none as it is."""
    if not isinstance(given, dict):
        return given
    columns = {key: _listed(f"{name}[{key!r}]", column, "a list, one entry a sample") for key, column in given.items()}
    lengths = {key: len(column) for key, column in columns.items()}
    if len({*lengths.values()}) != 1:
        raise ValueError(f"{name} has columns of {shorten(lengths)} entries: expected as many in each, one a sample")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _feed(state: Any, part: Any) -> None:
    if isinstance(part, dict):
        state.update(repr(list(part)).encode())
        part = list(part.values())
    if not isinstance(part, list):
        state.update(array("d", [part]).tobytes())
        return
    state.update(b"[%d" % len(part))
    if part and not any(isinstance(x, (list, dict)) for x in part):
        state.update(array("d", part).tobytes())
    else:
        for row in part:
            _feed(state, row)


def _is_part(thing: Any) -> bool:
    return _is_list(thing) or isinstance(thing, dict)


def _is_list(thing: Any) -> bool:
    return isinstance(thing, (list, tuple)) or getattr(thing, "ndim", 0) > 0


def _listed(name: str, given: Any, expected: str) -> list[Any]:
    """A list of what is in ``given``; an error if that is no list, tuple or array, or empty."""
    if hasattr(given, "to_numpy"):  # a frame or column of pandas or polars, without importing either
        given = given.to_numpy()
    if _is_list(given) and hasattr(given, "tolist"):
        given = given.tolist()
    if not isinstance(given, (list, tuple)):
        _refuse(name, given, f"{expected}, as a list, tuple or numpy array")
    if not given:
        raise ValueError(f"{name} is empty: expected at least one")
    return list(given)


def _floats(place: str, given: Any) -> Any:
    """A sample, as lists of floats."""
    if isinstance(given, dict):
        return {key: _floats(f"{place}[{key!r}]", x) if _is_part(x) else float(_number(f"{place}[{key!r}]", x))
                for key, x in given.items()}  # fmt: skip
    if not _is_list(given):
        _refuse(place, given, "a list of numbers")
    row = _listed(place, given, "a list of numbers")
    try:
        if set(map(type, row)) <= {float, int, bool}:
            found = list(map(float, row))
            if isfinite(sum(found)):
                return found
    except OverflowError:
        pass  # an int beyond the largest float: told with its place below
    if any(map(_is_part, row)):
        return _same_shape(place, [_floats(f"{place}[{i}]", part) for i, part in enumerate(row)])
    return [float(_number(f"{place}[{i}]", x)) for i, x in enumerate(row)]


def _plain(place: str, given: Any) -> Any:
    """A target: a number, or nested lists or dicts of them."""
    if isinstance(given, dict):
        return {key: _plain(f"{place}[{key!r}]", x) for key, x in given.items()}
    if _is_list(given):
        row = _listed(place, given, "a number, or a list of numbers")
        return _same_shape(place, [_plain(f"{place}[{i}]", part) for i, part in enumerate(row)])
    return _number(place, given)


def _number(place: str, given: Any) -> float | int:
    """A finite number, as Python's int or float."""
    if isinstance(given, Value) or not is_number(given):
        if hasattr(given, "item") and not isinstance(given, Value) and is_number(given.item()):
            given = given.item()  # an array without dimensions
        else:
            _refuse(place, given, "a number" + ("; write v.data" if isinstance(given, Value) else ""))
    number = given.item() if hasattr(given, "item") else given
    plain = int(number) if isinstance(number, int) else float(number)
    try:
        finite = isfinite(plain)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError(f"{place} is {shorten(number)}: expected a finite number; drop the sample or fill the gap")
    return plain


def _same_shape(name: str, rows: list[Any]) -> list[Any]:
    first = _shape(rows[0])
    for i, row in enumerate(rows):
        if _shape(row) != first:
            raise ValueError(
                f"{name}[{i}] is {_called(_shape(row))} and {name}[0] {_called(first, short=True)}: "
                "expected samples of the same shape"
            )
    return rows


def _shape(row: Any) -> tuple[Any, ...]:
    """The lengths of nested lists, read off the first of each, as each was checked when it was made."""
    if isinstance(row, dict):
        return tuple((key, _shape(x)) for key, x in row.items())
    return (len(row), *_shape(row[0])) if isinstance(row, list) else ()


def _called(shape: tuple[Any, ...], short: bool = False) -> str:
    if not shape:
        return "a number"
    if isinstance(shape[0], tuple):
        return "a dict of " + ", ".join(f"{key!r}: {_called(part)}" for key, part in shape)
    if len(shape) > 1:
        return " × ".join(map(str, shape))
    return str(shape[0]) if short else f"{shape[0]} number{'s' * (shape[0] != 1)} long"


def _refuse(place: str, got: Any, expected: str) -> None:
    raise TypeError(f"{place} got {shorten(got)}, {article(type(got).__name__)}: expected {expected}")
