"""`Step` and `Contribution`: what one step of the reverse sweep did, as data.

>>> from autograd_tiny import Value, steps
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> step = next(steps(a * b))
>>> step.index, step.node.op, step.upstream, len(step.contributions)
(1, 'mul', 1.0, 2)
>>> first = step.contributions[0]
>>> first.parent.label, first.formula, first.local_derivative, first.product
('a', 'b', -3.0, -3.0)
>>> first.gradient_before, first.gradient_after
(0.0, -3.0)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any

from ...core import Value
from ..blackboard import LATEX, TEXT
from ..names import Names
from ..shown import Written
from .latex import step_latex
from .text import step_text


class Formulas:
    """The formulas of a node's local derivatives, worked out when one is first asked for."""

    def __init__(self, node: Value, names: Names) -> None:
        self.node, self.names = node, names

    @cached_property
    def text(self) -> list[str]:
        return [str(local) for local in self.names.local_formulas(self.node, TEXT)]

    @cached_property
    def latex(self) -> list[str]:
        return [str(local) for local in self.names.local_formulas(self.node, LATEX)]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a node sends one of its parents: upstream gradient × local derivative.

    A constant takes no gradient, a zero upstream sends nothing, and neither does an edge that is not taken: there
    ``product`` is 0.0 and both gradients are the same. (A zero that meets an infinite derivative is not a number.)
    """

    parent: Value
    operand: int
    """Which operand of the node the parent is, counted from 0: a node may use a parent twice."""
    local_derivative: float
    product: float
    gradient_before: float
    """The parent's ``.grad`` before this contribution; in ``a * a`` the second starts where the first ended."""
    gradient_after: float
    formulas: Formulas = field(repr=False, compare=False)

    @property
    def formula(self) -> str:
        """The local derivative as a formula in the names of the operands."""
        return self.formulas.text[self.operand]

    @property
    def latex(self) -> str:
        """The same in LaTeX, without dollars."""
        return self.formulas.latex[self.operand]

    @property
    def finite(self) -> bool:
        """Whether the product is finite, and did not make the parent's gradient overflow."""
        return isfinite(self.product) and (isfinite(self.gradient_after) or not isfinite(self.gradient_before))

    def as_dict(self) -> dict[str, Any]:
        """The contribution as plain data; floats may be infinite or nan."""
        return {
            "parent": self.formulas.names.as_dict(self.parent),
            "operand": self.operand,
            "formula": self.formula,
            "latex": self.latex,
            "local_derivative": self.local_derivative,
            "product": self.product,
            "gradient_before": self.gradient_before,
            "gradient_after": self.gradient_after,
        }


@dataclass(frozen=True, slots=True)
class Step(Written):
    """One step of a backward pass: a node whose gradient is complete passes it on to its parents.

    A root without parents has one step, in which it sends its own gradient, 1, to itself.
    """

    index: int
    """1 for the step of the root."""
    total: int
    """How many steps the pass has."""
    node: Value
    upstream: float
    """d(root)/d(node)."""
    contributions: tuple[Contribution, ...]
    """One for each operand, in order, constants included."""
    names: Names = field(repr=False, compare=False)

    @property
    def sends(self) -> bool:
        """Whether anything is sent on: a zero upstream sends nothing, unless it meets an infinite derivative."""
        return self.upstream != 0.0 or not self.finite

    @property
    def finite(self) -> bool:
        """Whether the upstream gradient is finite and so is all that this step adds."""
        return isfinite(self.upstream) and all(sent.finite for sent in self.contributions)

    @property
    def turns_nonfinite(self) -> bool:
        """Whether a finite upstream became an infinity or nan in this step."""
        return isfinite(self.upstream) and not self.finite

    def text(self, digits: int = 3, width: int = 80) -> str:
        """What a lecturer would write on the board, in lines of at most ``width`` characters."""
        return step_text(self, digits, width)

    def latex(self) -> str:
        """The same in LaTeX: an ``aligned`` block, without dollars."""
        return step_latex(self)

    def as_dict(self) -> dict[str, Any]:
        """The step as plain data, with its text and LaTeX; floats may be infinite or nan."""
        return {
            "index": self.index,
            "total": self.total,
            "node": self.names.as_dict(self.node),
            "formula": str(self.names.formula(self.node)) if self.node.parents else "",
            "upstream": self.upstream,
            "contributions": [sent.as_dict() for sent in self.contributions],
            "text": self.text(),
            "latex": self.latex(),
        }

    def __repr__(self) -> str:
        return f"<Step {self.index} of {self.total}: {self.names.title(self.node)}, upstream {self.upstream!r}>"
