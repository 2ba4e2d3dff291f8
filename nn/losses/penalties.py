"""Penalties on the size of weights, to be added to a loss: ``loss + l2_penalty(model, 1e-4)``.

>>> from autograd_tiny import Value
>>> w = [Value(3.0), Value(-4.0)]
>>> l1_penalty(w, 0.1).data, l2_penalty(w, 0.1).data
(0.7000000000000001, 2.5)
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

from ..module import Module


def l1_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """``strength`` · Σ |p|, which draws weights to exactly 0 (the lasso; R. Tibshirani, 1996). |p|' at 0 is 0."""
    values = _values("l1_penalty", parameters)
    penalty: Value = _strength("l1_penalty", strength) * ad.sum([ad.abs(p) for p in values])
    return penalty


def l2_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """``strength`` · Σ p² (ridge; micrograd's ``alpha * sum(p * p)``), two nodes for any number of parameters.

    Its gradient is 2 · strength · p: what SGD's ``weight_decay=2 * strength`` adds.
    """
    values = _values("l2_penalty", parameters)
    penalty: Value = _strength("l2_penalty", strength) * ad.dot(values, values)
    return penalty


def _values(penalty: str, parameters: Any) -> list[Value]:
    """The parameters of a model, or the Values of an iterable."""
    if isinstance(parameters, Module):
        parameters = parameters.parameters()
    if isinstance(parameters, Value) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{penalty}(parameters) got {shorten(parameters)}, {article(type(parameters).__name__)}: "
            "expected a model, or a list of Values"
        )
    values = list(parameters)
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(
                f"{penalty}(parameters) has {shorten(value)}, {article(type(value).__name__)}: "
                "expected a model, or a list of Values"
            )
    if not values:
        raise ValueError(f"{penalty} got no parameters: expected a model that has some, or a list of Values")
    return values


def _strength(penalty: str, strength: Any) -> float:
    if not is_number(strength):
        raise TypeError(
            f"{penalty}(strength) got {shorten(strength)}, {article(type(strength).__name__)}: "
            "expected a number of at least 0"
        )
    if not 0.0 <= strength < inf:
        raise ValueError(f"{penalty}(strength) got {strength!r}: expected a finite number of at least 0")
    return float(strength)
