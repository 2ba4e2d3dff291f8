"""Every primitive of every other, at first and second order: all pairs in `make test-long`, else some of each row's."""

from __future__ import annotations

import pytest

from autograd_tiny import engine
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive
from autograd_tiny.testing import assert_gradients
from autograd_tiny.testing.building import Part, applied
from autograd_tiny.testing.domains import boxes
from autograd_tiny.testing.intervals import Interval
from autograd_tiny.testing.programs import Expression, Variable

VARIABLES: list[Part] = [(Variable(0), Interval(0.3, 0.9)), (Variable(1), Interval(0.5, 1.1))]
POINT = (0.61, 0.83)


def composed(outer: Primitive, inner: Primitive, place: int, which: int) -> Expression:
    """``outer`` with ``inner`` as operand ``place``, every other operand one of two variables."""
    within = applied(inner, which, [VARIABLES[i % 2] for i in range(_operands(inner))], VARIABLES)
    operands = [within if i == place else VARIABLES[(i + 1) % 2] for i in range(_operands(outer))]
    return Expression(applied(outer, which, operands, VARIABLES)[0], POINT)


def _operands(row: Primitive) -> int:
    return 2 * len(row.arguments) if row.variadic else len(row.arguments)


STEP = 17 if engine == "compiled" else 37
"""Each engine has its own pairs; those of `test_second_order.py`, by series of 60 digits, are others again."""


@pytest.mark.parametrize("outer", ROWS, ids=lambda row: row.name)
def test_every_row_of_others_and_others_of_it(outer: Primitive) -> None:
    for k, inner in enumerate(ROWS):
        if (ROWS.index(outer) + k) % STEP:
            continue
        e = composed(outer, inner, k % _operands(outer), 0)
        assert_gradients(e, *e.point, order=2)


@pytest.mark.long
@pytest.mark.parametrize("outer", ROWS, ids=lambda row: row.name)
def test_every_ordered_pair_in_every_place_and_box(outer: Primitive) -> None:
    for inner in ROWS:
        for place in range(_operands(outer)):
            for which in range(max(len(boxes(outer)), len(boxes(inner)))):
                e = composed(outer, inner, place, which)
                assert_gradients(e, *e.point, order=2)
