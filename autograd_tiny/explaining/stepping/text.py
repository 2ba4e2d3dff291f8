"""How a step reads: one line for the node, then one for each parent, within 80 columns.

>>> from autograd_tiny import Value, steps
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> d = a * b; d.label = "d"
>>> print(next(steps(d)))
step 1 of 1   d = a × b                      ∂d/∂d = 1
  ∂d/∂a = b = -3    1 × -3 = -3    a.grad: 0 → -3
  ∂d/∂b = a = 2     1 × 2 = 2      b.grad: 0 → 2
"""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING

from ..digits import change, is_numeral, short

if TYPE_CHECKING:
    from .records import Contribution, Step

GAP = "    "
TITLE_WIDTH = 41
SHOWN, ALL = 6, 8
"""More than ``ALL`` contributions are cut to the first ``SHOWN``; the record keeps them all."""

SENDS_NOTHING = "a gradient of 0 sends nothing on, whatever the local derivatives are"
NONFINITE = (
    "here the gradient stops being finite: backward() would raise NonFiniteError and change nothing, unless it runs "
    'with nonfinite("allow")'
)


def step_text(step: Step, digits: int = 3, width: int = 80) -> str:
    """The step as `Step.text` gives it."""
    names, node = step.names, step.node
    title = f"step {step.index} of {step.total}   {names.title(node)}"
    upstream = f"{names.derivative(names.root, node)} = {short(step.upstream, digits)}"
    lines = joined([title.ljust(TITLE_WIDTH), upstream], width)
    if not step.sends:
        lines += _note(SENDS_NOTHING, width)
    else:
        lines += _contribution_lines(step, digits, width)
    if step.turns_nonfinite:
        lines += _note(NONFINITE, width)
    return "\n".join(line.rstrip() for line in lines)


def _note(sentence: str, width: int) -> list[str]:
    return wrap(sentence, width, initial_indent="  ", subsequent_indent="  ")


def shown(step: Step) -> tuple[Contribution, ...]:
    """The contributions that are written out."""
    return step.contributions if len(step.contributions) <= ALL else step.contributions[:SHOWN]


def _contribution_lines(step: Step, digits: int, width: int) -> list[str]:
    some = shown(step)
    uses = Counter(sent.parent for sent in step.contributions)
    rows = [_cells(step, sent, uses[sent.parent] > 1, digits, width) for sent in some]
    lines = _aligned(rows)
    if _too_long(lines, width):
        lines = ["  " + GAP.join(row) for row in rows]
    if _too_long(lines, width):
        lines = [line for row in rows for line in [f"  {row[0]}", *(["      " + GAP.join(row[1:])] if row[1:] else [])]]
    lines = [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]
    if len(some) < len(step.contributions):
        lines.append(f"  … and {len(step.contributions) - len(some):,} more")
    return lines


def _aligned(rows: list[list[str]]) -> list[str]:
    """Each row in one line, their cells below each other."""
    widths = [max((len(row[i]) for row in rows if len(row) == 3), default=0) for i in range(3)]
    padded = [[cell.ljust(room) for cell, room in zip(row, widths, strict=False)] for row in rows]
    return [f"  {GAP.join(cells)}".rstrip() for cells in padded]


def _too_long(lines: list[str], width: int) -> bool:
    return max(map(len, lines), default=0) > width


def _cells(step: Step, sent: Contribution, again: bool, digits: int, width: int) -> list[str]:
    """The derivative, the product and the change of a contribution; for a constant, that it takes none."""
    names = step.names
    parent = names.symbol(sent.parent)
    if sent.parent.is_constant:
        return [f"{parent} is a constant: it takes no gradient"]
    local = short(sent.local_derivative, digits)
    place = f" (operand {sent.operand + 1})" if again else ""
    derivative, formula = f"{names.derivative(step.node, sent.parent)}{place} = ", sent.formula
    room = width - len(derivative) - len(local) - 5
    if len(formula) > room:
        formula = f"{formula[: max(room - 1, 0)]}…"
    return [
        derivative + (local if is_numeral(sent.formula) else f"{formula} = {local}"),
        f"{short(step.upstream, digits)} × {local} = {short(sent.product, digits)}",
        f"{parent}.grad: {change(sent.gradient_before, sent.gradient_after, digits)}",
    ]


def joined(cells: list[str], width: int) -> list[str]:
    """The cells in one line, or in two or more, the later ones indented, where one is too long for ``width``."""
    lines = [cells[0]]
    for cell in cells[1:]:
        longer = f"{lines[-1]}{GAP}{cell}"
        if len(longer.rstrip()) <= width:
            lines[-1] = longer
        else:
            lines.append(f"      {cell}")
    return [line if len(line.rstrip()) <= width else f"{line[: width - 1]}…" for line in lines]
