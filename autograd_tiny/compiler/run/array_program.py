"""An array program that runs: its lines compiled, its arrays made for each size of batch.

The parameters are the first numbers of the flat memory. A call puts them there, runs the forward lines, and reads the
roots; the reverse lines leave the gradients in the first adjoints.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> program = compile(lambda x: w * x * x, scalars="never")
>>> program(1.0)
3.0
>>> binding = program.last.program.bound(1)
>>> binding.parameters[:] = 5.0
>>> binding.forward([2.0])
>>> binding.backward()
>>> binding.root_values().tolist(), binding.gradients.tolist()
([20.0], [4.0])
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

import numpy as np

from ...core import Value
from ..libraries.arrays import FLOAT64, Arrays
from ..lower.instructions import forwards
from ..lower.layout import BATCH, FLAT, memory_name
from ..lower.places import Places
from ..record.graph import Graph
from ..write.code import Code
from ..write.delay import delayed
from ..write.emit import backward, forward
from ..write.reverse import Ledger
from .binding import Binding, Converting
from .native_binding import Native

MOST_BINDINGS = 4
"""Sizes of batch whose arrays are kept; the last of an epoch is often a smaller one."""
MOST_AT_ONCE = 8
"""Of one size, for as many calls at the same time."""

CACHE = 1 << 14
"""Numbers of a block, forward, that are to stay in the cache nearest to a core."""
WHOLE = 1 << 16
"""Twice as many are a batch that is divided: to do so takes some 100 µs."""
SHORTEST, LONGEST = 256, 4096
"""Samples of a block."""
MOST_NUMBERS = 1 << 22
"""Gradients of all blocks together; where there would be more, blocks are longer."""


class ArrayProgram:
    """What a recorded graph became: instructions, and the lines that do them."""

    def __init__(
        self, graph: Graph, lowering: Places, steps: int = 0, arrays: Arrays = FLOAT64, seeded: bool = False
    ) -> None:  # fmt: skip
        """``seeded``: its reverse starts from adjoints of all roots, and leaves those of what was loaded too."""
        self.graph, self.lowering, self.steps, self.arrays = graph, lowering, steps, arrays
        self.batch = lowering.batch
        self.leaves = lowering.parameters
        """The parameters' nodes, in their order."""
        self.parameters: list[Value] = [graph.leaves[node] for node in lowering.parameters]
        self.instructions = lowering.instructions if arrays.turns else [forwards(i) for i in lowering.instructions]
        self.code = Code(dot_notices=arrays.dot_notices)
        kept = [forward(self.code, instruction) for instruction in self.instructions]
        self.code.out = self.code.reverse_lines
        flat_size, batch_size = lowering.flat_size, lowering.batch_size
        sizes = {FLAT: max(flat_size, 1), BATCH: max(batch_size, 1)}
        sizes |= {memory_name(2 + i): max(n, 1) for i, n in enumerate(lowering.input_counts)}
        ledger = Ledger(sizes, {memory: np.zeros(size, bool) for memory, size in sizes.items()})
        for i, memory in enumerate(sizes):
            placed = graph.learns & (lowering.memory == i) & (lowering.address >= 0)
            ledger.wanted[memory][lowering.address[placed]] = True
        self.root = int(lowering.address[graph.roots[0]])
        self.root_memory = memory_name(int(lowering.memory[graph.roots[0]]))
        self.roots = [(int(lowering.memory[r]), int(lowering.address[r])) for r in graph.roots.tolist()]
        self.differentiable = len(graph.roots) == 1 and bool(graph.learns[graph.roots[0]])
        if seeded:
            self.differentiable = bool(graph.learns[graph.roots].any())
        if self.differentiable:
            for where, address in self.roots if seeded else self.roots[:1]:
                ledger.written[memory_name(where)][address] = True
            for instruction, memo in reversed(delayed(self.code, list(zip(self.instructions, kept, strict=True)))):
                backward(self.code, instruction, memo, ledger)
        count = len(self.parameters)
        never = ~ledger.written[FLAT][:count]
        ledger.zeroed[FLAT][:count] |= never
        ledger.zeroed[BATCH][: lowering.loaded] |= ~ledger.written[BATCH][: lowering.loaded]
        self.zeroed = {memory: _runs(np.flatnonzero(ledger.zeroed[memory])) for memory in (FLAT, BATCH)}
        self.functions = arrays.functions()
        fixed = {*self.functions, *self.code.recipes, "V", "B", "dV", "dB"}
        self.forward_code = compile(_source("forward", self.code.lines, fixed), "<array program>", "exec")
        self.backward_code = compile(_source("backward", self.code.reverse_lines, fixed), "<array program>", "exec")
        self.bindings: OrderedDict[int, list[Binding]] = OrderedDict()

    def bound(self, length: int) -> Binding:
        """The arrays for batches of ``length``, which a call may be using: to look at."""
        found = self.bindings.get(length)
        if found is None:
            found = self.bindings[length] = [self._made(length)]
            if len(self.bindings) > MOST_BINDINGS:
                self.bindings.popitem(last=False)
        else:
            self.bindings.move_to_end(length)
        return found[0]

    def take(self, length: int) -> Binding:
        """Arrays that no other call uses, until ``in_use`` is False again."""
        first = self.bound(length)
        every = self.bindings[length]
        found = next((binding for binding in every if not binding.in_use), None)
        if found is None:
            found = self._made(length)
            every.append(found)
            if len(every) > MOST_AT_ONCE:
                self.bindings[length] = [first, *every[-MOST_AT_ONCE + 1 :]]
        found.in_use = True
        return found

    def _made(self, length: int) -> Binding:
        kind = Native if self.arrays.native else Binding if self.arrays.shares else Converting
        return kind(self, length)

    def count_lines(self) -> int:
        """Calls of the array library, forward and reverse."""
        return len(self.code.lines) + len(self.code.reverse_lines)


def _runs(index: Any) -> list[tuple[int, int]]:
    """The runs of neighbours in sorted ``index``; if there are many, one over all."""
    if len(index) == 0:
        return []
    breaks = np.flatnonzero(np.diff(index) > 1)
    starts, ends = np.append(index[0], index[breaks + 1]), np.append(index[breaks], index[-1]) + 1
    if len(starts) > 4:
        return [(int(starts[0]), int(ends[-1]))]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _source(name: str, lines: list[str], fixed: set[str]) -> str:
    """A function of the lines; what is ``fixed`` is bound as default arguments, for locals are found sooner."""
    used = sorted(fixed & set(re.findall(r"\w+", " ".join(lines))))
    head = f"def {name}({', '.join(f'{known}={known}' for known in used)}):\n"
    return head + "".join(f"    {line}\n" for line in [*lines, "return"])


def block_size(program: ArrayProgram, length: int) -> int:
    """Of how many samples a block is; ``length`` where a batch stays whole."""
    rows = program.lowering.batch_size
    if not program.batch or not rows or not program.arrays.shares:
        return length
    size, least = (min(max(1 << max((n // rows).bit_length() - 1, 0), SHORTEST), LONGEST) for n in (CACHE, WHOLE))
    while length // size * len(program.leaves) > MOST_NUMBERS:
        size *= 2
    return size if length >= 2 * max(size, least) else length
