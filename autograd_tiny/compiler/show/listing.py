"""An array program as data to read: its matrices, its instructions, and what each passes on in reverse.

`print(program)`, `Program.explain` and `visualize.draw_program` are all made of it.

>>> from autograd_tiny import Value, compile
>>> w = [Value(2.0, "w[0]"), Value(-1.0, "w[1]")]
>>> program = compile(lambda x, y: (w[0] * x + w[1] * y).tanh(), scalars="never")
>>> program(1.0, 2.0)
0.0
>>> listed = program.listing()
>>> [instruction.text for instruction in listed.forward]
['t1 = w1 · (x, y)', 't2 = tanh(t1)']
>>> listed.forward[0].operands, listed.forward[0].kind, listed.matrices[0].origin
(('w1', 'x', 'y'), 'dot product', 'w')
>>> [line.text for line in listed.reverse]
['∂t2 = 1', '∂t1 += ∂t2 × ∂tanh/∂x', '∂w1 += ∂t1 × (x, y)']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..lower.instructions import Instruction, MatrixProduct, learns_of, operands_of
from ..lower.layout import BATCH, FLAT, Access, Gather, Number, View, memory_name
from ..record.graph import Recorded
from ..write.emit import in_place
from .formulas import described, joined, order, rule
from .operand_names import Matrix, Names, size_text

if TYPE_CHECKING:
    from ..program import Program
    from ..run.array_program import ArrayProgram

_OURS = re.compile(r"[tWwb]\d+")


class ListedInstruction(NamedTuple):
    """One array instruction: ``t4 = W2 · t3``, 16 of them, a matrix product."""

    number: int
    result: str
    formula: str
    shape: tuple[int, ...]
    each: bool
    """Whether there is one for each sample of a batch."""
    kind: str
    """What it does, in words: ``matrix product``, ``relu``, ``sums``."""
    operands: tuple[str, ...]
    """All that it reads, by name: results, matrices, inputs, numbers. What ends in ``[…]`` is not read as it lies."""
    detail: str
    """Of products, which dot products of the function they are; else empty."""

    @property
    def text(self) -> str:
        return f"{self.result} = {self.formula}"

    @property
    def size(self) -> str:
        """``16×2 each``."""
        return size_text(self.shape) + (" each" if self.each else "")

    @property
    def numbers(self) -> int:
        """How many numbers it gives; for each sample, where there are samples."""
        return prod(self.shape)


class ListedReverse(NamedTuple):
    """What instruction ``number`` passes on to ``target``, a name: ``∂W1 += ∂t1 · xᵀ``."""

    number: int
    target: str
    text: str


class Listing(NamedTuple):
    """A program: what was recorded, the blocks of parameters, and the instructions, in their order, both ways."""

    name: str
    batch: bool
    recorded: Recorded
    inputs: dict[str, int]
    """How many numbers each argument has; each sample's, in a batch."""
    matrices: tuple[Matrix, ...]
    forward: tuple[ListedInstruction, ...]
    outputs: tuple[str, ...]
    """The names of what the function gives, each once."""
    reverse: tuple[ListedReverse, ...]
    """Empty if the function gives several numbers, or one on which no parameter has an influence."""


def listing(program: Program) -> Listing:
    """The last recording of a program; ``ValueError`` if it has none, or one that runs as scalars."""
    if program.last is None:
        raise ValueError(f"{program.__name__} has not been recorded yet: call it once, then ask for its listing")
    arrays = program.last.program
    if arrays is None:
        raise ValueError(
            f"{program.__name__} runs as scalars, so there are no instructions to list: see program.explain(), or "
            'compile it with scalars="never"'
        )
    names = Names(
        arrays, program.names, {leaf: i for i, leaf in enumerate(program.parameters)}, argument_names(program)
    )
    written = [_written(instruction, names, i) for i, instruction in enumerate(arrays.instructions, start=1)]
    forward = tuple(found for found, _ in written)
    outputs = _outputs(arrays, names)
    inputs = {names.input_name(i): count for i, count in enumerate(arrays.lowering.input_counts)}
    reverse = _reverse(arrays, names, [operands for _, operands in written])
    return Listing(
        program.__name__, arrays.batch, arrays.graph.recorded, inputs, tuple(names.matrices), forward,
        outputs, tuple(reverse),
    )  # fmt: skip


def _outputs(arrays: ArrayProgram, names: Names) -> tuple[str, ...]:
    places: dict[int, list[int]] = {}
    for memory, address in arrays.roots:
        places.setdefault(memory, []).append(address)
    found = [names.of(Gather(memory_name(m), np.array(a), (len(a),))) for m, a in places.items()]
    return tuple(dict.fromkeys(name.removesuffix("[…]") for some in found for name in some))


def argument_names(program: Program) -> list[str]:
    """What the function calls the arguments of its last call; of ``*xs`` they are ``xs[0]``, ``xs[1]``, …"""
    structure = next((key[0] for key, trace in program._recordings.traces.items() if trace is program.last), None)
    return _names_of(program.function, *(structure[1:3] if structure else (None, ())))


def _names_of(function: Callable[..., Any], positional: int | None, named: Sequence[str]) -> list[str]:
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind is Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range((positional or len(names)) - len(names))]
        else:
            names.append(parameter.name)
    if positional is not None:
        names = names[:positional] + [f"argument {i}" for i in range(len(names), positional)]
    # An argument that is called t1 is not the first result.
    return [f"input {name}" if _OURS.fullmatch(name) else name for name in (*names, *named)]


# Forward


def _written(
    instruction: Instruction, names: Names, number: int
) -> tuple[ListedInstruction, list[tuple[Access, list[str]]]]:
    """An instruction, and what each of its operands is called."""
    accesses = operands_of(instruction)
    called = [names.of(access, instruction) for access in accesses]
    out = instruction.out
    if isinstance(instruction, MatrixProduct):
        # Neurons, then samples or positions, is how a person writes it: so the factor with a matrix goes first.
        reads = [name for i in order(instruction) for name in called[i]]
    else:
        reads = [name for name_list in called for name in name_list]
    names.made(out)
    texts = [joined(c) for c in called]
    formula, kind, detail = described(instruction, texts)
    listed = ListedInstruction(
        number, f"t{number}", formula, tuple(n for n in out.shape if n > 1) or (1,), out.memory == BATCH, kind,
        tuple(dict.fromkeys(reads)), detail,
    )  # fmt: skip
    return listed, list(zip(accesses, called, strict=True))


# Reverse


def _reverse(arrays: ArrayProgram, names: Names, called: list[list[tuple[Access, list[str]]]]) -> list[ListedReverse]:
    """The lines of the reverse sweep: only what is passed on to where a gradient is wanted."""
    if not arrays.differentiable:
        return []
    root = arrays.graph.roots[0]
    memory, address = memory_name(int(arrays.lowering.memory[root])), int(arrays.lowering.address[root])
    last = names.of(View(memory, address, (1,), (1,)))[0].removesuffix("[…]")
    seed = "1/n for each of n samples" if arrays.batch and memory != FLAT else "1"
    lines = [ListedReverse(len(arrays.instructions), last, f"∂{last} = {seed}")]
    reached = {m: np.zeros(len(owner), bool) for m, owner in names.owner.items()}
    if memory in reached:
        reached[memory][address] = True
    learned = {i for i, instruction in enumerate(arrays.instructions, start=1) if any(learns_of(instruction))}
    for number, instruction in reversed(list(enumerate(arrays.instructions, start=1))):
        out = instruction.out
        if not reached[out.memory][out.addresses()].any():
            continue
        for i, (access, own) in enumerate(called[number - 1]):
            if isinstance(access, Number) or not learns_of(instruction)[i]:
                continue
            if in_place(access, out):
                lines += [ListedReverse(number, name, f"∂{name} = ∂t{number}, the same memory") for name in own]
                continue
            passed = rule(instruction, i, [joined(n) for _, n in called[number - 1]], number)
            if passed is None or access.memory not in reached:
                continue
            reached[access.memory][access.addresses()] = True
            for name in own:
                plain = name.removesuffix("[…]")
                if (plain[0] == "t" and plain[1:].isdigit() and int(plain[1:]) in learned) or any(
                    plain == matrix.name for matrix in names.matrices
                ):
                    lines.append(ListedReverse(number, plain, f"∂{name} {passed}"))
    return lines
