"""`plot_descent`: gradient descent on a cost of one parameter, each step a point on the curve.

>>> ax = plot_descent(lambda w: (w - 1) ** 2, start=3.0, lr=0.1, steps=2)
>>> ax.get_title(loc="left")
'2 steps with learning rate 0.1: w 3 → 2.28, cost 4 → 1.638'
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any

from autograd_tiny import NonFiniteError, Value, nonfinite
from autograd_tiny.core.operands import finite_float
from autograd_tiny.errors import article, shorten
from nn import settings

from .panel import Panel, panel

Cost = Callable[[Value], Value]

POINTS = 241
TITLE_WIDTH = 66
ARROWS = 24
"""So many steps are drawn as arrows; more would hide one another, and are plain lines."""
FAR = 12.0
"""Of a descent that diverges, what lies this many first steps away from the start is not shown."""


@dataclass
class _Descent:
    """Where each step was, and how high."""

    ws: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    overflowed: bool = False

    @property
    def diverges(self) -> bool:
        """Whether it ends higher than it began."""
        return self.overflowed or self.costs[-1] > self.costs[0]

    def shown(self) -> int:
        """How many points are in the picture: all, or those near the start of a descent that diverges."""
        if not self.diverges or len(self.ws) < 3:
            return len(self.ws)
        reach = FAR * abs(self.ws[1] - self.ws[0])
        far = (i for i, w in enumerate(self.ws) if abs(w - self.ws[0]) > reach)
        return max(2, next(far, len(self.ws)))


def plot_descent(
    cost: Cost,
    path: str | os.PathLike[str] | None = None,
    *,
    start: float,
    lr: float,
    steps: int = 20,
    ax: Any = None,
    theme: str = "light",
) -> Any:
    """The Axes of ``cost`` with the ``steps`` that ``w ← w − lr · dcost/dw`` takes from ``start``.

    ``cost`` is a function of one Value that gives one. A descent that diverges is shown while it is near; the title
    says so and where it got to. Where the cost is not defined, the curve has a gap.
    """
    if not callable(cost):
        got = f"{shorten(cost)}, {article(type(cost).__name__)}"
        raise TypeError(f"plot_descent(cost) got {got}: expected a function of a Value, such as lambda w: (w - 1) ** 2")
    first = finite_float(start, "plot_descent(start)")
    rate, most = settings.learning_rate("plot_descent(lr)", lr), settings.whole("plot_descent(steps)", steps)
    walk = _descend(cost, first, rate, most)
    shown = walk.shown()
    ws, costs = walk.ws[:shown], walk.costs[:shown]
    room = 0.3 * (max(ws) - min(ws)) or max(1.0, 0.1 * abs(first))
    low, high = min(ws) - room, max(ws) + room
    xs = sorted({*(low + (high - low) * i / (POINTS - 1) for i in range(POINTS)), *ws})
    title = _title(walk, rate, shown)
    with panel("plot_descent", ax, path, theme, "Gradient descent", title) as p:
        p.ax.plot(xs, [_height(cost, x) for x in xs], color=p.color(0), linewidth=2.0, label="cost")
        _steps(p, ws, costs, cut_off=shown < len(walk.ws))
        p.ax.set_xlim(low, high)
        top, bottom = max(costs), min(costs)
        if top > bottom:
            under = min([y for x in xs if isfinite(y := _height(cost, x))], default=bottom)
            p.ax.set_ylim(under - 0.08 * (top - under), top + 0.18 * (top - under))
        p.say(x="w", y="cost", title=title)
    return p.ax


def _descend(cost: Cost, w: float, rate: float, steps: int) -> _Descent:
    walk = _Descent()
    for i in range(steps + 1):
        leaf = Value(w, "w")
        try:
            height = cost(leaf)
            if not isinstance(height, Value):
                got = f"{shorten(height)}, {article(type(height).__name__)}"
                raise TypeError(f"plot_descent(cost): the cost of {leaf} is {got}: expected a Value, computed from it")
            height.backward()
        except NonFiniteError as error:
            if i == 0:
                raise ValueError(f"plot_descent(start={w!r}): the cost cannot be computed there: {error}") from error
            walk.overflowed = True
            return walk
        walk.ws.append(w)
        walk.costs.append(height.data)
        w -= rate * leaf.grad
        if not isfinite(w):
            walk.overflowed = True
            return walk
    return walk


def _height(cost: Cost, x: float) -> float:
    """The cost at ``x``, nan where it has none."""
    with nonfinite("allow"):
        y: float = cost(Value(x, "w")).data
    return y if isfinite(y) else nan


def _title(walk: _Descent, rate: float, shown: int) -> str:
    taken = len(walk.ws) - 1
    title = (
        f"{taken} step{'s' * (taken != 1)} with learning rate {rate:.4g}: w {walk.ws[0]:.4g} → {walk.ws[-1]:.4g}, "
        f"cost {walk.costs[0]:.4g} → {walk.costs[-1]:.4g}"
    )
    if walk.diverges:
        hidden = len(walk.ws) - shown
        further = f"; the last {hidden} are outside the picture" if hidden > 1 else ""
        over = "; the next cannot be computed" if walk.overflowed else ""
        title += f"\nIt diverges: the learning rate is too large{further}{over}"
    return "\n".join(textwrap.fill(line, TITLE_WIDTH) for line in title.replace("-", "−").splitlines())


def _steps(p: Panel, ws: list[float], costs: list[float], cut_off: bool) -> None:
    color = p.color(1)
    if len(ws) <= ARROWS:
        for i in range(len(ws) - 1):
            ends = (ws[i], costs[i]), (ws[i + 1], costs[i + 1])
            look = {
                "arrowstyle": "-|>",
                "color": color,
                "linewidth": 1.2,
                "shrinkA": 3,
                "shrinkB": 3,
                "mutation_scale": 9,
            }
            p.ax.annotate("", ends[1], ends[0], arrowprops=look)
    else:
        p.ax.plot(ws, costs, color=color, linewidth=1.0)
    p.ax.plot(
        ws, costs, "o", color=color, markersize=4.5, markeredgecolor=p.theme.ground, markeredgewidth=0.7, zorder=3
    )
    p.ax.plot(ws[:1], costs[:1], "o", color=color, markersize=8, zorder=3)
    p.note("start", ws[0], costs[0], xytext=(10, 5))
    if len(ws) > 1:
        last = f"step {len(ws) - 1}" + (", and on" if cut_off else "")
        if costs[-1] < costs[0]:  # it stands in a valley, with room below
            p.note(last, ws[-1], costs[-1], xytext=(0, -15), ha="center")
        else:
            inward = -1 if ws[-1] > ws[0] else 1
            p.note(last, ws[-1], costs[-1], xytext=(14 * inward, 3), ha="right" if inward < 0 else "left")
