"""The layout that the lessons share: columns side by side, and a mark at the first row in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

MARK = "►"

Row = tuple[Any, ...]
"""What the row is about, and then a number or text for each column."""


def differs(row: Row) -> bool:
    """Whether the columns of a row are not all the same."""
    return any(cell != row[1] for cell in row[2:])


def first_difference(rows: Sequence[Row]) -> int | None:
    """The index of the first row whose columns differ; None if all agree."""
    return next((i for i, row in enumerate(rows) if differs(row)), None)


def table(print: Callable[..., Any], heads: Sequence[str], rows: Sequence[Row]) -> int | None:
    """Print ``rows`` under ``heads``, with a mark at the first that differs; the index of that row."""
    first = first_difference(rows)
    shown = [[show(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(heads, *shown, fillvalue="")]

    def line(margin: str, cells: Sequence[str]) -> str:
        return f"{margin} {'   '.join(map(str.ljust, cells, widths))}".rstrip()

    print(line(" ", heads))
    print(line(" ", ["─" * width for width in widths]))
    for i, cells in enumerate(shown):
        print(line(MARK if i == first else " ", cells))
    if first is not None:
        print(f"\n{MARK} marks the first row in which the columns differ.")
    return first


def show(cell: Any) -> str:
    """A number with 4 digits, text as it is."""
    if isinstance(cell, float):
        return f"{cell:.4g}"
    return str(cell)
