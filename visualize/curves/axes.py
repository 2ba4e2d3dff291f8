"""How axes are divided and counted: several panels in the place of one, whole numbers, logarithmic scales.

>>> wide_range([1.0, 0.001]), wide_range([1.0, 0.5]), wide_range([1.0, 0.0])
(True, False, False)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf, isfinite
from typing import Any

from .panel import require

WIDE = 50.0
MOST = 1e300
"""Beyond this an axis has no room."""


def wide_range(numbers: Iterable[float]) -> bool:
    """Whether a logarithmic scale shows more: all are above 0, and the largest is 50 times the smallest."""
    sizes = [x for x in numbers if isfinite(x)]
    return bool(sizes) and min(sizes) > 0.0 and max(sizes) > WIDE * min(sizes)


def drawable(numbers: Iterable[float | None]) -> list[float]:
    """The numbers with a gap (nan) for what has no place on an axis."""
    return [float(x) if x is not None and abs(x) < MOST else float("nan") for x in numbers]


def stack(ax: Any, heights: Sequence[float]) -> list[Any]:
    """``ax`` and new Axes below it that share its x axis, all in the place that it had; the lowest has the numbers."""
    spec, figure = ax.get_subplotspec(), ax.figure
    if len(heights) == 1:
        return [ax]
    if spec is not None:
        grid = spec.subgridspec(len(heights), 1, height_ratios=heights, hspace=0.15)
        ax.set_subplotspec(grid[0])
        panels = [ax, *(figure.add_subplot(grid[i], sharex=ax) for i in range(1, len(heights)))]
    else:
        left, bottom, width, height = ax.get_position().bounds
        gap = 0.06 * height
        unit = (height - gap * (len(heights) - 1)) / sum(heights)
        tops = [bottom + height - sum(heights[:i]) * unit - gap * i for i in range(len(heights))]
        boxes = [(left, top - h * unit, width, h * unit) for top, h in zip(tops, heights, strict=True)]
        ax.set_position(boxes[0])
        panels = [ax, *(figure.add_axes(box, sharex=ax) for box in boxes[1:])]
    for upper in panels[:-1]:
        upper.tick_params(labelbottom=False)
    return panels


def count_epochs(caller: str, ax: Any, first: float, last: float) -> None:
    """An x axis of whole epochs, with a little room on both sides."""
    ticker = require(caller, "ticker")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    room = 0.03 * (last - first) or 0.5
    ax.set_xlim(first - room, last + room)


def logarithmic(caller: str, ax: Any, numbers: Iterable[float]) -> None:
    """A logarithmic y axis with its powers of ten written as numbers."""
    ticker = require(caller, "ticker")
    sizes = [x for x in numbers if 0.0 < x < inf]
    ax.set_yscale("log")
    ax.set_ylim(min(sizes) / 1.5, max(sizes) * 1.5)
    ax.yaxis.set_major_locator(ticker.LogLocator(numticks=7))
    ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:g}"))
    ax.yaxis.set_minor_formatter(ticker.NullFormatter())
