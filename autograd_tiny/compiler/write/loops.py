"""A loop in lines: one call that runs all its steps, and in reverse one that runs them back.

What is called is made for the size of the batch by the loop itself (``compiler/loops``): here it is a name.

>>> from autograd_tiny import Value, compile, scan
>>> w = Value(0.5)
>>> program = compile(lambda h: scan(lambda h, x: ((w * h).tanh(), None), h, length=100)[0])
>>> program.value_and_grad(1.0)[1][0] > 0.0
True
>>> print("\\n".join(program.last.program.code.lines))
a0(a1, a2, a3)
"""

from __future__ import annotations

from typing import Any

from ...derivatives.loop_rows import loop_of
from ...modes.looping import Unroll
from ..lower.instructions import LoopCall
from ..lower.layout import BATCH, FLAT
from .code import Code
from .memory import Named
from .reverse import Ledger
from .terms import Terms


def loop_forward(code: Code, instruction: LoopCall) -> dict[str, Any]:
    """The line that runs the steps; for its reverse the name of who ran them."""
    batched = instruction.out.memory == BATCH
    run = code.bind(lambda m: loop_of(instruction.row).runner(instruction, m.length if batched else None, m.arrays))
    operands = [code.fetch(part.access, batched) for part in instruction.parts]
    out = code.view(instruction.out, False)
    code.line(f"{run}({', '.join([*(operand.name for operand in operands), out.name])})")
    return {"run": run}


def loop_backward(code: Code, instruction: LoopCall, kept: dict[str, Any], ledger: Ledger) -> None:
    """The line that runs them back, and those that pass on what it finds: of shared operands sums over the samples."""
    batched = instruction.out.memory == BATCH
    if not loop_of(instruction.row).differentiable:
        raise Unroll
    back = code.bind(lambda m: m.env[kept["run"]].backward)
    up = code.view(instruction.out, False, adjoint=True)
    parts = [part for part in instruction.parts if part.learns]
    rooms = []
    for part in parts:
        mine = batched and part.access.memory != FLAT
        rooms.append(code.buffer(part.access.shape, mine))
    code.line(f"{back}({', '.join([up.name, *(room.name for room in rooms)])})")
    for part, room in zip(parts, rooms, strict=True):
        names: dict[str, Named] = {"found": Named(room.name, room.shape, room.batched)}
        code.give(ledger.target(part.access, room.batched), Terms().name("found"), names, room.shape, room.batched)
