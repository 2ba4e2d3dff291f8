"""Functions whose derivatives are numbers only: in a program's graph each derivative is a node of its own, called anew
at every run, and a second one is an error that says what to write. See `custom`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

from ..errors import AutogradError
from ..table.namespaces import FLOATS
from ..table.namespaces.switches import Switches
from ..table.namespaces.text import Writer


class NumbersOnly(AutogradError, TypeError):
    """A second derivative, or a run on something else than numbers, was asked of a function that has only numbers."""


class Slope:
    """The rule for one derivative of a function that gives numbers only, as a number in a program's graph."""

    numerical = True

    def __init__(self, whole: Callable[..., Any], i: int, name: str) -> None:
        self.whole, self.i, self.name = whole, i, name

    def __call__(self, xp: Any, xs: Any) -> Any:
        if isinstance(xp, Switches):
            return xp.operand()
        if isinstance(xp, Writer):
            return xp.name(f"∂{self.name}/∂x{self.i + 1}")
        if xp is not FLOATS:
            raise NumbersOnly(f"{self.name} is known for floats only, not for {type(xp).__name__}")
        return self.whole(FLOATS, list(xs), None)[self.i]


class Unknown:
    """The rule for the derivatives of a `Slope`: there are none, which is told when they are asked for."""

    numerical = True

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, xp: Any, xs: Any, y: Any) -> Any:
        if isinstance(xp, Switches):
            return xs
        if xp is FLOATS:
            return [nan] * len(xs)
        raise only_numbers(self.name)


def only_numbers(name: str) -> NumbersOnly:
    return NumbersOnly(
        f"the derivatives of {name} are numbers, and a second derivative takes a formula: write "
        "@custom_gradient(backward=…) with backward(g, y, *arguments) in arithmetic and functions of the package"
    )
