"""The local derivatives of a primitive as expressions: its rules written down once, then filled in for each node.

>>> from autograd_tiny.table.ops import TABLE
>>> e = Expressions()
>>> x = e.leaf()
>>> y = e.apply(TABLE["exp"], (x,))
>>> first(e, y) == [(x, y)], second(e, y) == [(x, x, y)]
(True, True)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ...core.answers import elements_given
from ...core.masks import ALWAYS, zeros_of
from ...errors import AutogradError
from ...table.namespaces import FLOATS, Namespace
from ...table.ops import TABLE
from ...table.primitive import Primitive
from .expressions import ADD, MUL, NEG, SUB, SUM, WHERE, Expressions

MOST_PAIRS = 4096


class Underivable(Exception):
    """A rule that cannot be written down: it computes in plain numbers only."""


class Written:
    """An expression in a rule's hands: it adds, subtracts and multiplies."""

    __slots__ = ("into", "place")

    def __init__(self, into: Expressions, place: int) -> None:
        self.into, self.place = into, place

    def _with(self, row: Primitive, a: Any, b: Any) -> Any:
        places = [x.place if isinstance(x, Written) else self.into.constant(float(x)) for x in (a, b)]
        return Written(self.into, self.into.apply(row, (places[0], places[1])))

    def __add__(self, other: Any) -> Any:
        return self._with(ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return self._with(ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return self._with(SUB, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(SUB, other, self)

    def __mul__(self, other: Any) -> Any:
        return self._with(MUL, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(MUL, other, self)

    def __neg__(self) -> Any:
        return Written(self.into, self.into.apply(NEG, (self.place,)))


class Writing(Namespace):
    """The namespace of expressions; ``corners`` says whether what is written is to be derived again."""

    pi = FLOATS.pi

    def __init__(self, into: Expressions, corners: bool) -> None:
        self.into, self.corners = into, corners

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        if row is None:
            raise AttributeError(f"a rule called xp.{name}, which is no primitive")
        return lambda *operands: self._apply(row, operands)

    def _apply(self, row: Primitive, operands: Sequence[Any]) -> Any:
        if not any(isinstance(x, Written) for x in operands):
            return row.forward(FLOATS, *(operands if not row.variadic else [operands]))
        return Written(self.into, self.into.apply(row, tuple(self._place(x) for x in operands)))

    def _place(self, x: Any) -> int:
        return x.place if isinstance(x, Written) else self.into.constant(float(x))

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Written):
            return a if condition else b
        return self._apply(WHERE, (condition, a, b))

    def corner(self, condition: Any, pinned: Callable[[], Any], usual: Any) -> Any:
        return self.edge(condition, pinned(), usual) if self.corners else usual

    def identity(self, x: Any) -> Any:
        return x

    def sum_of(self, f: Callable[..., Any], *vectors: Sequence[Any]) -> Any:
        terms = [f(*xs) for xs in zip(*vectors, strict=True)]
        if any(isinstance(x, Written) for x in terms):
            return self._apply(SUM, terms)
        return FLOATS.sum_of(FLOATS.identity, terms)


class Rules:
    """What a primitive with so many operands says of its derivatives, over places 0, 1, … for the operands."""

    def __init__(self, row: Primitive, count: int, corners: bool) -> None:
        self.row, self.count = row, count
        self.text = Expressions(corners=corners)
        self.slots = [self.text.leaf() for _ in range(count)]
        self.y = self.text.leaf()
        self.first = self._written(corners)
        each = count // len(row.arguments) if row.variadic else 1
        kinds = [kind for kind in zeros_of(row) for _ in range(each)]
        self.wanted = [
            i for i, (place, kind) in enumerate(zip(self.first, kinds, strict=True))
            if not (self.text.numbers[place] == 0.0 and kind == ALWAYS)
        ]  # fmt: skip
        """The operands that a gradient reaches at all."""
        self._second: list[tuple[int, int, int]] | None = None

    def _written(self, corners: bool) -> list[int]:
        row, text = self.row, self.text
        xp = Writing(text, corners)
        operands = row.operands([Written(text, slot) for slot in self.slots])
        found: list[Any] = []
        try:
            for i, rule in enumerate(row.partials):
                given = rule(xp, *operands, Written(text, self.y))
                found += elements_given(row, i, given, len(operands[0])) if row.variadic else [given]
        except (AutogradError, AttributeError, TypeError) as error:
            raise Underivable(f"{row.name}: {error}") from error
        return [xp._place(x) for x in found]

    @property
    def second(self) -> list[tuple[int, int, int]]:
        """``(i, k, place)`` for i ≤ k: the second derivatives that are not 0 for all operands."""
        if self._second is None:
            text, full = self.text, self._written(corners=True)
            self._second = []
            for i, place in enumerate(full):
                if i not in self.wanted:
                    continue
                slopes = derivative(text, place)
                by_y = slopes.pop(self.y, None)
                for k in range(self.count):
                    if k < i or (by_y is None and self.slots[k] not in slopes):
                        continue
                    terms = [(slopes[self.slots[k]], text.one)] if self.slots[k] in slopes else []
                    if by_y is not None and k in self.wanted:
                        terms.append((by_y, full[k]))
                    if terms:
                        self._second.append((i, k, text.total(terms)))
                if len(self._second) > MOST_PAIRS:
                    raise Underivable(f"{self.row.name} of {self.count} operands has too many second derivatives")
        return self._second

    def filled(self, into: Expressions, places: Sequence[int], operands: Sequence[int], y: int) -> list[int]:
        """The expressions at ``places`` with the operands of a node, and the node itself, in the places of theirs."""
        text = self.text
        known = dict(zip(self.slots, operands, strict=True))
        known[self.y] = y
        stack = [*places]
        while stack:
            place = stack[-1]
            if place in known:
                stack.pop()
                continue
            number = text.numbers[place]
            if number is not None:
                known[place] = into.constant(number)
                continue
            missing = [i for i in text.operands[place] if i not in known]
            if missing:
                stack += missing
            else:
                known[place] = into.apply(text.rows[place], tuple(known[i] for i in text.operands[place]))
        return [known[place] for place in places]


@lru_cache(1024)
def rules(row: Primitive, count: int, corners: bool) -> Rules:
    return Rules(row, count, corners)


def first(e: Expressions, node: int) -> list[tuple[int, int]]:
    """``(operand, derivative)`` of a node for each operand that is no constant; one that is there twice, twice."""
    row, operands, numbers = e.rows[node], e.operands[node], e.numbers
    known = rules(row, len(operands), e.corners)
    wanted = [i for i in known.wanted if numbers[operands[i]] is None]
    filled = known.filled(e, [known.first[i] for i in wanted], operands, node)
    return list(zip([operands[i] for i in wanted], filled, strict=True))


def second(e: Expressions, node: int) -> list[tuple[int, int, int]]:
    """``(operand, operand, second derivative)`` of a node: of two different operands once, for both."""
    row, operands, numbers = e.rows[node], e.operands[node], e.numbers
    known = rules(row, len(operands), e.corners)
    wanted = [(i, k, p) for i, k, p in known.second if numbers[operands[i]] is None and numbers[operands[k]] is None]
    filled = known.filled(e, [place for _, _, place in wanted], operands, node)
    return [
        (operands[i], operands[k], e.scaled(2.0, place) if i != k and operands[i] == operands[k] else place)
        for (i, k, _), place in zip(wanted, filled, strict=True)
    ]


def derivative(e: Expressions, root: int) -> dict[int, int]:
    """d(root)/d(leaf) for each leaf below it: a reverse sweep over a small text."""
    adjoints: dict[int, list[tuple[int, int]]] = {root: [(e.one, e.one)]}
    found = {}
    for node in reversed(e.below([root])):
        terms = adjoints.pop(node, None)
        if terms is None or e.numbers[node] is not None:
            continue
        upstream = e.total(terms)
        if not e.operands[node]:
            found[node] = upstream
            continue
        for operand, local in first(e, node):
            adjoints.setdefault(operand, []).append((upstream, local))
    return found
