"""Where in the user's code a node was made: off by default, since it costs a look at the stack for each node.

A node keeps the code object and the place in it, nothing more; which expression that is, and to which variable
its value went, is read out of the file when somebody asks.

>>> from autograd_tiny import Value
>>> with track_sources():
...     y = (Value(2.0) * 3.0).exp()
>>> y.source.text, y.source.variable
('y = (Value(2.0) * 3.0).exp()', 'y')
>>> y.parents[0].source.expression
'Value(2.0) * 3.0'
"""

from __future__ import annotations

import ast
import linecache
import os.path
import re
import sys
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType

from .blocks import Switch, during

_BESIDE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUR_PACKAGES = tuple(
    os.path.join(_BESIDE, name) + os.sep for name in ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli")
)
"""Frames of these folders are passed over: the line that counts is the user's."""

_TRACKING: ContextVar[bool] = ContextVar("track_sources", default=False)

WIDTH = 100
"""An expression longer than this is cut where a source is printed."""


SWITCH = Switch()

Span = tuple[int, int, int, int]
"""Where an expression stands: first line, last line, first column, end column; columns count bytes of UTF-8."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place in the code: file, line number, the function around it, and the instruction that ran."""

    filename: str
    line: int
    function: str
    code: CodeType | None = field(default=None, repr=False, compare=False)
    instruction: int = field(default=-1, repr=False)

    @property
    def text(self) -> str:
        """The line itself, stripped; empty where the file cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    @property
    def span(self) -> Span | None:
        """Where the expression stands; None where Python did not keep it (``-X no_debug_ranges``)."""
        if self.code is None or self.instruction < 0:
            return None
        first, last, start, end = next(islice(self.code.co_positions(), self.instruction // 2, None), (None,) * 4)
        if first is None or last is None or start is None or end is None:
            return None
        return self._program.calls.get((first, last, start, end), (first, last, start, end))

    @property
    def _program(self) -> Program:
        return read("".join(linecache.getlines(self.filename)))

    @property
    def expression(self) -> str:
        """The text of the expression that made the node, on one line; empty where it is not known."""
        span, lines = self.span, linecache.getlines(self.filename)
        if span is None or not 0 < span[0] <= span[1] <= len(lines):
            return ""
        first, last, start, end = span
        cut = [line.encode() for line in lines[first - 1 : last]]
        cut[-1] = cut[-1][:end]
        cut[0] = cut[0][start:]
        text = b"".join(cut).decode(errors="replace").strip()
        text = re.sub(r"(?<=[(\[{])\s*\n\s*|\s*\n\s*(?=[)\]}])", "", text)
        return re.sub(r"\s*\n\s*", " ", text)

    @property
    def variable(self) -> str:
        """What the expression was assigned to, if it is the whole right-hand side: ``y``, ``self.w``; else empty.

        One expression may make several nodes (its constants, the steps of a loss function): the last is the variable's.
        """
        span = self.span
        return "" if span is None else self._program.targets.get(span, "")

    def __str__(self) -> str:
        """``model.py:12: p = y * q``; where the line does more than this, the expression and then the line."""
        place, line, expression = f"{os.path.basename(self.filename)}:{self.line}", self.text, self.expression
        span, variable = self.span, self.variable
        if not line:
            return place
        if span is None or not expression or expression == line:
            shown = line
        elif span[0] != span[1]:
            shown = f"{variable} = {expression}" if variable else expression
        else:
            shown = line if variable else f"{expression}, in {line}"
        return f"{place}: {shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + '…'}"


@dataclass(frozen=True, slots=True)
class Program:
    """What the text of a file says about its expressions.

    ``targets``: what each right-hand side is assigned to. ``calls``: for a method call over several lines, which
    Python places at the method's name alone, where all of it stands.
    """

    targets: dict[Span, str]
    calls: dict[Span, Span]


@lru_cache(maxsize=32)
def read(program: str) -> Program:
    """The assignments and calls of a Python file; none if it is no Python.

    >>> read("a, b = x * y, (z + 1)\\nself.w += a").targets
    {(1, 1, 7, 12): 'a', (1, 1, 15, 20): 'b', (2, 2, 0, 11): 'self.w'}
    """
    found = Program({}, {})
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError):  # a cell with magics, a file that has since changed
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _note(target, node.value, found.targets)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            _note(node.target, node.value, found.targets)
        elif isinstance(node, ast.AugAssign):  # the operation is the statement
            found.targets.setdefault(_span(node), ast.unparse(node.target))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first, last, start, end = _span(node)
            line, column = node.func.end_lineno or first, node.func.end_col_offset or 0
            if line != first:
                found.calls[line, last, column - len(node.func.attr.encode()), end] = first, last, start, end
    return found


def _note(target: ast.expr, value: ast.expr, found: dict[Span, str]) -> None:
    """Put down what goes to ``target``; ``a, b = x, y`` is two assignments."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        found.setdefault(_span(value), ast.unparse(target))
    elif isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
        parts = list(zip(target.elts, value.elts, strict=True))
        if not any(isinstance(part, ast.Starred) for pair in parts for part in pair):
            for part, its in parts:
                _note(part, its, found)


def _span(node: ast.expr | ast.stmt) -> Span:
    return node.lineno, node.end_lineno or 0, node.col_offset, node.end_col_offset or 0


def track_sources() -> AbstractContextManager[None]:
    """In this block each new node knows the line that made it: ``node.source``, and errors and pictures show it."""
    return during(_TRACKING, True, SWITCH)


def calling_frame() -> FrameType:
    """The innermost frame on the stack that is not ours."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(OUR_PACKAGES):
        frame = frame.f_back
    return frame


def calling_source() -> Source | None:
    """The innermost place on the stack that is not ours, if this thread or task tracks sources."""
    if not _TRACKING.get():
        return None
    frame = calling_frame()
    return Source(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, frame.f_code, frame.f_lasti)
