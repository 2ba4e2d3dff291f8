"""Derivatives of a recorded graph, as numbers or as graphs of their own: `gradients`, and forward mode.

The graph forms run the table's rules on Values over the same order as the plain sweep. A partial may pass
through an infinity on its way to a finite number, so they run with non-finite numbers allowed and look at the
end; and they notice a leaf that has been changed, since then the rules no longer give what was recorded.

>>> from autograd_tiny import Value
>>> x = Value(0.5)
>>> first = gradients(x.tanh(), x, create_graph=True)
>>> gradients(first, x) == -2 * first.data * x.tanh().data
True
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import reduce
from math import inf, isclose, isfinite
from typing import Any, Literal, overload

from .. import errors
from ..core import (
    Value,
    apply,
    constant,
    gradient_graphs,
    gradient_numbers,
    push_graphs,
    push_numbers,
    topological_order,
)
from ..core.answers import elements_given, number_given
from ..core.masks import ALWAYS, taken, zeros_of
from ..errors.looking import looking
from ..modes.infinities import nonfinite, nonfinite_allowed
from ..modes.recording import being_recorded, differs
from ..table.ops import TABLE
from .functions import VALUES


@overload
def gradients(root: Value, wrt: Value, create_graph: Literal[False] = False) -> float: ...
@overload
def gradients(root: Value, wrt: Iterable[Value], create_graph: Literal[False] = False) -> list[float]: ...
@overload
def gradients(root: Value, wrt: Value, create_graph: Literal[True]) -> Value: ...
@overload
def gradients(root: Value, wrt: Iterable[Value], create_graph: Literal[True]) -> list[Value]: ...
@overload
def gradients(root: Value, wrt: Any, create_graph: bool = False) -> Any: ...
def gradients(root: Value, wrt: Any, create_graph: bool = False) -> Any:
    """d(root)/d(w) for each w of ``wrt``, without touching any ``.grad``.

    ``wrt`` is one Value (the answer is one number) or a sequence of them (the answer is a list); interior nodes
    will do, and a node that ``root`` does not depend on has gradient 0. With ``create_graph`` the answers are
    Values, graphs of their own that can be differentiated again; none of them is a node of ``root``'s graph. Inside a
    function that is being compiled, the numbers differ from call to call: there they are Values too, `detach`-ed,
    through which no gradient flows.

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
    if create_graph:
        found: list[Any] = _gradient_graphs(root, targets)
    elif differs(root):  # plain numbers would be those of the recorded sample
        found = [graph.detach() for graph in _gradient_graphs(root, targets)]
    else:
        found = gradient_numbers(root, targets)
    return found[0] if isinstance(wrt, Value) else found


def _gradient_graphs(root: Value, targets: list[Value]) -> list[Value]:
    """The same sweep with the rules run on Values, over the nodes that depend on ``targets`` only.

    A rule may pass through an infinity on its way to a finite derivative. What is looked at is whether a leaf was
    changed behind the graph's back, and what is the same for every sample: no number of it stays.
    """
    with nonfinite("allow"), looking():
        if gradient_graphs is None or being_recorded():
            graphs = _swept_graphs(root, targets)
        else:
            graphs = gradient_graphs(root, targets, _locals_given, _goes, _check_fresh)
    if not being_recorded() and not all(-inf < graph.data < inf for graph in graphs):
        gradient_numbers(root, targets)  # which raises with the reason, unless non-finite numbers are allowed
    return graphs


def _swept_graphs(root: Value, targets: list[Value]) -> list[Value]:
    order = topological_order(root)
    needed = dependents(order, targets)
    adjoints: dict[Value, Any] = {root: 1.0}
    for node in reversed(order):
        if node in needed and node in adjoints:
            upstream = adjoints[node]
            for i, local in local_graphs(node, needed, root):
                parent = node.parents[i]
                contribution = stamped(times(upstream, local), _values(upstream, local), node, ~i, root)
                known = adjoints.get(parent)
                if known is not None:
                    contribution = stamped(known + contribution, _values(known, contribution), parent, None, root)
                adjoints[parent] = contribution
    found = [adjoints.get(target, 0.0) for target in targets]
    return own([x if isinstance(x, Value) else constant(x) for x in found], order)


def stamped(made: Any, known: set[Value], node: Value, edge: int | None, root: Value) -> Any:
    """``made``, its nodes down to those ``known`` now knowing what they are the derivative of (see `core.origins`).

    They join the known: what the rule of a node of many parents shares between its parents is gone over once.
    """
    if isinstance(made, Value):
        stack = [made]
        while stack:
            new = stack.pop()
            if new not in known and new.parents:
                known.add(new)
                new._set_origin(node, edge, root)
                stack.extend(new.parents)
    return made


def _values(*xs: Any) -> set[Value]:
    return {x for x in xs if isinstance(x, Value)}


def own(answers: Iterable[Value], others: Iterable[Value]) -> list[Value]:
    """The answers, each a node of its own: none of ``others``, and no two the same.

    d(ab)/da is b, but whoever labels the answer, or sets its number, means the answer and not somebody's leaf.
    """
    taken, found = set(others), []
    for answer in answers:
        mine = apply(TABLE["identity"], (answer,)) if answer in taken else answer
        taken.add(mine)
        found.append(mine)
    return found


def dependents(order: Iterable[Value], targets: Iterable[Value]) -> set[Value]:
    """The nodes of a topological ``order`` that depend on one of ``targets``, these included."""
    found = set(targets)
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found


def local_graphs(node: Value, needed: set[Value], root: Value) -> list[tuple[int, Any]]:
    """For each edge to a parent in ``needed`` that is taken: its number, and the local derivative as a Value or number.

    An edge whose derivative is 0 at every order is left out; of a graph that is recorded, only where it is so for all
    numbers. Raises `StaleGraphError` if a derivative is no
    longer what it was when ``node`` was computed.
    """
    wanted = [i for i, parent in enumerate(node.parents) if parent in needed]
    derived, recorded = _locals_given(node, wanted, root), node.local_derivatives
    for i, local in zip(wanted, derived, strict=True):
        _check_fresh(node, i, number_of(local), recorded[i])
    goes, kept, fixed = taken(node), being_recorded(), _never_moving(node)
    return [
        (i, local)
        for i, local in zip(wanted, derived, strict=True)
        if goes[i] or (isinstance(local, Value) and (kept or (not fixed and _moves_with(local, node.parents))))
    ]


_SHARED: ContextVar[dict[tuple[Value, int], Any] | None] = ContextVar("shared_locals", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """In this block sweeps from several roots over one recorded graph share the graphs of its local derivatives.

    A Jacobian or Hessian that is compiled so computes each once. Run eagerly, no engine does: their graphs are alike.
    """
    token = _SHARED.set({} if being_recorded() else None)
    try:
        yield
    finally:
        _SHARED.reset(token)


def _locals_given(node: Value, wanted: Sequence[int], root: Value) -> list[Any]:
    """The local derivatives by the parents ``wanted``, each a Value or a number, by the row's rules."""
    shared = _SHARED.get()
    if shared is None:
        return _derived_locals(node, wanted, root)
    missing = [i for i in wanted if (node, i) not in shared]
    if missing:
        shared.update(zip([(node, i) for i in missing], _derived_locals(node, missing, root), strict=True))
    return [shared[node, i] for i in wanted]


def _derived_locals(node: Value, wanted: Sequence[int], root: Value) -> list[Any]:
    row, parents = node.primitive, node.parents
    operands = row.operands([parent.data if parent.is_constant else parent for parent in parents])
    if row.variadic:
        given = [partial(VALUES, *operands, node) for partial in row.partials]
        every = [x for i, xs in enumerate(given) for x in elements_given(row, i, xs, len(operands[0]))]
        derived = [every[i] for i in wanted]
    else:
        derived = [row.partials[i](VALUES, *operands, node) for i in wanted]
    known = {node, *parents}
    for place, (i, local) in enumerate(zip(wanted, derived, strict=True)):
        if not isinstance(local, (Value, float)):
            derived[place] = number_given(row, i, local)
        stamped(local, known, node, i, root)
    return derived


def _goes(node: Value, i: int, local: Any) -> bool:
    """Whether an edge with a derivative of 0 is taken, or its derivative may become another at the next order."""
    return taken(node)[i] or (isinstance(local, Value) and _moves_with(local, node.parents))


def _never_moving(node: Value) -> bool:
    """Whether all derivatives of 0 of the node's row are masks, whatever the operands: none leads back to these."""
    return all(kind == ALWAYS for kind in zeros_of(node.primitive))


def _moves_with(local: Value, operands: tuple[Value, ...]) -> bool:
    """Whether a gradient of ``local``, a graph on the operands, would reach one of them."""
    leads = {operand for operand in operands if not operand.is_constant}
    stack, seen = [local], set(operands)
    while stack:
        node = stack.pop()
        for parent, goes in zip(node.parents, taken(node), strict=True):
            if goes and parent in leads:
                return True
            if goes and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return False


def _local_numbers(node: Value) -> list[tuple[int, float]]:
    """For each edge that is taken: its number, and the local derivative."""
    return [(i, local) for i, (local, goes) in enumerate(zip(node.local_derivatives, taken(node), strict=True)) if goes]


def _check_fresh(node: Value, i: int, now: float, then: float) -> None:
    if now != then and not isclose(now, then, rel_tol=1e-9, abs_tol=1e-300) and (now == now or then == then):
        raise errors.StaleGraphError(
            f"a leaf below this {node.op} node was changed after the node was computed: its derivative towards "
            f"{node.primitive.arguments[0 if node.primitive.variadic else i]} was {then!r} and would now be {now!r}; "
            "build the expression again, then ask for its higher derivatives"
        )


def number_of(x: Any) -> float:
    """The number of a Value, or the number itself."""
    return x.data if isinstance(x, Value) else float(x)


def times(upstream: Any, local: Any) -> Any:
    """The product, without a node for ``1 ×``; 0 at every order stays the number 0, unless it meets an infinity.

    Whether it does may differ between samples, so a graph that is recorded keeps that product.
    """
    for factor, other in ((upstream, local), (local, upstream)):
        if not isinstance(factor, Value):
            if factor == 1.0:
                return other
            if factor == 0.0 and not (isinstance(other, Value) and being_recorded()):
                return 0.0 * number_of(other)
    return upstream * local


def push_forward(outputs: list[Value], tangents: dict[Value, Any], create_graph: bool) -> list[Any]:
    """The derivative of each output in the direction that ``tangents`` gives the nodes below: forward mode.

    One sweep in topological order, over the local derivatives that backward uses. Floats, or with
    ``create_graph`` Values.
    """
    if not create_graph:
        swept = push_numbers(outputs, [*tangents], [*tangents.values()])
        if swept is not None and all(map(isfinite, swept)):
            return swept
    elif push_graphs is not None and not being_recorded():
        with nonfinite("allow"), looking():
            graphs = push_graphs(outputs, [*tangents], [*tangents.values()], _locals_given, _goes, _check_fresh)
        if nonfinite_allowed() or all(isfinite(graph.data) for graph in graphs):
            return graphs
    order = topological_order(*outputs)
    needed = dependents(order, tangents)
    known: dict[Value, Any] = dict(tangents)
    with nonfinite("allow"), looking() if create_graph else nullcontext():  # as in `_gradient_graphs`
        for node in order:
            if node in needed and node not in tangents:
                edges = local_graphs(node, needed, node) if create_graph else _local_numbers(node)
                sent = [times(known[node.parents[i]], local) for i, local in edges if node.parents[i] in known]
                if sent:
                    known[node] = reduce(operator.add, sent)
        pushed = [known.get(output, 0.0) for output in outputs]
        if create_graph:
            mine = [x if isinstance(x, Value) else constant(x) for x in pushed]
            pushed = own(mine, [*order, *(x for x in tangents.values() if isinstance(x, Value))])
    if being_recorded() or nonfinite_allowed() or all(isfinite(number_of(x)) for x in pushed):
        return pushed if create_graph else [float(x) for x in pushed]
    raise _nonfinite_push(order, {node: number_of(x) for node, x in known.items()})


def _nonfinite_push(order: list[Value], known: dict[Value, float]) -> errors.NonFiniteError:
    """The error for the first edge, in the order of the sweep, along which a finite tangent became non-finite."""
    for node in order:
        for i, (parent, local) in enumerate(zip(node.parents, node.local_derivatives, strict=True)):
            tangent = known.get(parent)
            if tangent is not None and isfinite(tangent) and not isfinite(tangent * local) and taken(node)[i]:
                return errors.nonfinite_derivative("forward", node.primitive, node.parents, i, tangent, local)
    return errors.NonFiniteError("the tangents that reach one node add up to more than the largest float, 1.8e308")
