"""Recordings made into the program of their derivatives: what `differentiating` finds, keeps and runs.

>>> from autograd_tiny import compile
>>> from .derive.graphs import JACOBIAN
>>> program = compile(lambda v: [3.0 * v[0] * v[1], v[1] ** 2])
>>> found = Derivatives(program, JACOBIAN, [0])
>>> trace = found.find(Call.read(([2.0, 5.0],), {}, batch=False))
>>> trace.shape, trace.at.tolist()
((2, 2), [0, 1, 3])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core import Value
from ..modes.recording import Recorder
from .derive.graphs import HESSIAN, Derived, dense_places, derived
from .derive.results import is_flat, shaped
from .lower.cost import Estimate
from .pipeline import Inputs, Made
from .record.calls import Call
from .record.checks import record_checked
from .record.structures import is_structure, refilled
from .recordings import Recordings
from .trace import Trace

if TYPE_CHECKING:
    from .program import Program


class DerivedTrace(Trace):
    """One recording of a function, made into the program of its derivatives."""

    def __init__(
        self, made: Made, parameters: list[Value], like: Any, estimate: Estimate, shared: list[Value], entries: Derived
    ) -> None:
        super().__init__(made, parameters, like, estimate, shared)
        self.at, self.which = dense_places(entries)
        """Where in the whole matrix, row by row, the numbers are that are not 0, and which root is each."""
        self.shape = entries.shape


class Matrix:
    """From the numbers of all roots to the matrix in the structure of the call."""

    structure = True

    def __init__(self, trace: DerivedTrace, rows: Any, arguments: list[Any], several: bool) -> None:
        self.at, self.which, self.shape, self.like = trace.at, trace.which, trace.shape, trace.like
        self.rows, self.arguments, self.several = rows, arguments, several
        self.flat = not several and type(rows) is list and is_flat(rows) and type(arguments[0]) is list
        self.flat = self.flat and is_flat(arguments[0])

    def __call__(self, numbers: Any) -> Any:
        numbers = numbers.take(self.which, 0)
        dense = Found(numbers, self.at, self.shape, self.like).dense()
        if self.flat and numbers.ndim == 1:
            return dense.tolist()
        return shaped(dense, self.rows, self.arguments, self.several)


class Derivatives(Recordings):
    """The recordings of a function, each made into the program of its derivatives by the arguments ``argnums``."""

    def __init__(self, program: Program, kind: str, argnums: Sequence[int]) -> None:
        known = program._recordings
        super().__init__(known.function, known.name, known.cache_size, known.scalars, known.library.arrays)
        self.kind, self.argnums = kind, argnums
        self.unrolls = True  # the entries are those of all steps of a loop

    def _translated(self, out: Any, inputs: list[list[Value]], call: Call, recorder: Recorder) -> Trace:
        batch, samples = call.length is not None, call.length or 1
        outputs = self.outputs(out)
        if self.kind == HESSIAN and (is_structure(out) or len(outputs) != 1):
            raise TypeError(
                f"hessian needs a function that gives one number; {self.name} gives "
                f"{'several' if outputs else 'none'}: sum them, or ask for jacobian"
            )
        graph = record_checked(outputs, inputs, batch, [*recorder.made], recorder.derived)
        shared = [leaf for leaves in recorder.shared.values() for leaf in leaves]
        places = [i % len(call.arguments) for i in self.argnums]
        variables = [leaf for i in places for leaf in recorder.shared.get(i, inputs[i])]
        entries = derived(graph, variables, self.kind)
        given = Inputs.of(entries.graph, inputs, batch)
        made, _, estimate = self.library.translate_graph(entries.graph, given, self.scalars, samples)
        like = refilled(out, iter([0.0] * len(outputs))) if is_structure(out) else 0.0
        parameters = [entries.graph.leaves[node] for node in made.leaves]
        return DerivedTrace(made, parameters, like, estimate, shared, entries)


class Found(NamedTuple):
    """The numbers (of a batch, × samples) at places of a matrix, row by row; its shape; the output with its rows."""

    values: Any
    at: Any
    shape: tuple[int, int]
    like: Any

    def dense(self) -> Any:
        """The whole matrix."""
        rows, columns = self.shape
        if len(self.at) == rows * columns:
            return self.values.reshape(rows, columns, *self.values.shape[1:])
        made = np.zeros((rows * columns, *self.values.shape[1:]))
        made[self.at] = self.values
        return made.reshape(rows, columns, *self.values.shape[1:])
