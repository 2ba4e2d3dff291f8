"""The gradients of leaves once more, by nudging each leaf both ways and computing the graph again.

Richardson's extrapolation of two central differences, h and h/2, cancels the error in h²; what the two differ by
bounds what is left (Press and others, Numerical Recipes, 5.7).

>>> from autograd_tiny import Value
>>> x = Value(2.0)
>>> y = x ** 3
>>> from autograd_tiny.core import topological_order
>>> round(nudged(y, topological_order(y))[x]["estimate"], 9)
12.0
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from sys import float_info
from typing import Any

from autograd_tiny import Value
from autograd_tiny.derivatives.differentiate import dependents
from autograd_tiny.table.namespaces import FLOATS

STEP = 1e-3
"""Relative to the leaf, or to 1 for a small one: with the extrapolation the error is about STEP⁴ and 1e-16 / STEP."""
ROUNDING = 1e-11
"""Of a value, relative; one below the smallest normal float has lost digits, and is off by up to that."""


def nudged(root: Value, order: Sequence[Value]) -> dict[Value, dict[str, float | str]]:
    """For each leaf of ``order``: the ``estimate`` of d(root)/d(leaf), and the ``error`` to allow it."""
    numbers = {node: node.data for node in order}
    return {leaf: _estimate(root, leaf, order, numbers) for leaf in order if leaf.is_leaf}


def _estimate(root: Value, leaf: Value, order: Sequence[Value], numbers: dict[Value, float]) -> dict[str, Any]:
    moved = dependents(order, [leaf])
    affected = [node for node in order if node in moved and node.parents]

    def value(x: float) -> float:
        now = {leaf: x}
        for node in affected:
            row = node.primitive
            operands = row.operands([now.get(parent, numbers[parent]) for parent in node.parents])
            try:
                now[node] = row.forward(FLOATS, *operands)
            except (ArithmeticError, ValueError):
                return nan
        return now.get(root, numbers[root])

    h = STEP * max(1.0, abs(leaf.data))
    right, left, near_right, near_left = (value(leaf.data + d) for d in (h, -h, h / 2.0, -h / 2.0))
    wide, narrow = (right - left) / (2.0 * h), (near_right - near_left) / h
    estimate = (4.0 * narrow - wide) / 3.0
    error = abs(wide - narrow) + (ROUNDING * max(abs(right), abs(left)) + float_info.min) / h
    if not isfinite(estimate) or not isfinite(error):
        return {"estimate": "nan", "error": "nan"}
    return {"estimate": estimate, "error": error}
