"""No box lies on another, no text leaves its box, and gradients show as colour and width, with a legend."""

from __future__ import annotations

from itertools import combinations

import pytest

import nn
from autograd_tiny import Value
from autograd_tiny.core import topological_order
from visualize import draw_graph, svg
from visualize.scale import Scale
from visualize.style import THEMES

from .reading import SVG, caption, edges, nodes, overlap, read, text_extent
from .test_graph import forty_nodes

pytestmark = pytest.mark.once

PICTURES = [
    {},
    {"boxes": "compact", "show_local": "formula"},
    {"rankdir": "TB", "show_local": True, "theme": "dark"},
    {"collapse": True},
    {"font_size": 20, "show_local": True},
]


@pytest.mark.parametrize("options", PICTURES, ids=str)
def test_no_box_overlaps_another(program, options):
    root = forty_nodes()
    root.backward()
    drawn = nodes(svg(root, **options))
    for first, second in combinations(drawn.values(), 2):
        assert not overlap(first.bounds(), second.bounds()), (first.name, second.name)


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_folded_boxes_keep_apart_and_hold_their_texts(program, depth):
    model = nn.MLP(2, [3, 1], "tanh", seed=1)
    loss = (model([1.0, -1.0]) - 1.0) ** 2
    loss.backward()
    drawn = nodes(svg(loss, model=model, depth=depth))
    for first, second in combinations(drawn.values(), 2):
        assert not overlap(first.bounds(), second.bounds())
    for part in drawn.values():
        left, right = part.left_and_right()
        for text in part.element.iter(SVG + "text"):
            start, end = text_extent(text)
            assert left <= start and end <= right, "".join(text.itertext())


def strokes(drawn, name):
    return [
        (path.get("stroke"), float(path.get("stroke-width", 1)))
        for part in read(drawn, "edge")
        if part.name.replace(":e", "") == name
        for path in part.element.iter(SVG + "path")
    ]


class TestGradients:
    @pytest.mark.parametrize("theme", sorted(THEMES))
    def test_colour_and_width_are_those_of_what_flows(self, tour, program, theme):
        tour.backward()
        drawn = svg(tour, theme=theme)
        order = topological_order(tour)
        flows = {}
        for i, node in enumerate(order):
            if node.parents:
                flows[f"op{i}->v{i}"] = node.grad
            for parent, local in zip(node.parents, node.local_derivatives, strict=True):
                flows[f"v{order.index(parent)}->op{i}"] = node.grad * local
        scale = Scale(flows.values(), THEMES[theme])
        for name, flow in flows.items():
            [(color, width)] = strokes(drawn, name)
            assert color == scale.color(flow) and width == pytest.approx(scale.width(flow), abs=0.006)
        assert [float(text.replace("−", "-")) for text in caption(drawn)[:5]] == pytest.approx(scale.ticks(), rel=0.01)
        fills = [shape.get("fill") for shape in read(drawn, "graph")[0].element.findall(SVG + "polygon")]
        assert {scale.color(x) for x in scale.ticks(4)} <= set(fills)

    def test_none_before_backward_and_none_on_request(self, tour):
        assert len(caption(svg(tour))) == 1
        tour.backward()
        drawn = svg(tour, gradients=False)
        assert caption(drawn) == [] and {color for color, _ in strokes(drawn, "v0->op2")} == {THEMES["light"].line}

    def test_a_folded_edge_shows_the_largest(self):
        model = nn.MLP(1, [4, 1], "tanh", seed=1)
        y = model([1.0])
        y.backward()
        [edge] = [p for p in read(svg(y, model=model, depth=1), "edge") if p.texts]
        largest = max((h.grad for h in y.parents[0].parents if h.parents), key=abs)
        assert edge.texts == ["×4"]
        assert edge.tooltip == f"the largest gradient of 4 edges: {largest:.4g}".replace("-", "−")

    def test_an_edge_says_its_product(self, tour):
        tour.backward()
        [tip] = [p.tooltip for p in read(svg(tour), "edge") if p.name.startswith("v0")]
        assert tip == "upstream 0.001341 × local derivative −3 = −0.004023"

    def test_a_dead_unit_stops_an_infinite_derivative(self):
        x = Value(0.0, "x")
        y = (x.sqrt() - 1.0).relu()
        y.backward()
        assert "nan" not in svg(y) and caption(svg(y))[0] == "−1"

    def test_no_scale_where_every_gradient_is_zero(self):
        x = Value(-1.0).relu() * 1.0
        x.backward()
        assert len(nodes(svg(x.parents[0]))) == 3


class TestLocalDerivatives:
    def test_formulas(self, tour, program):
        found = {label for _, _, label in edges(svg(tour, show_local="formula")) if label}
        assert found == {"b = −3", "a = 2", "1", "1 − tanh²(a × b + c) = 0.001341"}

    def test_compact_boxes_hold_the_operation(self, tour, program):
        tour.backward()
        drawn = svg(tour, boxes="compact")
        assert nodes(drawn)["v5"].texts == ["L", "tanh =", "0.9993", "∂", "1"]
        assert nodes(drawn)["v0"].texts == ["a", "=", "2", "∂", "−0.004023"]
        assert edges(drawn) == [
            ("v0", "v2", ""),
            ("v1", "v2", ""),
            ("v2", "v4", ""),
            ("v3", "v4", ""),
            ("v4", "v5", ""),
        ]


def test_size_grows_with_the_graph():
    sizes = []
    for n in (50, 100, 200):
        x = Value(0.5)
        for _ in range(n):
            x = x.tanh()
        sizes.append(len(svg(x)))
    assert sizes[2] - sizes[1] == pytest.approx(2 * (sizes[1] - sizes[0]), rel=0.1)


def test_the_same_bytes_folded():
    def picture():
        model = nn.MLP(2, [16, 16, 1], seed=0)
        loss = (model([1.0, -1.0]) - 1.0) ** 2
        loss.backward()
        return draw_graph(loss, model=model, depth=2, theme="dark").source

    assert picture() == picture()
