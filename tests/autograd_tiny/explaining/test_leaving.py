"""Leaving a pass part way, and what others do to the gradients while it stands."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_tiny import steps
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.stepping import GradientsChanged
from autograd_tiny.explaining.stepping.tape import Tape

from .passes import example, state


@pytest.mark.parametrize(("leave", "stands"), [("restore", 0), ("complete", 4), ("keep", 2)])
def test_leaving_part_way(leave: str, stands: int) -> None:
    root, named = example()
    named["a"].grad = 5.0
    other, _ = example()
    with steps(root, leave) as p:
        p.goto(2)
    assert p.position == stands
    q = steps(other)
    topological_order(other)[0].grad = 5.0
    q.goto(stands)
    assert state(topological_order(root)) == state(topological_order(other))


@pytest.mark.parametrize(("leave", "stands"), [("restore", 0), ("complete", 0), ("keep", 2)])
def test_leaving_by_an_exception(leave: str, stands: int) -> None:
    root, _ = example()
    with pytest.raises(KeyError), steps(root, leave) as p:
        p.goto(2)
        raise KeyError
    assert p.position == stands


def test_a_pass_that_reached_its_end_stays() -> None:
    root, named = example()
    with steps(root) as p:
        assert len(list(p)) == 4
    assert p.position == 4
    assert named["c"].grad != 0.0


def test_a_gradient_that_something_else_has_set_is_not_written_over() -> None:
    root, named = example()
    p = steps(root)
    p.goto(3)
    before = state(topological_order(root))
    named["a"].grad = 100.0
    for move in (p.__next__, p.reset, lambda: p.goto(1) and p.reset()):
        with pytest.raises(GradientsChanged):
            move()
    with pytest.raises(GradientsChanged) as caught:
        p.run()
    assert str(caught.value) == (
        f"a.grad is 100.0, but step {p.position} of this pass left it at {named['L'].data / 2.0!r}: something else has set "
        "it since (another backward, zero_grad). Nothing was changed; set it back, or open a new pass: steps(root)"
    )
    named["a"].grad = named["L"].data / 2.0
    p.goto(3)
    assert state(topological_order(root)) == before
    p.reset()
    assert named["a"].grad == 0.0


def test_leaving_a_pass_that_was_disturbed_does_not_hide_the_exception() -> None:
    root, named = example()
    with pytest.raises(KeyError) as caught, steps(root) as p:
        p.goto(3)
        named["a"].grad = 100.0
        raise KeyError
    assert caught.value.__notes__[0].startswith(
        "the gradients were not put back as they were before the pass: a.grad is"
    )
    with pytest.raises(GradientsChanged), steps(root) as p:
        p.goto(3)
        root.backward()


def test_at_0_the_gradients_are_the_users() -> None:
    root, named = example()
    p = steps(root)
    p.goto(2)
    p.reset()
    named["c"].grad = 7.0
    p.run()
    assert named["c"].grad > 7.0
    p.reset()
    assert named["c"].grad == 7.0


def test_a_leaf_that_is_set_changes_no_gradient() -> None:
    root, named = example()
    p = steps(root)
    next(p)
    expected = p.step(4)
    named["b"].data = 50.0
    p.run()
    assert p.step(4) == expected


def test_a_move_that_is_interrupted_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = example()
    p = steps(root)
    for start, target in ((0, 4), (2, 4), (4, 1)):
        p.goto(start)
        before = state(topological_order(root))
        moved: list[int] = []

        def replay(*arguments: Any, moved: list[int] = moved) -> None:
            Tape.replay(p._tape, *arguments)
            moved.append(1)
            if len(moved) == 1:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(p._tape, "replay", replay)
            with pytest.raises(KeyboardInterrupt):
                p.goto(target)
        assert (p.position, state(topological_order(root))) == (start, before)
