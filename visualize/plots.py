"""`plot_loss`: how a training run went, as a curve.

The same numbers give the same bytes: no date, no random ids, none of the user's matplotlib settings.

>>> import tempfile, pathlib
>>> plot_loss([0.9, 0.5, 0.3], pathlib.Path(tempfile.mkdtemp()) / "loss.svg").name
'loss.svg'
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd_tiny.errors import article, shorten
from autograd_tiny.operands import is_number

from . import style
from .files import picture_path, write_picture


def plot_loss(
    losses: Iterable[float], path: str | os.PathLike[str], *, accuracies: Iterable[float] | None = None
) -> Path:
    """``path``, where the curve of ``losses`` over the epochs is now drawn, with ``accuracies`` in a panel below.

    An infinity or nan, as a run that diverges has them, is a gap in the curve.
    """
    target = picture_path(path, "plot_loss")
    curves = [("loss", _numbers(losses, "losses"), style.BLUE)]
    if accuracies is not None:
        curves.append(("accuracy", _numbers(accuracies, "accuracies"), style.VERMILION))
        if len(curves[0][1]) != len(curves[1][1]):
            raise ValueError(
                f"plot_loss got {len(curves[0][1])} losses and {len(curves[1][1])} accuracies: "
                "expected one of each for every epoch"
            )
    return write_picture(target, _draw(curves))


def _numbers(xs: Any, name: str) -> list[float]:
    if not isinstance(xs, Iterable) or isinstance(xs, (str, bytes)):
        raise TypeError(
            f"plot_loss({name}) got {shorten(xs)}, {article(type(xs).__name__)}: expected a list of numbers, "
            "one for each epoch"
        )
    numbers = list(xs)
    for x in numbers:
        if not is_number(x):
            raise TypeError(
                f"plot_loss({name}) has {shorten(x)}, {article(type(x).__name__)}: expected numbers"
                + ("; write [v.data for v in values]" if hasattr(x, "data") else "")
            )
    if not numbers:
        raise ValueError(f"plot_loss({name}) got no numbers: expected one for each epoch")
    return [float(x) if abs(x) < 1e300 else float("nan") for x in numbers]  # beyond that an axis has no room


def _draw(curves: list[tuple[str, list[float], str]]) -> str:
    """The SVG of one panel for each (name, numbers, colour)."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError as error:
        raise ImportError("plot_loss draws with matplotlib: pip install autograd-tiny[plot]") from error
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        # Text stays text, to be searched and restyled; the salt makes the ids the same in each run.
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "autograd-tiny", "font.size": 10})
        figure = Figure(figsize=(6.0, 1.0 + 2.2 * len(curves)), layout="constrained")
        panels = figure.subplots(len(curves), sharex=True, squeeze=False)[:, 0]
        for panel, (name, numbers, color) in zip(panels, curves, strict=True):
            marker = "o" if len(numbers) == 1 else ""
            panel.plot(range(1, len(numbers) + 1), numbers, color=color, linewidth=1.8, marker=marker)
            panel.set_ylabel(name, color=style.INK)
            panel.grid(axis="y", color="#e3e7eb", linewidth=0.8)
            panel.tick_params(colors=style.MUTED)
            for side, spine in panel.spines.items():
                spine.set_visible(side in ("left", "bottom"))
                spine.set_color("#c3cad2")
            panel.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        panels[-1].set_xlabel("epoch", color=style.INK)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()
