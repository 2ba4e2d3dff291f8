"""`draw_network`: the circles, arrows and words of a model, where they belong and inside their bounds."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise, product
from math import hypot

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nn
from autograd_tiny import Value
from visualize import NetworkPicture, draw_network, save_svg, svg
from visualize.network_arrows import FAINT, MOST_SEEN
from visualize.scale import Scale
from visualize.style import THEMES

from .reading import SVG, contrast, text_extent
from .test_accessible import HOSTILE

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


class Read:
    """A network picture, taken apart."""

    def __init__(self, picture):
        self.root = ET.fromstring(picture.svg())
        groups = {kind: [] for kind in ("neuron", "arrow", "elided", "legend")}
        for group in self.root.iter(SVG + "g"):
            groups[group.get("class")].append(group)
        self.neurons, self.arrows = {}, {}
        for group in groups["neuron"]:
            place = tuple(int(i) for i in group.get("id")[1:].split("-"))
            circle = group.find(SVG + "circle")
            self.neurons[place] = group, tuple(float(circle.get(key)) for key in ("cx", "cy", "r"))
        self.elided, self.legend = groups["elided"], groups["legend"]
        for group in groups["arrow"]:
            line = group.find(SVG + "line")
            ends = [(float(line.get(f"x{i}")), float(line.get(f"y{i}"))) for i in (1, 2)]
            (x1, y1), (x2, y2) = ends
            dx, dy = (x2 - x1) / hypot(x2 - x1, y2 - y1), (y2 - y1) / hypot(x2 - x1, y2 - y1)
            start, end = self._ahead(x1, y1, -dx, -dy), self._ahead(x2, y2, dx, dy)
            assert (start, end) not in self.arrows
            self.arrows[start, end] = group

    def _ahead(self, x, y, dx, dy):
        """The neuron that a line points at from outside its circle."""
        found = []
        for place, (_, (cx, cy, r)) in self.neurons.items():
            ahead, aside = (cx - x) * dx + (cy - y) * dy, abs((cx - x) * dy - (cy - y) * dx)
            if r - 0.2 <= ahead <= r + 14:
                found.append((aside, place))
        aside, place = min(found)
        assert aside < 0.5
        return place

    def texts(self, place=None):
        element = self.root if place is None else self.neurons[place][0]
        return ["".join(text.itertext()) for text in element.iter(SVG + "text")]

    def line(self, start, end):
        line = self.arrows[start, end].find(SVG + "line")
        return line.get("stroke"), float(line.get("stroke-width"))


def distance(point, start, end):
    """How far a point is from a line between two others."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    t = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
    t = min(1.0, max(0.0, t))
    return hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1))


def check_geometry(picture):
    """No circle overlaps another, no arrow runs through a circle that is not its, no text meets another text or the
    picture's edge, numbers are inside their circles.
    """
    read = Read(picture)
    width, height = (float(read.root.get(key)) for key in ("width", "height"))
    for (_, (x1, y1, r1)), (_, (x2, y2, r2)) in combinations(read.neurons.values(), 2):
        assert hypot(x1 - x2, y1 - y2) >= r1 + r2 + 4
    for (start, end), group in read.arrows.items():
        line = group.find(SVG + "line")
        x1, y1, x2, y2 = (float(line.get(key)) for key in ("x1", "y1", "x2", "y2"))
        for place, (_, (x, y, r)) in read.neurons.items():
            if place not in (start, end):
                assert distance((x, y), (x1, y1), (x2, y2)) >= r, (start, end, place)
    boxes = []
    for text in read.root.iter(SVG + "text"):
        left, right = text_extent(text)
        y, size = float(text.get("y")), float(text.get("font-size"))
        assert left >= 0 and right <= width and size <= y <= height - 0.2 * size, "".join(text.itertext())
        assert size >= 7
        boxes.append((left, y - 0.75 * size, right, y + 0.2 * size))
    for first, second in combinations(boxes, 2):
        apart = first[2] <= second[0] or second[2] <= first[0] or first[3] <= second[1] or second[3] <= first[1]
        assert apart, (first, second)
    for group, (x, y, r) in read.neurons.values():
        for text in group.iter(SVG + "text"):
            left, right = text_extent(text)
            inside = text.get("text-anchor") == "middle"
            assert inside == (x - r < left and right < x + r) and (not inside or abs(float(text.get("y")) - y) < r / 2)
    for group in read.elided:
        for text in group.iter(SVG + "text"):
            at = float(text.get("y"))
            assert all(
                not (y - r < at < y + r and abs(x - float(text.get("x"))) < r) for _, (x, y, r) in read.neurons.values()
            )


MODELS = {
    "mlp": lambda: nn.MLP(2, [16, 16, 1], seed=0),
    "tanh": lambda: nn.MLP(3, [5, 2], ["tanh", "sigmoid"], seed=1),
    "neuron": lambda: nn.Neuron(3, seed=2),
    "layer": lambda: nn.Layer(2, 4, "leaky_relu", seed=3),
    "sequential": lambda: nn.Sequential(
        nn.Layer(2, 3, None, seed=0), "tanh", nn.Dropout(0.5), nn.Layer(3, 2, None, seed=1), nn.Softmax()
    ),
    "wide": lambda: nn.MLP(300, [40, 1], seed=0, init=0.01),
    "ten": lambda: nn.MLP(2, [10, 10, 1], seed=0),
}


class TestDrawn:
    @pytest.mark.parametrize("with_sample", [False, True])
    @pytest.mark.parametrize(
        ("name", "theme"), [*((name, "light") for name in MODELS), *(("tanh", theme) for theme in sorted(THEMES))]
    )
    def test_geometry(self, name, with_sample, theme):
        model = MODELS[name]()
        inputs = {"neuron": 3, "tanh": 3, "wide": 300}.get(name, 2)
        sample = [(-1.0) ** i * 123.456 * i for i in range(inputs)] if with_sample else None
        check_geometry(draw_network(model, sample, theme=theme))
        check_geometry(draw_network(model, sample, theme=theme, neuron=(1, 0), digits=5))

    def test_every_neuron_and_every_weight(self):
        model = nn.MLP(2, [16, 16, 1], seed=0)
        read = Read(draw_network(model))
        sizes = [2, 16, 16, 1]
        assert set(read.neurons) == {(k, i) for k, size in enumerate(sizes) for i in range(size)}
        weights = {
            ((k, j), (k + 1, i)): neuron.w[j].data
            for k, layer in enumerate(model.layers)
            for i, neuron in enumerate(layer.neurons)
            for j in range(len(neuron.w))
        }
        assert read.arrows.keys() == weights.keys()
        scale = Scale(weights.values(), THEMES["light"], root=1)
        assert all(read.line(*ends)[0] == scale.color(w) for ends, w in weights.items())
        by_size = sorted(weights, key=lambda ends: abs(weights[ends]))
        widths = [read.line(*ends)[1] for ends in by_size]
        assert widths == sorted(widths) and widths[0] < widths[-1] / 3
        assert [text for text in read.texts() if "layer" in text] == [
            "input layer", "hidden layer 1", "hidden layer 2", "output layer"
        ]  # fmt: skip
        assert {"2 inputs", "16 neurons · ReLU", "1 neuron"} <= set(read.texts())

    @pytest.mark.parametrize("name", ["mlp", "tanh", "neuron", "layer", "sequential"])
    def test_activations_of_a_sample(self, name):
        model = MODELS[name]().eval()
        sample = [0.5, -1.5, 2.0][: {"neuron": 3, "tanh": 3}.get(name, 2)]
        read = Read(draw_network(model, sample, digits=3))
        outputs = model(sample)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        last = max(k for k, _ in read.neurons)
        for i, y in enumerate(outputs):
            shown = read.texts((last, i))[0].replace("−", "-")
            assert float(shown) == pytest.approx(y.data, rel=0.06, abs=1e-12)
        assert read.texts((0, 0))[0] == "0.5"

    def test_dropout_does_not_make_pictures_differ(self):
        model = MODELS["sequential"]()
        assert len({draw_network(model, [1.0, 2.0]).svg() for _ in range(5)}) == 1
        assert model.training

    def test_gradients(self):
        model = nn.MLP(2, [3, 1], "tanh", seed=1)
        assert "backward has not run: no gradients yet" in draw_network(model, show="gradient").svg()
        model([1.0, 2.0]).backward()
        read = Read(draw_network(model, show="gradient"))
        found = [w.grad for layer in model.layers for neuron in layer.neurons for w in neuron.w]
        scale = Scale(found, THEMES["light"])
        assert read.line((0, 1), (1, 2))[0] == scale.color(model.layers[0].neurons[2].w[1].grad)

    def test_the_legend_says_the_scale(self):
        model = nn.MLP(2, [3, 1], seed=0)
        read = Read(draw_network(model))
        largest = max(abs(w.data) for layer in model.layers for n in layer.neurons for w in n.w)
        [legend] = read.legend
        texts = ["".join(text.itertext()) for text in legend.iter(SVG + "text")]
        assert [float(t.replace("−", "-")) for t in texts[:5]] == pytest.approx(
            [-largest, -largest / 2, 0, largest / 2, largest], rel=0.01
        )
        assert texts[5] == "weight"

    def test_large_layers_are_elided_with_a_count(self):
        model = nn.MLP(4096, [8, 1], seed=0, init=0.01)
        read = Read(draw_network(model))
        assert [place for place in read.neurons if place[0] == 0] == [(0, i) for i in (*range(6), 4095)]
        assert ["".join(group.itertext()) for group in read.elided] == ["… 4,089 more"]
        assert "4,096 inputs" in read.texts() and len(read.arrows) == 7 * 8 + 8
        full = Read(draw_network(nn.MLP(20, [2]), max_neurons=None))
        assert len(full.neurons) == 22 and not full.elided


class TestHighlights:
    def test_a_neuron(self):
        model = nn.MLP(2, [3, 1], "tanh", seed=1)
        read = Read(draw_network(model, [1.0, -1.0], neuron=(1, 2)))
        lit = {ends for ends, group in read.arrows.items() if group.get("opacity") is None}
        assert lit == {((0, 0), (1, 2)), ((0, 1), (1, 2)), ((1, 2), (2, 0))}
        w0, w1 = model.layers[0].neurons[2].w
        y = (w0 - w1).tanh().data
        line = f"hidden layer, neuron 2: tanh({w0.data:.3g} × 1 + {w1.data:.3g} × (-1) + 0) = {y:.3g}"
        assert line.replace("+ -", "− ").replace("-", "−") in read.texts()

    def test_a_path(self):
        read = Read(draw_network(nn.MLP(2, [16, 16, 1], seed=0), path=[0, 3, 5, 0]))
        lit = {ends for ends, group in read.arrows.items() if group.get("opacity") is None}
        assert lit == set(pairwise([(0, 0), (1, 3), (2, 5), (3, 0)]))
        assert min(read.line(*ends)[1] for ends in lit) >= 2

    def test_one_that_would_be_left_out_is_drawn(self):
        picture = draw_network(nn.MLP(100, [2], seed=0), neuron=(0, 50))
        read = Read(picture)
        assert (0, 50) in read.neurons and ["".join(g.itertext()) for g in read.elided] == ["… 92 more"]
        check_geometry(picture)

    @pytest.mark.parametrize("theme", sorted(THEMES))
    def test_every_text_is_legible(self, theme):
        root = ET.fromstring(draw_network(nn.MLP(2, [3, 1]), [1.0, 2.0], neuron=(1, 0), theme=theme).svg())
        looks = THEMES[theme]
        for group in root.iter(SVG + "g"):
            assert group.get("class") == "arrow" or group.get("opacity") is None
            for text in group.iter(SVG + "text"):
                circle = group.find(SVG + "circle")
                fill = circle.get("fill") if circle is not None else looks.ground
                assert contrast(text.get("fill"), fill) >= 4.5
        assert all(contrast(text.get("fill"), looks.ground) >= 4.5 for text in root.findall(SVG + "text"))


class TestNames:
    def test_beside_the_circles(self):
        picture = draw_network(nn.MLP(2, [1]), [1.0, 2.0], inputs=["petal length", "petal width"], outputs=["price"])
        assert {"petal length", "petal width", "price"} <= set(Read(picture).texts())
        check_geometry(picture)

    @settings(derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=30), min_size=2, max_size=2))
    def test_any_name(self, names):
        picture = draw_network(nn.MLP(2, [1], seed=0), inputs=names)
        tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(picture.svg()).iter()}
        assert tags <= {"svg", "title", "desc", "g", "rect", "text", "line", "polygon", "circle"}

    def test_hostile_names_stay_inside(self):
        for first, second in product(HOSTILE, ["W" * 40, "x"]):
            check_geometry(draw_network(nn.MLP(2, [1], seed=0), [1.0, 2.0], inputs=[first, second]))


class TestThePicture:
    def test_shows_itself(self, tmp_path):
        picture = draw_network(nn.MLP(2, [3, 1], seed=0))
        assert isinstance(picture, NetworkPicture)
        assert picture._repr_svg_() == picture.svg() == svg(picture) == picture._repr_mimebundle_()["image/svg+xml"]
        assert repr(picture) == (
            "<Network MLP with 2 - 3 - 1 neurons: 13 parameters; 9 weights drawn, coloured by weight>"
        )
        assert picture.save(tmp_path / "a" / "net.svg").read_text(encoding="utf-8") == picture.svg()
        assert save_svg(picture, tmp_path / "b.svg").read_bytes() == picture.svg().encode()
        with pytest.raises(TypeError, match="give the options to draw_network"):
            svg(picture, digits=2)

    def test_needs_no_layout_program(self, no_program):
        assert draw_network(nn.MLP(2, [3, 1])).svg().startswith("<svg ")

    def test_the_same_bytes(self):
        first, second = (draw_network(nn.MLP(2, [3, 1], seed=5), [1.0, 2.0], neuron=(1, 1)).svg() for _ in range(2))
        assert first == second

    def test_a_module_of_ones_own(self):
        class Model(nn.Module):
            def __init__(self):
                self.first, self.second = nn.Layer(2, 3), nn.Layer(3, 1)

        assert len(Read(draw_network(Model())).neurons) == 6
        with pytest.raises(
            ValueError, match=r"^draw_network\(sample\): how a Model puts its layers together is in its __call__"
        ):
            draw_network(Model(), [1.0, 2.0])


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"model": 3}, TypeError, "draw_network(model) got 3, an int: expected an nn.Module; draw_graph() draws a Value"),
        ({"model": nn.Tanh()}, ValueError, "draw_network: Tanh() has no layers or neurons to draw"),
        ({"sample": [1.0]}, ValueError, "draw_network(sample) got [1.0]: expected 2 numbers, one for each input"),
        ({"sample": ["a", 1]}, ValueError, "draw_network(sample) got ['a', 1]: expected 2 numbers, one for each input"),
        ({"show": "bias"}, ValueError, "draw_network(show='bias'): expected \"weight\" or \"gradient\""),
        ({"neuron": (3, 0)}, ValueError, "draw_network(neuron=(3, 0)): expected (layer, number), with a layer from 0 to 2 and a neuron of it, counted from 0"),
        ({"neuron": 1}, ValueError, "draw_network(neuron=1): expected (layer, number), with a layer from 0 to 2 and a neuron of it, counted from 0"),
        ({"path": [0, 9, 0]}, ValueError, "draw_network(path=[0, 9, 0]): expected 3 numbers, one neuron of each layer, counted from 0"),
        ({"path": [0], "neuron": (0, 0)}, ValueError, "draw_network got both neuron= and path=: highlight one or the other"),
        ({"inputs": "ab"}, ValueError, "draw_network(inputs='ab'): expected 2 names, one for each"),
        ({"max_neurons": 2}, ValueError, "draw_network(max_neurons=2): expected a whole number above 2, or None for all"),
        ({"digits": 0}, ValueError, "draw_network(digits=0): expected a whole number from 1 to 17, a float's last digit"),
        ({"theme": None}, ValueError, "draw_network(theme=None): expected \"light\" or \"dark\""),
        ({"model": Value(1.0)}, TypeError, "draw_network(model) got Value(data=1.0, grad=0.0), a Value: expected an nn.Module; draw_graph() draws a Value"),
    ],
)  # fmt: skip
def test_refused(options, error, said):
    with pytest.raises(error) as caught:
        draw_network(**{"model": nn.MLP(2, [3, 1], seed=0), **options})
    assert str(caught.value) == said


def test_layers_that_do_not_fit():
    with pytest.raises(ValueError, match=r"^draw_network: a layer of 3 neurons comes before one with 4 inputs: "):
        draw_network(nn.Sequential(nn.Layer(2, 3), nn.Layer(4, 1)))


def test_a_crowded_layer_lets_its_strongest_weights_stand_out():
    drawn = draw_network(nn.MLP(2, [16, 16, 1], "tanh", seed=0)).svg
    drawn = drawn() if callable(drawn) else drawn
    assert drawn.count('class="arrow"') == 32 + 256 + 16
    assert drawn.count(f'class="arrow" opacity="{FAINT}"') == 256 - MOST_SEEN
    small = draw_network(nn.MLP(2, [8, 8, 1], "tanh", seed=0)).svg
    assert "opacity" not in (small() if callable(small) else small)
