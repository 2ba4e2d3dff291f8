"""What every namespace shares: a primitive that it has no version of is computed by the primitive's own row.

So a namespace spells out only what cannot be written with others (``exp``, ``erf``, ``where``, the loops), and a
new row written with those needs no line here. A function that takes a page of formula, such as ``lgamma``, has it in
`special`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

from ..ops import TABLE
from ..special import SPECIAL


class Namespace:
    """The operations that a rule may call on ``xp``; subclasses supply the intrinsic ones."""

    pi: Any

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in SPECIAL:
            return partial(SPECIAL[name], self)
        row = TABLE.get(name)
        if row is None:
            raise AttributeError(f"{type(self).__name__} knows no operation {name!r}")
        return partial(row.forward, self)

    where: Callable[..., Any]
    mul: Callable[..., Any] = staticmethod(operator.mul)

    def lift(self, x: Any) -> Any:
        """A plain number among this namespace's own: 0.44 - 1.0 in doubles would spoil 60 digits."""
        return x

    def identity(self, x: Any) -> Any:
        return x

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Any:
        """``where`` for a condition that holds at an edge point only; text leaves the edge out."""
        return self.where(condition, pinned, usual)

    def corner(self, condition: Any, pinned: Callable[[], Any], usual: Any) -> Any:
        """``usual``, which is the right number everywhere. Where the condition holds, only ``pinned()``, the same
        number, has the right derivatives: it is for those who derive the rule itself.
        """
        return usual

    # Vectors: the operands of many-parent primitives, sequences of scalars.

    def each(self, f: Callable[[Any], Any], xs: Sequence[Any]) -> Sequence[Any]:
        return tuple(map(f, xs))

    def sum_of(self, f: Callable[..., Any], *vectors: Sequence[Any]) -> Any:
        """Σ f(x, …), from left to right: the built-in sum rounds otherwise from Python 3.12 on."""
        return reduce(operator.add, map(f, *vectors), 0.0)

    def largest(self, xs: Sequence[Any]) -> Any:
        return reduce(lambda a, b: self.where(self.greater(b, a), b, a), xs)

    def smallest(self, xs: Sequence[Any]) -> Any:
        return reduce(lambda a, b: self.where(self.less(b, a), b, a), xs)
