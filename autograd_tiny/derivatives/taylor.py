"""Taylor mode: all derivatives of a function up to an order, at a cost that grows with the square of the order.

Nesting `grad` n times makes a graph that grows exponentially. Here the function runs once, and each node of its graph
is gone over once, in truncated power series (`table/namespaces/series.py`).

>>> from autograd_tiny import exp, sin
>>> taylor(lambda x: x ** 3, 2.0, 4)
[8.0, 12.0, 12.0, 6.0, 0.0]
>>> [round(d, 6) for d in taylor(lambda x: sin(exp(x)), 0.0, 3)]
[0.841471, 0.540302, -0.301169, -2.524413]
>>> taylor(lambda v: v[0] ** 2 * v[1], [1.0, 2.0], 2, direction=[1.0, 0.0])     # along a line
[2.0, 4.0, 4.0]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container
from contextlib import nullcontext
from math import factorial, isfinite
from typing import Any

from .. import errors
from ..core import Value, constant, gradient_numbers, topological_order
from ..core.masks import taken
from ..errors.looking import looking
from ..modes.infinities import nonfinite, nonfinite_allowed
from ..modes.recording import being_recorded
from ..table.namespaces import FLOATS
from ..table.namespaces.coefficients import Given, Series
from ..table.namespaces.series import SeriesOver
from ..table.ops import TABLE
from .custom import NumbersOnly
from .differentiate import gradients
from .functions import VALUES
from .local_graphs import dependents, never_moving, number_of, own
from .recorded import Recording, matching
from .structure import flatten, rebuild


class _Graphs(SeriesOver):
    """Series of Values: derivatives that depend on other leaves, and can be differentiated again."""

    def __init__(self) -> None:
        super().__init__(VALUES, numeric=False)

    def number(self, x: Any) -> float | None:
        """Which formula serves depends on the number; but a program that is recorded is for all of them."""
        if isinstance(x, Value):
            return None if being_recorded() else x.data
        return float(x)


def taylor(f: Callable[[Any], Any], x: Any, order: int, direction: Any = None) -> list[Any]:
    """``[f(x), f'(x), …]``, the derivatives of ``f`` from the value to the one of order ``order``.

    ``f`` takes a scalar, or nested lists of scalars together with a ``direction`` of the same structure: then the
    derivatives are those of t ↦ f(x + t · direction) at 0. Each has the structure of what ``f`` gives. As with `grad`,
    on Values, or of a function that reaches Values from outside, the answers are Values.

    Raises `NonFiniteError` where a derivative is not finite.
    """
    order = _order(order)
    recording = Recording(f, [0], [x], {})
    if direction is None:
        if len(recording.variables) != 1:
            raise TypeError(
                f"taylor got {errors.shorten(x)}: expected one number, or a direction of the same structure: "
                "taylor(f, x, order, direction=…)"
            )
        direction = rebuild(x, iter([1.0]))
    seeds = matching(recording.variables, [direction], "direction", [x])
    graph = recording.graph or any(isinstance(seed, Value) for seed in seeds)
    space = _Graphs() if graph else SeriesOver(FLOATS)
    known: dict[Value, Any] = {
        variable: space.variable(variable if graph else variable.data, seed)
        for variable, seed in zip(recording.variables, seeds, strict=True)
    }
    nodes, doubtful = topological_order(*recording.outputs), order + 1
    with nonfinite("allow"), looking() if graph else nullcontext():  # as in `differentiate`; see `_Graphs.number`
        try:
            doubtful = _interpret(space, nodes, known, order, graph)
            derivatives = [_derivatives(space, output, known.get(output), order) for output in recording.outputs]
        except NumbersOnly:  # a function with a backward of its own has no rule to run on series
            derivatives = [_nested(recording, output, seeds, order, graph) for output in recording.outputs]
    by_order = [list(column) for column in zip(*derivatives, strict=True)] or [[] for _ in range(order + 1)]
    if not being_recorded() and not nonfinite_allowed():
        _check_finite(recording, by_order)
        if doubtful <= min(order, MOST_NESTED):
            for output in recording.outputs:
                _nested(recording, output, seeds, doubtful, graph)
    if graph:
        supply = iter(own([y for column in by_order for y in column], nodes))
        by_order = [[next(supply) for _ in column] for column in by_order]
    recording.close()
    return [rebuild(recording.out, iter(column)) for column in by_order]


def _nested(recording: Recording, output: Value, seeds: list[Any], order: int, graph: bool) -> list[Any]:
    """The same by differentiating again and again, at a cost that grows faster than any power of the order."""
    found = [output]
    for k in range(order):
        slopes = gradients(found[-1], recording.variables, create_graph=graph or k < order - 1)
        total = sum(slope * seed for slope, seed in zip(slopes, seeds, strict=True))
        found.append(total if isinstance(total, Value) else constant(total))
    return [y if graph else y.data for y in found]


def _order(order: Any) -> int:
    try:
        if isinstance(order, (bool, Value)) or (found := operator.index(order)) < 0:
            raise TypeError
    except TypeError:
        raise TypeError(f"taylor: order got {errors.shorten(order)}: expected a whole number, 0 or more") from None
    return found


def _interpret(space: SeriesOver, nodes: list[Value], known: dict[Value, Any], order: int, graph: bool) -> int:
    """Give each node that depends on those ``known`` its series, all of it: so no rule waits for a chain of nodes.

    The least order at which one on the way is not finite, order + 1 if all are: what meets it, a constant 0 say, may
    not tell, and reverse mode has to.
    """
    needed, doubtful = dependents(nodes, known), order + 1
    for node in nodes:
        if node not in needed or node in known:
            continue
        row = node.primitive
        masked = not being_recorded() and _is_masked(node, known)
        flat = [
            known.get(parent, parent if graph and not parent.is_constant else Given(parent.data))
            for parent in node.parents
        ]
        if row.filled:
            row, flat = TABLE[row.name], [*flat, *map(Given, row.filled)]
        operands = row.operands(flat)
        if row.name in SERIES and TABLE.get(row.name) is row:
            series = getattr(space, row.name)(*operands)
        else:
            series = space.apply(row, operands, node if graph else node.data)
        if isinstance(series, Series):
            if not series.known:
                series.known.append(node if graph else node.data)
            found = series.settle(order)
            if not being_recorded():
                odd = (k for k, c in enumerate(found) if not isfinite(number_of(c)))
                doubtful = min(next(odd, order + 1), doubtful)
            if not (masked and (series.still or never_moving(node))):
                known[node] = series
    return doubtful


def _is_masked(node: Value, known: Container[Value]) -> bool:
    """Whether of what moves it nothing passes, as on relu's flat side."""
    if 0.0 not in node.local_derivatives:
        return False
    return not any(goes and parent in known for parent, goes in zip(node.parents, taken(node), strict=True))


SERIES = frozenset(name for name in TABLE if name in vars(SeriesOver))
"""The rows that series have a way of their own for."""


def _derivatives(space: SeriesOver, output: Value, series: Any, order: int) -> list[Any]:
    """The coefficients, each times the factorial of its order; of what does not move, only a value."""
    start: Any = output if not space.numeric else output.data
    if not isinstance(series, Series):
        return [start, *[0.0] * order]
    found = [start]
    for k in range(1, order + 1):
        derivative = space.times(float(factorial(min(k, LARGEST))), series.at(k))
        for j in range(LARGEST + 1, k + 1):
            derivative = space.times(float(j), derivative)
        found.append(derivative)
    return found


MOST_NESTED = 6
"""The cost of asking reverse mode grows exponentially with the order."""
LARGEST = 170
"""The factorial of more is no float."""


def _check_finite(recording: Recording, by_order: list[list[Any]]) -> None:
    for k, column in enumerate(by_order):
        for output, derivative in zip(recording.outputs, column, strict=True):
            number = number_of(derivative)
            if not isfinite(number):
                if k == 1:
                    gradient_numbers(output, recording.variables)  # which says at which node, and why
                at = [x.data if isinstance(x, Value) else x for x in flatten(recording.arguments[0])]
                raise errors.NonFiniteError(
                    f"taylor: the derivative of order {k} at {errors.shorten(at[0] if len(at) == 1 else at)} is "
                    f"{number!r}: ask for a lower order, or elsewhere; with nonfinite('allow') it is returned as it is"
                )
