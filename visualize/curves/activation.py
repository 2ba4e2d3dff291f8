"""`plot_activation`: a function of the table and its derivative, both from its row, with jumps drawn as jumps.

A filled dot is the value at a jump, hollow dots are where the two sides lead: relu' is 0 at 0, and 1 right of it.

>>> ax = plot_activation("sigmoid")
>>> [text.get_text() for text in ax.get_legend().get_texts()]
['y = σ(x)', 'dy/dx = y × σ(−x)']
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from autograd_tiny.core.operands import finite_float
from autograd_tiny.errors import article, did_you_mean, shorten
from autograd_tiny.explaining.wording import number_text
from autograd_tiny.table.namespaces import TEXT
from autograd_tiny.table.ops import TABLE
from autograd_tiny.table.primitive import Primitive
from nn.activations import elsewhere

from .breaks import jumps
from .panel import Panel, panel, require

INTERVAL = (-4.0, 4.0)
POINTS = 801
"""An odd number, so that 0 is one of them."""
FORMULA = 44
"""A longer formula of a derivative is left out of the legend."""


def plot_activation(
    name: str,
    path: str | os.PathLike[str] | None = None,
    *,
    ax: Any = None,
    interval: tuple[float, float] | None = None,
    theme: str = "light",
    **parameters: float,
) -> Any:
    """The Axes of the function called ``name`` and its derivative, over ``interval``.

    Any row of the table that takes one number will do, your own too; the others of its arguments, such as
    ``slope=0.1`` of leaky_relu, have their defaults. Without an interval it is -4 to 4, as far as the function is
    defined there. A value that is not finite is a gap, and what shoots up beside a pole is cut off.
    """
    row = _row(name)
    rest = _parameters(row, parameters)
    low, high = _interval(interval)
    require("plot_activation")
    import numpy as np

    from autograd_tiny.table.namespaces.arrays import ARRAYS

    def value(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(row.forward(ARRAYS, x, *rest), dtype=float), x.shape)

    def slope(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(row.partials[0](ARRAYS, x, *rest, value(x)), dtype=float), x.shape)

    xs = np.linspace(low, high, POINTS)
    defined = xs[np.isfinite(value(xs))]
    if not defined.size:
        needs = f": it needs {row.domain}" if row.domain else ""
        raise ValueError(f"plot_activation(interval): {name} is defined nowhere from {low:g} to {high:g}{needs}")
    if interval is None:
        xs = np.linspace(defined[0], defined[-1], POINTS)
    formula, derivative = _formulas(row, rest)
    with panel("plot_activation", ax, path, theme, f"The function {name}", f"{formula} and {derivative}") as p:
        lines = [_curve(p, f, xs, i, label) for i, (f, label) in enumerate([(value, row.name), (slope, "derivative")])]
        p.ax.axhline(0.0, color=p.theme.line, linewidth=0.8, zorder=1)
        if xs[0] < 0.0 < xs[-1]:
            p.ax.axvline(0.0, color=p.theme.line, linewidth=0.8, zorder=1)
        p.ax.set_ylim(*_limits(np.concatenate([value(xs), slope(xs)])))
        p.say(x=row.arguments[0], y="y")
        p.legend(lines, [formula, derivative])
    return p.ax


def _row(name: Any) -> Primitive:
    if not isinstance(name, str):
        got = f"{shorten(name)}, {article(type(name).__name__)}"
        raise TypeError(f"plot_activation(name) got {got}: expected the name of a function, such as 'relu'")
    one = [row.name for row in TABLE.values() if not row.variadic and len(row.arguments) - len(row.defaults) == 1]
    if name not in one:
        if name in TABLE:
            needs = ", ".join(TABLE[name].arguments)
            raise ValueError(f"plot_activation({name!r}): {name} takes {needs}: expected a function of one number")
        hint = elsewhere(name) or did_you_mean(name, one, f"choose one of {', '.join(one)}")
        raise ValueError(f"plot_activation({shorten(name)}): no such function: {hint}")
    return TABLE[name]


def _parameters(row: Primitive, given: dict[str, float]) -> list[float]:
    """The numbers of the arguments after the first."""
    names = row.arguments[1:]
    for name in given:
        if name not in names:
            takes = f"{row.name} takes {', '.join(names)}" if names else f"{row.name} takes nothing besides"
            raise TypeError(f"plot_activation({row.name!r}) got an unexpected {name}=: {takes}")
    place = f"plot_activation({row.name!r}, {{}})"
    return [
        finite_float(given[name], place.format(name)) if name in given else default
        for name, default in zip(names, row.defaults, strict=True)
    ]


def _interval(given: Any) -> tuple[float, float]:
    if given is None:
        return INTERVAL
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise TypeError(f"plot_activation(interval) got {shorten(given)}: expected two numbers, such as (-2, 2)")
    low, high = (finite_float(x, f"plot_activation(interval[{i}])") for i, x in enumerate(given))
    if not low < high:
        raise ValueError(f"plot_activation(interval) got {shorten(given)}: expected the smaller number first")
    return low, high


def _formulas(row: Primitive, rest: list[float]) -> tuple[str, str]:
    """The function and its derivative as the row writes them; "derivative" where that is a long story."""
    x, y = TEXT.name(row.arguments[0]), TEXT.name("y")
    others = [number_text(number) for number in rest]
    formula = str(TEXT.write(row, x, *others))
    derived = str(TEXT.as_text(row.partials[0](TEXT, x, *others, y)))
    name = f"dy/d{row.arguments[0]}"
    return f"y = {formula}", f"{name} = {derived}" if len(derived) <= FORMULA else f"{name}, its derivative"


def _curve(p: Panel, f: Callable[[Any], Any], xs: Any, i: int, label: str) -> Any:
    """Draw ``f`` in pieces, from jump to jump; its first line."""
    import numpy as np

    color, found = p.color(i), jumps(f, xs)
    starts, lines = [(xs[0], None), *((jump.x, jump.right) for jump in found)], []
    ends = [*((jump.x, jump.left) for jump in found), (xs[-1], None)]
    for (start, right), (end, left) in zip(starts, ends, strict=True):
        inside = xs[(xs > start) & (xs < end)]
        px, py = inside, f(inside)
        for edge, limit, front in ((start, right, True), (end, left, False)):
            y = float(f(np.array([edge]))[0]) if limit is None else limit
            px, py = (np.insert(px, 0, edge), np.insert(py, 0, y)) if front else (np.append(px, edge), np.append(py, y))
        py = np.where(np.isfinite(py), py, np.nan)
        lines += p.ax.plot(px, py, color=color, linewidth=2.0, linestyle=p.dash(i), label=label)
    for jump in found:
        if jump.is_pole:
            continue
        for side in {jump.left, jump.right} - {jump.at}:
            p.ax.plot(
                [jump.x], [side], "o", markersize=5.5, markerfacecolor=p.theme.ground, markeredgecolor=color, zorder=3
            )
        p.ax.plot([jump.x], [jump.at], "o", markersize=5.5, color=color, zorder=3)
    return lines[0]


def _limits(ys: Any) -> tuple[float, float]:
    """The y axis: all that is finite, or nearly all where a few would squeeze the rest."""
    import numpy as np

    ys = ys[np.isfinite(ys)]
    low, high = float(ys.min()), float(ys.max())
    inner_low, inner_high = (float(x) for x in np.percentile(ys, (4, 96)))
    if high - low > 5.0 * (inner_high - inner_low) > 0.0:
        low, high = inner_low, inner_high
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room
