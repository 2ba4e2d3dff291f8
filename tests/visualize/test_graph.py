"""`draw_graph`: what the picture says is what the graph is."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import graphviz
import pytest

import autograd_tiny
import nn
from autograd_tiny import Value, dot, track_sources
from autograd_tiny.core import topological_order
from autograd_tiny.table.ops import TABLE
from visualize import draw_graph, svg
from visualize.style import LIGHT

from .reading import caption, edges, nodes, read


def expected_edges(root, show_local=False, digits=4):
    order = topological_order(root)
    name = {node: i for i, node in enumerate(order)}
    found = []
    for node in order:
        if node.parents:
            found.append((f"op{name[node]}", f"v{name[node]}", ""))
        for parent, local in zip(node.parents, node.local_derivatives, strict=True):
            label = f"{local:.{digits}g}".replace("-", "−") if show_local and not parent.is_constant else ""
            found.append((f"v{name[parent]}", f"op{name[node]}", label))
    return sorted(found)


def forty_nodes():
    choose = random.Random(3)
    pool = [Value(choose.uniform(-2, 2), f"p{i}") for i in range(6)]
    while len(pool) < 40:
        p, q = choose.sample(pool[-9:], 2)
        pool.append(choose.choice([p * q, p + q, p - q, p.tanh(), p * 0.5]))
    return autograd_tiny.sum(pool[-6:])


class TestWhatIsDrawn:
    def test_the_tour(self, tour, program):
        tour.backward()
        drawn = nodes(svg(tour))
        assert drawn["v0"].texts == ["a", "value", "2", "gradient", "−0.004023"]
        assert drawn["v2"].texts == ["value", "−6", "gradient", "0.001341"]
        assert drawn["v5"].texts == ["L", "value", "0.9993", "gradient", "1"]
        assert [drawn[f"op{i}"].texts for i in (2, 4, 5)] == [["×"], ["+"], ["tanh"]]
        assert len(drawn) == 9

    @pytest.mark.parametrize("show_local", [False, True])
    @pytest.mark.parametrize("rankdir", ["LR", "TB"])
    def test_every_edge_of_a_larger_graph(self, program, show_local, rankdir):
        root = forty_nodes()
        root.backward()
        drawn = svg(root, show_local=show_local, rankdir=rankdir)
        assert edges(drawn) == expected_edges(root, show_local)
        assert len(nodes(drawn)) == sum(1 + bool(node.parents) for node in topological_order(root))

    def test_a_plus_a_is_two_edges(self, program):
        a = Value(3.0, "a")
        drawn = svg(a + a, show_local=True)
        assert edges(drawn) == [("op1", "v1", ""), ("v0", "op1", "1"), ("v0", "op1", "1")]

    def test_many_parents_draw_all_their_edges(self, program):
        w, x = [Value(float(i), f"w{i}") for i in range(12)], [Value(1.0, f"x{i}") for i in range(12)]
        root = dot(w, x)
        assert Counter(end for _, end, _ in edges(svg(root)))["op24"] == 24

    def test_a_constant_is_small_and_has_no_gradient(self, program):
        root = Value(2.0, "x") * 3.0
        root.backward()
        drawn = svg(root, show_local=True)
        assert nodes(drawn)["v1"].texts == ["3"]
        assert ("v1", "op2", "") in edges(drawn) and ("v0", "op2", "3") in edges(drawn)
        assert "has not run" not in svg(root.detach())

    def test_a_labelled_constant(self):
        root = Value(2.5).detach()
        root.label = "k"
        assert nodes(svg(root))["v0"].texts == ["k = 2.5"]

    @pytest.mark.parametrize("part", [0, 1, 2])
    def test_every_primitive_shows_its_symbol(self, program, part):
        made = []
        rows = list(TABLE.values())[part::3]
        for row in rows:
            k = 2 if row.variadic else 1
            points = [Value(sum(samples) / 2) for samples in row.samples[: len(row.arguments)]]
            points += [Value(0.5)] * (len(row.arguments) - len(points))
            operands = [[p] * k for p in points] if row.variadic else points
            made.append(getattr(autograd_tiny, row.name)(*operands))
        drawn = nodes(svg(autograd_tiny.sum(made), max_parents=None))
        symbols = Counter(drawn[name].texts[0] for name in drawn if name.startswith("op"))
        assert symbols == Counter([row.symbol or row.name for row in rows] + ["Σ"])

    def test_digits(self):
        x = Value(123456.789)
        assert [nodes(svg(x, digits=d))["v0"].texts[1] for d in (1, 4, 17)] == ["1e+05", "1.235e+05", "123456.789"]

    def test_no_negative_zero(self):
        assert nodes(svg(Value(-0.0)))["v0"].texts == ["value", "0"]

    def test_infinities_that_were_allowed(self, program):
        with autograd_tiny.nonfinite("allow"):
            root = -Value(1000.0).exp()
        assert nodes(svg(root))["v2"].texts == ["value", "−inf"]

    def test_the_line_that_made_a_node(self, program):
        with track_sources():
            x = Value(2.0)
            root = x * x  # a "quoted" \N <b> & {|}
        drawn = nodes(svg(root))
        assert drawn["v1"].tooltip == str(root.source)
        assert drawn["v1"].tooltip.endswith('root = x * x  # a "quoted" \\N <b> & {|}')
        assert drawn["op1"].tooltip is None


class TestBeforeBackward:
    def test_says_so_once_and_shows_no_zeros(self, tour, program):
        drawn = svg(tour)
        assert drawn.count("backward has not run: no gradients yet</text>") == 1
        assert [graph.texts for graph in read(drawn, "graph")] == [["backward has not run: no gradients yet"]]
        assert "gradient" not in {text for node in nodes(drawn).values() for text in node.texts}

    def test_nothing_to_say_afterwards(self, tour):
        tour.backward()
        assert "has not run" not in svg(tour)

    def test_gradients_of_another_root_are_not_shown(self, tour):
        a = topological_order(tour)[0]
        (a * 2.0).backward()
        assert nodes(svg(tour))["v0"].texts == ["a", "value", "2"]


class TestTheDigraph:
    @pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
    def test_directions(self, rankdir):
        picture = draw_graph(Value(1.0, "x").tanh(), rankdir=rankdir)
        assert f"rankdir={rankdir}" in picture.source

    def test_a_digraph_that_renders(self, tour, program, tmp_path):
        picture = draw_graph(tour, format="png")
        assert isinstance(picture, graphviz.Digraph) and picture.format == "png"
        shown = picture._repr_mimebundle_()
        assert list(shown) == ["image/svg+xml"] and nodes(shown["image/svg+xml"])["v0"].texts[0] == "a"
        if program == "dot":
            assert picture.pipe(format="svg", encoding="utf-8").count("has not run") == 1
            assert Path(picture.render(tmp_path / "L")).read_bytes().startswith(b"\x89PNG")


class TestDeterminism:
    def test_the_same_graph_gives_the_same_bytes(self, program):
        first, second = forty_nodes(), forty_nodes()
        assert draw_graph(first).source == draw_graph(second).source
        assert svg(first, show_local=True) == svg(second, show_local=True)

    def test_in_another_process_too(self):
        code = (
            "from autograd_tiny import Value; from visualize import draw_graph\n"
            "a, b = Value(2.0, 'a'), Value(-3.0, 'b'); print(draw_graph(a * b + a).source)"
        )
        printed = {
            subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONHASHSEED": seed},
                check=True,
            ).stdout
            for seed in ("0", "1")
        }
        assert len(printed) == 1

    def test_names_come_from_the_order(self, tour):
        assert sorted(nodes(svg(tour))) == ["op2", "op4", "op5", "v0", "v1", "v2", "v3", "v4", "v5"]


# What pictures said wrong, each in its smallest form


def test_a_compact_box_cannot_be_read_as_a_negative_number():
    p = Value(0.7857, "p")
    loss = -p.log()
    loss.label = "L"
    drawn = nodes(svg(loss, boxes="compact"))
    assert ["L", "− =", "0.2412"] in [part.texts for part in drawn.values()]


def test_the_legend_says_how_the_colour_goes():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    loss = (a * b).tanh() * 1e-3 + a
    loss.backward()
    assert any("the colour goes by the" in line and "root" in line for line in caption(svg(loss)))


def test_what_stands_on_an_edge_has_no_colour_of_a_sign():
    a = Value(2.0, "a")
    loss = a * -3.0
    loss.backward()
    source = draw_graph(loss, show_local=True).source
    assert f'fontcolor="{LIGHT.ink}"' in source
    assert LIGHT.accent not in source


def test_squared_residuals_are_no_weights_and_a_neurons_sum_is():
    r = [Value(0.5, "r1"), Value(-1.0, "r2")]
    assert "a·b" in draw_graph(dot(r, r)).source
    neuron = nn.Neuron(2, "tanh", seed=0)
    assert "w·x" in draw_graph(neuron([1.0, 2.0]), model=neuron).source
