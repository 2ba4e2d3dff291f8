"""What the lines of an array program call, and on what, while they are taken down (`taking_down`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .native import NotNative

if TYPE_CHECKING:
    from .taking_down import Taken


class Called:
    """A function of the library while its calls are taken down."""

    def __init__(self, taken_down: Taken, name: str) -> None:
        self.taken_down, self.name = taken_down, name
        self.reduce: Callable[..., None] = self._unwrapped(partial(taken_down.reduce, name))
        self.reduceat: Callable[..., None] = self._unwrapped(partial(taken_down.reduceat, name))

    @staticmethod
    def _unwrapped(f: Callable[..., None]) -> Callable[..., None]:
        return lambda *given: f(*map(bare, given))

    def __call__(self, *given: Any, out: Any = None) -> Any:
        operands = [*map(bare, given)]
        if self.name in ("erf", "erfc"):  # its lines give the result to an array
            return Pending(self.name, *operands)
        self.taken_down.call(self.name, *operands, out=bare(out))
        return None


class Pending:
    """The result of a call that the line has not put anywhere yet."""

    def __init__(self, name: str, operand: Any) -> None:
        self.name, self.operand = name, operand


class Added:
    """What ``a[i] += what`` hands to ``a``."""

    def __init__(self, what: Any) -> None:
        self.what = what


class _Element:
    def __iadd__(self, what: Any) -> Added:
        return Added(what)


class Slot:
    """An array in a line: what is done to its elements is taken down."""

    def __init__(self, array: Any, taken_down: Taken) -> None:
        self.array, self.taken_down = array, taken_down

    def __getitem__(self, index: Any) -> _Element:
        return _Element()

    def __call__(self, *operands: Any) -> None:
        raise NotNative("a loop runs its steps natively by itself, and the lines around it by Python")

    def __setitem__(self, index: Any, x: Any) -> None:
        self.taken_down.set(self.array, index, x)


def bare(x: Any) -> Any:
    return x.array if isinstance(x, Slot) else x
