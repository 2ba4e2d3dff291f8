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
from .native_steps import NativeSteps
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
        """The adjoints that the reverse of a step starts from; of what samples share, in ``sums``, their sums."""
        self.sums = self.seeds[:, 0] if samples == 1 else np.zeros(len(roots))
        self.mixed = samples > 1 and any(where == 0 for where, _ in places(roots))
        binding.start, binding.starts = None, _joined(places(roots), self.sums, self.seeds, d_flat, d_batch)
        self.native_steps: NativeSteps | None = None
        self.natively = False
        """Whether all steps of the last run were."""
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

    def _step(self, carry: Any, columns: Columns, t: int) -> None:
        """Step t from this carry."""
        s = self.step.streamed
        self.carry.write(carry)
        if s:
            self.stream.write(columns.stream[t * s : (t + 1) * s])
        self._run()

    def forward(self, columns: Columns, ys: Any, d_ys: Any, keeps: bool) -> Any:
        """As `ScalarMachine.forward`."""
        self.bad[:] = False
        if keeps and self.states is None:
            self.states = np.empty(self.shape)
        self.shared.write(columns.shared)
        carry = columns.carry
        self.going, self.natively = [], False
        if self._steps_natively(columns, ys, d_ys):
            assert self.native_steps is not None
            before = carry.copy()
            self.natively = self.native_steps.forward(keeps) == self.steps
            if not self.natively:
                carry[...] = before
        if not self.natively:
            self.made = self._steps_in_python(carry, columns, ys, keeps)
        if self.stops and self.made == self.steps:
            self.bad |= self._goes_on(carry)
        self.bad |= ~np.isfinite(carry).all(axis=0)
        return self.bad

    def _steps_natively(self, columns: Columns, ys: Any, d_ys: Any) -> bool:
        """Whether the loop over the steps may be tried in C."""
        if self.native_steps is not None:
            return True
        binding = self.binding
        if not isinstance(binding, Native) or self.mixed or self.stops or self.step.has_loops:
            return False
        if binding.tape("forward") is None or (binding.program.differentiable and binding.tape("backward") is None):
            return False
        self.native_steps = NativeSteps(self, columns, ys, d_ys)
        return True

    def _goes_on(self, carry: Any) -> Any:
        """In which samples there would be another step after the last."""
        was, self.bad = self.bad, np.zeros(self.samples, bool)
        self.carry.write(carry)
        self._run()
        given = np.empty((self.given.count, self.samples))
        self.given.read(given)
        self.bad = was
        return given[-1] != 0.0

    def _steps_in_python(self, carry: Any, columns: Columns, ys: Any, keeps: bool) -> int:
        """All steps, by Python; how many were made."""
        g = self.given.count
        y = np.empty((g, self.samples)) if g else None
        for t in range(self.steps):
            if keeps and t % self.every == 0:
                self.states[t // self.every] = carry
            before = self.bad.copy() if self.stops else self.bad
            self._step(carry, columns, t)
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
        return self.steps

    def backward(self, columns: Columns, d_ys: Any) -> Any:
        """As `ScalarMachine.backward`."""
        self.bad[:] = False
        self.shared.write(columns.shared)
        if self.natively:
            assert self.native_steps is not None
            self.native_steps.backward()
            self.bad |= ~np.isfinite(columns.d_carry).all(axis=0)
            return self.bad
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
                self._step(states[t - first], columns, t)
                seeds = self.seeds
                seeds[:c] = d_carry
                if g:
                    seeds[c:] = d_ys[t * g : (t + 1) * g] if d_ys is not None else 0.0
                if self.stops:
                    seeds *= self.going[t]
                    seeds[-1] = 0.0
                if self.mixed:
                    self.sums[:] = seeds.sum(axis=1)
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
        found = np.empty_like(carry)
        for t in range(first, last):
            room[t - first] = carry
            self._step(carry, columns, t)
            self.next.read(found)
            np.copyto(carry, found, where=self.going[t] if self.stops else True)


def _joined(places: list[tuple[int, int]], sums: Any, seeds: Any, flat: Any, batch: Any) -> Pairs:
    """Adjoints and where they go, neighbours as one."""
    found: Pairs = []
    i = 0
    while i < len(places):
        where, address = places[i]
        j = i + 1
        while j < len(places) and places[j] == (where, address + j - i):
            j += 1
        found.append(
            (seeds[i:j], batch[address : address + j - i]) if where else (sums[i:j], flat[address : address + j - i])
        )
        i = j
    return found
