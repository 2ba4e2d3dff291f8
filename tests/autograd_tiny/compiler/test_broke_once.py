"""Programs that a pass once got wrong, most of them found by fuzzing: products, sums and what waits for whom."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile, dot, maximum, sum
from autograd_tiny.compiler.lower.instructions import Elementwise, MatrixProduct, Total
from autograd_tiny.compiler.lower.layout import Gather, View
from autograd_tiny.compiler.write.code import Code
from autograd_tiny.compiler.write.delay import delayed
from autograd_tiny.core import gradient_numbers

from .test_passes import arrays_of
from .test_programs import compare

pytestmark = pytest.mark.once


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
