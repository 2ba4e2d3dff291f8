"""A machine that does to graphs whatever a user might, in any order, beside a naive model (`naive`) of the same.

It builds graphs, changes leaves, copies them, runs backward again and again, sets and clears gradients, and steps
through passes forwards and back, and compiles, while all of this goes on. After every move each gradient is compared.

To add what does more to a graph: one ``rule`` that does it, and one comparison with the model.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from math import isclose
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from autograd_tiny import BackwardPass, StaleGraphError, Value, compile, forward_steps, gradients, steps
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.stepping import GradientsChanged
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive
from autograd_tiny.testing import Expression, scalars
from autograd_tiny.testing.domains import LIMIT, kinked
from autograd_tiny.testing.programs import apply_to, tree_of

from . import naive
from .naive import Node, Sum

ANYWHERE = [row for row in ROWS if not row.domain and not row.edges]
ONE = [row for row in ANYWHERE if len(row.arguments) == 1 and not row.variadic]
TWO = [row for row in ANYWHERE if row.dunder and len(row.arguments) == 2]
MANY = [row for row in ROWS if row.variadic and len(row.arguments) == 1 and not kinked(row)]
MOVE = st.one_of(st.sampled_from(["next", "back"]), st.integers(0, 30), st.tuples(st.integers(0, 30), scalars()))
MOVES = st.lists(MOVE, max_size=6)
"""In a pass: to a place, or somebody else sets the gradient of one of its nodes."""
MOST_PATHS = 300
"""More than this the model is not given to walk."""


class GraphMachine(RuleBasedStateMachine):
    """The engine and the model, side by side."""

    nodes = Bundle("nodes")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[Value, Node] = {}
        self.stepped: BackwardPass | None = None
        self.naive = naive.Pass([])
        self.left: dict[Value, float] = {}  # what the pass has left in each gradient

    def _known(self, node: Value) -> Value:
        for parent in node.parents:
            if parent.is_constant:
                self.model.setdefault(parent, naive.made(parent, []))
        self.model[node] = naive.made(node, [self.model[parent] for parent in node.parents])
        return node

    # Building

    @initialize(target=nodes, x=scalars())
    def first_leaf(self, x: float) -> Value:
        return self._known(Value(x))

    @rule(target=nodes, x=scalars())
    def leaf(self, x: float) -> Value:
        return self._known(Value(x))

    @rule(target=nodes, row=st.sampled_from(ONE), x=nodes)
    def of_one(self, row: Primitive, x: Value) -> Value:
        return self._apply(row, [x])

    @rule(target=nodes, row=st.sampled_from(TWO), a=nodes, b=nodes)
    def of_two(self, row: Primitive, a: Value, b: Value) -> Value:
        return self._apply(row, [a, b])

    @rule(target=nodes, row=st.sampled_from(TWO), x=nodes, number=scalars(), first=st.booleans())
    def with_a_number(self, row: Primitive, x: Value, number: float, first: bool) -> Value:
        return self._apply(row, [number, x] if first else [x, number])

    @rule(target=nodes, row=st.sampled_from(MANY), xs=st.lists(nodes, min_size=1, max_size=4))
    def of_many(self, row: Primitive, xs: list[Value]) -> Value:
        return self._apply(row, xs)

    def _apply(self, row: Primitive, xs: list[Any]) -> Value:
        values = [x for x in xs if isinstance(x, Value)]
        if max(abs(x.data) for x in values) > LIMIT[1] or sum(self.model[x].paths for x in values) > MOST_PATHS:
            return values[0]
        return self._known(apply_to(row, xs))

    # Changing

    @rule(x=nodes, number=scalars())
    def set_a_leaf(self, x: Value, number: float) -> None:
        """A training step. The graphs above keep the derivatives that they were made with."""
        if x.is_leaf:
            x.data = number
            self.model[x].data = number
        else:
            with pytest.raises(AttributeError):
                x.data = number

    @rule(target=nodes, x=nodes)
    def copy_a_leaf(self, x: Value) -> Value:
        """It takes the gradient along, and from then on each has its own."""
        if not x.is_leaf:
            with pytest.raises(TypeError):
                copy.copy(x)
            return x
        twin, known = copy.copy(x), self.model[x]
        self.model[twin] = Node(known.data, grad=known.grad, ran=known.ran)
        return twin

    @rule(x=nodes, number=scalars())
    def set_a_gradient(self, x: Value, number: float) -> None:
        if x.is_constant:
            return
        x.grad = number
        self.model[x].grad, self.model[x].ran = Sum(number, abs(number)), True

    @rule(x=nodes)
    def clear_a_gradient(self, x: Value) -> None:
        del x.grad
        self.model[x].grad, self.model[x].ran = Sum(), False

    # Differentiating

    @rule(root=nodes, times=st.integers(1, 3))
    def backward(self, root: Value, times: int) -> None:
        of = self.model[root]
        for _ in range(times):
            root.backward()
            for node in of.below():
                slope = of.slope(node)
                if not node.constant:
                    node.grad, node.ran = (node.grad + slope if node.is_leaf else slope), True

    @rule(root=nodes, wrt=st.lists(nodes, min_size=1, max_size=3))
    def gradients_touch_nothing(self, root: Value, wrt: list[Value]) -> None:
        of = self.model[root]
        for found, node in zip(gradients(root, wrt), wrt, strict=True):
            assert of.slope(self.model[node]).matches(found)

    @rule(root=nodes, wrt=st.lists(nodes, min_size=1, max_size=3))
    def gradients_as_graphs_are_the_same_or_stale(self, root: Value, wrt: list[Value]) -> None:
        of = self.model[root]
        try:
            found = gradients(root, wrt, create_graph=True)
        except StaleGraphError:
            assert of.stale
            return
        for graph, node in zip(found, wrt, strict=True):
            assert of.slope(self.model[node]).matches(graph.data)

    @rule(root=nodes)
    def the_order_is_topological(self, root: Value) -> None:
        order = topological_order(root)
        assert {self.model[node] for node in order} == self.model[root].below()
        place = {node: i for i, node in enumerate(order)}
        assert all(place[parent] < place[node] for node in order for parent in node.parents)

    @rule(root=nodes)
    def compiled_it_is_the_same(self, root: Value) -> None:
        of = self.model[root]
        leaves = [node for node in topological_order(root) if node.is_leaf]
        if of.stale or root.is_leaf:
            return
        e = Expression(tree_of(root, leaves), tuple(leaf.data for leaf in leaves))
        program = compile(lambda: e(*leaves), scalars="never")
        value, slopes = program.value_and_grad()
        assert isclose(value, of.data, rel_tol=1e-9, abs_tol=1e-9)
        assert set(program.parameters) == set(leaves)
        for leaf, slope in zip(program.parameters, slopes, strict=True):
            assert of.slope(self.model[leaf]).matches(slope)

    # Stepping

    @rule(root=nodes, moves=MOVES)
    def open_a_pass(self, root: Value, moves: list[Any]) -> None:
        self.stepped = steps(root)
        self.naive, self.left = naive.Pass([self.model[node] for node in self.stepped.order]), {}
        assert len(self.stepped) == len(self.naive.senders)
        self._walk(moves)

    @precondition(lambda self: self.stepped)
    @rule(moves=MOVES)
    def walk(self, moves: list[Any]) -> None:
        self._walk(moves)

    def _walk(self, moves: list[Any]) -> None:
        p, end = self.stepped, len(self.naive.senders)
        assert p is not None
        for move in moves:
            here = self.naive.position
            if isinstance(move, tuple):
                self.set_a_gradient(p.order[move[0] % len(p.order)], move[1])
            elif move == "next" and here == end:
                with pytest.raises(StopIteration):
                    next(p)
            elif move == "back" and here == 0:
                with pytest.raises(IndexError):
                    p.back()
            elif move == "next":
                self._move(here + 1, next)
            elif move == "back":
                self._move(here - 1, BackwardPass.back)
            else:
                there = move % (end + 1)
                self._move(there, lambda p, there=there: p.goto(there))
            self.every_node_is_as_the_model_has_it()

    @precondition(lambda self: self.stepped)
    @rule(leave=st.sampled_from(["restore", "complete", "keep"]))
    def leave_the_pass(self, leave: str) -> None:
        p, here, end = self.stepped, self.naive.position, len(self.naive.senders)
        assert p is not None
        p.leave = leave
        there = {"restore": 0 if here < end else end, "complete": end, "keep": here}[leave]
        self._move(there, lambda p: p.__exit__(None, None, None))
        self.stepped = None

    def _move(self, there: int, go: Callable[[BackwardPass], Any]) -> None:
        """A move of the pass, which must refuse to write over what something else has set since its last."""
        p, naive, here = self.stepped, self.naive, self.naive.position
        assert p is not None
        now, then = naive.adjoints(here), naive.adjoints(there)
        disturbed = {self.model[node] for node in p.order if here and node.grad != self.left[node]}
        written = [node for node in naive.order if not (here and there) or now[node] != then[node]]
        try:
            go(p)
        except GradientsChanged:
            assert disturbed
            assert p.position == here
            return
        if here == there:
            return
        assert not disturbed & set(written)
        if here == 0:
            naive.found = {node: (node.grad, node.ran) for node in naive.order}
        naive.position = there
        for node in naive.order:
            if not node.constant and node not in disturbed:
                node.grad, node.ran = naive.gradient(node, there), bool(there) or naive.found[node][1]
        assert p.position == there
        self.left |= {node: node.grad for node in p.order if self.model[node] not in disturbed}

    @rule(root=nodes, ns=st.lists(st.integers(0, 30), max_size=4))
    def the_forward_pass_tells_what_was_computed(self, root: Value, ns: list[int]) -> None:
        p = forward_steps(root)
        for n in ns:
            step = p.goto(n % (len(p) + 1))
            if step is not None:
                assert step.value == self.model[step.node].data
                if step.stale:  # the converse need not be: other operands may give the same
                    assert self.model[step.node].stale

    # Comparing

    @precondition(lambda self: self.model)
    @invariant()
    def every_node_is_as_the_model_has_it(self) -> None:
        for node, known in self.model.items():
            assert node.data == known.data
            assert node.local_derivatives == known.local
            assert known.grad.matches(node.grad)
            assert node.backward_ran == known.ran


TestGraphs = GraphMachine.TestCase
TestGraphs.settings = settings(stateful_step_count=30)


def found_out(machine: type[RuleBasedStateMachine], examples: int = 3000) -> bool:
    """Whether the machine fails."""
    try:
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine, settings=settings(max_examples=examples, database=None, derandomize=True, phases=[Phase.generate])
        )
    except AssertionError:
        return True
    return False


def _forgets_a_path(self: Node, wrt: Node) -> Sum:
    paths = [parent.slope(wrt).times(local) for parent, local in zip(self.parents, self.local, strict=True)]
    return Sum(1.0, 1.0) if self is wrt else max(paths, key=lambda s: s.size, default=Sum())


MISTAKES: dict[str, tuple[Any, str, Any]] = {
    "one of several paths is forgotten": (Node, "slope", _forgets_a_path),
    "interior gradients add up": (Node, "is_leaf", property(lambda self: not self.constant)),
    "a pass goes back to zero": (naive.Pass, "gradient", lambda self, node, n: self.adjoints(n)[node] if n else Sum()),
    "nothing is ever stale": (Node, "stale", property(lambda self: False)),
}


@pytest.mark.parametrize(("where", "name", "wrong"), MISTAKES.values(), ids=MISTAKES)
def test_the_machine_finds_a_model_that_does_as_no_engine_should(
    where: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, wrong)
    assert found_out(GraphMachine)
