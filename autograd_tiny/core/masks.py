"""Which edges of a node are not taken: those whose derivative is 0 because the operation chose so.

An arm of ``where`` that was not taken, relu's flat side, a comparison, a lost maximum: a gradient does not pass there,
whatever comes from above and whatever lies below. So an infinite derivative below such an edge does no harm, while
anywhere else 0 · ∞ is indeterminate. Nothing is kept for it: the row's own rule is asked, when a sweep meets
a zero or an infinity that makes it matter.

>>> from autograd_tiny import Value, greater, where
>>> a, b = Value(0.0), Value(5.0)
>>> taken(where(greater(b, 1.0), b, a.sqrt())), taken(a * b), taken(greater(a, b))
((False, True, False), (True, True), (False, False))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .. import errors
from ..table.namespaces.switches import ANYWHERE, SWITCHES, Each, Switched, Switches, switched
from ..table.primitive import Primitive

NEVER, ALWAYS, SOMETIMES = 0, 1, 2
"""Whether a derivative of 0 is a mask: no zero of this rule is, each is, or the point decides."""


def fixed(xp: Switches, row: Primitive, operands: Sequence[Switched]) -> list[bool | None]:
    """For each parent whether the choices that the row makes alone decide the derivative towards it."""
    arguments = row.operands(list(operands))
    y = row.forward(xp, *arguments)
    found: list[bool | None] = []
    for rule, argument in zip(row.partials, arguments, strict=True):
        derived = rule(xp, *arguments, xp.operand(switched(y).number))
        if not row.variadic:
            found.append(switched(derived).fixed)
        elif isinstance(derived, Each):
            found += [switched(x).fixed for x in derived]
        else:  # a vector of operands, or of the numbers that fill in for one
            found += [False] * len(argument)
    return found


@lru_cache(256)  # a dot that is filled with numbers has a row of its own, and there are many
def zeros_of(row: Primitive) -> tuple[int, ...]:
    """For each operand of a row (each vector, of a row with many) what a derivative of 0 towards it is.

    >>> from autograd_tiny.table.ops import TABLE
    >>> zeros_of(TABLE["where"]), zeros_of(TABLE["mul"]), zeros_of(TABLE["leaky_relu"])
    ((1, 1, 1), (0, 0), (2, 2))
    """
    found = fixed(ANYWHERE, row, [ANYWHERE.operand() for _ in row.arguments])
    return tuple({True: ALWAYS, False: NEVER, None: SOMETIMES}[known] for known in found)


def taken(node: Any) -> tuple[bool, ...]:
    """For each parent of a node whether a gradient passes on to it."""
    locals_ = node.local_derivatives
    if 0.0 not in locals_:
        return (True,) * len(locals_)
    row = node.primitive
    kinds = zeros_of(row)
    if row.variadic:
        kinds = tuple(kind for kind in kinds for _ in range(len(locals_) // len(kinds)))
    if SOMETIMES in kinds:
        here = fixed(SWITCHES, row, [SWITCHES.operand(parent.data) for parent in node.parents])
        kinds = tuple(ALWAYS if known else NEVER for known in here)
    return tuple(local != 0.0 or kind == NEVER for local, kind in zip(locals_, kinds, strict=True))


def careful_adjoints(order: Sequence[Any]) -> dict[Any, float]:
    """d(root)/d(node) for the nodes of a topological order that a gradient reaches, along the edges that are taken.

    As `backward._sweep`, which this is asked after where a zero met an infinity; here 0 · ∞ is not a number.
    """
    known = {order[-1]: 1.0}
    for node in reversed(order):
        if node in known:
            for parent, local, goes in zip(node.parents, node.local_derivatives, taken(node), strict=True):
                if goes and not parent.is_constant:
                    known[parent] = known.get(parent, 0.0) + known[node] * local
    return known


def nonfinite_sweep(order: Sequence[Any], known: Mapping[Any, float]) -> errors.NonFiniteError:
    """The error for the first edge, in the order of the sweep, along which a finite adjoint became non-finite."""
    for node in reversed(order):
        upstream = known.get(node)
        if upstream is None or not errors.is_finite(upstream):
            continue
        edges = zip(node.parents, node.local_derivatives, taken(node), strict=True)
        for i, (parent, local, goes) in enumerate(edges):
            if goes and not parent.is_constant and not errors.is_finite(upstream * local):
                return errors.nonfinite_derivative("backward", node.primitive, node.parents, i, upstream, local)
    return errors.NonFiniteError("the gradients that reach one node add up to more than the largest float, 1.8e308")
