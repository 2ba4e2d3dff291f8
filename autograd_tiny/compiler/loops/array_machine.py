"""Steps run as an array program, all samples at once; where that runs natively, so do the moves between the steps.

Forward the carry of each step is kept, or of every √steps-th, and back each step is run once more from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..run.array_program import ArrayProgram
from ..run.binding import Binding
from ..run.native_binding import Native
from .columns import Columns
from .slots import Slots
from .step import Step

Pairs = list[tuple[Any, Any]]


class ArrayMachine:
    """Steps run as an array program, all samples at once."""

    turned = False

    def __init__(
        self, step: Step, steps: int, stops: bool, every: int, samples: int, program: ArrayProgram
    ) -> None:  # fmt: skip
        self.step, self.steps, self.every, self.samples, self.stops = step, steps, every, samples, stops
        self.binding = binding = (Native if program.arrays.native else Binding)(program, samples)
        lowering, memory = program.lowering, binding.memory
        flat, batch = memory.flat, memory.batch
        d_flat, d_batch = memory.flat_adjoint, memory.batch_adjoint

        def places(nodes: Any) -> list[tuple[int, int]]:
            return [(int(lowering.memory[node]), int(lowering.address[node])) for node in nodes]

        c, s = step.carried, step.streamed
        cuts = [step.places[:c], step.places[c : c + s], step.places[c + s :]]
        self.carry, self.stream, self.shared = (Slots(places(nodes), flat, batch) for nodes in cuts)
        self.d_carry, self.d_stream, self.d_shared = (Slots(places(nodes), d_flat, d_batch) for nodes in cuts)
        roots = program.graph.roots
        self.next, self.given = Slots(places(roots[:c]), flat, batch), Slots(places(roots[c:]), flat, batch)
        self.seeds = np.zeros((len(roots), samples))
        flat_seeds = np.zeros(len(roots))
        self.flat_seeds, starts = [], []
        for i, (where, address) in enumerate(places(roots)):
            if where == 0:
                self.flat_seeds.append(i)
                starts.append((flat_seeds[i : i + 1], d_flat[address : address + 1]))
            else:
                starts.append((self.seeds[i], d_batch[address]))
        self._flat = flat_seeds
        binding.start, binding.starts = None, _joined(starts, places(roots), self.seeds, d_batch)
        self.states: Any = None
        self.made = steps
        self.going: list[Any] = []
        rows = -(-steps // every) + 1
        self.shape = (rows, c, samples)
        self.bad = np.zeros(samples, bool)
        self.native = binding.native

    def _run(self) -> None:
        """One step forward; samples in which a number is not finite are bad from now on."""
        binding = self.binding
        try:
            if binding.native:
                binding.forward(())
            else:
                with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                    binding.forward(())
            if not binding.flags:
                return
        except FloatingPointError:
            with np.errstate(all="ignore"):
                binding.forward(())
        if self.binding.program.batch:
            self.bad |= ~binding.samples_finite(binding.memory.batch)
        else:
            self.bad |= not binding.all_finite()

    def _begin(self, columns: Columns) -> None:
        self.shared.write(columns.shared)

    def forward(self, columns: Columns, ys: Any, keeps: bool) -> Any:
        """As `ScalarMachine.forward`."""
        self.bad[:] = False
        if keeps and self.states is None:
            self.states = np.empty(self.shape)
        self._begin(columns)
        carry = columns.carry
        self.going = []
        self.made = self._steps_from(carry, columns, 0, self.steps, ys, self.states if keeps else None, self.every)
        if self.stops and self.made == self.steps:
            self.bad |= self._goes_on(carry)
        self.bad |= ~np.isfinite(carry).all(axis=0)
        return self.bad

    def _goes_on(self, carry: Any) -> Any:
        """In which samples there would be another step after the last."""
        was, self.bad = self.bad, np.zeros(self.samples, bool)
        self.carry.write(carry)
        self._run()
        condition = np.empty((1, self.samples))
        Slots([self._condition()], self.binding.memory.flat, self.binding.memory.batch).read(condition)
        self.bad = was
        return condition[0] != 0.0

    def _condition(self) -> tuple[int, int]:
        return self.binding.program.roots[-1]

    def _steps_from(self, carry: Any, columns: Columns, first: int, last: int, ys: Any, states: Any, every: int) -> int:
        s, g = self.step.streamed, self.given.count
        y = np.empty((g, self.samples)) if g else None
        for t in range(first, last):
            if states is not None and (t - first) % every == 0:
                states[(t - first) // every] = carry
            self.carry.write(carry)
            if s:
                self.stream.write(columns.stream[t * s : (t + 1) * s])
            before = self.bad.copy() if self.stops else None
            self._run()
            if y is not None:
                self.given.read(y)
            if self.stops:
                assert y is not None
                going = y[-1] != 0.0
                if self.going:
                    going &= self.going[-1]
                self.bad = np.where(going, self.bad, before) | ~np.isfinite(y[-1])
                if not going.any():
                    return t
                self.going.append(going)
                found = np.empty_like(carry)
                self.next.read(found)
                np.copyto(carry, found, where=self.going[t])
            else:
                self.next.read(carry)
                if ys is not None:
                    ys[t * g : (t + 1) * g] = y
        return last

    def backward(self, columns: Columns, d_ys: Any) -> Any:
        """As `ScalarMachine.backward`."""
        self.bad[:] = False
        self._begin(columns)
        s, g, c, made = self.step.streamed, self.given.count, self.step.carried, self.made
        d_carry, d_stream, d_shared = columns.d_carry, columns.d_stream, columns.d_shared
        room = np.empty((self.every, c, self.samples)) if self.every > 1 else None
        for first in reversed(range(0, made, self.every)):
            last = min(first + self.every, made)
            states = self.states[first : first + 1]
            if room is not None:
                states = room
                self._steps_again(self.states[first // self.every].copy(), columns, first, last, room)
            for t in reversed(range(first, last)):
                self.carry.write(states[t - first])
                if s:
                    self.stream.write(columns.stream[t * s : (t + 1) * s])
                self._run()
                seeds = self.seeds
                seeds[:c] = d_carry
                if g:
                    seeds[c:] = d_ys[t * g : (t + 1) * g] if d_ys is not None else 0.0
                if self.stops:
                    seeds *= self.going[t]
                    seeds[-1] = 0.0
                if self.flat_seeds:
                    self._flat[:] = seeds.sum(axis=1)
                with np.errstate(all="ignore"):
                    self.binding.backward()
                if self.stops:
                    found = np.empty_like(d_carry)
                    self.d_carry.read(found)
                    np.copyto(d_carry, found, where=self.going[t])
                else:
                    self.d_carry.read(d_carry)
                self.d_stream.add_to(d_stream[t * s : (t + 1) * s])
                self.d_shared.add_to(d_shared)
        self.bad |= ~np.isfinite(d_carry).all(axis=0)
        return self.bad

    def _steps_again(self, carry: Any, columns: Columns, first: int, last: int, room: Any) -> None:
        """The carries of the steps from ``first`` on, once more."""
        s = self.step.streamed
        found = np.empty_like(carry)
        for t in range(first, last):
            room[t - first] = carry
            self.carry.write(carry)
            if s:
                self.stream.write(columns.stream[t * s : (t + 1) * s])
            self._run()
            self.next.read(found)
            np.copyto(carry, found, where=self.going[t] if self.stops else True)


def _joined(
    starts: list[tuple[Any, Any]], places: list[tuple[int, int]], seeds: Any, batch: Any
) -> list[tuple[Any, Any]]:
    """The same with neighbours in the batch's memory as one."""
    found: list[tuple[Any, Any]] = []
    i = 0
    while i < len(starts):
        j = i + 1
        while j < len(starts) and places[i][0] == places[j][0] == 1 and places[j][1] == places[i][1] + j - i:
            j += 1
        if j > i + 1:
            found.append((seeds[i:j], batch[places[i][1] : places[i][1] + j - i]))
        else:
            found.append(starts[i])
        i = j
    return found
