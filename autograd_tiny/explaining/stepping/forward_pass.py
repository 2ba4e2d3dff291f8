"""`ForwardPass`: the forward pass over a graph, one operation at a time, with `forward_steps` to open it.

The numbers are there already, so that nothing in the graph changes: it is only read, in the order of evaluation.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> d = a * b; d.label = "d"
>>> for step in forward_steps((d + c).tanh()):
...     print(step)
step 1 of 3   d = a × b = 2 × -3 = -6
step 2 of 3   d + c = -6 + 10 = 4
step 3 of 3   root = tanh(d + c) = tanh(4) = 0.999
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose, isfinite, isnan
from typing import Any

from ... import errors
from ...core import Value, topological_order
from ...table.namespaces import FLOATS
from ...table.namespaces.text import Writer
from ..blackboard import LATEX, TEXT, number_text, write
from ..digits import is_numeral, latex_number, short
from ..names import Names
from ..shown import Written
from .cursor import Cursor
from .text import joined

STALE = "  a leaf was set after this was computed: build the expression again"


@dataclass(frozen=True, slots=True)
class ForwardStep(Written):
    """One step of a forward pass: a node computed from the numbers of its parents."""

    index: int
    """1 for the first operation."""
    total: int
    node: Value
    operands: tuple[tuple[Value, float], ...]
    """Each parent with its number, in order."""
    value: float
    names: Names = field(repr=False, compare=False)

    @property
    def finite(self) -> bool:
        """Whether the result is finite."""
        return isfinite(self.value)

    @property
    def stale(self) -> bool:
        """Whether a leaf has been set since: the operands as they are now do not give this value."""
        if not self.operands:
            return False
        row = self.node.primitive
        now = row.forward(FLOATS, *row.operands([number for _, number in self.operands]))
        same = now == self.value or (isnan(now) and isnan(self.value))
        return not (same or isclose(now, self.value, rel_tol=1e-9))

    def text(self, digits: int = 3, width: int = 80) -> str:
        """``d = a × b = 2 × -3 = -6``, in lines of at most ``width`` characters."""
        head = f"step {self.index} of {self.total}   "
        first, *more = self._sides(TEXT, digits)
        lines = [head + first]
        for side in more:
            if len(lines[-1]) + 3 + len(side) <= width:
                lines[-1] += f" = {side}"
            else:
                lines.append(" " * (len(head) + 2) + f"= {side}")
        if self.stale:
            lines.append(STALE)
        return "\n".join(line for whole in lines for line in joined([whole], width))

    def latex(self) -> str:
        """The same in LaTeX, without dollars."""
        return " = ".join(self._sides(LATEX, 3))

    def _sides(self, xp: Writer, digits: int) -> list[str]:
        """The sides of the equation: title, formula in numbers, result."""
        title = self.names.title(self.node, xp)
        result = latex_number(self.value) if xp.latex else short(self.value, digits)
        if not self.operands:
            return [title] if is_numeral(title) else [title, result]
        constants = [number if parent.is_constant else None for parent, number in self.operands]
        numbers = [
            number_text(number, xp, constant) for (_, number), constant in zip(self.operands, constants, strict=True)
        ]
        formula = write(self.node, xp, numbers).string
        return [title, result] if title.endswith(formula) else [title, formula, result]

    def as_dict(self) -> dict[str, Any]:
        """The step as plain data, with its text and LaTeX; floats may be infinite or nan."""
        return {
            "index": self.index,
            "total": self.total,
            "node": self.names.as_dict(self.node),
            "operands": [{**self.names.as_dict(parent), "data": number} for parent, number in self.operands],
            "value": self.value,
            "text": self.text(),
            "latex": self.latex(),
        }

    def __repr__(self) -> str:
        return f"<ForwardStep {self.index} of {self.total}: {self.names.title(self.node)} = {self.value!r}>"


class ForwardPass(Cursor[ForwardStep]):
    """The forward pass up to a root: an iterator of `ForwardStep` records that can go back. It changes nothing."""

    def __init__(self, root: Value) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"forward_steps(root) got {errors.shorten(root)}: expected the Value that is computed")
        super().__init__(topological_order(root))
        self._nodes = [node for node in self.order if node.parents] or [root]

    def follow(self, new: Mapping[Value, Value]) -> None:
        super().follow(new)
        self._nodes = [new.get(node, node) for node in self._nodes]

    def __len__(self) -> int:
        return len(self._nodes)

    def step(self, n: int) -> ForwardStep:
        """The record of step ``n``, counted from 1, without going there."""
        self._checked("step", n, 1)
        node = self.node_of(n)
        operands = tuple((parent, parent.data) for parent in node.parents)
        return ForwardStep(n, len(self), node, operands, node.data, self.names)

    def node_of(self, n: int) -> Value:
        """The node of step ``n``."""
        return self._nodes[n - 1]

    def __str__(self) -> str:
        head = f"forward pass to {self.names.name(self.root)}: {self.position} of {len(self)} steps done"
        return f"{head}\n{self.current}" if self.position else head

    def __repr__(self) -> str:
        return f"<ForwardPass to {self.names.name(self.root)}: {self.position} of {len(self)} steps done>"


def forward_steps(root: Value) -> ForwardPass:
    """The forward pass up to ``root``, one operation at a time: see `ForwardPass`."""
    return ForwardPass(root)
