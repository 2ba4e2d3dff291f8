"""Calls made ready: the latest kinds of call of a program, each to be made again by C alone (`_native_calls`).

A call takes some 10 µs to look at, in Python: its structure, what the function reads, the parameters, the result. A
call like an earlier one, of the same structure, for so many samples, goes straight to the earlier one's arrays; what
is in doubt (another structure, a number that is not finite, arrays in use by another thread) goes the long way.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> program = compile(lambda x: w * x * x)
>>> [program(x) for x in (1.0, 2.0, 3.0)]
[3.0, 12.0, 27.0]
>>> program.cache_info().hits
2
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import engine
from ...derivatives import plugins
from .native_binding import Native
from .scalars import ScalarProgram

if TYPE_CHECKING:
    from ..parameters import Parameters
    from ..record.calls import Call
    from ..recordings import Recordings, Trace
    from ._native import Argument, Ready

MOST = 16
"""Kinds of call that are kept ready."""
LARGEST = 1 << 20
"""Numbers in the arrays of a call: of a larger one the looking is nothing."""


class ReadyCalls:
    """The calls of one program that are ready, the latest first."""

    def __init__(self, recordings: Recordings, known: Parameters) -> None:
        self.recordings, self.known = recordings, known
        self.calls: list[Ready] = []
        self.last: Trace | None = None
        """The recording that the last call was of, however it went."""
        self.hits = 0
        self.version = recordings.version
        self.native = _native()

    def __call__(self, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool, gradient: bool) -> Any:
        """The result (and the derivatives by all parameters), or None: then the call has to be looked at."""
        recordings = self.recordings
        if recordings.version != self.version:
            self._clear()
        given, names = ((*arguments, *named.values()), tuple(named)) if named else (arguments, ())
        for ready in self.calls:
            found = ready.run(given, names, batch, gradient)
            if found is not False:
                break
        else:
            return None
        if found is not None:
            self.hits += 1
            if self.last is not ready.trace:
                self.last = ready.trace
                with suppress(KeyError):  # another thread may have forgotten it meanwhile
                    recordings.traces.move_to_end(ready.key)
        return found

    def blocks(self, call: Call, trace: Trace, made: Any, gradient: bool) -> Ready | None:
        """What runs blocks like this one of a longer batch, packed in float64; None if they have to be looked at."""
        if self.native is None or trace.careful or not isinstance(made, Native) or not len(made.program.roots):
            return None
        if call.shared is not None:
            return None
        for direction in ("forward", "backward")[: 1 + gradient]:
            if made.tape(direction) is None:
                return None
        arguments = _arguments(self.native, call)
        if arguments is None:
            return None
        return _made(self, call, trace, made, arguments, gradient)

    def _clear(self) -> None:
        calls, self.calls, self.version = self.calls, [], self.recordings.version
        for ready in calls:
            _released(ready)

    def add(self, given: tuple[Any, ...], call: Call, trace: Trace, made: Any, gradient: bool) -> bool:
        """Keep such a call ready, with the arrays that it had, if it can be; whether it is."""
        if self.native is None or trace.careful or (trace.indices and call.length is not None):
            return False
        if call.shared is not None:
            return False
        if self.recordings.version != self.version:
            self._clear()
        arguments = _arguments(self.native, call)
        if arguments is None:
            return False
        ready = _made(self, call, trace, made, arguments, gradient)
        if ready is None or not ready.fits(given, tuple(call.named), call.length is not None):
            return False
        calls = [ready, *(old for old in self.calls if not old.dead)]
        for old in [*calls[MOST:], *(old for old in self.calls if old.dead)]:
            _released(old)
        self.calls = calls[:MOST]
        return True


def _released(ready: Ready) -> None:
    if not ready.busy:
        ready.made.in_use = False


def _native() -> Any:
    """The module in C, if it is there and numpy's arrays are laid out as it knows them."""
    if engine != "compiled":
        return None
    try:
        from . import _native
    except ImportError:
        return None
    array = np.empty((2, 3))
    where = (array.ctypes.data, 2, (2, 3), array.dtype, 0x0101)
    return _native if _native.array_parts(array) == where else None


def _arguments(native: Any, call: Call) -> list[Argument] | None:
    """How the arguments must be to be like those of this call; None for structures that are looked at each time."""
    batch, _, _, *structures = call.structure
    given = [*call.arguments, *call.named.values()]
    found = []
    for x, structure in zip(given, structures, strict=True):
        argument = _argument(native.Argument, x, structure, call.length)
        if argument is None or (batch and structure[0] != "array"):
            return None
        found.append(argument)
    return found


def _argument(Argument: Any, x: Any, structure: Any, length: int | None) -> Any:
    if structure == "float":
        return Argument("float", kind=np.float64)
    if structure == "int":
        return Argument("int")
    first = structure[0]
    if first == "array":
        _, shape, integers = structure
        full = shape if length is None else (length, *shape)
        return None if integers else Argument("array", count=int(np.prod(shape)), shape=full)
    if first == "is":
        return Argument("is", still=x)
    if first in (list, tuple) and len(structure) == 3 and structure[1] in (float, int):
        return Argument("vector", kind=first, integers=structure[1] is int, count=structure[2])
    if first in (list, tuple) and len(structure) == 4 and structure[2] == "rows":
        inner, plain, width = structure[1]
        return Argument("rows", kind=first, inner=inner, integers=plain is int, count=structure[3], width=width)
    return None


def _made(
    calls: ReadyCalls, call: Call, trace: Trace, made: Any, arguments: list[Argument], gradient: bool
) -> Ready | None:
    from ...core import _engine

    indices = np.array(trace.indices, np.int64)
    numbers = np.zeros(sum(map(np.size, call.numbers)) if call.length is None else 0)
    parts: dict[str, Any] = {
        "trace": trace, "key": trace.key, "made": made, "known": calls.known, "recordings": calls.recordings,
        "arguments": arguments, "names": tuple(call.named), "length": call.length, "numpy": np, "plugins": plugins,
        "static": (indices, np.array(call.at(trace.indices, 0), float)),
        "rebuild": trace.rebuild if trace.rebuild.structure else None, "parameters": made.parameters,
    }  # fmt: skip
    forward = backward = None
    if isinstance(made, ScalarProgram):
        if call.length is not None:
            return None
        answers = np.zeros(made.outputs)
        again = _engine.Again(made.replay, made.parameters, numbers, answers)
        roots = np.stack([np.zeros(made.outputs, np.int64), np.arange(made.outputs, dtype=np.int64)])
        parts |= {
            "gradient": made.gradient,
            "flat": answers,
            "batch": None,
            "again": again,
            "inputs": numbers,
            "looked_at": frozenset(),
        }
    else:
        if not isinstance(made, Native) or made.memory.batch.size > LARGEST:
            return None
        forward, backward = made.tapes.get("forward"), made.tapes.get("backward")
        if forward is None or (gradient and backward is None):
            return None
        if call.length is None and len(made.inputs) != len(numbers):
            return None
        roots = np.array(made.program.roots, np.int64).reshape(-1, 2).T.copy()
        inputs = numbers if call.length is not None else made.inputs
        parts |= {"gradient": made.gradients_and_zero, "flat": made.flat, "batch": made.memory.batch, "again": None,
                  "inputs": inputs, "looked_at": made.looked_at}  # fmt: skip
    reader = _engine.Reader(trace.parameters, made.parameters)
    ready: Ready = calls.native.Ready(memories=roots[0], addresses=roots[1], reader=reader, **parts)
    ready.forward, ready.backward = forward, backward
    return ready
