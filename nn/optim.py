"""Optimisers: from gradients to the next weights.

>>> from autograd_tiny import Value
>>> w = Value(1.0)
>>> optimizer = SGD([w], lr=0.1)
>>> (w * w).backward(); optimizer.step(); w.data
0.8
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd_tiny import Value
from autograd_tiny.errors import article, shorten


class SGD:
    """Stochastic gradient descent: ``v = momentum v + grad; w = w - lr v`` (PyTorch's form; momentum 0 is plain)."""

    def __init__(self, parameters: Iterable[Value], lr: float, momentum: float = 0.0) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("SGD got no parameters: expected model.parameters() or a list of leaves")
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or not parameter.is_leaf:
                got = f"{shorten(parameter)}, {article(type(parameter).__name__)}"
                raise TypeError(f"SGD(parameters) has {got}: expected leaves, Values made by Value(...)")
        if not lr > 0.0:
            raise ValueError(f"SGD(lr) got {lr!r}: expected a learning rate above 0")
        if not 0.0 <= momentum < 1.0:
            raise ValueError(f"SGD(momentum) got {momentum!r}: expected at least 0 and below 1")
        self.lr, self.momentum = lr, momentum
        self._velocities = [0.0] * len(self.parameters)

    def step(self) -> None:
        """Move every parameter against its gradient."""
        for i, parameter in enumerate(self.parameters):
            velocity = self.momentum * self._velocities[i] + parameter.grad
            self._velocities[i] = velocity
            parameter.data -= self.lr * velocity

    def zero_grad(self) -> None:
        """Set every gradient to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0
