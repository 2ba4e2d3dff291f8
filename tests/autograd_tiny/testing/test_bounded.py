"""What a failure prints is bounded: Hypothesis and pytest show the repr of all that was drawn, some of it many times."""

from __future__ import annotations

import sys
from typing import Any

import nn
from autograd_tiny import sum
from autograd_tiny.testing import check_gradients
from autograd_tiny.testing.programs import expression


def shared(x: Any) -> Any:
    """20 operations, which as a tree are a billion."""
    for _ in range(20):
        x = (x * x).tanh() + x
    return x


def test_a_graph_is_written_with_each_part_once() -> None:
    e = expression(shared, 0.5)
    assert repr(e).startswith("expression(lambda x: ")
    assert len(repr(e)) < 1_000
    assert len(repr(e.tree)) < 1_000
    assert repr(e.tree).count("tanh") == 20


def test_what_is_too_long_or_too_deep_to_read_says_what_it_is() -> None:
    def deep(x: Any) -> Any:
        for _ in range(2 * sys.getrecursionlimit()):
            x = x.sin()
        return x

    assert repr(expression(deep, 0.5)) == f"expression(<{2 * sys.getrecursionlimit():,} operations on x>, 0.5)"
    wide = expression(lambda x: sum([(x * float(i)).sin() for i in range(500)]), 0.5)
    assert repr(wide) == "expression(<1,001 operations on x>, 0.5)"
    assert wide.source.count("ad.sin") == 500, "asked for, it is all there"


def test_reports_and_messages_are_bounded() -> None:
    model = nn.MLP(20, [20], seed=0)
    report = check_gradients(lambda *x: model(x), *[0.1 * i for i in range(20)])
    assert repr(report) == "<GradientReport of 400 comparisons: agreed>"
    assert len(str(report).splitlines()) == 201
    assert str(report).endswith("… and 200 more; the worst is: agreed")
