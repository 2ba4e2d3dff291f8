"""`find_nonfinite`: in a graph that went to infinity or nan, the node where that began, and how it came about.

Outside ``with nonfinite("allow")`` an operation raises at the first such number; where they are allowed to flow,
one bad node makes a thousand, and the loss says only nan.

>>> from autograd_tiny import Value, nonfinite
>>> y, q = Value(-1.0, "y"), Value(2.0, "q")
>>> with nonfinite("allow"):
...     p = y * q
...     loss = (p.log() + 1.0) * q
>>> print(find_nonfinite(loss))
log(p) = log(-2.0) is not a number: log needs x > 0
  q = 2.0
  p = y × q = −1 × 2 = -2.0
  log(p) = log(−2) = nan
    the first number that is not finite, node 4 of 7
  use softplus or binary_cross_entropy(from_logits=True)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from .. import errors
from ..core import Value, topological_order
from ..modes.infinities import nonfinite
from ..table.namespaces import FLOATS, TEXT, Text
from .blackboard import compact
from .names import Names
from .naming import caller_names
from .wording import number_text, operation_text

LONGEST = 12
"""A longer path is printed with its middle left out."""


@dataclass(frozen=True, eq=False)
class NonFinite:
    """Where a graph stopped being finite: the node, its place in topological order, and a path to it from a leaf.

    ``index`` is None if the node's own number is not finite, else which of its local derivatives is not.
    ``path`` begins with a leaf (or constant) and ends with ``node``: of the operands at each step it goes by the
    one that is to blame, or that carries most of the value.
    """

    node: Value
    index: int | None
    position: int
    size: int
    path: tuple[Value, ...] = field(repr=False)
    names: Names = field(repr=False)

    def __str__(self) -> str:
        what = "number" if self.index is None else "local derivative"
        shown = [self._line(node) for node in self.path]
        shown[-1] += f"\n    the first {what} that is not finite, node {self.position + 1} of {self.size}"
        if len(shown) > LONGEST:
            half = LONGEST // 2
            shown[half:-half] = [f"… {len(shown) - 2 * half:,} nodes"]
        return "\n".join([self._what(), *(f"  {line}" for line in shown), *self._advice()])

    def _line(self, node: Value) -> str:
        """``p = y × q = −1 × 2 = -2.0``, and where it was made."""
        made = f", made at {node.source}" if node.source else ""
        if not node.parents:
            return f"{'' if node.is_constant else f'{self.names(node)} = '}{node.data!r}{made}"
        name, formula = self.names(node), str(self.names.formula(node))
        said = [formula] if name == compact(formula) else [name, formula]
        return " = ".join([*said, _in_numbers(node), repr(node.data)]) + made

    def _what(self) -> str:
        node, row = self.node, self.node.primitive
        if not node.parents:
            kind = "constant" if node.is_constant else "leaf"
            return f"{self.names(node)}, a {kind}, is {errors.number_words(node.data)}: it entered the graph so"
        numbers = [repr(parent.data) for parent in node.parents]
        call = f"{row.name}({', '.join(numbers[:4])}{', …' if len(numbers) > 4 else ''})"
        formula = str(self.names.formula(node))
        if self.index is None:
            why = errors.needed(row, node.data)
            return f"{formula} = {call} is {errors.number_words(node.data)}: {why}"
        local = node.local_derivatives[self.index]
        by = self.names(node.parents[self.index])
        return f"the derivative of {formula} by {by} is {errors.number_words(local)} at {call} = {node.data!r}"

    def _advice(self) -> list[str]:
        row = self.node.primitive
        if not row.partials or (row.domain and not row.advice):
            return []
        return [f"  {row.advice or ('scale the operands' if self.index is None else 'move the operand off the edge')}"]


def find_nonfinite(root: Value) -> NonFinite | None:
    """The first node in topological order whose number or local derivative is not finite; None if all are.

    ``print`` it to read where, why and what to do.
    """
    if not isinstance(root, Value):
        raise TypeError(f"find_nonfinite(root) got {errors.shorten(root)}: expected the Value to search below")
    order = topological_order(root)
    names = Names(order, caller_names(), networks=True)
    for position, node in enumerate(order):
        if not -inf < node.data < inf:
            return NonFinite(node, None, position, len(order), _path_to(node, _culprit(node)), names)
        for i, local in enumerate(node.local_derivatives):
            if not -inf < local < inf:
                return NonFinite(node, i, position, len(order), _path_to(node, i), names)
    return None


def _culprit(node: Value) -> int:
    """The operand that, were it an ordinary number of the row's domain, would make the result finite.

    Of several the leftmost that is no constant; of a vector the element of the largest size.
    """
    row, numbers = node.primitive, [parent.data for parent in node.parents]
    if row.variadic:
        return max(range(len(numbers)), key=lambda i: (numbers[i] != numbers[i], abs(numbers[i])), default=0)
    mended = []
    with nonfinite("allow"):
        for i, (low, high) in enumerate(row.samples[: len(numbers)]):
            tried = row.forward(FLOATS, *numbers[:i], (low + high) / 2.0, *numbers[i + 1 :])
            if -inf < tried < inf:
                mended.append(i)
    return min(mended or range(len(numbers)), key=lambda i: node.parents[i].is_constant, default=0)


def _path_to(node: Value, i: int) -> tuple[Value, ...]:
    """From a leaf up to ``node`` by its operand ``i``: below that, by the operand that carries most of the value."""
    path = [node]
    while node.parents:
        node = node.parents[i]
        path.append(node)
        carried = [
            (not parent.is_constant, abs(local * parent.data), abs(parent.data))
            for parent, local in zip(node.parents, node.local_derivatives, strict=True)
        ]
        i = max(range(len(carried)), key=carried.__getitem__, default=0)
    return tuple(reversed(path))


def _in_numbers(node: Value) -> str:
    """The operation on the numbers of its operands."""

    def number(operand: Value) -> Text:
        shown = number_text(operand.data)
        return Text(TEXT, shown.string, shown.binding)  # without its value: to be read, not to be worked out

    return str(operation_text(node, TEXT, number))
