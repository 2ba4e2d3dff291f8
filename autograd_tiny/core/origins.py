"""What a node made by differentiation is the derivative of: it remembers, so that second-order graphs can be read.

>>> from autograd_tiny import Value, gradients
>>> x = Value(0.5, "x")
>>> y = x.tanh()
>>> slope = gradients(y, x, create_graph=True)
>>> slope.op, slope.derivative_of.node is y, slope.derivative_of.kind
('sech_squared', True, 'local')
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Origin(NamedTuple):
    """Part of the derivative of ``root``: of ``node`` by its parent ``parent``, or of the root by ``node``.

    ``edge`` is the number of the parent for a local derivative, ``~number`` for what it sends on (times the upstream
    gradient), None for the sum of all that arrives at ``node``.
    """

    node: Any
    edge: int | None
    root: Any

    @property
    def kind(self) -> str:
        """ "local", "sent" or "total"."""
        return "total" if self.edge is None else "local" if self.edge >= 0 else "sent"

    @property
    def parent(self) -> Any:
        """The operand by which ``node`` was differentiated; None for a total."""
        return None if self.edge is None else self.node.parents[self.edge if self.edge >= 0 else ~self.edge]
