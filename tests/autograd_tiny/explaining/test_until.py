"""Where a pass stops: until, breakpoints, and what is watched on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd_tiny import BackwardPass, Value, steps

from .passes import example


def test_until_takes_nodes_labels_operations_functions_and_words() -> None:
    root, named = example()
    p = steps(root)  # 1 L = tanh(d) × a, 2 tanh(d), 3 d = a × b + c, 4 a × b

    def where(what: Any, start: int = 0) -> int | None:
        p.goto(start)
        step = p.until(what)
        assert p.position == (start if step is None else step.index)
        return None if step is None else step.index

    assert where(named["d"]) == where("d") == 3
    assert where("tanh") == 2
    assert (where("mul"), where("mul", 1), where("mul", 4)) == (1, 4, None)
    assert (where("a"), where("a", 1), where(named["a"], 4)) == (1, 4, None)
    assert where(lambda step: len(step.contributions) == 1) == 2
    assert where("abs(gradient) > 2.5", 1) is None
    assert where("local == -3") == where("local < -2.5") == 4
    assert where("product >= 2") == where("upstream == 1") == 1
    assert where("data < 0") == 4
    assert where("local <= -3") == where("abs(local) >= 3") == 4
    assert where("data > 3", 2) == 3
    assert where("nonfinite") is None


def test_the_0_of_a_constant_meets_no_condition() -> None:
    root = Value(2.0, "x") * 3.0
    assert [steps(root).until(words) for words in ("gradient == 0", "local == 0", "product < 1")] == [None, None, None]


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("tan", ValueError, "no node of this pass has the name or operation 'tan': did you mean 'tanh'? expected"),
        ("abs(gradient > 10", ValueError, "no node of this pass has the name or operation 'abs(gradient > 10': expected"),
        ("gradient > ten", ValueError, "no node of this pass has the name or operation 'gradient > ten': expected"),
        ("__import__('os') > 1", ValueError, "no node of this pass"),
        ("", ValueError, "no node of this pass has the name or operation '': expected"),
        (3, TypeError, "cannot stop at 3, an int: expected a node of this pass, its name, an operation such as 'mul', "),
        (Value(1.0), ValueError, "Value(data=1.0, grad=0.0) is not part of this pass: the root does not depend on it"),
    ],
)  # fmt: skip
def test_what_is_nothing_of_the_pass_is_an_error(what: Any, error: type[Exception], message: str) -> None:
    p = steps(example()[0])
    p.goto(2)
    for ask in (p.until, p.break_on, p.watch):
        with pytest.raises(error) as caught:
            ask(what)
        assert str(caught.value).startswith(message)
    assert (p.position, p.breakpoints, p.watched) == (2, [], [])


def test_breakpoints_stop_run_and_until() -> None:
    p = steps(example()[0])
    first, _ = p.break_on("tanh"), p.break_on(lambda step: step.index == 4)
    assert (str(first), repr(first), p.breakpoints[0]) == ("tanh", "<Condition tanh>", first)
    assert [step.index for step in (p.run(), p.run()) if step] == [2, 4]
    assert p.run() is None
    p.goto(0)
    step = p.until("d")
    assert step is not None
    assert step.index == 2
    p.clear(first)
    with pytest.raises(ValueError, match=r"expected one of \.breakpoints, or nothing for all"):
        p.clear(first)
    p.goto(0)
    assert getattr(p.until("d"), "index", None) == 3
    p.clear()
    assert p.run() is None
    assert p.position == len(p)


def test_a_step_that_sends_nothing_is_not_what_a_leaf_waits_for() -> None:
    a = Value(-1.0, "a")
    root = (a * 3.0).relu() + a
    p = steps(root)
    assert [p.node_of(n).op for n in range(1, len(p) + 1)] == ["add", "relu", "mul"]
    assert getattr(p.until("a"), "index", None) == 1
    assert p.until("a") is None
    assert not p.step(3).sends
    assert p.history(a) == [(1, 1.0)]


def test_watched_nodes_are_shown_with_every_step() -> None:
    root, named = example()
    p = steps(root)
    p.watch("a", named["b"])
    p.watch("a")
    p.goto(len(p))
    assert p.watched == [named["a"], named["b"]]
    assert str(p).splitlines()[-1] == "watched: a.grad = 0.991, b.grad = 0.00536"
    assert [n for n, _ in p.history(named["a"])] == [1, 4]
    assert p.history(named["a"])[-1][1] == named["a"].grad
    p.unwatch(named["a"])
    assert p.watched == [named["b"]]
    p.unwatch()
    assert p.watched == []
    with pytest.raises(ValueError, match=r"watch\(\) got 'tanh': expected a node or its label"):
        p.watch("tanh")


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda p: p.goto(5), IndexError, "goto(5): expected 0 (nothing done) to 4, the number of steps"),
        (lambda p: p.goto(-1), IndexError, "goto(-1): expected 0 (nothing done) to 4, the number of steps"),
        (lambda p: p.goto(1.0), TypeError, "goto() got 1.0, a float: expected an int"),
        (lambda p: p.step(0), IndexError, "step(0): expected 1 to 4, the number of steps"),
        (lambda p: p.back(), IndexError, "back(): no step is done yet"),
        (lambda p: steps(3), TypeError, "steps(root) got 3: expected the Value to differentiate"),  # type: ignore[arg-type]
        (lambda p: steps(p.root, "go"), ValueError, "steps(leave='go'): expected \"restore\", \"complete\" or \"keep\""),
    ],
)  # fmt: skip
def test_errors_say_what_was_expected(ask: Callable[[BackwardPass], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        ask(steps(example()[0]))
    assert str(caught.value) == message
