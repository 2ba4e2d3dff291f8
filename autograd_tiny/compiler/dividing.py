"""A long batch in blocks of samples, which threads may share among themselves.

Blocks are of a size that a program's numbers of a block stay in the processor's cache, and so are worth it for one
thread too. They are the same however many threads there are, and their gradients are added in their order: so is the
answer, to the last bit.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> programs = [compile(lambda x: (w * x).tanh(), scalars="never", threads=n) for n in (1, 2)]
>>> x = np.linspace(-1.0, 1.0, 20_000)
>>> one, two = (program.value_and_grad(x, batch=True) for program in programs)
>>> np.array_equal(one[0], two[0]), one[1] == two[1]
(True, True)
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from .record.calls import Call
from .run.array_program import ArrayProgram
from .run.binding import Binding
from .run.ready import ReadyCalls
from .running import Found, run
from .trace import Trace

if TYPE_CHECKING:
    from .run._native import Ready


AT_ONCE = 16
"""Blocks that a thread runs before it looks whether another has failed."""


def run_in_blocks(
    trace: Trace, program: ArrayProgram, call: Call, gradient: bool, size: int, threads: int,
    read: Callable[[Any], None], lock: Any, ready: ReadyCalls,
) -> Found | None:  # fmt: skip
    """`run` block by block; None if no sample could be answered for. ``read`` fills in the parameters."""
    length = call.length or 1
    starts = range(0, length, size)
    values = np.empty((len(program.roots), length))
    slopes = np.zeros((len(starts) if gradient else 0, len(program.leaves) + 1))
    failed: list[list[int]] = [[] for _ in starts]
    parameters = np.empty(len(program.leaves))
    read(parameters)
    given = tuple(call.numbers)
    packed = all(a.dtype == np.float64 and a.flags.c_contiguous for a in given)
    stop, errors = Event(), list[BaseException]()

    def work(first: int) -> None:
        taken: dict[int, tuple[Binding, Ready | None]] = {}
        i = first
        try:
            while i < len(starts):
                if stop.is_set():
                    return
                start, end = starts[i], min(starts[i] + size, length)
                numbers = [a[start:end] for a in call.numbers]
                part = call._replace(numbers=numbers, length=end - start)
                if end - start not in taken:
                    with lock:
                        binding = program.take(end - start)
                        taken[end - start] = binding, ready.blocks(part, trace, binding, gradient) if packed else None
                binding, runner = taken[end - start]
                weight = (end - start) / length
                if runner is not None:
                    alike = len(range(i, length // size, threads)) if end - start == size else 1
                    count = min(alike, AT_ONCE)
                    into = slopes if gradient else None
                    done = runner.blocks(given, parameters, values, into, weight, size, i, threads, count)
                    i += done * threads
                    if done:
                        continue
                binding.parameters[:] = parameters
                found = run(trace, binding, part, gradient)
                if found is None:
                    failed[i] = [*range(start, end)]
                else:
                    failed[i] = [start + j for j in found.failed]
                    values[:, start:end] = found.values
                    if gradient:
                        np.multiply(found.gradient, weight, slopes[i])
                i += threads
        except BaseException as error:
            stop.set()
            errors.append(error)
        finally:
            for binding, _ in taken.values():
                binding.in_use = False

    others = [Thread(target=work, args=(i,), daemon=True) for i in range(1, min(threads, len(starts)))]
    for thread in others:
        thread.start()
    try:
        work(0)
        for thread in others:
            thread.join()
    finally:
        stop.set()
    if errors:
        raise errors[0]
    left_out = [i for block in failed for i in block]
    if len(left_out) == length:
        return None
    return Found(values, slopes.sum(0) if gradient else None, left_out)
