"""Operations element by element as instructions: which nodes go together, in which order, and where the results go.

>>> from autograd_tiny import Value, compile
>>> w = [Value(0.0), Value(1.0)]
>>> program = compile(lambda x: [(p * x).exp() for p in w], scalars="never")
>>> program(0.0)
[1.0, 1.0]
>>> [instruction.row.name for instruction in program.last.program.instructions]
['mul', 'exp']
"""

from __future__ import annotations

import numpy as np

from ...table.ops import TABLE
from ..record.graph import Ints
from ..simplify.schedule import Step
from .instructions import Elementwise, MatrixProduct, Total
from .layout import Access, View, pattern
from .places import Places, split_by

SMALL_GROUP = 100
"""Groups by origin of fewer nodes than this, on average, cost more as instructions than one gather does."""


FORGETFUL = (TABLE["add"], TABLE["sub"], TABLE["mul"], TABLE["neg"])
"""Operations whose derivatives do not look at their result."""


def elementwise(places: Places, step: Step) -> None:
    graph = places.graph
    arity = len(graph.rows[step.code].arguments)
    table = graph.operands[graph.starts[step.nodes][:, None] + np.arange(arity)]
    fine = np.zeros(len(step.nodes), np.int64)
    coarse = fine.copy()
    for i in range(arity):
        _, origin = np.unique(places.origin[table[:, i]], return_inverse=True)
        fine = fine * (int(origin.max()) + 1) + origin
        coarse = coarse * 64 + places.memory[table[:, i]]
    groups = len(np.unique(fine))
    key = fine if groups <= 3 or len(step.nodes) >= SMALL_GROUP * groups else coarse
    if 1 < groups <= 3 and len(step.nodes) < SMALL_GROUP * groups and _no_worse_together(places, table, fine, coarse):
        key = coarse
    for nodes in split_by(step.nodes, key):
        operands = graph.operands[graph.starts[nodes][:, None] + np.arange(arity)]
        chosen = best_order(places, operands)
        emit_elementwise(places, step, nodes[chosen], [operands[chosen, i] for i in range(arity)])


def _no_worse_together(places: Places, table: Ints, fine: Ints, coarse: Ints) -> bool:
    """Whether all of a few nodes gather no more operands than the largest group among them does alone."""
    if coarse.min() != coarse.max():
        return False
    kinds, sizes = np.unique(fine, return_counts=True)
    placed = [i for i in range(table.shape[1]) if (places.address[table[:, i]] >= 0).all()]
    if len(placed) < table.shape[1]:
        return False
    largest = table[fine == kinds[sizes.argmax()]]
    alone = gathers(places, largest, placed, np.arange(len(largest)))
    return 0 < alone >= gathers(places, table, placed, best_order(places, table))


def best_order(places: Places, operands: Ints) -> Ints:
    """The order of the nodes in which most operands are views: that of the text, or of an operand's addresses."""
    placed = [i for i in range(operands.shape[1]) if (places.address[operands[:, i]] >= 0).all()]
    as_is = np.arange(len(operands))
    best, fewest = as_is, gathers(places, operands, placed, as_is)
    for i in placed:
        if fewest == 0:
            break
        order = np.argsort(places.address[operands[:, i]], kind="stable")
        bad = gathers(places, operands, placed, order)
        if bad < fewest:
            best, fewest = order, bad
    return best


def gathers(places: Places, operands: Ints, placed: list[int], order: Ints) -> int:
    return sum(pattern(places.address[operands[order, i]]) is None for i in placed)


def emit_elementwise(places: Places, step: Step, nodes: Ints, columns: list[Ints]) -> None:
    operands, shape = places.accesses(columns)
    learns = tuple(places.learning(ids) for ids in columns)
    out = in_place(places, step, nodes, columns, operands, shape) or places.new(nodes, shape, step.batched)
    places.instructions.append(Elementwise(places.graph.rows[step.code], tuple(operands), learns, out, nodes))


def in_place(
    places: Places, step: Step, nodes: Ints, columns: list[Ints], operands: list[Access], shape: tuple[int, ...]
) -> View | None:
    """The memory of an operand, if the result can take its place; None if it cannot.

    So a bias is added to the sums of products where they are. Nobody else may need the operand, nor may any
    derivative: that of an addition is 1, and sums and products do not look at their results.
    """
    row = places.graph.rows[step.code]
    for i in {TABLE["add"]: (0, 1), TABLE["sub"]: (0,)}.get(row, ()):
        access, others = operands[i], operands[:i] + operands[i + 1 :]
        if isinstance(access, View) and access not in others and _is_free(places, step, nodes, columns[i]):
            places.address[nodes] = places.address[columns[i]]
            places.origin[nodes] = len(places.instructions) + 1
            strides = np.cumprod([1, *shape[:0:-1]])[::-1]
            return View(access.memory, access.offset, shape, tuple(int(s) for s in strides))
    return None


def _is_free(places: Places, step: Step, nodes: Ints, ids: Ints) -> bool:
    """Whether these operands are all that one sum or product made, in a row, and nobody else's."""
    made_by = int(places.origin[ids[0]])
    if made_by < 1 or (places.uses[ids] != 1).any() or (places.graph.batched[ids] != step.batched).any():
        return False
    if places.graph.learns[ids].any() != places.graph.learns[nodes].any():
        return False
    if not (np.diff(places.address[ids]) == 1).all() or (places.origin[ids] != made_by).any():
        return False
    maker = places.instructions[made_by - 1]
    return isinstance(maker, MatrixProduct | Total) or (isinstance(maker, Elementwise) and maker.row in FORGETFUL)
