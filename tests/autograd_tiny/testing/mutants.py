"""Wrong rules, of every kind that people write, made from the right ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isclose
from typing import Any

from autograd_tiny.core.operands import is_number
from autograd_tiny.derivatives.functions import VALUES
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.primitive import Primitive, Rule
from autograd_tiny.testing.primitives import run_rules, sample_points

Change = Callable[[Any, Any, Any], Any]
"""From the namespace, the operand by which the rule differentiates, and the right answer, to the wrong one."""


def _wrong_below_zero(xp: Any, x: Any, d: Any) -> Any:
    return xp.where(xp.less(x, 0.0), 1.5 * d, d)


def _wrong_at_second_order(xp: Any, x: Any, d: Any) -> Any:
    """The right number, with a derivative that is 1e-3 off."""
    if xp is not VALUES or is_number(x):
        return d
    return d + 1e-3 * (x - x.data)


CHANGES: dict[str, Change] = {
    "partial x 1.001": lambda xp, x, d: 1.001 * d,
    "wrong sign": lambda xp, x, d: -d,
    "off by 1e-4": lambda xp, x, d: d + 1e-4,
    "off by 1e-9": lambda xp, x, d: d + 1e-9,
    "wrong at x < 0 only": _wrong_below_zero,
    "wrong at second order only": _wrong_at_second_order,
}


def mutants(row: Primitive) -> dict[str, Primitive]:
    """The row with one mistake each; only those that change a number at some sample point."""
    made = {name: replace(row, partials=tuple(_changed(row, i, change) for i in range(len(row.partials))))
            for name, change in CHANGES.items()}  # fmt: skip
    for i in range(len(row.partials)):
        zero = _changed(row, i, lambda xp, x, d: 0.0 * d)
        made[f"dropped term {i}"] = replace(row, partials=(*row.partials[:i], zero, *row.partials[i + 1 :]))
    if len(row.partials) > 1:
        made["swapped arguments"] = replace(row, partials=row.partials[::-1])
    if is_flat(row):  # no engine asks what its slopes depend on
        del made["wrong at second order only"]
    effective = {name: mutant for name, mutant in made.items() if "second" in name or _differs(row, mutant)}
    if _varies(row):
        effective["stale value"] = replace(row, partials=tuple(_stale(rule) for rule in row.partials))
    return effective


def _changed(row: Primitive, i: int, change: Change) -> Rule:
    rule = row.partials[i]

    def wrong(xp: Any, *operands: Any) -> Any:
        right = rule(xp, *operands)
        if row.variadic:
            return [change(xp, x, d) for x, d in zip(operands[i], right, strict=True)]
        return change(xp, operands[i], right)

    return wrong


def _stale(rule: Rule) -> Rule:
    """Computes with what it was given the first time."""
    kept: list[Any] = []

    def wrong(xp: Any, *operands: Any) -> Any:
        if not kept:
            kept.extend(operands)
        return rule(FLOATS, *kept)

    return wrong


def _flat_partials(row: Primitive, at: list[float]) -> list[float]:
    return run_rules(row, FLOATS, row.operands(at))[1]


def _differs(row: Primitive, other: Primitive) -> bool:
    return any(not isclose(a, b, rel_tol=1e-10, abs_tol=1e-12) for at in sample_points(row, 8)
               for a, b in zip(_flat_partials(row, at), _flat_partials(other, at), strict=True))  # fmt: skip


def is_flat(row: Primitive) -> bool:
    """Whether its slopes are 0 everywhere."""
    return not any(any(_flat_partials(row, at)) for at in sample_points(row, 8))


def _varies(row: Primitive) -> bool:
    found = [_flat_partials(row, at) for at in sample_points(row, 8)]
    return any(abs(x - y) > 1e-6 for other in found[1:] for x, y in zip(found[0], other, strict=True))
