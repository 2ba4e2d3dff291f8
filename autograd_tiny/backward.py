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
from math import inf, isclose, isfinite
from typing import Any

from . import errors
from .functions import VALUES
from .modes import nonfinite, nonfinite_allowed
from .primitive import LEAF
from .value import MANY, Value, constant

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
            raise _explain_nonfinite(order)


def _explain_nonfinite(order: list[Value]) -> errors.NonFiniteError:
    """The error for the first edge, in the order of the sweep, whose finite upstream became non-finite."""
    for node in reversed(order):
        upstream = node._adjoint
        for i, (parent, local) in enumerate(zip(node.parents, node.local_derivatives, strict=True)):
            if upstream and -inf < upstream < inf and not parent.is_constant and not -inf < upstream * local < inf:
                return errors.nonfinite_gradient(node.primitive, node.parents, i, upstream, local)
    return errors.NonFiniteError("the gradients that reach one node add up to more than the largest float, 1.8e308")


def backward(root: Value) -> None:
    """Give every node below ``root`` its gradient: fresh on interior nodes, added on leaves.

    Raises `NonFiniteError`, and changes no gradient, if one is not finite.
    """
    order = topological_order(root)
    _sweep(order)
    ends = [node for node in order if node._left is None]
    _require_finite(order, ends)  # an interior gradient that is not finite makes those of its leaves so
    totals = [node.grad + node._adjoint if node._primitive is LEAF else None for node in ends]
    for node in order:
        node._grad = node._adjoint
    for node, total in zip(ends, totals, strict=True):
        node._grad = total


def gradients(root: Value, wrt: Any, create_graph: bool = False) -> Any:
    """d(root)/d(w) for each w of ``wrt``, without touching any ``.grad``.

    ``wrt`` is one Value (the answer is one number) or a sequence of them (the answer is a list); interior nodes
    will do, and a node that ``root`` does not depend on has gradient 0. With ``create_graph`` the answers are
    Values, graphs of their own that can be differentiated again.

    >>> x = Value(2.0)
    >>> dy = gradients(x ** 3, x, create_graph=True)
    >>> dy.data, gradients(dy, x)
    (12.0, 12.0)
    """
    if not isinstance(root, Value):
        raise TypeError(f"gradients(root, wrt): root is {errors.shorten(root)}: expected the Value to differentiate")
    targets = [wrt] if isinstance(wrt, Value) else list(wrt) if isinstance(wrt, Iterable) else [wrt]
    for target in targets:
        if not isinstance(target, Value):
            raise TypeError(f"gradients(root, wrt): wrt has {errors.shorten(target)}: expected Values")
        if target.is_constant:
            raise ValueError(
                f"gradients(root, wrt): {target!r} is a constant, which takes no gradient; make it a leaf: Value(...)"
            )
    order = topological_order(root)
    found = _gradient_graphs(order, targets) if create_graph else _gradient_numbers(order, targets)
    return found[0] if isinstance(wrt, Value) else found


def _gradient_numbers(order: list[Value], targets: list[Value]) -> list[float]:
    for target in targets:
        target._adjoint = 0.0  # a target that the root does not depend on is not in the order
    _sweep(order)
    _require_finite(order, targets)
    return [target._adjoint for target in targets]


def _gradient_graphs(order: list[Value], targets: list[Value]) -> list[Value]:
    """The same sweep with the rules run on Values, over the nodes that depend on ``targets`` only."""
    needed = dependents(order, targets)
    adjoints: dict[Value, Any] = {order[-1]: 1.0}
    with nonfinite("allow"):  # a rule may pass through an infinity on its way to a finite derivative
        for node in reversed(order):
            if node in needed and node in adjoints:
                upstream = adjoints[node]
                for parent, local in local_graphs(node, needed):
                    contribution = times(upstream, local)
                    known = adjoints.get(parent)
                    adjoints[parent] = contribution if known is None else known + contribution
        found = [adjoints.get(target, 0.0) for target in targets]
        graphs = [x if isinstance(x, Value) else constant(x) for x in found]
    if not all(-inf < graph._data < inf for graph in graphs):
        _gradient_numbers(order, targets)  # which raises with the reason, unless non-finite numbers are allowed
    return graphs


def dependents(order: Iterable[Value], targets: Iterable[Value]) -> set[Value]:
    """The nodes of a topological ``order`` that depend on one of ``targets``, these included."""
    found = set(targets)
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found


def local_graphs(node: Value, needed: set[Value]) -> list[tuple[Value, Any]]:
    """For each edge to a parent in ``needed``: the parent, and the local derivative as a Value or plain number.

    Raises `StaleGraphError` if it is no longer what it was when ``node`` was computed.
    """
    row, parents = node.primitive, node.parents
    operands: list[Any] = [parent._data if parent.is_constant else parent for parent in parents]
    if row.variadic:
        k = len(operands) // len(row.arguments)
        vectors = [operands[i : i + k] for i in range(0, len(operands), k)]
        derived = [local for partial in row.partials for local in partial(VALUES, *vectors, node)]
        wanted = [i for i, parent in enumerate(parents) if parent in needed]
    else:
        wanted = [i for i, parent in enumerate(parents) if parent in needed]
        derived = {i: row.partials[i](VALUES, *operands, node) for i in wanted}  # type: ignore[assignment]
    for i in wanted:
        _check_fresh(node, i, derived[i])
    return [(parents[i], derived[i]) for i in wanted]


def _check_fresh(node: Value, i: int, local: Any) -> None:
    now, then = number_of(local), node.local_derivatives[i]
    if now != then and not isclose(now, then, rel_tol=1e-9, abs_tol=1e-300) and (now == now or then == then):
        raise errors.StaleGraphError(
            f"a leaf below this {node.op} node was changed after the node was computed: its derivative towards "
            f"{node.primitive.arguments[0 if node.primitive.variadic else i]} was {then!r} and would now be {now!r}; "
            "build the expression again, then ask for its higher derivatives"
        )


def number_of(x: Any) -> float:
    """The number of a Value, or the number itself."""
    return x._data if isinstance(x, Value) else float(x)


def times(upstream: Any, local: Any) -> Any:
    """The product, without a node for ``1 ×``; what is nothing at every order stays the number 0."""
    for factor, other in ((upstream, local), (local, upstream)):
        if not isinstance(factor, Value) and factor in (0.0, 1.0):
            return other if factor else 0.0
    if number_of(upstream) == 0.0 and not isfinite(number_of(local)):
        return 0.0
    return upstream * local


def push_forward(outputs: list[Value], tangents: dict[Value, Any], create_graph: bool) -> list[Any]:
    """The derivative of each output in the direction that ``tangents`` gives the nodes below: forward mode.

    One sweep in topological order, over the local derivatives that backward uses. Floats, or with
    ``create_graph`` Values.
    """
    order = topological_order(*outputs)
    needed = dependents(order, tangents)
    known: dict[Value, Any] = dict(tangents)
    with nonfinite("allow"):
        for node in order:
            if node in needed and node not in tangents:
                total: Any = 0.0
                edges = (
                    local_graphs(node, needed)
                    if create_graph
                    else zip(node.parents, node.local_derivatives, strict=True)
                )
                for parent, local in edges:
                    if parent in needed:
                        total = total + times(known[parent], local)
                known[node] = total
        pushed = [known.get(output, 0.0) for output in outputs]
        if create_graph:
            return [x if isinstance(x, Value) else constant(x) for x in pushed]
    for output, x in zip(outputs, pushed, strict=True):
        if not isfinite(x) and not nonfinite_allowed():
            raise errors.NonFiniteError(f"the derivative of {errors.shorten(output)} in this direction is {x!r}")
    return [float(x) for x in pushed]
