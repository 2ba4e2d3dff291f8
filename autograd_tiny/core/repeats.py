"""A recorded step, run again and again on what it gave: the plain engine's text. `_engine_loops.pxi` is the same in C.

A step takes a carry, numbers of its own (the stream) and numbers that all steps share, and gives the next carry and
more. Backward it runs each step once more, from the carry that it had: so that is all that has to be kept.

>>> from array import array
>>> from autograd_tiny.core.tapes import tape
>>> from autograd_tiny.core.value import Value
>>> h, x, w = Value(0.0), Value(0.0), Value(0.0)
>>> codes, starts, parents, numbers, _, places, _, rows = tape([w * h + x, h, x, w], [])
>>> nodes = [array("q", nodes).tobytes() for nodes in (places[1:], places[:1])]
>>> step = Repeat(codes, starts, parents, numbers, bytes([1] * 5), rows, *nodes, 1, 1, False)
>>> carry, states = array("d", [1.0]), array("d", [0.0] * 2)
>>> step.forward(carry, [10.0, 20.0], [3.0], 2, states, 1, []), carry, states
(2, array('d', [59.0]), array('d', [1.0, 13.0]))
>>> d_carry, d_xs, d_w = array("d", [1.0]), array("d", [0.0] * 2), array("d", [0.0])
>>> step.backward(states, [10.0, 20.0], [3.0], 0, 2, d_carry, [], d_xs, d_w), d_carry, d_xs, d_w
(True, array('d', [9.0]), array('d', [3.0, 1.0]), array('d', [16.0]))
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from operator import index
from typing import Any

from ..table.primitive import Primitive
from .replay import Replay

NOT_WITHIN = "Repeat: a rule of the step that runs has run the same step on other numbers"


def check_repeat(leaves: int, roots: int, carried: int, streamed: int, stops: bool) -> None:
    """``ValueError`` unless a step with so many leaves and roots can carry and take so many."""
    if carried < 0 or streamed < 0 or carried + streamed > leaves or carried + bool(stops) > roots:
        raise ValueError(
            f"Repeat(carried={carried}, streamed={streamed}) of a step with {leaves} leaves and {roots} roots: "
            "expected a leaf and a root for each number that is carried, and a leaf for each that is streamed"
        )


def check_run(
    carried: int, streamed: int, shared: int, given: int, steps: int, every: int, c: int, x: int, p: int, states: int,
    y: int, first: int = 0, d_x: int = 0, d_p: int = -1,
) -> None:  # fmt: skip
    """``ValueError`` unless all arrays of a run have room for what is read from them and written to them."""
    rows = steps - first if d_p >= 0 else -(-steps // max(every, 1))
    well = (
        steps >= 0 and every >= 1 and 0 <= first <= steps and c == carried and x == steps * streamed and p == shared
        and (states == rows * carried or (states == 0 and d_p < 0)) and y in (0, steps * given)
        and d_x in (0, steps * streamed) and d_p in (-1, shared)
    )  # fmt: skip
    if not well:
        raise ValueError(
            f"Repeat got arrays of {c}, {x}, {p}, {states}, {y}, {d_x} and {d_p} numbers for {steps} steps from "
            f"{first} on, with {carried} carried, {streamed} streamed, {shared} shared, {given} given: see `repeats`"
        )


class Repeat:
    """A step that runs again and again. The graph is given as to `Replay`, as bytes; every node that a gradient is to
    pass through ``learns``.

    ``leaves`` are the numbers that are ``carried``, those that are ``streamed``, and those that are shared; ``roots``
    the next carry, what else a step gives, and, if it ``stops``, the condition without which there is no next step.
    """

    def __init__(
        self, codes: bytes, starts: bytes, parents: bytes, numbers: bytes, learns: bytes, rows: Sequence[Primitive],
        leaves: bytes, roots: bytes, carried: int, streamed: int, stops: bool,
    ) -> None:  # fmt: skip
        self.replay = replay = Replay(codes, starts, parents, numbers, learns, rows, leaves, b"", b"", roots)
        check_repeat(len(replay.leaves), len(replay.roots), carried, streamed, stops)
        self.carried, self.streamed, self.stops = carried, streamed, stops
        self.shared = len(replay.leaves) - carried - streamed
        self.given = len(replay.roots) - carried - stops
        self.running = False

    def forward(self, carry: Any, xs: Any, shared: Any, steps: int, states: Any, every: int, ys: Any) -> int:
        """Run all ``steps``, and leave the last carry in ``carry``; how many steps were made.

        The carry before each ``every``-th step goes to ``states``, what the steps give beside it to ``ys``, unless they
        are empty. -1 - t if in step t, from 0 on, a number was not finite, or the last would not have been the last.
        """
        replay, numbers = self.replay, self.replay.numbers
        c, t, count = self.carried, 0, index(steps)
        check_run(
            c, self.streamed, self.shared, self.given, count, index(every), len(carry), len(xs), len(shared),
            len(states), len(ys),
        )  # fmt: skip
        self._begin(shared)
        xs = xs.tolist() if hasattr(xs, "tolist") else xs  # numpy's numbers would warn where Python's raise
        try:
            while t < count or self.stops:
                for k in range(c):
                    numbers[replay.leaves[k]] = float(carry[k])
                if t < count:
                    if len(states) and t % every == 0:
                        for k in range(c):
                            states[t // every * c + k] = carry[k]
                    for k in range(self.streamed):
                        numbers[replay.leaves[c + k]] = xs[t * self.streamed + k]
                finite = replay._forward()
                if self.stops:
                    going = numbers[replay.roots[-1]]
                    if going == 0.0:
                        return t
                    if t == count or not isfinite(going):
                        return -1 - t
                if not finite:
                    return -1 - t
                for k, y in enumerate([numbers[root] for root in replay.roots[:c]]):
                    carry[k] = y
                if len(ys):
                    for k in range(self.given):
                        ys[t * self.given + k] = numbers[replay.roots[c + k]]
                t += 1
            return t
        finally:
            self.running = False

    def backward(
        self, states: Any, xs: Any, shared: Any, first: int, steps: int, d_carry: Any, d_ys: Any, d_xs: Any,
        d_shared: Any,
    ) -> bool:  # fmt: skip
        """Back through ``steps`` from step ``first`` on, whose carries are in ``states``; whether all is finite.

        ``d_carry`` and ``d_ys`` are the adjoints of what they gave; ``d_carry`` becomes that of the first carry,
        ``d_xs`` those of the streams, unless it is empty, and those of what is shared are added to ``d_shared``.
        """
        replay, numbers, c = self.replay, self.replay.numbers, self.carried
        check_run(
            c, self.streamed, self.shared, self.given, first + steps, 1, len(d_carry), len(xs), len(shared),
            len(states), len(d_ys), first, len(d_xs), len(d_shared),
        )  # fmt: skip
        self._begin(shared)
        xs = xs.tolist() if hasattr(xs, "tolist") else xs
        try:
            for t in reversed(range(first, first + steps)):
                for k in range(c):
                    numbers[replay.leaves[k]] = float(states[(t - first) * c + k])
                for k in range(self.streamed):
                    numbers[replay.leaves[c + k]] = xs[t * self.streamed + k]
                if not replay._forward():
                    return False
                seeds = dict.fromkeys(replay.roots, 0.0)
                mine = [*d_carry, *(d_ys[t * self.given + k] for k in range(self.given if len(d_ys) else 0))]
                for root, seed in zip(replay.roots, mine, strict=False):
                    seeds[root] += float(seed)
                adjoints = replay._adjoints(seeds)
                if adjoints is None:
                    return False
                for k in range(c):
                    d_carry[k] = adjoints[replay.leaves[k]]
                if len(d_xs):
                    for k in range(self.streamed):
                        d_xs[t * self.streamed + k] = adjoints[replay.leaves[c + k]]
                for k in range(self.shared):
                    d_shared[k] += adjoints[replay.leaves[c + self.streamed + k]]
            return True
        finally:
            self.running = False

    def _begin(self, shared: Any) -> None:
        if self.running:
            raise RuntimeError(NOT_WITHIN)
        self.running = True
        for node, number in zip(self.replay.leaves[self.carried + self.streamed :], shared, strict=True):
            self.replay.numbers[node] = float(number)
