"""Places in a text, and the error that puts a caret under one.

>>> print(ExpressionError("unknown function tahn", "tahn(a)", (1, 0, 1, 4)))
unknown function tahn
  tahn(a)
  ^^^^
"""

from __future__ import annotations

import ast

from ..errors import AutogradError

Place = tuple[int, int, int, int]
"""First line from 1, first column from 0, last line, end column; columns count characters."""

WIDTH = 74
"""A longer line is shown as its part around the caret."""


class ExpressionError(AutogradError, ValueError):
    """A text is no expression of the table's operations, or cannot be computed; `place` is where."""

    def __init__(self, problem: str, text: str, place: Place) -> None:
        super().__init__(f"{problem}\n{excerpt(text, place)}" if text else problem)
        self.problem, self.place = problem, place


def excerpt(text: str, place: Place) -> str:
    """The line of the text and carets under the place in it; of a place over several lines, its first."""
    line, start, last, end = place
    lines = text.splitlines() or [""]
    shown = "".join(letter if letter.isprintable() else " " for letter in lines[min(line, len(lines)) - 1])
    end = max(end if last == line else len(shown), start + 1)
    left = max(0, min(start - WIDTH // 3, len(shown) - WIDTH)) if len(shown) > WIDTH else 0
    window = shown[left : left + WIDTH]
    before = "…" if left else ""
    after = "…" if left + WIDTH < len(shown) else ""
    carets = "^" * max(1, min(end - left, len(window)) - (start - left))
    return f"  {before}{window}{after}\n  {' ' * (len(before) + start - left)}{carets}"


def place_of(node: ast.expr | ast.stmt | ast.keyword, text: str) -> Place:
    """Where a node of the text's syntax tree stands: Python counts its columns in bytes of UTF-8."""
    lines = text.splitlines()

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode(errors="ignore")) if line <= len(lines) else 0

    last = node.end_lineno or node.lineno
    return node.lineno, column(node.lineno, node.col_offset), last, column(last, node.end_col_offset or 0)
