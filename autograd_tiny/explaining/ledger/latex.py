r"""A ledger in LaTeX: the chain rule as the articles write it, in symbols, in formulas and in numbers.

>>> from autograd_tiny import Value, explain
>>> x = Value(0.5, "x")
>>> y = x * x
>>> print(explain(y, x, k=1).latex())
\begin{aligned}
\frac{\partial y}{\partial x} &= \frac{\partial y}{\partial x} + \text{(1 more path)} \\
 &= x + \dots \\
 &= 0.5 + 0.5 = 1
\end{aligned}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..blackboard import LATEX
from ..wording import latex_number
from .text import DIGITS, how_many

if TYPE_CHECKING:
    from .ledger import Edge, Ledger, Path

LONGEST = 8
"""A product of more factors shows the first and the last of them."""


def latex(ledger: Ledger) -> str:
    """What `Ledger.latex` gives, for the inside of a display: an ``aligned`` of one row a line of thought."""
    left = ledger.names.derivative(ledger.root, ledger.wrt, LATEX)
    if not ledger.path_count:
        return rf"{left} = 0 \quad \text{{(no path)}}"
    more = ledger.path_count - len(ledger.paths)
    rest = [] if not more else [rf"\text{{({_count(more)} more path{'s' * (more > 1)})}}"]
    symbols = [_product([edge.latex_symbol for edge in _ends(path)], path, r" \cdot ") for path in ledger.paths]
    formulas = [_product([_factor(edge) for edge in _ends(path)], path, r" \cdot ") for path in ledger.paths]
    numbers = [
        _product([_number(edge.local_derivative) for edge in _ends(path)], path, r" \times ") for path in ledger.paths
    ]
    others = [_number(ledger.rest)] if more else []
    rows = [
        f"{left} &= {' + '.join(symbols + rest)}",
        f" &= {' + '.join([*formulas, *([chr(92) + 'dots'] if more else [])])}",
        f" &= {' + '.join(numbers + others)} = {latex_number(ledger.gradient, DIGITS)}",
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _ends(path: Path) -> tuple[Edge, ...]:
    """The factors to show."""
    edges = path.edges
    return edges if len(edges) <= LONGEST else (*edges[: LONGEST // 2], *edges[-LONGEST // 2 :])


def _product(factors: list[str], path: Path, sign: str) -> str:
    if len(path.edges) > len(factors):
        factors = [*factors[: LONGEST // 2], r"\cdots", *factors[LONGEST // 2 :]]
    return sign.join(factors) or "1"


def _factor(edge: Edge) -> str:
    formula = edge.latex_formula
    return rf"\left({formula}\right)" if any(c in formula for c in "+-") or " if " in formula else formula


def _number(x: float) -> str:
    return rf"\left({latex_number(x, DIGITS)}\right)" if x < 0 else latex_number(x, DIGITS)


def _count(count: int) -> str:
    """`how_many` inside ``\\text``: its raised digits would be missing in a text font."""
    if count < 10**15:
        return f"{count:,}"
    number, _, power = how_many(count).partition(" × 10")
    plain = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    return rf"${number} \times 10^{{{plain}}}$"
