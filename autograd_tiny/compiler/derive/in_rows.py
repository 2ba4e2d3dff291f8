"""An irregular graph for a batch, operation by operation: each number of a sample has a row of its own.

Steps of many operations pay where their operands lie as matrices. In the derivatives of a formula they lie anywhere,
and would have to be gathered: copied row by row. One by one each operand is a row, and nothing is copied; the rows of
some hundred samples stay in cache until they are read.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.pipeline import Inputs
>>> from autograd_tiny.compiler.record.graph import record
>>> from autograd_tiny.modes.recording import INPUT
>>> from autograd_tiny.core import make_node
>>> x = make_node(INPUT, 2.0, (), ())
>>> graph = record([x.exp() * x.sin() + x], [[x]], batch=True)
>>> [i.row.name for i in in_rows(graph, Inputs.of(graph, [[x]], True)).instructions]
['identity', 'exp', 'sin', 'mul', 'add']
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..lower.dispatch import lower
from ..record.graph import COMPUTED, INPUT, Graph
from ..simplify.flatten import lift
from ..simplify.schedule import Step

if TYPE_CHECKING:
    from ..lower.places import Places
    from ..pipeline import Inputs


def in_rows(graph: Graph, inputs: Inputs) -> Places:
    """The instructions, one for each operation, in the order in which they were derived."""
    copied = lift(with_inputs_in_rows(graph))
    order = np.argsort(copied.position, kind="stable")
    steps = [
        Step(int(copied.codes[node]), bool(copied.batched[node]), np.array([node]))
        for node in order[copied.kinds[order] == COMPUTED].tolist()
    ]
    return lower(copied, steps, inputs.places(), inputs.counts, True, np.zeros(copied.size, np.int64))


def with_inputs_in_rows(graph: Graph) -> Graph:
    """Each input that is read more than once as a row, with the samples side by side: as given, they lie far apart."""
    uses = np.bincount(graph.operands, minlength=graph.size)
    spread = np.flatnonzero((graph.kinds == INPUT) & graph.batched & (uses > 1))
    n, k = graph.size, len(spread)
    row_of = np.arange(n)
    row_of[spread] = n + np.arange(k)
    identity = np.full(k, graph.code("identity"), graph.codes.dtype)
    return replace(
        graph,
        codes=np.append(graph.codes, identity),
        starts=np.append(graph.starts, len(graph.operands) + 1 + np.arange(k)),
        operands=np.append(row_of[graph.operands], spread) if len(graph.operands) else graph.operands,
        numbers=np.append(graph.numbers, np.zeros(k)),
        kinds=np.append(graph.kinds, np.full(k, COMPUTED, graph.kinds.dtype)),
        batched=np.append(graph.batched, np.ones(k, bool)),
        learns=np.append(graph.learns, graph.learns[spread]),
        position=np.append(graph.position, np.arange(k) - k),
        memory=np.append(graph.memory, np.ones(k, np.int64)),
    )
