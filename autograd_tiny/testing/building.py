"""From what was drawn to an expression whose every operand lies in its domain.

Each part is built together with the interval in which its value lies while the variables stay in theirs. An
operand that sticks out of what its operation takes is scaled and shifted into it: ``log(x)`` of an x between -2
and 2 becomes ``log(x + 3)``.

>>> from autograd_tiny.table.ops import TABLE
>>> build_tree(((TABLE["log"], 0), (0,)), [(-2.0, 2.0)], [0], least=1)
expression(lambda x: ad.log(x + 3.0), 0.0)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from ..table.ops import TABLE
from ..table.primitive import Interval, Primitive
from .domains import LIMIT, boxes, result_range, tied, unbounded
from .intervals import Interval as Range
from .programs import Apply, Expression, Number, Tree, Variable, order

Gene = Any
"""An int (a variable), a float, or ((row, which of its boxes), operand genes); a variadic row's come in tuples."""

Step = tuple[tuple[Primitive, int], Sequence[Any]]
"""The same for a graph, in which an int counts back over what there is: variables, then earlier steps."""

FILL = 0.9
"""How much of an interval a squeezed operand fills, so that the margin is far wider than any rounding."""

Part = tuple[Tree, Range]


def build_tree(
    gene: Gene, intervals: Sequence[Interval], places: Sequence[int], least: int, max_leaves: int = 100
) -> Expression:
    """The expression of a drawn tree; once it has ``max_leaves`` leaves, whatever else was drawn is a variable."""
    variables = _variables(intervals)
    count = 0

    def build(gene: Gene) -> Part:
        nonlocal count
        if isinstance(gene, int):
            count += 1
            return variables[gene]
        if isinstance(gene, float):
            count += 1
            return Number(gene), Range(gene, gene)
        if count >= max_leaves:
            return variables[0]
        (row, which), genes = gene
        return applied(row, which, [build(x) for x in _columns(row, genes)], variables)

    return _finish(build(gene)[0], intervals, places, least)


def build_graph(steps: Sequence[Step], intervals: Sequence[Interval], places: Sequence[int], least: int) -> Expression:
    """The expression of drawn steps, each of which uses the one before: so nothing is lost, and much is used twice."""
    variables = _variables(intervals)
    parts = list(variables)

    def operand(gene: int | float) -> Part:
        return parts[-1 - gene % len(parts)] if isinstance(gene, int) else (Number(gene), Range(gene, gene))

    for (row, which), genes in steps:
        operands = [operand(x) for x in _columns(row, genes)]
        parts.append(applied(row, which, [parts[-1], *operands[1:]], variables))
    return _finish(parts[-1][0], intervals, places, least)


def _variables(intervals: Sequence[Interval]) -> list[Part]:
    return [(Variable(i), Range(low, high)) for i, (low, high) in enumerate(intervals)]


def _columns(row: Primitive, genes: Sequence[Any]) -> list[Any]:
    """Operands in the order of a node's parents: of pairs for ``dot`` first all the left ones."""
    return list(chain.from_iterable(zip(*genes, strict=True))) if row.variadic else list(genes)


def applied(row: Primitive, which: int, operands: list[Part], variables: list[Part]) -> Part:
    """``row`` on operands that are first brought into one of its boxes."""
    if all(isinstance(tree, Number) for tree, _ in operands):  # depends on nothing, and records nothing
        operands = [variables[0], *operands[1:]]
    k = len(operands) // len(row.arguments)
    if row.variadic and all(isinstance(tree, Number) for tree, _ in operands[:k]):
        operands = operands[k:] + operands[:k]  # `dot` keeps plain numbers in its second vector
    choices = boxes(row)
    box = choices[which % len(choices)]
    fitted = []
    for i, part in enumerate(operands):
        argument = i // k if row.variadic else i
        low, high = LIMIT if unbounded(row, argument) else box[argument]
        if tied(row):  # a slot for each operand, with room between them
            slot, width = (i + which) % len(operands), (high - low) / len(operands)
            low, high = low + slot * width, low + (slot + 0.8) * width
        fitted.append(_fit(part, low, high))
    return Apply(row, tuple(tree for tree, _ in fitted)), result_range(row, [span for _, span in fitted])


def _fit(part: Part, low: float, high: float) -> Part:
    """The part as it is where it lies strictly inside, else scaled and shifted into the interval."""
    tree, span = part
    if span.inside(low, high):
        return part
    room, width = FILL * (high - low), span.high - span.low
    middle = (low + high) / 2.0
    if isinstance(tree, Number):
        number = _rounded(middle, room / 10.0)
        return Number(number), Range(number, number)
    if width > room or not room:  # of an interval of one point, such as an order's, rounding would leave the place
        scale = float(f"{room / width:.2g}") if room else 0.0
        tree, span = Apply(TABLE["mul"], (tree, Number(scale))), span * scale
        if span.inside(low, high):
            return tree, span
    shift = _rounded(middle - (span.low + span.high) / 2.0, (high - low - (span.high - span.low)) / 4.0)
    return Apply(TABLE["add"], (tree, Number(shift))), span + shift


def _rounded(x: float, slack: float) -> float:
    """``x`` to as few decimals as stay within ``slack`` of it."""
    for digits in range(6):
        if abs(round(x, digits) - x) < slack:
            return round(x, digits)
    return x


def _finish(tree: Tree, intervals: Sequence[Interval], places: Sequence[int], least: int) -> Expression:
    """The expression with its unused variables left out, down to ``least`` of them, and a point."""
    if isinstance(tree, Number):
        tree = Variable(0)
    used = sorted({part.index for part in order(tree) if isinstance(part, Variable)})
    unused = [i for i in range(len(intervals)) if i not in used]
    kept = sorted(used + unused[: max(0, least - len(used))])
    box = tuple(intervals[i] for i in kept)
    point = tuple(_placed(low, high, places[i]) for i, (low, high) in zip(kept, box, strict=True))
    return Expression(_renamed(tree, {old: new for new, old in enumerate(kept)}), point, box)


def _placed(low: float, high: float, place: int) -> float:
    """The number ``place`` thousandths of the width away from the middle."""
    return round((low + high) / 2.0 + place * (high - low) / 1000.0, 4)


def _renamed(tree: Tree, index: dict[int, int]) -> Tree:
    made: dict[int, Tree] = {}
    for part in order(tree):
        if isinstance(part, Variable):
            made[id(part)] = Variable(index[part.index])
        elif isinstance(part, Number):
            made[id(part)] = part
        else:
            made[id(part)] = Apply(part.row, tuple(made[id(x)] for x in part.operands))
    return made[id(tree)]
