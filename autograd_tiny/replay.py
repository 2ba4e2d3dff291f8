"""A recorded graph run anew on other numbers, without a node being made: the plain engine's text.

What a compiled function does where arrays do not pay. The reverse sweep takes the graph's own order, so the numbers are
those that the graph itself would have, to the last bit. `_engine_replay.pxi` is the same in C.

>>> from autograd_tiny.tapes import tape
>>> from autograd_tiny.value import Value
>>> a, b = Value(2.0), Value(3.0)
>>> codes, starts, parents, numbers, depends, roots, leaves, rows = tape([a * b + a], [])
>>> run = Replay(codes, starts, parents, numbers, depends, rows)
>>> run.numbers[0] = 10.0
>>> run.forward(), run.numbers[roots[0]]
(True, 40.0)
>>> run.backward(roots[0])
>>> list(run.adjoints)[:2]
[4.0, 10.0]
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from .namespaces import FLOATS
from .namespaces.source import INTRINSIC, Source
from .primitive import Primitive
from .recording import DETACHED

RAISED = (OverflowError, ValueError, ZeroDivisionError)
"""What ``math`` raises where the answer is not a finite number."""

Node = tuple[int, Callable[..., Any], int, int, list[int]]
"""A node's number, its rule, and its operands: one, two (-1 where there is none), or all of many."""


def evaluate(row: Primitive, numbers: Sequence[float]) -> tuple[float, Sequence[float]]:
    """What a primitive gives on these operands, and its derivative by each."""
    operands = row.operands(list(numbers))
    y = row.forward(FLOATS, *operands)
    slopes = [partial(FLOATS, *operands, y) for partial in row.partials]
    return y, [slope for vector in slopes for slope in vector] if row.variadic else slopes


@cache
def rule_of(row: Primitive, wanted: tuple[bool, ...]) -> Callable[..., tuple[float, ...]]:
    """A function of the operands that gives the value and the derivative by each, 0 by those that are not wanted.

    Its text is the row's, written out down to ``math``: through the namespace of floats it takes five times as long.

    >>> from autograd_tiny.ops import TABLE
    >>> rule_of(TABLE["pow"], (True, False))(-3.0, 2.0)
    (9.0, -6.0, 0.0)
    """
    code = Source()
    operands = [code.name(f"x{i}") for i in range(len(row.arguments))]
    y = row.forward(code, *operands)
    slopes = [rule(code, *operands, y) if want else 0.0 for rule, want in zip(row.partials, wanted, strict=True)]
    statements, results = code.program([y, *slopes], ["y", *(f"d{i}" for i in range(len(slopes)))])
    names = ", ".join(f"x{i}" for i in range(len(operands)))
    scope: dict[str, Any] = {name: getattr(math, name) for name in (*INTRINSIC, "fabs")}
    exec("\n ".join([f"def rule({names}):", *statements, f"return {', '.join(results)}"]), scope)
    return scope["rule"]  # type: ignore[no-any-return]


class Replay:
    """A graph that runs on the numbers in ``numbers``.

    It is given as `tape` gives graphs, as bytes; ``learns`` has a byte for each node, other than 0 where a parameter
    lies below. ``numbers`` and ``adjoints`` are buffers with a double for each node: put the leaves' numbers into the
    first, read gradients from the second.
    """

    def __init__(
        self, codes: bytes, starts: bytes, parents: bytes, numbers: bytes, learns: bytes, rows: Sequence[Primitive]
    ) -> None:
        self.numbers = array("d", numbers)
        self.adjoints = array("d", bytes(len(numbers)))
        ends, every = array("q", starts), array("q", parents)
        self.nodes: list[Node] = []
        """All that is computed, in order."""
        self.learns: list[bool] = []
        """Of each of them whether a gradient passes through."""
        for i, code in enumerate(array("i", codes)):
            row = rows[code]
            if not row.partials:
                continue
            operands = every[ends[i] : ends[i + 1]].tolist()
            self.learns.append(bool(learns[i]) and row is not DETACHED)
            if row.variadic or len(operands) > 2:
                self.nodes.append((i, _bound(row), 0, 0, operands))
            else:
                wanted = tuple(self.learns[-1] and bool(learns[k]) for k in operands)
                self.nodes.append((i, rule_of(row, wanted), operands[0], operands[1] if operands[1:] else -1, []))
        self.first, self.second = array("d", bytes(len(numbers))), array("d", bytes(len(numbers)))
        self.slopes: dict[int, Sequence[float]] = {}

    def forward(self, slopes: bool = True) -> bool:
        """Compute every node from the ``numbers`` of the leaves, and the slopes that `backward` needs; whether all are
        finite. (Here the slopes come with the values; only the compiled engine saves time without.)
        """
        numbers, first, second = self.numbers, self.first, self.second
        try:
            for i, rule, a, b, many in self.nodes:
                if many:
                    y, self.slopes[i] = rule([numbers[k] for k in many])
                elif b < 0:
                    y, first[i] = rule(numbers[a])
                else:
                    y, first[i], second[i] = rule(numbers[a], numbers[b])
                if y - y != 0.0:
                    return False
                numbers[i] = y
        except RAISED:
            return False
        return True

    def backward(self, root: int) -> None:
        """Leave d(root)/d(node) in ``adjoints``, after `forward`, for all nodes that a parameter lies below."""
        adjoints, first, second = self.adjoints, self.first, self.second
        adjoints[:] = array("d", bytes(8 * len(adjoints)))
        adjoints[root] = 1.0
        for (i, _, a, b, many), learns in zip(reversed(self.nodes), reversed(self.learns), strict=True):
            upstream = adjoints[i]
            if upstream == 0.0 or not learns:
                continue
            if many:
                for k, slope in zip(many, self.slopes[i], strict=True):
                    adjoints[k] += upstream * slope
            else:
                adjoints[a] += upstream * first[i]
                if b >= 0:
                    adjoints[b] += upstream * second[i]


def _bound(row: Primitive) -> Callable[[Sequence[float]], tuple[float, Sequence[float]]]:
    return lambda numbers: evaluate(row, numbers)
