"""The backward pass, step by step: the gradients at every place, both ways, and what happens on leaving."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import BackwardPass, NonFiniteError, Value, dot, forward_steps, nonfinite, steps
from autograd_tiny.core import constant, topological_order
from autograd_tiny.explaining.stepping import GradientsChanged
from autograd_tiny.explaining.stepping.tape import Tape
from autograd_tiny.testing import Expression, expressions

State = list[tuple[bytes, bool]]


def bits(x: float) -> bytes:
    return struct.pack("d", x)


def state(order: list[Value]) -> State:
    """Every gradient to the bit, and whether a backward has reached the node."""
    return [(bits(node.grad), node.backward_ran) for node in order]


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


# Until, run, breakpoints, watching


def example() -> tuple[Value, dict[str, Value]]:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    root = d.tanh() * a
    root.label = "L"
    return root, {node.label: node for node in (a, b, c, d, root)}


def test_until_takes_nodes_labels_operations_functions_and_words() -> None:
    root, named = example()
    p = steps(root)  # 1 L = tanh(d) × a, 2 tanh(d), 3 d = a × b + c, 4 a × b

    def where(what: Any, start: int = 0) -> int | None:
        p.goto(start)
        step = p.until(what)
        assert p.position == (start if step is None else step.index)
        return None if step is None else step.index

    assert where(named["d"]) == where("d") == 3
    assert where("tanh") == 2
    assert (where("mul"), where("mul", 1), where("mul", 4)) == (1, 4, None)
    assert (where("a"), where("a", 1), where(named["a"], 4)) == (1, 4, None)
    assert where(lambda step: len(step.contributions) == 1) == 2
    assert where("abs(gradient) > 2.5", 1) is None
    assert where("local == -3") == where("local < -2.5") == 4
    assert where("product >= 2") == where("upstream == 1") == 1
    assert where("data < 0") == 4
    assert where("local <= -3") == where("abs(local) >= 3") == 4
    assert where("data > 3", 2) == 3
    assert where("nonfinite") is None


def test_the_0_of_a_constant_meets_no_condition() -> None:
    root = Value(2.0, "x") * 3.0
    assert [steps(root).until(words) for words in ("gradient == 0", "local == 0", "product < 1")] == [None, None, None]


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("tan", ValueError, "no node of this pass has the name or operation 'tan': did you mean 'tanh'? expected"),
        ("abs(gradient > 10", ValueError, "no node of this pass has the name or operation 'abs(gradient > 10': expected"),
        ("gradient > ten", ValueError, "no node of this pass has the name or operation 'gradient > ten': expected"),
        ("__import__('os') > 1", ValueError, "no node of this pass"),
        ("", ValueError, "no node of this pass has the name or operation '': expected"),
        (3, TypeError, "cannot stop at 3, an int: expected a node of this pass, its name, an operation such as 'mul', "),
        (Value(1.0), ValueError, "Value(data=1.0, grad=0.0) is not part of this pass: the root does not depend on it"),
    ],
)  # fmt: skip
def test_what_is_nothing_of_the_pass_is_an_error(what: Any, error: type[Exception], message: str) -> None:
    p = steps(example()[0])
    p.goto(2)
    for ask in (p.until, p.break_on, p.watch):
        with pytest.raises(error) as caught:
            ask(what)
        assert str(caught.value).startswith(message)
    assert (p.position, p.breakpoints, p.watched) == (2, [], [])


def test_breakpoints_stop_run_and_until() -> None:
    p = steps(example()[0])
    first, _ = p.break_on("tanh"), p.break_on(lambda step: step.index == 4)
    assert (str(first), repr(first), p.breakpoints[0]) == ("tanh", "<Condition tanh>", first)
    assert [step.index for step in (p.run(), p.run()) if step] == [2, 4]
    assert p.run() is None
    p.goto(0)
    step = p.until("d")
    assert step is not None
    assert step.index == 2
    p.clear(first)
    with pytest.raises(ValueError, match=r"expected one of \.breakpoints, or nothing for all"):
        p.clear(first)
    p.goto(0)
    assert getattr(p.until("d"), "index", None) == 3
    p.clear()
    assert p.run() is None
    assert p.position == len(p)


def test_a_step_that_sends_nothing_is_not_what_a_leaf_waits_for() -> None:
    a = Value(-1.0, "a")
    root = (a * 3.0).relu() + a
    p = steps(root)
    assert [p.node_of(n).op for n in range(1, len(p) + 1)] == ["add", "relu", "mul"]
    assert getattr(p.until("a"), "index", None) == 1
    assert p.until("a") is None
    assert not p.step(3).sends
    assert p.history(a) == [(1, 1.0)]


def test_watched_nodes_are_shown_with_every_step() -> None:
    root, named = example()
    p = steps(root)
    p.watch("a", named["b"])
    p.watch("a")
    p.goto(len(p))
    assert p.watched == [named["a"], named["b"]]
    assert str(p).splitlines()[-1] == "watched: a.grad = 0.991, b.grad = 0.00536"
    assert [n for n, _ in p.history(named["a"])] == [1, 4]
    assert p.history(named["a"])[-1][1] == named["a"].grad
    p.unwatch(named["a"])
    assert p.watched == [named["b"]]
    p.unwatch()
    assert p.watched == []
    with pytest.raises(ValueError, match=r"watch\(\) got 'tanh': expected a node or its label"):
        p.watch("tanh")


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda p: p.goto(5), IndexError, "goto(5): expected 0 (nothing done) to 4, the number of steps"),
        (lambda p: p.goto(-1), IndexError, "goto(-1): expected 0 (nothing done) to 4, the number of steps"),
        (lambda p: p.goto(1.0), TypeError, "goto() got 1.0, a float: expected an int"),
        (lambda p: p.step(0), IndexError, "step(0): expected 1 to 4, the number of steps"),
        (lambda p: p.back(), IndexError, "back(): no step is done yet"),
        (lambda p: steps(3), TypeError, "steps(root) got 3: expected the Value to differentiate"),  # type: ignore[arg-type]
        (lambda p: steps(p.root, "go"), ValueError, "steps(leave='go'): expected \"restore\", \"complete\" or \"keep\""),
    ],
)  # fmt: skip
def test_errors_say_what_was_expected(ask: Callable[[BackwardPass], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        ask(steps(example()[0]))
    assert str(caught.value) == message


# Leaving, and what others do to the graph meanwhile


@pytest.mark.parametrize(("leave", "stands"), [("restore", 0), ("complete", 4), ("keep", 2)])
def test_leaving_part_way(leave: str, stands: int) -> None:
    root, named = example()
    named["a"].grad = 5.0
    other, _ = example()
    with steps(root, leave) as p:
        p.goto(2)
    assert p.position == stands
    q = steps(other)
    topological_order(other)[0].grad = 5.0
    q.goto(stands)
    assert state(topological_order(root)) == state(topological_order(other))


@pytest.mark.parametrize(("leave", "stands"), [("restore", 0), ("complete", 0), ("keep", 2)])
def test_leaving_by_an_exception(leave: str, stands: int) -> None:
    root, _ = example()
    with pytest.raises(KeyError), steps(root, leave) as p:
        p.goto(2)
        raise KeyError
    assert p.position == stands


def test_a_pass_that_reached_its_end_stays() -> None:
    root, named = example()
    with steps(root) as p:
        assert len(list(p)) == 4
    assert p.position == 4
    assert named["c"].grad != 0.0


def edge() -> tuple[Value, Value]:
    x = Value(0.0, "x")
    x.grad = 2.0
    return x, (x * 3.0).sqrt() + x


def test_a_gradient_that_is_not_finite_can_be_stepped_through() -> None:
    x, root = edge()
    p = steps(root)
    assert [step.finite for step in p] == [True, False, False]
    assert [p.step(n).turns_nonfinite for n in (1, 2, 3)] == [False, True, False]
    assert str(p.step(2)).endswith(
        "  here the gradient stops being finite: backward() would raise NonFiniteError\n"
        '  and change nothing, unless it runs with nonfinite("allow")'
    )
    assert x.grad == float("inf")
    assert [sent.product for sent in p.step(3).contributions] == [float("inf"), 0.0], "a constant takes nothing"
    for n in (1, 3, 2, 0):
        p.goto(n)
    assert x.grad == 2.0


def test_a_gradient_that_is_not_a_number_is_still_the_passes_own() -> None:
    x = Value(0.0, "x")
    root = x.sqrt() * 2.0 - (x * 1.0).sqrt()  # ∞ - ∞
    p = steps(root)
    p.goto(len(p))
    assert x.grad != x.grad
    assert str(p.step(5)).splitlines()[1] == "  ∂√(x)/∂x = 1 / (2 × √(x)) = inf    2 × inf = inf    x.grad: -inf → nan"
    p.goto(1)
    p.goto(len(p))
    p.reset()
    assert x.grad == 0.0


def test_gradients_that_overflow_as_they_add_up() -> None:
    x = Value(1e-3, "x")
    root = x * 1e308 + x * 1e308
    p = steps(root)
    assert [step.turns_nonfinite for step in p] == [False, False, True]
    with pytest.raises(NonFiniteError, match="add up to more than the largest float"):
        steps(root).run()


def test_run_and_complete_raise_as_backward_does() -> None:
    x, root = edge()
    with pytest.raises(NonFiniteError) as expected:
        root.backward()
    p = steps(root)
    p.goto(1)
    with pytest.raises(NonFiniteError) as caught:
        p.run()
    assert (p.position, str(caught.value)) == (1, str(expected.value))
    p.goto(0)
    with pytest.raises(NonFiniteError), steps(root, leave="complete") as q:
        next(q)
    assert (q.position, x.grad) == (0, 2.0)
    with steps(root) as q:
        q.goto(3)
    assert (q.position, x.grad) == (0, 2.0), "backward would have left nothing"
    with nonfinite("allow"), steps(root) as q:
        q.run()
    assert (q.position, x.grad) == (3, float("inf"))
    p = steps(root)
    p.break_on("nonfinite")
    assert getattr(p.run(), "index", None) == 2


def test_a_zero_upstream_sends_nothing_even_times_infinity() -> None:
    x = Value(0.0, "x")
    root = ad.where(x, x.sqrt(), 2.0 * x)
    p = steps(root)
    p.run()
    assert x.grad == 2.0
    step = next(step for step in map(p.step, range(1, len(p) + 1)) if step.node.op == "sqrt")
    assert (step.sends, step.contributions[0].product) == (False, 0.0)
    assert str(step).splitlines()[1] == "  a gradient of 0 sends nothing on, whatever the local derivatives are"


def test_a_gradient_that_something_else_has_set_is_not_written_over() -> None:
    root, named = example()
    p = steps(root)
    p.goto(3)
    before = state(topological_order(root))
    named["a"].grad = 100.0
    for move in (p.__next__, p.reset, lambda: p.goto(1) and p.reset()):
        with pytest.raises(GradientsChanged):
            move()
    with pytest.raises(GradientsChanged) as caught:
        p.run()
    assert str(caught.value) == (
        f"a.grad is 100.0, but step {p.position} of this pass left it at {named['L'].data / 2.0!r}: something else has set "
        "it since (another backward, zero_grad). Nothing was changed; set it back, or open a new pass: steps(root)"
    )
    named["a"].grad = named["L"].data / 2.0
    p.goto(3)
    assert state(topological_order(root)) == before
    p.reset()
    assert named["a"].grad == 0.0


def test_leaving_a_pass_that_was_disturbed_does_not_hide_the_exception() -> None:
    root, named = example()
    with pytest.raises(KeyError) as caught, steps(root) as p:
        p.goto(3)
        named["a"].grad = 100.0
        raise KeyError
    assert caught.value.__notes__[0].startswith(
        "the gradients were not put back as they were before the pass: a.grad is"
    )
    with pytest.raises(GradientsChanged), steps(root) as p:
        p.goto(3)
        root.backward()


def test_at_0_the_gradients_are_the_users() -> None:
    root, named = example()
    p = steps(root)
    p.goto(2)
    p.reset()
    named["c"].grad = 7.0
    p.run()
    assert named["c"].grad > 7.0
    p.reset()
    assert named["c"].grad == 7.0


def test_a_leaf_that_is_set_changes_no_gradient() -> None:
    root, named = example()
    p = steps(root)
    next(p)
    expected = p.step(4)
    named["b"].data = 50.0
    p.run()
    assert p.step(4) == expected


def test_a_move_that_is_interrupted_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = example()
    p = steps(root)
    for start, target in ((0, 4), (2, 4), (4, 1)):
        p.goto(start)
        before = state(topological_order(root))
        moved: list[int] = []

        def replay(*arguments: Any, moved: list[int] = moved) -> None:
            Tape.replay(p._tape, *arguments)
            moved.append(1)
            if len(moved) == 1:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(p._tape, "replay", replay)
            with pytest.raises(KeyboardInterrupt):
                p.goto(target)
        assert (p.position, state(topological_order(root))) == (start, before)


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


# What if a leaf had another number


def test_set_keeps_the_place_and_gives_what_a_new_graph_would() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    a.grad = 5.0
    y = (a * b + a).tanh()
    p = steps(y)
    p.watch(a)
    p.goto(2)
    step = p.set(a, 0.25)
    want = steps((Value(0.25, "a") * Value(-3.0, "b") + Value(0.25, "a")).tanh()).step(2)
    assert step is not None
    assert step.upstream == want.upstream
    assert (p.position, p.watched, a.data) == (2, [a], 0.25)
    p.goto(len(p))
    fresh = Value(0.25)
    (fresh * -3.0 + fresh).tanh().backward()
    assert a.grad == 5.0 + fresh.grad
    p.reset()
    assert a.grad == 5.0


@settings(max_examples=30)
@given(number=st.floats(-2.0, 2.0), at=st.integers(0, 3))
def test_set_at_any_step_ends_in_the_gradients_of_backward(number: float, at: int) -> None:
    w = [Value(0.5, "w1"), Value(-1.0, "w2")]
    y = (dot(w, [0.3, 2.0]) * w[0]).tanh()
    y.label = "y"
    p = steps(y)
    p.goto(at)
    p.set("w1", number)
    assert p.names(p.root) == "y"
    p.goto(len(p))
    v = [Value(number), Value(-1.0)]
    again = (dot(v, [0.3, 2.0]) * v[0]).tanh()
    again.backward()
    assert p.root.data == again.data
    assert [x.grad for x in w] == [x.grad for x in v]


def test_set_refuses_what_is_no_leaf_and_what_leaves_the_domain() -> None:
    p, q = Value(0.5, "p"), Value(2.0, "q")
    y = p.log() * q
    walk = steps(y)
    walk.goto(1)
    found = (q.grad, y.parents[0].grad)
    with pytest.raises(ValueError, match=r"set\(log\(p\)\): log\(p\) is computed from others: expected one of p, q"):
        walk.set(y.parents[0], 1.0)
    with pytest.raises(ValueError, match=r"'z' is no leaf of this pass: expected one of p, q"):
        walk.set("z", 1.0)
    with pytest.raises(NonFiniteError, match="log"):
        walk.set(p, -1.0)
    with pytest.raises(ValueError, match="finite"):
        walk.set(p, math.inf)
    assert (p.data, walk.root, walk.position) == (0.5, y, 1)
    assert (q.grad, y.parents[0].grad) == found


def test_a_forward_pass_is_set_too() -> None:
    a = Value(2.0, "a")
    p = forward_steps((a * 3.0).tanh())
    p.goto(1)
    assert str(p.set("a", -1.0)) == "step 1 of 2   a × 3 = -1 × 3 = -3"
