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

A zero sends nothing on, which is the same as sending it: unless an infinite derivative lies below. 0 · ∞ is 0 where the
zero comes from an edge that was not taken (an arm of ``where``, relu's flat side: see `masks`), and indeterminate
anywhere else; so where one meets the other, or a gradient is not finite, the sweep is done again along the edges that
are taken. The leaves change only once it has turned out finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from math import inf

from .. import errors
from ..modes.infinities import nonfinite_allowed
from ..modes.recording import FLAG, guard, guard_all
from ..table.primitive import CONSTANT, LEAF
from .masks import careful_adjoints, nonfinite_sweep
from .operands import check_column, checked_nodes
from .value import MANY, Value

_marks = count(1)
"""Each walk takes two fresh marks, so that no node ever needs its mark cleared."""


def topological_order(*roots: Value) -> list[Value]:
    """Every node below the roots, parents before the nodes that use them, left parents first; a single root is last.

    On the way it sets ``_adjoint`` to 0 in each: a loop of its own for that would cost every sweep 5 %.
    """
    for root in roots:
        if type(root) is not Value:
            raise errors.not_a_value("topological_order", root)
    opened, done = next(_marks), next(_marks)
    order: list[Value] = []
    if not roots:
        return order
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


def leaves_below(roots: Sequence[Value]) -> list[Value]:
    """The leaves (and inputs, of a recording) that the roots depend on, in the order of `topological_order`."""
    order = topological_order(*roots)
    return [node for node in order if node._left is None and node._primitive is not CONSTANT]


def _sweep(order: list[Value]) -> bool:
    """Leave d(root)/d(node) in ``node._adjoint`` for every node of a fresh ``order``, whose last is the root.

    Whether all of it holds: no zero met a derivative that is not finite.
    """
    doubt = 0.0
    order[-1]._adjoint = 1.0
    for node in reversed(order):
        upstream = node._adjoint
        left = node._left
        if left is None:
            continue
        right = node._right
        if upstream == 0.0:  # nothing to send; 0 times a derivative is 0, and not a number if that is not finite
            doubt += _zero_times(node)
        elif right is MANY:
            for parent, local in zip(left, node._d_left, strict=True):
                parent._adjoint += upstream * local
        else:
            left._adjoint += upstream * node._d_left
            if right is not None:
                right._adjoint += upstream * node._d_right
    return doubt == 0.0


def _zero_times(node: Value) -> float:
    """0 times the local derivatives of a node: 0, or not a number if one is not finite (or their sum overflows)."""
    return 0.0 * sum(node.local_derivatives)


def _adjoints(root: Value, targets: Iterable[Value] | None = None) -> list[Value]:
    """Leave d(root)/d(node) in the ``_adjoint`` of every node below ``root``; the nodes in topological order.

    Raises `NonFiniteError` if that of a target (of a leaf, if none is named) is not finite.
    """
    order = topological_order(root)
    certain = _sweep(order)
    ends = [node for node in order if node._primitive is LEAF] if targets is None else targets
    if certain and all(-inf < node._adjoint < inf for node in ends):
        return order
    known = careful_adjoints(order)
    for node in order:
        node._adjoint = known.get(node, 0.0)
    if not all(-inf < node._adjoint < inf for node in ends) and not nonfinite_allowed():
        raise nonfinite_sweep(order, known)
    return order


def backward(root: Value) -> None:
    """Give every node below ``root`` its gradient: fresh on interior nodes, added on leaves.

    Raises `NonFiniteError`, and changes no gradient, if one is not finite.
    """
    if type(root) is not Value:
        raise errors.not_a_value("backward", root)
    if FLAG.blocks:
        guard(root, "backward")
    order = _adjoints(root)
    ends = [node for node in order if node._left is None]
    totals = [node.grad + node._adjoint if node._primitive is LEAF else None for node in ends]
    for node in order:
        node._grad = node._adjoint
    for node, total in zip(ends, totals, strict=True):
        node._grad = total


def gradient_numbers(root: Value, targets: Iterable[Value]) -> list[float]:
    """d(root)/d(target) for each target, without touching any ``.grad``."""
    if type(root) is not Value:
        raise errors.not_a_value("gradient_numbers", root)
    if FLAG.blocks:
        guard(root, "gradients")
    targets = checked_nodes(targets, Value, "gradient_numbers")
    for target in targets:
        target._adjoint = 0.0  # a target that the root does not depend on is not in the order
    _adjoints(root, targets)
    return [target._adjoint for target in targets]


gradient_graphs: Callable[..., list[Value]] | None = None
"""Derivatives as graphs by a faster way than `derivatives.differentiate` has; None, as here, if there is none."""

push_graphs: Callable[..., list[Value]] | None = None
"""Forward mode as graphs, likewise."""

curvature_numbers: Callable[..., list[list[float]] | None] | None = None
"""Derivatives of a gradient in numbers, without its graph, likewise."""


begin_push: Callable[[Sequence[Value], Sequence[float]], int] | None = None
"""Nodes get their tangents as they are made, until `end_push`: forward mode without a sweep, likewise."""


def end_push() -> None:
    """Nothing began."""


def pushed(roots: Sequence[Value], mark: int) -> list[float] | None:
    """The tangents of the roots since `begin_push` gave ``mark``; None where they are not known."""
    return None


def push_numbers(
    roots: Sequence[Value], seeds: Sequence[Value], tangents: Sequence[float], alone: bool = False
) -> list[float] | None:
    """The derivative of each root as the seeds move by their tangents: forward mode, one sweep, no edge left out.

    So it is not finite where anything below is not (0 · ∞ is not a number), and if it is finite it holds. With
    ``alone`` it is None if a root depends on other leaves as well.
    """
    roots, seeds = checked_nodes(roots, Value, "push_numbers"), checked_nodes(seeds, Value, "push_numbers")
    check_column(len(seeds), len(tangents))
    if FLAG.blocks:
        guard_all(roots, "gradients")
    order = topological_order(*roots)
    for seed, tangent in zip(seeds, tangents, strict=True):
        seed._adjoint = tangent
    given = set(seeds)
    for node in order:
        left, right = node._left, node._right
        if node in given:
            continue
        if left is None:
            if alone and node._primitive is not CONSTANT:
                return None
            continue
        if right is MANY:
            total = 0.0
            for parent, local in zip(left, node._d_left, strict=True):
                total += parent._adjoint * local
        else:
            total = left._adjoint * node._d_left
            if right is not None:
                total += right._adjoint * node._d_right
        node._adjoint = total
    return [root._adjoint for root in roots]
