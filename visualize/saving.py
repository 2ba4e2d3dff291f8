"""`svg` and `save_svg`: the picture of a graph as text, and as a file.

>>> from autograd_tiny import Value
>>> a = Value(2.0, "a")
>>> svg(a * a).count("<ellipse")
1
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import graphviz

from autograd_tiny import Value

from .files import picture_path, write_picture
from .graph import draw_graph
from .layout import layout


def svg(root_or_digraph: Value | graphviz.Digraph, **options: Any) -> str:
    """The SVG text of a Value's graph, drawn with the options of `draw_graph`, or of a ``graphviz.Digraph``."""
    picture = root_or_digraph
    if isinstance(picture, (graphviz.Digraph, graphviz.Graph, graphviz.Source)):
        if options:
            raise TypeError(
                f"svg() of a picture that is drawn already takes no {', '.join(options)}: "
                "give the options to draw_graph, or give svg() the Value"
            )
    elif options.get("format", "svg") != "svg":
        raise ValueError(
            f"svg(format={options['format']!r}): this is always SVG; for other formats: draw_graph(root).render(...)"
        )
    else:
        picture = draw_graph(root_or_digraph, **options)
    return layout(picture.source, picture.engine)


def save_svg(root_or_digraph: Value | graphviz.Digraph, path: str | os.PathLike[str], **options: Any) -> Path:
    """``path``, where the SVG now is; folders above it are made, and a failure leaves no half-written file.

    Raises ``OSError`` that names the path, and what `svg` raises.
    """
    target = picture_path(path, "save_svg")
    return write_picture(target, svg(root_or_digraph, **options))
