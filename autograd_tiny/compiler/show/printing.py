"""Array programs in words: what `print(program)` shows, and the story that `Program.explain` tells.

Reverse lines have ∂ before the name of what they are the gradient of; see `operand_names` for the names.

>>> from autograd_tiny import Value, compile
>>> w = Value(2.0, "w")
>>> program = compile(lambda x: (w * x).exp(), scalars="never")
>>> print(program)
<lambda>: not recorded yet; call it once
>>> program(0.0)
1.0
>>> print(program)
<lambda>: 2 array instructions, for one sample
  w1  1  from w
forward
  t1 = w1 × x   1  mul
  t2 = exp(t1)  1  exp
reverse
  ∂t2 = 1
  ∂t1 += ∂t2 × t2
  ∂w1 += ∂t1 × x
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...derivatives.loop_rows import loop_of
from ...errors import counted
from ...explaining.digits import aligned
from ..lower.instructions import Instruction, LoopCall, MatrixProduct, Reduction, Segments, Total
from ..pipeline import ByLength, Made
from .formulas import joined
from .listing import ListedInstruction, Listing, listing

if TYPE_CHECKING:
    from ..program import Program
    from ..run.array_program import ArrayProgram
    from .operand_names import Matrix

SOME = "[…]"


def program_text(program: Program) -> str:
    """The instructions of the last recording, with the matrices that they work on."""
    if program.last is None:
        return f"{program.__name__}: not recorded yet; call it once"
    if program.last.program is None:
        return _scalar_line(program)
    listed = listing(program)
    what = 'a batch ("each": one for each sample)' if listed.batch else "one sample"
    lines = [f"{listed.name}: {counted(len(listed.forward), 'array instruction')}, for {what}"]
    lines += [f"  {line}" for line in aligned([_matrix_cells(matrix) for matrix in listed.matrices])]
    lines += ["forward", *(f"  {line}" for line in aligned([_cells(i) for i in listed.forward]))]
    if listed.outputs != tuple(i.result for i in listed.forward[-1:]):
        lines.append(f"  gives {joined(listed.outputs).strip('()')}")
    if listed.reverse:
        lines += ["reverse", *(f"  {line.text}" for line in listed.reverse)]
    else:
        lines.append(f"no reverse: {_no_reverse(program)}")
    return "\n".join([*lines, *_legend(listed)])


def _legend(listed: Listing) -> list[str]:
    """What the signs in the formulas mean, where there are any that need it."""
    lines = []
    picked = next((name for i in listed.forward for name in i.operands if name.endswith(SOME)), None)
    if picked is not None:
        lines.append(f"{picked}: some of the numbers of {picked.removesuffix(SOME)}, or all in another order")
    started = next((i.formula for i in listed.forward if i.kind == "add" and i.formula.startswith("0 + ")), None)
    if started is not None:
        lines.append(f"{started}: Python's sum() starts from 0; autograd_tiny.sum and dot do not")
    return lines


def _matrix_cells(matrix: Matrix) -> tuple[str, str, str]:
    return matrix.name, matrix.size, f"from {matrix.origin}" if matrix.origin else ""


def _cells(instruction: ListedInstruction) -> tuple[str, str, str]:
    return instruction.text, instruction.size, instruction.kind


def _no_reverse(program: Program) -> str:
    several = program.last is not None and program.last.program is not None and len(program.last.program.roots) > 1
    return "it gives several numbers, and a gradient is of one" if several else "no parameter has an influence"


def explanation(program: Program) -> str:
    """The passes, from the recorded scalars to the array instructions."""
    if program.last is None:
        return f"{program.__name__} has not been recorded yet: call it once, then ask again."
    arrays = program.last.program
    if arrays is None:
        return _scalar_story(program)
    listed, estimate = listing(program), program.last.estimate
    story = [[f"{line}."] for line in arrays.graph.story]
    story.append([f"put into {counted(arrays.steps, 'step')} of one operation each, operands before what needs them."])
    products = [(i.text, i.detail) for i in listed.forward if i.detail]
    if products:
        story.append(["dot products, those that share their vectors as one matrix product:", *aligned(products)])
    if listed.matrices:
        cells = [(*_matrix_cells(matrix), matrix.rows) for matrix in listed.matrices]
        rows = " (a row is what one neuron multiplies with)" if any("rows" in m.rows for m in listed.matrices) else ""
        story.append([f"the parameters lie as matrices and vectors{rows}:", *aligned(cells)])
    kinds = _kinds(listed, arrays.instructions)
    made = counted(len(listed.forward), "array instruction")
    story.append([f"that makes {made}: {kinds}." if kinds else f"that makes {made}."])
    story += [[f"{line}."] for line in _loops(arrays)]
    reverse = len(arrays.code.reverse_lines)
    back = f"{reverse:,} in reverse" if listed.reverse else f"none in reverse, as {_no_reverse(program)}"
    samples = f"for a batch of {estimate.samples:,} " if arrays.batch else ""
    story.append(
        [
            f"they are {counted(len(arrays.code.lines), 'call')} of {arrays.arrays!r} forward and {back}; {samples}"
            f"estimated at {_microseconds(estimate.arrays)} a call, where the scalars would take "
            f"{_microseconds(estimate.scalars)}.{_smaller(program.last.made)}{_no_loop(program, arrays)}"
        ]
    )
    story += _not_native(arrays) + _fallen_back(program)
    lines = [f"{program.__name__}, from scalars to arrays"]
    for i, (first, *rest) in enumerate(story, start=1):
        lines += [f"{i}. {first[0].upper()}{first[1:]}", *(f"     {line}" for line in rest)]
    return "\n".join(lines)


def _loops(arrays: ArrayProgram) -> list[str]:
    """What each loop is, and on what its steps last ran."""
    lines = []
    for i, instruction in enumerate(arrays.instructions, start=1):
        if isinstance(instruction, LoopCall):
            ran = sorted({
                runner.says()
                for bindings in arrays.bindings.values()
                for binding in bindings
                for runner in binding.env.values()
                if getattr(runner, "instruction", None) is instruction
            })  # fmt: skip
            lines.append(
                f"the loop t{i} is a {loop_of(instruction.row).story()}; {' and '.join(ran)}".removesuffix("; ")
            )
    return lines


def _no_loop(program: Program, arrays: ArrayProgram) -> str:
    """Why the program does not run natively, if it does not."""
    if not program.not_native or arrays.arrays.native:
        return ""
    return f" Python makes the calls, no loop in C: {program.not_native}."


def _not_native(arrays: ArrayProgram) -> list[list[str]]:
    """That lines of a program that was to run natively are run by Python, if they are."""
    reasons = {
        why for every in arrays.bindings.values() for binding in every if (why := getattr(binding, "not_native", ""))
    }
    return [[f"some of its lines are run by Python: {'; '.join(sorted(reasons))}."]] if reasons else []


def _fallen_back(program: Program) -> list[list[str]]:
    """That the function itself had to be asked, if it was."""
    if not program.fallen_back:
        return []
    many = counted(program.fallen_back, "sample")
    return [[f"on {many} so far the function itself was run: a number of theirs, or on their way, was not finite."]]


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs" if seconds >= 1e-5 else f"{seconds * 1e6:.1f} µs"


def _smaller(made: Made) -> str:
    """What is done with few samples."""
    return f" Batches of fewer than {made.least} are replayed as scalars." if isinstance(made, ByLength) else ""


def _kinds(listed: Listing, instructions: Sequence[Instruction]) -> str:
    """How many instructions there are of each kind."""
    counts: dict[str, int] = {}
    for line, instruction in zip(listed.forward, instructions, strict=True):
        match instruction:
            case MatrixProduct():
                kind = "dot product" if line.kind.startswith("dot") else "matrix product"
            case Total():
                kind = "sum"
            case Segments() | Reduction():
                kind = "vector operation"
            case LoopCall():
                kind = "loop"
            case _:
                kind = "element-by-element operation"
        counts[kind] = counts.get(kind, 0) + 1
    return ", ".join(counted(n, kind) for kind, n in counts.items())


# Programs that run as scalars


def _scalar_line(program: Program) -> str:
    assert program.last is not None
    return f"{program.__name__}: runs as scalars: {program.last.estimate.reason}"


def _scalar_story(program: Program) -> str:
    assert program.last is not None
    estimate = program.last.estimate
    lines = [
        f"{program.__name__} is replayed scalar by scalar, as it was recorded: {estimate.reason}.",
        *(f"  {line[0].upper()}{line[1:]}." for line in estimate.story),
        *(f"{line[0].upper()}{line[1:]}" for (line,) in _fallen_back(program)),
        'To have it compiled all the same: compile(…, scalars="never").',
    ]
    return "\n".join(lines)
