"""Stepping through gradients that are not finite: what is shown, and what is an error as in backward."""

from __future__ import annotations

import pytest

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, nonfinite, steps


def edge() -> tuple[Value, Value]:
    x = Value(0.0, "x")
    x.grad = 2.0
    return x, (x * 3.0).sqrt() + x


def test_a_gradient_that_is_not_finite_can_be_stepped_through() -> None:
    x, root = edge()
    p = steps(root)
    assert [step.finite for step in p] == [True, False, False]
    assert [p.step(n).turns_nonfinite for n in (1, 2, 3)] == [False, True, False]
    assert str(p.step(2)).endswith(
        "  here the gradient stops being finite: backward() would raise NonFiniteError\n"
        '  and change nothing, unless it runs with nonfinite("allow")'
    )
    assert x.grad == float("inf")
    assert [sent.product for sent in p.step(3).contributions] == [float("inf"), 0.0], "a constant takes nothing"
    for n in (1, 3, 2, 0):
        p.goto(n)
    assert x.grad == 2.0


def test_a_gradient_that_is_not_a_number_is_still_the_passes_own() -> None:
    x = Value(0.0, "x")
    root = x.sqrt() * 2.0 - (x * 1.0).sqrt()  # ∞ - ∞
    p = steps(root)
    p.goto(len(p))
    assert x.grad != x.grad
    assert str(p.step(5)).splitlines()[1] == "  ∂√(x)/∂x = 1 / (2 × √(x)) = inf    2 × inf = inf    x.grad: -inf → nan"
    p.goto(1)
    p.goto(len(p))
    p.reset()
    assert x.grad == 0.0


def test_gradients_that_overflow_as_they_add_up() -> None:
    x = Value(1e-3, "x")
    root = x * 1e308 + x * 1e308
    p = steps(root)
    assert [step.turns_nonfinite for step in p] == [False, False, True]
    with pytest.raises(NonFiniteError, match="add up to more than the largest float"):
        steps(root).run()


def test_run_and_complete_raise_as_backward_does() -> None:
    x, root = edge()
    with pytest.raises(NonFiniteError) as expected:
        root.backward()
    p = steps(root)
    p.goto(1)
    with pytest.raises(NonFiniteError) as caught:
        p.run()
    assert (p.position, str(caught.value)) == (1, str(expected.value))
    p.goto(0)
    with pytest.raises(NonFiniteError), steps(root, leave="complete") as q:
        next(q)
    assert (q.position, x.grad) == (0, 2.0)
    with steps(root) as q:
        q.goto(3)
    assert (q.position, x.grad) == (0, 2.0), "backward would have left nothing"
    with nonfinite("allow"), steps(root) as q:
        q.run()
    assert (q.position, x.grad) == (3, float("inf"))
    p = steps(root)
    p.break_on("nonfinite")
    assert getattr(p.run(), "index", None) == 2


def test_a_zero_upstream_sends_nothing_even_times_infinity() -> None:
    x = Value(0.0, "x")
    root = ad.where(x, x.sqrt(), 2.0 * x)
    p = steps(root)
    p.run()
    assert x.grad == 2.0
    step = next(step for step in map(p.step, range(1, len(p) + 1)) if step.node.op == "sqrt")
    assert (step.sends, step.contributions[0].product) == (False, 0.0)
    assert str(step).splitlines()[1] == "  a gradient of 0 sends nothing on, whatever the local derivatives are"
