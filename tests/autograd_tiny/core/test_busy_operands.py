"""Operands whose methods run Python: they build graphs, or change the very list that is being read, and no engine crashes.

The entries in C take sequences, buffers and objects with ``__float__``; a signal may come while they run.
"""

from __future__ import annotations

import contextlib
import gc
import math
import signal
import sys
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import Value, core, gradients
from autograd_tiny.table.ops import TABLE

from .test_odd_inputs import FINE


class Odd(float):
    """A float whose conversion does something on the way."""

    act: Callable[[], Any]

    def __float__(self) -> float:
        self.act()
        return 1.5


def odd(act: Callable[[], Any]) -> Odd:
    made = Odd(1.0)
    made.act = act
    return made


def busy() -> None:
    """What an operand's method could do to an engine: graphs made, walked and freed."""
    nodes = [Value(float(i)) for i in range(50)]
    ad.dot(nodes, nodes).backward()
    del nodes
    gc.collect(1)


def test_a_list_that_changes_while_it_is_read() -> None:
    a, b = Value(2.0), Value(3.0)
    for change in (list.clear, lambda xs: xs.append(None), lambda xs: xs.extend([None] * 1000)):
        for use in (
            lambda xs, change: core.set_data(xs, [odd(partial(change, xs)), 1.0]),
            lambda xs, change: core.set_gradients(xs, [odd(partial(change, xs)), 1.0]),
            lambda xs, change: ad.sum([odd(partial(change, xs)), *xs]),
            lambda xs, change: ad.dot(xs, [odd(partial(change, xs)), 2.0]),
            lambda xs, change: ad.dot([odd(partial(change, xs)), 2.0], xs),
            lambda xs, change: core.gradient_numbers(a * b, (change(xs) or x for x in list(xs))),
            lambda xs, change: core.tape([a * b], (change(xs) or x for x in list(xs))),
            lambda xs, change: core.data_of(change(xs) or x for x in list(xs)),
        ):
            with contextlib.suppress(*FINE):  # an error, or the numbers from before or after the change
                use([a, b], change)
    assert gradients(a * b, [a, b]) == [b.data, a.data]


def test_numbers_whose_length_lies() -> None:
    class Lies(list[float]):
        def __len__(self) -> int:
            return 2

    class OneOnly:
        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[float]:
            return iter([7.0])

    values = [Value(1.0), Value(2.0)]
    for numbers in (OneOnly(), Lies([7.0])):
        for use in (core.set_data, core.set_gradients):
            with pytest.raises(ValueError, match="2 Values got 1 numbers: expected one for each"):
                use(values, numbers)
    assert [v.data for v in values] == [1.0, 2.0]


def test_operands_that_are_busy() -> None:
    v = Value(2.0)
    number = odd(busy)
    for use in (
        lambda: v + number, lambda: number * v, lambda: v**number, lambda: ad.where(number, v, number),
        lambda: ad.sum([v, number]), lambda: ad.dot([v, number], [number, 1.0]), lambda: ad.maximum(v, number),
        lambda: v.leaky_relu(number),
    ):  # fmt: skip
        node = use()
        node.backward()
        assert math.isfinite(node.data)
    leaf = Value(number)
    leaf.data = number
    leaf.grad = number
    assert (leaf.data, leaf.grad) == (1.5, 1.5)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="from 3.12 on a class can be a buffer: __buffer__")
def test_a_buffer_that_changes_the_other_vector() -> None:
    class Buffer:
        def __init__(self, act: Callable[[], Any]) -> None:
            self.act = act

        def __buffer__(self, flags: int) -> memoryview:
            self.act()
            return memoryview(array("d", [1.0, 2.0]))

    a, b = Value(2.0), Value(3.0)
    for order in (1, -1):
        xs: list[Any] = [a, b]
        vectors = (xs, Buffer(xs.clear))[::order]
        with contextlib.suppress(*FINE):
            core.variadic(TABLE["dot"], vectors)


def test_a_signal_that_runs_the_program_that_is_interrupted() -> None:
    if ad.engine != "compiled":
        pytest.skip("on the plain engine a handler that differentiates disturbs a sweep")
    w, x = Value(0.5), Value(1.0)
    y = x
    for _ in range(200):
        y = (y * w).tanh() + 0.1
    codes, starts, parents, numbers, depends, roots, leaves, rows = core.tape([y], [x])
    index = [i for i, code in enumerate(memoryview(codes).cast("i")) if code == 0]
    places = {leaf: array("q", [i]).tobytes() for leaf, i in zip(leaves, index, strict=True)}
    replay = core.Replay(*map(bytes, (codes, starts, parents, numbers, depends)), list(rows), places[w], places[x],
                         array("q", [0]).tobytes(), array("q", roots).tobytes())  # fmt: skip
    samples = array("d", [i / 100 for i in range(2000)])
    wanted = replay.run([0.5], samples, 2000, True)
    slope = memoryview(replay.gradient).cast("B").cast("d")[0]
    calls: list[Any] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: calls.append(replay.run([3.0], [9.0], 1, True)))
    try:
        for delay in (0.0005, 0.001, 0.002, 0.003):
            signal.setitimer(signal.ITIMER_REAL, delay)
            assert replay.run([0.5], samples, 2000, True) == wanted
            if len(calls) and memoryview(replay.gradient).cast("B").cast("d")[0] == slope:
                break
        else:
            pytest.skip("no signal came while it ran")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
