"""An array program as a straight line of whole tensors: what the writers for other tools put into their words.

In memory, operands are views of a few long vectors. Here each instruction has a result of its own, and what it reads
are tensors by name, or numbers picked out of them. Tensors that differ from sample to sample have the samples as their
first axis, as the other tools like it; that axis is in no ``shape`` here.

>>> from autograd_tiny import Value, compile
>>> w = [Value(2.0, "w[0]"), Value(-1.0, "w[1]")]
>>> program = compile(lambda x: (w[0] * x[0] + w[1] * x[1]).tanh())
>>> program([1.0, 2.0])
0.0
>>> line = straight(program)
>>> [(each.result.name, [read.source.name for read in each.reads]) for each in line.steps]
[('t1', ['w1', 'x']), ('t2', ['t1'])]
>>> line.parameters[0].shape, line.outputs.source.name
((2,), 't2')
"""

from __future__ import annotations

import math
import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Value, data_of
from ...table.namespaces.source import LIBRARY
from ...table.ops import TABLE
from ...table.primitive import Primitive
from ..libraries.arrays import FLOAT64
from ..lower.instructions import Elementwise, Instruction, MatrixProduct, Segments, Total, learns_of, operands_of
from ..lower.layout import FLAT, Access, Number, memory_name
from ..pipeline import Inputs, numerical, translated
from ..record.graph import Ints, record
from ..record.structures import is_structure
from ..run.array_program import ArrayProgram
from ..show.operand_names import Names
from .describing import argument_names, shared
from .recorded import only_in_python, recorded

if TYPE_CHECKING:
    from ..program import Program


from .tensors import Operand, Read, Step, Straight, Tensor

RESERVED = re.compile(
    """[tcWwbdguiv]\\d+|d_.*|index.*|[nijksuvd]|np|math|params|parameters|out|up|work|gradient|scratch|total|rest|value
    |value_and_grad|scatter|fabs|auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if
    |inline|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void
    |volatile|while|"""
    + "|".join(LIBRARY),
    re.VERBOSE,
)
"""What an argument cannot be called in a text of ours, in Python or C."""


def array_program(program: Program) -> tuple[ArrayProgram, list[str], Any]:
    """The last recording as array instructions for batches, whatever it runs as; its arguments' names; its result."""
    _, call, out, inputs, outputs, of_its_own, _ = recorded(program)
    if not outputs:
        raise ValueError(f"{program.__name__} gives no numbers, so there is nothing to export")
    batch = any(inputs)
    graph = record(outputs, inputs, batch, of_its_own)
    made, _ = translated(graph, Inputs.of(graph, inputs, batch), "never", FLOAT64)
    if not isinstance(made, ArrayProgram):
        outside = numerical(graph)
        if outside:
            raise only_in_python(program, outside[0])
        raise ValueError(f"{program.__name__} has a constant that is not finite, so it cannot be exported")
    program._known.meet(made.parameters)
    return made, argument_names(program, call), out


def straight(program: Program) -> Straight:
    """The last recording of a program in this form."""
    arrays, arguments, out = array_program(program)
    line = _Builder(program, arrays, arguments).built(is_structure(out))
    call = program.last.sample  # type: ignore[union-attr]
    given = [*call.arguments, *call.named.values()]  # type: ignore[union-attr]
    shapes = dict(zip(_identifiers(arguments), given, strict=True))
    same = dict(zip(_identifiers(arguments), shared(program, call), strict=True))  # type: ignore[arg-type]
    if not all(same[tensor.name] for tensor in line.inputs):
        line.shared = frozenset(tensor.name for tensor in line.inputs if same[tensor.name])
    line.shapes = {tensor.name: _shape(shapes[tensor.name], tensor) for tensor in line.inputs}
    return line


def _shape(x: Any, tensor: Tensor) -> tuple[int, ...]:
    """The shape in which an argument of a sample is given, an array or lists of one length, if it has one."""
    try:
        shape = np.shape(x) if isinstance(x, (np.ndarray, list, tuple)) else tensor.shape
    except ValueError:  # lists of different lengths
        return tensor.shape
    return shape if math.prod(shape) == tensor.size else tensor.shape


class _Builder:
    """Whose numbers lie where, as the instructions go by."""

    def __init__(self, program: Program, arrays: ArrayProgram, arguments: list[str]) -> None:
        self.arrays, self.known = arrays, program._known
        lowering = arrays.lowering
        names = _identifiers(arguments)
        counts = lowering.input_counts
        self.line = Straight(
            program.__name__,
            [Tensor(name, (n,) if n > 1 else (), arrays.batch) for name, n in zip(names, counts, strict=True) if n],
        )
        sizes = [max(lowering.flat_size, 1), max(lowering.batch_size, 1), *counts]
        self.owner = {memory_name(i): np.full(n, -1) for i, n in enumerate(sizes)}
        self.offset = {memory_name(i): np.zeros(n, np.int64) for i, n in enumerate(sizes)}
        self.tensors: list[Tensor] = []
        if arrays.batch:
            given = [i for i, n in enumerate(counts) if n]
            for i, tensor in zip(given, self.line.inputs, strict=True):
                self._owns(tensor, memory_name(2 + i), np.arange(tensor.size))
        self._parameters(program, arguments)
        for addresses, numbers in lowering.constants:
            shape = (len(numbers),) if len(numbers) > 1 else ()
            tensor = Tensor(f"c{len(self.line.constants) + 1}", shape, numbers=np.array(numbers).reshape(shape))
            self.line.constants.append(tensor)
            self._owns(tensor, FLAT, addresses)

    def _owns(self, tensor: Tensor, memory: str, addresses: Ints) -> None:
        flat = addresses.reshape(-1)
        self.owner[memory][flat] = len(self.tensors)
        self.offset[memory][flat] = np.arange(len(flat))
        self.tensors.append(tensor)

    def _parameters(self, program: Program, arguments: list[str]) -> None:
        """The blocks that `Names` finds, and what is in none of them."""
        place = {leaf: i for i, leaf in enumerate(self.arrays.parameters)}
        names = Names(self.arrays, program.names, program._known.index, arguments)
        for instruction in self.arrays.instructions:
            for access in operands_of(instruction):
                names.of(access, instruction)
            names.made(instruction.out)
        left = dict(place)
        for matrix in names.matrices:
            own = tuple(value for value in matrix.parameters if value in left)
            shape = matrix.shape if len(own) == len(matrix.parameters) else (len(own),)
            self._parameter(matrix.name, shape, own, left)
        if left:
            self._parameter("rest", (len(left),), tuple(left), left)

    def _parameter(self, name: str, shape: tuple[int, ...], values: tuple[Value, ...], left: dict[Value, int]) -> None:
        if values:
            held = self.known.held
            numbers = data_of(values) if held is None else held[[self.known.index[value] for value in values]]
            tensor = Tensor(name, tuple(n for n in shape if n > 1), values=values, numbers=numbers)
            self.line.parameters.append(tensor)
            self._owns(tensor, FLAT, np.array([left.pop(value) for value in values]))

    def built(self, several: bool) -> Straight:
        for instruction in self.arrays.instructions:
            self._step(instruction)
        found: list[tuple[Tensor, int]] = []
        for memory, address in self.arrays.roots:
            name = memory_name(memory)
            found.append((self.tensors[self.owner[name][address]], int(self.offset[name][address])))
        self.line.outputs = _of([tensor for tensor, _ in found], np.array([offset for _, offset in found]))
        self.line.single = not several
        return self.line

    def _step(self, instruction: Instruction) -> None:
        out = instruction.out
        addresses, reads, learns = out.addresses(), self._reads(instruction), learns_of(instruction)
        match instruction:
            case MatrixProduct():
                letters = ("suk", "svk", "svu" if instruction.transposed else "suv")
                sides = tuple(
                    "".join(x for x, n in zip(word, shape, strict=True) if n > 1)
                    for word, shape in zip(letters, (*(r.shape for r in reads), addresses.shape), strict=True)
                )
                reads = tuple(_squeezed(read) for read in reads)
                self._gives("product", TABLE["dot"], reads, learns, out.memory, addresses, sides)  # type: ignore[arg-type]
            case Elementwise():
                reads = tuple(_squeezed(read) for read in reads)
                self._gives("elementwise", instruction.row, reads, learns, out.memory, addresses)
            case Segments():
                # Those of one length together.
                flat, starts = reads[0], np.append(instruction.starts, reads[0].index.size)
                for length in np.unique(np.diff(starts)).tolist():
                    mine = np.flatnonzero(np.diff(starts) == length)
                    table = flat.index.reshape(-1)[starts[mine][:, None] + np.arange(length)]
                    read = Read(flat.sources, table)
                    self._gives("reduction", instruction.row, (read,), learns, out.memory, addresses[mine])
            case _:
                row = TABLE["sum"] if isinstance(instruction, Total) else instruction.row
                self._gives("reduction", row, reads, learns, out.memory, addresses)

    def _gives(
        self, kind: str, row: Primitive, reads: tuple[Any, ...], learns: tuple[bool, ...], memory: str, addresses: Ints,
        subscripts: tuple[str, str, str] = ("", "", ""),
    ) -> None:  # fmt: skip
        shape = tuple(n for n in addresses.shape if n > 1)
        if kind == "reduction":
            reads = tuple(Read(read.sources, read.index.reshape(*shape, -1)) for read in reads)
        result = Tensor(f"t{len(self.line.steps) + 1}", shape, memory != FLAT)
        self._owns(result, memory, addresses)
        self.line.steps.append(Step(kind, row, reads, learns, result, subscripts))

    def _reads(self, instruction: Instruction) -> tuple[Any, ...]:
        return tuple(self._read(access) for access in operands_of(instruction))

    def _read(self, access: Access) -> Operand:
        if isinstance(access, Number):
            return access.value
        addresses = access.addresses()
        owners = self.owner[access.memory][addresses].reshape(-1)
        offsets = self.offset[access.memory][addresses]
        if owners.min() == owners.max():
            return Read((self.tensors[owners[0]],), offsets)
        return _of([self.tensors[i] for i in owners.tolist()], offsets.reshape(-1), addresses.shape)


def _squeezed(read: Any) -> Any:
    """Without its axes of one."""
    if not isinstance(read, Read):
        return read
    return Read(read.sources, read.index.reshape([n for n in read.shape if n > 1]))


def _of(tensors: list[Tensor], offsets: Ints, shape: tuple[int, ...] | None = None) -> Read:
    """Elements of several tensors, one of each in the list."""
    different = list({id(tensor): tensor for tensor in tensors}.values())
    before, start = {}, 0
    for tensor in different:
        before[id(tensor)] = start
        start += tensor.size
    index = offsets + np.array([before[id(tensor)] for tensor in tensors], np.int64)
    return Read(tuple(different), index.reshape(shape or (len(tensors),)))


def _identifiers(names: list[str]) -> list[str]:
    """Names that any language takes, none twice, none like ours."""
    found: list[str] = []
    for name in names:
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name).strip("_") or "x"
        if plain[0].isdigit() or iskeyword(plain) or RESERVED.fullmatch(plain):
            plain = f"input_{plain}"
        while plain in found:
            plain += "_"
        found.append(plain)
    return found
