"""Digits lost inside a function where the steps of one axis do not see it: the bounds hold all the same."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from autograd_tiny.testing import check_gradients
from autograd_tiny.testing.verdicts import INCONCLUSIVE
from tests.autograd_tiny.testing.known import Hidden

pytestmark = pytest.mark.once

LOST_ELSEWHERE: list[tuple[Callable[..., float], tuple[float, ...], int, float]] = [
    # x stands on a tread 1e-10 wide, and is the same wrong number at each point of the other axis
    (lambda x, y: 1 + math.erf(-((y + y) - ((x + 1e6) - 1e6))), (3.407746995788534, 1.4042709967063693), 1,
     -1.5759886400553685),
    (lambda x, y: ((y - y) / x + ((x + 1e6) - 1e6)) * math.hypot(y, y), (-2.9437494865399754, 0.9615748991654748), 1,
     -4.163090448093668),
    # the stairs' own slope is what steps of 1e-12 see
    (lambda z: (((z + 1e6) - 1e6) - z) ** 2, (-8.35583542648508,), 0, 0.0),
    # the last places of the 1 come into sight under z², and z⁴ not before
    (lambda z: (math.sqrt(1 + (z**2) ** 2) - 1) - z * z, (2.5294513817134123e-05,), 0, -5.0589027601900757e-5),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(LOST_ELSEWHERE)))
def test_what_is_lost_where_few_steps_see_it_is_in_the_bound(case: int) -> None:
    f, point, i, right = LOST_ELSEWHERE[case]
    given = [right if k == i else 0.0 for k in range(len(point))]
    c = check_gradients(Hidden(f), *point, gradient=lambda *_: given).comparisons[i]
    assert c.verdict in ("agreed", INCONCLUSIVE), str(c)
    assert not abs(c.oracle.value - right) > c.oracle.error
