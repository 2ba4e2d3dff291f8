"""Derivatives as graphs: the compiled sweep makes the graphs that the rules run on Values make, node for node."""

from __future__ import annotations

import gc
import tracemalloc
import zlib
from itertools import product
from random import Random
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import Value, grad, gradients
from autograd_tiny.core import apply, topological_order
from autograd_tiny.derivatives import differentiate, functions
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive, function


def shape(root: Value) -> list[tuple[Any, ...]]:
    """A graph as text: each node with its number, parents, slopes, and what it is the derivative of."""
    order = topological_order(root)
    index = {node: i for i, node in enumerate(order)}
    origins = [node.derivative_of for node in order]
    return [
        (node.op, repr(node.data), [index[parent] for parent in node.parents], repr(node.local_derivatives),
         None if origin is None else (origin.node.op, origin.edge, origin.root.op))
        for node, origin in zip(order, origins, strict=True)
    ]  # fmt: skip


def assert_same_pushed(monkeypatch: pytest.MonkeyPatch, roots: list[Value], leaves: list[Value]) -> None:
    """Forward mode along Values and numbers in turn."""
    tangents = [Value(0.5 + i) if i % 2 else [1.0, 0.0, -2.0][i % 3] for i in range(len(leaves))]
    along = dict(zip(leaves, tangents, strict=True))
    found = differentiate.push_forward(roots, along, True)
    with monkeypatch.context() as patch:
        patch.setattr(differentiate, "push_graphs", None)
        plain = differentiate.push_forward(roots, along, True)
    assert [*map(shape, found)] == [*map(shape, plain)]
    assert len({*found, *roots, *leaves}) == len({*roots, *leaves}) + len(found)


def assert_same_graphs(monkeypatch: pytest.MonkeyPatch, root: Value, leaves: list[Value]) -> list[Value]:
    found: list[Value] = gradients(root, leaves, create_graph=True)
    with monkeypatch.context() as patch:
        patch.setattr(differentiate, "gradient_graphs", None)
        plain = gradients(root, leaves, create_graph=True)
    assert [*map(shape, found)] == [*map(shape, plain)]
    assert_same_pushed(monkeypatch, [root], leaves)
    return found


def cases() -> list[Any]:
    """Each row with each choice of operands that are plain numbers; of a row of vectors, the second."""
    found = []
    for row in ROWS:
        choices = [()] if row.variadic else product((False, True), repeat=len(row.arguments))
        if row.variadic and row.fill is not None:
            choices = [(False, False), (False, True), (True, False)]
        for fixed in choices:
            if not fixed or not all(fixed):
                name = "".join("nv"[not x] for x in fixed)
                found.append(pytest.param(row, fixed, id=f"{row.name}-{name}"))
    return found


@pytest.mark.parametrize("row, fixed", cases())
def test_every_row_has_the_same_graph_by_either_way(
    monkeypatch: pytest.MonkeyPatch, row: Primitive, fixed: tuple[bool, ...]
) -> None:
    random = Random(zlib.crc32(row.name.encode()))
    operands: list[Any] = [
        [random.uniform(-2, 2) for _ in range(3)] if row.variadic else random.uniform(*row.samples[i])
        for i in range(len(row.arguments))
    ]
    for i, x in enumerate(operands):
        if not fixed or not fixed[i]:
            operands[i] = [Value(y) for y in x] if row.variadic else Value(x)
    leaves = [x for xs in operands for x in (xs if row.variadic else [xs]) if isinstance(x, Value)]
    y = getattr(functions, row.name)(*operands)
    first = assert_same_graphs(monkeypatch, y * y * leaves[0], leaves)
    second = assert_same_graphs(monkeypatch, first[0], leaves)
    assert_same_graphs(monkeypatch, second[-1], leaves)


EDGES = [(row, edge.at) for row in ROWS if not row.variadic for edge in row.edges]


@pytest.mark.parametrize("row, at", EDGES, ids=lambda x: getattr(x, "name", str(x)))
def test_at_every_edge_point_too(monkeypatch: pytest.MonkeyPatch, row: Primitive, at: tuple[float, ...]) -> None:
    with ad.nonfinite("allow"):
        leaves = [Value(x) for x in at]
        y = getattr(functions, row.name)(*leaves)
        first = assert_same_graphs(monkeypatch, y * 2.0, leaves)
        assert_same_graphs(monkeypatch, first[0], leaves)


def test_at_ties_and_on_flat_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c = leaves = [Value(1.0), Value(1.0), Value(-2.0)]
    y = ad.maximum(a, b, c) * ad.relu(c) + ad.leaky_relu(c, a) * ad.minimum(a * b, c) + ad.where(c, a, b) + a
    for graph in assert_same_graphs(monkeypatch, y * ad.dot(leaves, leaves), leaves):
        assert_same_graphs(monkeypatch, graph, leaves)


@pytest.mark.parametrize("row", [row for row in ROWS if row.variadic], ids=lambda row: row.name)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_vectors_with_numbers_and_ties_among_their_elements(
    monkeypatch: pytest.MonkeyPatch, row: Primitive, count: int
) -> None:
    random = Random(count)
    vectors: list[list[Any]] = []
    for _ in row.arguments:
        xs = [Value(random.choice((0.5, 1.0, 1.5))) for _ in range(count)]
        vectors.append([x.data if i % 3 == 2 else x for i, x in enumerate(xs)])
    vectors[-1][-1] = vectors[0][0]
    leaves = list({x: None for xs in vectors for x in xs if isinstance(x, Value)})
    for targets in (leaves, leaves[-1:]):
        y = getattr(functions, row.name)(*vectors)
        first = assert_same_graphs(monkeypatch, y * y, targets)
        assert_same_graphs(monkeypatch, first[0], targets)
        made = apply(row, tuple(vectors))  # by the general way, which keeps one or two parents otherwise
        assert_same_graphs(monkeypatch, made * y, targets)


def test_forward_mode_to_several_outputs_and_from_nodes_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    x, w = Value(0.5), Value(2.0)
    inner = (x * w).tanh()
    outputs = [inner * inner, x + 1.0, inner, w, ad.logsumexp([x, inner]), Value(3.0)]
    assert_same_pushed(monkeypatch, outputs, [x])
    assert_same_pushed(monkeypatch, outputs, [inner])
    assert_same_pushed(monkeypatch, outputs, [w, x, inner])
    assert differentiate.push_forward([], {x: 1.0}, True) == []


def test_a_plug_in_has_its_graph_by_the_general_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ad.register(function("cubed", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
    try:
        x = Value(2.0)
        (slope,) = assert_same_graphs(monkeypatch, x.cubed().tanh(), [x])
        assert_same_graphs(monkeypatch, slope, [x])
        assert gradients(gradients(x.cubed(), x, create_graph=True), x) == 12.0
    finally:
        ad.unregister("cubed")


def test_under_tracked_sources_and_with_targets_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    with ad.track_sources():
        x = Value(0.5)
        inner = x.tanh()
        y = inner.exp() * inner
        answers = assert_same_graphs(monkeypatch, y, [x, inner, y, x, Value(1.0)])
        assert answers[0].source is not None
    assert [answer.data for answer in answers][2:] == [1.0, answers[0].data, 0.0]


def test_no_answer_is_a_node_of_the_graph_and_no_two_are_the_same() -> None:
    a, b = Value(2.0), Value(3.0)
    product_ = a * b
    answers = gradients(product_, [a, b, a], create_graph=True)
    assert not {a, b, product_} & {*answers}
    assert len({*answers}) == 3


def test_a_leaf_that_was_changed_is_noticed() -> None:
    x = Value(0.5)
    y = x.tanh()
    x.data = 0.7
    with pytest.raises(ad.StaleGraphError, match="tanh"):
        gradients(y, x, create_graph=True)
    x.data = 0.5
    assert gradients(y, x, create_graph=True).data == y.local_derivatives[0]


def test_a_node_says_what_it_is_the_derivative_of() -> None:
    x, w = Value(0.5, "x"), Value(2.0, "w")
    a = (w * x).tanh()
    y = a * a
    slope = gradients(y, x, create_graph=True)
    made = {node.derivative_of for node in topological_order(slope)} - {None}
    kinds = {(origin.node.op, origin.edge, origin.kind) for origin in made}
    assert kinds == {("tanh", 0, "local"), ("tanh", None, "total"), ("tanh", ~0, "sent"), ("mul", ~1, "sent")}
    local = next(origin for origin in made if origin.kind == "local")
    assert local.node is a and local.parent is a.parents[0] and local.root is y
    assert x.derivative_of is None and y.derivative_of is None


COMPILED = ad.engine == "compiled"


@pytest.mark.parametrize("rounds", [1_000 if COMPILED else 100, pytest.param(10_000, marks=pytest.mark.long)])
def test_memory_is_flat_and_nothing_is_kept(rounds: int) -> None:
    """The collector does not see the nodes of the compiled engine, the allocator does."""

    def step() -> float:
        x = Value(0.5)
        slope = gradients(ad.sin(x * x).tanh(), x, create_graph=True)
        slope.label = "slope"
        second: float = gradients(gradients(slope * slope, x, create_graph=True), x)
        return second + ad.jvp(lambda t: grad(lambda u: u * ad.exp(u))(t), (0.5,), (1.0,))[1]

    first = step()
    for _ in range(200 if COMPILED else 20):
        step()
    gc.collect()
    tracemalloc.start()
    try:
        assert {step() for _ in range(10)} == {first}
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(rounds):
            step()
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] <= before + 10 * rounds
    finally:
        tracemalloc.stop()


def test_an_origin_keeps_what_it_names_and_no_more() -> None:
    """One node of the derivative is enough to tell; the last one lets go of the graph that it was made of."""
    x = Value(0.5, "x")
    slope = gradients(ad.sin(x * x).tanh() * x, x, create_graph=True)
    piece = next(node for node in topological_order(slope) if node.op == "sech_squared")
    piece.label = "piece"
    del slope
    gc.collect()
    origin = piece.derivative_of
    assert origin is not None
    assert (piece.label, origin.kind, origin.node.op, origin.root.op) == ("piece", "local", "tanh", "mul")
    pushed = differentiate.push_forward([x * x, ad.exp(x)], {x: Value(1.0)}, True)
    made = [node.derivative_of for root in pushed for node in topological_order(root)]
    assert all(origin is None or origin.node is origin.root for origin in made)


def test_thousands_of_origins_share_blocks_and_each_is_right() -> None:
    x = Value(0.3)
    nodes = [ad.tanh(x * float(i)) for i in range(1, 1_001)]
    slope = gradients(ad.sum(nodes), x, create_graph=True)
    locals_ = [node for node in topological_order(slope) if node.op == "sech_squared"]
    assert sorted(nodes.index(node.derivative_of.node) for node in locals_) == [*range(1_000)]


def test_a_chain_of_nodes_that_only_their_origins_connect_is_freed() -> None:
    derivative: Any = 0.0
    for _ in range(100_000 if COMPILED else 3_000):
        x = Value(0.5)
        derivative = gradients(ad.sin(x) + derivative, x, create_graph=True)
    assert derivative.op == "cos"
    del derivative


def test_a_long_chain_and_many_parents_at_second_order() -> None:
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0001
    assert gradients(gradients(y * y, x, create_graph=True), x) == pytest.approx(2 * y.data**2, rel=1e-9)
    many = [Value(float(i)) for i in range(3_000)]
    top = gradients(ad.maximum(many) ** 2, many, create_graph=True)
    assert [g.data for g in top[-2:]] == [0.0, 2 * 2999.0]
    assert gradients(top[-1], many[-1]) == 2.0


def test_nested_in_all_four_orders() -> None:
    f = lambda x: ad.sin(x * x) / (1.0 + ad.exp(x))
    forward = lambda g: lambda x: ad.jvp(g, (x,), (1.0,))[1]
    found = [outer(inner(f))(0.7) for outer in (grad, forward) for inner in (grad, forward)]
    assert found == pytest.approx([found[0]] * 4, rel=1e-13)
    assert found[0] == pytest.approx(ad.taylor(f, 0.7, 2)[2], rel=1e-13)
