"""`to_mermaid`: read back, it says what the graph is; and labels cannot leave their quotes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_tiny import Value
from autograd_tiny.core import topological_order
from visualize import to_mermaid

from .test_accessible import HOSTILE
from .test_graph import expected_edges, forty_nodes

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines

BOX = re.compile(r'^ *(\w+)\["(.*)"\]$')
CIRCLE = re.compile(r'^ *(\w+)\(\("(.*)"\)\)$')
EDGE = re.compile(r'^ *(\w+) (?:-- "(.*)" )?--> (\w+)$')
OTHER = re.compile(
    r'^(flowchart (LR|TB|RL|BT)| *subgraph m\d+\["[^"]*"\]| *end| *classDef \w+ [\w:#,]+| *class [\w,]+ \w+)$'
)


def parsed(text):
    """(boxes, circles, edges) of a diagram; each of its lines is of a kind that we know."""
    boxes, circles, edges = {}, {}, []
    for line in text.splitlines():
        if found := CIRCLE.match(line):
            circles[found[1]] = decoded(found[2])
        elif (found := BOX.match(line)) and not line.lstrip().startswith("subgraph"):
            boxes[found[1]] = [decoded(part) for part in re.sub("</?b>", "", found[2]).split("<br/>")]
            assert '"' not in found[2]
        elif found := EDGE.match(line):
            edges.append((found[1], found[3], decoded(found[2] or "")))
        else:
            assert OTHER.match(line), line
    return boxes, circles, sorted(edges)


def decoded(text):
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@pytest.mark.parametrize("show_local", [False, True])
def test_nodes_and_edges_are_those_of_the_graph(show_local):
    root = forty_nodes()
    root.backward()
    boxes, circles, edges = parsed(to_mermaid(root, show_local=show_local))
    order = topological_order(root)
    assert edges == expected_edges(root, show_local)
    assert list(boxes) == sorted(boxes, key=lambda name: int(name[1:])) and len(boxes) == len(order)
    for i, node in enumerate(order):
        assert f"value {node.data:.4g}".replace("-", "−") in boxes[f"v{i}"]
        assert (f"op{i}" in circles) == bool(node.parents)


def test_modules_are_subgraphs():
    model = nn.MLP(2, [3, 1], "tanh", seed=1)
    text = to_mermaid(model([1.0, 2.0]), model=model, depth=2)
    assert text.count("subgraph") == 3 == len(re.findall(r"^ *end$", text, re.MULTILINE))
    assert sum("parameters 3" in box for box in parsed(text)[0].values()) == 3
    opened = to_mermaid(model([1.0, 2.0]), model=model)
    assert opened.count("subgraph") == 7 and all(name in opened for name in ("w¹₃₂", "b²₁", "z¹₃", "a¹₃", "ŷ", "w·x"))
    depth = 0
    for line in opened.splitlines():
        depth += line.lstrip().startswith("subgraph") - (line.strip() == "end")
        assert 0 <= depth <= 3
    assert depth == 0


def test_a_large_graph_folds():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    assert len(parsed(to_mermaid((model([1.0, 2.0]) - 1.0) ** 2, model=model))[0]) == 10


@pytest.mark.parametrize("label", [*HOSTILE, "`code`", "end", "#quot;", "a;b%%c", '"] --> x["'])
def test_labels_are_data(label):
    root = Value(1.0, label) * Value(2.0, "b")
    boxes, _, edges = parsed(to_mermaid(root, show_local="formula"))
    assert "".join(boxes["v0"][:-1])[:20] == " ".join(label.split())[:20].replace(" ", "" if "\n" in label else " ")
    assert len(boxes) == 4 and len(edges) == 3  # three values, and the note that backward has not run


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_categories=()), max_size=20).filter(str.strip))
def test_any_label(label):
    boxes, circles, _ = parsed(to_mermaid(Value(1.0, label).tanh()))
    assert circles == {"op1": "tanh"} and set(boxes) == {"v0", "v1", "note0"}


def test_themes_differ():
    x = Value(1.0, "x")
    assert to_mermaid(x) != to_mermaid(x, theme="dark")
