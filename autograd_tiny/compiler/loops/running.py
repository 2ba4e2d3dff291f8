"""A loop in a program: which numbers it takes from where, who runs it, and where what it gives goes.

`Loop` is what a recording keeps: a step, how often it runs, how it stops. A `Runner` is that for one place in one
program, bound to one size of batch: it is the function that the program's lines call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import counted
from ..libraries.arrays import Arrays, NumpyArrays, arrays_named
from ..lower.instructions import LoopCall
from ..lower.layout import FLAT
from ..run.native import chosen
from .array_machine import ArrayMachine
from .choosing import machine
from .columns import Columns, Sections, segments
from .scalar_machine import ScalarMachine
from .step import Step


@dataclass(frozen=True, eq=False)
class Loop:
    """``steps`` of a step, at most; if it ``stops``, the last root says whether there is another."""

    name: str
    step: Step
    steps: int
    stops: bool = False
    checkpoint: bool = False
    scalars: str = "auto"
    """As `compile` was told."""
    pulled_back: Any = None
    """From the adjoints of its outputs to those of its parents: see `pulling_back`."""

    @property
    def differentiable(self) -> bool:
        """Whether it can run back."""
        return True

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many operands of each section."""
        return self.step.carried, self.steps * self.step.streamed, len(self.step.shared)

    @property
    def given(self) -> int:
        """How many numbers each step gives beside the carry."""
        return self.step.given - self.stops

    def runner(self, instruction: LoopCall, length: int | None, arrays: Arrays) -> Runner:
        """Who runs it at that place of a program, for so many samples."""
        return Runner(self, instruction, length, arrays)

    def numbers(self, operands: list[float]) -> list[float] | None:
        """All numbers that it gives for these operands; None if one on the way is not finite."""
        sizes, step = self.sizes, self.step
        leaves = (step.carried, step.streamed, len(step.shared))
        batched: Sections = tuple(np.zeros(n, bool) for n in leaves)  # type: ignore[assignment]
        # Once: node by node takes no longer than to compile the step.
        how = "always" if self.scalars == "auto" else self.scalars
        found = machine(step, self.steps, self.stops, self.checkpoint, 1, batched, batched, for_steps(None), how)
        columns = Columns(sizes, (1, 1, 1), found.turned)
        cuts = np.split(np.array(operands, float), np.cumsum(sizes)[:-1])
        for column, numbers in zip((columns.carry, columns.stream, columns.shared), cuts, strict=True):
            column[:, 0] = numbers
        ys = np.empty((self.steps * self.given, 1))
        if found.forward(columns, ys.T if found.turned else ys, None, False).any():
            return None
        return [*columns.carry[:, 0].tolist(), *ys[:, 0].tolist()]

    def written_out(self) -> int:
        """How many operations all of its steps are."""
        return self.steps * self.step.written_out()

    def story(self) -> str:
        """What it is, in words."""
        most = "up to " if self.stops else ""
        step = counted(self.step.operations, "operation")
        kept = -(-self.steps // segments(self.steps, self.checkpoint)) * self.step.carried
        again = " and runs the steps between them twice" if self.checkpoint else ""
        return (
            f"{self.name}: {most}{counted(self.steps, 'step')} of {step} each, recorded once; for the reverse it keeps "
            f"{counted(kept, 'number')} of a sample, the carries{again}"
        )


def for_steps(arrays: Arrays | None) -> Arrays:
    """The library that steps run on: numpy's float64, natively where that is there and nobody said otherwise."""
    if isinstance(arrays, NumpyArrays) and arrays.shares:
        return arrays
    return arrays_named(chosen("auto", "float64"), "float64")


def of_leaves(loop: Loop, of: list[Any]) -> Sections:
    """Of each leaf of the step what is so of any of its operands: those of a stream have one in each step."""
    carry, stream, shared = of
    return carry, stream.reshape(loop.steps, loop.step.streamed).any(axis=0), shared


def how_it_runs(machine: ScalarMachine | ArrayMachine, samples: int) -> str:
    """Which machine it is, in words."""
    how = "node by node" if isinstance(machine, ScalarMachine) else "as an array program"
    return f"for {counted(samples, 'sample')} its steps run {how}"


class Runner:
    """A loop at its place in a program, for one size of batch."""

    def __init__(self, loop: Loop, instruction: LoopCall, length: int | None, arrays: Arrays) -> None:
        self.loop, self.instruction, self.samples = loop, instruction, length or 1
        step, samples = loop.step, self.samples
        sizes = loop.sizes
        batched, learns = ([np.zeros(size, bool) for size in sizes] for _ in range(2))
        for part in instruction.parts:
            batched[part.section][part.places] = part.access.memory != FLAT
            learns[part.section][part.places] = part.learns
        self.learns = any(part.learns for part in instruction.parts)
        widths = (samples, samples if batched[1].any() else 1, samples if batched[2].any() else 1)
        each, wanted = (of_leaves(loop, of) for of in (batched, learns))
        each[0][:] = True
        wanted[0][:] |= self.learns
        self.machine: ScalarMachine | ArrayMachine = machine(
            step, loop.steps, loop.stops, loop.checkpoint, samples, each, wanted, for_steps(arrays), loop.scalars
        )
        self.columns = Columns(sizes, widths, self.machine.turned)
        outputs = instruction.outputs
        self.last = int(np.searchsorted(outputs, step.carried))
        self.carried, self.of_ys = outputs[: self.last], outputs[self.last :] - step.carried
        size = (loop.steps * loop.given, samples)
        self.ys, self.d_ys = (self._room(size) if len(self.of_ys) else None for _ in range(2))

    def says(self) -> str:
        """How it runs, in words."""
        return how_it_runs(self.machine, self.samples)

    def _room(self, size: tuple[int, int]) -> Any:
        return np.zeros(size[::-1] if self.machine.turned else size)

    def __call__(self, *arrays: Any) -> None:
        """Forward: from the operands, part by part, to what is read of its results."""
        *operands, out = map(np.asarray, arrays)
        columns = self.columns
        sections = columns.carry, columns.stream, columns.shared
        for part, numbers in zip(self.instruction.parts, operands, strict=True):
            sections[part.section][part.places] = numbers if numbers.ndim == 2 else numbers[:, None]
        failed = self.machine.forward(columns, self.ys, self.d_ys, self.learns)
        found = out if out.ndim == 2 else out[:, None]
        found[: self.last] = columns.carry[self.carried]
        if self.ys is not None:
            found[self.last :] = (self.ys.T if self.machine.turned else self.ys)[self.of_ys]
        if failed.any():
            found[:, failed] = np.nan  # which sends these samples to the function itself

    def backward(self, *arrays: Any) -> None:
        """Back: from the adjoints of the results to those of the operands that pass a gradient on."""
        up, *rooms = map(np.asarray, arrays)
        up = up if up.ndim == 2 else up[:, None]
        columns = self.columns
        for adjoints in columns.adjoints:
            adjoints.fill(0.0)
        columns.d_carry[self.carried] = up[: self.last]
        if self.d_ys is not None:
            (self.d_ys.T if self.machine.turned else self.d_ys)[self.of_ys] = up[self.last :]
        failed = self.machine.backward(columns, self.d_ys)
        sections = columns.d_carry, columns.d_stream, columns.d_shared
        for part, room in zip([part for part in self.instruction.parts if part.learns], rooms, strict=True):
            found = sections[part.section][part.places]
            if room.ndim == 2:
                room[...] = found
                room[:, failed] = np.nan
            else:
                room[...] = np.nan if failed.any() else found.sum(axis=1)
