"""Folding: by module, by likeness, by number of parents; what is left out is counted, and the picture says how."""

from __future__ import annotations

from itertools import product
from math import hypot

import pytest

import autograd_tiny
import nn
from autograd_tiny import Value, dot
from autograd_tiny.core import topological_order
from visualize import draw_graph, svg
from visualize.choosing import GraphTooLarge
from visualize.modules import ModuleTree
from visualize.similar import similarity
from visualize.view import Folding, View

from .reading import caption, edges, nodes, read

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


@pytest.fixture
def model():
    return nn.MLP(2, [16, 16, 1], seed=0)


@pytest.fixture
def loss(model):
    loss = (model([1.0, -1.0]) - 1.0) ** 2
    loss.backward()
    return loss


def graph_edges(root):
    return sum(len(node.parents) for node in topological_order(root))


class TestByModule:
    def test_a_large_network_folds_to_its_layers_by_itself(self, model, loss, program):
        drawn = svg(loss, model=model)
        boxes = nodes(drawn)
        folded = {part.texts[0]: part for part in boxes.values() if part.texts[0].startswith("layers")}
        assert sorted(folded) == ["layers.0 · Layer", "layers.1 · Layer", "layers.2 · Layer"]
        assert len(boxes) == 3 + 4 + 2 + 1, "layers, values, operations, and the inputs"
        for i, layer in enumerate(model.layers):
            texts = folded[f"layers.{i} · Layer"].texts
            assert texts[1:3] == ["parameters", str(len(layer.parameters()))]
            norm = hypot(*(p.grad for p in layer.parameters()))
            assert texts[5:] == ["‖gradient‖", f"{norm:.4g}"]
        counts = sorted(label for _, _, label in edges(drawn) if label)
        assert counts == ["×16", "×256"]
        assert caption(drawn)[0] == ("439 values in 7 boxes: modules are folded; to open: depth=2 or expand='layers.0'")

    @pytest.mark.parametrize(("depth", "modules", "frames"), [(0, 1, 0), (1, 3, 1), (2, 33, 4)])
    def test_depth(self, model, loss, depth, modules, frames):
        drawn = svg(loss, model=model, depth=depth)
        assert sum("parameters" in part.texts for part in nodes(drawn).values()) == modules
        assert len(read(drawn, "cluster")) == frames

    def test_no_gradient_norm_before_backward(self, model):
        drawn = svg(model([1.0, 2.0]), model=model)
        assert not [part for part in nodes(drawn).values() if "‖gradient‖" in part.texts]

    def test_expand_opens_one_module_and_those_around_it(self, model, loss):
        drawn = nodes(svg(loss, model=model, expand="layers.2.neurons.0"))
        titles = {part.texts[0] for part in drawn.values()}
        assert {"layers.0 · Layer", "layers.1 · Layer", "w³₁,₁", "w³₁,₁₆"} <= titles
        assert not any(title.startswith("layers.2") for title in titles)
        assert drawn["m1"].tooltip == "expand='layers.0' opens it"

    def test_a_small_graph_is_framed_and_not_folded(self):
        model = nn.MLP(2, [3, 1], "tanh", seed=1)
        drawn = svg(model([1.0, 2.0]), model=model)
        assert sum(part.texts[0].startswith("neurons.") for part in read(drawn, "cluster")) == 4
        assert caption(drawn)[0] == "backward has not run: no gradients yet" and len(caption(drawn)) == 1
        assert not [part for part in nodes(drawn).values() if "parameters" in part.texts]

    def test_frames_hold_their_boxes_and_no_others(self, program):
        model = nn.MLP(2, [3, 1], "tanh", seed=1)
        loss = (model([1.0, -1.0]) - 1.0) ** 2
        drawn = svg(loss, model=model)
        order = topological_order(loss)
        tree = ModuleTree(model)
        places = tree.places(order)
        frames = {name: part.bounds() for part in read(drawn, "cluster") for name in [part.name]}
        boxes = nodes(drawn)
        for (name, at), (i, node) in product(((n, tree.order[n]) for n in tree.modules), enumerate(order)):
            left, top, right, bottom = frames[f"cluster_m{at}"]
            box = boxes[f"v{i}"].bounds()
            inside = left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom
            assert inside == (node in places and name in tree.chain(places[node]))

    def test_the_wide_network_of_the_articles(self):
        model = nn.MLP(4096, [8, 1], ["relu", "sigmoid"], seed=0)
        loss = nn.binary_cross_entropy([model([0.01] * 4096)], [1.0])
        loss.backward()
        drawn = svg(loss, model=model)
        assert sum("parameters" in part.texts for part in nodes(drawn).values()) == 9
        assert [part.texts[2] for part in nodes(drawn).values() if part.texts[0] == "neurons.7 · Neuron"] == ["4,097"]
        without = svg(loss)
        assert "32,768 × leaf" in {part.texts[0] for part in nodes(without).values()}

    def test_every_edge_is_drawn_or_inside_a_box(self, model, loss):
        order = topological_order(loss)
        tree = ModuleTree(model)
        for depth, collapse in product(range(4), (False, True)):
            view = View(loss, order, Folding(tree, depth, collapse=collapse))
            box_of = {node: box for box in view.boxes for node in box.nodes}
            assert len(box_of) == len(order) == sum(len(box.nodes) for box in view.boxes)
            inside = sum(box_of[p] is box_of[node] for node in order for p in node.parents)
            assert sum(edge.count for edge in view.edges if edge.source.kind != "input") + inside == graph_edges(loss)

    def test_a_batch_folds_too(self, model):
        outputs = [model([i / 10, 1.0]) for i in range(40)]
        loss = nn.mean_squared_error(outputs, [0.0] * 40)
        loss.backward()
        drawn = nodes(svg(loss, model=model))
        assert len(drawn) < 15
        assert "40 × −" in {part.texts[0] for part in drawn.values()}

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"depth": 1}, "draw_graph(depth) needs to know the modules: pass model= as well"),
            ({"expand": "layers.0"}, "draw_graph(expand) needs to know the modules: pass model= as well"),
            ({"model": 1, "expand": "layers.7"}, "draw_graph(expand='layers.7'): the model has no module of that name; did you mean 'layers.2'?"),
            ({"model": 1, "depth": -1}, "draw_graph(depth=-1): expected a whole number: 0 folds the model, 1 its layers"),
            ({"max_parents": 1}, "draw_graph(max_parents=1): expected a whole number above 1, or None for all"),
            ({"collapse": "yes"}, "draw_graph(collapse='yes'): expected True, False or None, as is needed"),
            ({"theme": "blue"}, "draw_graph(theme='blue'): expected \"light\" or \"dark\""),
            ({"boxes": "tiny"}, "draw_graph(boxes='tiny'): expected \"full\" or \"compact\""),
            ({"show_local": "all"}, "draw_graph(show_local='all'): expected True, False or \"formula\""),
            ({"gradients": 1}, "draw_graph(gradients=1): expected True or False"),
        ],
    )  # fmt: skip
    def test_refused(self, model, loss, options, said):
        with pytest.raises(ValueError) as caught:
            draw_graph(loss, **{**options, **({"model": model} if "model" in options else {})})
        assert str(caught.value) == said


class TestByLikeness:
    def test_a_network_without_its_modules(self, loss, program):
        drawn = svg(loss)
        titles = [part.texts[0] for part in nodes(drawn).values()]
        assert titles.count("16 × ReLU") == 2 and "256 × leaf" in titles and "32 × leaf" in titles
        assert caption(drawn)[0] == (
            "439 values in 18 boxes: similar values share a box; to draw each: collapse=False, max_nodes=None"
        )

    def test_ranges(self):
        w = [Value(float(i), f"w{i}") for i in range(5)]
        root = autograd_tiny.sum([x * x for x in w])
        root.backward()
        drawn = nodes(svg(root, collapse=True))
        assert drawn["g0"].texts == ["5 × leaf", "w0 … w4", "value", "0 … 4", "gradient", "0 … 8"]
        assert nodes(svg(root, collapse=False)).keys() >= {"v0", "v4"}

    def test_what_is_used_otherwise_is_not_alike(self):
        a, b, c, d = (Value(float(i)) for i in range(1, 5))
        order = topological_order(autograd_tiny.sum([a / b, c / d]))
        classes = similarity(order, {})
        assert classes[a] == classes[c] != classes[b] == classes[d]

    def test_a_chain_cannot_be_folded(self):
        x = Value(0.5)
        for _ in range(300):
            x = x.tanh()
        with pytest.raises(GraphTooLarge):
            draw_graph(x)


class TestManyParents:
    def test_the_rest_is_counted(self, program):
        w, x = [Value(float(i), f"w{i}") for i in range(60)], [Value(1.0, f"x{i}") for i in range(60)]
        root = dot(w, x)
        drawn = svg(root, max_parents=8)
        boxes = nodes(drawn)
        shown = sorted(part.texts[0] for part in boxes.values() if part.texts[0][0] in "wx" and part.texts[0] != "w·x")
        assert shown == ["w0", "w1", "w2", "w59", "x0", "x1", "x2", "x59"]
        assert boxes["more120"].texts == ["… 112 more"]
        assert len([end for _, end, _ in edges(drawn) if end == "op120"]) == 9

    @pytest.mark.parametrize("parents", range(2, 20))
    @pytest.mark.parametrize("most", range(2, 9))
    def test_none_is_lost(self, parents, most):
        root = autograd_tiny.sum([Value(float(i)) for i in range(parents)])
        view = View(root, topological_order(root), Folding(max_parents=most))
        left_out = sum(box.left_out for box in view.boxes)
        leaves = sum(box.kind == "leaf" for box in view.boxes)
        assert leaves + left_out == parents and leaves == min(parents, most)
        assert sum(edge.count for edge in view.edges) == parents

    def test_what_a_shown_node_needs_stays(self):
        x = [Value(float(i)) for i in range(20)]
        root = autograd_tiny.sum(x) * x[10]
        view = View(root, topological_order(root), Folding(max_parents=4))
        assert any(box.node is x[10] for box in view.boxes if box.kind == "leaf")


def test_a_folded_network_over_samples_has_no_hoops_of_counts(program):
    """64 counts between two columns of neurons made a picture 2,300 points high: layers fold, or counts are left out."""
    model = nn.MLP(2, [8, 8, 1], "tanh", seed=0)
    loss = sum((model([x, 1.0 - x]) - 1.0) ** 2 for x in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    loss.backward()

    def height(drawn: str) -> float:
        return float(drawn[: drawn.index(">")].partition('height="')[2].partition("pt")[0])

    by_itself, asked = svg(loss, model=model), svg(loss, model=model, depth=2)
    assert "layers.0 · Layer" in by_itself and "×384" in by_itself and height(by_itself) < 700
    assert "×6" not in asked and "edges between folded boxes stand for several each" in asked and height(asked) < 1300
    assert "the largest gradient of 6 edges" in asked
