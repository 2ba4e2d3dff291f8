"""A recorded graph run anew on other numbers, without a node being made: the plain engine's text.

What a compiled function does where arrays do not pay. The reverse sweep takes the graph's own order, so the numbers are
those that the graph itself would have, to the last bit. `_engine_replay.pxi` is the same in C.

>>> from autograd_tiny.core.tapes import tape
>>> from autograd_tiny.core.value import Value
>>> a, b = Value(2.0), Value(3.0)
>>> codes, starts, parents, numbers, depends, roots, leaves, rows = tape([a * b + a], [])
>>> nodes, root = array("q", [0, 1]).tobytes(), array("q", roots).tobytes()
>>> replay = Replay(codes, starts, parents, numbers, depends, rows, nodes, b"", b"", root)
>>> replay.run([10.0, 3.0], [], count=1, gradient=True), replay.gradient
(array('d', [40.0]), array('d', [4.0, 10.0, 0.0]))
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from math import inf, isfinite
from operator import index
from typing import Any

from ..errors import article, counted, shorten
from ..table.namespaces import FLOATS
from ..table.namespaces.source import Source, python_scope
from ..table.ops import ROWS
from ..table.primitive import CONSTANT, LEAF, Primitive
from .answers import slopes_given, value_given
from .masks import NEVER, SOMETIMES, zeros_of
from .operands import as_column

RAISED = (OverflowError, ValueError, ZeroDivisionError)
"""What ``math`` raises where the answer is not a finite number."""

MOST = 1 << 58
"""Samples times roots: what follows is counted in bytes, which have to fit a machine word."""

NO_ROOT = "Replay.run: there is no root, and so no gradient: expected a graph that gives something"

RUN_WITHIN = (
    "Replay.run: a rule of the graph that runs has run the same graph on other numbers; a primitive cannot be computed "
    "by a compiled function that uses it"
)

Node = tuple[int, Callable[..., Any], int, int, list[int]]
"""A node's number, its rule, and its operands: one, two (-1 where there is none), or all of many."""


def evaluate(row: Primitive, numbers: Sequence[float]) -> tuple[float, Sequence[float]]:
    """What a primitive gives on these operands, and its derivative by each."""
    operands = row.operands(list(numbers))
    y = value_given(row, row.forward(FLOATS, *operands))
    derived = [rule(FLOATS, *operands, y) for rule in row.partials]
    return y, slopes_given(row, derived, len(operands[0]) if row.variadic else 1)


@cache
def rule_of(row: Primitive, wanted: tuple[bool, ...]) -> Callable[..., tuple[float, ...]]:
    """A function of the operands that gives the value and the derivative by each, 0 by those that are not wanted.

    Its text is the row's, written out down to ``math``: through the namespace of floats it takes five times as long.

    >>> from autograd_tiny.table.ops import TABLE
    >>> rule_of(TABLE["pow"], (True, False))(-3.0, 2.0)
    (9.0, -6.0, 0.0)
    """
    scope = python_scope()
    exec(rule_text(row, wanted), scope)
    return scope["rule"]  # type: ignore[no-any-return]


def rule_text(row: Primitive, wanted: tuple[bool, ...]) -> str:
    """The text of `rule_of`, for a row with a fixed number of operands."""
    code = Source()
    operands = [code.name(f"x{i}") for i in range(len(row.arguments))]
    y = row.forward(code, *operands)
    slopes = [rule(code, *operands, y) if want else 0.0 for rule, want in zip(row.partials, wanted, strict=True)]
    statements, results = code.program([y, *slopes], ["y", *(f"d{i}" for i in range(len(slopes)))])
    names = ", ".join(f"x{i}" for i in range(len(operands)))
    return "\n ".join([f"def rule({names}):", *statements, f"return {', '.join(results)}"])


def check_graph(
    codes: bytes, starts: bytes, parents: bytes, numbers: bytes, learns: bytes, rows: Sequence[Primitive],
    leaves: bytes, inputs: bytes, places: bytes, roots: bytes,
) -> None:  # fmt: skip
    """``TypeError`` or ``ValueError`` unless this is a graph as `tape` gives it: `Replay` reads it as it stands."""
    given = {"codes": codes, "starts": starts, "parents": parents, "numbers": numbers, "learns": learns,
             "leaves": leaves, "inputs": inputs, "places": places, "roots": roots}  # fmt: skip
    for name, x in given.items():
        if type(x) is not bytes:
            raise TypeError(f"Replay({name}=…) got {shorten(x)}, {article(type(x).__name__)}: expected bytes")
        size = {"codes": 4, "learns": 1}.get(name, 8)
        if len(x) % size:
            raise ValueError(f"Replay({name}=…) got {len(x)} bytes: expected {size} for each element")
    if not isinstance(rows, Sequence) or not all(isinstance(row, Primitive) for row in rows):
        raise TypeError(f"Replay(rows=…) got {shorten(rows)}: expected a list of rows, as `tape` gives it")
    code_of, ends, every = array("i", codes), array("q", starts), array("q", parents)
    n = len(code_of)
    holds = {
        "starts": len(ends) == n + 1 and ends[0] == 0 and ends[-1] == len(every) and list(ends) == sorted(ends),
        "numbers": len(numbers) == 8 * n,
        "learns": len(learns) == n,
        "rows": list(rows[: 2 + len(ROWS)]) == [LEAF, CONSTANT, *ROWS],
        "codes": all(0 <= code < len(rows) for code in code_of),
        "leaves": all(0 <= node < n for node in array("q", leaves)),
        "inputs": all(0 <= node < n for node in array("q", inputs)),
        "places": len(places) == len(inputs) and all(place >= 0 for place in array("q", places)),
        "roots": all(0 <= node < n for node in array("q", roots)),
    }
    for name, well in holds.items():
        if not well:
            raise ValueError(f"Replay({name}=…) does not fit the graph of {counted(n, 'node')}: see `tape`")
    for i, code in enumerate(code_of):
        row, operands = rows[code], every[ends[i] : ends[i + 1]]
        count = len(row.arguments) if row.partials else 0
        known = all(0 <= k < i or (i < k < n and not rows[code_of[k]].partials) for k in operands)
        enough = len(operands) > 0 and len(operands) % count == 0 if row.variadic else len(operands) == count
        if not known or not enough:
            raise ValueError(f"Replay: node {i}, {row!r}, has the parents {operands.tolist()}: see `tape`")


def check_call(parameters: int, samples: int, count: int, leaves: int, places: Sequence[int], roots: int) -> None:
    """``ValueError`` unless a run got a number for each parameter, and so many samples, all of one length."""
    if not 1 <= count <= MOST // (roots + 1):
        raise ValueError(
            f"Replay.run got {shorten(count)} for the number of samples: expected from 1 to {MOST // (roots + 1):,}"
        )
    width = samples // count
    if parameters != leaves or width * count != samples or any(place >= width for place in places):
        raise ValueError(
            f"Replay.run got {parameters} parameters and samples of {samples / count:g} numbers: expected "
            f"{leaves} and as many as the inputs recorded"
        )


class Replay:
    """A graph that runs on other numbers.

    It is given as `tape` gives graphs, as bytes; ``learns`` has a byte for each node, other than 0 where a parameter
    lies below. Then, as int64: the nodes of the parameters, those of the inputs, the place of each of these among the
    numbers of a sample, and the nodes of the roots.
    """

    def __init__(
        self, codes: bytes, starts: bytes, parents: bytes, numbers: bytes, learns: bytes, rows: Sequence[Primitive],
        leaves: bytes, inputs: bytes, places: bytes, roots: bytes,
    ) -> None:  # fmt: skip
        check_graph(codes, starts, parents, numbers, learns, rows, leaves, inputs, places, roots)
        self.numbers = array("d", numbers)
        self.leaves, self.inputs, self.places, self.roots = (
            array("q", nodes).tolist() for nodes in (leaves, inputs, places, roots)
        )
        self.gradient = array("d", bytes(8 * len(self.leaves) + 8))
        """After a run, d(mean of the first root)/d(parameter) for each, and a 0 for what is none of them."""
        ends, every = array("q", starts), array("q", parents)
        self.zeros: dict[int, tuple[int, ...]] = {}
        """Of each node, what a slope of 0 towards an operand (or one of a vector) is: see `masks`."""
        self.nodes: list[Node] = []
        """All that is computed, in order."""
        self.learns: list[bool] = []
        """Of each of them whether a gradient passes through."""
        for i, code in enumerate(array("i", codes)):
            row = rows[code]
            if not row.partials:
                continue
            operands = every[ends[i] : ends[i + 1]].tolist()
            self.learns.append(bool(learns[i]))
            each = len(operands) // len(row.arguments) if row.variadic else 1
            self.zeros[i] = tuple(kind for kind in zeros_of(row) for _ in range(each))
            if row.variadic or len(operands) > 2:
                self.nodes.append((i, partial(evaluate, row), 0, 0, operands))
            else:
                wanted = tuple(self.learns[-1] and bool(learns[k]) for k in operands)
                self.nodes.append((i, rule_of(row, wanted), operands[0], operands[1] if operands[1:] else -1, []))
        self.first, self.second = [0.0] * len(self.numbers), [0.0] * len(self.numbers)
        self.slopes: dict[int, Sequence[float]] = {}
        self.runs = 0
        """How many were begun."""

    def run(self, parameters: Any, samples: Any, count: int, gradient: bool) -> array[float] | None:
        """The roots' numbers, those of each of ``count`` samples in a row; None if one on the way is not finite."""
        found, failed = self.run_each(parameters, samples, count, gradient)
        return None if failed else found

    def run_each(self, parameters: Any, samples: Any, count: int, gradient: bool) -> tuple[array[float], list[int]]:
        """The same, and the samples that failed: on whose way, or among whose gradients, a number is not finite.

        Theirs are not in ``gradient``, which is the sum of the others' divided by ``count``.
        """
        parameters, samples, count = as_column(parameters), as_column(samples), index(count)
        check_call(len(parameters), len(samples), count, len(self.leaves), self.places, len(self.roots))
        if gradient and not self.roots:
            raise ValueError(NO_ROOT)
        width = len(samples) // count
        numbers = self.numbers
        self.runs += 1
        begun = self.runs
        for node, number in zip(self.leaves, parameters, strict=True):
            numbers[node] = number
        found = array("d")
        failed: list[int] = []
        total = [0.0] * len(self.leaves)
        for i in range(count):
            for node, place in zip(self.inputs, self.places, strict=True):
                numbers[node] = samples[i * width + place]
            good = all(isfinite(numbers[node]) for node in self.inputs) and self._forward()
            if self.runs != begun:
                raise RuntimeError(RUN_WITHIN)
            found.extend([numbers[root] for root in self.roots])
            if good and gradient:
                adjoints = self._adjoints({self.roots[0]: 1.0})
                mine = [adjoints[node] for node in self.leaves] if adjoints else [inf]
                good = all(map(isfinite, mine))
                if good:
                    total = [t + own for t, own in zip(total, mine, strict=True)]
            if not good:
                failed.append(i)
        for k, t in enumerate(total):
            self.gradient[k] = t / count
        return found, failed

    def _forward(self) -> bool:
        """Compute every node from the leaves, and the slopes that `_backward` needs; whether all are finite."""
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

    def _adjoints(self, seeds: Mapping[int, float]) -> list[float] | None:
        """After `_forward`, the derivative of the roots, each times its seed, by all nodes above a parameter.

        None where only the nodes themselves could tell which edges are taken.
        """
        return self._backward(seeds) or self._backward_carefully(seeds)

    def _backward(self, seeds: Mapping[int, float]) -> list[float] | None:
        """The same along all edges; None if a zero met an infinity."""
        first, second = self.first, self.second
        adjoints = [0.0] * len(self.numbers)
        for root, seed in seeds.items():
            adjoints[root] = seed
        for (i, _, a, b, many), learns in zip(reversed(self.nodes), reversed(self.learns), strict=True):
            upstream = adjoints[i]
            if not learns:
                continue
            if upstream == 0.0:
                slopes = self.slopes[i] if many else (first[i], second[i] if b >= 0 else 0.0)
                if 0.0 * sum(slopes) != 0.0:
                    return None
            elif many:
                for k, slope in zip(many, self.slopes[i], strict=True):
                    adjoints[k] += upstream * slope
            else:
                adjoints[a] += upstream * first[i]
                if b >= 0:
                    adjoints[b] += upstream * second[i]
        return adjoints

    def _backward_carefully(self, seeds: Mapping[int, float]) -> list[float] | None:
        """The same along the edges that are taken; None where only the node itself could tell which are."""
        known = {root: seed for root, seed in seeds.items() if seed != 0.0}
        for (i, _, a, b, many), learns in zip(reversed(self.nodes), reversed(self.learns), strict=True):
            if i not in known or not learns:
                continue
            slopes = self.slopes[i] if many else (self.first[i], self.second[i])[: 1 + (b >= 0)]
            for k, slope, kind in zip(many or (a, b)[: len(slopes)], slopes, self.zeros[i], strict=True):
                if slope == 0.0 and kind == SOMETIMES:
                    return None
                if slope != 0.0 or kind == NEVER:
                    known[k] = known.get(k, 0.0) + known[i] * slope
        return [known.get(node, 0.0) for node in range(len(self.numbers))]
