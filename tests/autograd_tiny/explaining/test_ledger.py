"""`explain`: the paths add up to the gradient, are counted exactly, and the largest are the largest."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import inf, isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Ledger, Value, dot, explain, gradients, greater, nonfinite, softmax, where
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.ledger.size import size_of, times
from autograd_tiny.testing import Expression, expressions

Steps = list[tuple[Value, int]]


@st.composite
def webs(draw: st.DrawFn) -> tuple[Value, list[Value]]:
    """A small graph of sums and products of small whole numbers, many of them 0, 1 or equal: root and all nodes."""
    nodes = [Value(float(draw(st.integers(-3, 3)))) for _ in range(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, 7))):
        left, right = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        kind = draw(st.sampled_from("+*-3d"))
        nodes.append(
            left + right if kind == "+" else left * right if kind == "*" else left - right if kind == "-"
            else left * 3.0 if kind == "3" else dot([left, right, nodes[0]], [right, left, left])
        )  # fmt: skip
    return nodes[-1], nodes


def every_path(root: Value, wrt: Value) -> list[Steps]:
    """All of them, leftmost first, by brute force."""
    if root is wrt:
        return [[]]
    return [[(root, i), *rest] for i, parent in enumerate(root.parents) for rest in every_path(parent, wrt)]


def product(steps: Any) -> float:
    found = 1.0
    for node, i in steps:
        found = found * node.local_derivatives[i] if found else 0.0
    return found


def steps_of(path: Any) -> Steps:
    return [(edge.node, edge.index) for edge in path.edges]


class TestPaths:
    @given(webs(), st.data())
    def test_against_all_paths_listed(self, web: tuple[Value, list[Value]], data: st.DataObject) -> None:
        root, nodes = web
        wrt = data.draw(st.sampled_from(nodes))
        k = data.draw(st.integers(0, 12))
        ledger, listed = explain(root, wrt, k), every_path(root, wrt)
        products = sorted((abs(product(path)) for path in listed), reverse=True)
        assert ledger.path_count == len(listed)
        assert ledger.zero_count == sum(not product(path) for path in listed)
        assert [abs(path.product) for path in ledger.paths] == products[:k]  # whole numbers: exact
        shown = [tuple(steps_of(path)) for path in ledger.paths]
        assert len(set(shown)) == len(shown)
        assert set(shown) <= set(map(tuple, listed))
        assert sum(path.product for path in ledger.paths) + ledger.rest == ledger.gradient
        assert ledger.gradient == gradients(root, wrt)

    @given(webs(), st.data())
    def test_of_equal_paths_the_leftmost_comes_first(self, web: tuple[Value, list[Value]], data: Any) -> None:
        root, nodes = web
        wrt = data.draw(st.sampled_from(nodes))
        listed = every_path(root, wrt)
        if listed:
            best = max(abs(product(path)) for path in listed)
            first = next(path for path in listed if abs(product(path)) == best)
            if best:
                assert steps_of(explain(root, wrt, 1).paths[0]) == first

    @given(expressions())
    def test_the_sum_over_paths_is_the_gradient_exactly(self, e: Expression) -> None:
        xs = [Value(x) for x in e.point]
        root = e(*xs)
        for x in xs:
            ledger = explain(root, x, 100_000)
            products = [_exact(edge.local_derivative for edge in path.edges) for path in ledger.paths]
            assert len(products) == ledger.path_count
            assert sum(products) == _exact_sweep(root, x)
            size = float(sum(map(abs, products)))
            assert ledger.gradient == gradients(root, x)
            assert abs(float(sum(products)) - ledger.gradient) <= 1e-12 * size + 1e-300

    @given(expressions(), st.integers(1, 5))
    def test_the_rest_is_what_the_other_paths_add_up_to(self, e: Expression, k: int) -> None:
        xs = [Value(x) for x in e.point]
        ledger = explain(e(*xs), xs[0], k)
        every = explain(ledger.root, xs[0], 100_000).paths
        others = [path.product for path in every[k:]]
        assert [abs(path.product) for path in ledger.paths] == pytest.approx(
            [abs(path.product) for path in every[:k]], rel=1e-9
        )
        size = sum(map(abs, others))
        if len(every) > k and size > 1e-3 * abs(every[k - 1].product):  # else which came first may be rounding
            assert abs(ledger.rest - sum(others)) <= 1e-6 * size
        assert k < len(every) or ledger.rest == 0.0

    def test_a_ladder_has_two_to_the_two_hundredth(self) -> None:
        y = x = Value(0.5, "x")
        for _ in range(200):
            y = y + y
        ledger = explain(y, x, 3)
        assert ledger.path_count == 2**200
        assert [path.product for path in ledger.paths] == [1.0] * 3
        assert ledger.rest == ledger.gradient == 2.0**200
        assert len({tuple(steps_of(path)) for path in ledger.paths}) == 3

    def test_a_long_chain_is_no_recursion(self) -> None:
        y = x = Value(0.5, "x")
        for _ in range(5_000):
            y = 0.5 * (y + y)
        ledger = explain(y, x, 2)
        assert ledger.path_count == 2**5_000
        assert "10¹⁵⁰⁵" in str(ledger)
        assert len(ledger.paths[1].edges) == 10_000
        assert ledger.latex() and ledger.detailed()

    def test_a_square_is_two_edges(self) -> None:
        a = Value(3.0, "a")
        assert [steps_of(path)[0][1] for path in explain(a * a, a).paths] == [0, 1]

    def test_wide_nodes(self) -> None:
        ws, xs = [Value(1.0 + i) for i in range(50)], [Value(float(i)) for i in range(50)]
        y = dot(ws, xs)
        for _ in range(3):
            y = dot(ws, [y, *xs[1:]])
        ledger = explain(y, xs[7])
        assert ledger.path_count == 4
        assert ledger.paths[0].edges[-1].formula == "ws[7]"

    def test_the_root_itself_and_a_stranger(self) -> None:
        a = Value(3.0, "a")
        y = a * 2.0
        assert [(p.edges, p.product) for p in explain(y, y).paths] == [((), 1.0)]
        assert explain(y, y).contributions == ()
        stranger = explain(y, Value(1.0))
        assert (stranger.path_count, stranger.paths, stranger.gradient, stranger.rest) == (0, (), 0.0, 0.0)
        assert stranger.contributions == ()

    def test_touches_no_gradient(self) -> None:
        a = Value(3.0, "a")
        y = a * a
        y.backward()
        explain(y, a).detailed()
        assert (a.grad, y.grad) == (6.0, 1.0)


def _exact(numbers: Any) -> Fraction:
    found = Fraction(1)
    for number in numbers:
        found *= Fraction(number)
    return found


def _exact_sweep(root: Value, wrt: Value) -> Fraction:
    known = {root: Fraction(1)}
    for node in reversed(topological_order(root)):
        for parent, local in zip(node.parents, node.local_derivatives, strict=True):
            known[parent] = known.get(parent, Fraction(0)) + known.get(node, Fraction(0)) * Fraction(local)
    return known.get(wrt, Fraction(0))


class TestSizes:
    FACTORS = st.sampled_from([0.0, -0.0, 1.0, -2.0, 3.0, 1e-300, 1e300, inf, -inf, float("nan"), 0.1])

    @given(FACTORS, FACTORS, FACTORS)
    def test_products_in_any_grouping(self, a: float, b: float, c: float) -> None:
        left, right = times(times(size_of(a), size_of(b)), size_of(c)), times(size_of(a), times(size_of(b), size_of(c)))
        assert left[:2] == right[:2]
        assert left[2] == pytest.approx(right[2], rel=1e-15)

    @given(st.integers(-40, 40), st.integers(-40, 40), st.integers(-40, 40))
    def test_small_numbers_are_exact(self, a: int, b: int, c: int) -> None:
        assert times(size_of(float(a)), size_of(float(b))) == size_of(float(a * b))
        assert (size_of(float(a)) < times(size_of(float(b)), size_of(float(c)))) == (abs(a) < abs(b * c))

    @given(FACTORS, FACTORS, FACTORS)
    def test_a_better_rest_never_makes_a_worse_path(self, a: float, b: float, c: float) -> None:
        if size_of(b) <= size_of(c):
            assert times(size_of(a), size_of(b)) <= times(size_of(a), size_of(c))

    @given(FACTORS, FACTORS)
    def test_kind_is_that_of_the_sweep(self, a: float, b: float) -> None:
        swept = product_of(a, b)
        kind = times(size_of(a), size_of(b))[0]
        if isfinite(swept) == (isfinite(a) and isfinite(b)):  # no overflow
            assert kind == (2 if not isfinite(swept) else 1 if a and b else 0)


def product_of(a: float, b: float) -> float:
    return a * b if a else 0.0


class TestZerosAndInfinities:
    def test_zero_paths_come_last_and_are_counted(self) -> None:
        x = Value(-1.0, "x")
        ledger = explain(x.relu() + x * 0.001, x)
        assert (ledger.path_count, ledger.zero_count) == (2, 1)
        assert [path.product for path in ledger.paths] == [0.001, 0.0]

    def test_an_edge_that_is_not_taken_sends_nothing_into_an_infinity(self) -> None:
        x = Value(0.0, "x")
        silent = where(1.0, 2.0, x.sqrt())
        ledger = explain(silent + x, x)
        assert [path.product for path in ledger.paths] == [1.0, 0.0]
        assert ledger.gradient == 1.0
        assert explain(where(greater(x, 1.0), x.sqrt(), 2.0), x).contributions == ()

    def test_an_infinite_path_comes_first(self) -> None:
        x = Value(0.0, "x")
        ledger = explain(x * 5.0 + x.sqrt(), x, 1)
        assert ledger.gradient == ledger.paths[0].product == inf
        assert ledger.rest == 5.0
        assert "∂(√(x))" not in str(ledger) and "∂√(x)/∂x" in str(ledger)
        assert "% of the gradient" not in ledger.detailed()

    def test_overflow_is_not_a_tie(self) -> None:
        x = Value(1.0, "x")
        with nonfinite("allow"):
            y = (x * 1e300) * 1e300 + (x * 1e300) * 1e305
            ledger = explain(y, x, 1)
        assert ledger.paths[0].edges[1].formula == "1e+305"


class TestContributions:
    @given(expressions())
    def test_sums_are_the_sweeps_own(self, e: Expression) -> None:
        xs = [Value(x) for x in e.point]
        root = e(*xs)
        ledger = explain(root, xs[0])
        for node in topological_order(root):
            if xs[0] in topological_order(node) and node is not root:
                entries = ledger.contributions_to(node)
                running = 0.0
                for entry in entries:
                    assert entry.node.parents[entry.index] is node
                    assert entry.local_derivative == entry.node.local_derivatives[entry.index]
                    assert entry.product == entry.upstream * entry.local_derivative
                    running += entry.product
                    assert entry.running_sum == running
                assert (entries[-1].running_sum if entries else 0.0) == gradients(root, node)

    def test_order_is_that_of_the_sweep(self) -> None:
        x = Value(2.0, "x")
        p, q = x * 3.0, x * 5.0
        y = p + q
        entries = explain(y, x).contributions
        assert [(e.node, e.product, e.running_sum) for e in entries] == [(q, 5.0, 5.0), (p, 3.0, 8.0)]

    def test_of_a_node_off_the_paths(self) -> None:
        x, z = Value(2.0, "x"), Value(3.0, "z")
        y = x * z
        with pytest.raises(ValueError) as caught:
            explain(y, x).contributions_to(z)
        assert str(caught.value) == (
            "contributions_to(Value(data=3.0, grad=0.0, label='z')): expected a node on a path from y to x; "
            "for another ask explain(root, node).contributions"
        )


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "kind", "text"),
        [
            ((2.0, Value(1.0)), TypeError, "explain(root, wrt): root is 2.0: expected a Value"),
            ((Value(1.0), "x"), TypeError, "explain(root, wrt): wrt is 'x': expected a Value; ask for one at a time"),
            (
                (Value(1.0), [1, 2]),
                TypeError,
                "explain(root, wrt): wrt is [1, 2]: expected a Value; ask for one at a time",
            ),
            (
                (Value(1.0), Value(1.0), -1),
                ValueError,
                "explain(root, wrt, k): k is -1: expected how many paths to write out",
            ),
            (
                (Value(1.0), Value(1.0), 2.5),
                ValueError,
                "explain(root, wrt, k): k is 2.5: expected how many paths to write out",
            ),
        ],
    )
    def test_errors(self, arguments: Any, kind: type[Exception], text: str) -> None:
        with pytest.raises(kind) as caught:
            explain(*arguments)
        assert str(caught.value) == text

    def test_a_constant(self) -> None:
        y = Value(1.0) * 2.0
        with pytest.raises(ValueError, match="is a constant, which takes no gradient"):
            explain(y, y.parents[1])

    def test_a_network_in_batches(self) -> None:
        from nn import MLP, hinge

        model = MLP(3, [4, 4, 1], "tanh", seed=0)
        xs = list(itertools.product([0.5, -1.0], repeat=3))
        loss = hinge([model(x) for x in xs], [1, -1] * 4)
        weight = model.parameters()[0]
        ledger = explain(loss, weight)
        assert isinstance(ledger, Ledger)
        assert ledger.path_count == len(xs) * 4
        assert sum(path.product for path in ledger.paths) + ledger.rest == pytest.approx(gradients(loss, weight))

    def test_softmax(self) -> None:
        xs = [Value(1.0), Value(2.0), Value(3.0)]
        p = softmax(xs)[0]
        assert explain(p, xs[0]).path_count == 2
