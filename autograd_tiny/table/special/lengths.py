"""Lengths: √(a² + b²) and √(Σ x²), scaled by the largest, so that no square overflows or vanishes.

>>> from autograd_tiny.table.namespaces import FLOATS
>>> hypot(FLOATS, 3.0, 4.0), hypot(FLOATS, 0.0, -1e-300), norm(FLOATS, [1e300, 0.0])
(5.0, 1e-300, 1e+300)
"""

from __future__ import annotations

from typing import Any


def hypot(xp: Any, a: Any, b: Any) -> Any:
    """√(a² + b²)."""
    p, q = xp.abs(a), xp.abs(b)
    first = xp.greater(p, q)
    large, small = xp.where(first, p, q), xp.where(first, q, p)
    ratio = xp.div(small, xp.edge(xp.equal(large, 0.0), 1.0, large))
    return large * xp.sqrt(1.0 + ratio * ratio)


def norm(xp: Any, xs: Any) -> Any:
    """√(Σ x²)."""
    high, low = xp.largest(xs), -xp.smallest(xs)
    size = xp.where(xp.greater_equal(high, low), high, low)
    scale = xp.edge(xp.equal(size, 0.0), 1.0, size)
    return size * xp.sqrt(xp.sum_of(lambda x: xp.square(xp.div(x, scale)), xs))
