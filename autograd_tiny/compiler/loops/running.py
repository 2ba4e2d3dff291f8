"""A loop in a program: which numbers it takes from where, who runs it, and where what it gives goes.

`Loop` is what a recording keeps: a step, how often it runs, how it stops. `Bound` is that for one size of batch. A
`Runner` is such at one place in one program: it is the function that the program's lines call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import counted
from ..libraries.arrays import Arrays, NumpyArrays, arrays_named
from ..lower.instructions import LoopCall, Part
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


def of_operands(instruction: LoopCall, sizes: Sequence[int], asked: Callable[[Part], bool]) -> list[Any]:
    """Of each operand, section by section, what is so of the part that it is in."""
    found = [np.zeros(size, bool) for size in sizes]
    for part in instruction.parts:
        found[part.section][part.places] = asked(part)
    return found


def is_batched(part: Part) -> bool:
    """Whether its numbers differ between samples."""
    return part.access.memory != FLAT


class Bound:
    """A loop for one size of batch: the machine that runs it, and the columns of its numbers."""

    def __init__(
        self, loop: Loop, batched: list[Any], learns: list[Any], outputs: Any, samples: int, arrays: Arrays | None
    ) -> None:
        """``batched`` and ``learns`` say of each operand whether it differs between samples, and whether its adjoint
        is wanted; ``outputs`` are those of the loop's numbers that somebody reads.
        """
        self.loop, self.samples = loop, samples
        widths = (samples, samples if batched[1].any() else 1, samples if batched[2].any() else 1)
        self.learns = any(of.any() for of in learns)
        each, wanted = (_of_leaves(loop, of) for of in (batched, learns))
        each[0][:] = True
        wanted[0][:] |= self.learns
        self.machine: ScalarMachine | ArrayMachine = machine(
            loop.step, loop.steps, loop.stops, loop.checkpoint, samples, each, wanted, for_steps(arrays), loop.scalars
        )
        self.columns = columns = Columns(loop.sizes, widths, self.machine.turned)
        self.sections = [columns.carry, columns.stream, columns.shared]
        self.last = int(np.searchsorted(outputs, loop.step.carried))
        self.carried, self.of_ys = outputs[: self.last], outputs[self.last :] - loop.step.carried
        self.d_ys = self.room()

    def room(self) -> Any:
        """An array for a number, or an adjoint, of all that the steps give; None if nobody reads any."""
        size = (self.loop.steps * self.loop.given, self.samples)
        return np.zeros(size[::-1] if self.machine.turned else size) if len(self.of_ys) else None

    def load(self, instruction: LoopCall, operands: Sequence[Any]) -> None:
        """Put the operands, part by part, into the columns."""
        for part, numbers in zip(instruction.parts, operands, strict=True):
            self.sections[part.section][part.places] = numbers if numbers.ndim == 2 else numbers[:, None]

    def pull_back(self, up: Any) -> Any:
        """From the adjoints of the outputs to those in the columns; in which samples that failed."""
        columns = self.columns
        for adjoints in columns.adjoints:
            adjoints.fill(0.0)
        columns.d_carry[self.carried] = up[: self.last]
        if self.d_ys is not None:
            (self.d_ys.T if self.machine.turned else self.d_ys)[self.of_ys] = up[self.last :]
        return self.machine.backward(columns, self.d_ys)

    def says(self) -> str:
        """How it runs, in words."""
        how = "node by node" if isinstance(self.machine, ScalarMachine) else "as an array program"
        return f"for {counted(self.samples, 'sample')} its steps run {how}"


def _of_leaves(loop: Loop, of: list[Any]) -> Sections:
    """Of each leaf of the step what is so of any of its operands: those of a stream have one in each step."""
    carry, stream, shared = of
    return carry, stream.reshape(loop.steps, loop.step.streamed).any(axis=0), shared


class Runner(Bound):
    """A loop at its place in a program."""

    def __init__(self, loop: Loop, instruction: LoopCall, length: int | None, arrays: Arrays) -> None:
        self.instruction = instruction
        batched = of_operands(instruction, loop.sizes, is_batched)
        learns = of_operands(instruction, loop.sizes, lambda part: part.learns)
        super().__init__(loop, batched, learns, instruction.outputs, length or 1, arrays)
        self.ys = self.room()

    def __call__(self, *arrays: Any) -> None:
        """Forward: from the operands, part by part, to what is read of its results."""
        *operands, out = map(np.asarray, arrays)
        self.load(self.instruction, operands)
        failed = self.machine.forward(self.columns, self.ys, self.d_ys, self.learns)
        found = out if out.ndim == 2 else out[:, None]
        found[: self.last] = self.columns.carry[self.carried]
        if self.ys is not None:
            found[self.last :] = (self.ys.T if self.machine.turned else self.ys)[self.of_ys]
        if failed.any():
            found[:, failed] = np.nan  # which sends these samples to the function itself

    def backward(self, *arrays: Any) -> None:
        """Back: from the adjoints of the results to those of the operands that pass a gradient on."""
        up, *rooms = map(np.asarray, arrays)
        failed = self.pull_back(up if up.ndim == 2 else up[:, None])
        columns = self.columns
        sections = columns.d_carry, columns.d_stream, columns.d_shared
        for part, room in zip([part for part in self.instruction.parts if part.learns], rooms, strict=True):
            found = sections[part.section][part.places]
            if room.ndim == 2:
                room[...] = found
                room[:, failed] = np.nan
            else:
                room[...] = np.nan if failed.any() else found.sum(axis=1)
