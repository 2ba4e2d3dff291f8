"""`plot_loss`: the curve of a list of losses, for a run that left no `nn.History`.

>>> import tempfile, pathlib
>>> plot_loss([0.9, 0.5, 0.3], pathlib.Path(tempfile.mkdtemp()) / "loss.svg").name
'loss.svg'
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

from ..accessible import Description
from ..files import picture_path
from .axes import count_epochs, drawable, stack
from .panel import Panel, panel, save_figure


def plot_loss(
    losses: Iterable[float],
    path: str | os.PathLike[str],
    *,
    accuracies: Iterable[float] | None = None,
    theme: str = "light",
) -> Path:
    """``path``, where the curve of ``losses`` over the epochs is now drawn, with ``accuracies`` in a panel below.

    An infinity or nan, as a run that diverges has them, is a gap in the curve.
    """
    target = picture_path(path, "plot_loss")
    curves = {"loss": _numbers(losses, "losses")}
    if accuracies is not None:
        curves["accuracy"] = _numbers(accuracies, "accuracies")
        if len(curves["loss"]) != len(curves["accuracy"]):
            raise ValueError(
                f"plot_loss got {len(curves['loss'])} losses and {len(curves['accuracy'])} accuracies: "
                "expected one of each for every epoch"
            )
    epochs = len(curves["loss"])
    text = f"{' and '.join(curves)} of {epochs} epoch{'s' * (epochs != 1)}"
    with panel("plot_loss", None, None, theme, "Training", text, (6.0, 1.0 + 2.2 * len(curves))) as top:
        axes = stack(top.ax, [1.0] * len(curves))
        panels = [top, *(Panel(below, theme) for below in axes[1:])]
        for i, (part, (name, numbers)) in enumerate(zip(panels, curves.items(), strict=True)):
            marker = "o" if epochs == 1 else ""
            part.ax.plot(range(1, epochs + 1), numbers, color=part.color(i), linewidth=1.8, marker=marker)
            part.say(y=name)
        count_epochs("plot_loss", top.ax, 1, epochs)
        panels[-1].say(x="epoch")
        return save_figure(top.ax.figure, target, Description("Training", text, {}), ".svg")


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
    return drawable(numbers)
