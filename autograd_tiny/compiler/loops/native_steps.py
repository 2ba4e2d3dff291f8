"""The steps of an array machine run by a loop in C, forward and back, with the numbers that go between them.

It is given up, for the loop in Python, where a tape cannot be had, where what a step gives is the same for all samples,
and from a step on in which a number is not finite: that loop sees which samples these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import Columns
from .slots import Slots

if TYPE_CHECKING:
    from ..run._native import Steps
    from .array_machine import ArrayMachine


class Series:
    """Rows of numbers × samples, in which a step has its own from ``step`` rows on after the last one's."""

    def __init__(self, array: Any, step: int, near: bool = False, first: int = 0) -> None:
        self.array, self.near = array, near
        self.width = array.shape[-1]
        self.step, self.first = step * self.width, first


class NativeSteps:
    """The loops in C of one machine for the columns of one run."""

    def __init__(self, machine: ArrayMachine, columns: Columns, ys: Any, d_ys: Any) -> None:
        from ..run._native import Steps

        self.machine, self.columns = machine, columns
        memory = machine.binding.memory
        self.values, self.adjoints = (memory.flat, memory.batch), (memory.flat_adjoint, memory.batch_adjoint)
        self.new = Steps
        c, g = machine.step.carried, machine.given.count
        every, steps, samples = machine.every, machine.steps, machine.samples
        self.apart = every > 1
        self.states = np.empty((every + 1 if self.apart else steps + 1, c, samples))
        """The carries of all steps, or of those from one that is kept to the next."""
        self.now = np.empty((1, c, samples))
        states = Series(self.states, c, near=self.apart)
        after = Series(self.states, c, near=self.apart, first=c)
        given = None if ys is None or not g else Series(ys, g)
        self.only = self._forward(Series(self.now, 0), Series(self.now, 0), given)
        self.keeping = self._forward(states, after, None if self.apart else given)
        self.back: Steps | None = None
        self._back_states, self._d_ys = states, d_ys

    def _forward(self, before: Series, after: Series, ys: Series | None) -> Steps:
        machine, steps = self.machine, self.new()
        self._take(steps, before)
        steps.tape(machine.binding.tape("forward"))  # type: ignore[attr-defined]
        self._move(steps, machine.next, after, self.values, into=False)
        if ys is not None:
            self._move(steps, machine.given, ys, self.values, into=False)
        return steps

    def _take(self, steps: Steps, before: Series) -> None:
        machine = self.machine
        self._move(steps, machine.carry, before, self.values)
        self._move(steps, machine.stream, Series(self.columns.stream, machine.step.streamed), self.values)

    def _backward(self) -> Steps:
        machine, columns, steps = self.machine, self.columns, self.new()
        c, s, g = machine.step.carried, machine.step.streamed, machine.given.count
        self._take(steps, self._back_states)
        steps.tape(machine.binding.tape("forward"))  # type: ignore[attr-defined]
        self._copy(steps, machine.seeds, columns.d_carry, c, 0)
        if g and self._d_ys is not None:
            self._copy(steps, machine.seeds[c:], self._d_ys, g, g)
        steps.tape(machine.binding.tape("backward"))  # type: ignore[attr-defined]
        self._move(steps, machine.d_carry, Series(columns.d_carry, 0), self.adjoints, into=False)
        self._move(steps, machine.d_stream, Series(columns.d_stream, s), self.adjoints, into=False, adds=True)
        self._move(steps, machine.d_shared, Series(columns.d_shared, 0), self.adjoints, into=False, adds=True)
        return steps

    def _copy(self, steps: Steps, into: Any, source: Any, rows: int, step: int) -> None:
        """So many rows, all samples of each."""
        width = self.machine.samples
        zero = np.zeros(1, np.int64)
        if rows:
            steps.move(into, source, zero, zero, rows * width, (0, step * width), (False, False), False)

    def _move(
        self, steps: Steps, slots: Slots, series: Series, memory: tuple[Any, Any], into: bool = True, adds: bool = False
    ) -> None:
        """Numbers between a series and the memory of a step, ``into`` that or out of it."""
        samples = self.machine.samples
        for kind, base in enumerate(memory):
            mine = np.array(
                [(address, i) for i, (where, address) in enumerate(slots.places) if where == kind], np.int64
            )
            if not len(mine):
                continue
            width = samples if kind else 1
            inside, outside = mine[:, 0] * width, series.first * series.width + mine[:, 1] * series.width
            if (np.diff(inside) == width).all() and (np.diff(outside) == width).all():
                width, inside, outside = width * len(mine), inside[:1], outside[:1]
            inside, outside = np.ascontiguousarray(inside), np.ascontiguousarray(outside)
            if into:
                steps.move(base, series.array, inside, outside, width, (0, series.step), (False, series.near), adds)
            else:
                steps.move(series.array, base, outside, inside, width, (series.step, 0), (series.near, False), adds)

    def forward(self, keeps: bool) -> int:
        """Run all steps from the carry in the columns; how many were made before one that is not finite."""
        machine, carry, every = self.machine, self.columns.carry, self.machine.every
        if keeps and not self.apart:
            self.states[0] = carry
            made = self.keeping.run(0, machine.steps, False, True)
            carry[...] = self.states[made]
            return made
        self.now[0] = carry
        made, well = 0, True
        while well and made < machine.steps:
            last = min(made + every, machine.steps) if keeps else machine.steps
            if keeps:
                machine.states[made // every] = self.now[0]
            count = self.only.run(made, last, False, True)
            well = made + count == last
            made += count
        carry[...] = self.now[0]
        return made

    def backward(self) -> None:
        """Run all of them back, from the adjoints in the columns."""
        machine, every = self.machine, self.machine.every
        self.back = self.back or self._backward()
        machine.seeds.fill(0.0)
        if not self.apart:
            self.back.run(0, machine.steps, True, False)
            return
        for first in reversed(range(0, machine.steps, every)):
            last = min(first + every, machine.steps)
            self.states[0] = machine.states[first // every]
            self.keeping.run(first, last, False, False)
            self.back.run(first, last, True, False)
