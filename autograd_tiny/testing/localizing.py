"""Which primitive is to blame: each node's local derivatives, one by one, against 60 digits of its forward rule.

>>> from autograd_tiny import Value
>>> from autograd_tiny.table.primitive import function
>>> from autograd_tiny.core import apply
>>> wrong = function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 2.0 * xp.square(x))
>>> print(first_wrong(apply(wrong, (Value(2.0, "p"),))))
cube: its local derivative with respect to x is 8.0, and should be 12.0 (x = 2.0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isfinite
from typing import Any

from ..core import Value, apply, topological_order
from ..derivatives.differentiate import gradients
from ..errors import AutogradError, StaleGraphError
from ..table.namespaces import FLOATS
from ..table.ops import ROWS
from ..table.primitive import Primitive
from .cases import Case
from .oracles import EPS, Estimate, Exact, richardson, scales
from .programs import Apply, Expression, Number, Variable, order
from .rounding import ULPS


@dataclass(frozen=True)
class Suspect:
    """A local derivative that is wrong: of which primitive, where, and both numbers."""

    row: Primitive
    at: tuple[float, ...]
    index: tuple[int, ...]
    found: float
    expected: float

    @property
    def by(self) -> str:
        """The operands by which it is the derivative."""
        names = self.row.names(len(self.at))
        return " and ".join(names[i] for i in self.index)

    def __str__(self) -> str:
        names = self.row.names(len(self.at))
        what = self.by
        kind = "local derivative" if len(self.index) == 1 else "second derivative"
        place = ", ".join(f"{name} = {x!r}" for name, x in zip(names, self.at, strict=True))
        return (
            f"{self.row.name}: its {kind} with respect to {what} is {self.found!r}, "
            f"and should be {self.expected!r} ({place})"
        )


OURS = {row.forward for row in ROWS}
"""The rules of the table, which are the same at any time. Those of a user's own row may look at what he changes."""


FEW = 8
"""How many operands an operation has whose estimates are kept."""


@lru_cache(maxsize=4096)
def _estimates(forward: Any, arguments: int, variadic: bool, at: tuple[float, ...]) -> dict[tuple[int, ...], Estimate]:
    """What has been found out about one rule of the table at one point: whoever tries a row tries the same points."""
    return {}


class LocalOracle:
    """The derivatives of one row at one point, from its forward rule alone."""

    def __init__(self, row: Primitive, at: Sequence[float]) -> None:
        self.row, self.at = row, tuple(at)
        self.value: float = row.forward(FLOATS, *row.operands(list(at)))
        self.known: dict[tuple[int, ...], Estimate] = {}
        if row.forward in OURS and len(self.at) <= FEW:
            self.known = _estimates(row.forward, len(row.arguments), row.variadic, self.at)

    @cached_property
    def exact(self) -> Exact | None:
        """The rule in 60 digits, if it has them."""
        operands = tuple(Variable(i) for i in range(len(self.at)))
        return Exact.of(Case(Expression(Apply(self.row, operands), self.at), self.at), self.value)

    def derivative(self, index: Sequence[int]) -> Estimate:
        found = self.known.get(tuple(index))
        if found is None:
            found = self.known[tuple(index)] = self._derivative(index)
        return found

    def _derivative(self, index: Sequence[int]) -> Estimate:
        if self.exact is not None:
            return self.exact.derivative(index)
        i = index[-1]
        found = [richardson(lambda t: self._lower(index[:-1], i, t), scale) for scale in scales(self.at[i])]
        return min(found, key=lambda estimate: estimate.error)

    def _lower(self, index: Sequence[int], i: int, t: float) -> float:
        """The value, for rows that are known in floats only."""
        if index:
            return float("nan")
        moved = [*self.at[:i], self.at[i] + t, *self.at[i + 1 :]]
        return self.row.forward(FLOATS, *self.row.operands(moved))  # type: ignore[no-any-return]

    def contradicts(self, index: Sequence[int], found: float) -> float | None:
        """The derivative, if ``found`` is farther from it than rounding explains; None if it is not, or unknown.

        Rounding: operands and result off by a few units in the last place. So what is allowed depends on the
        derivative's own sensitivity, taken from the oracle, and not on how the rule gets there.
        """
        estimate = self.derivative(index)
        if not isfinite(estimate.error):
            return None
        apart = abs(found - estimate.value)
        if apart <= estimate.error + ULPS * EPS * abs(estimate.value):  # most are, and it costs much to ask further
            return None
        return None if apart <= self.allowed(index, estimate) else estimate.value

    def allowed(self, index: Sequence[int], estimate: Estimate) -> float:
        """The oracle's error and what rounding may do."""
        if self.exact is None:
            return estimate.error + 1e-10 * (abs(estimate.value) + abs(self.value))
        size = abs(estimate.value)
        if len(index) > 1:
            size += abs(self.derivative(index[:1]).value)
        for j, x in enumerate(self.at):
            if x:
                change = self.derivative((*index, j))
                size += abs(change.value * x) if isfinite(change.error) else 0.0
        return estimate.error + 4.0 * ULPS * EPS * size + 1e-300


def wrong_locally(
    row: Primitive, at: Sequence[float], found: Sequence[float], skip: Sequence[int] = ()
) -> Suspect | None:
    """The first of the local derivatives ``found`` that the oracle contradicts."""
    oracle = LocalOracle(row, at)
    for i, x in enumerate(found):
        expected = oracle.contradicts((i,), x) if i not in skip else None
        if expected is not None:
            return Suspect(row, tuple(at), (i,), x, expected)
    return None


def wrong_at_second_order(row: Primitive, at: Sequence[float], skip: Sequence[int] = ()) -> Suspect | None:
    """The first second derivative that the rules, run on Values, get wrong."""
    oracle = LocalOracle(row, at)
    leaves = [Value(x) for x in at]
    wanted = [i for i in range(len(at)) if i not in skip]
    node = apply(row, tuple(row.operands(list(leaves))))
    try:
        first = gradients(node, leaves, create_graph=True)
    except StaleGraphError:  # nothing was changed here: on Values the rules do not even give the first derivative
        return Suspect(row, tuple(at), (0,), float("nan"), node.local_derivatives[0])
    for i in wanted:
        rows = gradients(first[i], leaves)
        for j in wanted:
            expected = oracle.contradicts((i, j), rows[j])
            if expected is not None:
                return Suspect(row, tuple(at), (i, j), rows[j], expected)
    return None


def first_wrong(root: Value, order: int = 1) -> Suspect | None:
    """The first node, from the leaves up, whose local derivatives are wrong (to second order, if that is asked)."""
    nodes = [node for node in topological_order(root) if node.parents]
    for node in nodes:
        at = [parent.data for parent in node.parents]
        constants = [i for i, parent in enumerate(node.parents) if parent.is_constant]
        found = wrong_locally(node.primitive, at, node.local_derivatives, constants)
        if found:
            return found
    if order > 1:
        for node in nodes:
            try:
                found = wrong_at_second_order(node.primitive, [parent.data for parent in node.parents])
            except (AutogradError, ArithmeticError):  # no second order to be wrong
                continue
            if found:
                return found
    return None


def first_wrong_elsewhere(
    e: Expression, gradient_on: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Suspect | None:
    """The same for another engine: each operation of the expression by itself, run and differentiated there."""
    known: dict[int, float] = {}
    for part in order(e.tree):
        if not isinstance(part, Apply):
            known[id(part)] = e.point[part.index] if isinstance(part, Variable) else part.value
            continue
        at = [known[id(x)] for x in part.operands]
        varied = [i for i, x in enumerate(part.operands) if not isinstance(x, Number)]
        alone = Expression(_alone(part, varied), tuple(at[i] for i in varied))
        found = gradient_on(alone)(*alone.point)
        slopes = [0.0] * len(at)
        for i, slope in zip(varied, [found] if isinstance(found, float) else found, strict=True):
            slopes[i] = float(slope)
        suspect = wrong_locally(part.row, at, slopes, [i for i in range(len(at)) if i not in varied])
        if suspect:
            return suspect
        known[id(part)] = part.row.forward(FLOATS, *part.row.operands(at))
    return None


def _alone(part: Apply, varied: Sequence[int]) -> Apply:
    """The operation on variables of its own; its constants stay."""
    operands = tuple(Variable(varied.index(i)) if i in varied else x for i, x in enumerate(part.operands))
    return Apply(part.row, operands)
