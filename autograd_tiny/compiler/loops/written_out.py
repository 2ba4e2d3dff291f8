"""Programs that leave have their loops written out, step after step: within reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...derivatives.loop_rows import loop_of

if TYPE_CHECKING:
    from ..program import Program

MOST = 300_000
"""Operations that a text or a file may have of loops: more, and a C compiler, say, takes minutes over it."""


def check_written_out(program: Program) -> None:
    """``ValueError`` for a program whose loops are too many operations to be written out."""
    arrays = program.last.program if program.last is not None else None
    if arrays is None:
        return
    for loop in filter(None, map(loop_of, arrays.graph.rows)):
        if loop.written_out() > MOST:
            raise ValueError(
                f"{program.__name__} has a {loop.name}, whose {loop.steps:,} steps would be written out as "
                f"{loop.written_out():,} operations: expected {MOST:,} at most. Export the step, or fewer steps"
            )
