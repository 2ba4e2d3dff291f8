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
>>> binding.root_values(), binding.gradients.tolist()
([20.0], [4.0])
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
from ..write.memory import Memory
from ..write.reverse import Ledger
from .native import NotNative, finite, tape

if TYPE_CHECKING:
    from ._native import Tape

MOST_BINDINGS = 4
"""Sizes of batch whose arrays are kept; the last of an epoch is often a smaller one."""


class ArrayProgram:
    """What a recorded graph became: instructions, and the lines that do them."""

    def __init__(self, graph: Graph, lowering: Places, steps: int = 0, arrays: Arrays = FLOAT64) -> None:
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
        if self.differentiable:
            ledger.written[self.root_memory][self.root] = True
            for instruction, memo in reversed(delayed(self.code, list(zip(self.instructions, kept, strict=True)))):
                backward(self.code, instruction, memo, ledger)
        count = len(self.parameters)
        never = ~ledger.written[FLAT][:count]
        ledger.zeroed[FLAT][:count] |= never
        self.zeroed = {memory: _runs(np.flatnonzero(ledger.zeroed[memory])) for memory in (FLAT, BATCH)}
        self.functions = arrays.functions()
        fixed = {*self.functions, *self.code.recipes, "V", "B", "dV", "dB"}
        self.forward_code = compile(_source("forward", self.code.lines, fixed), "<array program>", "exec")
        self.backward_code = compile(_source("backward", self.code.reverse_lines, fixed), "<array program>", "exec")
        self.bindings: OrderedDict[int, Binding] = OrderedDict()

    def bound(self, length: int) -> Binding:
        """The arrays for batches of ``length``."""
        found = self.bindings.get(length)
        if found is None:
            kind = Native if self.arrays.native else Binding if self.arrays.shares else Converting
            found = self.bindings[length] = kind(self, length)
            if len(self.bindings) > MOST_BINDINGS:
                self.bindings.popitem(last=False)
        else:
            self.bindings.move_to_end(length)
        return found

    def count_lines(self) -> int:
        """Calls of the array library, forward and reverse."""
        return len(self.code.lines) + len(self.code.reverse_lines)


class Binding:
    """An array program with its arrays, for one size of batch."""

    def __init__(self, program: ArrayProgram, length: int) -> None:
        lowering, code, dtype = program.lowering, program.code, program.arrays.dtype
        self.program, self.length = program, length
        flat, batch = max(lowering.flat_size, 1), max(lowering.batch_size, 1)
        shared = max((a for a, _ in code.most), default=0)
        each = max((b for _, b in code.most), default=0)
        size = max(shared, 1) + each * length
        self.flat = np.zeros(flat, dtype)
        for addresses, numbers in lowering.constants:
            self.flat[addresses] = numbers
        self.flat_adjoint = np.zeros(flat, dtype)
        rows = batch if program.batch else 1
        self.memory = Memory(
            self.flat, np.empty((rows, length), dtype), self.flat_adjoint, np.empty((rows, length), dtype),
            np.empty(size, dtype), np.empty(size, bool), length, arrays=program.arrays,
        )  # fmt: skip
        memory = self.memory
        count = len(program.parameters)
        self.gradients_and_zero = self.flat_adjoint[: count + 1]
        self.parameters, self.gradients = self.flat[:count], self.flat_adjoint[:count]
        self.nothing = np.zeros(count)
        self.inputs = self.flat[count + 1 : count + 1 + sum(lowering.input_counts)]
        self.checks: dict[int, tuple[Any, Any]] = {}
        """Of each argument its numbers in a row, and as many zeros: see `takes`."""
        self.given: list[Any] = [None] * len(lowering.input_counts)
        self.env: dict[str, Any] = {
            **program.functions, "V": memory.flat, "B": memory.batch, "dV": memory.flat_adjoint,
            "dB": memory.batch_adjoint,
        }  # fmt: skip
        memory.env = self.env
        for name, recipe in code.recipes.items():
            self.env[name] = recipe(memory)
        self.complete()
        exec(program.forward_code, self.env)
        exec(program.backward_code, self.env)
        self.run_forward, self.run_backward = self.env["forward"], self.env["backward"]
        self.seed = 1.0 / length if program.batch and program.root_memory != FLAT else 1.0
        self.zeros = [memory.flat_adjoint[a:b] for a, b in program.zeroed[FLAT]]
        self.zeros += [memory.batch_adjoint[a:b] for a, b in program.zeroed[BATCH]]
        if program.root_memory == FLAT:
            self.result, self.start = memory.flat[program.root :], memory.flat_adjoint[program.root : program.root + 1]
        elif program.root_memory == BATCH:
            self.result, self.start = memory.batch[program.root], memory.batch_adjoint[program.root]
        else:
            self.result, self.start = None, None

    native = False
    flags = 0
    """What a run by a loop in C would have raised; numpy's lines raise it themselves."""

    def complete(self) -> None:
        """Make the last arrays before the lines are compiled."""

    def takes(self, inputs: Any) -> bool:
        """Whether all inputs are finite: 0 times a number is 0 then, and not a number otherwise."""
        given = inputs if self.program.batch else (inputs,)
        for i, numbers in enumerate(given):
            flat, zeros = self.checks.get(i, (None, None))
            if flat is None or flat.base is not numbers:
                flat = np.asarray(numbers, float).reshape(-1)
                zeros = zeros if zeros is not None and len(zeros) == len(flat) else np.zeros(len(flat))
                self.checks[i] = flat, zeros
            if flat.dot(zeros) != 0.0:
                return False
        return True

    def forward(self, inputs: Any) -> None:
        """Run on ``inputs``: the numbers of all arguments in a row; of a batch, for each argument an array of samples ×
        numbers, C-contiguous.
        """
        if self.program.batch:
            changed = False
            for i, argument in enumerate(inputs):
                if argument is not self.given[i]:
                    self.given[i] = argument
                    name = memory_name(2 + i)
                    self.memory.arguments[name] = self.env[name] = argument.reshape(self.length, -1)
                    changed = True
            if changed:
                for name, recipe in self.program.code.late.items():
                    self.env[name] = recipe(self.memory)
        elif len(self.inputs):
            self.inputs[:] = inputs
        self.run_forward()

    def backward(self, without: Sequence[int] = ()) -> None:
        """After `forward`: leave d(mean of the root)/d(parameter) in ``gradients``, of some samples nothing."""
        for zeros in self.zeros:
            zeros.fill(0.0)
        if self.start is not None:
            self.start.fill(self.seed)
            if len(without):
                self.start[without] = 0.0
        self.run_backward()

    def all_finite(self) -> bool:
        """Whether every number that was computed is finite, those that nobody asked for included."""
        return bool(
            np.isfinite(self.flat).all() and np.isfinite(self.memory.batch[: self.program.lowering.batch_size]).all()
        )

    def samples_finite(self, rows: Any) -> Any:
        """Of each sample, whether all its numbers in ``rows`` (values or adjoints) and all that samples share are."""
        shared = self.flat if rows is self.memory.batch else self.flat_adjoint[:0]
        return np.isfinite(rows[: self.program.lowering.batch_size]).all(axis=0) & np.isfinite(shared).all()

    def root_values(self) -> Any:
        """The roots, each a number or an array of one a sample."""
        found = []
        for memory, address in self.program.roots:
            if memory == 0:
                found.append(float(self.flat[address]))
            elif memory > 1:
                found.append(self.memory.arguments[memory_name(memory)][:, address].copy())
            else:
                found.append(self.memory.batch[address].copy())
        return found


class Native(Binding):
    """Of numpy's float64, run by a loop in C where every line can be; ``not_native`` says why not, if so.

    Its ``flags`` say of the last run what numpy would have raised.
    """

    native = True

    def __init__(self, program: ArrayProgram, length: int) -> None:
        super().__init__(program, length)
        self.not_native = ""
        self.seeds = np.full(() if self.start is None else self.start.shape, self.seed)
        self.tapes: dict[str, Tape | None] = {}

    def _tape(self, direction: str) -> Tape | None:
        """The tape of a direction, made when it is first run; None if its lines are to be run by Python."""
        if direction not in self.tapes:
            try:
                self.tapes[direction] = tape(self, direction)
            except NotNative as error:
                self.tapes[direction], self.not_native = None, str(error)
        return self.tapes[direction]

    def takes(self, inputs: Any) -> bool:
        given = inputs if self.program.batch else (np.asarray(inputs, float),)
        return all(map(finite, given))

    def _place(self, inputs: Any) -> None:
        """The arguments of a batch, for whoever reads them besides the tapes."""
        for i, argument in enumerate(inputs):
            if argument is not self.given[i]:
                self.given[i] = argument
                self.memory.arguments[memory_name(2 + i)] = argument.reshape(self.length, -1)

    def forward(self, inputs: Any) -> None:
        forward = self._tape("forward")
        self.flags = 0
        if self.program.batch:
            self._place(inputs)
        elif len(self.inputs):
            self.inputs[:] = inputs
        if forward is None:
            with self._by_python():
                self.run_forward()
            return
        if self.program.batch:
            forward.takes(inputs)
        self.flags = forward.run()

    def backward(self, without: Sequence[int] = ()) -> None:
        backward = self._tape("backward")
        if backward is None:
            with self._by_python():
                super().backward(without)
            return
        if self.program.batch:
            backward.takes(self.given)
        if len(without):
            self.seeds[without] = 0.0
        self.flags |= backward.run()
        if len(without):
            self.seeds[without] = self.seed

    @contextmanager
    def _by_python(self) -> Iterator[None]:
        """A block that runs lines: what in them depends on the arguments is there, and ``flags`` are kept too."""
        self.env.update(self.memory.arguments)
        for name, recipe in self.program.code.late.items():
            self.env[name] = recipe(self.memory)

        def noted(kind: str, flag: int) -> None:
            self.flags |= flag

        with np.errstate(all="call", under="ignore", call=noted):
            yield


class Converting(Binding):
    """Of a library that has its own arrays, or rounds to fewer digits: the numbers of a call are copied in and out.

    ``parameters`` and gradients stay float64. A number that rounding makes infinite raises `FloatingPointError`.
    """

    def __init__(self, program: ArrayProgram, length: int) -> None:
        super().__init__(program, length)
        self.rounded, self.parameters = self.parameters, np.zeros(len(self.parameters))
        self.found, self.gradients_and_zero = self.gradients_and_zero, np.zeros(len(self.gradients_and_zero))
        self.gradients = self.gradients_and_zero[:-1]

    def complete(self) -> None:
        memory, program = self.memory, self.program
        if program.batch:
            for i, count in enumerate(program.lowering.input_counts):
                name = memory_name(2 + i)
                memory.arguments[name] = self.env[name] = np.zeros((self.length, count), program.arrays.dtype)
            for name, recipe in program.code.late.items():
                self.env[name] = recipe(memory)
        look = program.arrays.look
        self.env = {name: look(x) if isinstance(x, np.ndarray) else x for name, x in self.env.items()}

    def forward(self, inputs: Any) -> None:
        with np.errstate(over="raise"):
            self.rounded[:] = self.parameters
            if self.program.batch:
                for place, argument in zip(self.memory.arguments.values(), inputs, strict=True):
                    place[:] = argument.reshape(self.length, -1)
            elif len(self.inputs):
                self.inputs[:] = inputs
        self.run_forward()

    def backward(self, without: Sequence[int] = ()) -> None:
        super().backward(without)
        self.gradients_and_zero[:] = self.found

    def root_values(self) -> Any:
        return [x if isinstance(x, float) else x.astype(np.float64) for x in super().root_values()]


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
