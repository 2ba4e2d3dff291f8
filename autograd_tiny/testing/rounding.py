"""How far rounding alone can have moved a derivative: the part of the tolerance that is ours, not the oracle's.

A derivative is the end of a graph, its own. Each node of that may be off by a rounding of its result and of what
went into it, and moves the end by its sensitivity, which one more sweep gives for every node at once. So functions
that are steep, or that cancel, get the tolerance that they need, and only they.
Source: S. Linnainmaa, BIT 16 (1976) 146, who invented the reverse sweep for this very purpose.

>>> from autograd_tiny import Value, gradients
>>> x = Value(3.0)
>>> y = ((x + 1e8) - 1e8) ** 2                      # eight digits cancel
>>> bound = rounding_bound(gradients(y, x, create_graph=True))
>>> 1e-8 < bound < 1e-6
True
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from ..core import Value, gradient_numbers, topological_order
from ..modes.infinities import nonfinite

ULPS = 4.0
"""Units in the last place by which one operation may be off: the C library's functions stay within 2."""


def rounding_bound(node: Value) -> float:
    """How far the number of ``node``, a gradient's graph, may be from what exact arithmetic gives, to first order."""
    order = [n for n in topological_order(node) if not n.is_constant]
    with nonfinite("allow"):
        sensitivities = gradient_numbers(node, order)
    total = 0.0
    for n, sensitivity in zip(order, sensitivities, strict=True):
        if n.parents and sensitivity:
            size = abs(n.data)
            for parent, local in zip(n.parents, n.local_derivatives, strict=True):
                size += abs(local * parent.data) if local else 0.0
            total += abs(sensitivity) * (size * 2.0**-52 + 5e-324)
    # Where a second derivative overflows there is no bound of this kind; a millionth still finds a wrong rule.
    return ULPS * total if isfinite(total) else 2.0**-20 * abs(node.data)


def sweep_bounds(root: Value, leaves: Sequence[Value]) -> list[float]:
    """How far the sums and products of a reverse sweep can be off at each leaf, the local derivatives being given.

    A rounding for each step of the longest path, on the sum of all paths' products without their signs.
    """
    order = topological_order(root)
    sizes: dict[Value, float] = {root: 1.0}
    depth: dict[Value, int] = {}
    for node in order:
        depth[node] = 1 + max((depth[parent] + 1 for parent in node.parents), default=0)
    for node in reversed(order):
        size = sizes.get(node, 0.0)
        if size:
            for parent, local in zip(node.parents, node.local_derivatives, strict=True):
                sizes[parent] = sizes.get(parent, 0.0) + size * abs(local)
    return [2.0**-52 * depth[root] * sizes.get(leaf, 0.0) for leaf in leaves]
