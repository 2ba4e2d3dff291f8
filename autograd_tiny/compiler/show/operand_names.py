"""What the operands of an array program are called, and which blocks of parameters it has.

A block of parameters is a matrix W, or a vector: w if something is multiplied with it, else b; numbered as they come.
Results are t1, t2, …, inputs have the names of the function's arguments. ``t1[…]`` is some of the numbers of t1, or
all of them in another order.

>>> from autograd_tiny import Value, compile
>>> w = [Value(1.0, "w[0]"), Value(2.0, "w[1]")]
>>> program = compile(lambda x: w[0] * x[0] + w[1] * x[2], scalars="never")
>>> program([1.0, 5.0, 2.0])
5.0
>>> arrays = program.last.program
>>> names = Names(arrays, {}, {}, ["x"])
>>> product = arrays.instructions[0]
>>> names.of(product.left, product), names.of(product.right, product)
(['w1'], ['x[…]'])
>>> names.matrices[0].origin
'w'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...core import Value
from ..lower.instructions import Elementwise, Instruction, MatrixProduct
from ..lower.layout import ARGUMENT, BATCH, FLAT, Access, Gather, Number, View

if TYPE_CHECKING:
    from ..record.graph import Ints
    from ..run.array_program import ArrayProgram

LONGEST = 40
"""Of a label longer than this the beginning is shown."""
CONSTANTS, PARAMETERS, INPUTS = 0, -1, -2
"""Owners of an address that are no instruction: input i is ``INPUTS - i``."""


class Matrix(NamedTuple):
    """A block of parameters that an array program works on: its name, its shape, where it comes from in words.

    ``rows`` says the same of its rows, where their names tell them apart: each is a neuron's, for one. ``parameters``
    are its Values, row by row.
    """

    name: str
    shape: tuple[int, ...]
    origin: str
    rows: str
    parameters: tuple[Value, ...]

    @property
    def size(self) -> str:
        """``16×2``."""
        return size_text(self.shape)


class Names:
    """Names for operands, asked for instruction by instruction in the order of the program."""

    def __init__(
        self, program: ArrayProgram, given: Mapping[Value, str], index: Mapping[Value, int], arguments: Sequence[str]
    ) -> None:
        self.parameters, self.given, self.index, self.arguments = program.parameters, given, index, arguments
        self.matrices: list[Matrix] = []
        self.blocks: list[Ints] = []
        """The addresses of each of ``matrices``, sorted."""
        lowering, count = program.lowering, len(program.parameters)
        self.input_counts = lowering.input_counts
        self.owner = {FLAT: np.zeros(max(lowering.flat_size, 1), np.int64)}
        self.owner[BATCH] = np.zeros(max(lowering.batch_size, 1), np.int64)
        self.owner[FLAT][:count] = PARAMETERS
        self.numbers = np.zeros(max(lowering.flat_size, 1))
        for addresses, numbers in lowering.constants:
            self.numbers[addresses] = numbers
        if not program.batch:
            ends = list(accumulate(lowering.input_counts, initial=count + 1))
            for i, (start, end) in enumerate(pairwise(ends)):
                self.owner[FLAT][start:end] = INPUTS - i
        self.sizes: list[int] = []

    def made(self, out: View) -> None:
        """The next instruction gives ``out``: from now on these addresses are its own."""
        addresses = out.addresses().reshape(-1)
        self.sizes.append(len(addresses))
        self.owner[out.memory][addresses] = len(self.sizes)

    def of(self, access: Access, reader: Instruction | None = None) -> list[str]:
        """What an operand reads, each by its name; ``reader`` decides what a vector of parameters is called."""
        if isinstance(access, Number):
            return [f"{access.value:g}".replace("-", "−", 1)]
        in_order = access.addresses().reshape(-1)
        addresses = np.unique(in_order)
        picked = isinstance(access, Gather)
        if access.memory.startswith(ARGUMENT):
            return [self._input(int(access.memory[len(ARGUMENT) :]), len(addresses), picked)]
        owners = self.owner[access.memory][in_order]
        kinds, first = np.unique(owners, return_index=True)
        of_address = self.owner[access.memory][addresses]
        found = []
        for owner in kinds[np.argsort(first)].tolist():
            mine = addresses[of_address == owner]
            if owner > 0:
                found.append(f"t{owner}" + _some(picked, len(mine), self.sizes[owner - 1]))
            elif owner == PARAMETERS:
                found.append(self._block(mine, access if len(kinds) == 1 else None, in_order, picked, reader))
            elif owner <= INPUTS:
                found.append(self._input(INPUTS - owner, len(mine), picked))
            else:
                values = np.unique(self.numbers[mine])
                one = len(values) == 1
                found.append(f"{values[0]:g}".replace("-", "−", 1) if one else "constants")
        return found

    def input_name(self, i: int) -> str:
        """What argument ``i`` is called."""
        return self.arguments[i] if i < len(self.arguments) else f"{ARGUMENT} {i}"

    def _input(self, i: int, count: int, picked: bool) -> str:
        return self.input_name(i) + _some(picked, count, self.input_counts[i])

    def _block(
        self, addresses: Ints, access: View | Gather | None, in_order: Ints, picked: bool, reader: Instruction | None
    ) -> str:
        for matrix, known in zip(self.matrices, self.blocks, strict=True):
            if len(addresses) <= len(known) and np.isin(addresses, known, assume_unique=True).all():
                return matrix.name + _some(picked, len(addresses), len(known))
        shape = (len(addresses),)
        if access is not None:
            # An axis along which nothing changes is how it is read, and no axis of the matrix.
            table = access.addresses()
            axes = [i for i in range(table.ndim) if table.shape[i] > 1]
            axes = [i for i in axes if (table != np.take(table, [0], axis=i)).any()]
            if int(np.prod([table.shape[i] for i in axes])) == len(addresses):
                shape = tuple(table.shape[i] for i in axes) or (1,)
        _, first = np.unique(in_order[np.isin(in_order, addresses)], return_index=True)
        ordered = in_order[np.isin(in_order, addresses)][np.sort(first)]
        leaves = tuple(self.parameters[i] for i in ordered.tolist())
        factor = isinstance(reader, MatrixProduct) or (
            isinstance(reader, Elementwise) and reader.row.symbol in ("×", "·")
        )
        kind = "W" if len(shape) > 1 else "w" if factor else "b"
        name = f"{kind}{1 + sum(matrix.name[0] == kind for matrix in self.matrices)}"
        called = [self.given.get(leaf, leaf.label) for leaf in leaves]
        origin, rows = self._origin(leaves, called), _rows(called, shape)
        self.matrices.append(Matrix(name, shape, origin, rows, leaves))
        self.blocks.append(addresses)
        return name + _some(picked and len(ordered) < len(in_order), len(ordered), len(ordered))

    def _origin(self, leaves: Sequence[Value], called: list[str]) -> str:
        if all(name.strip() for name in called):
            common = _common(called)
            return label_text(common if common.strip() else f"{called[0]} … {called[-1]}")
        places = sorted(self.index[leaf] for leaf in leaves if leaf in self.index)
        if len(places) < len(leaves):
            return ""
        if len(places) == 1:
            return f"parameters[{places[0]}]"
        if places[-1] - places[0] == len(places) - 1:
            return f"parameters[{places[0]}:{places[-1] + 1}]"
        return f"{len(places)} of parameters[{places[0]}:{places[-1] + 1}]"


def _rows(called: list[str], shape: tuple[int, ...]) -> str:
    """The rows of a matrix by what the names in each begin with, or its columns: ``rows [0] … [15]``."""
    if len(shape) != 2 or not all(called):
        return ""
    table = np.array(called, object).reshape(shape)
    for word, lines in (("rows", table), ("columns", table.T)):
        names = [_common(list(line)) for line in lines]
        if all(names) and len(set(names)) == len(names):
            start = len(_common(names))
            return f"{word} {label_text(names[0][start:])} … {label_text(names[-1][start:])}"
    return ""


def _common(names: Sequence[str]) -> str:
    """What names begin with, but for an index that has begun: ``w`` of ``w[10]`` and ``w[11]``."""
    first, last = min(names), max(names)
    if first == last:
        return first
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:length].rstrip("[(.0123456789")


def _some(picked: bool, read: int, size: int) -> str:
    """The mark of what is not read as it lies: of ``size`` numbers only some are, or they are picked one by one."""
    return "[…]" if read < size or (picked and size > 1) else ""


def label_text(label: str) -> str:
    r"""A label on one line, and not too long for it.

    >>> label_text("w\n1"), len(label_text("w" * 100))
    ('w\\n1', 40)
    """
    line = label if label.isprintable() else repr(label)[1:-1]
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def size_text(shape: Sequence[int]) -> str:
    """The axes of more than one: ``16×2``; ``1`` for a number."""
    return "×".join(str(n) for n in shape if n > 1) or "1"
