"""From DOT text to SVG: through ``dot`` where there is one, else through graphviz-pure, which pip installs.

A browser starts no program: a page there hands over a function that lays out, as the site's does (``docs/python``).

>>> print(layout('digraph { a -> b }')[:4])
<svg
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable

from autograd_tiny.errors import AutogradError, GraphvizNotFound

from .style import FONTS

_COMMENT = re.compile("<!--.*?-->\n?", re.DOTALL)
# The head of a thick edge: its outline, drawn with the edge's pen, would reach into the box and over the text there.
_HEAD = re.compile(r'(<polygon fill="(#\w+)" stroke="\2") stroke-width="[\d.]+"')

by_page: Callable[[str, str, str], str] | None = None
"""What a page in a browser lays out with: (DOT text, format, engine) to the picture's text, or an error."""


class LayoutFailed(AutogradError, RuntimeError):
    """The layout program refused a graph; ``source`` holds the DOT text that it got."""

    def __init__(self, message: str, source: str) -> None:
        super().__init__(message)
        self.source = source


def find_program() -> str | None:
    """The path of ``dot``, else of ``graphviz-pure`` (on PATH or among this environment's scripts), else None."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=scripts)


def layout(source: str, engine: str = "dot") -> str:
    """The SVG of a DOT text: an ``<svg>`` element without prolog or comments, fit for a file and for HTML.

    Raises `GraphvizNotFound` where nothing can lay it out, `LayoutFailed` with the program's own words.
    """
    drawn = layout_bytes(source, "svg", engine).decode(errors="replace")
    # The prolog and the comments name the version of the program; a "<" in a label is "&lt;" by now.
    # "sans-Serif" is no font: librsvg and others go on to a much wider one than the boxes were measured for.
    drawn = _COMMENT.sub("", drawn[drawn.index("<svg") :])
    drawn = _HEAD.sub(r'\1 stroke-linejoin="round"', drawn)
    return drawn.replace('"Helvetica,sans-Serif"', f'"{FONTS}"')


def layout_bytes(source: str, format: str, engine: str = "dot") -> bytes:
    """What the layout program draws, as ``svg``, ``png`` or ``pdf``; the last two only `dot` can draw."""
    if by_page is not None:
        try:
            return by_page(source, format, engine).encode()
        except Exception as error:
            raise LayoutFailed(f"the page's layout gave no picture: {error}", source) from error
    program = find_program()
    if program is None and sys.platform == "emscripten":
        raise GraphvizNotFound(
            "a browser starts no layout program, and this page has set none of its own as visualize.layout.by_page: "
            "steps(root), write_stepper and draw_network need none; the DOT text is in this error's .source",
            source,
        )
    if program is None:
        raise GraphvizNotFound(
            "found neither dot nor graphviz-pure to lay out the graph: pip install autograd-tiny[dot], or install the "
            "system's graphviz (apt install graphviz, brew install graphviz); the DOT text is in this error's .source",
            source,
        )
    if format != "svg" and "graphviz-pure" in os.path.basename(program):
        raise GraphvizNotFound(
            f"a picture as {format} needs typst: pip install autograd-tiny[print]; or dot, the system's graphviz "
            "(apt install graphviz, brew install graphviz); graphviz-pure draws SVG",
            source,
        )
    command = [program, f"-T{format}", f"-K{engine}"]
    try:
        # What a successful run says on stderr (fonts, the metrics of non-ASCII text) we have allowed for.
        run = subprocess.run(command, input=source.encode(errors="replace"), capture_output=True, check=False)
    except OSError as error:
        raise LayoutFailed(f"{program} could not be started: {error}; install graphviz again", source) from error
    if run.returncode != 0 or not run.stdout or (format == "svg" and b"<svg" not in run.stdout):
        said = run.stderr.decode(errors="replace").strip() or "nothing on stderr"
        raise LayoutFailed(f"{program} gave no picture (exit status {run.returncode}): {said}", source)
    return run.stdout
