"""What a program is called with: the structure, by which it is recorded once, and the numbers.

An argument is a number, an array, or a nested list, tuple, namedtuple, dict or dataclass of these. What never changes,
a string or a function say, is part of the structure, and so are True, False and None; anything else is refused.

>>> numbers = []
>>> describe({"x": [1.0, 2.0], "mode": "mean"}, numbers)[1:]
(((<class 'str'>, 'x'), (<class 'list'>, <class 'float'>, 2)),
 ((<class 'str'>, 'mode'), ('is', (<class 'str'>, 'mean'))))
>>> flat(numbers).tolist()
[1.0, 2.0]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from itertools import chain
from math import nan
from typing import Any

import numpy as np

from ...core import Value
from ...core.operands import is_number, real_float
from ...derivatives.value_arrays import ValueArray
from ...errors import article, shorten
from .ownership import is_users_type
from .structures import exact, is_record, leaves, parts, stays, with_parts

Structure = Any
"""Something hashable; equal for arguments that one recording serves."""


KIND = "a kind of number"
"""In the structure of a number of a class of the user's, which the function may ask for."""
LARGE = 2**53
"""From here on not every integer is a float."""
PLAIN = frozenset((float, int))
"""A list of nothing but one of these is described at once, and so are rows of one length of it."""


def describe(x: Any, numbers: list[Any]) -> Structure:
    """The structure of one sample's argument; its numbers are appended, as arrays and floats."""
    kind = type(x)
    if kind is float:
        numbers.append(x)
        return "float"
    if (kind is list or kind is tuple) and x:
        first = type(x[0])
        if first in PLAIN and {*map(type, x)} == {first}:
            numbers.extend(x)
            return (kind, first, len(x))
        if (first is list or first is tuple) and x[0] and {*map(type, x)} == {first} and len({*map(len, x)}) == 1:
            every = [*chain.from_iterable(x)]
            if (plain := type(every[0])) in PLAIN and {*map(type, every)} == {plain}:
                numbers.extend(every)
                return (kind, (first, plain, len(x[0])), "rows", len(x))
    if isinstance(x, np.ndarray):
        if x.dtype == object:
            for element in x.reshape(-1).tolist():
                describe(element, [])  # of which a Value is told apart
        if x.dtype.kind not in "fiub":
            raise TypeError(f"a compiled function got an array of {x.dtype}: expected one of real numbers")
        numbers.append(x)
        return ("array", x.shape, x.dtype.kind in "iu")
    if isinstance(x, Value):
        raise HasValues(
            f"got {shorten(x)}: expected numbers as inputs here. The program itself takes Values, as in program(v), "
            "and so does grad(program); a Value that it is to learn is one that it closes over; v.data is the number "
            "of any other"
        )
    if kind is not bool and is_number(x) and not isinstance(x, Enum):
        whole = isinstance(x, (int, np.integer))
        numbers.append(exact_float(int(x)) if whole else real_float(x, "a compiled function"))
        number = "int" if whole else "float"
        return (KIND, kind, number) if is_users_type(kind) else number
    if kind in (list, tuple):
        return (kind, *[describe(part, numbers) for part in x])
    if isinstance(x, dict) or is_record(x):
        if isinstance(x, (dict, tuple)) and getattr(x, "__dict__", None):
            _check_attributes(x)
        return (kind, *[(exact(key), describe(part, numbers)) for key, part in parts(x) or ()])
    if stays(x):
        return ("is", exact(x))
    if is_foreign(x):
        return describe(np.asarray(x), numbers)
    raise TypeError(
        f"a compiled function got {shorten(x)}, {article(kind.__name__)}: expected numbers, arrays, lists, tuples, "
        "dicts, namedtuples or dataclasses of them, texts, functions, True, False or None; write a dataclass or a dict "
        "for what holds numbers, and let the function close over what it uses besides"
    )


def _check_attributes(x: Any) -> None:
    """``TypeError`` for a dict or a namedtuple with attributes that are not among its parts: no recording sees them."""
    known = {id(part) for _, part in parts(x) or ()}
    own = [name for name, held in vars(x).items() if id(held) not in known]
    if own:
        raise TypeError(
            f"a compiled function got {article(type(x).__name__)} with attributes of its own, "
            f"{', '.join(map(repr, own))}: expected numbers as its parts only; make a dataclass of it"
        )


class HasValues(TypeError):
    """There are Values among the arguments: the function has to be run on them."""

    def __init__(self, got: str) -> None:
        super().__init__(f"a compiled function {got}")


def is_foreign(x: Any) -> bool:
    """Whether x is an array of another library, which numpy can read."""
    return hasattr(type(x), "__array__") and not isinstance(x, (np.ndarray, np.generic))


def exact_float(x: int) -> float:
    """An integer as a float; NaN if its neighbours may be the same float, so that the function itself gets it."""
    return float(x) if -LARGE < x < LARGE else nan


def as_floats(array: Any) -> Any:
    """An array of numbers as floats, in C order; of integers as `exact_float`."""
    found = np.ascontiguousarray(array, np.float64)
    if array.dtype.kind in "iu":
        found[np.abs(found) >= LARGE] = nan
    return found


def flat(numbers: list[Any]) -> Any:
    """All numbers of an argument in a row."""
    kinds = {*map(type, numbers)}
    if kinds <= PLAIN:
        if int in kinds and any(type(x) is int and not -LARGE < x < LARGE for x in numbers):
            numbers = [exact_float(x) if type(x) is int else x for x in numbers]
        return np.array(numbers, np.float64)
    if len(numbers) == 1 and isinstance(numbers[0], np.ndarray):
        return as_floats(numbers[0]).reshape(-1)
    return np.concatenate([as_floats(np.asarray(x)).reshape(-1) for x in numbers])


def rebuilt(x: Any, supply: Iterator[float], make: Callable[[float, bool], Any]) -> Any:
    """The argument with what ``make(number, is_integer)`` gives in place of its numbers."""
    if isinstance(x, np.ndarray):
        integer = x.dtype.kind in "iu"
        made = np.empty(x.size, object)
        made[:] = [make(next(supply), integer) for _ in range(x.size)]
        if x.size and type(made[0]) in PLAIN:
            made = made.astype(type(made[0]))
        elif x.size:
            made = made.view(ValueArray)
        return made.reshape(x.shape) if x.ndim else made[0]
    if type(x) is not bool and is_number(x) and not isinstance(x, Enum):
        return make(next(supply), isinstance(x, (int, np.integer)))
    if type(x) in (list, tuple):
        return type(x)(rebuilt(part, supply, make) for part in x)
    if isinstance(x, dict) or is_record(x):
        return with_parts(x, [rebuilt(part, supply, make) for _, part in parts(x) or ()])
    if stays(x):
        return x
    return rebuilt(np.asarray(x), supply, make) if is_foreign(x) else x


def batched(x: Any, place: int) -> Any:
    """An argument of a batch as an array with the samples along the first axis."""
    if isinstance(x, np.ndarray):
        array = x
    else:
        try:
            array = np.asarray(x)
        except ValueError:
            array = np.empty(0, object)
    if array.dtype == object and (value := _first_value(x)) is not None:
        describe(value, [])
    if array.dtype.kind not in "fiub" or array.ndim == 0:
        raise TypeError(
            f"batch=True: argument {place} is {shorten(x)}: expected an array (or nested list) of numbers with the "
            "samples along its first axis; what is the same for all samples is named to compile(…, shared=…)"
        )
    return array


def _first_value(x: Any) -> Value | None:
    """A Value somewhere in it, if there is one."""
    flat = x.reshape(-1).tolist() if isinstance(x, np.ndarray) else leaves(x)
    return next((part for part in flat if isinstance(part, Value)), None)
