"""Stochastic gradient descent: from gradients to the next weights.

>>> from autograd_tiny import Value
>>> w = Value(1.0)
>>> optimizer = SGD([w], lr=0.1)
>>> (w * w).backward(); optimizer.step(); w.data
0.8

What it shares with the others is in `optimizer`; those with a rate for each parameter are in `adaptive`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from autograd_tiny import Value
from autograd_tiny.table.namespaces import Namespace

from .. import settings
from .optimizer import Optimizer, Rule


class SGD(Optimizer):
    """Stochastic gradient descent: ``v = momentum v + g; x = x - lr v``, where ``g = grad + weight_decay x``.

    With ``nesterov`` the step looks ahead: ``x = x - lr (g + momentum v)``. This is PyTorch's form of Sutskever and
    others 2013, "On the importance of initialization and momentum in deep learning", in which lr stays outside v.
    """

    OPTIONS: ClassVar = {
        "momentum": settings.fraction,
        "nesterov": settings.flag,
        "weight_decay": settings.not_negative,
    }
    momentum: float
    nesterov: bool
    weight_decay: float

    def __init__(self, parameters: Iterable[Value], lr: float, momentum: float = 0.0, nesterov: bool = False,
                 weight_decay: float = 0.0) -> None:  # fmt: skip
        super().__init__(parameters, lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)
        if nesterov and not momentum:
            raise ValueError(f"SGD(nesterov=True) got momentum {momentum!r}: expected one above 0, such as 0.9")

    def _keeps(self, options: dict[str, Any]) -> list[str]:
        return ["momentum_buffer"] if options["momentum"] else []

    def _rule(self, xp: Namespace, step: int) -> Rule:
        lr, momentum, decay, nesterov = self.lr, self.momentum, self.weight_decay, self.nesterov

        def plain(x: Any, g: Any) -> tuple[Any, ...]:
            return (x - lr * (g + decay * x),)

        def with_momentum(x: Any, g: Any, v: Any) -> tuple[Any, ...]:
            g = g + decay * x
            v = momentum * v + g
            return x - lr * (g + momentum * v if nesterov else v), v

        return with_momentum if momentum else plain
