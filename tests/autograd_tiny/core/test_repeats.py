"""`Repeat`: a recorded step that runs again and again, the same in both engines; what it refuses to be given."""

from __future__ import annotations

from array import array

import numpy as np
import pytest

from autograd_tiny import Value
from autograd_tiny.core import Repeat, repeats, tape


def made(kind=Repeat, carried=1, streamed=1, stops=False):
    """h, x, w -> tanh(w h + x), its square, and h - 0.1."""
    h, x, w = Value(0.0), Value(0.0), Value(0.0)
    after = (w * h + x).tanh()
    codes, starts, parents, numbers, _, places, _, rows = tape([after, after * after, h - 0.1, h, x, w], [])
    leaves, roots = places[3:], places[: 3 if stops else 2]
    parts = [bytes(part) for part in (codes, starts, parents, numbers)]
    nodes = [array("q", nodes).tobytes() for nodes in (leaves, roots)]
    return kind(*parts, bytes([1] * (len(parts[0]) // 4)), rows, *nodes, carried, streamed, stops)


def run(step, steps=5):
    carry, states, ys = np.array([0.3]), np.zeros(steps), np.zeros(steps)
    xs = np.linspace(-1.0, 1.0, steps)
    count = step.forward(carry, xs, np.array([0.7]), steps, states, 1, ys)
    d_carry, d_xs, d_shared = np.array([1.0]), np.zeros(steps), np.zeros(1)
    well = step.backward(states, xs, np.array([0.7]), 0, steps, d_carry, np.ones(steps), d_xs, d_shared)
    return [count, well, *carry, *states, *ys, *d_carry, *d_xs, *d_shared]


def test_both_engines_give_the_same_bits():
    assert run(made()) == run(made(repeats.Repeat))


def test_a_number_that_is_not_finite_and_a_condition_end_it():
    step = made()
    assert step.forward(np.array([1.0]), np.array([0.0, np.inf, 0.0]), np.array([1.0]), 3, (), 1, ()) == -2
    for kind in (Repeat, repeats.Repeat):
        stopping = made(kind, stops=True)
        carry = np.array([0.1])
        assert stopping.forward(carry, np.zeros(4), np.array([1.0]), 4, (), 1, ()) == 0
        assert stopping.forward(np.array([1.0]), np.zeros(4), np.array([1.0]), 4, (), 1, ()) == -5


@pytest.mark.parametrize(
    "call",
    [
        lambda step: step.forward(np.zeros(2), np.zeros(3), np.zeros(1), 3, (), 1, ()),
        lambda step: step.forward(np.zeros(1), np.zeros(2), np.zeros(1), 3, (), 1, ()),
        lambda step: step.forward(np.zeros(1), np.zeros(3), np.zeros(0), 3, (), 1, ()),
        lambda step: step.forward(np.zeros(1), np.zeros(3), np.zeros(1), 3, np.zeros(2), 1, ()),
        lambda step: step.forward(np.zeros(1), np.zeros(3), np.zeros(1), 3, np.zeros(3), 0, ()),
        lambda step: step.forward(np.zeros(1), np.zeros(3), np.zeros(1), 3, (), 1, np.zeros(2)),
        lambda step: step.forward(np.zeros(1), (), np.zeros(1), -1, (), 1, ()),
        lambda step: step.backward(np.zeros(2), np.zeros(3), np.zeros(1), 0, 3, np.zeros(1), (), (), np.zeros(1)),
        lambda step: step.backward(np.zeros(3), np.zeros(3), np.zeros(1), 1, 3, np.zeros(1), (), (), np.zeros(1)),
        lambda step: step.backward(
            np.zeros(3), np.zeros(3), np.zeros(1), 0, 3, np.zeros(1), (), np.zeros(1), np.zeros(1)
        ),
        lambda step: step.backward(np.zeros(3), np.zeros(3), np.zeros(1), 0, 3, np.zeros(1), (), (), np.zeros(2)),
        lambda step: made(type(step), carried=4),
        lambda step: made(type(step), carried=-1),
        lambda step: made(type(step), streamed=3),
    ],
)
@pytest.mark.parametrize("kind", [Repeat, repeats.Repeat])
def test_arrays_without_room_are_refused(kind, call):
    with pytest.raises(ValueError, match="Repeat"):
        call(made(kind))
