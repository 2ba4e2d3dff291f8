"""Sums, and other primitives of one or several vectors, as instructions: equal lengths as a matrix, others in a row.

>>> from autograd_tiny import Value, compile, maximum
>>> w = [Value(1.0), Value(5.0), Value(3.0)]
>>> program = compile(lambda: [maximum(w[:k]) for k in (1, 2, 3)], scalars="never")
>>> program()
[1.0, 5.0, 5.0]
>>> [type(instruction).__name__ for instruction in program.last.program.instructions]
['Segments']
"""

from __future__ import annotations

import numpy as np

from ...table.ops import TABLE
from ..record.graph import Ints, ranges
from ..simplify.schedule import Step
from .instructions import Reduction, Segments, Total
from .layout import Gather, Number, View, pattern
from .places import Places, split_by

UNORDERED = frozenset((TABLE["logsumexp"], TABLE["norm"]))
"""Of one vector in any order. Of 0 and -0 the first is the maximum, and the minimum."""


def sorted_terms(places: Places, table: Ints) -> Ints:
    """Each row's operands by address, unplaced ones last: a sum may be taken in any order."""
    key = np.where(places.address[table] < 0, table + (1 << 50), places.address[table])
    return np.take_along_axis(table, np.argsort(key, axis=1, kind="stable"), axis=1)


def totals(places: Places, step: Step) -> None:
    graph = places.graph
    for group in split_by(step.nodes, places.memory[graph.operands[graph.starts[step.nodes]]]):
        counts = graph.counts[group]
        lengths = np.unique(counts)
        if len(lengths) > 2:
            segments(places, step, group, counts)
            continue
        for k in lengths.tolist():
            nodes = group[counts == k]
            table = graph.operands[graph.starts[nodes][:, None] + np.arange(k)]
            total(places, step, nodes, sorted_terms(places, table), k)


def total(places: Places, step: Step, nodes: Ints, table: Ints, k: int) -> None:
    if (places.address[table] >= 0).all() and pattern(places.address[table].reshape(-1)) is None:
        order = np.argsort(places.address[table[:, 0]], kind="stable")
        nodes, table = nodes[order], table[order]
    learns = places.learning(table.reshape(-1))
    (operand,), shape = places.accesses([table.reshape(-1)], (k,))
    size, inner = 1, 0
    while size < k:
        inner += 1
        size *= shape[-inner]
    if size != k or k == 1:  # an axis of one: it has no place in the shape
        shape, inner = (len(nodes), k), 1
        operand = places.matrix(table)
    out = places.new(nodes, shape[: len(shape) - inner] or (1,), step.batched)
    places.instructions.append(Total(operand, inner, learns, out, nodes))


def segments(places: Places, step: Step, nodes: Ints, counts: Ints) -> None:
    graph = places.graph
    nodes, counts = nodes[order := np.argsort(graph.position[nodes], kind="stable")], counts[order]
    ids = graph.operands[ranges(graph.starts[nodes], counts)]
    (operand,), _ = places.accesses([ids], (1,))
    if not (isinstance(operand, View) and len(operand.shape) == 1):
        operand = Gather(
            places.memory_of(ids),
            places.address[ids] if isinstance(operand, Number) else operand.addresses().reshape(-1),
            (len(ids),),
        )
    out = places.new(nodes, (len(nodes),), step.batched)
    starts = np.cumsum(counts) - counts
    row = graph.rows[step.code]
    places.instructions.append(Segments(row, operand, places.learning(ids), starts, out, nodes))


def reductions(places: Places, step: Step) -> None:
    """Vectors of one length as a matrix; of several, one after the other, if there is one to a node."""
    graph = places.graph
    row, counts = graph.rows[step.code], graph.counts[step.nodes]
    if len(row.arguments) > 1 or len(np.unique(counts)) <= 2:
        for nodes in split_by(step.nodes, counts):
            reduction(places, step, nodes)
        return
    for nodes in split_by(step.nodes, places.memory[graph.operands[graph.starts[step.nodes]]]):
        segments(places, step, nodes, graph.counts[nodes])


def reduction(places: Places, step: Step, group: Ints) -> None:
    graph = places.graph
    row = graph.rows[step.code]
    k = int(graph.counts[group[0]]) // len(row.arguments)
    heads = graph.starts[group][:, None] + np.arange(len(row.arguments)) * k
    key = (places.memory[graph.operands[heads]] * 64 ** np.arange(len(row.arguments))).sum(axis=1)
    for nodes in split_by(group, key):
        vectors, learns = [], []
        for i in range(len(row.arguments)):
            table = graph.operands[graph.starts[nodes][:, None] + i * k + np.arange(k)]
            if row in UNORDERED:
                table = sorted_terms(places, table)
            vectors.append(places.matrix(table))
            learns.append(places.learning(table.reshape(-1)))
        out = places.new(nodes, (len(nodes),), step.batched)
        places.instructions.append(Reduction(row, tuple(vectors), tuple(learns), out, nodes))
