"""The sign of zero under ``%``, ``//`` and roundings: compiled as eager as a plain float."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, atan2, compile

POINTS = [0.0, -0.0, 1.0, -1.0, 0.4, -0.4, 2.5, -2.5, 7.0, -7.0, 5e-324, -5e-324, 1e300]
PAIRS = [(a, b) for a, b in itertools.product(POINTS, POINTS) if b and abs(a / b) < 1e300]
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "%": operator.mod,
    "//": operator.floordiv,
    "% of a number": lambda a, b: a % 2.5,
    "% of a negative number": lambda a, b: a % -2.5,
    "a number %": lambda a, b: -7.0 % b,
    "a number //": lambda a, b: -0.0 // b,
    "divmod": lambda a, b: divmod(a, b)[1],
    "0 +": lambda a, b: 0.0 + a,
    "+ 0": lambda a, b: a + 0.0,
    "- 0": lambda a, b: a - 0.0,
    "round to 0 places": lambda a, b: round(a, 0),
    "its angle": lambda a, b: atan2(a % b, -1.0),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_zero_has_the_sign_that_a_float_has(name: str) -> None:
    f = OPERATIONS[name]
    programs = [compile(f, scalars=scalars) for scalars in ("always", "never")]
    columns = [np.array(column) for column in zip(*PAIRS, strict=True)]
    batches = [program(*columns, batch=True) for program in programs]
    for i, (a, b) in enumerate(PAIRS):
        right = repr(f(a, b))
        found = [f(Value(a), Value(b)).data, *(program(a, b) for program in programs), *(ys[i] for ys in batches)]
        if name != "its angle":  # numpy's arctan2 and Python's differ in the last place
            assert [repr(float(y)) for y in found] == [right] * 5, (a, b)
        assert found == pytest.approx([float(right)] * 5, rel=1e-15), (a, b)
