"""Rules as source code without what is known when it is written: tests between two numbers, squares.

The rule of a power asks whether its exponent is 0 or 1, which for ``x ** 2`` is known.

>>> from autograd_tiny.table.namespaces.c import C
>>> class Plain(Folding, C): pass
>>> xp = Plain()
>>> xp.program([xp.pow(xp.name("x"), 2.0), xp.where(xp.equal(2.0, 0.0), 1.0, xp.name("y"))], ["", ""])
([], ['x * x', 'y'])
"""

from __future__ import annotations

from typing import Any

from ...table.namespaces import FLOATS
from ...table.namespaces.source import Source, Term
from .libraries import COMPARED


class Folding(Source):
    """To be put before a `Source`."""

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Term):
            return a if condition else b
        return super().where(condition, a, b)

    def pow(self, a: Any, b: Any) -> Any:
        if isinstance(a, Term) and b in (1.0, 2.0):
            return a if b == 1.0 else self.mul(a, a)
        return Source.pow(self, a, b)  # type: ignore[attr-defined]

    def __getattribute__(self, name: str) -> Any:
        if name in COMPARED:
            return lambda a, b: _compared(self, name, a, b)
        return super().__getattribute__(name)


def _compared(source: Source, name: str, a: Any, b: Any) -> Any:
    if isinstance(a, Term) or isinstance(b, Term):
        return getattr(Source, name)(source, a, b)
    return getattr(FLOATS, name)(a, b)
