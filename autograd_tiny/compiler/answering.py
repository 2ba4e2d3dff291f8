"""How a program answers a call: by the recording that fits it, and by its function where that cannot.

`Program` takes from here all that its calls have in common: which recording, whether in blocks, in groups of samples
that index different things, or sample by sample by the function.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> program = compile(lambda x: w * x)
>>> found = program._run((2.0,), program._read((2.0,), {}, False), True)
>>> found.values.tolist(), found.gradient.tolist(), found.trace is program.last
([6.0], [2.0], True)
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core import topological_order
from ..derivatives.recorded import RUNNING
from ..modes.recording import within_program
from .composing import no_leaves, on_values, value_and_gradients, values_and_gradients
from .dividing import run_in_blocks
from .falling_back import run_function
from .record.calls import Call
from .record.structures import is_structure, leaves
from .record.surroundings import Surroundings
from .recordings import NothingToRecord
from .results import Rebuild
from .running import Found, run
from .trace import Trace
from .weighing import weighted, weights

if TYPE_CHECKING:
    from .program import Program


class Answer(NamedTuple):
    """The numbers of each output, in which structure they go, the derivative by each parameter, and the recording that
    ran: none, if the function itself did.
    """

    values: Any
    like: Any
    gradient: Any
    trace: Trace | None


class Answering:
    """What `Program` has of this."""

    def _is_function(self: Program) -> bool:  # type: ignore[misc]
        """Whether it is its function at the moment: in another program's, and where a derivative that runs is by what
        it reaches, from which numbers would cut it off.
        """
        if within_program():
            return True
        if not RUNNING:
            return False
        varied = {x for running in [*RUNNING] for x in running.variables}  # other threads begin and end some
        around = self._recordings.around
        if around is None or not around.same():
            around = Surroundings(self.function)
        return not varied.isdisjoint(topological_order(*(x for x, _ in around.values)))

    def _graphs(  # type: ignore[misc]
        self: Program, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool, seed: Any
    ) -> tuple[Any, Any]:
        """What `Program.value_and_grad` gives where the program is its function: Values."""
        f, given = self.function, arguments
        if seed is not None:
            value = on_values(f, arguments, named, batch, self._shared)
            f, given = weighted(f), (weights(seed, value, True) if batch else leaves(seed), *arguments)
        if not batch:
            found, slopes = value_and_gradients(f, self.parameters, given, named)
        else:
            shared = self._shared if seed is None else self._weighted()._shared
            found, slopes = values_and_gradients(f, self.parameters, given, named, shared)
        if not slopes and not self._known.said:
            raise no_leaves(self.__name__)
        return found if seed is None else value, slopes

    def _run(self: Program, given: tuple[Any, ...], call: Call, gradient: bool) -> Answer:  # type: ignore[misc]
        """Look at a call, and run it; ``given`` are its arguments as they came."""
        with self._lock:
            try:
                trace = self._recordings.find(call)
            except NothingToRecord:
                return self._mended(call, gradient, None, None)
            if not trace.met:
                self._known.meet(trace.parameters)
                trace.met = True
            static = self._recordings.static[call.structure]
            if static and call.length is not None:
                groups = call.groups(static)
                if len(groups) > 1:
                    return self._run_groups(call, groups, gradient)
            self._ready.last = trace
            self._one_number(trace.like, gradient)
            arrays, size = trace.divided(call.length)
            made = trace.made.take(call.length or 1) if arrays is None else None
        if arrays is not None:
            read = partial(self._known.read, trace, shared=call.shared)
            found = run_in_blocks(trace, arrays, call, gradient, size, self.threads, read, self._lock, self._ready)
            with self._lock:
                return self._answer(call, gradient, trace, found)
        assert made is not None
        kept = False
        try:
            self._known.read(trace, made.parameters, call.shared)
            found = run(trace, made, call, gradient)
            with self._lock:
                answer = self._answer(call, gradient, trace, found)
                if answer.trace is not None:
                    kept = self._ready.add((*given, *call.named.values()), call, trace, made, gradient)
                return answer
        finally:
            made.in_use = kept

    def _answer(self: Program, call: Call, gradient: bool, trace: Trace, found: Found | None) -> Answer:  # type: ignore[misc]
        """What a recording found, with what the function says of the samples that it could not answer for."""
        if found is None or found.failed:
            return self._mended(call, gradient, trace, found)
        return Answer(found.values, trace.like, self._whole_of(trace, found.gradient) if gradient else None, trace)

    def _mended(self: Program, call: Call, gradient: bool, trace: Trace | None, found: Found | None) -> Answer:  # type: ignore[misc]
        """The samples that the program could not answer for, by the function itself, put among the others."""
        self._known.settle()
        samples = range(call.length or 1) if found is None else found.failed
        sampled = run_function(self.function, call, samples, gradient, self._recordings.checked)
        self.fallen_back += len(samples)
        self._one_number(sampled.like, gradient)
        self._known.meet(sampled.slopes)
        if call.length is None:
            values = np.array(sampled.numbers[0], float)
        else:
            values = np.empty((len(sampled.numbers[0]), call.length)) if found is None else found.values
            for column, numbers in zip(values, zip(*sampled.numbers, strict=True), strict=True):
                column[samples] = numbers
        whole = np.zeros(len(self.parameters))
        if found is not None and gradient:
            assert trace is not None
            whole += self._whole_of(trace, found.gradient)
        for leaf, slope in sampled.slopes.items():
            whole[self._known.index[leaf]] += slope / (call.length or 1)
        return Answer(values, sampled.like, whole, None)

    def _run_groups(self: Program, call: Call, groups: list[list[int]], gradient: bool) -> Answer:  # type: ignore[misc]
        """A batch whose samples index different things: the samples of each kind together."""
        answer = Answer(None, None, np.zeros(0), None)
        for group in groups:
            part = self._run((), call.part(group), gradient)
            values = np.empty((len(part.values), call.length or 0)) if answer.values is None else answer.values
            values[:, group] = part.values
            whole = np.concatenate([answer.gradient, np.zeros(len(self.parameters) - len(answer.gradient))])
            if gradient:
                whole += part.gradient * (len(group) / (call.length or 1))
            answer = Answer(values, part.like, whole, None)
        return answer

    def _whole_of(self: Program, trace: Trace, gradient: Any) -> Any:  # type: ignore[misc]
        """The gradient for all parameters."""
        return trace.whole(gradient, self._known.index)

    def _shaped(self: Program, answer: Answer) -> Any:  # type: ignore[misc]
        """The numbers in the structure that the function gave."""
        rebuild = Rebuild(answer.like) if answer.trace is None else answer.trace.rebuild
        return rebuild(answer.values)

    def _one_number(self: Program, like: Any, gradient: bool) -> None:  # type: ignore[misc]
        if gradient and is_structure(like):
            raise TypeError(
                f"{self.__name__} gives {'several numbers' if leaves(like) else 'no number'}: a gradient needs one; "
                "give each a weight, value_and_grad(…, seed=[1.0, 0.0]) or vjp(…), take jacobian for all of them, or "
                "sum them"
            )
