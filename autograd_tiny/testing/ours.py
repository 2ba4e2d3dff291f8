"""Our own derivatives on trial: reverse mode against the oracles, and against forward mode.

>>> from autograd_tiny.testing.cases import Case
>>> checker = Ours(Case(lambda x: x * x, (3.0,)), tolerance=None)
>>> checker.check(1)
>>> checker.report.comparisons[0].ours, checker.report.verdict
(6.0, 'agreed')

Of a function on our Values nothing has to be guessed, even where it does not run on mpmath numbers (because it
reads ``.data``, say): what it records is a function of the table's rules, which have 60 digits. It stands for the
function if it is the same one, with the same constants, at points near by.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

from ..core import Value, engine, topological_order
from ..derivatives.differentiate import gradients, push_forward
from .cases import Case
from .checkers import Checker, Index
from .oracles import EPS, Estimate, Exact, granularity, scales
from .oracles.floats import extrapolated
from .programs import Apply, Expression, Variable, order, tree_of
from .rounding import rounding_bound, sweep_bounds
from .verdicts import DISAGREED, LEAST, Comparison


class Ours(Checker):
    """A function on our Values."""

    whose = f"reverse mode, {engine} engine"

    def __init__(self, case: Case, tolerance: float | None) -> None:
        self.leaves = [Value(x) for x in case.point]
        self.root = case.record(self.leaves)
        self.levels: dict[Index, Value] = {(): self.root}
        self.bounds: dict[Index, float] = {}
        super().__init__(case, self.root.data, tolerance)
        if self.exact is None:
            self.exact = recorded_exactly(case, self.root, self.leaves)

    @cached_property
    def largest(self) -> float:
        """The largest number of the graph."""
        return max(abs(node.data) for node in topological_order(self.root))

    def step_aside(self) -> None:
        self.exact = recorded_exactly(self.case, self.root, self.leaves)

    def along(self, index: Index) -> Callable[[float], float]:
        if len(index) == 1:
            return super().along(index)
        point, i = self.case.point, index[-1]

        def lower(t: float) -> float:
            leaves = [Value(x) for x in [*point[:i], point[i] + t, *point[i + 1 :]]]
            try:
                node = self.case.record(leaves)
                for j in index[:-1]:
                    node = gradients(node, leaves[j], create_graph=True)
            except Exception:  # as in `Case.quiet_value`: nobody asked about this point
                return float("nan")
            return node.data

        return lower

    def by_floats(self, index: Index) -> Estimate:
        if len(index) == 1:
            return super().by_floats(index)
        phi, x = self.along(index), self.case.point[index[-1]]
        found = [extrapolated(phi, scale, granularity(phi, scale))[0] for scale in scales(x)]
        return min(found, key=lambda estimate: estimate.error)

    def check(self, order: int) -> None:
        n = len(self.leaves)
        if order == 1:
            self._first()
            return
        for below in combinations_with_replacement(range(n), order - 1):
            graphs = gradients(self.levels[below], self.leaves, create_graph=True)
            for i, bound in enumerate(sweep_bounds(self.levels[below], self.leaves)):
                self.levels[(*below, i)] = graphs[i]
                self.bounds[(*below, i)] = bound + rounding_bound(graphs[i])
        for index in combinations_with_replacement(range(n), order):
            self._compare_within(index, self.levels[index].data, self.bounds[index])
            self._symmetry(index)

    def _compare_within(self, index: Index, ours: float, bound: float) -> None:
        """A comparison where ``bound`` is what rounding may do to our own sums."""
        natural = bound / EPS
        if len(index) == 1:  # rounding that moves it by more than anything on the way is, leaves nothing to call flat
            size = abs(self.case.point[index[0]]) or 1.0
            natural = max(self.natural(index[0]), natural if bound * size <= LEAST * self.largest else 0.0)
        self.compare(index, ours, lambda estimate: (bound, natural))

    def _first(self) -> None:
        ours = gradients(self.root, self.leaves)
        bounds = self._bounds(ours)
        for i, found in enumerate(ours):
            self._compare_within((i,), found, bounds[i])
        self._forward_mode(ours, bounds)
        self.bent()

    def _bounds(self, ours: list[float]) -> list[float]:
        """The rounding of each first derivative, from the graph of it."""
        from .custom import NumericalOnly

        try:
            graphs = gradients(self.root, self.leaves, create_graph=True)
        except (NumericalOnly, ArithmeticError):  # no graph to measure: a rule in numbers only, or one that overflows
            return [1e4 * EPS * max(abs(found), abs(self.root.data)) for found in ours]
        self.levels |= {(i,): node for i, node in enumerate(graphs)}
        swept = sweep_bounds(self.root, self.leaves)
        return [bound + rounding_bound(node) for bound, node in zip(swept, graphs, strict=True)]

    def _forward_mode(self, ours: list[float], bounds: list[float]) -> None:
        """One direction pushed forward must be the gradient's component in it."""
        direction = [(1.0, -0.5, 0.25, -2.0)[i % 4] for i in range(len(ours))]  # powers of 2: nothing is rounded
        pushed = push_forward([self.root], dict(zip(self.leaves, direction, strict=True)), False)[0]
        pulled = sum(d * g for d, g in zip(direction, ours, strict=True))
        allowed = sum(abs(d) * b for d, b in zip(direction, bounds, strict=True))
        allowed += len(ours) * EPS * sum(abs(d * g) for d, g in zip(direction, ours, strict=True))
        self._agree(
            pulled, Estimate(float(pushed), 0.0, "forward mode"), 2.0 * allowed, (self._all,), (tuple(direction),)
        )

    def _symmetry(self, index: Index) -> None:
        """A second derivative taken in the other order is the same."""
        turned = index[::-1]
        if turned in self.levels and turned != index and len(index) == 2:
            other = Estimate(self.levels[turned].data, self.bounds[turned], "the same, the other way round")
            names, at = tuple(self.case.names[i] for i in index), tuple(self.case.point[i] for i in index)
            self._agree(self.levels[index].data, other, self.bounds[index] + other.error, names, at)

    def _agree(self, ours: float, other: Estimate, allowed: float, names: tuple[str, ...], at: tuple[Any, ...]) -> None:
        if not abs(ours - other.value) <= allowed:
            why = "two ways through one graph"
            self.report.comparisons.append(
                Comparison(names, at, ours, other, allowed, DISAGREED, why, self.whose, self.case.of)
            )


def recorded_exactly(case: Case, root: Value, leaves: list[Value]) -> Exact | None:
    """The exact oracle of what ``case`` records; None if that is another function a little to the side.

    What reads ``.data`` records a constant that changes with the point, and a Python branch one of two functions.
    """
    tree = tree_of(root, leaves)
    here = _shape(Expression(tree, tuple(case.point)))
    for away in (2.0**-46, -(2.0**-46), 2.0**-26, -(2.0**-26)):
        moved = [Value(x + away * (abs(x) or 1.0)) for x in case.point]
        try:
            shape = _shape(Expression(tree_of(case.record(moved), moved), tuple(case.point)))
        except Exception:  # as in `Case.quiet_value`: nobody asked about this point
            return None
        if shape != here:
            return None
    alone = Case(Expression(tree, tuple(case.point)), case.point)
    return Exact.of(alone, root.data)


def _shape(e: Expression) -> list[Any]:
    """Every part in order, as what is done and with which earlier parts; a constant as its number."""
    parts = order(e.tree)
    place = {id(part): k for k, part in enumerate(parts)}
    shape: list[Any] = []
    for part in parts:
        if isinstance(part, Apply):
            shape.append((part.row.name, *(place[id(x)] for x in part.operands)))
        else:
            shape.append(part.index if isinstance(part, Variable) else ("number", part.value))
    return shape
