"""Array programs in words: what `print(program)` shows, and the story that `Program.explain` tells.

A block of parameters is a matrix W, or a vector b, numbered as they come; what they are from is read off the labels of
the leaves, or the names that `compile` was given. Results are t1, t2, …, inputs have the names of the function's
arguments, and a reverse line has ∂ before the name of what it is the gradient of.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core import Value
from .emit import in_place
from .instructions import Elementwise, Instruction, MatrixProduct, Reduction, Segments, Total
from .layout import ARGUMENT, BATCH, FLAT, Access, Gather, Number, View
from .pipeline import ByLength, Made

if TYPE_CHECKING:
    from .program import Program
    from .run import ArrayProgram


class Names:
    """What each operand of an array program is called."""

    def __init__(self, program: ArrayProgram, given: Mapping[Value, str], arguments: Sequence[str]) -> None:
        self.program, self.given, self.arguments = program, given, arguments
        self.matrices: dict[tuple[int, tuple[int, ...]], str] = {}
        self.notes: list[str] = []
        self.blocks: list[tuple[str, int, int, str]] = []
        self.count = len(program.parameters)
        self.now = 0
        """The number of the instruction being written: a result may lie where an earlier one was."""
        for number, instruction in enumerate(program.instructions, start=1):
            out = instruction.out
            last = out.offset + sum((n - 1) * s for n, s in zip(out.shape, out.strides, strict=True))
            self.blocks.append((out.memory, out.offset, last, f"t{number}"))

    def of(self, access: Access) -> str:
        if isinstance(access, Number):
            return f"{access.value:g}"
        if isinstance(access, Gather):
            first = int(access.addresses().reshape(-1)[0])
            return f"{self._source(access.memory, first, access.shape)}[…]"
        return self._source(
            access.memory,
            access.offset,
            tuple(n for n, s in zip(access.shape, access.strides, strict=True) if n > 1 and s),
        )

    def _source(self, memory: str, address: int, shape: tuple[int, ...]) -> str:
        if memory.startswith(ARGUMENT):
            place = int(memory[len(ARGUMENT) :])
            return self.arguments[place] if place < len(self.arguments) else memory
        for where, first, last, name in reversed(self.blocks[: self.now - 1] if self.now else self.blocks):
            if where == memory and first <= address <= last:
                return name
        if memory == FLAT and address < self.count:
            return self._parameters(address, shape)
        inputs = sum(self.program.lowering.input_counts)
        if memory == FLAT and not self.program.batch and self.count < address <= self.count + inputs:
            return " and ".join(self.arguments) or "inputs"
        return "constants"

    def _parameters(self, address: int, shape: tuple[int, ...]) -> str:
        key = (address, shape)
        if key not in self.matrices:
            size = 1
            for n in shape:
                size *= n
            block = self.program.parameters[address : address + size]
            factor = self.now and isinstance(self.program.instructions[self.now - 1], MatrixProduct)
            kind = "W" if len(shape) > 1 else "w" if factor else "b"
            name = f"{kind}{sum(known.startswith(kind) for known in self.matrices.values()) + 1}"
            self.matrices[key] = name
            size_text = "×".join(map(str, shape)) or "1"
            origin = self._origin(block)
            self.notes.append(f"{name}  {size_text}" + (f"  from {origin}" if origin else ""))
        return self.matrices[key]

    def _origin(self, block: Sequence[Value]) -> str:
        names = [self.given.get(leaf, leaf.label) for leaf in block]
        if not names or not all(names):
            return ""
        if len(names) == 1:
            return names[0]
        prefix = _common_beginning(names).rstrip("[(.0123456789")
        return prefix if prefix else f"{names[0]} … {names[-1]}"


def _common_beginning(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:length]


def _size(view: View) -> str:
    shape = [str(n) for n in view.shape if n > 1] or ["1"]
    return "×".join(shape) + (" each" if view.memory == BATCH else "")


def forward_text(instruction: Instruction, names: Names, number: int) -> str:
    """One forward instruction as a formula."""
    out = f"t{number}"
    names.now = number
    match instruction:
        case MatrixProduct():
            formula = f"{names.of(instruction.left)} · {names.of(instruction.right)}"
            stack, rows, columns = _lengths(instruction)
            what = (
                "dot products"
                if rows == columns == 1
                else "matrix product"
                if stack == 1
                else f"{stack} matrix products"
            )
        case Total():
            formula, what = f"Σ {names.of(instruction.operand)}", "sums"
        case Segments():
            formula, what = f"{instruction.row.name}({names.of(instruction.operand)})", "vectors of several lengths"
        case Reduction():
            formula, what = f"{instruction.row.name}({', '.join(map(names.of, instruction.vectors))})", "vectors"
        case Elementwise():
            formula, what = _formula(instruction, [names.of(x) for x in instruction.operands]), instruction.row.name
    return f"{out} = {formula:<34} {_size(instruction.out):<14} {what}"


def _lengths(instruction: MatrixProduct) -> tuple[int, int, int]:
    left, right = instruction.left, instruction.right
    assert not isinstance(left, Number)
    assert not isinstance(right, Number)
    return left.shape[0], left.shape[1], right.shape[1]


def _formula(instruction: Elementwise, operands: list[str]) -> str:
    row = instruction.row
    if row.operator and len(operands) == 2:
        return f"{operands[0]} {row.symbol} {operands[1]}"
    return f"{row.name}({', '.join(operands)})"


def reverse_text(instruction: Instruction, names: Names, number: int) -> list[str]:
    """What an instruction passes on, one line for each operand that learns."""
    up = f"∂t{number}"
    names.now = number
    lines = []
    if isinstance(instruction, MatrixProduct):
        left, right = names.of(instruction.left), names.of(instruction.right)
        if instruction.learns[0]:
            lines.append(f"∂{left} += {up} · {right}ᵀ")
        if instruction.learns[1]:
            lines.append(f"∂{right} += {left}ᵀ · {up}")
        return lines
    accesses: Sequence[Access]
    if isinstance(instruction, Elementwise):
        accesses, learns = instruction.operands, instruction.learns
    elif isinstance(instruction, Reduction):
        accesses, learns = instruction.vectors, instruction.learns
    else:
        accesses, learns = (instruction.operand,), (instruction.learns,)
    row = instruction.row if not isinstance(instruction, Total) else None
    for i, (access, wanted) in enumerate(zip(accesses, learns, strict=True)):
        if in_place(access, instruction.out):
            lines.append(f"∂{names.of(access)} = {up}, where it is")
        elif wanted and not isinstance(access, Number):
            rule = (
                "" if row is None or row.name in ("add", "sum", "identity") else f" × ∂{row.name}/∂{row.arguments[i]}"
            )
            lines.append(f"∂{names.of(access)} += {up}{rule}")
    return lines


def arguments_of(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def listing(program: Program) -> str:
    """The instructions of the last recording, with the matrices that they work on."""
    if program.last is None:
        return f"{program.__name__}: not recorded yet; call it once"
    arrays = program.last.program
    if arrays is None:
        return f"{program.__name__}: runs as scalars: {program.last.estimate.reason}"
    names = Names(arrays, program.names, arguments_of(program.function))
    forward = [forward_text(instruction, names, i) for i, instruction in enumerate(arrays.instructions, start=1)]
    reverse = []
    for i, instruction in reversed(list(enumerate(arrays.instructions, start=1))):
        reverse += reverse_text(instruction, names, i)
    what = "a batch: what is marked each, there is one of for each sample" if arrays.batch else "one sample"
    return "\n".join(
        [
            f"{program.__name__}: {len(forward)} array instructions, for {what}",
            *(f"  {note}" for note in names.notes),
            "forward",
            *(f"  {line}" for line in forward),
            "reverse",
            *(f"  {line}" for line in reverse),
        ]
    )


def explanation(program: Program) -> str:
    """The passes, from the recorded scalars to the array instructions."""
    if program.last is None:
        return f"{program.__name__} has not been recorded yet: call it once, then ask again."
    estimate = program.last.estimate
    arrays = program.last.program
    if arrays is None:
        lines = [
            f"{program.__name__} is replayed scalar by scalar, as it was recorded: {estimate.reason}.",
            *(f"  {line}." for line in estimate.story),
            'To have it compiled all the same: compile(…, scalars="never").',
        ]
        return "\n".join(lines)
    names = Names(arrays, program.names, arguments_of(program.function))
    products = []
    for i, instruction in enumerate(arrays.instructions, start=1):
        text = forward_text(instruction, names, i)
        if isinstance(instruction, MatrixProduct):
            stack, rows, columns = _lengths(instruction)
            length = instruction.left.shape[2]  # type: ignore[union-attr]
            if rows == columns == 1:
                products.append(
                    f"{text.split(' = ')[1].split('  ')[0]}: {stack} dot products of {length} terms, one by one"
                )
            else:
                many = f"{stack} times " if stack > 1 else ""
                products.append(
                    f"{text.split(' = ')[1].split('  ')[0]}: {many}{rows} vectors meet {columns}, {length} terms each: "
                    f"{stack * rows * columns:,} dot products of the text"
                )
    counts: dict[str, int] = {}
    for instruction in arrays.instructions:
        counts[type(instruction).__name__] = counts.get(type(instruction).__name__, 0) + 1
    kinds = ", ".join(f"{n} {_WORDS[name]}" for name, n in counts.items())
    story = [f"{i}. {line}." for i, line in enumerate(arrays.graph.story, start=1)]
    n = len(story)
    return "\n".join(
        [
            f"{program.__name__}, from scalars to arrays",
            *story,
            f"{n + 1}. Put into {arrays.steps} steps of one operation each, every operand ready before it is needed.",
            f"{n + 2}. Dot products that share their vectors are matrix products:",
            *(f"     {line}" for line in products),
            *(f"     {note}" for note in names.notes),
            f"{n + 3}. That makes {len(arrays.instructions)} array instructions: {kinds}.",
            f"{n + 4}. They are {len(arrays.code.lines)} calls of {arrays.arrays!r} forward and "
            f"{len(arrays.code.reverse_lines)} in reverse; estimated at {estimate.arrays * 1e6:,.0f} µs a call, "
            f"where the scalars would take {estimate.scalars * 1e6:,.0f} µs"
            + (f" for {estimate.samples:,} samples." if arrays.batch else ".")
            + _smaller(program.last.made),
        ]
    )


def _smaller(made: Made) -> str:
    """What is done with few samples."""
    return f" Batches of fewer than {made.least} are replayed as scalars." if isinstance(made, ByLength) else ""


_WORDS = {
    "Elementwise": "element by element",
    "MatrixProduct": "matrix products",
    "Total": "sums",
    "Segments": "over vectors of several lengths",
    "Reduction": "over vectors",
}
