"""Numbers as on a blackboard: three digits, no ``.0``, and enough more where a change would not show; their columns.

>>> [short(x) for x in (2.0, -0.0040228, 1234.56, 1e-9, 3e7, float("inf"))]
['2', '-0.00402', '1234.6', '1e-09', '3e+07', 'inf']
>>> change(5.0, 5.00001)
'5 → 5.00001'
"""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = 3


def short(x: float, digits: int = DIGITS) -> str:
    """The number with ``digits`` significant digits; whole numbers and the digits before the point are kept."""
    if abs(x) < 1e6:
        if x == int(x):
            return str(int(x))
        if abs(x) >= 10.0**digits:
            return f"{x:.1f}"
    return f"{x:.{digits}g}"


def change(before: float, after: float, digits: int = DIGITS) -> str:
    """``before → after``, with digits enough to tell them apart if they differ."""
    while True:
        texts = short(before, digits), short(after, digits)
        if texts[0] != texts[1] or before == after or digits >= 17:
            return f"{texts[0]} → {texts[1]}"
        digits += 1


def is_numeral(formula: str) -> bool:
    """Whether a formula is just a number, which need not be written a second time in digits.

    >>> is_numeral("−1"), is_numeral("−x")
    (True, False)
    """
    try:
        float(formula.replace("−", "-"))
    except ValueError:
        return False
    return True


def latex_number(x: float) -> str:
    """A short number in LaTeX: ``1.2 \\cdot 10^{-5}``, ``\\infty``."""
    text = short(x)
    if x != x:
        return r"\mathrm{nan}"
    if "inf" in text:
        return text.replace("inf", r"\infty")
    digits, _, exponent = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Lines of cells, each column as wide as its widest cell.

    >>> aligned([("t1", "5 each", "mul"), ("t10", "1", "")])
    ['t1   5 each  mul', 't10  1']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [gap.join(map(str.ljust, row, widths)).rstrip() for row in rows]
