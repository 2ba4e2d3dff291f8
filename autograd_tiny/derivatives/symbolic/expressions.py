"""Expressions as numbers in a list: each distinct one is there once, and what is plain numbers is folded.

An expression is the place of a node: its primitive and its operands, which are earlier places. Asking for one that is
there gives the same place. What is rewritten keeps its value but for the last bit: ``a · (1/b)`` becomes ``a / b``, and
``a · ((1/b)/b)`` becomes ``(a / b) / b``, a power with a small exponent becomes products and roots. So no reciprocal is
multiplied by another: 1/b² is 0 in floats for a large b, where ``a / b²`` is not. A product with 0 is kept: 0 · ∞ is
not 0. So is the sign of a 0, by which atan2 tells a half-turn from another: x + 0 is 0 where x is -0, and -(a - b) is
not b - a where they are equal.

>>> from autograd_tiny.table.ops import TABLE
>>> e = Expressions()
>>> x, two = e.leaf(), e.constant(2.0)
>>> y = e.apply(TABLE["mul"], (two, x))
>>> e.apply(TABLE["mul"], (x, two)) == y, e.apply(TABLE["mul"], (e.constant(3.0), y)) == e.scaled(6.0, x)
(True, True)
>>> e.apply(TABLE["pow"], (x, two)) == e.apply(TABLE["mul"], (x, x))
True
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any

from ...table.namespaces import FLOATS
from ...table.ops import TABLE
from ...table.primitive import CONSTANT, LEAF, Primitive

ADD, SUB, MUL, DIV, NEG, POW = (TABLE[name] for name in ("add", "sub", "mul", "div", "neg", "pow"))
SUM, DOT, SQRT, WHERE, IDENTITY, SQUARE = (
    TABLE[name] for name in ("sum", "dot", "sqrt", "where", "identity", "square")
)
CHAINED = 4
"""A sum of more terms than this is one node, if nothing else is said."""
HALVES = 6
"""Powers up to so many halves are products and roots."""


class Expressions:
    """The list; `rows`, `operands` and `numbers` are told by place."""

    def __init__(self, chained: int = CHAINED, corners: bool = False) -> None:
        self.chained = chained
        self.corners = corners
        """Whether what is written may be derived again: see `Namespace.corner`."""
        self.rows: list[Primitive] = []
        self.operands: list[tuple[int, ...]] = []
        self.numbers: list[float | None] = []
        """The number of a constant; None of all else."""
        self.reciprocals: set[int] = set()
        """Quotients of a constant, and of another of these."""
        self._known: dict[tuple[Primitive, tuple[int, ...]], int] = {}
        self._constants: dict[Any, int] = {}
        self._rewritten: dict[Primitive, Callable[[tuple[int, ...]], int | None]] = {
            ADD: self._add, SUB: self._sub, MUL: self._mul, DIV: self._div, NEG: self._neg, POW: self._pow,
            WHERE: self._where, IDENTITY: lambda xs: xs[0], SQUARE: lambda xs: self.product(xs[0], xs[0]),
        }  # fmt: skip
        self.zero, self.one = self.constant(0.0), self.constant(1.0)
        self.minus_zero = self.constant(-0.0)

    def leaf(self) -> int:
        """A new variable."""
        return self._new(LEAF, ())

    def constant(self, x: float) -> int:
        key = x if x else repr(x)  # 0.0 and -0.0 are equal
        place = self._constants.get(key)
        if place is None:
            place = self._constants[key] = self._new(CONSTANT, (), x)
        return place

    def apply(self, row: Primitive, operands: tuple[int, ...]) -> int:
        """The place of the operation on these operands (of a row with vectors, one after the other)."""
        numbers = self.numbers
        for i in operands:
            if numbers[i] is None:
                break
        else:
            folded = self._folded(row, operands) if row.partials else None
            if folded is not None:
                return folded
        rewritten = self._rewritten.get(row)
        if rewritten is not None:
            found = rewritten(operands)
            if found is not None:
                return found
        return self.node(row, operands)

    def node(self, row: Primitive, operands: tuple[int, ...]) -> int:
        """The same, as it is written."""
        key = (row, operands)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = self._new(row, operands)
            if row is DIV and (operands[0] in self.reciprocals or self._is_moderate(self.numbers[operands[0]])):
                self.reciprocals.add(place)
        return place

    def product(self, a: int, b: int) -> int:
        if a == self.one:
            return b
        return a if b == self.one else self.apply(MUL, (a, b))

    def scaled(self, factor: float, a: int) -> int:
        """factor · a."""
        return self.product(self.constant(factor), a)

    def total(self, terms: Sequence[tuple[int, int]]) -> int:
        """Σ a · b: a chain where there are a few, else one node, which becomes a row of a matrix product where such are
        found.
        """
        few = len(terms) <= CHAINED and all(self.one in term for term in terms)
        if few or len(terms) <= self.chained:
            found = self.zero
            for a, b in terms:
                product = self.product(a, b)
                found = product if found == self.zero else self.apply(ADD, (found, product))
            return found
        plain: dict[int, bool] = {}
        pairs = []
        for a, b in terms:
            if self._is_divided_twice(a) or self._is_divided_twice(b):
                a, b = self.one, self.product(a, b)
            if b not in plain:
                plain[b] = self.numbers[b] is None and self.factors(self.one, b) == (self.one, b)
            pairs.append((a, b) if plain[b] else self.factors(a, b))
        pairs.sort(key=operator.itemgetter(1))  # reverse sweeps meet them backwards, and sums share vectors
        if all(a == self.one for a, _ in pairs):
            return self.apply(SUM, tuple(b for _, b in pairs))
        return self.apply(DOT, (*(a for a, _ in pairs), *(b for _, b in pairs)))

    def below(self, roots: Iterable[int]) -> list[int]:
        """The places that the roots are computed from, these included, in order."""
        seen = set(roots)
        stack = [*seen]
        while stack:
            for i in self.operands[stack.pop()]:
                if i not in seen:
                    seen.add(i)
                    stack.append(i)
        return sorted(seen)

    def _is_divided_twice(self, place: int) -> bool:
        """Whether it is ± c / x / y, which may be 0 where a multiple of it is not."""
        if self.rows[place] is NEG:
            place = self.operands[place][0]
        if self.rows[place] is MUL:
            place = self.operands[place][1]
        return place in self.reciprocals and self.operands[place][0] in self.reciprocals

    @staticmethod
    def _is_moderate(number: float | None) -> bool:
        """Whether it is a constant by which all is multiplied safely."""
        return number is not None and 1e-9 < abs(number) < 1e9

    def _new(self, row: Primitive, operands: tuple[int, ...], number: float | None = None) -> int:
        self.rows.append(row)
        self.operands.append(operands)
        self.numbers.append(number)
        return len(self.rows) - 1

    def _folded(self, row: Primitive, operands: tuple[int, ...]) -> int | None:
        """The constant that an operation on constants is, if it is a finite number: others are met in the run."""
        if row is MUL:
            y = self.numbers[operands[0]] * self.numbers[operands[1]]  # type: ignore[operator]
            return self.constant(y) if isfinite(y) else None
        if row.numerical:
            return None
        try:
            y = float(row.forward(FLOATS, *row.operands([self.numbers[i] for i in operands])))
        except (ArithmeticError, ValueError):
            return None
        return self.constant(y) if isfinite(y) else None

    def factors(self, a: int, b: int) -> tuple[int, int]:
        """Two whose product is a · b, a constant in front: what a constant scales beside another is scaled by both."""
        if self.numbers[b] is not None:
            a, b = b, a
        factor = self.numbers[a]
        if factor is not None:
            if self.rows[b] is NEG:
                return self.constant(-factor), self.operands[b][0]
            if self.rows[b] is MUL:
                c, x = self.operands[b]
                inner = self.numbers[c]
                if inner is not None and isfinite(factor * inner):
                    return self.constant(factor * inner), x
                if factor == 1.0:
                    return c, x
        return a, b

    # Rewriting, by primitive. A constant factor stands in front.

    def _mul(self, xs: tuple[int, ...]) -> int | None:
        a, b = xs
        numbers, rows = self.numbers, self.rows
        if numbers[b] is not None or (a > b and numbers[a] is None):
            a, b = b, a
        factor = numbers[a]
        if factor is not None:
            if factor == 1.0:
                return b
            if factor == -1.0:
                return self._neg((b,)) or self.node(NEG, (b,))
            if rows[b] is NEG:
                return self._mul((self.constant(-factor), self.operands[b][0]))
            if rows[b] is MUL:
                inner = numbers[self.operands[b][0]]
                if inner is not None and isfinite(factor * inner) and (factor * inner != 0.0 or factor == 0.0):
                    return self._mul((self.constant(factor * inner), self.operands[b][1]))
        elif (quotient := self._divided(a, b)) is not None:
            return quotient
        elif rows[a] is NEG or rows[b] is NEG:
            both = rows[a] is NEG and rows[b] is NEG
            a, b = (self.operands[x][0] if rows[x] is NEG else x for x in (a, b))
            product = self.product(a, b)
            return product if both else self.apply(NEG, (product,))
        return self.node(MUL, (a, b))

    def _divided(self, a: int, b: int) -> int | None:
        """a · b as a quotient, where one of them is a reciprocal."""
        for x, y in ((a, b), (b, a)):
            if y in self.reciprocals:
                numerator, divisor = self.operands[y]
                return self.apply(DIV, (self.product(x, numerator), divisor))
            if self.rows[y] is MUL and self.operands[y][1] in self.reciprocals:
                factor, reciprocal = self.operands[y]
                return self.product(factor, self.product(x, reciprocal))
        return None

    def _neg(self, xs: tuple[int, ...]) -> int | None:
        x = xs[0]
        row = self.rows[x]
        if row is NEG:
            return self.operands[x][0]
        if row is MUL:
            factor = self.numbers[self.operands[x][0]]
            if factor is not None:
                return self._mul((self.constant(-factor), self.operands[x][1]))
        return None

    def _add(self, xs: tuple[int, ...]) -> int | None:
        a, b = xs
        if a == self.minus_zero or b == self.minus_zero:
            return b if a == self.minus_zero else a
        if a == b:
            return self.scaled(2.0, a)
        if self.rows[b] is NEG:
            return self.apply(SUB, (a, self.operands[b][0]))
        if self.rows[a] is NEG:
            return self.apply(SUB, (b, self.operands[a][0]))
        return self.node(ADD, (a, b) if a < b else (b, a))

    def _sub(self, xs: tuple[int, ...]) -> int | None:
        a, b = xs
        if b == self.zero:
            return a
        if a == self.minus_zero:
            return self.apply(NEG, (b,))
        if self.rows[b] is NEG:
            return self.apply(ADD, (a, self.operands[b][0]))
        return None

    def _div(self, xs: tuple[int, ...]) -> int | None:
        a, b = xs
        divisor = self.numbers[b]
        if divisor is not None:
            return self.scaled(1.0 / divisor, a) if divisor != 0.0 and isfinite(1.0 / divisor) else None
        if self.rows[b] is NEG or self.rows[a] is NEG:
            both = self.rows[a] is NEG and self.rows[b] is NEG
            quotient = self.apply(DIV, tuple(self.operands[x][0] if self.rows[x] is NEG else x for x in xs))
            return quotient if both else self.apply(NEG, (quotient,))
        if self.rows[a] is MUL and self.operands[a][1] in self.reciprocals:
            factor, reciprocal = self.operands[a]
            return self.product(factor, self.apply(DIV, (reciprocal, b)))
        return None

    def _pow(self, xs: tuple[int, ...]) -> int | None:
        x, exponent = xs[0], self.numbers[xs[1]]
        if exponent is None or not float(2.0 * exponent).is_integer() or not 0.0 < abs(exponent) <= HALVES / 2:
            return None
        whole, half = divmod(abs(exponent), 1.0)
        made = self.apply(SQRT, (x,)) if half else self.one
        if exponent < 0.0:  # one division after the other: x² may be too large
            made = self.apply(DIV, (self.one, made)) if half else made
            for _ in range(int(whole)):
                made = self.apply(DIV, (made, x))
            return made
        if half and whole % 2.0 == 0.0:
            made = self.apply(ADD, (made, self.zero))  # √-0 is -0, and (-0) ** 0.5 is 0
        for _ in range(int(whole)):
            made = self.product(x, made)
        return made

    def _where(self, xs: tuple[int, ...]) -> int | None:
        condition, a, b = xs
        if self.numbers[condition] is not None:
            return a if self.numbers[condition] else b
        return a if a == b else None
