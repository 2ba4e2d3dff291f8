"""The Jacobian or Hessian of a recorded graph by some of its inputs, as a graph whose roots are the entries.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> x, y = Value(2.0), Value(3.0)
>>> made = derived(record([x * y * y], [[x, y]], batch=False), [x, y], "hessian")
>>> made.rows.tolist(), made.columns.tolist(), made.shape
([1, 1], [0, 1], (2, 2))
>>> print(made.graph.written())  # its entries last; the others show that function and gradient are finite
n1 = mul(x1, x2)
n2 = mul(x2, n1)
n3 = dot([x2, x1], [x1, x2])
n4 = mul(x2, x2)
n5 = mul(2, x2)
n6 = mul(2, x1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...core import Value
from ...derivatives.symbolic.expressions import Expressions
from ...derivatives.symbolic.hessians import hessian
from ...derivatives.symbolic.jacobians import jacobian
from ...errors import counted
from ...table.primitive import LEAF
from ..record.checks import checked
from ..record.graph import COMPUTED, CONSTANT, DISSOLVED, Graph, Ints

JACOBIAN, HESSIAN = "jacobian", "hessian"


@dataclass(frozen=True)
class Derived:
    """A graph whose roots are entries of a matrix; ``rows`` and ``columns`` say which, all others are 0.

    Of a Hessian they are those on and below the diagonal.
    """

    graph: Graph
    rows: Ints
    columns: Ints
    shape: tuple[int, int]
    symmetric: bool


CHAINED = 16
"""Of a batch a sum of up to so many terms is as many operations on rows; of one sample every sum of products is one."""


def derived(graph: Graph, variables: Sequence[Value], kind: str) -> Derived:
    """The derivatives of the roots, or the second derivatives of the only one; `Underivable` if a rule has no text."""
    e = Expressions(CHAINED if graph.batched.any() else 1)
    leaves, places = expressions_of(graph, e)
    place_of = {leaf: places[node] for node, leaf in graph.leaves.items()}
    columns = [place_of[v] if v in place_of else e.leaf() for v in variables]
    roots = [places[root] for root in graph.roots.tolist()]
    beside = [places[node] for node in np.flatnonzero(graph.kinds == COMPUTED).tolist()]
    entries = hessian(e, roots[0], columns, beside) if kind == HESSIAN else jacobian(e, roots, columns)
    order = sorted(entries)
    made = checked(graph_of(graph, e, leaves, [*(entries[entry] for entry in order), *beside]), len(order))
    rows, across = (np.array([entry[k] for entry in order], np.int64) for k in (0, 1))
    shape = (len(columns) if kind == HESSIAN else len(roots), len(columns))
    there = len(order) if kind == JACOBIAN else 2 * len(order) - int((rows == across).sum())
    story = (
        f"Its {kind.capitalize()} by {counted(len(columns), 'input')} has {shape[0] * shape[1]:,} entries, of which "
        f"{there:,} are not 0 for every input: {counted(made.recorded.operations, 'operation')}"
    )
    return Derived(replace(made, story=(*graph.story, story)), rows, across, shape, kind == HESSIAN)


def expressions_of(graph: Graph, e: Expressions) -> tuple[dict[int, int], list[int]]:
    """The graph written into ``e``: the node of each leaf there, and the place of each node."""
    places = [-1] * graph.size
    leaves: dict[int, int] = {}
    numbers = graph.numbers.tolist()
    kinds, codes = graph.kinds.tolist(), graph.codes.tolist()
    starts, operands = graph.starts.tolist(), graph.operands.tolist()
    for node, kind in enumerate(kinds):
        if kind == CONSTANT:
            places[node] = e.constant(numbers[node])
        elif kind not in (COMPUTED, DISSOLVED):
            places[node] = e.leaf()
            leaves[places[node]] = node
    for node, kind in enumerate(kinds):
        if kind == COMPUTED:
            places[node] = e.apply(
                graph.rows[codes[node]], tuple([places[i] for i in operands[starts[node] : starts[node + 1]]])
            )
    return leaves, places


def graph_of(graph: Graph, e: Expressions, leaves: dict[int, int], roots: Sequence[int]) -> Graph:
    """What the roots are computed from, with the leaves of ``graph``; nothing of it learns."""
    live = e.below([*roots, e.zero])
    index = {place: i for i, place in enumerate(live)}
    rows = [*graph.rows]
    code_of = {row: code for code, row in enumerate(rows)}
    code_of[LEAF] = 0
    n = len(live)
    codes, kinds, numbers = np.zeros(n, np.int32), np.full(n, COMPUTED, np.uint8), np.zeros(n)
    batched, memory = np.zeros(n, bool), np.zeros(n, np.int64)
    counts = np.zeros(n + 1, np.int64)
    operands: list[int] = []
    kept: dict[int, Value] = {}
    each: list[bool] = []
    for i, place in enumerate(live):
        number, node = e.numbers[place], leaves.get(place)
        if number is not None:
            codes[i], kinds[i], numbers[i] = 1, CONSTANT, number
            each.append(False)
        elif node is not None:
            kinds[i], memory[i] = graph.kinds[node], graph.memory[node]
            kept[i] = graph.leaves[node]
            each.append(bool(graph.batched[node]))
        else:
            row = e.rows[place]
            if row not in code_of:
                code_of[row] = len(rows)
                rows.append(row)
            mine = [index[x] for x in e.operands[place]]
            codes[i], counts[i + 1] = code_of[row], len(mine)
            operands += mine
            each.append(any(each[x] for x in mine))
            memory[i] = each[-1]
    batched[:] = each
    recorded = graph.recorded._replace(operations=int((kinds == COMPUTED).sum()))
    return Graph(
        rows, codes, np.cumsum(counts), np.array(operands, np.int64), numbers, kinds, batched, np.zeros(n, bool),
        np.arange(n), np.array([index[root] for root in roots], np.int64), kept, memory, index[e.zero], graph.story,
        recorded,
    )  # fmt: skip


def dense_places(made: Derived) -> tuple[Any, Any]:
    """Where in the whole matrix, row by row, there is an entry, and which root is there."""
    rows, columns = made.rows, made.columns
    at, which = rows * made.shape[1] + columns, np.arange(len(rows))
    if made.symmetric:
        off = rows != columns
        at = np.concatenate([at, (columns * made.shape[1] + rows)[off]])
        which = np.concatenate([which, which[off]])
    order = np.argsort(at, kind="stable")
    return at[order], which[order]
