"""How pictures look: one place for their colours and sizes, as a light and a dark theme.

Blue and vermilion (Okabe and Ito's palette) stay apart for every common kind of colour blindness, and colour
never speaks alone: a leaf has nothing pointing at it, the root has the thick border, a large gradient a wide line.
Each theme brings its own ground, so that a picture reads the same on a slide, in a notebook and on a page of the
other brightness; every text has a contrast of at least 4.5 : 1 with what it stands on (a test computes it).

>>> LIGHT.kind("root")["penwidth"], sorted(THEMES)
('2.2', ['dark', 'light'])
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from autograd_tiny.errors import shorten

# `dot` and graphviz-pure both have the metrics of Helvetica; a list of fonts makes the latter measure Times.
FONT = "Helvetica"
FONTS = "Helvetica,Arial,sans-serif"

INK, MUTED = "#1f2933", "#566170"
BLUE, VERMILION = "#0072b2", "#d55e00"
"""The light theme's ink, and the two colours; curves take them too."""

TITLE_SIZE, TEXT_SIZE, SYMBOL_SIZE, SMALL_SIZE = 12, 11, 13, 10

WIDTHS = {"leaf": "1.2", "interior": "1", "root": "2.2", "constant": "0.8", "folded": "1.2"}
"""How thick the border of each kind of box is."""


@dataclass(frozen=True)
class Theme:
    """The colours of a picture; those of text are legible on every fill and on the ground."""

    ground: str
    ink: str
    muted: str
    """Words beside numbers, notes and captions."""
    accent: str
    """What stands on an edge: local derivatives, counts."""
    line: str
    fills: dict[str, str]
    borders: dict[str, str]
    operation: str
    clusters: tuple[str, str]
    """Fill of a cluster of modules at even and at odd depth."""
    negative: str
    neutral: str
    positive: str
    """The ends and the middle of the scale for signed numbers, see `scale`."""
    font: str = FONTS
    text_size: float = TEXT_SIZE
    """The type size of a number in a box, in points; all others go with it."""

    def size(self, of: float) -> float:
        """The type size of what is ``of`` points where numbers in a box have 11."""
        return round(of * self.text_size / TEXT_SIZE, 2)

    def kind(self, kind: str) -> dict[str, str]:
        """The attributes of a box: ``leaf``, ``interior``, ``root``, ``constant`` or ``folded``."""
        return {"fillcolor": self.fills[kind], "color": self.borders[kind], "penwidth": WIDTHS[kind]}

    @property
    def graph(self) -> dict[str, str]:
        return {
            "fontname": FONT,
            "fontsize": f"{self.size(12):g}",
            "fontcolor": self.muted,
            "bgcolor": self.ground,
            "nodesep": "0.2",
            "ranksep": "0.35",
            "pad": "0.15",
        }

    @property
    def node(self) -> dict[str, str]:
        return {
            "fontname": FONT,
            "fontcolor": self.ink,
            "shape": "box",
            "style": "rounded,filled",
            "margin": "0.1,0.06",
            "width": "0.3",
            "height": "0.3",
        }

    @property
    def edge(self) -> dict[str, str]:
        return {
            "fontname": FONT,
            "fontsize": f"{self.size(SMALL_SIZE):g}",
            "fontcolor": self.ink,
            "color": self.line,
            "penwidth": "1",
            "arrowsize": "0.55",
        }

    @property
    def circle(self) -> dict[str, str]:
        """The attributes of an operation."""
        return {
            "fillcolor": self.operation,
            "color": self.line,
            "penwidth": "1",
            "shape": "ellipse",
            "fontsize": f"{self.size(SYMBOL_SIZE):g}",
            "fixedsize": "true",
            "margin": "0",
        }


LIGHT = Theme(
    ground="#ffffff",
    ink=INK,
    muted=MUTED,
    accent="#0f6aa6",
    line="#7b8794",
    fills={"leaf": "#e4f1fa", "interior": "#ffffff", "root": "#fdefe3", "constant": "#f1f3f5", "folded": "#eef0f7"},
    borders={
        "leaf": BLUE,
        "interior": "#7b8794",
        "root": VERMILION,
        "constant": "#c3cad2",
        "folded": "#5f6b8a",
    },
    operation="#eceff2",
    clusters=("#f8f9fb", "#f0f3f7"),
    negative="#c04a00",
    neutral="#c2c9d1",
    positive="#005f9e",
)
DARK = Theme(
    ground="#14181d",
    ink="#e8ecf0",
    muted="#a9b4c0",
    accent="#7cc0f0",
    line="#74808d",
    fills={"leaf": "#12324a", "interior": "#232a31", "root": "#45280f", "constant": "#1b2026", "folded": "#262b3d"},
    borders={
        "leaf": "#56b4e9",
        "interior": "#7b8794",
        "root": "#f0883e",
        "constant": "#4a545e",
        "folded": "#8f9bc0",
    },
    operation="#2d353d",
    clusters=("#1a1f25", "#20262d"),
    negative="#ff9a57",
    neutral="#4a545f",
    positive="#79c6ff",
)
THEMES = {"light": LIGHT, "dark": DARK}
_FONT = re.compile(r"[\w .,-]+")


def theme_named(caller: str, name: Any, font: Any = FONTS, font_size: Any = TEXT_SIZE) -> Theme:
    """The theme of that name, in that type; ``ValueError`` that says which there are."""
    if not isinstance(name, str) or name not in THEMES:
        raise ValueError(f'{caller}(theme={shorten(name)}): expected "light" or "dark"')
    if not isinstance(font, str) or not _FONT.fullmatch(font):
        raise ValueError(f'{caller}(font={shorten(font)}): expected names of fonts, such as "Inter, Arial, sans-serif"')
    if isinstance(font_size, bool) or not isinstance(font_size, (int, float)) or not 4 <= font_size <= 96:
        raise ValueError(f"{caller}(font_size={shorten(font_size)}): expected points from 4 to 96")
    return replace(THEMES[name], font=font, text_size=float(font_size))
