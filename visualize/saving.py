"""`svg`, `save_svg` and `save_picture`: a picture as text, and as a file.

>>> from autograd_tiny import Value
>>> a = Value(2.0, "a")
>>> svg(a * a).count("<ellipse")
1
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeAlias

import graphviz

from autograd_tiny import Value
from autograd_tiny.errors import shorten

from .arguments import whole_number
from .files import checked_path, picture_path, write_picture
from .graph import Drawing, draw_graph
from .layout import layout, layout_bytes
from .network import NetworkPicture
from .printing import FORMATS, can_print, printed

Picture: TypeAlias = Any


def svg(root_or_picture: Picture, **options: Any) -> str:
    """The SVG text of a Value's graph, drawn with the options of `draw_graph`, or of a picture drawn already."""
    picture = root_or_picture
    if isinstance(picture, (graphviz.Digraph, graphviz.Graph, graphviz.Source, NetworkPicture)):
        if options:
            drawn_by = "draw_network" if isinstance(picture, NetworkPicture) else "draw_graph"
            raise TypeError(
                f"svg() of a picture that is drawn already takes no {', '.join(options)}: "
                f"give the options to {drawn_by}, or give svg() the Value"
            )
    elif options.get("format", "svg") != "svg":
        raise ValueError(
            f"svg(format={options['format']!r}): this is always SVG; for other formats: draw_graph(root).render(...)"
        )
    else:
        picture = draw_graph(picture, **options)
    if isinstance(picture, (Drawing, NetworkPicture)):
        return picture.svg()
    return layout(picture.source, picture.engine)


def save_svg(root_or_picture: Picture, path: str | os.PathLike[str], **options: Any) -> Path:
    """``path``, where the SVG now is; folders above it are made, and a failure leaves no half-written file.

    Raises ``OSError`` that names the path, and what `svg` raises.
    """
    target = picture_path(path, "save_svg")
    return write_picture(target, svg(root_or_picture, **options))


def save_picture(
    root_or_picture: Picture, path: str | os.PathLike[str], *, width: int | None = None, **options: Any
) -> Path:
    """The same in the format that the path ends in: .svg, .png or .pdf; a PNG is ``width`` pixels wide.

    PNG and PDF are made by typst (extra ``print``); where that is missing, by the system's ``dot``, graphs only.
    """
    target = checked_path(path, "save_picture")
    suffix = target.suffix.lower()
    if width is not None and (suffix != ".png" or whole_number(width) < 1):
        raise ValueError(
            f"save_picture(width={shorten(width)}): expected a number of pixels, for a path ending in .png"
        )
    if suffix == ".svg":
        return save_svg(root_or_picture, path, **options)
    if suffix not in FORMATS:
        raise ValueError(f"save_picture: {str(target)!r} should end in .svg, {', '.join(FORMATS)}")
    given = root_or_picture
    picture = draw_graph(given, **options) if isinstance(given, Value) else given
    if isinstance(picture, NetworkPicture) or width is not None or can_print():
        return write_picture(target, printed(svg(picture), suffix, width))
    return write_picture(target, layout_bytes(picture.source, suffix[1:], picture.engine))
