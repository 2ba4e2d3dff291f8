"""`Program.jacobian` and `Program.hessian`: the derivatives by the inputs as a program of their own.

The function is recorded and held against itself as any; what becomes array instructions is the graph of the entries
that are not 0 for every input (`derive`). It is run as programs are: where a number is not finite the function's own
`jacobian` or `hessian` answers or raises.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> program = compile(lambda v: [w * v[0] * v[1], v[1] ** 2])
>>> program.jacobian([2.0, 5.0])
[[15.0, 6.0], [0.0, 10.0]]
>>> program.jacobian([2.0, 5.0], sparse=True).columns.tolist()
[0, 1, 1]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives.functional import hessian as eager_hessian
from ..derivatives.functional import jacobian as eager_jacobian
from ..derivatives.symbolic.locals import Underivable
from .derive.graphs import HESSIAN, JACOBIAN
from .derive.results import Sparse, shaped
from .derived_traces import Derivatives, DerivedTrace, Found, Matrix
from .falling_back import run_function
from .record.calls import Call
from .record.samples import as_given, sample_of
from .record.structures import refilled
from .recordings import NothingToRecord
from .run.ready import ReadyCalls
from .running import run

if TYPE_CHECKING:
    from .program import Program

CHUNK = 2048
"""Of a larger batch so many samples run at once: their numbers stay in cache."""

EAGER: dict[str, Callable[..., Any]] = {JACOBIAN: eager_jacobian, HESSIAN: eager_hessian}


class Derivative:
    """The derivatives of one kind by some of the arguments: what `Program.jacobian` and `Program.hessian` call."""

    def __init__(self, program: Program, kind: str, argnums: int | Sequence[int]) -> None:
        self.program, self.kind, self.several = program, kind, isinstance(argnums, Iterable)
        self.eager = EAGER[kind](program.function, argnums)
        wanted: Iterable[Any] = argnums if isinstance(argnums, Iterable) else (argnums,)
        self.argnums = [operator.index(i) for i in wanted]
        self.recordings = Derivatives(program, kind, self.argnums)
        self.on_values: Program | None = None
        """Where a rule of the function cannot be written down: the eager function, compiled."""
        self.last: DerivedTrace | None = None
        self.ready = ReadyCalls(self.recordings, program._known)
        self._free: list[tuple[DerivedTrace, Any]] | None = None
        """What the call at hand has run, if calls like it may be made ready."""

    def __call__(self, given: tuple[Any, ...], call: Call, sparse: bool) -> Any:
        """As the eager function gives them, or with ``sparse`` what is not 0 for every input; ``given`` are
        the arguments as they came.
        """
        self._free = None if sparse else []
        try:
            return self._answer(call, sparse)
        finally:
            free, self._free = self._free or [], None
            for trace, made in free:
                made.in_use = False
                if len(free) == 1 and call.shared is None:
                    trace.rebuild = Matrix(trace, *self._laid_out(call, trace.like), self.several)  # type: ignore[assignment]
                    made.in_use = self.ready.add((*given, *call.named.values()), call, trace, made, False)

    def _answer(self, call: Call, sparse: bool) -> Any:
        count = len(call.arguments)
        for i in self.argnums:
            if not -count <= i < count:
                raise TypeError(f"argnums has {i}, but {self.program.__name__} was called with {count} arguments")
        try:
            found = self._found(call) if self.on_values is None else None
        except Underivable:
            found, self.on_values = None, self.program._beside(self.eager)
        except NothingToRecord:
            return self._by_function(call)
        if found is None:
            if sparse or self.on_values is None:
                raise TypeError(
                    f"sparse=True: {self.program.__name__} uses a function of plain numbers, of which it is not to be "
                    "seen what depends on what; leave it out for the whole matrix"
                )
            named = {key: as_given(x) for key, x in call.named.items()}
            return self.on_values(*map(as_given, call.arguments), batch=call.length is not None, **named)
        if sparse:
            rows, columns = np.divmod(found.at, found.shape[1] or 1)
            return Sparse(found.values, rows, columns, found.shape)
        return shaped(found.dense(), *self._laid_out(call, found.like), self.several)

    def _laid_out(self, call: Call, like: Any) -> tuple[Any, list[Any]]:
        """What the rows of the matrix are of, and the arguments that its columns are by, each as of one sample."""
        given = [call.arguments[i] for i in self.argnums]
        arguments = given if call.length is None else [sample_of(x, 0) for x in given]
        rows = like if self.kind == JACOBIAN else tuple(arguments) if self.several else arguments[0]
        return rows, arguments

    def _found(self, call: Call) -> Found:
        """The numbers for a call."""
        trace = self.recordings.find(call)
        assert isinstance(trace, DerivedTrace)
        static = self.recordings.static[call.structure]
        if static:
            self._check_indices(static, call)
            groups = call.groups(static)
            if len(groups) > 1:
                return self._of_groups(call, groups)
        known = self.program._known
        if not trace.met:
            known.meet(trace.parameters)
            trace.met = True
        self.last = trace
        if call.length is None:
            values = self._numbers(trace, call)
        else:
            values = np.empty((len(trace.at), call.length))
            parts = [slice(start, start + CHUNK) for start in range(0, call.length, CHUNK)]
            if len(parts) > 1:
                self._free = None  # a part is not the call
            for part in parts:
                self._numbers(trace, call.part(part) if len(parts) > 1 else call, values[:, part])
        return Found(values, trace.at, trace.shape, trace.like)

    def _numbers(self, trace: DerivedTrace, call: Call, out: Any = None) -> Any:
        """The numbers at ``trace.at``, in ``out`` if it is there."""
        made = trace.made.take(call.length or 1)
        try:
            self.program._known.read(trace, made.parameters, call.shared)
            out, failed = self._run(trace, made, call, out)
        except BaseException:
            made.in_use = False
            raise
        if failed or self._free is None:
            made.in_use = False
        else:
            self._free.append((trace, made))
        return out

    def _run(self, trace: DerivedTrace, made: Any, call: Call, out: Any) -> tuple[Any, Any]:
        found = run(trace, made, call, False)
        failed = range(call.length or 1) if found is None else found.failed
        if out is None:
            out = np.empty(len(trace.at))
        if found is not None:
            out[...] = found.values[trace.which]
        if failed:
            self.program.fallen_back += len(failed)
            numbers = np.array(self._sampled(call, failed).numbers)[:, trace.at].T
            if call.length is None:
                out[:] = numbers[:, 0]
            else:
                out[:, list(failed)] = numbers
        return out, failed

    def _of_groups(self, call: Call, groups: list[list[int]]) -> Found:
        """A batch whose samples index different things: the samples of each kind together."""
        parts = [self._found(call.part(group)) for group in groups]
        rows, columns = parts[0].shape
        whole = np.zeros((rows * columns, call.length or 1))
        for part, group in zip(parts, groups, strict=True):
            whole[np.ix_(part.at, group)] = part.values
        return Found(whole, np.arange(rows * columns), parts[0].shape, parts[0].like)

    def _check_indices(self, static: Sequence[int], call: Call) -> None:
        """``TypeError`` if a variable is an index, which has no derivative."""
        sizes = [a.size // (call.length or 1) for a in call.numbers]
        for i in self.argnums:
            start = sum(sizes[: i % len(call.arguments)])
            if any(start <= place < start + sizes[i % len(call.arguments)] for place in static):
                raise TypeError(
                    f"{self.kind}: argument {i} of {self.program.__name__} is used as an index, which has no "
                    "derivative; name others in argnums, or write select(rows, i)"
                )

    def _sampled(self, call: Call, samples: Sequence[int]) -> Any:
        self.program._known.settle()
        return run_function(self.eager, call, samples, False)

    def _by_function(self, call: Call) -> Any:
        """By the eager function alone: it raises, or has been told to let pass what is not finite."""
        sampled = self._sampled(call, range(call.length or 1))
        self.program.fallen_back += call.length or 1
        columns = sampled.numbers[0] if call.length is None else list(np.array(sampled.numbers).T)
        return refilled(sampled.like, iter(columns), lambda like, mine: np.array(mine).reshape(*like.shape, -1))
