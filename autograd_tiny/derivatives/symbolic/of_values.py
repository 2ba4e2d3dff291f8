"""Jacobians and Hessians inside a function that is being recorded: derived as one graph, and made into Values.

The sweeps of `differentiate` would make a graph for each output or variable, which the compiler then has to read.

>>> from autograd_tiny import compile, hessian, jacobian
>>> program = compile(lambda v: [jacobian(lambda v: v[0] * v[1])(v)[0], hessian(lambda v: v[0] ** 3)(v)[0][0]])
>>> program([2.0, 5.0])
[5.0, 12.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core import Value, apply, topological_order, variadic
from ...errors.looking import looking
from ...modes.recording import note_derived
from ...table.ops import TABLE
from ..local_graphs import own
from .expressions import Expressions
from .hessians import hessian
from .jacobians import Entries, jacobian


def jacobian_values(outputs: Sequence[Value], variables: Sequence[Value]) -> list[list[Value]]:
    """d(output)/d(variable) as Values, a row for each output; `Underivable` if a rule cannot be written down."""
    e, places = written(outputs, variables)
    entries = jacobian(e, [places[y] for y in outputs], [places[v] for v in variables])
    return values(e, places, entries, len(outputs), len(variables))


def hessian_values(root: Value, variables: Sequence[Value]) -> list[list[Value]]:
    """The second derivatives of ``root`` as Values; both halves have the same nodes."""
    e, places = written([root], variables)
    beside: list[int] = []
    entries = hessian(e, places[root], [places[v] for v in variables], beside)
    both = {**{(j, i): place for (i, j), place in entries.items()}, **entries}
    return values(e, places, both, len(variables), len(variables), beside)


def written(outputs: Sequence[Value], variables: Sequence[Value]) -> tuple[Expressions, dict[Value, int]]:
    """The graph below the outputs down to the variables as expressions, and the place of each node.

    What no variable leads to is a leaf: it is there already, and may be the variable of a derivative around this one,
    which an equal expression of what lies below it would pass by.
    """
    e = Expressions(corners=True)
    places = {v: e.leaf() for v in variables}
    led_to = {*variables}
    with looking():  # at constants, which are the same for every sample
        for node in topological_order(*outputs):
            if node in places:
                continue
            if node.is_constant:
                places[node] = e.constant(node.data)
            elif led_to.isdisjoint(node.parents):
                places[node] = e.leaf()
            else:
                led_to.add(node)
                row, operands = node.primitive, [places[parent] for parent in node.parents]
                if row.filled:
                    row, operands = TABLE[row.name], [*operands, *map(e.constant, row.filled)]
                places[node] = e.apply(row, tuple(operands))
    return e, places


def values(
    e: Expressions, places: dict[Value, int], entries: Entries, rows: int, columns: int, beside: Sequence[int] = ()
) -> list[list[Value]]:
    """The entries as Values, each a node of its own; what was recorded already is taken as it is.

    What is ``beside`` is computed as well, and has to be finite.
    """
    made: dict[int, Any] = {}
    for node, place in places.items():
        made.setdefault(place, node)
    for place in e.below([*entries.values(), *beside]):
        number = e.numbers[place]
        if number is not None:
            made[place] = number
        elif place not in made:
            row = e.rows[place]
            operands = tuple(row.operands([made[i] for i in e.operands[place]]))
            quick = variadic(row, operands) if row.variadic else None
            made[place] = apply(row, operands) if quick is None else quick
    note_derived(x for x in map(made.__getitem__, beside) if isinstance(x, Value))
    found = [made[entries[i, j]] if (i, j) in entries else 0.0 for i in range(rows) for j in range(columns)]
    supply = iter(own(found, places))
    return [[next(supply) for _ in range(columns)] for _ in range(rows)]
