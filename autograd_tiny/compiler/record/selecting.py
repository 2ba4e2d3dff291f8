"""`select`: an element by its number, where the number may be an input of a compiled function.

``rows[i]`` with an integer input i works in a compiled function too, but the program is then for that i alone, and
recorded anew for every other. ``select(rows, i)`` is the same row for any i, since it is arithmetic: the dot product of
each column with a vector that is 1 at i and 0 elsewhere.

>>> from autograd_tiny import Value, compile
>>> rows = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
>>> program = compile(lambda i: select(rows, i)[1] * 10.0)
>>> program(0), program(1), program.cache_info().currsize
(20.0, 40.0, 1)
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from ...core import Value, data_of
from ...core.operands import is_number
from ...derivatives.functions import VALUES
from ...errors import InvalidNumber, counted, shorten
from ...errors.looking import looking
from ...modes.recording import refuse
from ...table.ops import TABLE


def select(rows: Sequence[Any], index: Any) -> Any:
    """``rows[index]``, of numbers and Values or lists of them; for a Value as index, an expression of all rows.

    ``IndexError`` for an index that is no whole number from 0 to len(rows) - 1, however it comes and whatever a
    compiled function has recorded before: a negative one does not count from the end.
    """
    with looking():  # for an error only; another sample's index, if it is wrong, is found by the program
        number = data_of([index])[0] if isinstance(index, Value) else _number(index)
    if len(rows) == 0:
        raise IndexError("select from nothing: expected at least one row")
    if number not in range(len(rows)):
        error = IndexError(
            f"select from {counted(len(rows), 'row')} by {_shown(number)}: expected a whole number "
            f"from 0 to {len(rows) - 1}"
        )
        raise refuse(error) if isinstance(index, Value) else error
    if not isinstance(index, Value):
        return rows[int(number)]
    hits = [VALUES.equal(index, float(k)) for k in range(len(rows))]
    total = VALUES.sum_of(VALUES.identity, hits)  # 0 if there is no such row: then what follows is not a number
    mask = [VALUES.div(hit, total) for hit in hits]
    dot = TABLE["dot"]
    if isinstance(rows[0], (list, tuple)):
        return [VALUES._apply(dot, (list(mask), list(column))) for column in zip(*rows, strict=True)]
    return VALUES._apply(dot, (mask, list(rows)))


def _number(index: Any) -> float:
    """A plain index: an int, a float, or what stands for an int."""
    if is_number(index):
        return index  # type: ignore[no-any-return]
    try:
        return operator.index(index)
    except TypeError:
        raise InvalidNumber("select: index", index) from None


def _shown(number: float) -> str:
    try:
        return f"{float(number):g}"
    except OverflowError:
        return shorten(number)
