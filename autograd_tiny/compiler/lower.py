"""From steps to instructions: each kind of operation to the module that groups it, lays it out, and emits it.

>>> from autograd_tiny import Value
>>> from .graph import record
>>> from .schedule import schedule
>>> graph = record([Value(2.0).exp()], [], batch=False)
>>> steps, height = schedule(graph)
>>> [str(i.row.name) for i in lower(graph, steps, {}, [], False, height).instructions]
['exp']
"""

from __future__ import annotations

import numpy as np

from .dots import dots
from .elementwise import elementwise
from .graph import PARAMETER, Graph, Ints
from .places import Places
from .schedule import Step, TooNarrow
from .sums import reductions, totals


def lower(
    graph: Graph,
    steps: list[Step],
    input_place: dict[int, tuple[int, int]],
    input_counts: list[int],
    batch: bool,
    height: Ints,
    most: float = np.inf,
) -> Places:
    """The instructions for ``steps``, and where their numbers lie; `TooNarrow` if they become more than ``most``."""
    places = Places(graph, input_place, input_counts, batch, height)
    for step in steps:
        _step(places, step)
        if len(places.instructions) > most:
            raise TooNarrow(len(steps))
    rest = np.flatnonzero((graph.kinds == PARAMETER) & (places.address < 0))
    if len(rest):
        places.addresses(rest)
    for root in graph.roots.tolist():
        if places.address[root] < 0:
            places.address[root] = places.addresses(np.array([root]))[0]
    return places


def _step(places: Places, step: Step) -> None:
    row = places.graph.rows[step.code]
    if step.code == places.graph.code("dot"):
        dots(places, step)
    elif step.code == places.graph.code("sum"):
        totals(places, step)
    elif row.variadic:
        reductions(places, step)
    else:
        elementwise(places, step)
