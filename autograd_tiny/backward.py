"""The reverse sweep: visit every node after all that use it, and pass its gradient on to its parents.

Both the order and the sweep use explicit lists, so a chain of a million nodes is no deeper than one of ten.
Marking a node when it is *expanded*, not when it is first pushed, is what makes the order right: in
``b = a + a; c = b + b`` a node marked too early would be visited before one of its users.

>>> from autograd_tiny import Value
>>> a = Value(3.0, "a"); b = a + a; c = b * b
>>> c.backward(); a.grad
24.0
>>> c.backward(); a.grad, b.grad           # leaves add up, interior nodes are fresh
(48.0, 12.0)

Two conventions. A zero upstream gradient sends nothing, whatever the local derivative: that settles 0 · ∞ as 0,
so that the side of a ``where`` that was not taken stays silent. And the leaves change only once the whole
sweep has turned out finite.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from math import inf

from . import errors
from .modes import nonfinite_allowed
from .primitive import LEAF
from .recording import FLAG, guard
from .value import MANY, Value

_marks = count(1)
"""Each walk takes two fresh marks, so that no node ever needs its mark cleared."""


def topological_order(*roots: Value) -> list[Value]:
    """Every node below the roots, parents before the nodes that use them, left parents first; a single root is last.

    On the way it sets ``_adjoint`` to 0 in each: a loop of its own for that would cost every sweep 5 %.
    """
    opened, done = next(_marks), next(_marks)
    order: list[Value] = []
    stack = list(reversed(roots))
    node = stack.pop()
    while True:
        if node._mark < opened:  # not seen in this walk: the parents come first
            node._adjoint = 0.0
            left = node._left
            if left is None:
                node._mark = done
                order.append(node)
            else:
                node._mark = opened
                stack.append(node)
                right = node._right
                if right is MANY:
                    stack.extend([parent for parent in left[::-1] if parent._mark != done])
                else:
                    if right is not None and right._mark != done:
                        stack.append(right)
                    if left._mark != done:
                        node = left
                        continue
        elif node._mark == opened:  # back from its parents
            node._mark = done
            order.append(node)
        if not stack:
            return order
        node = stack.pop()


def _sweep(order: list[Value]) -> None:
    """Leave d(root)/d(node) in ``node._adjoint`` for every node of a fresh ``order``, whose last is the root."""
    order[-1]._adjoint = 1.0
    for node in reversed(order):
        upstream = node._adjoint
        left = node._left
        if upstream != 0.0 and left is not None:
            right = node._right
            if right is MANY:
                for parent, local in zip(left, node._d_left, strict=True):
                    parent._adjoint += upstream * local
            else:
                left._adjoint += upstream * node._d_left
                if right is not None:
                    right._adjoint += upstream * node._d_right


def _require_finite(order: list[Value], nodes: Iterable[Value]) -> None:
    """Raise `NonFiniteError` if a sweep over ``order`` left one of ``nodes`` a gradient that is not finite."""
    for node in nodes:
        if not -inf < node._adjoint < inf and not node.is_constant and not nonfinite_allowed():
            raise errors.nonfinite_sweep(order)


def backward(root: Value) -> None:
    """Give every node below ``root`` its gradient: fresh on interior nodes, added on leaves.

    Raises `NonFiniteError`, and changes no gradient, if one is not finite.
    """
    if FLAG.blocks:
        guard(root, "backward")
    order = topological_order(root)
    _sweep(order)
    ends = [node for node in order if node._left is None]
    _require_finite(order, ends)  # an interior gradient that is not finite makes those of its leaves so
    totals = [node.grad + node._adjoint if node._primitive is LEAF else None for node in ends]
    for node in order:
        node._grad = node._adjoint
    for node, total in zip(ends, totals, strict=True):
        node._grad = total


def gradient_numbers(root: Value, targets: list[Value]) -> list[float]:
    """d(root)/d(target) for each target, without touching any ``.grad``."""
    if FLAG.blocks:
        guard(root, "gradients")
    for target in targets:
        target._adjoint = 0.0  # a target that the root does not depend on is not in the order
    order = topological_order(root)
    _sweep(order)
    _require_finite(order, targets)
    return [target._adjoint for target in targets]
