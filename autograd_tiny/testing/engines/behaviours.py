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
    again = engine.slope(x)
    if _differs(again, first, 1e-6):
        note = f"x * x * x at 3, x.grad set to 0, backward() again: {again:.10g}, and should be {first:.10g}"
        return Row("second backward", WRONG, f"{note}: what is between keeps its gradient", again, first, (3.0,))
    return Row("second backward", RIGHT)


def _accumulates(engine: Adapter, scale: float) -> Row:
    x = engine.leaf(3.0)
    engine.run_backward(x * 2.0)
    engine.run_backward(x * 5.0)
    found = engine.slope(x) / scale
    if _differs(found, 7.0, 1e-6):
        note = f"x * 2, then x * 5: x.grad is {found:.10g}, and should be 7: it is to be added up"
        return Row("accumulation over two graphs", WRONG, note, found, 7.0, (3.0,))
    return Row("accumulation over two graphs", RIGHT)


def _others(engine: Adapter, scale: float) -> Row:
    x, z = engine.leaf(3.0), engine.leaf(4.0)
    z * x  # a result that nothing is asked about
    engine.run_backward(x * 2.0)
    found = engine.slope(z)
    if found != 0.0:
        return Row("leaves that are not in the graph", WRONG, f"z.grad is {found:.10g}, and should be 0", found, 0.0)
    return Row("leaves that are not in the graph", RIGHT)


def _updated(engine: Adapter, scale: float) -> Row:
    x, y = _cube(engine)
    engine.run_backward(y)
    engine.reset(x)
    engine.change(x, 2.0)
    engine.run_backward(x * x * x)
    found = engine.slope(x) / scale
    if _differs(found, 12.0, 1e-6):
        note = f"x.data set to 2, a new x * x * x: its gradient is {found:.10g}, and should be 12"
        return Row("in-place update of a leaf", WRONG, note, found, 12.0, (2.0,))
    return Row("in-place update of a leaf", RIGHT)


def _in_place(engine: Adapter, scale: float) -> Row:
    x = engine.leaf(3.0)
    y = x * x
    t = x
    t += 1.0
    t *= 2.0
    engine.run_backward(y + t)
    found, data = engine.slope(x) / scale, engine.value(x)
    if data != 3.0:
        note = f"t = x; t += 1.0: x is {data:.10g} now, and should still be 3: `+=` on a node must make a new one"
        return Row("in-place operators", WRONG, note, data, 3.0, (3.0,))
    if _differs(found, 8.0, 1e-6):
        note = f"t = x; t += 1; t *= 2; x * x + t: d/dx is {found:.10g}, and should be 8"
        return Row("in-place operators", WRONG, note, found, 8.0, (3.0,))
    return Row("in-place operators", RIGHT)


def _changed(engine: Adapter, scale: float) -> Row:
    x, y = engine.leaf(3.0), engine.leaf(5.0)
    z = x * y
    engine.change(y, 100.0)
    engine.run_backward(z)
    found = engine.slope(x) / scale
    if _differs(found, 5.0, 1e-6):
        note = f"x * y at (3, 5), y.data = 100, backward(): d/dx is {found:.10g}; of what was computed it is 5"
        return Row("a leaf changed before the pass", LIMITED, note, found, 5.0)
    return Row("a leaf changed before the pass", RIGHT)


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
    if _differs(found / scale, DEEP + 1.0, 1e-4):
        return Row("deep chains", WRONG, f"{DEEP:,} additions of x: {found:.10g}, and should be {DEEP + 1}", found)
    return Row("deep chains", RIGHT)
