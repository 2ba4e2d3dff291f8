"""Gradient clipping: a bound on the step where the loss is steep, between ``backward`` and ``step``.

>>> from autograd_tiny import Value
>>> a, b = Value(3.0), Value(4.0)
>>> (a * a / 2.0 + b * b / 2.0).backward()
>>> clip_gradient_norm([a, b], 1.0), round(a.grad, 6), round(b.grad, 6)
(5.0, 0.6, 0.8)
"""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot, isfinite, isnan

from autograd_tiny import NonFiniteError, Value
from autograd_tiny.errors import number_words

from .. import settings


def clip_gradient_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """The norm √Σg² of all gradients before; if it is above ``max_norm``, they are scaled down together to that.

    Pascanu and others 2013, "On the difficulty of training recurrent neural networks", algorithm 1, with PyTorch's
    factor ``max_norm / (norm + 1e-6)``. ``max_norm=math.inf`` only measures. An infinite or nan gradient is a
    `NonFiniteError` that names its parameter, and changes nothing: scaled, it would make every gradient 0 or nan.
    """
    found = settings.leaves("clip_gradient_norm", parameters)
    limit = settings.bound("clip_gradient_norm(max_norm)", max_norm)
    gradients = [parameter.grad for parameter in found]
    norm = hypot(*gradients)
    if not isfinite(norm):
        for i, gradient in enumerate(gradients):
            if not isfinite(gradient):
                _refuse("clip_gradient_norm", found, i)
        raise NonFiniteError(
            "clip_gradient_norm: the norm of the gradients is beyond the largest float, 1.8e308: no gradient was "
            "changed; call clip_gradient_value first"
        )
    factor = limit / (norm + 1e-6)
    if factor < 1.0:
        for parameter, gradient in zip(found, gradients, strict=True):
            parameter.grad = factor * gradient
    return norm


def clip_gradient_value(parameters: Iterable[Value], limit: float) -> None:
    """Bring every gradient into ±``limit``, each by itself; an infinite one too, as in PyTorch.

    A gradient that is not a number has no side to be brought to: a `NonFiniteError` names its parameter.
    """
    found = settings.leaves("clip_gradient_value", parameters)
    most = settings.bound("clip_gradient_value(limit)", limit)
    gradients = [parameter.grad for parameter in found]
    for i, gradient in enumerate(gradients):
        if isnan(gradient):
            _refuse("clip_gradient_value", found, i)
    for parameter, gradient in zip(found, gradients, strict=True):
        if abs(gradient) > most:
            parameter.grad = most if gradient > 0.0 else -most


def _refuse(caller: str, parameters: list[Value], i: int) -> None:
    what = f"the gradient of {settings.name(parameters, i)} is {number_words(parameters[i].grad)}"
    raise NonFiniteError(f"{caller}: {what}: no gradient was changed; look for the cause in the loss")
