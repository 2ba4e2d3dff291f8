"""What the formulas share: polynomials by Horner's rule, and the number that is none.

>>> from autograd_tiny.table.namespaces import FLOATS
>>> polynomial(2.0, (1.0, 0.0, 3.0)), refusal(FLOATS, 0.0), refusal(FLOATS, 1.0)
(13.0, 0.0, nan)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """c₀ + c₁x + c₂x² + …"""
    *rest, total = coefficients
    found: Any = total
    for c in reversed(rest):
        found = found * x + c
    return found


def refusal(xp: Any, bad: Any) -> Any:
    """0, or where ``bad`` holds not a number: to be added to a result that would be wrong."""
    return xp.log(xp.where(bad, -1.0, 1.0))
