"""A recording run on the numbers of a call: by its array program, or node by node.

A number on the way that is not finite sends its sample to the function itself (see `falling_back`), which either finds
that it was on a branch not taken, or raises its error. So does an input that is not finite: an eager function refuses
it, and a program would let some through. Of a batch only the samples that need it go there.

>>> from autograd_tiny import Value
>>> from .recordings import Recordings
>>> w = Value(3.0)
>>> recordings = Recordings(lambda x: w * x, "f", 128, "never")
>>> call = Call.read(([2.0, 4.0],), {}, batch=True)
>>> trace = recordings.find(call)
>>> binding = trace.program.bound(2)
>>> binding.parameters[:] = 3.0
>>> found = run(trace, binding, call, gradient=True)
>>> found.values.tolist(), found.gradient.tolist()
([[6.0, 12.0]], [3.0, 0.0])
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from .record.calls import Call
from .run.binding import Binding
from .run.scalars import ScalarProgram
from .trace import Trace


class Found(NamedTuple):
    """The numbers of the outputs, of a batch in a row for each; the gradient for the parameters of the trace with a 0
    behind (None if not asked for); and the samples that are in neither: the function has to be asked for those.
    """

    values: Any
    gradient: Any
    failed: Sequence[int] = ()


def run(trace: Trace, made: Binding | ScalarProgram, call: Call, gradient: bool) -> Found | None:
    """What was made of a recording, on the parameters that are in it; None if no sample can be answered for."""
    if isinstance(made, Binding):
        return run_arrays(trace, made, call, gradient) or run_arrays_in_part(trace, made, call, gradient)
    return run_scalars(trace, made, call, gradient)


def run_arrays(trace: Trace, binding: Binding, call: Call, gradient: bool) -> Found | None:
    """The array program on the parameters that are in ``binding``; None if a number was not finite."""
    values = _values(binding, call, gradient, trace)
    return None if values is None else _found(values, binding, gradient)


def run_arrays_in_part(trace: Trace, binding: Binding, call: Call, gradient: bool) -> Found | None:
    """The same without the samples that make trouble; None if they all do, or it is not to be seen which."""
    if call.length is None or call.length == 1:
        return None
    try:
        failed = _troubled(binding, call, gradient)
    except FloatingPointError:  # the numbers of the call themselves are beyond what the program computes with
        return None
    if not 0 < len(failed) < call.length:
        return None
    values = _values(binding, _without(call, failed), gradient, trace, failed)
    return None if values is None else _found(values, binding, gradient, failed.tolist())


def _found(values: Any, binding: Binding, gradient: bool, failed: Sequence[int] = ()) -> Found:
    return Found(values, binding.gradients_and_zero if gradient else None, failed)


def _values(binding: Binding, call: Call, gradient: bool, trace: Trace, failed: Sequence[int] = ()) -> Any:
    """Run the instructions, without the gradient of those that ``failed``; None if a number was not finite."""
    inputs = call.numbers if call.length is not None else in_a_row(call)
    how: Any = "ignore" if trace.careful else "raise"
    try:
        with nullcontext() if binding.native else np.errstate(over=how, divide=how, invalid=how, under="ignore"):
            if not binding.takes(inputs):
                return None
            binding.forward(inputs)
            if gradient:
                binding.backward(failed)
            if binding.flags and not trace.careful:
                raise FloatingPointError("a number on the way is not finite")
    except FloatingPointError:
        # A branch that was not taken may do it too: then it is all of memory that has to be looked at.
        trace.careful = True
        return None
    if trace.careful and not binding.all_finite():
        return None
    # 0 times a number is 0 if the number is finite, and not a number otherwise.
    if gradient and binding.nothing.dot(binding.gradients) != 0.0:
        return None
    values = binding.root_values()
    return values if binding.finite(values) else None


def _troubled(binding: Binding, call: Call, gradient: bool) -> Any:
    """The samples on whose way, forward or reverse, a number is not finite; all, if it is one that they share."""
    memory = binding.memory
    bad = np.zeros(binding.length, bool)
    for numbers in call.numbers:
        bad |= ~np.isfinite(numbers.reshape(binding.length, -1)).all(axis=1)
    with np.errstate(all="ignore"):
        binding.forward(call.numbers)
        bad |= ~binding.samples_finite(memory.batch)
        if gradient:
            memory.batch_adjoint.fill(0.0)
            binding.backward()
            bad |= ~binding.samples_finite(memory.batch_adjoint)
    return np.flatnonzero(bad)


def _without(call: Call, failed: Any) -> Call:
    """The call with a sample that did not fail in the place of each that did."""
    good = np.setdiff1d(np.arange(call.length or 0), failed)[0]
    numbers = [a.copy() for a in call.numbers]
    for a in numbers:
        a[failed] = a[good]
    return call._replace(numbers=numbers)


def run_scalars(trace: Trace, program: ScalarProgram, call: Call, gradient: bool) -> Found | None:
    """The recorded graph, sample by sample, on the parameters that are in ``program``; None as for arrays."""
    length = call.length
    if length is None:
        samples = in_a_row(call)
    elif len(call.numbers) == 1:
        samples = call.numbers[0].reshape(-1)
    else:
        samples = np.hstack([numbers.reshape(length, -1) for numbers in call.numbers]).reshape(-1)
    if len(samples) > program.reads * (length or 1) and not np.isfinite(samples).all():
        # The replay sees only what it uses; the function may have computed with the rest before it left that aside.
        if not program.reads:
            return None
        samples = np.array(samples).reshape(length or 1, -1)
        samples[~np.isfinite(samples).all(axis=1)] = np.nan
        samples = samples.reshape(-1)
    found, failed = program.run_each(samples, length or 1, gradient)
    if len(failed) == (length or 1):
        return None
    values = found[0] if length is None else np.ascontiguousarray(found.T)
    return Found(values, program.gradient if gradient else None, failed)


def in_a_row(call: Call) -> Any:
    """The numbers of all arguments of a call for one sample."""
    numbers = call.numbers
    return np.concatenate(numbers) if len(numbers) > 1 else numbers[0] if numbers else ()
