"""Questions before a step: the right answer, and each mistake by its name."""

from __future__ import annotations

import pytest

from autograd_tiny import Value, steps
from autograd_tiny.explaining.quiz import Question, question


def asked() -> Question:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    d = a * b
    d.label = "d"
    p = steps(d * d * 0.5 + a * 7.0)
    for n in range(1, len(p) + 1):
        found = question(p.step(n))
        if found and found.sent.parent is a and found.sent.gradient_before:
            return found
    raise AssertionError("a is sent something twice")


def test_each_mistake_has_its_name() -> None:
    q = asked()
    before, upstream, local, product = q.sent.gradient_before, q.step.upstream, q.sent.local_derivative, q.sent.product
    assert len({before, upstream, local, product}) == 4
    for number, said in [
        (q.right, "Right: "),
        (product, "not put in its place"),
        (before + local, "the upstream gradient, "),
        (local, "the upstream gradient, "),
        (before + upstream, "the local derivative "),
        (before - product, "right but for the sign"),
        (1234.5, "is not it"),
    ]:
        assert said in q.verdict(number), number
        assert q.verdict(number).rstrip(".").endswith(f"= {q.right:g}")


def test_three_digits_are_enough_and_two_are_not() -> None:
    z = Value(0.5, "z")
    q = question(steps(z.tanh()).step(1))
    assert q is not None
    assert q.verdict(0.786).startswith("Right")
    assert not q.verdict(0.7).startswith("Right")


def test_where_nothing_is_sent_nothing_is_asked() -> None:
    x = Value(-1.0, "x")
    assert question(steps(x).step(1)) is None
    p = steps((x * 2.0) * 0.0 + x)
    silent = [n for n in range(1, len(p) + 1) if p.step(n).upstream == 0.0]
    assert silent
    assert all(question(p.step(n)) is None for n in silent)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_right(number: float) -> None:
    assert "Right" not in asked().verdict(number)
