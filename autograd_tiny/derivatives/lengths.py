"""What a length of 0 sends to its operands: an even function of a length is smooth where the length itself is not.

The length n of x has the derivative x / n, which at 0 has no value. But what arrives there from n² is 2 n, and
2 n · x / n is 2 x: where all that arrives is a function u of n with u(0) = 0, what is sent on is u'(n) x. That is right
to the third order of derivative, and to every order where u' does not change with n; beyond it raises. A length that
is taken twice is one; of a product of the lengths of two vectors, which has no second derivative at 0, it raises.

>>> from autograd_tiny import cos, hessian, hypot, norm
>>> hessian(lambda v: norm(v) ** 2)([0.0, 0.0])
[[2.0, 0.0], [0.0, 2.0]]
>>> hessian(lambda v: cos(hypot(v[0], v[1])))([0.0, 0.0])
[[-1.0, 0.0], [0.0, -1.0]]
>>> hessian(lambda v: norm(v) * norm(v))([0.0, 0.0])
[[2.0, 0.0], [0.0, 2.0]]
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from math import isfinite
from typing import Any

from ..core import Value, gradient_numbers, topological_order
from ..errors import NonFiniteError
from ..modes.recording import being_recorded
from ..table.ops import TABLE
from .local_graphs import dependents

LENGTHS = ("norm", "hypot")
KINKED = frozenset({*LENGTHS, "abs", "maximum", "minimum", "relu", "sqrt", "cbrt"})
"""Rows whose derivative at an edge is a convention: next to one a product of two zeros says nothing."""


def at_origin(node: Value, upstream: Any) -> bool:
    """Whether a gradient of 0, which may be another at the next order, arrives at a length of 0."""
    row = node.primitive
    if row.name not in LENGTHS or node.data != 0.0 or TABLE.get(row.name) is not row or being_recorded():
        return False
    return isinstance(upstream, Value) and upstream.data == 0.0


def sent_from_origin(node: Value, upstream: Value, gradient_graphs: Callable[..., list[Value]]) -> list[Any] | None:
    """For each operand what is sent to it; None where ``upstream`` depends on more than the length."""
    order = topological_order(upstream)
    same = [node, *(x for x in order if x is not node and _is_twin(x, node))]
    below = set(topological_order(*same))
    others = [x for x in order if not (x.parents or x.is_constant)]
    kinks = [x for x in dependents(order, others) - below if x.primitive.name in KINKED and x.data == 0.0]
    if not all(x.primitive.name in LENGTHS for x in kinks):
        return None
    if others:
        try:  # by a length too: by what is in it the derivative is 0 anyway
            slopes = gradient_numbers(upstream, [*others, *kinks])
        except NonFiniteError:
            return None
        if any(slopes):
            return None
    slope = reduce(operator.add, gradient_graphs(upstream, same))
    if not isfinite(slope.data):
        return None
    if set(topological_order(slope)).isdisjoint(same):
        return [slope * x for x in node.parents]
    # The third derivative of what is sent is none of u'(0) x: x ** 2.5 has none either.
    return [slope * x + x**2.5 for x in node.parents]


def _is_twin(x: Value, node: Value) -> bool:
    """Whether it is the length of the same numbers once more."""
    return x.primitive is node.primitive and x.parents == node.parents
