"""Each operation of an engine by itself: its value, each local derivative, the gradient it passes on and adds up.

The points are simple numbers first, so that the first that fails is the smallest; where an operation has a kink they
lie on both sides of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite
from typing import Any

from ...table.namespaces import FLOATS
from ...table.ops import ROWS
from ...table.primitive import Primitive
from ..domains import Box, boxes, tied
from ..localizing import LocalOracle
from ..primitives import sample_points
from ..substitutes import apply_foreign, walk
from .adapter import Adapter
from .table import ABSENT, COMPOSED, RIGHT, WRONG, Row

SIMPLE = (2.0, 3.0, 1.0, 0.5, -1.0, -2.0, 0.25, -0.5, 1.5)

Point = list[float]
Function = Callable[..., Any]

LEAST = 1e-15
"""What is left of a sine at pi is no mistake."""
NOT_HAD = (TypeError, AttributeError, NotImplementedError, AssertionError)
"""What an engine raises that has an operation for some operands only."""


def points(row: Primitive) -> list[Point]:
    """Operands at which to try it, the simplest first."""
    width = 2 if row.variadic else 1
    found: list[Point] = []
    for box in boxes(row):
        intervals = [interval for interval in box for _ in range(width)]
        choices = [[x for x in SIMPLE if low <= x <= high][:4] for low, high in intervals]
        found += [list(p) for p in product(*choices)][: 6 if len(intervals) > 1 else 4]
    if tied(row):
        found = [p for p in found if len(set(p)) == len(p)]
    if not row.variadic:
        found += sample_points(row, 3)
    known = {tuple(p): p for p in found}
    return sorted(known.values(), key=lambda p: sum(len(repr(x)) + (x < 0) for x in p))


CHOICES = ("sign", "where", "greater", "less", "greater_equal", "less_equal", "equal", "not_equal", "sech_squared")
"""Rows of our table that nobody misses in another engine."""


class Trial:
    """One operation of one engine on trial. ``tolerance`` is relative."""

    def __init__(
        self, engine: Adapter, name: str, f: Function, row: Primitive, fixed: dict[int, float], tolerance: float
    ) -> None:
        self.engine, self.name, self.f, self.row, self.fixed = engine, name, f, row, fixed
        self.tolerance = tolerance
        self.scale = 1.0
        """What a leaf's own gradient is, which should be 1."""

    def at(self, point: Point) -> tuple[Point, Function]:
        """The operands that are varied at a point, and the operation as a function of those."""
        varied = [x for i, x in enumerate(point) if i not in self.fixed]

        def f(*operands: Any) -> Any:
            supply = iter(operands)
            given = [self.fixed[i] if i in self.fixed else next(supply) for i in range(len(point))]
            try:
                return self.f(*given)
            except TypeError:
                if not self.row.defaults:
                    raise
                return self.f(*operands)  # it takes no such operand, and has the usual number inside

        return varied, f

    def points(self) -> list[Point]:
        """Those of the row, with the operands that are constants in their places."""
        found: dict[tuple[float, ...], Point] = {}
        for point in points(self.row):
            moved = [self.fixed.get(i, x) for i, x in enumerate(point)]
            if not self.fixed or any(_inside(moved, box) for box in boxes(self.row)):
                found[tuple(moved)] = moved
        return list(found.values())

    def known(self, point: Point) -> tuple[float, list[float]] | None:
        """The value and the derivatives by what is varied, from the row's rule in 60 digits."""
        oracle = LocalOracle(self.row, point)
        slopes = [oracle.derivative((i,)) for i in range(len(point)) if i not in self.fixed]
        if not isfinite(oracle.value) or not all(isfinite(s.error) for s in slopes):
            return None
        return oracle.value, [s.value for s in slopes]

    def off(self, found: float, expected: float, value: float, x: float) -> bool:
        """Whether a number is farther from what it should be than the tolerance lets it."""
        allowed = self.tolerance * max(abs(expected), abs(value) / max(abs(x), 1.0), 1e-9)
        return not abs(found - expected) <= max(allowed, LEAST)

    def alone(self) -> Row:
        """The verdict on the operation by itself: its value and its local derivatives."""
        tried, refused, raised = 0, "", None
        for point in self.points():
            known = self.known(point)
            if known is None:
                continue
            varied, f = self.at(point)
            try:
                value, slopes = self.engine.slopes(f, varied)
            except NOT_HAD as error:
                refused = refused or f"{type(error).__name__}: {error}"
                continue
            except (ArithmeticError, ValueError) as error:
                return self._row(WRONG, point, f"raises {type(error).__name__}: {error}")
            except Exception as error:  # whatever an engine raises of its own, as PyTorch does its RuntimeError
                raised = raised or self._row(WRONG, point, f"raises {type(error).__name__}: {error}")
                continue
            tried += 1
            wrong = self._wrong(point, varied, known, value, slopes)
            if wrong is not None:
                return wrong
        if raised is not None and tried:
            return raised
        if raised is not None:
            return Row(self.name, ABSENT, f"not for these operands ({raised.note})")
        if not tried:
            return Row(self.name, ABSENT, f"not for these operands ({refused})" if refused else "")
        return Row(self.name, RIGHT)

    def _wrong(self, point: Point, varied: Point, known: Any, value: float, slopes: Sequence[float]) -> Row | None:
        expected, derivatives = known
        names = [n for i, n in enumerate(self.row.names(len(point))) if i not in self.fixed]
        for name, x, found, right in zip(names, varied, slopes, derivatives, strict=True):
            if self.off(found / self.scale, right, expected, x):
                what = f"its local derivative with respect to {name} is {found:.10g}, and should be {right:.10g}"
                return self._row(WRONG, point, what, found, right)
        if self.off(value, expected, expected, 1.0):
            return self._row(WRONG, point, f"its value is {value:.10g}, and should be {expected:.10g}", value, expected)
        return None

    def within(self, context: Context) -> Row | None:
        """What is wrong with the operation where its result goes on in this way; None if nothing is."""
        for point in self.points()[:4]:
            known = self.known(point)
            if known is None:
                continue
            varied, f = self.at(point)
            for around, slopes in context.of(known[0], known[1], varied):
                try:
                    _, found = self.engine.slopes(lambda *xs, f=f, g=around: g(f(*xs), *xs), varied)
                except Exception:  # it was said where the operation was tried alone
                    continue
                for k, (got, right) in enumerate(zip(found, slopes, strict=True)):
                    if self.off(got / self.scale, right, max(abs(known[0]), abs(right)), varied[k]):
                        what = f"{context.says}: the gradient is {got:.10g}, and should be {right:.10g}"
                        return self._row(WRONG, point, what, got, right)
        return None

    def _row(
        self, status: str, point: Point, what: str, found: float | None = None, expected: float | None = None
    ) -> Row:
        names = self.row.names(len(point))
        place = ", ".join(f"{name} = {x:.10g}" for name, x in zip(names, point, strict=True))
        return Row(self.name, status, f"{what} ({place}){self._made_of(point)}", found, expected, tuple(point))

    def _made_of(self, point: Point) -> str:
        """What the engine itself makes the operation of, if its graph tells."""
        if not self.engine.nodes:
            return ""
        varied, f = self.at(point)
        try:
            nodes = [getattr(node, "_op", "") for node in walk(f(*map(self.engine.leaf, varied)))]
        except Exception:  # as above
            return ""
        labels = [op for op in nodes if isinstance(op, str) and op]
        return f"; the engine makes it of {', '.join(sorted(set(labels)))}" if len(labels) > 1 else ""


def _inside(point: Point, box: Box) -> bool:
    return all(low <= x <= high for x, (low, high) in zip(point, box, strict=True))


@dataclass(frozen=True)
class Context:
    """A way to go on from a result: ``of`` gives functions of the result and the operands, and the gradients then.

    It is used where the operation that it ``needs`` is right by itself.
    """

    says: str
    needs: str
    of: Callable[[float, Sequence[float], Sequence[float]], list[tuple[Function, list[float]]]]


PASSES = "it does not pass on the gradient that comes in, 3 here"
ADDS = "it overwrites the gradient that is there, as `=` for `+=` does"

CONTEXTS = [
    Context(PASSES, "x * 3", lambda value, slopes, at: [(lambda y, *xs: y * 3.0, [3.0 * d for d in slopes])]),
    Context(ADDS, "add", lambda value, slopes, at: [
        (lambda y, *xs, i=i: y + xs[i], [d + (k == i) for k, d in enumerate(slopes)]) for i in range(len(at))
    ]),
    Context(ADDS, "mul", lambda value, slopes, at: [
        (lambda y, *xs, i=i: y * xs[i], [d * at[i] + value * (k == i) for k, d in enumerate(slopes)])
        for i in range(len(at))
    ]),
]  # fmt: skip


def operations(engine: Adapter, tolerance: float, scale: float) -> list[Row]:
    """A row for each operation of the table, with constants on either side for those that are operators."""
    rows: dict[str, Row] = {}
    trials: list[Trial] = []
    for row in ROWS:
        if row.name == "identity" or (row.variadic and len(row.arguments) > 1):
            continue
        own = engine.own(row)
        if own is None:
            if row.name not in CHOICES:
                rows[row.name] = _not_own(engine, row)
            continue
        for name, fixed in _forms(engine, row):
            trial = Trial(engine, name, own, row, fixed, tolerance)
            trial.scale = scale
            trials.append(trial)
            rows[name] = trial.alone()
    sound = [trial for trial in trials if rows[trial.name].status == RIGHT]
    for context in CONTEXTS:
        if context.needs not in rows or rows[context.needs].status != RIGHT:
            continue
        tested = [trial for trial in sound if rows[trial.name].status == RIGHT]
        found = {trial.name: wrong for trial in tested if (wrong := trial.within(context)) is not None}
        if len(found) < len(tested) or len(tested) < 3:  # where all are wrong it is the sweep, which has its own rows
            rows.update(found)
    return list(rows.values())


def _forms(engine: Adapter, row: Primitive) -> Iterator[tuple[str, dict[int, float]]]:
    """The operation on the engine's numbers, and with a plain number on one side.

    An operand that has a default, as the slope of a leaky rectifier, is a plain number in other engines.
    """
    if row.defaults:
        first = len(row.arguments) - len(row.defaults)
        yield row.name, {first + i: default for i, default in enumerate(row.defaults)}
        return
    if len(row.arguments) != 2 or not row.dunder:
        yield row.name, {}
        return
    yield row.name, {}
    yield f"x {row.operator} 3", {1: 3.0}
    yield f"2 {row.operator} x", {0: 2.0}


def _not_own(engine: Adapter, row: Primitive) -> Row:
    """For what the engine has not: whether it can be made of what it has."""
    if not engine.nodes:
        return Row(row.name, ABSENT)
    used: set[str] = set()
    point = points(row)[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = apply_foreign(row, [engine.leaf(x) for x in point], quiet=True, used=used)
        assert abs(engine.value(out) - row.forward(FLOATS, *row.operands(point))) < 1e-6
    except Exception:  # whatever it says: it cannot be made
        return Row(row.name, ABSENT)
    made_of = ", ".join(sorted(used)) or "operators"
    return Row(row.name, COMPOSED, f"can be made of {made_of}: nothing of its own was tested")
