"""The ``xp``'s that a rule runs on: each gives ``exp``, ``where``, ``sum_of``, … a meaning of its own.

`FLOATS` computes, `ARRAYS` computes whole batches, `multiprecision()` is the oracle, `TEXT` and `LATEX` write
the formula down. Values as operands are served by `autograd_tiny.functions`, one layer up, since they need `Value`.

>>> from autograd_tiny.ops import TABLE
>>> rule = TABLE["div"].partials[0]
>>> rule(FLOATS, 1.0, 4.0, 0.25), str(rule(TEXT, TEXT.name("a"), TEXT.name("b"), TEXT.name("y")))
(0.25, '1 / b')
"""

from __future__ import annotations

from typing import Any

from .base import Namespace as Namespace
from .floats import FLOATS as FLOATS
from .text import LATEX as LATEX
from .text import TEXT as TEXT
from .text import Text as Text


def __getattr__(name: str) -> Any:
    # numpy and mpmath are optional, and their import would cost more than the whole package's.
    if name == "ARRAYS":
        from .arrays import ARRAYS

        return ARRAYS
    if name == "multiprecision":
        from .multiprecision import multiprecision

        return multiprecision
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
