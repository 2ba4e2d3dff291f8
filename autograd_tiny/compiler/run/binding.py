"""The arrays of an array program for one size of batch, and its lines bound to them.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> program = compile(lambda x: w * x * x, scalars="never")
>>> program([1.0, 2.0], batch=True).tolist()
[3.0, 12.0]
>>> binding = program.last.program.bound(2)
>>> binding.length, binding.seed, binding.parameters.tolist()
(2, 0.5, [3.0])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..lower.layout import BATCH, FLAT, memory_name
from ..write.memory import Memory

if TYPE_CHECKING:
    from .array_program import ArrayProgram


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

        self.root_addresses = np.array([address for _, address in program.roots], np.int64)
        self.root_memories = {memory for memory, _ in program.roots}

    starts: Sequence[tuple[Any, Any]] = ()
    """Adjoints that a reverse starts from, and where they go, of a program that is ``seeded``."""
    native = False
    in_use = False
    """Whether a call has it, or keeps it for calls like it: a second at the same time takes another."""
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

    def finite(self, numbers: Any) -> bool:
        """Whether all numbers of an array are, which lie in a row."""
        return bool(np.isfinite(numbers).all())

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
        for seeds, place in self.starts:
            place[...] = seeds
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
        """The roots in a row, or of a batch a row of one a sample for each."""
        if not self.program.batch:
            return self.flat.take(self.root_addresses)
        if self.root_memories == {1}:
            return self.memory.batch.take(self.root_addresses, 0)
        found = np.empty((len(self.program.roots), self.length), self.flat.dtype)
        for row, (memory, address) in zip(found, self.program.roots, strict=True):
            if memory == 0:
                row[:] = self.flat[address]
            elif memory > 1:
                row[:] = self.memory.arguments[memory_name(memory)][:, address]
            else:
                row[:] = self.memory.batch[address]
        return found


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
        return super().root_values().astype(np.float64)
