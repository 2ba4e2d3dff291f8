"""How large a product is, to compare products of any length: no overflow, no underflow, and small numbers exact.

A size is (kind, exponent, mantissa) and compares as the absolute value does: kind 0 is a zero, 1 an ordinary number, 2
what is not finite, and -1 an edge that is not taken (see `masks`), over which nothing is sent. Sums of logarithms would
do, but 2 × 3 and 3 × 2 would no longer tie.

>>> times(size_of(3.0), size_of(2.0)) == times(size_of(2.0), size_of(-3.0)) == size_of(6.0)
True
>>> times(size_of(0.0), size_of(float("inf"))) == NOT_FINITE, times(MASKED, size_of(float("inf"))) == MASKED
(True, True)
>>> times(size_of(1e300), size_of(1e300)) > size_of(1e308)
True
"""

from __future__ import annotations

from math import frexp, inf

Size = tuple[int, int, float]

MASKED: Size = (-1, 0, 0.0)
ZERO: Size = (0, 0, 0.0)
ONE: Size = (1, 1, 0.5)
NOT_FINITE: Size = (2, 0, 0.0)


def size_of(x: float) -> Size:
    """The size of one factor."""
    if x == 0.0:
        return ZERO
    if not -inf < x < inf:
        return NOT_FINITE
    mantissa, exponent = frexp(abs(x))
    return 1, exponent, mantissa


def times(above: Size, below: Size) -> Size:
    """The size of a product: nothing passes an edge that is not taken, and 0 × ∞ is not a number."""
    if above[0] != 1 or below[0] < 1:
        kinds = above[0], below[0]
        return MASKED if -1 in kinds else NOT_FINITE if 2 in kinds else ZERO
    mantissa, exponent = above[2] * below[2], above[1] + below[1]
    if mantissa < 0.5:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    return (below[0], exponent, mantissa) if below[0] == 1 else NOT_FINITE
