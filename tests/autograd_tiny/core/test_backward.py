"""The reverse sweep: order, accumulation, depth, conventions, higher orders."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, StaleGraphError, Value, gradients, nonfinite
from autograd_tiny.core import topological_order
from autograd_tiny.testing import Expression, expressions


@given(expressions())
def test_second_backward_exactly_doubles_the_leaves(e: Expression) -> None:
    leaves = [Value(x) for x in e.point]
    root = e(*leaves)
    root.backward()
    once = [leaf.grad for leaf in leaves]
    interior = {node: node.grad for node in topological_order(root) if node.parents}
    root.backward()
    assert [leaf.grad for leaf in leaves] == [2.0 * g for g in once]
    assert interior == {node: node.grad for node in interior}
    assert gradients(root, leaves) == once
    assert [leaf.grad for leaf in leaves] == [2.0 * g for g in once], "gradients() must touch no .grad"


@given(expressions())
def test_order_is_topological_deterministic_and_complete(e: Expression) -> None:
    root = e(*map(Value, e.point))
    order = topological_order(root)
    assert order == topological_order(root)
    assert order[-1] is root
    position = {node: i for i, node in enumerate(order)}
    assert len(position) == len(order)
    for node in order:
        assert all(position[parent] < position[node] for parent in node.parents)


@given(expressions(), st.randoms(use_true_random=False))
def test_the_order_of_unrelated_operations_does_not_matter(e: Expression, rng: random.Random) -> None:
    """Other work on the same leaves, before and between, changes no gradient."""
    leaves = [Value(x) for x in e.point]
    alone = gradients(e(*leaves), leaves)
    for _ in range(3):
        gradients(rng.choice(leaves) * 2.0 + rng.choice(leaves), leaves)
    other = e(*leaves)
    other.backward()
    root = e(*leaves)
    assert gradients(root, leaves) == alone


def test_shared_subexpressions_that_trip_a_naive_order() -> None:
    """FIELD.md: ``b = a + a; c = b + b``, and a diamond of unequal arms."""
    a = Value(3.0)
    b = a + a
    c = b + b
    c.backward()
    assert (a.grad, b.grad, c.grad) == (4.0, 2.0, 1.0)
    x = Value(2.0)
    short = x * x
    root = short * (short * x).tanh().exp() + short
    expected = gradients(root, x)
    root.backward()
    assert x.grad == expected


def test_micrograds_wrong_answer_is_right_here() -> None:
    """y = x³; reset x.grad, call backward again: 27, where micrograd gives 45."""
    x = Value(3.0)
    y = x * x * x
    y.backward()
    x.grad = 0
    y.backward()
    assert x.grad == 27.0


def test_a_root_that_is_a_leaf_or_constant() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0
    x.backward()
    assert x.grad == 2.0
    assert gradients(x, x) == 1.0
    assert gradients(Value(1.0), x) == 0.0


def test_changing_a_leaf_after_the_forward_pass_corrupts_nothing() -> None:
    x, y = Value(3.0), Value(4.0)
    z = x * y
    x.data = 100.0
    z.backward()
    assert (x.grad, y.grad) == (4.0, 3.0)
    with pytest.raises(StaleGraphError) as caught:
        gradients(z, [x, y], create_graph=True)
    assert str(caught.value) == (
        "a leaf below this mul node was changed after the node was computed: its derivative towards b was 3.0 and would "
        "now be 100.0; build the expression again, then ask for its higher derivatives"
    )


def test_a_zero_gradient_sends_nothing() -> None:
    """0 · ∞ is 0: the arm of a ``where`` that was not taken stays silent at every order."""
    x = Value(0.0)
    y = ad.where(x, x.sqrt(), 2.0 * x)
    assert gradients(y, x) == 2.0
    assert gradients(y, x, create_graph=True).data == 2.0


def test_a_non_finite_backward_step_raises_and_changes_nothing() -> None:
    x, y = Value(0.0, "x"), Value(1.0, "y")
    root = x.sqrt() + y * 2.0
    x.grad, y.grad = 5.0, 7.0
    with pytest.raises(NonFiniteError) as caught:
        root.backward()
    assert str(caught.value) == (
        "backward through sqrt(0.0): the local derivative with respect to x is infinite\n"
        "  x is 'x' = 0.0\n"
        '  no gradient was changed; move the operand off the edge, or allow it: with nonfinite("allow")'
    )
    assert (x.grad, y.grad) == (5.0, 7.0)
    assert gradients(root, y) == 2.0
    with nonfinite("allow"):
        root.backward()
    assert (x.grad, y.grad) == (float("inf"), 9.0)
    with pytest.raises(NonFiniteError, match="the gradient overflows"):
        ((y * 1e-300) * 1e300 * 1e300).backward()


def test_gradients_checks_its_arguments() -> None:
    x = Value(1.0)
    y = x * 2.0
    with pytest.raises(TypeError, match="expected the Value to differentiate"):
        gradients(1.0, x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected Values"):
        gradients(y, [1.0])
    with pytest.raises(TypeError, match="expected Values"):
        gradients(y, 1.0)
    with pytest.raises(ValueError, match="is a constant, which takes no gradient"):
        gradients(y, y.parents[1])
    assert gradients(y, [x, y]) == [2.0, 1.0]


def test_depth_is_no_limit() -> None:
    """Many chained nodes build, run backward and are freed, in a process whose stack is the usual one."""
    length = 1_000_000 if ad.engine == "compiled" else 300_000
    code = f"""
import sys
from autograd_tiny import Value, gradients
x = y = Value(1.0)
for i in range({length}):
    y = y + 1.0 if i % 2 else -y
y.backward()
assert x.grad == 1.0, x.grad
assert gradients(y, x) == 1.0
assert sys.getrecursionlimit() == 1000
del y
print("freed")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.stdout == "freed\n", done.stderr


def test_deep_graphs_of_higher_order() -> None:
    x = y = Value(0.5)
    for _ in range(5_000):
        y = y * 1.0001
    first = gradients(y, x, create_graph=True)
    assert first.data == pytest.approx(1.0001**5000, rel=1e-12)
    assert gradients(first, x) == 0.0


def test_a_wide_sum_is_one_node() -> None:
    leaves = [Value(float(i)) for i in range(1000)]
    total = ad.sum(leaves)
    assert len(topological_order(total)) == 1001
    total.backward()
    assert {leaf.grad for leaf in leaves} == {1.0}


def test_the_graph_of_a_wide_nodes_gradient_is_no_more_than_linear_work() -> None:
    """Each edge once looked at all the others: 623 ms for 8,000 parents, minutes for these."""
    leaves = [Value(0.001 * i) for i in range(60_000)]
    first = gradients(ad.sum(leaves).square(), leaves, create_graph=True)
    assert gradients(first[7], leaves[-1]) == 2.0
