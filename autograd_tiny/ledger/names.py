"""What the nodes of one graph are called in an account of it, so that fractions stay short enough to read.

A label comes first, then the variable that the caller has the node in, then the one that it was assigned to
where it was made (known if sources were tracked), then a short formula (``a×b``); what has none of these is
called by its operation and a number, counted from the leaves up: ``relu₃``, ``leaf₁``.

>>> from autograd_tiny import Value
>>> from autograd_tiny.core import topological_order
>>> a, b = Value(2.0, "a"), Value(-3.0)
>>> root = ((a * b + 10.0) / (a + b)).tanh()
>>> names = Names(topological_order(root), {b: "b"})
>>> names(a * b), names(b), names(root), names.definition(root), names.fraction(root, a)
('a×b', 'b', 'tanh₁', 'tanh(div₁)', '∂tanh₁/∂a')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from ..core import Value
from ..namespaces import LATEX, TEXT, Text
from ..namespaces.text import CLOSED, Writer
from ..wording import local_formula, number_text, operation_text, symbol, text_of

LONGEST = 16
"""A formula of more characters gets a number instead."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Names:
    """Names for the nodes of a topological ``order``; calling it gives one as text."""

    def __init__(self, order: Sequence[Value], variables: Mapping[Value, str]) -> None:
        self.order, self.variables = order, variables
        self._written: dict[tuple[Value, Writer], Text] = {}

    def __call__(self, node: Value) -> str:
        return str(self.text(node, TEXT))

    def known(self, node: Value) -> str:
        """The label, the variable or, of a leaf, its number; "" for what has to be written out."""
        name = node.label or self.variables.get(node, "")
        if not name and not node.is_constant and (node.is_leaf or node.source):
            name, assigned = self._names.get(node, ("leaf", node.is_leaf))
            return name if assigned or node.is_leaf else ""
        return name

    def text(self, node: Value, xp: Writer) -> Text:
        """The node's name as a piece of a formula in text or LaTeX."""
        if (node, xp) not in self._written:
            self._written[node, xp] = self._write(node, xp)
        return self._written[node, xp]

    def fraction(self, y: Value, x: Value, xp: Writer = TEXT) -> str:
        """The derivative of ``y`` by ``x`` as a symbol: ``∂L/∂(a×b)``."""
        above, below = (
            t.string if t.binding == CLOSED else xp.parentheses.format(t.string)
            for t in (self.text(y, xp), self.text(x, xp))
        )
        return rf"\frac{{\partial {above}}}{{\partial {below}}}" if xp.latex else f"∂{above}/∂{below}"

    def formula(self, node: Value, i: int, xp: Writer = TEXT) -> str:
        """The local derivative towards parent ``i`` in these names."""
        return local_formula(node, i, xp, lambda operand: self.text(operand, xp))

    def definition(self, node: Value) -> str:
        """The operation that gives the node, on the names of its operands; its number if it has none."""
        if not node.parents:
            return str(number_text(node.data))
        return str(operation_text(node, TEXT, lambda operand: self.text(operand, TEXT)))

    def _write(self, node: Value, xp: Writer) -> Text:
        name = self.known(node)
        if name or node.is_constant:
            return symbol(name, xp) if name else number_text(node.data, xp)
        formula = text_of(node, TEXT, 2, self.known)
        if "…" in formula.string or len(compact(formula.string)) > LONGEST:
            return symbol(self._names.get(node, (node.op, False))[0], xp)  # a node of another graph has no number
        return text_of(node, LATEX, 2, self.known) if xp.latex else Text(xp, compact(formula.string), formula.binding)

    @cached_property
    def _names(self) -> dict[Value, tuple[str, bool]]:
        """For each node without label or variable: the variable of its source or its numbered operation, and which."""
        assigned = self._assigned()
        taken = {*self.variables.values(), *(node.label for node in self.order)}
        uses = Counter(assigned.values())
        counted: Counter[str] = Counter()
        found: dict[Value, tuple[str, bool]] = {}
        for node in self.order:
            if not node.is_constant and not node.label and node not in self.variables:
                base = assigned.get(node, "") or node.op or "leaf"
                counted[base] += 1
                alone = node in assigned and uses[base] == 1 and base not in taken
                found[node] = base if alone else base + str(counted[base]).translate(_SUBSCRIPTS), node in assigned
        return found

    def _assigned(self) -> dict[Value, str]:
        """The variable that each node was assigned to, where its source tells.

        One expression may make many nodes, as a loss function or a ``sum`` does: the variable holds the last.
        """
        found: dict[Value, str] = {}
        for node in self.order:
            source = node.source
            if source is not None:
                for parent in node.parents:
                    if parent in found and parent.source == source:
                        del found[parent]
                if not node.is_constant and source.variable:
                    found[node] = source.variable
        return found


def compact(formula: str) -> str:
    """The formula without the room around its signs: a name, not a sentence."""
    return re.sub(r" ([×/+−·]) ", r"\1", formula)
