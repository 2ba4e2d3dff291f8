"""`find_nonfinite`: the first number or local derivative that is not finite, and how it came about."""

from __future__ import annotations

from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, dot, find_nonfinite, maximum, nonfinite, track_sources
from autograd_tiny.core import topological_order


def test_the_tour() -> None:
    with track_sources(), nonfinite("allow"):
        y, q = Value(-1.0, "y"), Value(1.0, "q")
        p = y * q
        loss = p.log() * q + q
    line = p.source.line if p.source else 0
    assert str(find_nonfinite(loss)) == (
        "log(p) = log(-1.0) is not a number: log needs x > 0\n"
        f'  y = -1.0, made at test_find_nonfinite.py:{line - 1}: Value(-1.0, "y"), in y, q = Value(-1.0, "y"), Value(1.0, "q")\n'.replace(
            ': Value(-1.0, "y"), in ', ": "
        )
        + f"  p = y × q = −1 × 1 = -1.0, made at test_find_nonfinite.py:{line}: p = y * q\n"
        f"  log(p) = log(−1) = nan, made at test_find_nonfinite.py:{line + 1}: p.log(), in loss = p.log() * q + q\n"
        "    the first number that is not finite, node 4 of 6\n"
        "  use softplus or binary_cross_entropy(from_logits=True)"
    )


def test_all_finite() -> None:
    x = Value(2.0)
    assert find_nonfinite(x) is None
    assert find_nonfinite((x * x).exp()) is None


def test_a_local_derivative() -> None:
    x = Value(0.0, "x")
    y = x.sqrt() + 1.0
    found = find_nonfinite(y)
    assert found is not None
    assert (found.node, found.index, found.path) == (y.parents[0], 0, (x, y.parents[0]))
    assert str(found) == (
        "the derivative of √(x) by x is infinite at sqrt(0.0) = 0.0\n"
        "  x = 0.0\n"
        "  √(x) = √(0) = 0.0\n"
        "    the first local derivative that is not finite, node 2 of 4"
    )


@pytest.mark.parametrize(
    ("make", "blamed"),
    [
        (lambda a, b: a / b, "b"),  # 2 / 0: an ordinary a would not help
        (lambda a, b: (b + 0.0) ** (a - 3.0), "b"),
        (lambda a, b: (a * 500.0).exp() + b, "a"),
        (lambda a, b: maximum(b, 1.0) * (a * 1e300) * 1e10, "a"),
        (lambda a, b: dot([b, a * 1e200], [b, a * 1e200]), "a"),
    ],
)
def test_the_path_goes_by_the_operand_to_blame(make: Any, blamed: str) -> None:
    leaves = {"a": Value(2.0, "a"), "b": Value(0.0, "b")}
    with nonfinite("allow"):
        found = find_nonfinite(make(leaves["a"], leaves["b"]))
    assert found is not None
    assert found.path[0] is leaves[blamed]
    assert found.path[-1] is found.node


def test_a_constant_brings_it_in() -> None:
    x = Value(2.0, "x")
    with nonfinite("allow"):
        y = x * float("inf")
    assert str(find_nonfinite(y)) == (
        "inf, a constant, is infinite: it entered the graph so\n"
        "  inf\n"
        "    the first number that is not finite, node 2 of 3"
    )


def test_a_long_path_is_cut() -> None:
    y = x = Value(2.0, "x")
    with nonfinite("allow"):
        for _ in range(2000):
            y = y * 2.0
    found = find_nonfinite(y)
    assert found is not None
    assert found.path[0] is x
    lines = str(found).splitlines()
    assert lines[7] == f"  … {len(found.path) - 12:,} nodes"
    assert lines[0].endswith("is infinite: the result is beyond the largest float, 1.8e308")
    assert lines[-1] == "  scale the operands"
    assert repr(found).startswith("NonFinite(node=Value(")


def test_bad_input() -> None:
    with pytest.raises(TypeError) as caught:
        find_nonfinite(2.0)  # type: ignore[arg-type]
    assert str(caught.value) == "find_nonfinite(root) got 2.0: expected the Value to search below"


@given(st.lists(st.tuples(st.sampled_from("+*/lse"), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=12))
def test_it_is_the_first_and_all_below_it_is_finite(steps: list[tuple[str, int, int]]) -> None:
    nodes = [Value(0.0), Value(-1.0), Value(300.0)]
    with nonfinite("allow"):
        for kind, i, j in steps:
            a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
            made = {"+": lambda a, b: a + b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
                    "l": lambda a, b: a.log(), "s": lambda a, b: a.sqrt(), "e": lambda a, b: a.exp()}  # fmt: skip
            nodes.append(made[kind](a, b))
    root = nodes[-1]
    order = topological_order(root)
    bad = [n for n in order if not all(map(isfinite, (n.data, *n.local_derivatives)))]
    found = find_nonfinite(root)
    assert (found.node if found else None) is (bad[0] if bad else None)
    if found:
        assert order[found.position] is found.node and found.size == len(order)
        assert (found.index is None) == (not isfinite(found.node.data))
        for below, above in zip(found.path, found.path[1:], strict=False):
            assert below in above.parents
        assert not found.path[0].parents
        assert all(isfinite(node.data) for node in found.path[:-1])
        assert str(found)
