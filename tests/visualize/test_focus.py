"""Focus: the paths between two nodes, and beside them what they are computed with."""

from __future__ import annotations

import pytest

import autograd_tiny
from autograd_tiny import Value
from visualize import draw_graph, svg
from visualize.focus import paths_between

from .reading import caption, edges, nodes

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


def diamond():
    a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(5.0, "c")
    p, q = a * b, a + c.tanh()
    p.label, q.label = "p", "q"
    root = p * q
    root.label = "L"
    root.backward()
    return a, b, c, p, q, root


def test_the_paths_and_what_feeds_them(program):
    a, *_, root = diamond()
    drawn = svg(root, focus=a)
    texts = [part.texts for part in nodes(drawn).values()]
    titles = {text[0] for text in texts if "value" in text}
    assert titles == {"a", "p", "q", "L"}
    pills = {text[0] for text in texts if len(text) == 1} - {"×", "+"}
    assert pills == {"b = 3", "0.9999"}
    assert caption(drawn)[0] == "2 paths from a to L; what only feeds them is grey"


def test_between_two_nodes_in_either_order():
    a, _, _, p, _, root = diamond()
    assert svg(root, focus=(a, p)) == svg(root, focus=(p, a))
    drawn = nodes(svg(root, focus=(a, p)))
    assert {part.texts[0] for part in drawn.values()} == {"a", "b = 3", "×", "p"}


def test_gradients_are_those_of_the_root():
    a, _, _, p, _, root = diamond()
    drawn = nodes(svg(root, focus=(a, p)))
    assert [part.texts for part in drawn.values() if part.texts[0] == "p"] == [["p", "value", "6", "gradient", "3"]]


def test_a_wide_node_shows_the_parent_on_the_path():
    w = [Value(float(i), f"w{i}") for i in range(100)]
    root = autograd_tiny.sum(w)
    drawn = nodes(svg(root, focus=w[50], max_parents=4))
    assert "w50" in {part.texts[0] for part in drawn.values()}
    assert [part.texts for name, part in drawn.items() if name.startswith("more")] == [["… 95 more"]]


def test_as_many_paths_as_products():
    x = Value(1.0)
    y = x
    for _ in range(40):
        y = y + y
    assert paths_between(y, x, y).total == 2**40


def test_start_below_is_left_out():
    *_, q, root = diamond()
    drawn = svg(root, focus=(q, root))
    assert not [part for part in nodes(drawn).values() if part.texts[0] in ("a", "c")]
    assert ("op" + next(n for n, p in nodes(drawn).items() if p.texts[0] == "q")[1:]) not in nodes(drawn)
    assert len(edges(drawn)) == 3


def test_refused():
    a, b, *_, root = diamond()
    with pytest.raises(
        ValueError, match=r"^draw_graph\(focus\): no path leads from 'b' to 'a': give a node and one that"
    ):
        draw_graph(root, focus=(a, b))
    with pytest.raises(ValueError, match=r"^draw_graph\(focus\): 'z' is not in the graph of 'L'$"):
        draw_graph(root, focus=Value(1.0, "z"))
    with pytest.raises(TypeError, match=r"^draw_graph\(focus\) got 'a', a str: expected a Value of the graph, or two"):
        draw_graph(root, focus="a")
