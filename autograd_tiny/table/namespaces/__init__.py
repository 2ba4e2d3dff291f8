"""The ``xp``'s that a rule runs on: each gives ``exp``, ``where``, ``sum_of``, … a meaning of its own.

`FLOATS` computes; `TEXT` and `LATEX` write the formula down; `Source` writes the program. numpy's and mpmath's
namespaces are in `arrays` and `multiprecision`, imported by whoever has those libraries; that of Values is in
`autograd_tiny.derivatives.functions`, one layer up, since it needs `Value`.

>>> from autograd_tiny.table.ops import TABLE
>>> rule = TABLE["div"].partials[0]
>>> rule(FLOATS, 1.0, 4.0, 0.25), str(rule(TEXT, TEXT.name("a"), TEXT.name("b"), TEXT.name("y")))
(0.25, '1 / b')
"""

from __future__ import annotations

from .base import Namespace as Namespace
from .floats import FLOATS as FLOATS
from .source import Source as Source
from .text import LATEX as LATEX
from .text import TEXT as TEXT
from .text import Text as Text
