"""The passes one by one, each with what it was given and what it made of it: for whoever wants to see them at work.

>>> from autograd_tiny import Value, compile
>>> w = [Value(2.0), Value(-1.0)]
>>> program = compile(lambda x: (w[0] * x[0] + w[1] * x[1]).tanh())
>>> [each.name for each in program.passes([1.0, 2.0])]
['record', 'flatten', 'even_out', 'unlike', 'lift', 'schedule', 'lower', 'emit']
>>> print(program.passes([1.0, 2.0])[1])
flatten: chains of + and × become sums and dot products
  before
    n1 = mul(p1, x1)
    n2 = mul(p2, x2)
    n3 = add(n1, n2)
    n4 = tanh(n3)
  after
    n1 = dot([p1, p2], [x1, x2])
    n2 = tanh(n1)

Nothing is kept: the function is recorded anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import indent
from typing import TYPE_CHECKING, NamedTuple

from ...errors import counted
from ..lower.dispatch import lower
from ..lower.instructions import operands_of
from ..lower.layout import Access, Gather, Number, View
from ..pipeline import Inputs, graph_passes
from ..record.checks import record_checked
from ..record.graph import Graph
from ..run.array_program import ArrayProgram
from ..simplify.schedule import Step, schedule

if TYPE_CHECKING:
    from ..lower.instructions import Instruction
    from ..program import Program
    from ..record.calls import Call

MOST = 40
"""So many lines of a text are shown; of longer ones the beginning and the end."""


class Pass(NamedTuple):
    """One pass: what it is called, what it does in a few words, and the program as text before and after."""

    name: str
    what: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether it found anything to do."""
        return self.before != self.after

    def __str__(self) -> str:
        head = f"{self.name}: {self.what}"
        if not self.changed:
            return f"{head}\n  nothing to do here"
        before = f"  before\n{indent(self.before, '    ')}\n" if self.before else ""
        return f"{head}\n{before}  after\n{indent(self.after, '    ')}"


def passes(program: Program, call: Call) -> list[Pass]:
    """What each pass does to the function recorded on these inputs (of a batch, its first sample)."""
    return program._recordings.unrolling(partial(_passes, program, call))


def _passes(program: Program, call: Call) -> list[Pass]:
    out, inputs, recorder = program._recordings.record(call, 0)
    batch = call.length is not None
    graph = record_checked(program._recordings.outputs(out), inputs, batch, [*recorder.made], recorder.derived)
    found = [Pass("record", "the function runs once, and leaves a graph of scalars", "", graph.written(MOST))]
    if len(graph.roots) == 0:
        return found
    for step, what in graph_passes():
        before, graph = graph, step(graph)
        found.append(Pass(step.__name__, what, before.written(MOST), graph.written(MOST)))
    steps, height = schedule(graph)
    in_steps = shortened([_step(graph, i, step) for i, step in enumerate(steps, start=1)])
    found.append(
        Pass("schedule", "operations of one kind whose operands are ready go together", found[-1].after, in_steps)
    )
    given = Inputs.of(graph, inputs, batch)
    lowering = lower(graph, steps, given.places(), given.counts, batch, height)
    laid_out = shortened([_instruction(i, each) for i, each in enumerate(lowering.instructions, start=1)])
    what = "steps become array instructions: numbers get addresses, an operand is a view of memory or picked from it"
    found.append(Pass("lower", what, in_steps, laid_out))
    code = ArrayProgram(graph, lowering, len(steps)).code
    lines = shortened([*code.lines, *(f"{line}  # reverse" for line in code.reverse_lines)])
    found.append(
        Pass(
            "emit",
            "each instruction becomes lines of numpy, forward and, from the same rules, in reverse",
            laid_out,
            lines,
        )
    )
    return found


def shortened(lines: Sequence[str], most: int = MOST) -> str:
    """The lines as a text; of too many the first and the last.

    >>> shortened(["a", "b", "c", "d"], 3)
    'a\\nb\\n… 1 more\\nd'
    """
    if len(lines) <= most:
        return "\n".join(lines)
    first = (most + 1) // 2
    return "\n".join([*lines[:first], f"… {len(lines) - most:,} more", *lines[len(lines) - (most - first) :]])


def _step(graph: Graph, number: int, step: Step) -> str:
    each = ", for each sample" if step.batched else ""
    return f"step {number}: {counted(len(step.nodes), graph.rows[step.code].name + ' operation')}{each}"


def _instruction(number: int, instruction: Instruction) -> str:
    row = getattr(instruction, "row", None)
    what = f"{type(instruction).__name__}" + (f" {row.name}" if row is not None else "")
    return f"{number}: {_access(instruction.out)} = {what}({', '.join(map(_access, operands_of(instruction)))})"


def _access(access: Access) -> str:
    """Memory, first address, shape and strides: ``flat[16] 4×3 by 3,1``."""
    if isinstance(access, Number):
        return f"{access.value:g}"
    shape = "×".join(map(str, access.shape))
    if isinstance(access, Gather):
        return f"{access.memory}[picked] {shape}"
    assert isinstance(access, View)
    return f"{access.memory}[{access.offset}] {shape} by {','.join(map(str, access.strides))}"
