"""Spherical Bessel functions jₙ, of which j₀(x) = sin x / x: what sinc and all its derivatives are made of.

Near 0 the power series, farther out the recurrence in n, which is stable there (Abramowitz, Stegun, 10.1.2, 10.1.19).

>>> from autograd_tiny.table.namespaces import FLOATS
>>> spherical_jn(FLOATS, 0.0, 0.0), spherical_jn(FLOATS, 1.0, 0.0), spherical_jn(FLOATS, 0.0, 2.0)
(1.0, 0.0, 0.45464871341284085)
"""

from __future__ import annotations

from typing import Any

from .shared import refusal

HIGHEST = 10
"""The highest order."""
TERMS = 32
"""Of the series, for |x| < n + 4."""


def spherical_jn(xp: Any, n: Any, x: Any) -> Any:
    """jₙ(x)."""
    m = xp.round(n)
    a = xp.abs(x)
    near = xp.less(a, m + 4.0)
    # xⁿ / (2n+1)!! · (1 − t / (1 (2n+3)) · (1 − t / (2 (2n+5)) · …))  with t = x²/2
    u = xp.where(near, x, 1.0)
    t, double = 0.5 * xp.square(u), 2.0 * m + 1.0
    series: Any = 1.0
    for k in range(TERMS, 0, -1):
        series = 1.0 - xp.div(t, float(k) * (double + 2.0 * k)) * series
    for k in range(1, HIGHEST + 1):
        series = xp.where(xp.greater_equal(m, float(k)), xp.div(series * u, 2.0 * k + 1.0), series)
    v = xp.where(near, 4.0, x)
    before, here = xp.div(xp.cos(v), v), xp.div(xp.sin(v), v)
    found = here
    for k in range(1, HIGHEST + 1):
        before, here = here, xp.div((2.0 * k - 1.0) * here, v) - before
        found = xp.where(xp.equal(m, float(k)), here, found)
    unknown = xp.where(xp.less(n, 0.0), 1.0, xp.where(xp.greater(n, float(HIGHEST)), 1.0, xp.not_equal(n, m)))
    return xp.where(near, series, found) + refusal(xp, unknown)
