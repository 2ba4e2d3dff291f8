"""Whether a function looks an input up in a set or a dict: there equal numbers are one, and Values never are.

No number leaves a Value by that, so no guard sees it. But a function that does it asks a number for its hash, and one
that is run on numbers which notice that is found out, whether this time anything was found in the set or not.

>>> from contextlib import nullcontext
>>> call = Call.read((2.0,), {}, batch=False)
>>> [looks_up(f, call, 0, nullcontext(), []) for f in (lambda x: 3.0 * x in {7.0}, lambda x: x > 1.0)]
[True, False]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

from .calls import Call

OPERATORS = ("add", "sub", "mul", "truediv", "pow", "neg", "pos", "abs", "mod", "floordiv")


class _Noticing:
    """What `Float` and `Integer` have of this."""

    asked: list[bool]

    def __hash__(self) -> int:
        self.asked.append(True)
        return super().__hash__()


class Float(_Noticing, float):
    """A float that notices when it is asked for its hash, and so do those that are computed of it."""


class Integer(_Noticing, int):
    """An integer that does."""


def _passed_on(name: str, turned: bool) -> Callable[..., Any]:
    """The operator of plain numbers, with a result that notices too."""
    operate = getattr(operator, name)

    def method(self: Any, *other: Any) -> Any:
        if any(not isinstance(x, (int, float)) for x in other):
            return NotImplemented
        plain = [float(x) if isinstance(x, float) else int(x) for x in (self, *other)]
        return noticing(operate(*(reversed(plain) if turned else plain)), self.asked)

    return method


for _name in OPERATORS:
    for _kind in (Float, Integer):
        setattr(_kind, f"__{_name}__", _passed_on(_name, False))
        if _name not in ("neg", "pos", "abs"):
            setattr(_kind, f"__r{_name}__", _passed_on(_name, True))


def noticing(number: float, asked: list[bool]) -> Any:
    """The number as one that notes in ``asked`` when it is asked for its hash."""
    if isinstance(number, complex):
        return number
    made: Any = (Integer if isinstance(number, int) else Float)(number)
    made.asked = asked
    return made


def looks_up(
    function: Callable[..., Any], call: Call, i: int, block: AbstractContextManager[Any], indices: Sequence[bool]
) -> bool:
    """Whether the function, run on sample i in the ``block``, asks an input that is no index for its hash, or what it
    computes of one by Python's operators. What it raises is of no concern here.
    """
    asked: list[bool] = []
    of = iter(indices)

    def make(argument: int, number: float, integer: bool) -> Any:
        plain = int(number) if integer else number
        return plain if integer and next(of, True) else noticing(plain, asked)

    with suppress(Exception), block:
        call.applied(function, i, make)
    return bool(asked)
