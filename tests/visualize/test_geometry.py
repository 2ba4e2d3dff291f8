"""No box lies on another, no edge passes one, no text leaves its box; gradients show as colour and width, with a legend.

What `dot` lays out, and slides; the page's own layout is in test_page, networks, programs and the playground in theirs.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

import nn
from autograd_tiny import Value
from autograd_tiny.core import topological_order
from tests.needs import needs
from visualize import draw_graph, save_frames, svg
from visualize.page.routing import crosses
from visualize.scale import Scale
from visualize.style import THEMES

from .reading import SVG, caption, curve, edges, nodes, overlap, read, text_box, text_extent, text_width
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


def recurrent():
    w, u, b, h = Value(0.5, "w"), Value(-1.2, "u"), Value(0.3, "b"), Value(0.0, "h0")
    for t, x in enumerate((1.0, -0.5, 2.0), start=1):
        h = (w * h + u * Value(x, f"x{t}") + b).tanh()
        h.label = f"h{t}"
    return h, None


def fan():
    x = Value(0.5, "a name that is as long as names of values get when someone means well")
    return sum(((x * float(i)).tanh() for i in range(1, 9)), Value(0.0)), None


def samples():
    model = nn.MLP(2, [4, 4, 1], "tanh", seed=0)
    return sum(((model([0.1 * i, -0.3 * i]) - 1.0) ** 2 for i in range(3)), Value(0.0)), model


def sample():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    return (model([0.5, -1.0]) - 1.0) ** 2, model


GRAPHS = {
    "forty": lambda: (forty_nodes(), None),
    "recurrent": recurrent,
    "fan": fan,
    "samples": samples,
    "sample": sample,
}


def check_paths(drawn):
    """No edge passes a box that is not its, and what stands on edges keeps clear of boxes and of each other."""
    bounds = {name: part.bounds() for name, part in nodes(drawn).items()}
    for part in read(drawn, "edge"):
        ends = re.sub(r":\w+", "", part.name).split("->")
        passed = [name for name, box in bounds.items() if name not in ends and crosses(curve(part), box, 2.0)]
        assert passed == [], part.name
    labels = [text_box(text) for part in read(drawn, "edge") for text in part.element.iter(SVG + "text")]
    for label in labels:
        assert not any(overlap(label, box) for box in bounds.values())
    for first, second in combinations(labels, 2):
        assert not overlap(first, second)


FOLDED = [{"depth": 1}, {"depth": 2, "show_local": True}]
DRAWN = [(name, options) for name in ("forty", "recurrent", "fan") for options in PICTURES]
DRAWN += [("samples", options) for options in [PICTURES[1], PICTURES[2], *FOLDED]]


@needs("dot")
@pytest.mark.parametrize(("name", "options"), DRAWN, ids=str)
def test_no_edge_passes_a_foreign_box(name, options):
    root, model = GRAPHS[name]()
    root.backward()
    check_paths(svg(root, **options, **({"model": model} if model is not None else {})))


def test_an_edge_that_passes_a_box_is_seen(tour):
    drawn = svg(tour)
    [box] = [part for name, part in nodes(drawn).items() if name == "v4"]
    left, top, right, bottom = box.bounds()
    middle = (top + bottom) / 2
    [straight] = [part for part in read(drawn, "edge") if part.name.startswith("v0")]
    [path] = [path for path in straight.element.iter(SVG + "path") if "C" in path.get("d")]
    through = f"M{left - 9},{middle}C{left},{middle} {right},{middle} {right + 9},{middle}"
    with pytest.raises(AssertionError):
        check_paths(drawn.replace(path.get("d"), through))


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_head_of_an_edge_reaches_into_a_box(program, rankdir):
    root, _ = recurrent()
    root.backward()
    drawn = svg(root, rankdir=rankdir)
    bounds = {name: part.bounds() for name, part in nodes(drawn).items()}
    for part in read(drawn, "edge"):
        left, top, right, bottom = bounds[part.name.split("->")[1]]
        for head in part.element.iter(SVG + "polygon"):
            outline = float(head.get("stroke-width", 1)) / 2
            for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", head.get("points")):
                inside = min(float(x) - left, right - float(x), float(y) - top, bottom - float(y))
                assert outline <= 0.5 and (part.name.split("->")[1].startswith("op") or inside <= 1.0), part.name


@pytest.mark.parametrize("name", ["recurrent", "sample"])
def test_slides_hold_their_boxes_and_words(name, tmp_path):
    root, model = GRAPHS[name]()
    for path in save_frames(root, tmp_path / "f%03d.svg", model=model)[::6]:
        frame = ET.fromstring(path.read_text())
        [inner] = [group for group in frame.iter(SVG + "g") if group.get("transform")]
        left, top, scale = (float(x) for x in re.findall(r"-?[\d.]+", inner.get("transform")))
        boxes, lowest = {}, 0.0
        for group in inner.iter(SVG + "g"):
            if (group.get("class") or "").startswith("n "):
                rect = group.find(SVG + "rect")
                x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
                boxes[group.get("id")] = x, y, x + w, y + h
                assert left + scale * x >= 0 and left + scale * (x + w) <= 1600 and top + scale * y >= 0
                lowest = max(lowest, top + scale * (y + h))
                for text in group.iter(SVG + "text"):
                    end = float(text.get("x")) + text_width(text.text or "", 13.0, text.get("class") == "title")
                    assert x < float(text.get("x")) and end <= x + w, text.text
        for first, second in combinations(boxes.values(), 2):
            assert not overlap(first, second)
        said = [text for text in frame.iter(SVG + "text") if text.get("class") == "said"]
        assert all(text_extent(text)[1] <= 1600 and lowest < float(text.get("y")) < 900 for text in said)


def test_slides_count_from_zero_though_backward_ran(tmp_path):
    a = Value(3.0, "a")
    y = a * a
    y.backward()
    text = save_frames(y, tmp_path / "f%d.svg")[-1].read_text()
    assert "a.grad: 0 → 3" in text and "a.grad: 3 → 6" in text and a.grad == 6.0


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
