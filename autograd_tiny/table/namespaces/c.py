"""C: the same straight-line programs in C's words, and loops for the primitives of many parents.

>>> code = C()
>>> statements, (out,) = code.program([code.relu(code.name("x"))], names=["y"])
>>> statements, out
([], 'x > 0.0 ? x : 0.0')
>>> total = code.sum_of(code.mul, code.vector("ws"), code.vector("xs"))
>>> print("\\n".join(code.loops))
double s1 = 0.0;
for (i = 0; i < n; i++) {
    s1 = s1 + ws[i] * xs[i];
}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .source import Source, Term


class Vector:
    """An operand of a many-parent primitive: its element under the loop's index ``i``, as a term."""

    def __init__(self, element: Term) -> None:
        self.element = element


class C(Source):
    """The namespace of one C function; `loops` collects the statements that must come before its result."""

    select = "{0} ? {1} : {2}"
    truth = "{0} ? 1.0 : 0.0"
    declare = "double "
    """What stands before a name that is new."""

    def __init__(self) -> None:
        super().__init__()
        self.loops: list[str] = []
        self.totals = 0

    def vector(self, name: str) -> Vector:
        return Vector(self.name(f"{name}[i]"))

    def each(self, f: Callable[[Any], Any], xs: Any) -> Any:
        return Vector(self.as_term(f(xs.element)))

    def sum_of(self, f: Callable[..., Any], *vectors: Any) -> Term:
        return self._fold("0.0", lambda total, *elements: total + f(*elements), *vectors)

    def largest(self, xs: Any) -> Term:
        return self._fold(self._first(xs), lambda best, x: self.where(self.greater(x, best), x, best), xs)

    def smallest(self, xs: Any) -> Term:
        return self._fold(self._first(xs), lambda best, x: self.where(self.less(x, best), x, best), xs)

    def _first(self, xs: Vector) -> str:
        return xs.element.template.replace("[i]", "[0]")

    def _fold(self, start: str, step: Callable[..., Any], *vectors: Vector) -> Term:
        """A loop over the elements, left to right as `Namespace.sum_of`; the term of its result."""
        self.totals += 1
        total = self.name(f"s{self.totals}")
        body, (result,) = self.program([step(total, *(v.element for v in vectors))], names=["unused"])
        lines = [f"{self.declare}{line};" for line in body] + [f"{total.template} = {result};"]
        self.loops += [f"{self.declare}{total.template} = {start};", "for (i = 0; i < n; i++) {",
                       *(f"    {line}" for line in lines), "}"]  # fmt: skip
        return total
