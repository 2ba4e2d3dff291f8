"""How large a number may be: for whoever wants to know whether it is finite without computing it.

Sizes are in the hands of the rules ``size`` of the table's rows, and of + and ×, as these are monotonic in them. A size
is a number, or what is to be computed: a `Size`, which becomes a node when one reads it.

>>> from autograd_tiny.table.ops import TABLE
>>> size_by_rule(TABLE["sin"], [inf]), size_by_rule(TABLE["sub"], [1.0, 2.0]), size_by_rule(TABLE["log"], [1.0])
(1.0, 3.0, inf)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isnan
from typing import Any, Protocol

from ...table.ops import TABLE
from ...table.primitive import Primitive

ADD, SUB, MUL, DIV, SUM, ABS = (TABLE[name] for name in ("add", "sub", "mul", "div", "sum", "abs"))
ARITHMETIC = frozenset((ADD, SUB, MUL, DIV, SUM, TABLE["square"], TABLE["dot"]))
"""What is finite unless it overflows: a quotient if its divisor is a constant."""
SMALL = 1e-300
"""A divisor of less has no finite reciprocal."""
DEEP = 50
"""Sizes of so many sizes become nodes at once."""


class Maker(Protocol):
    """Who makes the nodes."""

    def made(self, row: Primitive, operands: list[int]) -> int:
        """The place of a new node."""

    def place_of(self, number: float) -> int:
        """The place of a constant."""


class Size:
    """A size to be computed: the row's of some operands (places of nodes, sizes, numbers), and a number on top."""

    def __init__(self, maker: Maker, row: Primitive, *operands: Any, more: float = 0.0) -> None:
        self.maker, self.row, self.operands, self.more = maker, row, operands, more
        self.place = -1
        self.depth: int = 1 + max((x.depth for x in operands if isinstance(x, Size) and x.place < 0), default=0)
        if self.depth > DEEP:
            self.node()

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Size):
            return Sizes.sum_of(Sizes.identity, [self, other])
        return self if other == 0.0 else Size(self.maker, self.row, *self.operands, more=self.more + other)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return 0.0 if other == 0.0 else self if other == 1.0 else Size(self.maker, MUL, self, other)

    __rmul__ = __mul__

    def node(self) -> int:
        """Its place among the nodes."""
        if self.place < 0:
            places = [
                x.node() if isinstance(x, Size) else self.maker.place_of(x) if isinstance(x, float) else x
                for x in self.operands
            ]
            self.place = self.maker.made(self.row, places)
            if self.more:
                self.place = self.maker.made(ADD, [self.place, self.maker.place_of(self.more)])
        return self.place


class Sizes:
    """The namespace of sizes."""

    identity, mul = staticmethod(lambda x: x), staticmethod(lambda a, b: a * b)

    @staticmethod
    def sum_of(f: Callable[..., Any], *vectors: Sequence[Any]) -> Any:
        terms = [f(*xs) for xs in zip(*vectors, strict=True)]
        sized = [x for x in terms if isinstance(x, Size)]
        number = float(sum([x.more if isinstance(x, Size) else x for x in terms]))
        if not sized:
            return number
        bare = [Size(x.maker, x.row, *x.operands) if x.more else x for x in sized]
        if len(bare) == 1:
            return bare[0] + number
        return Size(bare[0].maker, ADD if len(bare) == 2 else SUM, *bare, more=number)


def has_size(row: Primitive) -> bool:
    """Whether it is finite for all finite operands, unless it overflows."""
    return row.size is not None or row in ARITHMETIC


def size_by_rule(row: Primitive, sizes: list[Any]) -> Any:
    """A number no smaller than the size of a result, from the sizes of its operands; infinity if none is known."""
    if not has_size(row):
        return inf
    if isinstance(row.size, float):
        return row.size
    if row is DIV:
        return sizes[0] * (1.0 / sizes[1])
    if row is SUB:
        return sizes[0] + sizes[1]
    found = (row.size or row.forward)(Sizes, *row.operands(sizes))
    return inf if isinstance(found, float) and isnan(found) else found
