"""What if a leaf had another number: set, in the middle of a pass."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_tiny import NonFiniteError, Value, dot, forward_steps, steps


def test_set_keeps_the_place_and_gives_what_a_new_graph_would() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    a.grad = 5.0
    y = (a * b + a).tanh()
    p = steps(y)
    p.watch(a)
    p.goto(2)
    step = p.set(a, 0.25)
    want = steps((Value(0.25, "a") * Value(-3.0, "b") + Value(0.25, "a")).tanh()).step(2)
    assert step is not None
    assert step.upstream == want.upstream
    assert (p.position, p.watched, a.data) == (2, [a], 0.25)
    p.goto(len(p))
    fresh = Value(0.25)
    (fresh * -3.0 + fresh).tanh().backward()
    assert a.grad == 5.0 + fresh.grad
    p.reset()
    assert a.grad == 5.0


@settings(max_examples=30)
@given(number=st.floats(-2.0, 2.0), at=st.integers(0, 3))
def test_set_at_any_step_ends_in_the_gradients_of_backward(number: float, at: int) -> None:
    w = [Value(0.5, "w1"), Value(-1.0, "w2")]
    y = (dot(w, [0.3, 2.0]) * w[0]).tanh()
    y.label = "y"
    p = steps(y)
    p.goto(at)
    p.set("w1", number)
    assert p.names(p.root) == "y"
    p.goto(len(p))
    v = [Value(number), Value(-1.0)]
    again = (dot(v, [0.3, 2.0]) * v[0]).tanh()
    again.backward()
    assert p.root.data == again.data
    assert [x.grad for x in w] == [x.grad for x in v]


def test_set_refuses_what_is_no_leaf_and_what_leaves_the_domain() -> None:
    p, q = Value(0.5, "p"), Value(2.0, "q")
    y = p.log() * q
    walk = steps(y)
    walk.goto(1)
    found = (q.grad, y.parents[0].grad)
    with pytest.raises(ValueError, match=r"set\(log\(p\)\): log\(p\) is computed from others: expected one of p, q"):
        walk.set(y.parents[0], 1.0)
    with pytest.raises(ValueError, match=r"'z' is no leaf of this pass: expected one of p, q"):
        walk.set("z", 1.0)
    with pytest.raises(NonFiniteError, match="log"):
        walk.set(p, -1.0)
    with pytest.raises(ValueError, match="finite"):
        walk.set(p, math.inf)
    assert (p.data, walk.root, walk.position) == (0.5, y, 1)
    assert (q.grad, y.parents[0].grad) == found


def test_a_forward_pass_is_set_too() -> None:
    a = Value(2.0, "a")
    p = forward_steps((a * 3.0).tanh())
    p.goto(1)
    assert str(p.set("a", -1.0)) == "step 1 of 2   a × 3 = -1 × 3 = -3"


def test_two_leaves_of_one_name_are_not_guessed_at() -> None:
    a, b = Value(2.0, "w"), Value(3.0, "w")
    p = steps(a * b)
    with pytest.raises(ValueError, match=r"2 leaves have this name, with the numbers 2, 3: give the Value itself"):
        p.set("w", 1.0)
    assert (a.data, b.data) == (2.0, 3.0)
    p.set(b, 1.0)
    assert (a.data, b.data) == (2.0, 1.0)
