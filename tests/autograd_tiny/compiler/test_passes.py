"""The passes one by one: invariants of layout, matching and the reverse program, and the faults that fuzzing once found."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile, dot, maximum, sum
from autograd_tiny.compiler.lower.instructions import Elementwise, MatrixProduct, Total
from autograd_tiny.compiler.lower.layout import Gather, View, common, pattern
from autograd_tiny.compiler.lower.match import extend, match
from autograd_tiny.compiler.run.array_program import ArrayProgram
from autograd_tiny.compiler.write.code import Code
from autograd_tiny.compiler.write.delay import delayed
from autograd_tiny.core import gradient_numbers

from .test_programs import compare, drawn


def arrays_of(program: Any) -> ArrayProgram:
    assert program.last.program is not None
    return program.last.program  # type: ignore[no-any-return]


# Layout


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-3, 9)), min_size=1, max_size=4), st.integers(0, 50))
def test_what_has_strides_is_found_to_have_them(axes: list[tuple[int, int]], offset: int) -> None:
    view = View("flat", offset + 100, tuple(n for n, _ in axes), tuple(s for _, s in axes))
    a = view.addresses().reshape(-1)
    found = pattern(a)
    if found is not None:
        again = View("flat", int(a[0]), tuple(n for n, _ in found), tuple(s for _, s in found))
        assert np.array_equal(again.addresses().reshape(-1), a)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), max_size=3))
def test_a_packed_view_is_one_run_of_addresses(axes: list[tuple[int, int]]) -> None:
    view = View("flat", 5, tuple(n for n, _ in axes), tuple(s for _, s in axes))
    a = view.addresses().reshape(-1)
    assert view.is_packed() == np.array_equal(a, 5 + np.arange(len(a)))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=24), st.integers(1, 6))
def test_a_common_shape_keeps_every_address(addresses: list[int], run: int) -> None:
    a = np.array(addresses * run)
    b = np.repeat(np.arange(run) * 5, len(addresses))
    patterns = [p for p in (pattern(a), pattern(b)) if p is not None]
    agreed = common(patterns, len(a)) if patterns else None
    if agreed is not None:
        shape, strides = agreed
        given_arrays = [x for x in (a, b) if pattern(x) is not None]
        for x, steps in zip(given_arrays, strides, strict=True):
            view = View("flat", int(x[0]), tuple(shape), tuple(steps))
            assert np.array_equal(view.addresses().reshape(-1), x)


@pytest.mark.parametrize("seed", range(40))
def test_views_lie_in_memory_and_roots_have_a_place(seed: int) -> None:
    f, rows, batch = drawn(seed)
    arrays = arrays_of(compare(f, rows, batch)[0])
    sizes = {"flat": arrays.lowering.flat_size, "batch": arrays.lowering.batch_size}
    graph, lowering = arrays.graph, arrays.lowering
    for instruction in arrays.instructions:
        out = instruction.out.addresses().reshape(-1)
        assert len(np.unique(out)) == len(out), "two results in one place"
        assert 0 <= out.min() <= out.max() < sizes[instruction.out.memory]
        real = np.asarray(instruction.nodes).reshape(-1)
        real = real[real >= 0]
        assert set(lowering.address[real].tolist()) <= set(out.tolist())
    assert all(lowering.address[root] >= 0 for root in graph.roots)


@pytest.mark.parametrize("seed", range(40))
def test_nodes_share_a_place_only_if_they_are_equal_or_one_replaces_the_other(seed: int) -> None:
    f, rows, batch = drawn(seed)
    arrays = arrays_of(compare(f, rows, batch)[0])
    for instruction in arrays.instructions:
        nodes = np.asarray(instruction.nodes).reshape(-1)
        nodes = nodes[nodes >= 0]
        places = arrays.lowering.address[nodes]
        if not isinstance(instruction, MatrixProduct):
            assert len(np.unique(places)) == len(places)


@pytest.mark.parametrize("seed", range(40))
def test_every_adjoint_is_set_before_it_is_read(seed: int) -> None:
    f, rows, batch = drawn(seed)
    program, _ = compare(f, rows, batch)
    arrays = arrays_of(program)
    binding = arrays.bound(len(rows) if batch else 1)
    # The run before left its numbers; nothing of them may shine through, nor of the scratch memory.
    inputs = [np.ascontiguousarray(c) for c in np.transpose([[x * 0.9 for x in row] for row in rows])]
    found = []
    for junk in (np.nan, 1e9):
        binding.memory.flat_adjoint[:] = binding.memory.batch_adjoint[:] = binding.memory.scratch[:] = junk
        binding.forward(inputs if batch else np.array([c[0] for c in inputs]))
        binding.backward()
        found.append(binding.gradients.copy())
    assert np.isfinite(found[0]).all()
    assert np.array_equal(*found)


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_a_batch_is_its_samples_one_by_one(seed: int) -> None:
    f, rows, _ = drawn(seed)
    program = compile(lambda *x: f(*x), scalars="never")
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    values, gradient = program.value_and_grad(*columns, batch=True)
    by_leaf = dict(zip(program.parameters, gradient, strict=True))
    singles = [program.value_and_grad(*row) for row in rows]
    np.testing.assert_allclose(values, [value for value, _ in singles], rtol=1e-11)
    mean = np.mean([single for _, single in singles], axis=0)
    scale = np.abs(mean).max(initial=1e-300)
    np.testing.assert_allclose(
        [by_leaf[p] for p in program.parameters], mean[: len(program.parameters)], rtol=1e-9, atol=1e-12 * scale
    )


def test_lines_grow_with_the_layers_and_not_with_the_neurons() -> None:
    import nn

    counts = []
    for width in (4, 40):
        model = nn.MLP(3, [width, width, 1], "tanh", seed=0)
        program = compile(lambda x, model=model: model(x), scalars="never")
        program.value_and_grad([0.1, 0.2, 0.3])
        counts.append(arrays_of(program).count_lines())
    assert counts[0] == counts[1] < 50


# Matching


def test_rows_and_columns_are_one_product_and_heads_stack() -> None:
    left = np.array([[10 * h + i, 10 * h + 100 + i] for h in range(2) for i in range(3) for _ in range(4)])
    right = np.array([[500 + 10 * h + j, 600 + 10 * h + j] for h in range(2) for _ in range(3) for j in range(4)])
    stacks, same, _ = match(left, right, np.arange(24), np.zeros(24, np.int64))
    assert [stack.nodes.shape for stack in stacks] == [(2, 3, 4)]
    assert len(same) == 0
    for stack in stacks:
        for s, u, v in np.ndindex(stack.nodes.shape):
            node = stack.nodes[s, u, v]
            assert np.array_equal(left[node], stack.left[s, u])
            assert np.array_equal(right[node], stack.right[s, v])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40))
def test_every_pair_is_in_one_stack_or_equals_one_that_is(pairs: list[tuple[int, int]]) -> None:
    left = np.array([[u, u + 50, 7] for u, _ in pairs])
    right = np.array([[v + 100, v, 8] for _, v in pairs])
    stacks, same, twins = match(left, right, np.arange(len(pairs)), np.zeros(len(pairs), np.int64))
    placed = np.concatenate([stack.nodes.reshape(-1) for stack in stacks])
    placed = placed[placed >= 0]
    assert sorted([*placed, *same]) == list(range(len(pairs)))
    for node, twin in zip(same, twins, strict=True):
        assert pairs[node] == pairs[twin]
    for stack in stacks:
        for s, u, v in np.ndindex(stack.nodes.shape):
            node = stack.nodes[s, u, v]
            if node >= 0:
                assert np.array_equal(left[node], stack.left[s, u])
                assert np.array_equal(right[node], stack.right[s, v])


def test_beginnings_are_extended_and_others_are_not() -> None:
    longest = np.array([[1, 2, 3], [4, 5, 6]])
    found = extend([np.array([[4]]), np.array([[1, 2], [4, 5]]), longest])
    assert found is not None
    assert [rows.tolist() for rows in found] == [[[4, 5, 6]], [[1, 2, 3], [4, 5, 6]], longest.tolist()]
    assert extend([np.array([[2]]), longest]) is None


# What broke once


def test_equal_products_with_different_tails_are_different() -> None:
    w = [Value(0.5), Value(-0.25), Value(0.75)]

    def f(x: Any) -> Any:
        products = lambda: w[0] * x + w[1] * x * 1.0 + w[2] * x
        return (products() + 0.5).tanh() + 3.0 * (products() + 1.0).tanh() + (products() + w[0]).tanh()

    compare(f, [[0.3], [0.7]], True)
    compare(f, [[0.3]], False)


def test_negation_of_a_column_is_right() -> None:
    w = [Value(0.1 * i + 0.2) for i in range(16)]
    compare(lambda *x: sum([-(a * b) for a, b in zip(w, x * 4, strict=True)]), [[0.3, 0.4, 0.5, 0.6]] * 3, True)


def test_a_sum_of_what_is_batched_and_what_is_not() -> None:
    w = [Value(0.1 * i + 0.2) for i in range(6)]

    def f(x: Any) -> Any:
        return sum([w[0] * w[1], w[2] * x, w[3], x, w[4] * w[5] * x, 2.0]) + dot(
            [w[0], x, w[1].tanh()], [w[2], w[3], x]
        )

    _, gradient = compare(f, [[0.3], [0.7], [-1.0]], True)
    assert 0.0 not in gradient


@pytest.mark.parametrize("batch", [False, True])
def test_a_repeated_operand_counts_as_often_as_it_occurs(batch: bool) -> None:
    w = [Value(0.3), Value(0.7)]

    def f(x: Any) -> Any:
        y = (w[0] * x).tanh()
        return (
            sum([y, y, w[1], y, w[1], y * y, w[1]]) + dot([y, y, y], [w[1], w[1], w[0]]) + maximum([y, y, w[1] * 0.1])
        )

    compare(f, [[0.3], [0.7]], batch)


def test_in_place_results_are_not_asked_for_again() -> None:
    w = [Value(0.1 * i + 0.2) for i in range(8)]

    def f(x: Any) -> Any:
        a = dot(w[:3], [x, x * 2.0, x * 3.0])
        b = a + w[3]
        c = a + w[4]  # the sum is needed twice: it must stay
        d = dot(w[5:8], [b, c, x])
        e = d + d
        return (e + w[0]) * e - e

    compare(f, [[0.3], [0.7]], True)
    compare(f, [[0.3]], False)


def test_shuffled_terms_are_a_matrix_product_all_the_same() -> None:
    import random

    source = random.Random(4)
    w = [[Value(source.uniform(-1, 1)) for _ in range(12)] for _ in range(10)]
    orders = [source.sample(range(12), 12) for _ in w]

    def f(*x: Any) -> Any:
        hidden = []
        for row, order in zip(w, orders, strict=True):
            hidden.append(sum([row[i] * x[i] for i in order]).tanh())
        return sum(hidden)

    f_once = compile(f, scalars="never")
    x = [0.1 * i for i in range(12)]
    value, gradient = f_once.value_and_grad(*x)
    root = f(*[Value(v) for v in x])
    assert value == pytest.approx(root.data, rel=1e-12)
    np.testing.assert_allclose(gradient, gradient_numbers(root, f_once.parameters), rtol=1e-10)
    products = [i for i in arrays_of(f_once).instructions if isinstance(i, MatrixProduct)]
    assert [p.nodes.size for p in products] == [10]
    assert isinstance(products[0].left, View)


@pytest.mark.parametrize("same_length", [False, True])
def test_a_sparse_matrix_is_filled_up(same_length: bool) -> None:
    import random

    source = random.Random(5)
    chosen = [source.sample(range(10), 4 if same_length else 2 + i % 5) for i in range(12)]
    w = [[Value(source.uniform(-1, 1)) for _ in columns] for columns in chosen]

    def f(*x: Any) -> Any:
        h = [v.tanh() for v in x]
        return sum([dot(row, [h[i] for i in columns]).tanh() for row, columns in zip(w, chosen, strict=True)])

    rows = [[0.1 * i - 0.3 * j for i in range(10)] for j in range(3)]
    for batch in (False, True):
        program, gradient = compare(f, rows, batch)
        products = [i for i in arrays_of(program).instructions if isinstance(i, MatrixProduct)]
        assert [p.nodes.size for p in products] == [12]
        assert isinstance(products[0].right, View), "the chosen numbers are read where they lie"
        (tanh,) = [i for i in arrays_of(program).instructions if i.nodes.shape == (12,) and i is not products[0]]
        assert isinstance(tanh.operands[0], View), "the rows are in the order of the text"
        assert 0.0 not in gradient


def test_a_recurrent_sum_is_two_products() -> None:
    a = [[Value(0.1 * (i + j + 1)) for j in range(3)] for i in range(3)]
    b = [[Value(0.07 * (i - j + 1)) for j in range(2)] for i in range(3)]

    def f(*x: Any) -> Any:
        h = [0.1 * x[0], 0.2 * x[0], 0.3 * x[1]]
        for _ in range(4):
            h = [
                _add([*(w * v for w, v in zip(p, h, strict=True)), *(w * v for w, v in zip(q, x, strict=True))]).tanh()
                for p, q in zip(a, b, strict=True)
            ]
        return sum(h)

    program, _ = compare(f, [[0.3, 0.5], [0.7, -0.2]], True)
    products = [i for i in arrays_of(program).instructions if isinstance(i, MatrixProduct)]
    assert products
    assert all(not isinstance(p.left, Gather) for p in products), "the weights are where the products want them"


@pytest.mark.parametrize("zero", [[], [0.0]])
@pytest.mark.parametrize("batch", [False, True])
def test_unlike_terms_are_added_and_those_that_wait_for_nobody_first(zero: list[float], batch: bool) -> None:
    u, w = ([[Value(0.1 * (i + j * k + 1)) for j in range(3)] for i in range(3)] for k in (1, 2))
    b = [Value(0.2 * i - 0.3) for i in range(3)]

    def f(*x: Any) -> Any:
        h: list[Any] = [0.1 * v for v in x[:3]]
        for step in (x[:3], x[1:4], x[2:5]):
            terms = lambda i, h=h, step=step: [*zero, dot(u[i], step), dot(w[i], h), b[i]]
            h = [_add(terms(i)).tanh() for i in range(3)]
        return sum(h)

    program, _ = compare(f, [[0.1, 0.3, -0.2, 0.5, 0.7], [0.7, -0.2, 0.4, 0.1, 0.9]], batch)
    instructions = arrays_of(program).instructions
    assert [i.nodes.size for i in instructions if isinstance(i, Total)] == [1], "the sum at the end"
    adds = [i for i in instructions if isinstance(i, Elementwise) and i.row.name == "add"]
    assert [i.nodes.size for i in adds] == [9, 3, 3, 3], "U x + b of all steps at once"


def test_what_all_samples_share_is_added_before_what_differs() -> None:
    w = [Value(0.1 * i + 0.2) for i in range(9)]

    def f(x: Any) -> Any:
        return sum([((w[i] * x).tanh() + (w[i] + 1.5).exp().tanh().exp() + w[8 - i]) ** 2 for i in range(4)])

    program, _ = compare(f, [[0.3], [0.7]], True)
    adds = [i for i in arrays_of(program).instructions if isinstance(i, Elementwise) and i.row.name == "add"]
    assert [i.out.memory for i in adds] == ["flat", "flat", "batch"]


def test_many_unlike_terms_stay_a_sum() -> None:
    w = [Value(0.1 * i + 0.2) for i in range(8)]

    def f(x: Any) -> Any:
        return sum([w[0].exp(), w[1].tanh(), w[2] * x, w[3].log(), w[4], w[5].sin()])

    program, _ = compare(f, [[0.3]], False)
    assert [type(i) for i in arrays_of(program).instructions][-1] is Total


def test_terms_that_are_alike_stay_a_sum() -> None:
    w = [Value(0.1 * i + 0.2) for i in range(12)]

    def f(x: Any) -> Any:
        return sum([sum([w[i].exp(), w[i + 1].exp(), w[i + 2] * x]) for i in range(0, 12, 3)])

    compare(f, [[0.3], [0.7]], True)
    program, _ = compare(f, [[0.3]], False)
    assert [i.nodes.size for i in arrays_of(program).instructions if isinstance(i, Total)]


@given(st.lists(st.lists(st.sampled_from("0cpxdebs"), min_size=1, max_size=6), min_size=1, max_size=6), st.booleans())
def test_sums_of_whatever_terms(sums: list[list[str]], batch: bool) -> None:
    w = [Value(0.1 * i + 0.2) for i in range(6)]

    def f(x: Any) -> Any:
        kinds: dict[str, Any] = {"0": 0.0, "c": 0.5, "p": w[0], "x": x, "d": dot(w[:2], [x, w[2]]), "e": w[3].exp(),
                                 "b": (w[4] * x).tanh(), "s": dot(w[2:4], w[3:5])}  # fmt: skip
        made: Any = w[5]
        for names in sums:
            made = (sum([kinds[name] for name in names] + [made])).tanh() * w[1]
        return made

    compare(f, [[0.3], [0.7]] if batch else [[0.3]], batch)


def reverse_products(program: Any) -> int:
    return len([line for line in arrays_of(program).code.reverse_lines if line.startswith(("dot(", "matmul("))])


@pytest.mark.parametrize("swapped", [False, True])
def test_the_gradient_of_a_shared_matrix_is_one_product(swapped: bool) -> None:
    w = [[Value(0.1 * (i - 2 * j) + 0.05) for j in range(3)] for i in range(3)]

    def made(steps: int) -> Any:
        def f(*x: Any) -> Any:
            h = [0.1 * v for v in x]
            for _ in range(steps):
                h = [(dot(h, row) if swapped else dot(row, h)).tanh() for row in w]
            return sum(h)

        return f

    row = [0.3, -0.5, 0.7]
    counts = [reverse_products(compare(made(steps), [row], False)[0]) for steps in (4, 9)]
    assert counts[1] - counts[0] == 5, "a product more for each step, that for h, and not two"
    compare(made(4), [row, [0.1, 0.2, 0.3]], True)


@pytest.mark.parametrize(
    ("others", "outs", "waiting"),
    [
        ((20, 30, 40, 50), (100, 110, 120, 130), [4]),
        ((20, 30, 40, 50), (100, 120, 140, 160), [4]),
        ((20, 30, 40, 50), (100, 110, 121, 131), []),
        ((20, 30, 41, 51), (100, 110, 120, 130), []),
        ((20, 30, 40, 50, 65, 80, 95), (100, 110, 120, 130, 140, 150, 160), [4, 3]),
        ((20, 20, 20), (100, 110, 120), []),
    ],
)
def test_only_products_at_even_distances_wait(
    others: tuple[int, ...], outs: tuple[int, ...], waiting: list[int]
) -> None:
    matrix, none = View("flat", 0, (1, 3, 4), (0, 4, 1)), np.empty(0, np.int64)
    products = [
        MatrixProduct(matrix, View("flat", a, (1, 1, 4), (0, 0, 1)), (True, True), View("flat", b, (1, 1, 3), (3, 3, 1)),
                      True, none)
        for a, b in zip(others, outs, strict=True)
    ]  # fmt: skip
    found = [p for p, _ in delayed(Code(), [(p, {}) for p in products]) if isinstance(p, MatrixProduct)]
    assert [p.right.shape[1] for p in found if p.learns == (True, False)] == waiting  # type: ignore[union-attr]
    assert len([p for p in found if p.learns[0]]) == len(products) - builtins.sum(waiting) + len(waiting)
    assert [p.learns[1] for p in found if p.right.shape[1] == 1] == [True] * len(products)  # type: ignore[union-attr]


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), min_size=3, max_size=9), st.integers(1, 2))
def test_products_with_one_matrix_at_any_distances(steps: list[tuple[int, bool, bool]], columns: int) -> None:
    w = [[Value(0.1 * (i - 2 * j) + 0.05) for j in range(3)] for i in range(3)]
    first = [Value(0.1 * (j + 1)) for j in range(columns)]

    def f(*x: Any) -> Any:
        h = [[p * v for v in x] for p in first]
        kept = h
        for kind, back, turned in steps:
            matrix = [list(column) for column in zip(*w, strict=True)] if turned else w
            h = [[dot(row, v) for row in matrix] for v in h]
            if kind == 1:
                h = [[p.tanh() for p in v] for v in h]
            if kind == 2:
                h = [[(p + w[0][0]).exp() * 0.1 for p in v] for v in h]
            if kind == 3:
                h, kept = [[p + q for p, q in zip(v, k, strict=True)] for v, k in zip(h, kept, strict=True)], h
            if back:
                h = h[::-1]
        return sum([v for vector in [*h, *kept] for v in vector])

    compare(f, [[0.3, -0.5, 0.7]], False)


def _add(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
