"""The local derivatives of one node as graphs, or as numbers: the table's rules run on Values.

What `differentiate` sweeps over: each edge to a parent, where its derivative is not a mask, with what a partial gives
on the operands themselves.

>>> from autograd_tiny import Value
>>> x = Value(3.0)
>>> y = x * x
>>> [local.data for _, local in local_graphs(y, {x, y}, y)]
[3.0, 3.0]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import isclose
from typing import Any

from .. import errors
from ..core import Value, apply, constant
from ..core.answers import elements_given, number_given
from ..core.masks import ALWAYS, taken, zeros_of
from ..modes.recording import being_recorded
from ..table.ops import TABLE
from .functions import VALUES


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


def values_among(*xs: Any) -> set[Value]:
    return {x for x in xs if isinstance(x, Value)}


def own(answers: Iterable[Value | float], others: Iterable[Value]) -> list[Value]:
    """The answers, each a node of its own: none of ``others``, and no two the same; of a number a constant.

    d(ab)/da is b, but whoever labels the answer, or sets its number, means the answer and not somebody's leaf.
    """
    taken, found = set(others), []
    for answer in answers:
        mine = answer if isinstance(answer, Value) else constant(answer)
        if mine in taken:
            mine = apply(TABLE["identity"], (mine,))
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
    derived, recorded = locals_given(node, wanted, root), node.local_derivatives
    for i, local in zip(wanted, derived, strict=True):
        check_fresh(node, i, number_of(local), recorded[i])
    goes, kept, fixed = taken(node), being_recorded(), never_moving(node)
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


def locals_given(node: Value, wanted: Sequence[int], root: Value) -> list[Any]:
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


def edge_goes(node: Value, i: int, local: Any) -> bool:
    """Whether an edge with a derivative of 0 is taken, or its derivative may become another at the next order."""
    return taken(node)[i] or (isinstance(local, Value) and _moves_with(local, node.parents))


def never_moving(node: Value) -> bool:
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


def local_numbers(node: Value) -> list[tuple[int, float]]:
    """For each edge that is taken: its number, and the local derivative."""
    return [(i, local) for i, (local, goes) in enumerate(zip(node.local_derivatives, taken(node), strict=True)) if goes]


def check_fresh(node: Value, i: int, now: float, then: float) -> None:
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
