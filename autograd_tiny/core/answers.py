"""What the rules of a row give, checked: one number, and for each operand (or each element of a vector) another.

The table's rules always do. A plug-in's may give anything, and may do so only at some operands, when it is long
registered: None, a str, a Value, a number too few. Then the error names the row and the rule.

>>> from autograd_tiny.table.primitive import function
>>> row = function("half", lambda xp, x: 0.5 * x, lambda xp, x, y: None)
>>> value_given(row, 1)
1.0
>>> slopes_given(row, [None], 1)
Traceback (most recent call last):
TypeError: half: its rule for the derivative by x gave None, a NoneType: expected a number
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

from ..errors import article, shorten
from ..table.primitive import Primitive

FLOAT = frozenset((float,))


def _is_number(x: object) -> bool:
    """Whether it is a float, an int or what numpy makes of these; text and complex numbers are none."""
    return isinstance(x, (float, int)) or getattr(getattr(x, "dtype", None), "kind", "") in ("f", "i", "u", "b")


def _number(row: Primitive, rule: str, x: Any) -> float:
    if not _is_number(x) or getattr(x, "ndim", None):
        raise TypeError(
            f"{row.name}: its rule for {rule} gave {shorten(x)}, {article(type(x).__name__)}: expected a number"
        )
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf


def value_given(row: Primitive, out: Any) -> float:
    """What the rule for the value gave, as a float; ``TypeError`` if it is no number."""
    return out if type(out) is float else _number(row, "the value", out)


def number_given(row: Primitive, i: int, x: Any) -> float:
    """What a rule gave as the derivative by (an element of) parent ``i``, as a float."""
    return _number(row, _by(row, 0 if row.variadic else i), x)


def slopes_given(row: Primitive, derived: Sequence[Any], size: int) -> Sequence[float]:
    """What the rules for the derivatives gave, one of ``derived`` for each, flat: a float for each of the parents.

    Of a variadic row each rule gives as many as there are elements in a vector, ``size``.
    """
    if not row.variadic:
        if {*map(type, derived)} <= FLOAT:
            return derived
        return [_number(row, _by(row, i), x) for i, x in enumerate(derived)]
    flat: list[float] = []
    for i, x in enumerate(derived):
        numbers = elements_given(row, i, x, size)
        flat += numbers if {*map(type, numbers)} <= FLOAT else [_number(row, _by(row, i), x) for x in numbers]
    return flat


def elements_given(row: Primitive, i: int, given: Any, size: int) -> Sequence[Any]:
    """What the variadic row's rule for its vector ``i`` gave: one thing for each of its ``size`` elements."""
    elements = given if isinstance(given, (tuple, list)) else None
    if elements is None and isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        elements = list(given)
    if elements is None or len(elements) != size:
        came = f"{shorten(given)}, {article(type(given).__name__)}" if elements is None else f"{len(elements)}"
        raise TypeError(f"{row.name}: its rule for {_by(row, i)} gave {came}: expected {size} numbers, one for each")
    return elements


def _by(row: Primitive, i: int) -> str:
    return f"the derivative by {row.arguments[i]}"
