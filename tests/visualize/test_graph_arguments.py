"""What `draw_graph` refuses, in words: a graph too large for one picture, and wrong arguments."""

from __future__ import annotations

import pytest

from autograd_tiny import Value
from autograd_tiny.errors import AutogradError
from visualize import draw_graph

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


class TestLimit:
    @pytest.fixture
    def chain(self):
        x = Value(1.0)
        for _ in range(300):
            x = x.tanh()
        return x

    def test_too_large(self, chain):
        with pytest.raises(ValueError) as caught:
            draw_graph(chain)
        assert isinstance(caught.value, AutogradError)
        assert str(caught.value) == (
            "draw_graph: the graph has 301 values, more than max_nodes=300: slow to lay out and too small to read; "
            "draw a part of it (any value inside is a root too, focus=x draws the paths from x), "
            "or pass max_nodes=301 (None for no limit)"
        )

    @pytest.mark.parametrize("limit", [301, None])
    def test_lifted(self, chain, limit):
        assert draw_graph(chain, max_nodes=limit).source.count("tanh") == 300

    def test_300_are_drawn(self, chain):
        assert "v299" in draw_graph(chain.parents[0]).source


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"root": 3.0},
            TypeError,
            "draw_graph(root) got 3.0, a float: expected a Value; "
            "a plain number has no graph: make the inputs Values, and draw the result",
        ),
        (
            {"root": []},
            TypeError,
            "draw_graph(root) got [], a list: expected a Value; "
            "draw one of its elements, or their sum: autograd_tiny.sum(values)",
        ),
        (
            {"font": "a'b"},
            ValueError,
            'draw_graph(font="a\'b"): expected names of fonts, such as "Inter, Arial, sans-serif"',
        ),
        ({"font_size": 2}, ValueError, "draw_graph(font_size=2): expected points from 4 to 96"),
        (
            {"rankdir": "down"},
            ValueError,
            'draw_graph(rankdir=\'down\'): expected "LR" (left to right), "TB" (top to bottom), "RL" or "BT"',
        ),
        (
            {"rankdir": ["LR"]},
            ValueError,
            'draw_graph(rankdir=[\'LR\']): expected "LR" (left to right), "TB" (top to bottom), "RL" or "BT"',
        ),
        (
            {"digits": 0},
            ValueError,
            "draw_graph(digits=0): expected a whole number from 1 to 17, a float's last digit",
        ),
        (
            {"digits": 2.5},
            ValueError,
            "draw_graph(digits=2.5): expected a whole number from 1 to 17, a float's last digit",
        ),
        (
            {"max_nodes": 0},
            ValueError,
            "draw_graph(max_nodes=0): expected a whole number above 0, or None for no limit",
        ),
        (
            {"max_nodes": True},
            ValueError,
            "draw_graph(max_nodes=True): expected a whole number above 0, or None for no limit",
        ),
    ],
)
def test_wrong_arguments(options, error, text):
    with pytest.raises(error) as caught:
        draw_graph(**{"root": Value(1.0), **options})
    assert str(caught.value) == text


def test_a_picture_is_no_root(tour):
    with pytest.raises(TypeError, match=r"this is a picture already: svg\(\) and save_svg\(\) take it as it is$"):
        draw_graph(draw_graph(tour))
