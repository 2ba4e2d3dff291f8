"""The checkers checked: every kind of wrong rule, for every primitive, is caught and the right one blamed."""

from __future__ import annotations

import pytest

from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import Primitive
from autograd_tiny.testing import GradientError, PrimitiveError, assert_gradients, check_primitive
from autograd_tiny.testing.localizing import first_wrong
from autograd_tiny.testing.messages import recorded
from autograd_tiny.testing.primitives import sample_points
from autograd_tiny.testing.programs import Apply, Expression, Number, Tree, Variable
from tests.autograd_tiny.testing.mutants import is_flat, mutants

pytestmark = pytest.mark.once

MUTANTS = {f"{row.name}: {kind}": (kind, mutant) for row in ROWS for kind, mutant in mutants(row).items()}


def surrounded(row: Primitive, at: list[float]) -> Expression:
    """The primitive in the middle of an expression: sin(0.3 · row(x₀ + 0, …) + x₀), its operands computed ones."""
    operands: tuple[Tree, ...] = tuple(Apply(TABLE["mul"], (Variable(i), Number(1.0))) for i in range(len(at)))
    scaled = Apply(TABLE["mul"], (Apply(row, operands), Number(0.01)))
    return Expression(Apply(TABLE["sin"], (Apply(TABLE["add"], (scaled, Variable(0))),)), tuple(at))


def is_kept(i: int, name: str) -> bool:
    """Whether `make test` has it: of each row some, of each kind some; `make test-long` has all of them."""
    row, _, kind = name.partition(": ")
    return i % 3 == 0 or kind == "dropped term 2" or is_flat(TABLE[row])


SOME = [
    mutant if is_kept(i, name) else pytest.param(*mutant, marks=pytest.mark.long)
    for i, (name, mutant) in enumerate(MUTANTS.items())
]


@pytest.mark.parametrize(("kind", "mutant"), SOME, ids=MUTANTS)
def test_a_wrong_rule_is_caught_and_localised(kind: str, mutant: Primitive) -> None:
    order = 2 if "second order" in kind else 1
    for at in sample_points(mutant, 8):
        e = surrounded(mutant, at)
        try:
            assert_gradients(e, *e.point, order=order)
        except GradientError as error:
            root = recorded(error.report)
            assert root is not None
            suspect = first_wrong(root, order)
            assert suspect is not None
            assert suspect.row is mutant
            assert len(suspect.index) == order
            return
    pytest.fail("no sample point showed it")


FLAT = {"sign", "greater", "less", "greater_equal", "less_equal", "equal", "not_equal", "floor", "ceil", "round", "trunc",
        "floor_divide"}  # fmt: skip


def test_every_primitive_has_mutants_of_every_kind_that_can_show() -> None:
    kinds = {row.name: set(mutants(row)) for row in ROWS}
    for name, found in kinds.items():
        assert "off by 1e-4" in found, name
        assert ("wrong at second order only" in found) is not is_flat(TABLE[name]), name
    assert {row.name for row in ROWS if is_flat(row)} == FLAT
    smooth = kinds["tanh"]
    assert smooth == {"partial x 1.001", "wrong sign", "off by 1e-4", "off by 1e-9", "wrong at x < 0 only", "dropped term 0",
                      "wrong at second order only", "stale value"}  # fmt: skip
    assert {"swapped arguments", "dropped term 0", "dropped term 1"} <= kinds["mul"]
    assert "wrong at x < 0 only" in kinds["abs"]
    assert len(MUTANTS) > 280


@pytest.mark.parametrize("name", ["tanh", "div", "abs", "where", "logsumexp"])
def test_check_primitive_refuses_every_mutant(name: str) -> None:
    for kind, mutant in mutants(TABLE[name]).items():
        with pytest.raises(PrimitiveError, match=rf"{name} does not keep what its row promises") as caught:
            check_primitive(mutant, points=8)
        expected = "second order" if "second order" in kind else "partial"
        assert any(problem.startswith(expected) for problem in caught.value.problems), kind


@pytest.mark.long
@pytest.mark.parametrize(("kind", "mutant"), MUTANTS.values(), ids=MUTANTS)
def test_check_primitive_refuses_all_of_them(kind: str, mutant: Primitive) -> None:
    with pytest.raises(PrimitiveError):
        check_primitive(mutant)
