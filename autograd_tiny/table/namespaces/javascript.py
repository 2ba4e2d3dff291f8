"""JavaScript: the same programs in the words of a browser, for the pages that compute.

Statements and loops are those of `C`, on names that the page's prelude takes from ``Math``; a vector of plain numbers,
which fills in for an operand, is written out.

>>> code = JavaScript()
>>> total = code.sum_of(code.mul, code.vector("ws"), (2.0, 3.0))
>>> print("\\n".join(code.loops))
let s1 = 0.0;
for (i = 0; i < n; i++) {
    s1 = s1 + ws[i] * [2.0, 3.0][i];
}
>>> str(code.as_term(float("inf")).template)
'Infinity'
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from .c import C, Vector
from .source import ATOM, Term


class JavaScript(C):
    """The namespace of one JavaScript function; `loops` collects the statements that must come before its result."""

    declare = "let "

    def as_term(self, x: Any) -> Term:
        if isinstance(x, Term) or isfinite(x):
            return super().as_term(x)
        return self.term("NaN" if x != x else "Infinity" if x > 0 else "(-Infinity)", (), ATOM, ())

    def as_vector(self, xs: Any) -> Vector:
        """A vector, also of plain numbers."""
        return xs if isinstance(xs, Vector) else Vector(self.name(f"[{', '.join(repr(float(x)) for x in xs)}][i]"))

    def each(self, f: Callable[[Any], Any], xs: Any) -> Any:
        return super().each(f, self.as_vector(xs))

    def _fold(self, start: str, step: Callable[..., Any], *vectors: Any) -> Term:
        return super()._fold(start, step, *(self.as_vector(xs) for xs in vectors))
