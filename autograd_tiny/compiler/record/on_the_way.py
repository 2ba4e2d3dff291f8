"""The numbers on the way to a result: whether two runs of a function met the same, operation by operation.

Verifying asks it of every node of every recording, so it is asked of all nodes of one operation at once.

>>> from autograd_tiny import Value
>>> from autograd_tiny.core import topological_order
>>> w = Value(2.0)
>>> then, now, other = (topological_order((w * x).tanh()) for x in (3.0, 3.0, 4.0))
>>> unmet(then, now, 1e-9) is None, unmet(then, other, 1e-9)[:2]
(True, ('mul', 8.0))
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from ...core import Value, data_of, primitives_of


def unmet(
    recorded: list[Value], order: list[Value], tolerance: float, shared: Set[Value] = frozenset()
) -> tuple[str, float, float | None] | None:
    """The first computed node of ``order`` whose number no node of the same operation in ``recorded`` had.

    Its operation, its number, and the nearest that was there. Nodes that are ``shared`` by both graphs, that no
    operation computed, or that are not a number, are not asked about.
    """
    names: dict[str, int] = {}
    codes, met_codes = _operations(recorded, names), _operations(order, names)
    numbers, met = np.array(data_of(recorded)), np.array(data_of(order))
    largest: float | None = None
    far: list[int] = []
    for places, asked in zip(_places(codes, len(names)), _places(met_codes, len(names)), strict=True):
        there, x = _sorted(numbers[places]), _sorted(met[asked])
        if np.array_equal(there, x):
            continue
        x = x[_nearest(there, x) != x]  # most often none are left: whose they are is asked of the rest only
        if not len(x):
            continue
        if largest is None:
            largest = float(np.abs(_sorted(numbers)).max(initial=0.0))
        x = x[~(_close(x, _nearest(there, x), tolerance, largest) | _close(x, _below(there, x), tolerance, largest))]
        far += asked[np.isin(met[asked], x)].tolist()
    for i in sorted(far):
        node = order[i]
        if is_own(node) and node not in shared:
            there = _sorted(numbers[codes == met_codes[i]])
            return node.op, node.data, float(_nearest(there, met[i : i + 1])[0]) if len(there) else None
    return None


def is_own(node: Value) -> bool:
    """Whether the function computed it: no derivative did, nor is it the name of one (which is an identity)."""
    return bool(node.parents) and node.derivative_of is None and node.op != "identity"


def _operations(nodes: list[Value], names: dict[str, int]) -> Any:
    """Of each node the number of its operation, by name."""
    rows, codes = primitives_of(nodes)
    return np.array([names.setdefault(row.name, len(names)) for row in rows], np.uint16)[np.frombuffer(codes, np.int32)]


def _places(codes: Any, count: int) -> list[Any]:
    """For each code below ``count`` where it is."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=count))[:-1])


def _sorted(numbers: Any) -> Any:
    """The numbers among them, in order."""
    return np.sort(numbers[~np.isnan(numbers)])


def _nearest(numbers: Any, x: Any) -> Any:
    """Of ordered numbers the first that is not below each of x, or the last."""
    return _at(numbers, np.searchsorted(numbers, x))


def _below(numbers: Any, x: Any) -> Any:
    """Of ordered numbers the last that is below each of x, or the first."""
    return _at(numbers, np.searchsorted(numbers, x) - 1)


def _at(numbers: Any, places: Any) -> Any:
    return numbers[np.clip(places, 0, len(numbers) - 1)] if len(numbers) else np.full(len(places), np.nan)


def _close(x: Any, y: Any, tolerance: float, largest: float) -> Any:
    """`math.isclose`, next to the largest number of all too."""
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(x - y)
        slack = np.maximum(tolerance * np.maximum(np.abs(x), np.abs(y)), 1e-3 * tolerance * largest)
        return (x == y) | ((apart <= slack) & np.isfinite(x) & np.isfinite(y))
