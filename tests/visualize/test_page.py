"""The stepper page as a file: what it holds, that labels are data, that it is small and always the same."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from operator import add, mul
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_tiny import Value, nonfinite
from autograd_tiny.core import gradient_numbers, topological_order
from tests.needs import needs
from visualize import write_stepper
from visualize.page import MOST, page
from visualize.page.drawing import drawing
from visualize.page.placing import by_program, in_columns
from visualize.page.story import story


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Value, list[Value]]:
    """A smooth graph with shared nodes and repeated parents, and its leaves."""
    leaves = [Value(draw(st.floats(-2.0, 2.0)), f"x{i}") for i in range(3)]
    values = list(leaves)
    for _ in range(draw(st.integers(1, 8))):
        a, b = draw(st.sampled_from(values)), draw(st.sampled_from(values))
        values.append(draw(st.sampled_from([add, mul, lambda a, b: (a - b).tanh(), lambda a, b: (a * b).sin()]))(a, b))
    return values[-1], leaves


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><b>bold",
    "a&b;'\"",
    "</svg>",
    "\u2028\x00",
]


def worked() -> tuple[Value, list[Value]]:
    """The tour's expression, and its leaves."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    L = d.tanh()
    L.label = "L"
    return L, [a, b, c]


def data_of(text: str) -> Any:
    """The JSON that a page carries."""
    found = re.search(r'<script type="application/json" id="graph">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


class Tags(HTMLParser):
    """The tags of a page and its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_holds_the_graph_and_every_step_in_order() -> None:
    root, leaves = worked()
    told = data_of(page(root))
    assert [node["name"] for node in told["nodes"]] == ["a", "b", "a × b", "c", "d", "L"]
    assert [step["words"][0] for step in told["forward"]] == [
        "a × b = 2 × −3 = −6", "d = a × b + c = −6 + 10 = 4", "L = tanh(d) = tanh(4) = 0.9993"]  # fmt: skip
    assert [told["nodes"][step["node"]]["name"] for step in told["backward"]] == ["L", "d", "a × b"]
    assert [leaf.grad for leaf in leaves] == [0.0, 0.0, 0.0], "the page changes no gradient"


@settings(max_examples=30)
@given(graphs())
def test_the_last_step_has_the_gradients_of_backward(graph: tuple[Value, list[Value]]) -> None:
    root, leaves = graph
    told = story(root)
    place = {node: i for i, node in enumerate(topological_order(root))}
    for leaf, gradient in zip(leaves, gradient_numbers(root, leaves), strict=True):
        if leaf in place:
            assert told["nodes"][place[leaf]]["final"] == gradient


@settings(max_examples=30)
@given(graphs())
def test_nudging_agrees_with_backward_on_smooth_graphs(graph: tuple[Value, list[Value]]) -> None:
    root, leaves = graph
    place = {node: i for i, node in enumerate(topological_order(root))}
    checks = story(root)["checks"]
    for leaf, gradient in zip(leaves, gradient_numbers(root, leaves), strict=True):
        if leaf in place and checks[place[leaf]]["estimate"] != "nan":
            check = checks[place[leaf]]
            assert abs(check["estimate"] - gradient) <= 10 * check["error"]


def test_a_wrong_derivative_would_be_seen_by_nudging() -> None:
    x = Value(0.7, "x")
    check = story(x.tanh())["checks"][0]
    right = gradient_numbers(x.tanh(), [x])[0]
    assert abs(check["estimate"] - right) <= check["error"] < abs(right) * 1e-6


@pytest.mark.parametrize("label", EVIL)
def test_a_label_is_data(label: str) -> None:
    root = Value(1.0, label) * Value(2.0, "b")
    root.label = label
    text = page(root, title=label)
    tags = Tags(text).found
    plain = Tags(page(*worked()[:1])).found
    assert {tag for tag, _ in tags} == {tag for tag, _ in plain}
    assert sum(tag == "script" for tag, _ in tags) == 2
    assert not [attrs for _, attrs in tags if any(name.startswith("on") for name in attrs)]
    assert data_of(text)["nodes"][-1]["full"]


def test_nothing_is_loaded_from_anywhere() -> None:
    text = page(worked()[0])
    for _, attributes in Tags(text).found:
        assert not {"src", "href", "action", "data"} & set(attributes)
    assert "http-equiv" in text
    assert "default-src 'none'" in text
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import\s*\()", text)


def test_ids_are_stable_and_each_is_there_once() -> None:
    root, _ = worked()
    ids = [attributes["id"] for _, attributes in Tags(page(root)).found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {f"n{i}" for i in range(6)} | {f"e{i}" for i in range(5)} <= set(ids)
    assert page(root) == page(root) == page(worked()[0])


def test_a_graph_of_a_hundred_nodes_takes_less_than_300_kilobytes() -> None:
    model = nn.MLP(3, [8, 4, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0, 2.0]) - 1.0) ** 2
    assert len(topological_order(loss)) >= 100
    assert len(page(loss).encode()) < 300_000


@needs("dot")
def test_boxes_do_not_overlap_in_either_placement() -> None:
    model = nn.MLP(2, [4, 3, 1], "tanh", seed=0)
    told = story((model([1.0, 2.0]) - 1.0) ** 2)
    pairs = [(edge["from"], edge["to"]) for edge in told["edges"]]
    sizes = [(100.0 + 5.0 * (i % 7), 58.0) for i in range(len(told["nodes"]))]
    for placing in (by_program, in_columns):
        centres, splines = placing(sizes, pairs)
        assert len(splines) == len(pairs)
        for i, ((x, y), (w, h)) in enumerate(zip(centres, sizes, strict=True)):
            for (u, v), (p, q) in list(zip(centres, sizes, strict=True))[:i]:
                assert abs(x - u) >= (w + p) / 2 - 0.5 or abs(y - v) >= (h + q) / 2 - 0.5


def test_without_a_layout_program_the_page_is_laid_out_by_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualize.layout.find_program", lambda: None)
    told = story(worked()[0])
    assert drawing(told["nodes"], told["edges"], "t").count('class="n ') == 6


def test_infinities_are_told_as_they_are() -> None:
    with nonfinite("allow"):
        x = Value(0.0, "x")
        told = story(x.log())
    assert told["nodes"][-1]["value"] == "-inf"
    assert told["checks"][0]["estimate"] == "nan"
    assert data_of(page(x.exp()))["nodes"][0]["value"] == 0.0


def test_a_leaf_alone_and_a_constant_alone_are_pages_too(tmp_path: Path) -> None:
    for root in (Value(3.0, "x"), Value(3.0).detach()):
        assert write_stepper(root, tmp_path / "x.html").stat().st_size > 1000


def test_a_graph_too_large_for_a_page_is_refused_with_what_to_do(tmp_path: Path) -> None:
    y = Value(1.0)
    for _ in range(MOST):
        y = -y
    with pytest.raises(ValueError, match=r"has 2,001 values, and a page shows 2,000 at most: give it a part"):
        write_stepper(y, tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"root is 3\.0: expected the Value to step through"):
        write_stepper(3.0, tmp_path / "x.html")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="write_stepper: path got 3, an int"):
        write_stepper(worked()[0], 3)  # type: ignore[arg-type]
