"""What a compiled function gives back: numbers put into the structure of its result, and gradients that read as lists.

How a structure is put together is settled once for a recording (`Rebuild`). A gradient of thousands of parameters is
kept as an array, and becomes Python numbers as they are looked at (`Gradient`): a list of 2,600 takes longer to make
than such a network takes to run forward and backward.

>>> Rebuild({"at": [0.0, 0.0], "of": np.zeros(2)})(np.array([1.0, 2.0, 3.0, 4.0]))
{'at': [1.0, 2.0], 'of': array([3., 4.])}
>>> slopes = Gradient(np.array([1.0, 2.0, 3.0]))
>>> slopes, slopes[1], slopes[1:], slopes == [1.0, 2.0, 3.0], sum(slopes)
([1.0, 2.0, 3.0], 2.0, [2.0, 3.0], True, 6.0)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex, overload

import numpy as np

from .record.structures import is_structure, parts, with_parts

Make = Callable[[Any, Any], Any]
"""From the numbers, as an array with one output in each row, and as a list of floats or of rows, to a part."""


class Rebuild:
    """From the numbers of all outputs, an array of numbers or of rows of one a sample, to a structure like another."""

    def __init__(self, like: Any) -> None:
        self.count = 0
        self.alone = False
        """Whether any output stands outside an array."""
        self.structure = is_structure(like)
        self.make = self._part(like)

    def __call__(self, numbers: Any) -> Any:
        if not self.structure:
            return float(numbers[0]) if numbers.ndim == 1 else numbers[0]
        each: Any = ()
        if self.alone:
            each = numbers.tolist() if numbers.ndim == 1 else [*numbers]
        return self.make(numbers, each)

    def _part(self, like: Any) -> Make:
        start = self.count
        if isinstance(like, np.ndarray):
            self.count += like.size
            end, shape = self.count, like.shape
            return lambda numbers, each: numbers[start:end].reshape(shape + numbers.shape[1:]).copy()
        found = parts(like)
        if found is None:
            self.count, self.alone = start + 1, True
            return lambda numbers, each: each[start]
        if type(like) is list and found and all(_is_output(part) for _, part in found):
            self.count, self.alone = start + len(found), True
            end = self.count
            return lambda numbers, each: each[start:end]
        makes = [_kept(part) if _is_kept(part) else self._part(part) for _, part in found]
        if type(like) is list:
            return lambda numbers, each: [make(numbers, each) for make in makes]
        return lambda numbers, each: with_parts(like, [make(numbers, each) for make in makes])


def _is_kept(part: Any) -> bool:
    """Whether it is no output, but something that is the same in every result."""
    return part is None or isinstance(part, (str, bytes))


def _is_output(part: Any) -> bool:
    return not _is_kept(part) and not is_structure(part)


def _kept(part: Any) -> Make:
    return lambda numbers, each: part


class Gradient(Sequence[float]):
    """A derivative for each parameter: a list to whoever reads it, and an array, ``np.asarray(g)``, underneath.

    It does not change; ``list(g)`` is a list of its own.
    """

    __slots__ = ("_array", "_list")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, array: Any) -> None:
        self._array = array
        self._list: list[float] | None = None

    def tolist(self) -> list[float]:
        """A list of the numbers."""
        return [*self._numbers()]

    def _numbers(self) -> list[float]:
        if self._list is None:
            self._list = self._array.tolist()
        return self._list

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._array, dtype=dtype)

    def __len__(self) -> int:
        return len(self._array)

    @overload
    def __getitem__(self, index: SupportsIndex) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._numbers()[index] if self._list is not None else self._array[_checked(index)].tolist()

    def __iter__(self) -> Iterator[float]:
        return iter(self._numbers())

    def __reversed__(self) -> Iterator[float]:
        return reversed(self._numbers())

    def __contains__(self, x: object) -> bool:
        return x in self._numbers()

    def __eq__(self, other: object) -> Any:
        return self._numbers() == other._numbers() if type(other) is Gradient else self._as_list(other, list.__eq__)

    def __lt__(self, other: Any) -> Any:
        return self._as_list(other, list.__lt__)

    def __le__(self, other: Any) -> Any:
        return self._as_list(other, list.__le__)

    def __gt__(self, other: Any) -> Any:
        return self._as_list(other, list.__gt__)

    def __ge__(self, other: Any) -> Any:
        return self._as_list(other, list.__ge__)

    def __add__(self, other: Any) -> Any:
        return self._as_list(other, list.__add__)

    def __radd__(self, other: Any) -> Any:
        return other + self._numbers() if isinstance(other, list) else NotImplemented

    def __mul__(self, times: SupportsIndex) -> list[float]:
        return self._numbers() * times

    __rmul__ = __mul__

    def _as_list(self, other: Any, do: Callable[[Any, Any], Any]) -> Any:
        other = other._numbers() if type(other) is Gradient else other
        return do(self._numbers(), other) if isinstance(other, list) else NotImplemented

    def copy(self) -> list[float]:
        """As that of a list."""
        return self.tolist()

    def __repr__(self) -> str:
        return repr(self._numbers())

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self.tolist(),)

    def __copy__(self) -> list[float]:
        return self.tolist()

    def __deepcopy__(self, memo: Any) -> list[float]:
        return self.tolist()


def _checked(index: Any) -> Any:
    """The index, as a list takes it: True is 1."""
    if isinstance(index, slice):
        return index
    if hasattr(index, "__index__"):
        return operator.index(index)
    raise TypeError(f"list indices must be integers or slices, not {type(index).__name__}")
