"""The ground that curves are drawn on: an Axes in a theme's colours, none of the user's settings, a file at the end.

>>> from visualize.curves.panel import panel
>>> with panel("plot_it", None, None, "light", "A line", "from 0 to 1") as p:
...     _ = p.ax.plot([0, 1], color=p.colors[0])
>>> p.ax.figure.get_size_inches().tolist()
[6.0, 3.6]

What a label says is data: it goes in by `Panel.say` and `Panel.legend`, where no ``$`` starts a formula and no
leading underscore hides it.
"""

from __future__ import annotations

import importlib
import io
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograd_tiny.errors import article, shorten

from ..accessible import Description, opening
from ..files import checked_path, write_picture
from ..style import THEMES, Theme, theme_named
from ..text import cut

SERIES = {
    "light": (
        *(THEMES["light"].borders[kind] for kind in ("leaf", "root")),
        "#008060",
        "#a3478a",
        "#8a6a00",
        "#4a5568",
    ),
    "dark": (*(THEMES["dark"].borders[kind] for kind in ("leaf", "root")), "#2fc9a0", "#dd8fc4", "#e3c04a", "#aeb9c6"),
}
"""Blue and vermilion first, then Okabe and Ito's green, purple and yellow, deepened until they stand out at 3 : 1."""

DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
MARKERS = "osD^vPX"
"""Colour never speaks alone: lines differ in their dashes too, points in their shape."""

METADATA = {".svg": {"Date": None, "Creator": None}, ".png": {"Software": None}, ".pdf": {"CreationDate": None}}
"""The formats, and what matplotlib would write into each that changes from run to run or version to version."""

SETTINGS = {
    "svg.fonttype": "none",  # text stays text, to be searched and restyled
    "svg.hashsalt": "autograd-tiny",  # the same ids in each run
    "pdf.fonttype": 42,
    "savefig.dpi": 160,
    "font.size": 10,
}


def require(caller: str, part: str = "") -> Any:
    """matplotlib, or one of its modules; an error that names the extra where it is missing."""
    try:
        return importlib.import_module(f"matplotlib.{part}".rstrip("."))
    except ImportError as error:
        raise ImportError(f"{caller} draws with matplotlib: pip install autograd-tiny[plot]") from error


class Panel:
    """An Axes in a theme, to draw on."""

    def __init__(self, ax: Any, theme: str) -> None:
        self.ax, self.theme, self.colors = ax, THEMES[theme], SERIES[theme]
        dress(ax, self.theme)

    def color(self, i: int) -> str:
        """Of the line or class number ``i``."""
        return self.colors[i % len(self.colors)]

    def dash(self, i: int) -> Any:
        return DASHES[(i + i // len(self.colors)) % len(DASHES)]

    def marker(self, i: int) -> str:
        return MARKERS[i % len(MARKERS)]

    def say(self, *, x: str = "", y: str = "", title: str = "") -> None:
        """Name the axes, and the whole."""
        for label, set_label in ((x, self.ax.set_xlabel), (y, self.ax.set_ylabel)):
            if label:
                set_label(cut(label, 60), parse_math=False, color=self.theme.ink)
        if title:
            self.ax.set_title(title, parse_math=False, color=self.theme.ink, loc="left", fontsize=10.5)

    def note(self, text: str, x: float, y: float, **more: Any) -> Any:
        """A short text beside a point of the data."""
        more = {"xytext": (5, 5), "textcoords": "offset points", "fontsize": 9, "color": self.theme.ink, **more}
        more["bbox"] = {"facecolor": self.theme.ground, "edgecolor": "none", "alpha": 0.8, "pad": 1.0}
        return self.ax.annotate(cut(text), (x, y), parse_math=False, **more)

    def legend(self, handles: Sequence[Any], labels: Sequence[str], **more: Any) -> None:
        """Which line is which, in labels that may be anything."""
        drawn = self.ax.legend(
            handles, [str(i) for i in range(len(labels))], facecolor=self.theme.ground, edgecolor="none",
            framealpha=0.85, fontsize=9.5, labelcolor=self.theme.ink, **more,
        )  # fmt: skip
        for text, label in zip(drawn.get_texts(), labels, strict=True):
            text.set_parse_math(False)
            text.set_text(cut(label, 50))


def dress(ax: Any, theme: Theme) -> None:
    """Give an Axes the theme's ground and inks, and no more lines than it needs."""
    ax.set_facecolor(theme.ground)
    ax.grid(axis="y", color=theme.clusters[1], linewidth=0.9)
    ax.set_axisbelow(True)
    ax.tick_params(which="both", colors=theme.line, labelcolor=theme.muted)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.line)


@contextmanager
def panel(
    caller: str, ax: Any, path: str | os.PathLike[str] | None, theme: str, title: str, text: str,
    size: tuple[float, float] = (6.0, 3.6),
) -> Iterator[Panel]:  # fmt: skip
    """A `Panel` on ``ax`` or on a new figure, which is saved at the end if there is a path.

    ``title`` and ``text`` are what a saved SVG says to those who cannot see it. Wrong arguments are errors before
    anything is drawn; the user's rcParams are put aside meanwhile.
    """
    target = None if path is None else figure_path(path, caller)
    look = theme_named(caller, theme)
    check_axes(caller, ax)
    with own_settings(caller):
        if ax is None:
            figure = require(caller, "figure").Figure(figsize=size, layout="constrained", facecolor=look.ground)
            figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
            ax = figure.subplots()
        yield Panel(ax, theme)
        if target is not None:
            save_figure(ax.figure.figure, target, Description(title, text, {}), target.suffix.lower())


@contextmanager
def own_settings(caller: str) -> Iterator[None]:
    """matplotlib's own settings and ours, instead of the user's, which come back afterwards."""
    matplotlib = require(caller)
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield


def check_axes(caller: str, ax: Any) -> None:
    """An error unless ``ax`` is None or a flat Axes."""
    if ax is None:
        return
    if not isinstance(ax, require(caller, "axes").Axes):
        got = f"{shorten(ax)}, {article(type(ax).__name__)}"
        raise TypeError(f"{caller}(ax) got {got}: expected one matplotlib Axes, such as figure.subplots() gives")
    if ax.name != "rectilinear":
        raise ValueError(f"{caller}(ax) got {article(ax.name)} Axes: expected one with plain x and y axes")


def figure_path(path: str | os.PathLike[str], caller: str) -> Path:
    """``path`` as a Path, if it ends in a format that can be written."""
    target = checked_path(path, caller)
    if target.suffix.lower() not in METADATA:
        raise ValueError(f"{caller}: {str(target)!r} should end in .svg, .png or .pdf")
    return target


def save_figure(figure: Any, path: Path, description: Description, kind: str) -> Path:
    """``path``, which now holds the figure as ``kind``, such as ".svg"; called within `own_settings`."""
    drawn = io.BytesIO()
    with warnings.catch_warnings():
        if kind == ".svg":  # whoever opens the file has the letters that matplotlib's font has not
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(drawn, format=kind[1:], metadata=METADATA[kind], facecolor=figure.get_facecolor())
    content = drawn.getvalue()
    if kind == ".svg":
        text = content.decode()
        start = text.index("<svg ")
        end = text.index(">", start) + 1
        content = f"{text[:start]}{opening(text[start:end], description)}{text[end:]}".encode()
    return write_picture(path, content)
