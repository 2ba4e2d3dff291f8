"""`scan`, `while_loop`, `cond` and `switch` as functions: what they give, how they are shown, what they refuse."""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, cond, explain, grad, greater, hessian, scan, steps, switch, while_loop

Pair = namedtuple("Pair", "a b")


@dataclass
class State:
    x: object
    name: str = "s"


@pytest.mark.parametrize(
    ("init", "step", "end"),
    [
        (1.0, lambda c, x: 2.0 * c + x, 8.0 + 4.0 + 4.0 + 3.0),
        ([1.0, 0.0], lambda c, x: [c[1] + x, c[0]], [3.0 + 1.0, 1.0 + 2.0]),
        ((1.0, [2.0]), lambda c, x: (c[0] * x, [c[1][0] + c[0]]), (6.0, [2.0 + 1.0 + 1.0 + 2.0])),
        ({"p": 1.0}, lambda c, x: {"p": c["p"] - x}, {"p": -5.0}),
        (Pair(1.0, 2.0), lambda c, x: Pair(c.b, c.a), Pair(2.0, 1.0)),
        (State(1.0), lambda c, x: State(c.x * x), State(6.0)),
        (None, lambda c, x: None, None),
    ],
)
def test_a_scan_carries_any_structure(init, step, end):
    carry, ys = scan(lambda c, x: (step(c, x), x * x), init, [1.0, 2.0, 3.0])
    assert carry == end
    assert type(carry) is type(end)
    assert ys == [1.0, 4.0, 9.0]


def test_a_scan_carries_arrays_of_values():
    w = Value(0.5)
    carry, _ = scan(lambda h, x: (np.tanh(w * h + x), None), np.array([w, w]), [0.1, 0.2])
    expected = math.tanh(0.5 * math.tanh(0.25 + 0.1) + 0.2)
    assert [h.data for h in carry] == [expected, expected]


def test_no_steps_leave_the_carry_as_it_is():
    def never(c, x):
        raise AssertionError

    assert scan(never, 2.0, []) == (2.0, [])
    assert scan(never, [2.0], length=0) == ([2.0], [])
    assert while_loop(lambda s: False, never, 3.0, max_steps=0) == 3.0


def test_xs_and_length():
    assert scan(lambda c, x: (c + 1.0, x), 0.0, length=3) == (3.0, [None] * 3)
    assert scan(lambda c, x: (c + x, None), 0.0, (i for i in range(4)))[0] == 6.0
    assert scan(lambda c, x: (c + x[0] * x[1], None), 0.0, np.ones((3, 2)), length=3)[0] == 3.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: scan(None, 0.0, [1.0]), "scan got None: expected a function"),
        (lambda: scan(lambda c, x: c, 0.0, [1.0]), r"gave 0.0: expected the next carry and a y"),
        (lambda: scan(lambda c, x: ((c, c), None), 0.0, [1.0]), "of another structure than what it got"),
        (lambda: scan(lambda c, x: ([*c, x], None), [0.0], [1.0]), "expected the same lists, tuples, keys and lengths"),
        (lambda: scan(lambda c, x: ({"b": 1.0}, None), {"a": 1.0}, [1.0]), "of another structure"),
        (lambda: scan(lambda c, x: (c, None), object(), [1.0]), "is to be carried on: expected numbers, Values"),
        (lambda: scan(lambda c, x: (c, None), 0.0), "got neither xs nor length"),
        (lambda: scan(lambda c, x: (c, None), 0.0, length=-1), "a whole number of steps, from 0 on"),
        (lambda: scan(lambda c, x: (c, None), 0.0, length=2.5), "a whole number of steps, from 0 on"),
        (lambda: scan(lambda c, x: (c, None), 0.0, [1.0], length=2), "got 1 x and length=2"),
        (lambda: scan(lambda c, x: (c, None), 0.0, {"a": 1.0}), r"expected a list with an x for each step"),
        (lambda: scan(lambda c, x: (c, None), 0.0, 5), r"got 5 as xs, an int"),
        (lambda: while_loop(lambda s: True, lambda s: s, 0.0, max_steps=3), "still holds after max_steps=3 steps"),
        (lambda: while_loop(lambda s: True, lambda s: s, 0.0, max_steps=True), "from 0 on"),
        (lambda: while_loop(lambda s: "no", lambda s: s, 0.0, max_steps=3), "as a condition, a str: expected True"),
        (lambda: while_loop(True, lambda s: s, 0.0, max_steps=3), "while_loop got True: expected a function"),
        (lambda: cond(1.0, lambda: 1.0, 2.0), "cond got 2.0: expected a function"),
        (lambda: cond(None, lambda: 1.0, lambda: 2.0), "cond got None as a condition"),
        (lambda: switch(0, []), "expected a list of one branch or more"),
        (lambda: switch(2, [lambda: 1.0]), "switch among 1 branch by 2: expected a whole number from 0 to 0"),
        (lambda: switch(-1, [lambda: 1.0, lambda: 2.0]), "among 2 branches by -1"),
        (lambda: switch(0.5, [lambda: 1.0, lambda: 2.0]), "among 2 branches by 0.5"),
        (lambda: switch("a", [lambda: 1.0]), "got 'a' as index: expected a whole number"),
    ],
)  # fmt: skip
def test_what_they_refuse(call, says):
    with pytest.raises((TypeError, ValueError, IndexError, RuntimeError), match=says):
        call()


def test_a_step_that_fails_says_which_it_is():
    with pytest.raises(NonFiniteError) as caught:
        scan(lambda c, x: (ad.exp(c * x), None), Value(1.0), [1.0, 10.0, 100.0])
    assert caught.value.__notes__ == ["in step 2 of <lambda> in a scan, counted from 0 to 2"]
    with pytest.raises(ZeroDivisionError) as other:
        while_loop(lambda s: s > -5.0, lambda s: 1.0 / s - 3.0, 1.0 / 3.0, max_steps=9)
    assert other.value.__notes__ == ["in step 1 of <lambda> in a while_loop, counted from 0"]


def test_only_the_branch_that_is_chosen_runs():
    def never(x):
        raise AssertionError

    assert cond(True, lambda x: 2.0 * x, never, 3.0) == 6.0
    assert cond(Value(0.0), never, lambda x: x, 3.0) == 3.0
    assert cond(greater(Value(2.0), 1.0), lambda x: x, never, 3.0) == 3.0
    assert switch(Value(1.0), [never, lambda x: x * x], 3.0) == 9.0
    assert switch(np.int64(0), (lambda x: x, never), 3.0) == 3.0


def test_derivatives_of_every_order_are_those_of_the_steps():
    def power(x, n):
        return scan(lambda c, _: (c * x, None), 1.0, length=n)[0]

    assert grad(lambda x: power(x, 5))(2.0) == 80.0
    assert grad(grad(lambda x: power(x, 5)))(2.0) == 160.0
    assert hessian(lambda v: power(v[0] * v[1], 2))([2.0, 3.0]) == [[18.0, 24.0], [24.0, 8.0]]
    assert ad.jvp(lambda x: power(x, 3), (2.0,), (1.0,)) == (8.0, 12.0)
    root = lambda a: while_loop(lambda x: abs(x * x - a) > 1e-14, lambda x: (x + a / x) / 2.0, a, max_steps=50)
    assert grad(root)(4.0) == pytest.approx(0.25, rel=1e-12)
    assert grad(lambda x: switch(1, [lambda x: x, lambda x: x**3], x))(2.0) == 12.0


def test_steps_and_ledger_call_what_is_carried_by_its_name():
    w, h = Value(0.5, "w"), Value(1.0, "h")
    end, _ = scan(lambda h, x: ((w * h + x).tanh(), None), h, [1.0, 2.0])
    assert end.label == "h2"
    assert str(next(steps(end))).startswith("step 1 of 6   h2 = tanh(w × h1 + 2)")
    assert str(explain(end, w)).startswith("∂h2/∂w = 2 paths")
    state, _ = scan(lambda s, _: ({"x": s["x"] * w, "v": s["v"]}, None), {"x": 1.0, "v": h}, length=2)
    assert (state["x"].label, state["v"].label) == ("x2", "h")
    once, _ = scan(lambda h, _: (h * w, None), Value(2.0, "h0"), length=1)
    assert once.label == "h1"
    unnamed, _ = scan(lambda h, _: (h * w, None), 2.0, length=1)
    assert unnamed.label == ""
