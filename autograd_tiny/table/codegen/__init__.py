"""What is written from the table when the compiled engine is built (``setup.py`` calls `write_engine`).

`engine` puts it together: `rules` are the rows in C, `methods` those of `Value`, `graphs`, `curvature` and `replay` the
rules once more for derivatives as graphs, second derivatives and graphs that are run anew. `javascript` is for pages.
"""

from __future__ import annotations

from .engine import write_engine as write_engine
