"""Expressions as numbers in a list: each distinct one is there once, and what is plain numbers is folded.

An expression is the place of a node: its primitive and its operands, which are earlier places. Asking for one that is
there gives the same place. What is rewritten keeps its value but for the last bit: ``a / b`` becomes ``a · (1/b)``
where 1/b is there, as derivatives of quotients share the reciprocal, a power with a small exponent becomes products and
roots. A quotient of the function stays one: the derivative of 1/b is -1/b², 0 in floats for a large b where that of
``a / b`` is not. A product with 0 is kept: 0 · ∞ is not 0. So is the sign of a 0, by which atan2 tells a half-turn from
another: x + 0 is 0 where x is -0, and -(a - b) is not b - a where they are equal.

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
        elif rows[a] is NEG or rows[b] is NEG:
            both = rows[a] is NEG and rows[b] is NEG
            a, b = (self.operands[x][0] if rows[x] is NEG else x for x in (a, b))
            product = self.product(a, b)
            return product if both else self.apply(NEG, (product,))
        return self.node(MUL, (a, b))

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
        if self.rows[b] is NEG:
            return self.apply(NEG, (self.apply(DIV, (a, self.operands[b][0])),))
        if self.numbers[a] == 1.0:
            if self.rows[b] is DIV and self.numbers[self.operands[b][0]] == 1.0:
                return None  # 1 / (1 / x) is x only where x is not 0
            return self.node(DIV, (a, b))
        reciprocal = self._known.get((DIV, (self.one, b)))
        return None if reciprocal is None else self.product(a, reciprocal)

    def _pow(self, xs: tuple[int, ...]) -> int | None:
        x, exponent = xs[0], self.numbers[xs[1]]
        if exponent is None or not float(2.0 * exponent).is_integer() or not 0.0 < abs(exponent) <= HALVES / 2:
            return None
        whole, half = divmod(abs(exponent), 1.0)
        made = self.apply(SQRT, (x,)) if half else None
        if made is not None and whole % 2.0 == 0.0 and exponent > 0.0:
            made = self.apply(ADD, (made, self.zero))  # √-0 is -0, and (-0) ** 0.5 is 0
        for _ in range(int(whole)):
            made = x if made is None else self.product(x, made)
        assert made is not None
        return made if exponent > 0.0 else self.apply(DIV, (self.one, made))

    def _where(self, xs: tuple[int, ...]) -> int | None:
        condition, a, b = xs
        if self.numbers[condition] is not None:
            return a if self.numbers[condition] else b
        return a if a == b else None
