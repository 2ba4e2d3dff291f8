"""Second-order graphs are legible: what differentiation made says which derivative it is."""

from __future__ import annotations

import pytest

from autograd_tiny import Value, explain, gradients, steps, track_sources
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.blackboard import LATEX
from autograd_tiny.explaining.derived import labelled
from autograd_tiny.explaining.names import Names


def slope() -> tuple[Value, Value]:
    x = Value(0.5, "x")
    z = x * 2.0
    z.label = "z"
    a = z.tanh()
    a.label = "a"
    L = a * a
    L.label = "L"
    return gradients(L, x, create_graph=True), x


def test_steps_and_explain_name_the_derivatives() -> None:
    g, x = slope()
    text = "\n".join(str(step) for step in steps(g))
    assert "∂a/∂z = 1 / cosh²(z)" in text
    assert "= (∂L/∂z) × 2" in text
    assert "∂(∂L/∂z)/∂(∂a/∂z) = ∂L/∂a = 1.52" in text
    assert "∂(∂L/∂z)/∂(∂a/∂z)" in str(explain(g, x))


def test_in_latex_they_are_fractions() -> None:
    g, _ = slope()
    order = topological_order(g)
    names = Names(order)
    local = next(node for node in order if node.op == "sech_squared")
    assert names.name(local, LATEX).string == r"\frac{\partial a}{\partial z}"
    assert names.word(local) == "∂a/∂z"


def test_the_parts_of_a_sum_say_by_which_path() -> None:
    x = Value(0.5, "x")
    p, q = x.exp(), x.sin()
    p.label, q.label = "p", "q"
    y = p * q
    y.label = "y"
    names = {*labelled(topological_order(gradients(y, x, create_graph=True))).values()}
    assert names == {"∂y/∂x", "∂y/∂x via p", "∂y/∂x via q", "∂q/∂x"}


def test_a_label_comes_first_and_what_is_not_derived_keeps_its_name() -> None:
    g, x = slope()
    g.label = "mine"
    names = Names(topological_order(g))
    assert names.word(g) == "mine"
    assert names.word(x) == "x"
    assert "∂" not in names.word(g.parents[1])


def test_without_labels_and_at_third_order_every_node_still_has_a_name() -> None:
    x = Value(0.5)
    g = (x * x).exp().tanh()
    for _ in range(3):
        g = gradients(g, x, create_graph=True)
    order = topological_order(g)
    names = Names(order)
    assert all(names(node) for node in order)
    words = [word for node in order if (word := names.word(node)).startswith("∂")]
    assert len(words) == len({*words}) > 3


def test_pictures_write_them() -> None:
    pytest.importorskip("graphviz")
    from visualize import draw_graph, to_mermaid

    g, _ = slope()
    assert "∂a/∂z" in draw_graph(g).source
    assert "∂L#47;∂a" in to_mermaid(g)


def test_with_tracked_sources_too() -> None:
    with track_sources():
        g, _ = slope()
        names = Names(topological_order(g))
    assert {"∂a/∂z", "∂L/∂a"} <= {names.word(node) for node in topological_order(g)}
