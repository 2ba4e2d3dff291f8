"""`plot_decision_boundary`: which class a model gives to each point of the plane, with the samples on top.

>>> import nn
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
>>> ax = plot_decision_boundary(nn.MLP(2, [4, 1], "tanh", seed=1), X, y, resolution=20)
>>> ax.get_xlabel(), ax.get_ylabel(), [text.get_text() for text in ax.get_legend().get_texts()]
('x1', 'x2', ['-1', '1', 'wrong side: 1 of 4', 'output = 0'])
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from autograd_tiny.core.operands import finite_float, is_number
from autograd_tiny.errors import article, shorten
from nn import settings

from ..scale import mix
from .panel import Panel, panel, require
from .surface import CALLER, Scores, scores

RESOLUTION = 70
MARGIN = 0.15
TINT, DEEP = 0.22, 0.55
"""How much of a class's colour its ground has: where the model is unsure and, with two classes, where it is sure."""
STEPS = 6


def plot_decision_boundary(
    model: Any,
    X: Any,
    y: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    ax: Any = None,
    features: Sequence[str] = ("x1", "x2"),
    classes: Sequence[str] | None = None,
    threshold: float | None = None,
    resolution: int = RESOLUTION,
    theme: str = "light",
) -> Any:
    """The Axes of the plane of two features, coloured by the class that ``model`` gives, with the samples overlaid.

    ``model`` is an `nn.Module` with one output (two classes) or one a class, any function of a point that gives the
    like, or a fitted classifier with ``predict_proba``, ``decision_function`` or ``predict``. ``X`` is n × 2, ``y`` a
    class for each; of two classes the larger is the one above the threshold. That is 0, as for ``hinge`` and logits,
    or 0.5 where all outputs lie from 0 to 1 and no class is -1; ``threshold`` says otherwise.

    With two classes the ground is the deeper the surer; a sample on the wrong side is ringed. ``classes`` are names
    for the legend, in the order of the classes. The model is asked at ``resolution`` × ``resolution`` points, in eval
    mode.
    """
    points, labels, names = *_data(X, y), _names("features", features, 2)
    fine = settings.whole(f"{CALLER}(resolution)", resolution, 2)
    limit = None if threshold is None else finite_float(threshold, f"{CALLER}(threshold)")
    require(CALLER)
    import numpy as np

    known = sorted(set(labels), key=lambda c: (str(type(c)), c))
    data = np.array(points, dtype=float)
    low, high = data.min(axis=0), data.max(axis=0)
    room = np.where(high > low, MARGIN * (high - low), 1.0)
    across, up = (np.linspace(low[i] - room[i], high[i] + room[i], fine) for i in range(2))
    grid = np.array([(x1, x2) for x2 in up for x1 in across])
    both = scores(model, np.concatenate([grid, data]), known, limit)
    numbers = both.numbers
    places = [both.classes.index(label) if label in both.classes else None for label in labels]
    if None in places:
        strange = labels[places.index(None)]
        raise ValueError(f"{CALLER}(y) has {shorten(strange)}: expected one of the model's classes, {both.classes}")
    titles = [str(c) for c in both.classes] if classes is None else _names("classes", classes, len(both.classes))
    surface = Scores(numbers[: len(grid)], both.classes, both.threshold, both.says)
    given = Scores(numbers[len(grid) :], both.classes, both.threshold, both.says).predicted()
    wrong = data[given != np.array(places)]
    text = f"{len(data)} samples of {len(set(places))} classes, {len(wrong)} of them on the wrong side"
    with panel(CALLER, ax, path, theme, "Decision boundary", text, (6.0, 4.6)) as p:
        p.ax.grid(False)
        ground = _binary if surface.binary else _many
        handles, said = ground(p, across, up, surface)
        marks = []
        for i in range(len(titles)):
            chosen = data[[place == i for place in places]]
            marks += p.ax.plot(
                chosen[:, 0], chosen[:, 1], p.marker(i), color=p.color(i), markersize=6, linestyle="",
                markeredgecolor=p.theme.ground, markeredgewidth=0.9, zorder=3,
            )  # fmt: skip
        if len(wrong):
            marks += p.ax.plot(
                wrong[:, 0], wrong[:, 1], "o", markersize=11, markerfacecolor="none", markeredgecolor=p.theme.ink,
                markeredgewidth=1.3, linestyle="", zorder=4,
            )  # fmt: skip
            titles = [*titles, f"wrong side: {len(wrong)} of {len(data)}"]
        p.ax.set_xlim(across[0], across[-1])
        p.ax.set_ylim(up[0], up[-1])
        p.say(x=names[0], y=names[1])
        p.legend([*marks, *handles], [*titles, *said], loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
    return p.ax


def _data(X: Any, y: Any) -> tuple[list[list[float]], list[Any]]:
    """The points and their classes as lists, checked."""
    points, labels = (given.tolist() if hasattr(given, "tolist") else given for given in (X, y))
    for name, given, instead in (("X", points, "a list or array of points"), ("y", labels, "a class for each point")):
        if not isinstance(given, (list, tuple)):
            got = f"{shorten(given)}, {article(type(given).__name__)}"
            raise TypeError(f"{CALLER}({name}) got {got}: expected {instead}")
    if len(points) != len(labels):
        raise ValueError(f"{CALLER} got {len(points)} points and {len(labels)} classes: expected one for each")
    if not points:
        raise ValueError(f"{CALLER}(X) got no points: expected at least one")
    found = []
    for i, point in enumerate(points):
        point = point.tolist() if hasattr(point, "tolist") else point
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            got = f"{len(point)} features" if isinstance(point, (list, tuple)) else shorten(point)
            raise ValueError(f"{CALLER}(X[{i}]) has {got}: expected two features, which the plane has room for")
        found.append([finite_float(x, f"{CALLER}(X[{i}][{j}])") for j, x in enumerate(point)])
    return found, [_label(i, label) for i, label in enumerate(labels)]


def _label(i: int, label: Any) -> Any:
    label = label.item() if hasattr(label, "item") else label
    if not isinstance(label, str) and not is_number(label):
        got = f"{shorten(label)}, {article(type(label).__name__)}"
        raise TypeError(f"{CALLER}(y[{i}]) got {got}: expected a class, a number or a name")
    return int(label) if not isinstance(label, str) and label == int(label) else label


def _names(which: str, given: Any, count: int) -> list[str]:
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != count:
        raise ValueError(f"{CALLER}({which}) got {shorten(given)}: expected {count} names")
    return [str(name) for name in given]


def _binary(p: Panel, across: Any, up: Any, surface: Scores) -> tuple[list[Any], list[str]]:
    """The ground of two classes, the surer the deeper, and their boundary."""
    import numpy as np

    heights = surface.numbers.reshape(len(up), len(across)) - surface.threshold
    sizes = np.abs(heights[np.isfinite(heights)])
    reach = float(np.percentile(sizes, 90)) if sizes.size else 0.0
    levels = np.linspace(-1.0, 1.0, 2 * STEPS + 1) * (reach or 1.0)
    tints = [TINT + (DEEP - TINT) * i / STEPS for i in range(STEPS + 1)]
    ground = p.theme.ground
    colors = [*(mix(ground, p.color(0), t) for t in reversed(tints)), *(mix(ground, p.color(1), t) for t in tints)]
    filled = p.ax.contourf(across, up, heights, levels=levels, colors=colors, extend="both")
    filled.set_edgecolor("face")  # else the ground shows through between two steps
    finite = heights[np.isfinite(heights)]
    if not finite.size or not finite.min() < 0.0 < finite.max():
        return [], []
    line = p.ax.contour(across, up, heights, levels=[0.0], colors=[p.theme.ink], linewidths=1.8)
    handle = require(CALLER, "lines").Line2D([], [], color=p.theme.ink, linewidth=1.8)
    line.set_zorder(2)
    return [handle], [f"{surface.says} = {surface.threshold:g}"]


def _many(p: Panel, across: Any, up: Any, surface: Scores) -> tuple[list[Any], list[str]]:
    """The ground of several classes, and the line around each where it leads."""
    import numpy as np

    numbers, k = surface.numbers, surface.numbers.shape[1]
    for i in range(k):
        rest = np.max(np.delete(numbers, i, axis=1), axis=1) if k > 1 else np.zeros(len(numbers))
        lead = (numbers[:, i] - rest).reshape(len(up), len(across))
        finite = lead[np.isfinite(lead)]
        if not finite.size or not finite.max() > 0.0:
            continue
        color = mix(p.theme.ground, p.color(i), (TINT + DEEP) / 2)
        p.ax.contourf(across, up, lead, levels=[0.0, max(1.0, 2.0 * float(finite.max()))], colors=[color])
        if finite.min() < 0.0:
            p.ax.contour(across, up, lead, levels=[0.0], colors=[p.theme.ink], linewidths=1.4).set_zorder(2)
    return [], []
