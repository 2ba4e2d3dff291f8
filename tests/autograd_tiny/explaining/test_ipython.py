"""What a notebook shows, by IPython's own machinery: words for the terminal, LaTeX and pictures for the page."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from autograd_tiny import Value, explain, forward_steps, steps
from visualize import draw_graph, draw_network

formatters = pytest.importorskip("IPython.core.formatters", reason="IPython shows these objects: pip install ipython")


def shown(thing: Any) -> dict[str, Any]:
    """What IPython would send to the front end, by kind of text."""
    kinds = ["text/plain", "text/latex", "image/svg+xml", "text/html"]
    bundle, _ = formatters.DisplayFormatter(active_types=kinds).format(thing)
    return bundle  # type: ignore[no-any-return]


def worked() -> tuple[Value, Value]:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    L = (a * b).tanh()
    L.label = "L"
    return a, L


def test_a_value_a_step_a_pass_and_a_ledger() -> None:
    a, L = worked()
    passed = steps(L)
    step = next(passed)
    for thing in (L, step, passed, explain(L, a), forward_steps(L).step(1)):
        bundle = shown(thing)
        assert bundle["text/plain"] == (repr(L) if thing is L else str(thing)), type(thing).__name__
        if thing is not L:
            assert bundle["text/latex"].startswith("$")
            assert bundle["text/latex"].endswith("$")
            assert bundle["text/latex"].count("{") == bundle["text/latex"].count("}")


def test_pictures_show_themselves() -> None:
    _, L = worked()
    for picture in (draw_graph(L), draw_network(nn.MLP(2, [3, 1], seed=0))):
        assert "<svg" in shown(picture)["image/svg+xml"]
