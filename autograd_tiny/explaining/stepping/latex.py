"""How a step reads in LaTeX: an ``aligned`` block, which MathJax and KaTeX take between single dollars.

>>> from autograd_tiny import Value, steps
>>> a = Value(2.0, "a")
>>> print(next(steps(a.exp())).latex())  # doctest: +ELLIPSIS
\\begin{aligned}
&\\mathrm{root} = \\exp\\left(a\\right), \\quad \\frac{\\partial \\mathrm{root}}{\\partial \\mathrm{root}} = 1 \\\\
&\\frac{\\partial \\mathrm{root}}{\\partial a} = \\mathrm{root} = 7.39, \\quad 1 \\cdot 7.39 = 7.39, ...
\\end{aligned}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..blackboard import LATEX
from ..digits import is_numeral, latex_number
from .text import shown

if TYPE_CHECKING:
    from .records import Contribution, Step

QUAD = r", \quad "


def step_latex(step: Step) -> str:
    """The step as `Step.latex` gives it."""
    names, node = step.names, step.node
    rows = [
        f"{names.title(node, LATEX)}{QUAD}{names.derivative(names.root, node, LATEX)} = {latex_number(step.upstream)}"
    ]
    if not step.sends:
        rows.append(r"\text{a gradient of 0 sends nothing on}")
    else:
        some = shown(step)
        rows += [_row(step, sent) for sent in some]
        if len(some) < len(step.contributions):
            rows.append(rf"\dots \text{{ and {len(step.contributions) - len(some)} more}}")
    if step.turns_nonfinite:
        rows.append(r"\text{here the gradient stops being finite}")
    return "\\begin{aligned}\n" + " \\\\\n".join(f"&{row}" for row in rows) + "\n\\end{aligned}"


def _row(step: Step, sent: Contribution) -> str:
    names = step.names
    parent = names.symbol(sent.parent, LATEX)
    if sent.parent.is_constant:
        return rf"{parent} \text{{ is a constant: it takes no gradient}}"
    local = latex_number(sent.local_derivative)
    formula = "" if is_numeral(sent.formula) else f"{sent.latex} = "
    factors = rf"{_factor(step.upstream)} \cdot {_factor(sent.local_derivative)}"
    before, after = latex_number(sent.gradient_before), latex_number(sent.gradient_after)
    return QUAD.join(
        [
            f"{names.derivative(step.node, sent.parent, LATEX)} = {formula}{local}",
            f"{factors} = {latex_number(sent.product)}",
            rf"{parent}\text{{.grad: }} {before} \to {after}",
        ]
    )


def _factor(x: float) -> str:
    """A number in a product: a sign or a power of ten in parentheses."""
    text = latex_number(x)
    return rf"\left({text}\right)" if text.startswith("-") or " " in text else text
