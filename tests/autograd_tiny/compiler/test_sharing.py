"""What goes together: the first positions of a causal attention, rows with rows, and derivatives with common parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile, dot, sum
from autograd_tiny.compiler.lower.cost import DEEPEST, deepest
from autograd_tiny.compiler.lower.instructions import Elementwise, MatrixProduct, Segments
from autograd_tiny.compiler.pipeline import ByLength
from autograd_tiny.compiler.record.calls import Call
from autograd_tiny.table.ops import TABLE

from .test_passes import arrays_of
from .test_programs import compare, eager

pytestmark = pytest.mark.once


def weights(rows: int, columns: int, shift: float = 0.0) -> list[list[Value]]:
    return [[Value(((3 * i + 5 * j) % 7 - 3) / 7 + shift) for j in range(columns)] for i in range(rows)]


def attention(length: int, size: int) -> Callable[..., Value]:
    """Causal, as loops over scalars write it: a total of one term is the term, of two an addition."""
    keys, queries, outputs = weights(size, 2, 0.1), weights(size, 2, -0.2), weights(2, size)
    places = weights(length, 2, 0.05)

    def f(x: Any) -> Value:
        inputs = [[p + x * 0.3 for p in row] for row in places]
        seen: list[list[Any]] = []
        total = []
        for row in inputs:
            seen.append([dot(w, row) for w in keys])
            query = [dot(w, row) for w in queries]
            scores = [(dot(query, key) * 0.5).exp() for key in seen]
            whole = scores[0]
            for e in scores[1:]:
                whole = whole + e
            chances = [e / whole for e in scores]
            found = []
            for j in range(size):
                terms = [p * key[j] for p, key in zip(chances, seen, strict=True)]
                mixed = terms[0]
                for term in terms[1:]:
                    mixed = mixed + term
                found.append(mixed)
            total += [dot(w, found).tanh() for w in outputs]
        return sum(total)

    return f


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 6])
def test_causal_attention_of_any_length(length: int, batch: bool) -> None:
    program, gradient = compare(attention(length, 3), [[0.4], [-0.7], [0.2]], batch)
    if length > 1:  # a position alone attends to itself, whatever its query
        assert np.count_nonzero(gradient) > 0.9 * len(gradient)
    if length > 3:
        divisions = [i for i in arrays_of(program).instructions if isinstance(i, Elementwise) and i.row is TABLE["div"]]
        assert [i.nodes.size for i in divisions] == [length * (length + 1) // 2], "the first position went alone"
        totals = [i.nodes.size for i in arrays_of(program).instructions if isinstance(i, Segments)]
        assert totals == [length - 1], "the total of two went alone"
        assert "first one or two terms" in program.explain()


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("same", [False, True])
def test_rows_meet_rows_without_a_matrix(batch: bool, same: bool) -> None:
    w, u = weights(6, 5, 0.3), weights(6, 5, -0.4)

    def f(x: Any) -> Value:
        rows = [[(p * x).tanh() for p in row] for row in w]
        others = rows if same else [[(p * x).sin() for p in row] for row in u]
        lengths = [dot(a, b) for a, b in zip(rows, others, strict=True)]
        scaled = [(p * (n + 2.0) ** -0.5).sin() for row, n in zip(rows, lengths, strict=True) for p in row]
        return sum(scaled)

    program, gradient = compare(f, [[0.4], [-0.7], [0.2]], batch)
    assert np.count_nonzero(gradient) == len(gradient)
    arrays = arrays_of(program)
    assert sorted(i.nodes.size for i in arrays.instructions if isinstance(i, MatrixProduct)) == [6]
    assert not any("matmul" in line for line in (*arrays.code.lines, *arrays.code.reverse_lines))


@given(
    st.sampled_from(["div", "mul", "pow", "sub"]), st.integers(0, 2), st.integers(2, 7), st.booleans(),
    st.sampled_from([None, 0, 1]),
)  # fmt: skip
def test_operands_that_overlap(name: str, shift: int, length: int, batch: bool, fixed: int | None) -> None:
    """v[i] with v[i + shift]: both derivatives go to the same adjoints, in part or all, or one does not go at all."""
    w = [Value(0.3 + 0.1 * i) for i in range(length + shift)]

    def f(x: Any) -> Value:
        v = [(p + x * x).exp() for p in w]
        left, right = v[:length], v[shift : shift + length]
        if fixed is not None:
            left, right = ([p.detach() for p in left], right) if fixed == 0 else (left, [p.detach() for p in right])
        made = [
            a / b if name == "div" else a * b if name == "mul" else a - b if name == "sub" else a**b
            for a, b in zip(left, right, strict=True)
        ]
        return sum([m * (1.0 + i) for i, m in enumerate(made)] + v)

    compare(f, [[0.4], [-0.7], [0.2]], batch)


@pytest.mark.parametrize("batch", [False, True])
def test_a_sum_takes_the_place_of_its_second_term_too(batch: bool) -> None:
    w = weights(4, 4, 0.2)

    def f(x: Any) -> Value:
        v = [(p * x).tanh() for p in w[0]]
        moved = [a + dot(row, v) for a, row in zip(v, w, strict=True)]  # the residual stream comes first
        return sum([m * m for m in moved])

    program, gradient = compare(f, [[0.4], [-0.7], [0.2]], batch)
    assert np.count_nonzero(gradient) == len(gradient)
    instructions = arrays_of(program).instructions
    products = [i for i in instructions if isinstance(i, MatrixProduct)]
    additions = [i for i in instructions if isinstance(i, Elementwise) and i.row is TABLE["add"]]
    assert additions[0].out.offset == products[0].out.offset


def test_plain_lists_are_told_apart_by_what_is_in_them() -> None:
    structures = {
        Call.read((x,), {}, batch=False).structure
        for x in ([1, 2], [1.0, 2.0], (1, 2), [1, 2.0], [1, 2, 3], [True, 2], [[1, 2]], [])
    }
    assert len(structures) == 8
    rows: list[Any] = [
        [[1.0, 2.0], [3.0, 4.0]], [(1.0, 2.0), (3.0, 4.0)], ([1.0, 2.0], [3.0, 4.0]), [[1, 2], [3, 4]],
        [[1.0, 2.0], (3.0, 4.0)], [[1.0, 2.0], [3.0, 4]], [[1.0, 2.0, 3.0], [4.0]], [[1.0], [2.0], [3.0], [4.0]],
        [[[1.0, 2.0], [3.0, 4.0]]], [[1.0, 2.0, 3.0, 4.0]], [[1.0, 2.0], [True, 3.0, 4.0]], [[1.0, 2.0, 3.0, 4.0], []],
    ]  # fmt: skip
    nested = [Call.read((x,), {}, batch=False) for x in rows]
    assert len({call.structure for call in nested}) == len(rows)
    assert [call.numbers[0].tolist() for call in nested] == [[1.0, 2.0, 3.0, 4.0]] * len(rows)
    assert Call.read(([1, 2],), {}, batch=False).structure == Call.read(([5, 7],), {}, batch=False).structure
    assert Call.read(([1, 2],), {}, batch=False).numbers[0].tolist() == [1.0, 2.0]


def test_a_batch_of_floats_is_read_as_any_other() -> None:
    x, t = np.arange(6.0).reshape(3, 2), np.arange(3.0)
    quick = Call.read((x, t), {}, batch=True)
    slow = Call.read((x.tolist(), t.astype(np.float32).astype(">f8")), {}, batch=True)
    assert quick.structure == slow.structure == (True, 2, (), ("array", (2,), False), ("array", (), False))
    assert (quick.length, quick.arguments, quick.named) == (3, (x, t), {})
    assert quick.numbers[0] is x, "it is not copied"
    assert all(np.array_equal(a, b) for a, b in zip(quick.numbers, slow.numbers, strict=True))
    with pytest.raises(ValueError, match="argument 1 has 2 samples, those before it 3"):
        Call.read((x, t[:2]), {}, batch=True)
    with pytest.raises(ValueError, match="argument 0 has no samples"):
        Call.read((x[:0],), {}, batch=True)


def test_only_a_batch_is_worth_many_steps() -> None:
    assert deepest(1.0, 1000, batch=True) == DEEPEST
    assert deepest(1.0, 1000, batch=False) < 1000 < deepest(1.0, 1_000_000, batch=False)


def test_an_overflowing_gradient_is_still_noticed_with_zeros() -> None:
    w = Value(1e200)
    program = compile(lambda x: (w * x) * (w * x), scalars="never")
    assert program.value_and_grad(1e-100)[1] == [pytest.approx(2.0)]
    with pytest.raises(ArithmeticError):
        program.value_and_grad(1e200)


@pytest.mark.parametrize("batch", [False, True])
def test_a_product_that_overflows_in_reverse_is_noticed(batch: bool) -> None:
    w = [[Value(1e150 * (i + j + 1)) for j in range(3)] for i in range(4)]
    p = [Value(1e-190 * (j + 1)) for j in range(3)]

    def f(x: Any) -> Value:
        h = [v * x for v in p]
        return sum([dot(row, h) for row in w]) * 1e200

    program = compile(f, scalars="never")
    one = np.array([1.0, 1.0]) if batch else 1.0
    assert np.isfinite(program(one, batch=batch)).all()
    with pytest.raises(ArithmeticError):
        program.value_and_grad(one, batch=batch)


WAYS = pytest.mark.parametrize("scalars", ["auto", "never", "always"])


@WAYS
@given(data=st.data())
def test_recordings_of_one_shape_on_other_inputs_are_told_apart(scalars: str, data: Any) -> None:
    w = [Value(1.5), Value(-0.5)]

    def f(x: Any, y: Any, i: int, j: int, mode: str) -> Any:
        a, b = (x[i], y) if mode == "ab" else (y, x[i])
        return w[0] * a + w[1] * b * x[j]

    program = compile(f, scalars=scalars, parameters=w)
    for _ in range(4):
        size = data.draw(st.integers(1, 4))
        i, j = (data.draw(st.integers(0, size - 1)) for _ in range(2))
        mode = data.draw(st.sampled_from(["ab", "ba"]))
        x, y = [1.0 + 2.0 * k for k in range(size)], -3.0
        expected, wanted = eager(partial(f, x, y, i, j, mode), [[]], w)
        if data.draw(st.booleans()):
            values, found = program.value_and_grad([x] * 3, [y] * 3, [i] * 3, [j] * 3, mode=mode, batch=True)
        else:
            values, found = program.value_and_grad(x, y, i, j, mode=mode)
        np.testing.assert_allclose(values, np.full(np.shape(values), expected[0]), rtol=1e-12)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


@WAYS
def test_arguments_that_are_not_used_may_be_of_any_size(scalars: str) -> None:
    w, b = Value(0.5), Value(2.0)
    unused = compile(lambda x: w * b, scalars=scalars)
    assert unused.value_and_grad([[1.0, 2.0], [3.0, 4.0]], batch=True)[1] == [2.0, 0.5]
    assert unused.value_and_grad([1.0, 2.0]) == (1.0, [2.0, 0.5])
    first = compile(lambda x: w * x[0], scalars=scalars)
    assert first([1.0, 2.0]) == first([1.0, 2.0, 3.0]) == 0.5
    keys = compile(lambda d: w * d["a"], scalars=scalars)
    assert keys({"a": 2.0, "b": 3.0}) == keys({"b": 3.0, "a": 2.0}) == 1.0


@WAYS
def test_a_leaf_that_the_function_makes_is_a_number_of_its_own(scalars: str) -> None:
    w = Value(0.0)

    def loss(x: Any, t: Any) -> Any:
        total = Value(0.0)
        total += (w * x - t) ** 2
        return total * Value(2.0)

    program = compile(loss, scalars=scalars)
    assert program.value_and_grad(1.0, 3.0) == (18.0, [-12.0])
    assert program.parameters == [w]
    values, gradient = program.value_and_grad([1.0, 2.0], [3.0, 0.0], batch=True)
    assert (values.tolist(), gradient, program.parameters) == ([18.0, 0.0], [-6.0], [w])
    with program.hold() as weights:
        for _ in range(200):
            weights -= 0.1 * program.flat_value_and_grad(1.0, 3.0)[1]
    assert abs(w.data - 3.0) < 1e-9
    assert compile(lambda x: Value(3.0), scalars=scalars)(1.0) == 3.0


@WAYS
def test_weights_made_when_the_function_first_runs_are_parameters(scalars: str) -> None:
    made: list[Value] = []

    def f(x: Any) -> Any:
        if not made:
            made.extend([Value(2.0), Value(0.5)])
        return made[0] * x + made[1] + Value(1.0)

    program = compile(f, scalars=scalars)
    assert program.value_and_grad(3.0) == (7.5, [3.0, 1.0])
    assert program.parameters == made
    made[0].data = 4.0
    assert program(3.0) == 13.5


def test_weights_that_are_fetched_once_for_a_batch_do_not_make_arrays_too_dear() -> None:
    rows = [[(Value(0.01 * (i + j)), j) for j in range(32) if (i * 7 + j * 5) % 10 > 2] for i in range(32)]

    def f(x: Any) -> Any:
        return sum([sum([w * x[j] for w, j in row]).tanh() for row in rows])

    program = compile(f)
    program.value_and_grad(np.ones((32, 32)), batch=True)
    assert program.uses_arrays
    made = program.last.made  # type: ignore[union-attr]
    assert not isinstance(made, ByLength) or made.least < 32
