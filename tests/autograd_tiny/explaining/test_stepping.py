"""The backward pass, step by step: the gradients at every place, both ways, and what happens on leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import BackwardPass, Value, steps
from autograd_tiny.core import constant, topological_order
from autograd_tiny.testing import Expression, expressions

from .passes import bits, state


@st.composite
def graphs(draw: st.DrawFn) -> Callable[[], list[Value]]:
    """A maker of one and the same graph, its nodes in the order of making: shared nodes, repeated parents, many-parent
    nodes, constants, dead ends of ReLU, leaves with a gradient from before, a root that may be a leaf.
    """
    numbers = draw(st.lists(st.sampled_from([-2.0, -0.5, 0.1, 1.0, 3.0]), min_size=1, max_size=4))
    found = draw(st.lists(st.sampled_from([None, 0.0, -0.0, 0.1, -7.3]), min_size=len(numbers), max_size=len(numbers)))
    operations = st.sampled_from(["add", "mul", "sub", "twice", "tanh", "relu", "scale", "sum", "dot"])
    recipe = draw(st.lists(st.tuples(operations, st.integers(0, 99), st.integers(0, 99)), max_size=12))
    stale = draw(st.booleans())

    def make() -> list[Value]:
        nodes = [Value(x) for x in numbers]
        for op, i, j in recipe:
            x, y = nodes[-1 - i % min(len(nodes), 4)], nodes[j % len(nodes)]
            made = {
                "add": lambda x, y: x + y, "mul": lambda x, y: 0.3 * x * y, "sub": lambda x, y: x - y,
                "twice": lambda x, y: x * x * 0.1, "tanh": lambda x, y: x.tanh(), "relu": lambda x, y: x.relu(),
                "scale": lambda x, y: x * 1.7, "sum": lambda x, y: ad.sum([x, y, x, y, x]),
                "dot": lambda x, y: ad.dot([x, y, x], [0.1, 0.2, 0.3]),
            }[op](x, y)  # fmt: skip
            nodes.append(made)
        if stale:
            nodes[len(nodes) // 2].backward()
        for leaf, gradient in zip(nodes, found, strict=False):
            if gradient is not None:
                leaf.grad = gradient
        return nodes

    return make


MOVES = st.lists(
    st.one_of(st.sampled_from(["next", "back", "reset"]), st.integers(0, 1000), st.just("until")), max_size=12
)


def follow(p: BackwardPass, moves: list[Any]) -> None:
    for move in moves:
        if move == "next":
            next(p, None)
        elif move == "back" and p.position:
            p.back()
        elif move == "reset":
            p.reset()
        elif move == "until":
            p.until("upstream != 0")
        elif isinstance(move, int):
            p.goto(move % (len(p) + 1))


def by_hand(order: list[Value], n: int) -> dict[Value, float]:
    """The adjoints after n steps, by the definition: from the root down, each node that has parents passes it on."""
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[order[-1]] = 1.0
    for node in [node for node in reversed(order) if node.parents][:n]:
        for parent, local in zip(node.parents, node.local_derivatives, strict=True):
            if adjoints[node] != 0.0:
                adjoints[parent] += adjoints[node] * local
    return adjoints


@given(graphs(), MOVES)
def test_any_way_to_the_end_gives_what_backward_gives(make: Callable[[], list[Value]], moves: list[Any]) -> None:
    expected = make()
    expected[-1].backward()
    nodes = make()
    p = steps(nodes[-1])
    follow(p, moves)
    assert p.run() is None
    assert p.position == len(p)
    assert state(topological_order(nodes[-1])) == state(topological_order(expected[-1]))
    assert state(nodes) == state(expected)


@given(graphs(), MOVES)
def test_back_to_0_restores_every_bit(make: Callable[[], list[Value]], moves: list[Any]) -> None:
    nodes = make()
    found = state(nodes)
    p = steps(nodes[-1])
    assert state(nodes) == found, "opening a pass changes nothing"
    follow(p, moves)
    p.reset()
    assert (p.position, state(nodes)) == (0, found)


@given(graphs(), MOVES, st.integers(1, 50))
def test_at_each_place_the_gradients_are_what_the_sweep_has_computed(
    make: Callable[[], list[Value]], moves: list[Any], n: int
) -> None:
    nodes = make()
    found = {node: node.grad for node in nodes}
    order = topological_order(nodes[-1])
    p = steps(nodes[-1])
    follow(p, moves)
    p.goto(n := 1 + n % len(p))
    if order[-1].parents:
        adjoints = by_hand(order, n)
        for node in order:
            if not node.is_constant:
                assert bits(node.grad) == bits(found[node] + adjoints[node] if node.is_leaf else adjoints[node])


@given(graphs())
def test_a_step_says_what_going_there_does(make: Callable[[], list[Value]]) -> None:
    nodes = make()
    p = steps(nodes[-1])
    ahead = [p.step(n) for n in range(1, len(p) + 1)]
    for n, planned in enumerate(ahead, 1):
        step = next(p)
        assert (step.index, step.total, p.position, p.current) == (n, len(p), n, step)
        last: dict[Value, float] = {}
        for sent in step.contributions:
            assert sent.gradient_before == last.get(sent.parent, sent.gradient_before)
            last[sent.parent] = sent.gradient_after
            assert sent.product == (step.upstream * sent.local_derivative if step.sends else 0.0)
        assert last == {parent: parent.grad for parent in last}
        assert planned == step
        if step.node.parents:
            assert [sent.parent for sent in step.contributions] == list(step.node.parents)
            assert step.upstream == step.node.grad, "a node's gradient is complete when its step comes"
    assert next(p, None) is None
    for n in range(len(p), 0, -1):
        assert p.back() == ahead[n - 1]


@given(expressions())
def test_on_every_primitive_of_the_table(e: Expression) -> None:
    once, other = [Value(x) for x in e.point], [Value(x) for x in e.point]
    root = e(*once)
    root.backward()
    for step in steps(e(*other)):
        assert max(map(len, step.text().splitlines())) <= 80
        assert step.latex().count("{") == step.latex().count("}")
        assert step.latex().count(r"\left") == step.latex().count(r"\right")
    assert [leaf.grad for leaf in once] == [leaf.grad for leaf in other]


def test_the_method_is_the_function() -> None:
    a = Value(2.0, "a")
    root = a * a
    with root.steps(leave="complete") as p:
        assert isinstance(p, BackwardPass)
        assert (p.root, p.leave, len(p)) == (root, "complete", 1)
    assert a.grad == 4.0


def test_a_root_without_parents_has_one_step() -> None:
    a = Value(3.0, "a")
    a.grad = 2.0
    p = steps(a)
    assert str(next(p)) == (
        "step 1 of 1   a                              ∂a/∂a = 1\n  ∂a/∂a = 1    1 × 1 = 1    a.grad: 2 → 3"
    )
    assert a.grad == 3.0
    p.reset()
    assert a.grad == 2.0
    number = constant(2.0)
    assert str(next(steps(number))).splitlines()[1] == "  number is a constant: it takes no gradient"
    assert number.grad == 0.0


def test_a_record_from_zero_is_that_of_a_pass_that_found_no_gradients() -> None:
    a = Value(3.0, "a")
    y = a * a + constant(2.0)
    a.grad = 5.0
    p = steps(y)

    def sums(n: int, from_zero: bool = False) -> list[tuple[float, float]]:
        sent = p.step(n, from_zero).contributions
        return [(each.gradient_before, each.gradient_after) for each in sent]

    for place in (0, len(p)):
        p.goto(place)
        assert sums(1, from_zero=True) == [(0.0, 1.0), (0.0, 0.0)]
        assert sums(2, from_zero=True) == [(0.0, 3.0), (3.0, 6.0)]
        assert sums(2) == [(5.0, 8.0), (8.0, 11.0)]
    assert a.grad == 11.0


def test_a_large_graph_and_a_node_of_many_parents() -> None:
    x = Value(1.0, "x")
    node = x
    for _ in range(50_000):
        node = node * 1.0 + x
    p = steps(node)
    assert len(p) == 100_000
    for n in (100_000, 3, 50_000, 99_999, 0, 70_000):
        p.goto(n)
        assert x.grad == (n + 1) // 2 + (n == 100_000)
    root = ad.dot([Value(i, f"w{i}") for i in range(4096)], [2.0] * 4096)
    step = next(steps(root))
    assert (len(step.contributions), step.contributions[-1].parent.label, step.contributions[-1].formula) == (
        4096,
        "w4095",
        "2",
    )
    assert str(step).splitlines()[-1] == "  … and 4,090 more"
    assert len(str(step).splitlines()) == 8
