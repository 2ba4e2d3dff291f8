"""The numbers of a matrix of derivatives in the structure that `jacobian` and `hessian` give, or as they are.

>>> import numpy as np
>>> shaped(np.array([[1.0, 2.0], [3.0, 4.0]]), [0.0, 0.0], [[0.0, 0.0]], several=False)
[[1.0, 2.0], [3.0, 4.0]]
>>> shaped(np.array([[1.0, 2.0]]), 0.0, [0.0, {"a": 0.0}], several=True)
(1.0, {'a': 2.0})
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core.operands import is_number
from ...derivatives.structure import STAYS, is_apart, rebuild, stacked
from ..record.structures import parts, with_parts


class Sparse(NamedTuple):
    """The entries of a matrix that are not 0 for every input: the numbers (of a batch, entries × samples), and where
    each is. ``scipy.sparse.coo_array((s.values, (s.rows, s.columns)), shape=s.shape)`` is the same there.
    """

    values: Any
    rows: Any
    columns: Any
    shape: tuple[int, int]

    def dense(self) -> Any:
        """The whole matrix as an array; of a batch with the samples along the last axis."""
        made = np.zeros((*self.shape, *self.values.shape[1:]))
        made[self.rows, self.columns] = self.values
        return made


def shaped(dense: Any, out: Any, arguments: Sequence[Any], several: bool) -> Any:
    """Rows × columns, of a batch × samples, as the output with the arguments in the place of each number of it."""
    tail = dense.shape[2:]
    if not several:
        (argument,) = arguments
        if isinstance(out, np.ndarray) and isinstance(argument, np.ndarray):
            return dense.reshape(*out.shape, *argument.shape, *tail)
        if type(out) is list and isinstance(argument, np.ndarray) and is_flat(out):
            return [*dense.reshape(len(out), *argument.shape, *tail)]
        if not tail and is_flat(out) and is_flat(argument):
            rows = dense.tolist()
            return rows if type(out) is list and type(argument) is list else _as(out, [_as(argument, r) for r in rows])
    rows = iter([row(numbers, arguments, several) for numbers in dense])
    apart = is_apart(tuple(arguments) if several else arguments[0])
    return _rebuilt(out, rows, stacked_rows if apart else _array_of_rows)


def row(numbers: Any, arguments: Sequence[Any], several: bool) -> Any:
    """The derivatives of one output, in the structure of the arguments."""
    found, start = [], 0
    for argument in arguments:
        end = start + size(argument)
        found.append(_filled(argument, numbers[start:end]))
        start = end
    return tuple(found) if several else found[0]


def size(x: Any) -> int:
    """How many numbers are in an argument."""
    if isinstance(x, np.ndarray):
        return x.size
    if type(x) is not bool and is_number(x):
        return 1
    return sum(size(part) for _, part in parts(x) or ())


def is_flat(x: Any) -> bool:
    """Whether it is a list or tuple of nothing but numbers."""
    return type(x) in (list, tuple) and all(
        kind in (float, int) or issubclass(kind, np.number) for kind in {*map(type, x)}
    )


def _as(like: Any, numbers: list[Any]) -> Any:
    return numbers if type(like) is list else tuple(numbers)


def _filled(like: Any, numbers: Any) -> Any:
    if isinstance(like, np.ndarray):
        return numbers.reshape(*like.shape, *numbers.shape[1:])
    return _rebuilt(like, iter(numbers.tolist() if numbers.ndim == 1 else numbers), _array)


def _rebuilt(like: Any, supply: Any, array: Callable[[Any, list[Any]], Any]) -> Any:
    """The structure with others in the place of its numbers; ``array(like, these)`` makes an array of them."""
    if isinstance(like, np.ndarray):
        return array(like, [next(supply) for _ in range(like.size)])
    found = parts(like)
    if found is None:
        return next(supply)
    return with_parts(like, [p if isinstance(p, STAYS) else _rebuilt(p, supply, array) for _, p in found])


def _array(like: Any, numbers: list[Any]) -> Any:
    made = np.array(numbers)
    return made.reshape(*like.shape, *made.shape[1:])


def stacked_rows(like: Any, rows: list[Any]) -> Any:
    """The structure of a row, of arrays: as `blocks` has it."""
    return stacked(like, rows) if rows else rebuild(like, iter(rows))


def _array_of_rows(like: Any, rows: list[Any]) -> Any:
    """Of numbers if rows are such or arrays of them; else whatever a row is, as `rebuild`."""
    if rows and all(isinstance(r, float) or (isinstance(r, np.ndarray) and r.dtype != object) for r in rows):
        return _array(like, rows)
    return rebuild(like, iter(rows))
