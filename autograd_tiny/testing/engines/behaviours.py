"""What no operation shows by itself: order of traversal, shared operands, passes that follow one another, depth.

Only products and sums are used, so that what is found here lies in the sweep and not in a rule.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...core import Value
from ...derivatives.differentiate import gradients
from .adapter import Adapter
from .table import ABSENT, LIMITED, RIGHT, WRONG, Row

Function = Callable[..., Any]

DEEP = 5_000
"""Chained additions: beyond Python's own limit of 1,000 calls."""

GRAPHS: dict[str, list[tuple[str, Function]]] = {
    "shared operands": [
        ("x + x", lambda x, y: x + x),
        ("x * x", lambda x, y: x * x),
        ("x * x * x", lambda x, y: x * x * x),
        ("x * y + x", lambda x, y: x * y + x),
    ],
    "reuse of a result": [
        ("b = x + x; b + b", lambda x, y: (lambda b: b + b)(x + x)),
        ("t = x * y; t * t", lambda x, y: (lambda t: t * t)(x * y)),
        ("t = x * y; t * x + t", lambda x, y: (lambda t: t * x + t)(x * y)),
    ],
    "order of traversal": [
        ("t = x * y; u = t * x; t * u", lambda x, y: (lambda t: t * (t * x))(x * y)),
        ("t = x * y; u = t * x; u * t", lambda x, y: (lambda t: (t * x) * t)(x * y)),
        ("t = x * y; u = t + x; u * t", lambda x, y: (lambda t: (t + x) * t)(x * y)),
        ("t = x * y; u = t * t; t + u", lambda x, y: (lambda t: t + t * t)(x * y)),
        ("t = x * y; u = t * t; u + t", lambda x, y: (lambda t: t * t + t)(x * y)),
        ("t = x * y; u = t + x; v = u * t; (v + u) * (t + v)",
         lambda x, y: (lambda t: (lambda u: (lambda v: (v + u) * (t + v))(u * t))(t + x))(x * y)),
    ],
}  # fmt: skip


def walks(count: int) -> Iterator[tuple[str, Function]]:
    """Random graphs of sums and products in which much is used twice, always the same."""
    for seed in range(count):
        rng = random.Random(seed)
        steps = [(rng.choice("+*"), rng.random(), rng.random()) for _ in range(rng.randrange(3, 8))]

        def f(x: Any, y: Any, steps: Sequence[tuple[str, float, float]] = steps) -> Any:
            parts = [x, y]
            for sign, a, b in steps:
                left, right = parts[int(a * len(parts))], parts[int(b * len(parts))]
                parts.append(left + right if sign == "+" else left * right)
                parts.append(parts[-1] + parts[-2])
            return parts[-1]

        yield f"random graph {seed}", f


def right_slopes(f: Function, at: Sequence[float]) -> list[float]:
    """The derivatives, by our own engine."""
    leaves = [Value(x) for x in at]
    return list(gradients(f(*leaves), leaves))


def seed(engine: Adapter) -> tuple[Row, float]:
    """Whether a leaf's own gradient is 1; and what it is."""
    try:
        _, (slope,) = engine.slopes(lambda x: x, [2.0])
    except Exception as error:  # an engine that has no pass over a leaf alone: the operations will tell
        return Row("seed of 1", ABSENT, f"not tested: a pass over a leaf raises {type(error).__name__}"), 1.0
    if slope == 1.0:
        return Row("seed of 1", RIGHT), 1.0
    note = f"the gradient of x by x is {slope:.10g}, and should be 1: every other is off by that factor"
    return Row("seed of 1", WRONG, note, slope, 1.0, (2.0,)), slope if 1e-3 < abs(slope) < 1e3 else 1.0


NEEDS_SUMS = ("leaves that are not in the graph", "in-place operators", "deep chains")


def behaviours(engine: Adapter, scale: float, tolerance: float, sums: bool, products: bool) -> Iterator[Row]:
    """A row for each; ``sums`` and ``products`` say whether those were found right, and can be used for it."""
    checks: dict[str, Callable[[Adapter, float], Row]] = {
        name: lambda engine, scale, name=name: _graphs(engine, scale, name, tolerance, sums)  # type: ignore[misc]
        for name in GRAPHS
    }
    checks |= {"second backward": _second, "accumulation over two graphs": _accumulates,
               "leaves that are not in the graph": _others, "in-place update of a leaf": _updated,
               "in-place operators": _in_place, "a leaf changed before the pass": _changed,
               "deep chains": _deep}  # fmt: skip
    for name, check in checks.items():
        if not products or (not sums and name in NEEDS_SUMS):
            yield Row(name, ABSENT, "not tested: needs + and * that are right")
        elif name not in GRAPHS and name != "deep chains" and not engine.nodes:
            yield Row(name, ABSENT, "not tested: the adapter gives gradients of functions only")
        else:
            yield _guarded(name, check, engine, scale)


def _guarded(name: str, check: Callable[[Adapter, float], Row], engine: Adapter, scale: float) -> Row:
    try:
        return check(engine, scale)
    except RecursionError:
        return Row(name, LIMITED, "ends in RecursionError")
    except Exception as error:  # an engine's own refusal: it is loud, and said as it is
        return Row(name, LIMITED, f"raises {type(error).__name__}: {error}")


def _differs(found: float, expected: float, tolerance: float) -> bool:
    return not abs(found - expected) <= tolerance * max(1.0, abs(expected))


def _compared(
    name: str, note: str, found: float, expected: float, at: tuple[float, ...] = (), status: str = WRONG,
    tolerance: float = 1e-6,
) -> Row:  # fmt: skip
    """A row that is right where the two numbers agree, and else has the note, with both in it."""
    if _differs(found, expected, tolerance):
        return Row(name, status, note.format(f"{found:.10g}", f"{expected:.10g}"), found, expected, at)
    return Row(name, RIGHT)


def _graphs(engine: Adapter, scale: float, name: str, tolerance: float, sums: bool) -> Row:
    at = (2.0, 3.0)
    more = walks(12) if name == "order of traversal" and sums else ()
    for text, f in [*(case for case in GRAPHS[name] if sums or "+" not in case[0]), *more]:
        _, found = engine.slopes(f, at)
        for variable, got, right in zip("xy", found, right_slopes(f, at), strict=True):
            if _differs(got / scale, right, tolerance):
                note = f"{text}: d/d{variable} is {got:.10g}, and should be {right:.10g} (x = 2, y = 3)"
                return Row(name, WRONG, note, got, right, at)
    return Row(name, RIGHT, "" if sums else "with products only: sums are wrong")


def _cube(engine: Adapter) -> tuple[Any, Any]:
    x = engine.leaf(3.0)
    return x, x * x * x


def _second(engine: Adapter, scale: float) -> Row:
    x, y = _cube(engine)
    engine.run_backward(y)
    first = engine.slope(x)
    engine.reset(x)
    engine.run_backward(y)
    note = "x * x * x at 3, x.grad set to 0, backward() again: {}, and should be {}: what is between keeps its gradient"
    return _compared("second backward", note, engine.slope(x), first, (3.0,))


def _accumulates(engine: Adapter, scale: float) -> Row:
    x = engine.leaf(3.0)
    engine.run_backward(x * 2.0)
    engine.run_backward(x * 5.0)
    note = "x * 2, then x * 5: x.grad is {}, and should be {}: it is to be added up"
    return _compared("accumulation over two graphs", note, engine.slope(x) / scale, 7.0, (3.0,))


def _others(engine: Adapter, scale: float) -> Row:
    x, z = engine.leaf(3.0), engine.leaf(4.0)
    z * x  # a result that nothing is asked about
    engine.run_backward(x * 2.0)
    note = "z.grad is {}, and should be {}"
    return _compared("leaves that are not in the graph", note, engine.slope(z), 0.0, tolerance=0.0)


def _updated(engine: Adapter, scale: float) -> Row:
    x, y = _cube(engine)
    engine.run_backward(y)
    engine.reset(x)
    engine.change(x, 2.0)
    engine.run_backward(x * x * x)
    note = "x.data set to 2, a new x * x * x: its gradient is {}, and should be {}"
    return _compared("in-place update of a leaf", note, engine.slope(x) / scale, 12.0, (2.0,))


def _in_place(engine: Adapter, scale: float) -> Row:
    x = engine.leaf(3.0)
    y = x * x
    t = x
    t += 1.0
    t *= 2.0
    engine.run_backward(y + t)
    found, data = engine.slope(x) / scale, engine.value(x)
    if data != 3.0:
        note = "t = x; t += 1.0: x is {} now, and should still be {}: `+=` on a node must make a new one"
        return _compared("in-place operators", note, data, 3.0, (3.0,), tolerance=0.0)
    note = "t = x; t += 1; t *= 2; x * x + t: d/dx is {}, and should be {}"
    return _compared("in-place operators", note, found, 8.0, (3.0,))


def _changed(engine: Adapter, scale: float) -> Row:
    x, y = engine.leaf(3.0), engine.leaf(5.0)
    z = x * y
    engine.change(y, 100.0)
    engine.run_backward(z)
    note = "x * y at (3, 5), y.data = 100, backward(): d/dx is {}; of what was computed it is {}"
    return _compared("a leaf changed before the pass", note, engine.slope(x) / scale, 5.0, status=LIMITED)


def _deep(engine: Adapter, scale: float) -> Row:
    def chain(x: Any) -> Any:
        total = x
        for _ in range(DEEP):
            total = total + x
        return total

    limit = sys.getrecursionlimit()
    try:
        _, (found,) = engine.slopes(chain, [1.0])
    except RecursionError:
        return Row("deep chains", LIMITED, f"{DEEP:,} additions in a row end in RecursionError")
    finally:
        sys.setrecursionlimit(limit)
    note = f"{DEEP:,} additions of x: {{}}, and should be {{}}"
    return _compared("deep chains", note, found / scale, DEEP + 1.0, (1.0,), tolerance=1e-4)
