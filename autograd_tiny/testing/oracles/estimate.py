"""A derivative as an oracle sees it, with a bound of its error.

>>> Estimate(2.0, 1e-9, "differences")
Estimate(value=2.0, error=1e-09, oracle='differences', trouble='', exact=False, negligible=0.0)
"""

from __future__ import annotations

from dataclasses import dataclass

EPS = 2.0**-52


@dataclass(frozen=True)
class Estimate:
    """A derivative as an oracle sees it.

    ``error`` is a bound: the derivative lies within that of ``value``. ``trouble`` says why it is no smaller, or
    why there is no derivative; ``exact`` whether the function was computed in 60 digits throughout.
    """

    value: float
    error: float
    oracle: str
    trouble: str = ""
    exact: bool = False
    negligible: float = 0.0
    """A slope smaller than this, beside what the function does around, is none."""
