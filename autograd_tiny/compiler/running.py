"""A recording run on the numbers of a call: by its array program, or node by node; or else the function itself.

A number on the way that is not finite sends the call to the function, which either finds that it was on a branch not
taken, or raises its error.

>>> from autograd_tiny import Value
>>> from .recordings import Recordings
>>> w = Value(3.0)
>>> recordings = Recordings(lambda x: w * x, "f", 128, "never")
>>> call = Call.read((2.0,), {}, batch=False)
>>> trace = recordings.find(call)
>>> binding = trace.program.bound(1)
>>> binding.parameters[:] = 3.0
>>> value, gradient = run_arrays(trace, binding, call, gradient=True)
>>> value, gradient.tolist()
(6.0, [2.0, 0.0])
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from ..core import gradient_numbers
from ..recording import paused
from ..structure import rebuild
from .calls import Call
from .recordings import Recordings, Trace
from .run import Binding
from .scalars import ScalarProgram

add = np.add.reduce

Found = tuple[Any, Any]
"""What the function gives, and the gradient for the parameters of the trace with a 0 behind (None if not asked for)."""


def run_arrays(trace: Trace, binding: Binding, call: Call, gradient: bool) -> Found | None:
    """The array program on the parameters that are in ``binding``; None if the function has to be asked."""
    values = _values(binding, call, gradient, trace)
    if values is None:
        return None
    if call.length is not None:
        values = [np.full(call.length, v) if isinstance(v, float) else v for v in values]
    return shaped(trace, values), binding.gradients_and_zero if gradient else None


def shaped(trace: Trace, values: list[Any]) -> Any:
    """The numbers of all outputs in the structure that the function gave."""
    if not isinstance(trace.like, (list, tuple, np.ndarray)):
        return values[0]
    if isinstance(trace.like, np.ndarray):
        return np.array(values).reshape(*trace.like.shape, *np.shape(values[0]))
    return rebuild(trace.like, iter(values))


def _values(binding: Binding, call: Call, gradient: bool, trace: Trace) -> list[Any] | None:
    """Run the instructions; None if a number on the way was not finite, and the function has to say why."""
    inputs = call.numbers if call.length is not None else in_a_row(call)
    how: Any = "ignore" if trace.careful else "raise"
    try:
        with np.errstate(over=how, divide=how, invalid=how, under="ignore"):
            binding.forward(inputs)
            if gradient:
                binding.backward()
    except FloatingPointError:
        # A branch that was not taken may do it too: then it is all of memory that has to be looked at.
        trace.careful = True
        return None
    if trace.careful and not binding.all_finite():
        return None
    # 0 times a number is 0 if the number is finite, and not a number otherwise.
    if gradient and binding.nothing.dot(binding.gradients) != 0.0:
        return None
    values: list[Any] = binding.root_values()
    for v in values:
        if not (isfinite(v) if isinstance(v, float) else isfinite(add(v)) or np.isfinite(v).all()):
            return None
    return values


def run_scalars(trace: Trace, program: ScalarProgram, call: Call, gradient: bool) -> Found | None:
    """The recorded graph, sample by sample, on the parameters that are in ``program``; None as for arrays."""
    length = call.length
    if length is None:
        samples = in_a_row(call)
    elif len(call.numbers) == 1:
        samples = call.numbers[0].reshape(-1)
    else:
        samples = np.hstack([numbers.reshape(length, -1) for numbers in call.numbers]).reshape(-1)
    found = program.run(samples, length or 1, gradient)
    if found is None:
        return None
    values = found[0].tolist() if length is None else [column.copy() for column in found.T]
    return shaped(trace, values), program.gradient if gradient else None


def in_a_row(call: Call) -> Any:
    """The numbers of all arguments of a call for one sample."""
    numbers = call.numbers
    return np.concatenate(numbers) if len(numbers) > 1 else numbers[0] if numbers else ()


def run_function(recordings: Recordings, trace: Trace, call: Call, gradient: bool) -> Found:
    """The function as it is, sample by sample; errors are those of the function."""
    every, totals = [], np.zeros(len(trace.parameters) + 1)
    for i in range(call.length or 1):
        with paused():
            out = call.applied(recordings.function, i, lambda _, number, whole: int(number) if whole else number)
        outputs = recordings.outputs(out)
        every.append([x.data for x in outputs])
        if gradient:
            totals[:-1] += gradient_numbers(outputs[0], trace.parameters)
    values = every[0] if call.length is None else [np.array(column) for column in zip(*every, strict=True)]
    return shaped(trace, values), totals / (call.length or 1) if gradient else None
