"""The passes one by one: invariants of layout, matching and the reverse program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile, dot
from autograd_tiny.compiler.lower.instructions import MatrixProduct
from autograd_tiny.compiler.lower.layout import View, common, pattern
from autograd_tiny.compiler.lower.match import extend, match
from autograd_tiny.compiler.record.graph import record
from autograd_tiny.compiler.run.array_program import ArrayProgram
from autograd_tiny.compiler.simplify.flatten import flatten
from autograd_tiny.compiler.simplify.unlike import add_unlike
from autograd_tiny.table.ops import TABLE

from .test_programs import SEEDS, compared, drawn

pytestmark = pytest.mark.once


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


@pytest.mark.parametrize("seed", SEEDS)
def test_views_lie_in_memory_and_roots_have_a_place(seed: int) -> None:
    arrays = arrays_of(compared(seed).program)
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


@pytest.mark.parametrize("seed", SEEDS)
def test_nodes_share_a_place_only_if_they_are_equal_or_one_replaces_the_other(seed: int) -> None:
    arrays = arrays_of(compared(seed).program)
    for instruction in arrays.instructions:
        nodes = np.asarray(instruction.nodes).reshape(-1)
        nodes = nodes[nodes >= 0]
        places = arrays.lowering.address[nodes]
        if not isinstance(instruction, MatrixProduct):
            assert len(np.unique(places)) == len(places)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_adjoint_is_set_before_it_is_read(seed: int) -> None:
    program, _, rows, batch = compared(seed)
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


# Simplifying


def test_products_of_different_lengths_are_added_where_they_are() -> None:
    """U·x + W·h + b in the step of a loop, where x and h are of one kind: those of one matrix are one sum."""
    w = [Value(0.1 * i) for i in range(11)]
    made = []
    for k in (2, 3):
        total = dot(w[:k], w[2 : 2 + k]) + dot(w[4:6], w[6:8]) + w[10]
        made.append(str(add_unlike(flatten(record([total], [], batch=False)))))
    assert made == ["2 dot, 1 sum", "2 dot, 2 add"]


# Layout of results


@pytest.mark.parametrize("operation", ["mul", "neg"])
def test_what_no_derivative_looks_at_gives_its_place_to_a_sum(operation: str) -> None:
    w = [Value(0.1 * i) for i in range(3)]
    made = {"mul": lambda p, x: p * x, "neg": lambda p, x: -(p * x).exp()}[operation]
    made_of = {name: (TABLE[name], TABLE["add"]) for name in ("mul", "neg")}
    program = compile(lambda xs: sum((made(p, x) + p).sin() for p, x in zip(w, xs, strict=True)), scalars="never")
    x = np.arange(6.0).reshape(2, 3)
    values, slopes = program.value_and_grad(x, batch=True)
    by_itself = compile(program.function, scalars="always").value_and_grad(x, batch=True)
    np.testing.assert_allclose(values, by_itself[0], rtol=1e-13)
    np.testing.assert_allclose(slopes, by_itself[1], rtol=1e-13)
    first, second = (i for i in arrays_of(program).instructions if getattr(i, "row", None) in made_of[operation])
    assert first.out == second.out


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
