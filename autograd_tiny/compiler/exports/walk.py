"""A straight line of tensors, step by step in the words of one tool: `walk` says what is done, a `Target` how.

A target's values are whatever it likes: arrays, text, nodes of another graph. Of a tensor that differs from sample to
sample, the samples are the first axis.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ...modes.recording import DETACHED
from ...table.primitive import Primitive
from ..record.graph import Ints
from .tensors import Read, Step, Straight


class Target(ABC):
    """How one tool says it. Axes and shapes leave out the axis of the samples, which ``each`` says is there."""

    @abstractmethod
    def number(self, x: float) -> Any:
        """A plain number as an operand."""

    @abstractmethod
    def pick(self, sources: list[tuple[Any, bool, int]], index: Ints, each: bool) -> Any:
        """Elements ``index`` of sources flattened and put one after the other; of each, whether it has the samples'
        axis, and how many others.
        """

    @abstractmethod
    def arrange(self, x: Any, axes: tuple[int | None, ...], each: bool) -> Any:
        """``x`` with its axes in that order, and axes of one where there is None."""

    @abstractmethod
    def spread(self, x: Any, shape: tuple[int, ...], each: bool) -> Any:
        """``x`` repeated along axes of one, or that it has not, to the whole ``shape``."""

    @abstractmethod
    def elementwise(self, row: Primitive, operands: list[Any]) -> Any:
        """The row's rule on operands that broadcast."""

    def detached(self, x: Any) -> Any:
        """``x``, which no gradient passes through: to be said to a tool that differentiates by itself."""
        return x

    @abstractmethod
    def reduce(self, row: Primitive, vectors: list[Any]) -> Any:
        """The row's rule along the last axis, which is gone then."""

    @abstractmethod
    def product(self, left: tuple[str, Any], right: tuple[str, Any], out: str) -> Any:
        """The sum of products over the letters that are not in ``out``; ``n`` is that of the samples."""

    def keep(self, name: str, x: Any) -> Any:
        """The result of a step, under its name."""
        return x


def walk(line: Straight, target: Target, known: dict[str, Any]) -> Any:
    """What the program gives, along one last axis if these are several numbers. ``known`` has parameters, constants and
    inputs by name, and is filled with the results.
    """
    for step in line.steps:
        known[step.result.name] = target.keep(step.result.name, _step(step, target, known))
    outputs = line.outputs
    if line.single:
        outputs = Read(outputs.sources, outputs.index.reshape(()))
    found = read(outputs, target, known)
    if line.batch and not outputs.each:
        found = target.spread(found, outputs.shape, True)
    return found


def _step(step: Step, target: Target, known: dict[str, Any]) -> Any:
    result = step.result
    if step.kind == "product":
        sides = [
            (("n" if r.each else "") + letters, read(r, target, known, whole=True))
            for letters, r in zip(step.subscripts, step.reads, strict=False)
            if isinstance(r, Read)
        ]
        return target.product(sides[0], sides[1], ("n" if result.each else "") + step.subscripts[2])
    if step.kind == "reduction":
        found = target.reduce(step.row, [read(r, target, known, whole=True) for r in step.reads if isinstance(r, Read)])
        return found if result.each == any(isinstance(r, Read) and r.each for r in step.reads) else target.spread(
            found, result.shape, result.each
        )  # fmt: skip
    operands = [read(r, target, known) if isinstance(r, Read) else target.number(r) for r in step.reads]
    found = target.detached(*operands) if step.row is DETACHED else target.elementwise(step.row, operands)
    return found if _covered(step) else target.spread(found, result.shape, result.each)


def _covered(step: Step) -> bool:
    """Whether the operands of an elementwise step broadcast to the whole of its result."""
    left = set(range(len(step.result.shape)))
    for each in step.reads:
        if isinstance(each, Read):
            axes = each.axes()
            left -= {i for i in left if axes is None or axes[i] is not None}
    return not left and step.result.each == any(isinstance(r, Read) and r.each for r in step.reads)


def read(what: Read, target: Target, known: dict[str, Any], whole: bool = False) -> Any:
    """An operand; ``whole``: with nothing left to broadcasting."""
    axes = what.axes()
    if axes is None:
        sources = [(known[source.name], source.each, len(source.shape)) for source in what.sources]
        return target.pick(sources, what.index, what.each)
    found = known[what.source.name]
    if axes != tuple(range(len(what.source.shape))):
        found = target.arrange(found, axes, what.each)
    if whole and None in axes:
        found = target.spread(found, what.shape, what.each)
    return found
