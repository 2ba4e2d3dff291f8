"""From steps to instructions: each kind of operation to the module that groups it, lays it out, and emits it.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> from autograd_tiny.compiler.simplify.schedule import schedule
>>> graph = record([Value(2.0).exp()], [], batch=False)
>>> steps, height = schedule(graph)
>>> [str(i.row.name) for i in lower(graph, steps, {}, [], False, height).instructions]
['exp']
"""

from __future__ import annotations

import numpy as np

from ...derivatives.loop_rows import OUTPUT, loop_of
from ..record.graph import COMPUTED, PARAMETER, Graph, Ints
from ..simplify.schedule import Step
from .cost import HOPELESS, LINE, PATIENCE, element_seconds, line_count
from .dots import dots
from .elementwise import elementwise
from .instructions import operands_of
from .layout import Gather
from .loops import loop_calls
from .places import Places
from .sums import reductions, totals


class TooDear(Exception):
    """Arrays would be slower than scalars: ``arrays`` seconds for that ``share`` of the work.

    ``irregular``: most of what they read would have to be fetched number by number.
    """

    def __init__(self, arrays: float, share: float, irregular: bool) -> None:
        super().__init__(arrays, share, irregular)
        self.arrays, self.share, self.irregular = arrays, share, irregular


def lower(
    graph: Graph,
    steps: list[Step],
    input_place: dict[int, tuple[int, int]],
    input_counts: list[int],
    batch: bool,
    height: Ints,
    scalars: float = np.inf,
    samples: int = 1,
    line: float = LINE,
    loaded: int = 0,
) -> Places:
    """The instructions for ``steps``, and where their numbers lie.

    `TooDear` if they look like taking longer than ``scalars`` seconds for so many samples. ``loaded`` inputs lie among
    what each sample has, at its beginning.
    """
    places = Places(graph, input_place, input_counts, batch, height, loaded)
    total, done, arrays = int(graph.counts[graph.kinds == COMPUTED].sum()), 0, 0.0
    for step in steps:
        first = len(places.instructions)
        _step(places, step)
        done += int(graph.counts[step.nodes].sum())
        for made in places.instructions[first:]:
            shared, each = element_seconds(made)
            arrays += line * line_count(made) + shared + each * samples
        if arrays > scalars or (done > PATIENCE * total and arrays * total > HOPELESS * scalars * done):
            operands = [access for made in places.instructions for access in operands_of(made)]
            irregular = 2 * sum(isinstance(access, Gather) for access in operands) > len(operands)
            raise TooDear(arrays, done / total, irregular)
    rest = np.flatnonzero((graph.kinds == PARAMETER) & (places.address < 0))
    if len(rest):
        places.addresses(rest)
    for root in graph.roots.tolist():
        if places.address[root] < 0:
            places.address[root] = places.addresses(np.array([root]))[0]
    return places


def _step(places: Places, step: Step) -> None:
    row = places.graph.rows[step.code]
    if row is OUTPUT:
        return
    if loop_of(row) is not None:
        loop_calls(places, step)
    elif step.code == places.graph.code("dot"):
        dots(places, step)
    elif step.code == places.graph.code("sum"):
        totals(places, step)
    elif row.variadic:
        reductions(places, step)
    else:
        elementwise(places, step)
