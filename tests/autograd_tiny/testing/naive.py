"""A naive model of a graph and of a stepped backward pass, slow and plain, to hold the engines to.

A node is the numbers as they were when it was made; a gradient is a sum over every path, walked one by one; a pass
is done over from the start for each place it is asked about. Nothing here shares code with the engines but the rules
of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd_tiny import Value
from autograd_tiny.table.namespaces import FLOATS


@dataclass(frozen=True)
class Sum:
    """A number, and the sum without signs of what went into it: rounding is measured against that."""

    value: float = 0.0
    size: float = 0.0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.value + other.value, self.size + other.size)

    def times(self, factor: float) -> Sum:
        return Sum(self.value * factor, self.size * abs(factor))

    def matches(self, number: float) -> bool:
        return abs(number - self.value) <= 1e-12 * self.size + 1e-300


@dataclass(eq=False)
class Node:
    """What the model knows of a node."""

    data: float
    parents: tuple[Node, ...] = ()
    at: tuple[float, ...] = ()
    """The parents' numbers when this was made."""
    local: tuple[float, ...] = ()
    constant: bool = False
    grad: Sum = field(default_factory=Sum)
    ran: bool = False
    """Whether the gradient was ever set."""

    @property
    def is_leaf(self) -> bool:
        return not self.parents and not self.constant

    @property
    def paths(self) -> int:
        """From here to any end: how much work the model has."""
        return sum(parent.paths for parent in self.parents) or 1

    def slope(self, wrt: Node) -> Sum:
        """d(self)/d(wrt), by every path there is."""
        if self is wrt:
            return Sum(1.0, 1.0)
        found = Sum()
        for parent, local in zip(self.parents, self.local, strict=True):
            found += parent.slope(wrt).times(local)
        return found

    def below(self) -> set[Node]:
        return {self}.union(*(parent.below() for parent in self.parents))

    @property
    def stale(self) -> bool:
        """Whether a number below was changed after it was used."""
        return any(tuple(p.data for p in node.parents) != node.at for node in self.below())


def made(node: Value, parents: Sequence[Node]) -> Node:
    """The model of an engine's node: the local derivatives are worked out anew, from the numbers of its parents."""
    if not parents:
        return Node(node.data, constant=node.is_constant)
    row, at = node.primitive, tuple(parent.data for parent in parents)
    operands = row.operands(list(at))
    out = row.forward(FLOATS, *operands)
    derived = [partial(FLOATS, *operands, out) for partial in row.partials]
    flat = [x for part in derived for x in part] if row.variadic else derived
    local = [0.0 if parent.constant else x for parent, x in zip(parents, flat, strict=True)]
    return Node(out, tuple(parents), at, tuple(local))


@dataclass(eq=False)
class Pass:
    """A stepped pass: ``order`` has the parents first, ``found`` the gradients before its first step."""

    order: list[Node]
    position: int = 0
    found: dict[Node, tuple[Sum, bool]] = field(default_factory=dict)

    @property
    def senders(self) -> list[Node]:
        """Whose steps there are: all that have parents, the root first; a root without parents has one all the same."""
        return [node for node in reversed(self.order) if node.parents] or [self.order[-1]]

    def adjoints(self, n: int) -> dict[Node, Sum]:
        """d(root)/d(node) as far as ``n`` steps have it."""
        found = dict.fromkeys(self.order, Sum())
        found[self.order[-1]] = Sum(1.0, 1.0)
        for node in self.senders[:n]:
            for parent, local in zip(node.parents, node.local, strict=True):
                if found[node].value != 0.0:
                    found[parent] += found[node].times(local)
        return found

    def gradient(self, node: Node, n: int) -> Sum:
        """What the node's gradient is where ``n`` steps are done, if nobody else sets it."""
        before = self.found[node][0]
        if n == 0:
            return before
        adjoint = self.adjoints(n)[node]
        return before + adjoint if node.is_leaf else adjoint
