"""What a screen reader finds: a title, a description, and each box in words."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

import autograd_tiny
import nn
from autograd_tiny import Value
from visualize import draw_graph, draw_network, svg

from .reading import SVG, read

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{}|<>\\", "a\nb", "∂w⁽¹⁾", "x" * 500]


def described(drawn):
    root = ET.fromstring(drawn)
    by_id = {element.get("id"): element for element in root.iter()}
    names = [by_id[name] for name in root.get("aria-labelledby").split()]
    assert root.get("role") == "graphics-document document"
    return [(element.tag.removeprefix(SVG), element.text) for element in names]


def test_of_a_graph(tour, program):
    tour.backward()
    drawn = svg(tour)
    assert described(drawn) == [
        ("title", "Computation graph of L"),
        ("desc", "6 values in 6 boxes; the root is 0.9993."),
    ]
    said = {part.name: part.element.get("aria-label") for part in read(drawn, "node")}
    assert said["v0"] == "leaf a, value 2, gradient −0.004023"
    assert said["v2"] == "value, value −6, gradient 0.001341" and said["op2"] == "operation mul"
    assert {part.element.get("role") for part in read(drawn, "node")} == {"graphics-symbol img"}


def test_of_a_folded_graph():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    drawn = svg(model([1.0, 2.0]), model=model)
    said = [part.element.get("aria-label") for part in read(drawn, "node")]
    assert "folded module layers.0 · Layer, parameters 48, values 96" in said
    assert [part.element.get("aria-label") for part in read(drawn, "cluster")] == ["module MLP"]
    assert "backward has not run: no gradients yet." in described(drawn)[1][1]


def test_of_a_network():
    drawn = draw_network(nn.MLP(2, [3, 1], seed=0), [1.0, 2.0], inputs=["width", "height"]).svg()
    assert described(drawn) == [
        ("title", "Network MLP with 2 - 3 - 1 neurons"),
        ("desc", "13 parameters; 9 weights drawn, coloured by weight"),
    ]
    said = [group.get("aria-label") for group in ET.fromstring(drawn).iter(SVG + "g") if group.get("class") == "neuron"]
    assert said[0] == "input layer 0, width, gives 1" and said[-1].startswith("output layer 0, ŷ, bias 0, gives ")


def test_text_is_text(program):
    assert "<image" not in svg(Value(1.0, "a")) and ">a</text>" in svg(Value(1.0, "a"))


def test_labels_are_data(program):
    for label in HOSTILE:
        root = Value(1.0, label) * Value(2.0, label)
        root.label = label
        root.backward()
        found = ET.fromstring(svg(root, show_local="formula", focus=root.parents[0]))
        tags = {element.tag.removeprefix(SVG) for element in found.iter()}
        assert tags <= {"svg", "title", "desc", "g", "text", "path", "ellipse", "polygon", "a"}
        assert not [key for element in found.iter() for key in element.attrib if key.startswith("on")]
        assert label[:20].split("\n")[0] in "".join(found.itertext()).replace("\xa0", " ")


def test_a_picture_shows_itself_with_them(tour):
    assert "graphics-document" in draw_graph(tour)._repr_mimebundle_()["image/svg+xml"]


def test_the_title_of_a_wide_graph_is_short():
    root = autograd_tiny.sum([Value(float(i), f"a long name {i} " * 20) for i in range(500)])
    title, text = described(svg(root, focus=root.parents[3]))
    assert len(title[1]) < 90 and title[1].endswith("…") and len(text[1]) < 300
