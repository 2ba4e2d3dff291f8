"""`plot_history`: how a training run went, epoch by epoch, where it was best, and where and why it stopped.

>>> from nn import Epoch, History
>>> records = [Epoch(i, i, 1 / i, validation_loss=1 / i + abs(i - 2), learning_rate=0.1 / i) for i in (1, 2, 3)]
>>> ax = plot_history(History(records, "stopped", "no better for 1 epoch", "validation_loss", best_epoch=2))
>>> [panel.get_ylabel() for panel in ax.figure.axes], ax.get_title(loc="left")
(['loss', 'learning rate'], 'stopped: no better for 1 epoch')
"""

from __future__ import annotations

import os
import textwrap
from typing import Any

from autograd_tiny.errors import article, shorten
from nn import History

from ..text import cut
from .axes import count_epochs, drawable, logarithmic, stack, wide_range
from .panel import Panel, panel

LINE = 1.8
TITLE_WIDTH, TITLE_MOST = 70, 205


def plot_history(
    history: History, path: str | os.PathLike[str] | None = None, *, ax: Any = None, theme: str = "light"
) -> Any:
    """The Axes of the losses; below it, in ``ax.figure.axes``, are those of each metric and of the learning rate.

    A run's training numbers are a full line, its validation numbers a dashed one. A line down all panels marks the
    best epoch, another the last one if the run stopped or diverged there; the title has the reason. A learning rate
    that never changed is written under the axis instead. Losses of very different sizes get a logarithmic scale, and
    a number that is not finite is a gap.
    """
    if not isinstance(history, History):
        raise TypeError(
            f"plot_history(history) got {shorten(history)}, {article(type(history).__name__)}: {_to_do(history)}"
        )
    if not history.records:
        why = f" ({cut(history.reason, 200)})" if history.reason else ""
        raise ValueError(f"plot_history(history) got a run that ended before its first epoch did{why}: nothing to draw")
    curves = _curves(history)
    rates = history.learning_rate
    constant = len(set(rates)) == 1
    if not constant:
        curves["learning rate"] = {"": drawable(rates)}
    heights = [1.5 if name == "loss" else 0.7 if name == "learning rate" else 1.0 for name in curves]
    title, size = _title(history), (6.4, 1.1 + 1.75 * sum(heights))
    with panel("plot_history", ax, path, theme, repr(history), title, size) as top:
        axes = stack(top.ax, heights)
        panels = [top, *(Panel(below, theme) for below in axes[1:])]
        count_epochs("plot_history", top.ax, 1, history.epochs)
        for part, (name, lines) in zip(panels, curves.items(), strict=True):
            _draw(part, name, lines)
        _mark(panels, history)
        top.say(title=title)
        rate = f" (learning rate {rates[0]:.4g} throughout)" if constant and rates[0] else ""
        panels[-1].say(x=f"epoch{rate}")
        top.ax.figure.align_ylabels(axes)
    return top.ax


def _to_do(given: Any) -> str:
    if isinstance(getattr(given, "history_", None), History):
        return "expected a History; write estimator.history_"
    if isinstance(given, (list, tuple)):
        return 'expected the History that nn.fit returns; plot_loss(losses, "loss.svg") draws a list of numbers'
    return "expected the History that nn.fit returns"


def _curves(history: History) -> dict[str, dict[str, list[float]]]:
    """Panel -> line -> a number for each epoch."""
    records = history.records
    first = records[0]
    curves = {"loss": {"training": drawable(r.loss for r in records)}}
    if any(r.validation_loss is not None for r in records):
        curves["loss"]["validation"] = drawable(r.validation_loss for r in records)
    for name in first.metrics:
        curves[name] = {"training": drawable(r.metrics.get(name) for r in records)}
    for name in first.validation_metrics:
        lines = curves.setdefault(name, {})
        lines["validation"] = drawable(r.validation_metrics.get(name) for r in records)
    return curves


def _title(history: History) -> str:
    """How the run ended, in at most three lines."""
    words = f"{history.status}: {history.reason}" if history.reason else history.status
    return "\n".join(textwrap.wrap(cut(words, TITLE_MOST), TITLE_WIDTH))


def _draw(part: Panel, name: str, lines: dict[str, list[float]]) -> None:
    handles = []
    for label, numbers in lines.items():
        i = 1 if label == "validation" else 0
        marker = "o" if sum(x == x for x in numbers) == 1 else ""  # a line of one point shows nothing
        epochs = range(1, len(numbers) + 1)
        handles += part.ax.plot(
            epochs, numbers, color=part.color(i), linestyle=part.dash(i), linewidth=LINE, marker=marker
        )
    together = [x for numbers in lines.values() for x in numbers if x == x]
    if name in ("loss", "learning rate") and wide_range(together):
        logarithmic("plot_history", part.ax, together)
        name += " (log)"
    part.say(y=name.replace("_", " "))
    if len(lines) > 1:
        part.legend(handles, list(lines))


def _mark(panels: list[Panel], history: History) -> None:
    """The best epoch and the end, as lines down every panel, named in the first."""
    last, best = history.epochs, history.best_epoch
    marks: dict[int, str] = {}
    if history.status != "completed":
        marks[last] = history.status
    if best is not None and best <= last and history.status != "converged":
        marks[best] = f"best and {marks[best]}" if best in marks else "best"
    for epoch, word in marks.items():
        for part in panels:
            part.ax.axvline(epoch, color=part.theme.muted, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1.5)
        right_half = epoch > (1 + last) / 2
        panels[0].note(
            f"{word}: epoch {epoch}", epoch, 0.99 if word == "best" else 0.89, xycoords=("data", "axes fraction"),
            xytext=(-5 if right_half else 5, 0), va="top", ha="right" if right_half else "left",
        )  # fmt: skip
