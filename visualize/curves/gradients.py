"""`plot_gradients`: the size of the gradient in each layer over the epochs, where vanishing and exploding show.

`nn.HealthCheck` records them as a callback of `nn.fit`:

>>> import nn
>>> model = nn.MLP(1, [4, 1], "tanh", seed=0)
>>> X, y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 4.0]
>>> check = nn.HealthCheck(model, X, y, "mean_squared_error", every=1)
>>> history = nn.fit(model, X, y, epochs=3, callbacks=check, verbose=0, seed=0)
>>> ax = plot_gradients(check)
>>> ax.get_ylabel(), len(ax.lines), ax.lines[0].get_xdata().tolist()
('gradient norm', 2, [1, 2, 3])
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from autograd_tiny.errors import article, shorten
from nn import Health, HealthCheck

from .axes import count_epochs, drawable, logarithmic, wide_range
from .panel import panel


def plot_gradients(
    check: HealthCheck | Mapping[int, Health],
    path: str | os.PathLike[str] | None = None,
    *,
    ax: Any = None,
    theme: str = "light",
) -> Any:
    """The Axes of the gradient's norm, √Σ g² over a layer's parameters, with a line for each layer.

    ``check`` is an `nn.HealthCheck` made with targets and a loss, after a run (``every=1`` for a point an epoch), or
    its ``found``. Norms of very different sizes get a logarithmic scale; one that is 0 there, or nan, is a gap.
    """
    found = check.found if isinstance(check, HealthCheck) else check
    if not isinstance(found, Mapping) or not all(isinstance(health, Health) for health in found.values()):
        raise TypeError(
            f"plot_gradients(check) got {shorten(check)}, {article(type(check).__name__)}: expected an nn.HealthCheck, "
            "which nn.fit(..., callbacks=check) fills"
        )
    if not found:
        raise ValueError(
            "plot_gradients(check) got a HealthCheck of no epochs: give it to nn.fit(..., callbacks=check)"
        )
    layers: dict[str, dict[int, float | None]] = {}
    for epoch, health in sorted(found.items()):
        for layer in health.layers:
            layers.setdefault(layer.name, {})[epoch] = layer.gradient_norm
    if all(norm is None for norms in layers.values() for norm in norms.values()):
        raise ValueError(
            "plot_gradients(check) got a HealthCheck without gradients: make it with targets and a loss, "
            'such as nn.HealthCheck(model, X, y, "hinge", every=1)'
        )
    epochs = sorted(found)
    curves = {name: drawable(norms.get(epoch) for epoch in epochs) for name, norms in layers.items()}
    norms = [x for numbers in curves.values() for x in numbers if x == x]
    positive = [x for x in norms if x > 0.0]
    text = f"from epoch {epochs[0]} to {epochs[-1]}, for the layers {', '.join(layers)}"
    with panel("plot_gradients", ax, path, theme, "Gradient norm by layer", text) as p:
        handles = []
        for i, numbers in enumerate(curves.values()):
            handles += p.ax.plot(
                epochs, numbers, color=p.color(i), linestyle=p.dash(i), linewidth=1.8,
                marker=p.marker(i) if len(epochs) == 1 else "",
            )  # fmt: skip
        if wide_range(positive):
            logarithmic("plot_gradients", p.ax, positive)
        else:
            p.ax.set_ylim(bottom=0.0)
        count_epochs("plot_gradients", p.ax, epochs[0], epochs[-1])
        p.say(x="epoch", y="gradient norm (log)" if wide_range(positive) else "gradient norm")
        p.legend(handles, list(curves))
    return p.ax
