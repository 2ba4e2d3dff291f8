"""The checks themselves: derivatives on trial, ours or another engine's, each against the surest oracle there is.

>>> from autograd_tiny.testing.cases import Case
>>> checker = Ours(Case(lambda x: x * x, (3.0,)), tolerance=None)
>>> checker.check(1)
>>> checker.report.comparisons[0].ours, checker.report.verdict
(6.0, 'agreed')
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement
from math import isfinite
from typing import Any

from ..core import Value, engine
from ..differentiate import gradients, push_forward
from ..errors import article, shorten
from ..operands import is_number
from ..structure import flatten
from .cases import Case
from .domains import kinked
from .kinks import bent, kink_exactly, kink_of_floats, kink_within_rounding
from .oracles import EPS, Estimate, Exact, best_richardson, complex_step, noise_of, scales
from .programs import Expression
from .rounding import rounding_bound, sweep_bounds
from .verdicts import (
    AGREED,
    DISAGREED,
    NOT_DIFFERENTIABLE,
    Comparison,
    GradientReport,
)

Index = tuple[int, ...]


class Checker:
    """The oracles for one case; subclasses know the derivatives that are on trial."""

    whose = "its gradient function"

    def __init__(self, case: Case, value: float, tolerance: float | None) -> None:
        self.case, self.tolerance = case, tolerance
        self.exact = Exact.of(case, value)
        self.report = GradientReport(case)
        if self.exact is not None and not isinstance(case.f, Expression) and not self.exact.precise():
            self.exact = None

    def along(self, index: Index) -> Callable[[float], float]:
        """What to difference for the derivative ``index``, as a function of the last variable's change."""
        point, i = self.case.point, index[-1]
        return lambda t: self.case.quiet_value([*point[:i], point[i] + t, *point[i + 1 :]])

    def estimate(self, index: Index) -> Estimate:
        """The derivative as the surest oracle sees it."""
        if self.exact is not None:
            found = self.exact.derivative(index)
            if isfinite(found.error):
                return found
        rough = best_richardson(self.along(index), self.case.point[index[-1]])
        if len(index) == 1:
            sharp = complex_step(self.case, index[0])
            if sharp is not None and abs(sharp.value - rough.value) <= rough.error and sharp.error < rough.error:
                return sharp
        return rough

    def trouble(self, index: Index, estimate: Estimate) -> str:
        """Why there is no such derivative here; "" if there is."""
        if self.exact is not None:
            return kink_exactly(self.exact, index)
        found = kink_of_floats(self.along(index), self.case.point[index[-1]])
        if not found and not self._informative(estimate):
            found = estimate.trouble or "no step is small enough for the difference quotients to settle"
        return found

    def _informative(self, estimate: Estimate) -> bool:
        size = max(abs(estimate.value), abs(self.case.quiet_value(self.case.point)))
        return estimate.error <= 1e-2 * size or estimate.error <= 1e-100

    def compare(self, index: Index, ours: float, rounding: float, estimate: Estimate | None = None) -> None:
        """One comparison more in the report."""
        estimate = estimate or self.estimate(index)
        why = self.trouble(index, estimate)
        allowed = estimate.error + rounding
        if self.tolerance is not None:
            allowed = max(allowed, self.tolerance * abs(estimate.value))
        verdict = AGREED if abs(ours - estimate.value) <= allowed else DISAGREED
        if verdict == DISAGREED and not why and self.exact is not None and self._branches:
            why = next(filter(None, (kink_within_rounding(self.exact, i) for i in index)), "")
        verdict = NOT_DIFFERENTIABLE if why else verdict
        if not why:
            why = f"the oracle's error {estimate.error:.1e}, rounding {rounding:.1e}"
        names, at = tuple(self.case.names[i] for i in index), tuple(self.case.point[i] for i in index)
        self.report.comparisons.append(Comparison(names, at, ours, estimate, allowed, verdict, why, self.whose))

    @property
    def _branches(self) -> bool:
        """Whether there may be a kink: not in an expression of smooth operations."""
        f = self.case.f
        return not isinstance(f, Expression) or any(kinked(row) for row in f.rows)

    def bent(self) -> None:
        """The last question of the first order: do the slopes along the axes make a plane?"""
        if self.exact is not None and self.report.verdict == AGREED:
            why = bent(self.exact, [c.oracle.value for c in self.report.comparisons])
            if why:
                first = self.report.comparisons[0]
                self.report.comparisons.append(
                    Comparison((self._all,), (tuple(self.case.point),), first.ours, first.oracle, 0.0,
                               NOT_DIFFERENTIABLE, why, self.whose)
                )  # fmt: skip

    @property
    def _all(self) -> str:
        """All the variables under one name."""
        return f"({', '.join(self.case.names)})"

    def check(self, order: int) -> None:
        raise NotImplementedError


class Ours(Checker):
    """A function on our Values: reverse mode against the oracles, and against forward mode."""

    whose = f"reverse mode, {engine} engine"

    def __init__(self, case: Case, tolerance: float | None) -> None:
        self.leaves = [Value(x) for x in case.point]
        self.root = case.record(self.leaves)
        self.levels: dict[Index, Value] = {(): self.root}
        self.bounds: dict[Index, float] = {}
        super().__init__(case, self.root.data, tolerance)

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
            except (ArithmeticError, ValueError):
                return float("nan")
            return node.data

        return lower

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
            self.compare(index, self.levels[index].data, self.bounds[index])
            self._symmetry(index)

    def _first(self) -> None:
        ours = gradients(self.root, self.leaves)
        bounds = self._bounds(ours)
        for i, found in enumerate(ours):
            self.compare((i,), found, bounds[i])
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
            self.report.comparisons.append(Comparison(names, at, ours, other, allowed, DISAGREED, why, self.whose))


class Foreign(Checker):
    """A function of floats with a gradient of its own."""

    def __init__(self, case: Case, gradient: Callable[..., Any], tolerance: float | None) -> None:
        super().__init__(case, case.value(case.point), tolerance)
        self._swept = [0.0] * len(case.point)
        if isinstance(case.f, Expression):  # its paths are known, and so what is lost where they cancel
            leaves = [Value(x) for x in case.point]
            self._swept = sweep_bounds(case.record(leaves), leaves)
        self.gradient = self.report.gradient = gradient

    def check(self, order: int) -> None:
        given = self.gradient(*self.case.args)
        ours = _one_for_each(given, self.case)
        for i, found in enumerate(ours):
            estimate = self.estimate((i,))
            self.compare((i,), found, self._rounding(i, estimate), estimate)
        self.bent()

    def _rounding(self, i: int, estimate: Estimate) -> float:
        """What rounding may do in an engine of which nothing is known.

        A few dozen roundings of the gradient and of the function, and the noise of the function in excess of that:
        where it cancels, its gradient does too.
        """
        x = self.case.point[i]
        value = abs(self.case.quiet_value(self.case.point))
        excess = max(0.0, noise_of(self.along((i,)), scales(x)[-1]) - 8.0 * EPS * value)
        size = abs(estimate.value) + value / max(1.0, abs(x))
        if self.exact is not None:
            second = self.exact.derivative((i, i))
            size += abs(second.value * x) if isfinite(second.error) else 0.0
        return 64.0 * (EPS * size + excess / max(abs(x), 1.0)) + 4.0 * self._swept[i] + 1e-300


def _one_for_each(given: Any, case: Case) -> list[float]:
    """The numbers of a gradient function, one for each that is varied."""
    flat = [getattr(x, "data", x) if not is_number(x) else x for x in flatten(given)]
    if len(flat) != len(case.point):
        raise ValueError(
            f"gradient gave {len(flat)} numbers for {len(case.point)} ({', '.join(case.names[:6])}): "
            "expected a float for one argument, else a sequence with one for each"
        )
    for name, x in zip(case.names, flat, strict=True):
        if not is_number(x):
            raise TypeError(f"gradient gave {shorten(x)}, {article(type(x).__name__)}, for {name}: expected a number")
    return [float(x) for x in flat]
