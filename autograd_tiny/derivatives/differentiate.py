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
from collections.abc import Iterable
from contextlib import nullcontext
from functools import reduce
from math import inf, isfinite
from typing import Any, Literal, overload

from .. import errors
from ..core import Value, gradient_graphs, gradient_numbers, push_graphs, push_numbers, topological_order
from ..core.masks import taken
from ..errors.looking import looking
from ..modes.infinities import nonfinite, nonfinite_allowed
from ..modes.recording import being_recorded, differs, note_derived
from .lengths import at_origin, sent_from_origin
from .local_graphs import (
    check_fresh,
    dependents,
    edge_goes,
    local_graphs,
    local_numbers,
    locals_given,
    number_of,
    own,
    stamped,
    times,
    values_among,
)
from .loop_rows import OUTPUT, loop_of


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
    note_derived([root])
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
        graphs = None
        if gradient_graphs is not None and not being_recorded():
            graphs = gradient_graphs(root, targets, locals_given, edge_goes, check_fresh)
        if graphs is None:
            graphs = _swept_graphs(root, targets)
    if not being_recorded() and not all(-inf < graph.data < inf for graph in graphs):
        gradient_numbers(root, targets)  # which raises with the reason, unless non-finite numbers are allowed
    return graphs


def _swept_graphs(root: Value, targets: list[Value]) -> list[Value]:
    order = topological_order(root)
    needed = dependents(order, targets)
    adjoints: dict[Value, Any] = {root: 1.0}
    loops: dict[Value, dict[int, Any]] = {}
    for node in reversed(order):
        if node in loops:
            loop = loop_of(node.primitive)
            for i, contribution in loop.pulled_back(loop, node, loops[node], needed):
                parent = node.parents[i]
                adjoints[parent] = adjoints[parent] + contribution if parent in adjoints else contribution
        elif node in needed and node in adjoints:
            upstream = adjoints[node]
            if node.primitive is OUTPUT:
                made_by, j = node.parents
                loops.setdefault(made_by, {})[int(j.data)] = upstream
                continue
            smooth = None
            if at_origin(node, upstream) and not needed.isdisjoint(node.parents):
                smooth = sent_from_origin(node, upstream, _gradient_graphs)
            below = values_among(upstream, *node.parents)  # once: a node may have very many parents
            for i, local in local_graphs(node, needed, root) if smooth is None else enumerate(smooth):
                parent = node.parents[i]
                if parent not in needed:
                    continue
                sent = times(upstream, local) if smooth is None else local
                below |= values_among(local)
                contribution = stamped(sent, below, node, ~i, root)
                known = adjoints.get(parent)
                if known is not None:
                    contribution = stamped(known + contribution, values_among(known, contribution), parent, None, root)
                adjoints[parent] = contribution
    return own([adjoints.get(target, 0.0) for target in targets], order)


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
            graphs = push_graphs(outputs, [*tangents], [*tangents.values()], locals_given, edge_goes, check_fresh)
        if nonfinite_allowed() or all(isfinite(graph.data) for graph in graphs):
            return graphs
    order = topological_order(*outputs)
    needed = dependents(order, tangents)
    known: dict[Value, Any] = dict(tangents)
    with nonfinite("allow"), looking() if create_graph else nullcontext():  # as in `_gradient_graphs`
        for node in order:
            if node in needed and node not in tangents:
                edges = local_graphs(node, needed, node) if create_graph else local_numbers(node)
                sent = [times(known[node.parents[i]], local) for i, local in edges if node.parents[i] in known]
                if sent:
                    known[node] = reduce(operator.add, sent)
        pushed = [known.get(output, 0.0) for output in outputs]
        if create_graph:
            pushed = own(pushed, [*order, *(x for x in tangents.values() if isinstance(x, Value))])
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
