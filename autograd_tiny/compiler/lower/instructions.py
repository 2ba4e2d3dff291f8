"""The instructions of an array program: each is many scalar operations of one kind at once.

A forward instruction computes ``out``, a fresh block of memory, from views or gathers of what is there. Its reverse is
not an instruction of its own: `reverse` reads it off the forward one and the rule of its primitive.

>>> from autograd_tiny import Value, compile
>>> w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
>>> program = compile(lambda x: [(row[0] * x[0] + row[1] * x[1]).tanh() for row in w], scalars="never")
>>> program([0.0, 0.0])
[0.0, 0.0]
>>> product, activation = program.last.program.instructions
>>> type(product).__name__, product.left.shape, product.right.shape, activation.row.name
('MatrixProduct', (1, 2, 2), (1, 1, 2), 'tanh')
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...table.primitive import Primitive
from ..record.graph import Ints
from .layout import Access, Gather, View


@dataclass(frozen=True)
class Elementwise:
    """``row`` applied element by element; ``learns`` says which operands pass a gradient on."""

    row: Primitive
    operands: tuple[Access, ...]
    learns: tuple[bool, ...]
    out: View
    nodes: Ints


@dataclass(frozen=True)
class MatrixProduct:
    """``out[s, u, v] = Σₖ left[s, u, k] · right[s, v, k]``; ``transposed``: ``out[s, v, u]``."""

    left: Access
    right: Access
    learns: tuple[bool, bool]
    out: View
    transposed: bool
    nodes: Ints


@dataclass(frozen=True)
class Total:
    """Sums over the last ``inner`` axes of one operand."""

    operand: Access
    inner: int
    learns: bool
    out: View
    nodes: Ints


@dataclass(frozen=True)
class Segments:
    """``row``, a sum or the like, of segments of different lengths of one operand."""

    row: Primitive
    operand: Access
    learns: bool
    starts: Ints
    out: View
    nodes: Ints


@dataclass(frozen=True)
class Reduction:
    """A primitive of many operands, such as maximum: vectors along the last axis."""

    row: Primitive
    vectors: tuple[Access, ...]
    learns: tuple[bool, ...]
    out: View
    nodes: Ints


@dataclass(frozen=True)
class Part:
    """Operands of a loop that lie in one memory: of which section, at which places in it."""

    section: int
    places: Ints
    access: View | Gather
    learns: bool


@dataclass(frozen=True)
class LoopCall:
    """All steps of a loop. ``out`` are those of its numbers that somebody reads, ``outputs`` which these are."""

    row: Primitive
    parts: tuple[Part, ...]
    out: View
    nodes: Ints
    outputs: Ints

    @property
    def learns(self) -> tuple[bool, ...]:
        return tuple(part.learns for part in self.parts)


Instruction = Elementwise | MatrixProduct | Total | Segments | Reduction | LoopCall


def operands_of(instruction: Instruction) -> tuple[Access, ...]:
    """The operands of any instruction."""
    match instruction:
        case Elementwise():
            return instruction.operands
        case MatrixProduct():
            return instruction.left, instruction.right
        case Reduction():
            return instruction.vectors
        case LoopCall():
            return tuple(part.access for part in instruction.parts)
        case _:
            return (instruction.operand,)


def learns_of(instruction: Instruction) -> tuple[bool, ...]:
    """Which of its operands pass a gradient on."""
    return instruction.learns if isinstance(instruction.learns, tuple) else (instruction.learns,)


def forwards(instruction: Instruction) -> Instruction:
    """The same with nothing read backwards: operands of negative strides are gathered."""
    match instruction:
        case MatrixProduct():
            return replace(instruction, left=_forwards(instruction.left), right=_forwards(instruction.right))
        case Elementwise():
            return replace(instruction, operands=tuple(map(_forwards, instruction.operands)))
        case Reduction():
            return replace(instruction, vectors=tuple(map(_forwards, instruction.vectors)))
        case LoopCall():
            accesses = [_forwards(part.access) for part in instruction.parts]
            parts = [replace(p, access=a) for p, a in zip(instruction.parts, accesses, strict=True)]  # type: ignore[arg-type]
            return replace(instruction, parts=tuple(parts))
        case _:
            return replace(instruction, operand=_forwards(instruction.operand))


def _forwards(access: Access) -> Access:
    if isinstance(access, View) and min(access.strides, default=0) < 0:
        return Gather(access.memory, access.addresses().reshape(-1), access.shape)
    return access
