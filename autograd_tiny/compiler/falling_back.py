"""The function itself, run on the samples that its program cannot answer for.

It gets what the caller gave, as it would without a program, so that its answer is its own: a number from a branch that
was not taken, a sum whose parts overflow, a NaN that it does not look at, or the error that it raises. Where that is
Python's own word on plain numbers (``0.0 ** -1`` divides by zero, ``(-1.0) ** 0.5`` is complex, ``1e200 * 1e200`` is
infinite), it runs on Values, whose error says which operation it was, and of what.

>>> from autograd_tiny import Value
>>> w = Value(3.0)
>>> call = Call.read(([1.0, 2.0],), {}, batch=True)
>>> sampled = run_function(lambda x: w * x, call, [1], gradient=True)
>>> sampled.numbers, sampled.slopes == {w: 2.0}
([[6.0]], True)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from .. import errors
from ..core import Value, constant, gradient_numbers, leaves_below
from ..modes import nonfinite_allowed
from ..modes.recording import paused
from .record.calls import Call
from .record.structures import leaves as leaves_of


@dataclass
class Sampled:
    """What the function gave: in which structure, the numbers of all outputs for each sample, and of the first
    output's gradient the sum over the samples, leaf -> number.
    """

    like: Any = 0.0
    numbers: list[list[float]] = field(default_factory=list)
    slopes: dict[Value, float] = field(default_factory=dict)


def run_function(
    function: Callable[..., Any], call: Call, samples: Sequence[int], gradient: bool,
    check: Callable[[Any], Any] = lambda y: y,
) -> Sampled:  # fmt: skip
    """The function on some samples of a call, one after the other; its errors say which sample it was.

    ``check`` is to raise for what is no number.
    """
    found = Sampled()
    for i in samples:
        try:
            with paused():
                found.like, outputs, numbers = _answer(function, call, i, check)
            found.numbers.append(numbers)
            if gradient and outputs and isinstance(outputs[0], Value):
                leaves = leaves_below(outputs[:1])
                for leaf, slope in zip(leaves, gradient_numbers(outputs[0], leaves), strict=True):
                    found.slopes[leaf] = found.slopes.get(leaf, 0.0) + slope
        except Exception as error:
            if call.length is not None:
                error.add_note(f"on sample {i} of the batch")
            raise
    for leaf, total in found.slopes.items():
        if not isfinite(total) and not nonfinite_allowed():
            raise errors.NonFiniteError(
                f"the gradients of {errors.called(leaf)} over {len(samples):,} samples add up to more than the largest "
                "float, 1.8e308"
            )
    return found


Answered = tuple[Any, list[Any], list[float]]
"""What the function gave, all that is in it, and the numbers of these."""


def _answer(function: Callable[..., Any], call: Call, i: int, check: Callable[[Any], Any]) -> Answered:
    """On plain numbers, or on Values if the answer to those is none, or not finite."""
    plain: Answered | None = None
    failed: Exception | None = None
    try:
        plain = _numbers(call.given_to(function, i), check)
        if all(map(isfinite, plain[2])):
            return plain
    except errors.AutogradError:
        raise
    except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
        failed = error
    try:
        on_values = _numbers(call.applied(function, i, _value), check)
    except errors.NonFiniteError as error:
        raise error from None
    except Exception:
        if plain is None:
            assert failed is not None
            raise failed from None
        return plain
    return plain or on_values


def _numbers(like: Any, check: Callable[[Any], Any]) -> Answered:
    outputs = leaves_of(like)
    return like, outputs, [y.data if isinstance(y, Value) else float(check(y)) for y in outputs]


def _value(argument: int, number: float, integer: bool) -> Any:
    return int(number) if integer else constant(number)
