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

from ..core import Value, data_of
from ..functions import VALUES
from ..looking import looking
from ..ops import TABLE
from ..recording import refuse


def select(rows: Sequence[Any], index: Any) -> Any:
    """``rows[index]``, of numbers and Values or lists of them; for a Value as index, an expression of all rows.

    ``IndexError`` for an index outside 0 … len(rows) - 1. (A compiled function that is recorded already goes back to
    ``rows[index]`` itself for such an index.)
    """
    if not isinstance(index, Value):
        return rows[operator.index(index)]
    if len(rows) == 0:
        raise IndexError("select from nothing: expected at least one row")
    with looking():  # for an error only; another sample's index, if it is wrong, is found by the program
        (number,) = data_of([index])
    if number not in range(len(rows)):
        error = f"select from {len(rows)} rows by {number:g}: expected a whole number from 0 to {len(rows) - 1}"
        raise refuse(IndexError(error))
    hits = [VALUES.equal(index, float(k)) for k in range(len(rows))]
    total = VALUES.sum_of(VALUES.identity, hits)  # 0 if there is no such row: then what follows is not a number
    mask = [VALUES.div(hit, total) for hit in hits]
    dot = TABLE["dot"]
    if isinstance(rows[0], (list, tuple)):
        return [VALUES._apply(dot, (list(mask), list(column))) for column in zip(*rows, strict=True)]
    return VALUES._apply(dot, (mask, list(rows)))
