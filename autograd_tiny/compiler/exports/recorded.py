"""What every export begins with: the last call of a program recorded once more, its loops written out.

>>> from autograd_tiny import compile
>>> square = compile(lambda x: x * x)
>>> square(3.0)
9.0
>>> again = recorded(square)
>>> [[leaf.data for leaf in mine] for mine in again.inputs], [y.data for y in again.outputs]
([[3.0]], [9.0])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...core import Value
from ..loops.written_out import check_written_out
from ..record.calls import Call
from ..trace import Trace

if TYPE_CHECKING:
    from ..program import Program


class Recorded(NamedTuple):
    """The call, what it gave, the leaves of its arguments, its results, the leaves that the function made, and what it
    differentiated.
    """

    trace: Trace
    call: Call
    out: Any
    inputs: list[list[Value]]
    outputs: list[Value]
    made: list[Value]
    derived: list[Value]


def recorded(program: Program) -> Recorded:
    """The last call, recorded again; ``ValueError`` if there is none, or its loops are too long to be written out."""
    trace = program.last
    if trace is None or trace.sample is None:
        raise ValueError(
            f"{program.__name__} has not been recorded yet, so there is nothing to export: call it once, then export it"
        )
    check_written_out(program)
    recordings = program._recordings
    out, inputs, recorder = recordings.record(trace.sample, 0, unrolls=True)
    return Recorded(trace, trace.sample, out, inputs, recordings.outputs(out), [*recorder.made], recorder.derived)


def only_in_python(program: Program, name: str) -> TypeError:
    """The error for a program that calls a function of plain numbers."""
    return TypeError(
        f"{program.__name__} calls {name}, a function of plain numbers, which nothing but Python runs: "
        "it cannot be exported"
    )
