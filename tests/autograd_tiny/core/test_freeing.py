"""Graphs freed over a list: all that nobody holds, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny.core import value
from autograd_tiny.core.freeing import free, free_by_list
from autograd_tiny.core.value import Value
from autograd_tiny.table.ops import TABLE


@pytest.fixture(scope="module", autouse=True)
def by_list() -> Iterator[None]:
    before = Value.__dict__.get("__del__")  # there in a browser
    free_by_list(Value)
    yield
    if before is None:
        del Value.__del__  # type: ignore[attr-defined]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=12), st.integers(0, 12))
def test_what_is_held_stays_whole(steps: list[tuple[int, int, bool]], kept: int) -> None:
    made = [Value(0.1), Value(0.2)]
    for i, j, wide in steps:
        a, b = made[i % len(made)], made[j % len(made)]
        made.append(value.apply(SUM, ([a, b, a],)) if wide else a * b)
    held = made[kept % len(made)]
    told = [(node.data, node.local_derivatives, len(node.parents)) for node in below(held)]
    del made
    assert [(node.data, node.local_derivatives, len(node.parents)) for node in below(held)] == told


SUM = TABLE["sum"]


def below(node: Value) -> list[Value]:
    """The node and all that it is made of, a node once for each way to it."""
    return [node, *(each for parent in node.parents for each in below(parent))]


def test_what_nobody_holds_is_freed_to_its_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[float] = []

    def told(node: Value) -> None:
        freed.append(node.data)
        free(node)

    monkeypatch.setattr(Value, "__del__", told)
    x, w = Value(3.0), Value(2.0)
    y = x * w + Value(5.0)
    z = x.tanh()
    del y
    assert sorted(freed) == [5.0, 6.0, 11.0]
    assert z.parents == (x,)


def test_what_only_origins_connect_is_freed_over_the_list_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[float] = []

    def told(node: Value) -> None:
        number = node.data
        free(node)
        ended.append(number)

    monkeypatch.setattr(Value, "__del__", told)
    node = Value(0.0)
    for number in range(1, 50):
        derivative = Value(float(number))
        derivative._set_origin(node, None, node)
        node = derivative
    del node, derivative
    assert ended[-1] == 49.0 and len(ended) == 50, "the first takes down all others before it is done"
