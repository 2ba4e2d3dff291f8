"""Who runs the steps of a loop: node by node in `ScalarMachine`, sample after sample; as an array program in
`ArrayMachine`, all samples at once.

Both take the same columns and fill the same: what is carried, streamed and shared, each an array of numbers × samples,
where what does not differ between samples has one column. Forward they keep the carry of each step (or of every
√steps-th), and back each step is run once more from there.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from math import isqrt
from typing import Any

import numpy as np

from ...core import Repeat
from ..libraries.arrays import FLOAT64, Arrays
from ..lower.cost import CALL, array_seconds, scalar_seconds
from ..lower.dispatch import TooDear, lower
from ..pipeline import graph_passes, numerical
from ..record.graph import Bools, Graph
from ..run.array_program import ArrayProgram
from ..run.binding import Binding
from ..run.native_binding import Native
from ..simplify.schedule import schedule
from .step import Step

Sections = tuple[Bools, Bools, Bools]
"""Something of each leaf of a step: of those carried, streamed and shared."""

Pairs = list[tuple[Any, Any]]

SMALL = 64
"""A step of fewer operations, for one sample, is run node by node without a look at arrays."""
STEP = 4e-6
"""Seconds that Python takes around a step of an array program, forward or back."""


class Columns:
    """The numbers of a run: what is carried, streamed and shared, and the adjoints of these."""

    def __init__(self, sizes: tuple[int, int, int], widths: tuple[int, int, int], turned: bool) -> None:
        """``turned``: the numbers of a sample lie in a row, not those of all samples."""
        self.whole = [np.zeros((w, n) if turned else (n, w)) for n, w in zip(sizes, widths, strict=True)]
        self.carry, self.stream, self.shared = (a.T if turned else a for a in self.whole)
        self.adjoints = [np.zeros_like(a) for a in self.whole]
        self.d_carry, self.d_stream, self.d_shared = (a.T if turned else a for a in self.adjoints)


class ScalarMachine:
    """Steps run node by node: see `core.repeats`."""

    turned = True

    def __init__(self, step: Step, steps: int, stops: bool, every: int, samples: int, learns: Sections) -> None:
        self.step, self.steps, self.every, self.samples, self.stops = step, steps, every, samples, stops
        graph = step.graph
        sources = np.zeros(graph.size, bool)
        sources[step.places[np.concatenate(learns)]] = True
        self.repeat = Repeat(
            graph.codes.tobytes(), graph.starts.tobytes(), graph.operands.tobytes(), graph.numbers.tobytes(),
            step.reached(sources).tobytes(), list(graph.rows), step.places.astype(np.int64).tobytes(),
            graph.roots.tobytes(), step.carried, step.streamed, stops,
        )  # fmt: skip
        self.made = [0] * samples
        self.rows = -(-steps // every)
        self.states: list[Any] = [None] * samples
        self.any_stream = bool(learns[1].any())

    def forward(self, columns: Columns, ys: Any, keeps: bool) -> Any:
        """Run all steps; of ``columns`` the carry becomes the last. Which samples failed: in them nothing holds."""
        carry, stream, shared = columns.whole
        size = self.rows * self.step.carried if keeps else 0
        for i in range(self.samples):
            if self.states[i] is None or len(self.states[i]) != size:
                self.states[i] = np.empty(size)
            self.made[i] = self.repeat.forward(
                carry[i], stream[i % len(stream)], shared[i % len(shared)], self.steps, self.states[i], self.every,
                ys[i] if ys is not None else (),
            )  # fmt: skip
        return np.array(self.made) < 0

    def backward(self, columns: Columns, d_ys: Any) -> Any:
        """Run them back: the adjoints of the last carry become those of the first. Which samples failed."""
        _, stream, shared = columns.whole
        d_carry, d_stream, d_shared = columns.adjoints
        failed = np.zeros(self.samples, bool)
        c, s, g = self.step.carried, self.step.streamed, self.step.given - self.stops
        room = np.empty(self.every * c) if self.every > 1 else None
        none = array("d")
        for i in range(self.samples):
            made, mine, common = self.made[i], stream[i % len(stream)], shared[i % len(shared)]
            adjoint = np.zeros(len(common))
            for first in reversed(range(0, made, self.every if room is not None else max(made, 1))):
                last = min(first + self.every, made) if room is not None else made
                xs = mine[first * s : last * s]
                states = self.states[i][: (last - first) * c]
                if room is not None:
                    states = room[: (last - first) * c]
                    again = self.states[i][first // self.every * c :][:c].copy()
                    self.repeat.forward(again, xs, common, last - first, states, 1, none)
                wanted = self.any_stream and len(d_stream) == self.samples
                d_xs = none
                if self.any_stream:
                    d_xs = d_stream[i][first * s : last * s] if wanted else np.zeros((last - first) * s)
                d_y = d_ys[i][first * g : last * g] if d_ys is not None else none
                well = self.repeat.backward(states, xs, common, 0, last - first, d_carry[i], d_y, d_xs, adjoint)
                if not well:
                    failed[i] = True
                    break
                if self.any_stream and not wanted:
                    d_stream[0][first * s : last * s] += d_xs
            d_shared[i % len(d_shared)] += adjoint
        return failed


class Slots:
    """Numbers at addresses in the memory that samples share and in that of each, as one array of numbers × samples."""

    def __init__(self, places: list[tuple[int, int]], flat: Any, batch: Any) -> None:
        self.count = len(places)
        self.parts = []
        for memory, base in ((0, flat), (1, batch)):
            mine = [i for i, place in enumerate(places) if place[0] == memory]
            if mine:
                addresses = np.array([places[i][1] for i in mine])
                rows = slice(mine[0], mine[-1] + 1) if len(mine) == mine[-1] - mine[0] + 1 else np.array(mine)
                run = len(mine) == addresses[-1] - addresses[0] + 1 and (np.diff(addresses) == 1).all()
                view = base[addresses[0] : addresses[-1] + 1] if run else None
                self.parts.append((memory, base, addresses, rows, view))

    def read(self, out: Any) -> None:
        """Copy them into ``out``."""
        for memory, base, addresses, rows, view in self.parts:
            found = view if view is not None else base[addresses]
            out[rows] = found if memory else found[:, None]

    def write(self, numbers: Any) -> None:
        """Put ``numbers`` there; what is shared gets those of the first sample."""
        for memory, base, addresses, rows, view in self.parts:
            found = numbers[rows] if memory else numbers[rows, 0]
            if view is not None:
                view[...] = found
            else:
                base[addresses] = found

    def add_to(self, total: Any) -> None:
        """Add them to an array of such; what samples share, being their sum already, to the first column."""
        for memory, base, addresses, rows, view in self.parts:
            found = view if view is not None else base[addresses]
            if memory:
                total[rows] += found
            else:
                total[rows, 0] += found


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


def segments(steps: int, checkpoint: bool) -> int:
    """How many steps apart the carries are that are kept."""
    return max(isqrt(steps), 1) if checkpoint else 1


def machine(
    step: Step, steps: int, stops: bool, checkpoint: bool, samples: int, batched: Sections, learns: Sections,
    arrays: Arrays = FLOAT64, scalars: str = "auto",
) -> ScalarMachine | ArrayMachine:  # fmt: skip
    """The faster of the two, or the one that can run the step at all.

    ``batched`` and ``learns`` say of each leaf of the step whether it differs between samples, and whether its adjoint
    is wanted; ``scalars`` is `compile`'s.
    """
    every = segments(steps, checkpoint)

    def one_by_one() -> ScalarMachine:
        return ScalarMachine(step, steps, stops, every, samples, learns)

    loops = step.has_loops
    if not loops and (numerical(step.graph) or scalars == "always"):
        return one_by_one()
    forced = loops or scalars == "never"
    if not forced and samples == 1 and step.operations < SMALL:
        return one_by_one()
    slow = np.inf if forced else scalar_seconds(step.graph) * samples
    program = array_step(step, batched, learns, samples, slow, arrays)
    if program is None:
        return one_by_one()
    call, each = array_seconds(program.instructions, program.count_lines(), arrays.line)
    if 2.0 * STEP + call - CALL + each * samples > slow:
        return one_by_one()
    return ArrayMachine(step, steps, stops, every, samples, program)


def array_step(
    step: Step, batched: Sections, learns: Sections, samples: int, slow: float, arrays: Arrays
) -> ArrayProgram | None:
    """The step as an array program, whose reverse starts from all that it gives; None if it would be slower."""
    graph = step.graph
    batch = samples > 1
    loaded = step.places[np.concatenate(batched)] if batch else step.places[:0]
    sources, wanted = np.zeros(graph.size, bool), np.zeros(graph.size, bool)
    sources[loaded] = True
    wanted[step.places[np.concatenate(learns)]] = True
    each = step.reached(sources)
    flat: Graph = replace(graph, batched=each, memory=each.astype(np.int64), learns=step.reached(wanted))
    try:
        for simplify, _ in graph_passes():
            flat = simplify(flat)
        order, height = schedule(flat)
        given = {node: (0, i) for i, node in enumerate(loaded.tolist())}
        lowering = lower(flat, order, given, [], batch, height, 4.0 * slow, samples, len(loaded))
    except TooDear:
        return None
    return ArrayProgram(flat, lowering, len(order), arrays, seeded=True)
