"""The compiled engine's sources, complete: ``_engine.pyx`` with the methods of the table in it, and the rules in C."""

from __future__ import annotations

import textwrap
from pathlib import Path

from ..ops import ROWS
from . import curvature
from .graphs import partials
from .methods import declarations, methods
from .replay import switch, vectors
from .rules import header

FIRST_CODE = 2
"""A node's operation is a number: 0 a leaf, 1 a constant, from here on the rows of the table in order."""


def engine_files() -> dict[str, str]:
    """File name -> text."""
    package = Path(__file__).parents[2] / "core"
    before, after = (package / "_engine.pyx").read_text().split("    # METHODS OF THE TABLE\n")
    return {
        **{path.name: path.read_text() for path in package.glob("_engine_*.pxi")},
        "_engine.pyx": before + textwrap.indent(methods(ROWS, FIRST_CODE), "    ") + after,
        "_engine_rules.h": "\n".join(
            [header(ROWS), vectors(ROWS, FIRST_CODE), switch(ROWS, FIRST_CODE), curvature.header(ROWS, FIRST_CODE)]
        ),
        "_engine_rules.pxi": declarations(ROWS, FIRST_CODE),
        "_engine_partials.pxi": partials(ROWS, FIRST_CODE),
    }


def write_engine(folder: Path) -> list[Path]:
    """Write the files into ``folder``, touching only those whose text changes; all their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in engine_files().items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        paths.append(path)
    return paths
