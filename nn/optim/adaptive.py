"""Optimisers that give each parameter a rate of its own: the rarer or smaller its gradients, the larger.

>>> from autograd_tiny import Value
>>> steep, flat = Value(1.0), Value(1.0)
>>> optimizer = Adam([steep, flat], lr=0.1)
>>> (100.0 * steep + 0.01 * flat).backward(); optimizer.step()
>>> round(steep.data, 6), round(flat.data, 6)             # Adam's first step is lr, whatever the gradient
(0.9, 0.9)

Options, defaults and what is kept are named as in PyTorch. ``eps`` keeps a parameter without gradients in place, so
it cannot be 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any, ClassVar

from autograd_tiny import Value
from autograd_tiny.table.namespaces import Namespace

from .. import settings
from .optimizer import Optimizer, Rule


class RMSProp(Optimizer):
    """Steps over the root of a running mean of squared gradients, ``s = alpha s + (1 - alpha) g²``:
    ``x = x - lr g / (√s + eps)``. Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6.5.

    ``centered`` takes the variance for the mean of squares, ``s - m²`` with m the mean gradient (Graves 2013,
    arXiv:1308.0850, eq. 38-45). With ``momentum`` the steps themselves add up, ``v = momentum v + g / (√s + eps)``.
    """

    OPTIONS: ClassVar = {
        "alpha": settings.fraction,
        "eps": settings.positive,
        "weight_decay": settings.not_negative,
        "momentum": settings.fraction,
        "centered": settings.flag,
    }
    alpha: float
    eps: float
    weight_decay: float
    momentum: float
    centered: bool

    def __init__(self, parameters: Iterable[Value], lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8,
                 weight_decay: float = 0.0, momentum: float = 0.0, centered: bool = False) -> None:  # fmt: skip
        super().__init__(parameters, lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum,
                         centered=centered)  # fmt: skip

    def _keeps(self, options: dict[str, Any]) -> list[str]:
        centered, momentum = options["centered"], options["momentum"]
        return ["square_avg", *["grad_avg"] * bool(centered), *["momentum_buffer"] * bool(momentum)]

    def _rule(self, xp: Namespace, step: int) -> Rule:
        lr, alpha, eps, decay = self.lr, self.alpha, self.eps, self.weight_decay
        momentum, centered, new = self.momentum, self.centered, 1.0 - self.alpha

        def rule(x: Any, g: Any, s: Any, *rest: Any) -> tuple[Any, ...]:
            g = g + decay * x
            s = alpha * s + new * g * g
            kept, spread = [s], s
            if centered:
                m = rest[0] + new * (g - rest[0])
                kept.append(m)
                spread = xp.largest((s - m * m, 0.0))  # rounding can take it below 0, where PyTorch's root is nan
            g = g / (xp.sqrt(spread) + eps)
            if momentum:
                g = momentum * rest[-1] + g
                kept.append(g)
            return x - lr * g, *kept

        return rule


class Adam(Optimizer):
    """Steps along the running mean of the gradient, over the root of the running mean of its square:
    ``m = β₁ m + (1 - β₁) g``, ``v = β₂ v + (1 - β₂) g²``, ``x = x - lr m̂ / (√v̂ + eps)``, where
    ``m̂ = m / (1 - β₁ᵗ)`` and ``v̂ = v / (1 - β₂ᵗ)`` make up for both having begun at 0.

    Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1 (arXiv:1412.6980). ``weight_decay``
    adds to the gradient here, and so is divided by the root as well; see `AdamW`. ``amsgrad`` never forgets the
    largest v (Reddi and others 2018, "On the convergence of Adam and beyond").
    """

    OPTIONS: ClassVar = {
        "betas": settings.two_fractions,
        "eps": settings.positive,
        "weight_decay": settings.not_negative,
        "amsgrad": settings.flag,
    }
    betas: tuple[float, float]
    eps: float
    weight_decay: float
    amsgrad: bool

    def __init__(self, parameters: Iterable[Value], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.0, amsgrad: bool = False) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)

    def _keeps(self, options: dict[str, Any]) -> list[str]:
        return ["exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * options["amsgrad"]]

    def _decays(self) -> tuple[float, float]:
        """How much of a parameter is added to its gradient, and what is left of it before the step."""
        return self.weight_decay, 1.0

    def _rule(self, xp: Namespace, step: int) -> Rule:
        beta, gamma = self.betas
        decay, left = self._decays()
        newer, newer_square = 1.0 - beta, 1.0 - gamma
        # The corrections belong to the step, not to a parameter: lr m̂ / (√v̂ + eps) = rate m / (√v + small).
        root = sqrt(1.0 - gamma**step)
        rate, small = self.lr / (1.0 - beta**step) * root, self.eps * root
        square_root = xp.sqrt

        def rule(x: Any, g: Any, m: Any, v: Any) -> tuple[Any, ...]:
            g = g + decay * x
            m = m + newer * (g - m)
            v = gamma * v + newer_square * g * g
            return left * x - rate * m / (square_root(v) + small), m, v

        def amsgrad(x: Any, g: Any, m: Any, v: Any, most: Any) -> tuple[Any, ...]:
            _, m, v = rule(x, g, m, v)
            most = xp.largest((most, v))
            return left * x - rate * m / (square_root(most) + small), m, v, most

        return amsgrad if self.amsgrad else rule


class AdamW(Adam):
    """Adam with the weight decay apart from the gradient: ``x`` first shrinks by ``lr weight_decay x``, then steps.

    Loshchilov and Hutter 2019, "Decoupled weight decay regularization" (arXiv:1711.05101), in PyTorch's form, where
    lr scales the decay.
    """

    def __init__(self, parameters: Iterable[Value], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.01, amsgrad: bool = False) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad)

    def _decays(self) -> tuple[float, float]:
        return 0.0, 1.0 - self.lr * self.weight_decay
