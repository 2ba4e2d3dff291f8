"""Gradients of several outputs: a weight for each, the seed, and the gradient of the weighted sum.

>>> from autograd_tiny import Value, compile
>>> w = Value(2.0)
>>> program = compile(lambda x: {"twice": w * x, "power": w * x**2})
>>> program.value_and_grad(3.0, seed={"twice": 1.0, "power": 10.0})
({'twice': 6.0, 'power': 18.0}, [93.0])
>>> value, pullback = program.vjp(3.0)
>>> pullback({"twice": 1.0, "power": 10.0})
(122.0,)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import Value
from ..core.operands import finite_float
from ..derivatives.functions import call as apply_row
from ..errors import counted, name_of, shorten
from ..table.ops import TABLE
from .record.structures import leaves, parts, stays


def weighted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a list of weights and the arguments that gives Σ weight · output."""

    def total(seed: Any, *arguments: Any, **named: Any) -> Any:
        outputs = leaves(function(*arguments, **named))
        if len(outputs) != len(seed):
            raise ValueError(
                f"seed has {counted(len(seed), 'number')} for {counted(len(outputs), 'output')}: expected one for each"
            )
        given = [x if isinstance(x, Value) else finite_float(x, "seed") for x in seed]
        return apply_row(TABLE["dot"], (outputs, given), {}) if outputs else 0.0

    total.__name__ = name_of(function)
    return total


def weights(seed: Any, value: Any, batch: bool) -> Any:
    """One weight for each number of ``value``, in a row; of a batch an array of samples × weights.

    In a batch a weight is a number, the same for all samples, or an array with one for each.
    """
    rows = _rows(seed, value, batch)
    if batch:
        return np.ascontiguousarray(np.concatenate(rows).T)
    return [float(x) for row in rows for x in row]


def _rows(seed: Any, value: Any, batch: bool) -> list[Any]:
    found = parts(value)
    if found is not None:
        mine = parts(seed)
        if mine is None and isinstance(seed, np.ndarray):
            mine = list(enumerate(seed))
        if mine is None or len(mine) != len(found) or (isinstance(value, dict) and dict(mine).keys() != value.keys()):
            raise _unlike(seed, value)
        by_key = dict(mine) if isinstance(value, dict) else None
        return [
            row
            for i, (key, part) in enumerate(found)
            if part is not None and not isinstance(part, (str, bytes))
            for row in _rows(by_key[key] if by_key is not None else mine[i][1], part, batch)
        ]
    shape = np.shape(value)
    try:
        given = np.asarray(seed, float)
    except (TypeError, ValueError):
        raise _unlike(seed, value) from None
    if not np.isfinite(given).all():
        raise (
            _unlike(seed, value)
            if seed is None
            else ValueError(f"seed has {shorten(seed)} for the output {shorten(value)}: expected finite numbers")
        )
    if batch and given.shape == shape[:-1]:
        given = np.broadcast_to(given[..., None], shape)
    if given.shape != shape:
        raise _unlike(seed, value)
    return [given.reshape(-1, shape[-1])] if batch else [given.reshape(-1)]


def _unlike(seed: Any, value: Any) -> ValueError:
    return ValueError(
        f"seed has {shorten(seed)} for the output {shorten(value)}: expected one number for each output, in the "
        "structure of what the function gives; in a batch a number or an array with one for each sample"
    )


def has_values(value: Any) -> bool:
    """Whether there is a Value in a result, or an array of such."""
    found = parts(value)
    if found is not None:
        return any(has_values(part) for _, part in found)
    return isinstance(value, Value) or (isinstance(value, np.ndarray) and value.dtype == object)


def differentiable(arguments: tuple[Any, ...]) -> list[int]:
    """The places of the arguments that are numbers or structures of them."""
    return [i for i, x in enumerate(arguments) if not stays(x)]
