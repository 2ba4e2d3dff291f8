"""How a graph picture looks: one place for its colours and sizes.

Blue and vermilion (Okabe and Ito's palette) stay apart for every common kind of colour blindness, and colour
never speaks alone: a leaf has nothing pointing at it, the root has the thick border. The ground is transparent,
so that one picture sits on a white slide and in a dark notebook: text in a box has a contrast of 4.5 : 1 with its
fill, text outside has 4.5 with white and 3.4 with the dark grey of a notebook (#222222).

>>> kind_style("root")["penwidth"]
'2.2'
"""

from __future__ import annotations

# `dot` and graphviz-pure both have the metrics of Helvetica; a list of fonts makes the latter measure Times.
FONT = "Helvetica"

INK, MUTED, LINE = "#1f2933", "#5b6675", "#7b8794"
BLUE, VERMILION = "#0072b2", "#d55e00"
OUTSIDE, OUTSIDE_BLUE = "#6b7685", "#1b7ab8"
"""For text that stands on the ground."""

TITLE_SIZE, TEXT_SIZE, SYMBOL_SIZE, SMALL_SIZE = 12, 11, 13, 10

_KINDS = {
    "leaf": {"fillcolor": "#e4f1fa", "color": BLUE, "penwidth": "1.2"},
    "interior": {"fillcolor": "#ffffff", "color": LINE, "penwidth": "1"},
    "root": {"fillcolor": "#fdefe3", "color": VERMILION, "penwidth": "2.2"},
    "constant": {"fillcolor": "#f1f3f5", "color": "#c3cad2", "penwidth": "0.8"},
}

GRAPH = {
    "fontname": FONT,
    "fontsize": "12",
    "fontcolor": OUTSIDE,
    "bgcolor": "transparent",
    "nodesep": "0.2",
    "ranksep": "0.3",
    "pad": "0.1",
}
NODE = {
    "fontname": FONT,
    "fontcolor": INK,
    "shape": "box",
    "style": "rounded,filled",
    "margin": "0.1,0.06",
    "width": "0.3",
    "height": "0.3",
}
EDGE = {
    "fontname": FONT,
    "fontsize": str(SMALL_SIZE),
    "fontcolor": OUTSIDE_BLUE,
    "color": LINE,
    "penwidth": "1",
    "arrowsize": "0.55",
}
OPERATION = {
    "fillcolor": "#eceff2",
    "color": LINE,
    "penwidth": "1",
    "shape": "ellipse",
    "fontsize": str(SYMBOL_SIZE),
    "fixedsize": "true",
    "margin": "0",
}


def kind_style(kind: str) -> dict[str, str]:
    """The attributes of a value box: ``leaf``, ``interior``, ``root`` or ``constant``."""
    return dict(_KINDS[kind])
