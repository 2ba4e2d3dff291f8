"""The looks: kinds of value apart, text legible on every ground, the scale even and safe for colour blindness."""

from __future__ import annotations

from itertools import pairwise
from math import dist, inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import Value
from visualize import svg
from visualize.scale import Scale, mix, oklab
from visualize.style import DARK, LIGHT, THEMES

from .reading import SVG, contrast, nodes, read

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines

THEME = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
finite = st.floats(-1e6, 1e6)


def test_kinds_differ_in_fill_and_border(program):
    root = (Value(2.0) * 3.0).tanh()
    drawn = nodes(svg(root))
    looks = [drawn[f"v{i}"].shape().attrib for i in range(4)]  # leaf, constant, interior, root
    for attribute in ("fill", "stroke", "stroke-width"):
        assert len({look.get(attribute, "1") for look in looks}) >= 3
    assert max(looks, key=lambda look: float(look.get("stroke-width", 1))) is looks[3]


class TestContrast:
    @THEME
    def test_of_the_theme(self, theme):
        grounds = [theme.ground, *theme.clusters, theme.operation, *theme.fills.values()]
        assert min(contrast(theme.ink, ground) for ground in grounds) >= 7
        assert min(contrast(theme.muted, ground) for ground in grounds) >= 4.5
        assert min(contrast(theme.accent, ground) for ground in (theme.ground, *theme.clusters)) >= 4.5

    @pytest.mark.parametrize("name", sorted(THEMES))
    def test_of_every_text_that_is_drawn(self, name):
        model = nn.MLP(2, [3, 1], "tanh", seed=1)
        root = (model([1.0, 2.0]) - 1.0) ** 2
        root.backward()
        drawn = svg(root, model=model, expand="layers.1.neurons.0", show_local="formula", theme=name)
        fills = {p.shape().get("fill") for p in read(drawn, "node")} | {THEMES[name].ground, *THEMES[name].clusters}
        seen = 0
        for kind in ("node", "edge", "cluster", "graph"):
            for part in read(drawn, kind):
                texts = part.element.findall(SVG + "text") if kind == "graph" else part.element.iter(SVG + "text")
                under = [part.shape().get("fill")] if kind == "node" else [THEMES[name].ground, *THEMES[name].clusters]
                for text in texts:
                    seen += 1
                    assert min(contrast(text.get("fill"), fill) for fill in under) >= 4.5
        assert seen > 30 and len(fills) > 5


class TestScale:
    @THEME
    @given(st.lists(finite, min_size=1), st.sampled_from([None, 1, 2, 6]))
    def test_larger_is_stronger_and_wider(self, theme, numbers, root):
        scale = Scale(numbers, theme, root)
        by_size = sorted(numbers, key=abs)
        for shown in (scale.strength, scale.width):
            assert [shown(x) for x in by_size] == sorted(shown(x) for x in numbers)
        assert all(0.0 <= scale.strength(x) <= 1.0 for x in (*numbers, inf, -inf, nan, 0.0))

    @THEME
    @given(finite.filter(bool))
    def test_the_sign_shows(self, theme, x):
        scale = Scale([x], theme)
        assert scale.color(abs(x)) == theme.positive and scale.color(-abs(x)) == theme.negative
        assert scale.color(0.0) == theme.neutral == Scale([], theme).color(0.0)
        assert scale.color(inf) == theme.positive and scale.color(-inf) == theme.negative

    @THEME
    @pytest.mark.parametrize("side", ["negative", "positive"])
    def test_steps_look_even(self, theme, side):
        steps = [oklab(mix(theme.neutral, getattr(theme, side), i / 8)) for i in range(9)]
        gaps = [dist(a, b) for a, b in pairwise(steps)]
        assert max(gaps) < 1.5 * min(gaps)

    @THEME
    def test_the_ends_are_told_apart_by_all_eyes(self, theme):
        """Simulated as in Machado, Oliveira and Fernandes 2009, table 1, severity 1."""
        views = {
            "protanopia": [(0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)],
            "deuteranopia": [(0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)],
            "tritanopia": [(1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)],
        }
        for matrix in views.values():
            seen = []
            for color in (theme.negative, theme.positive, theme.ground):
                rgb = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
                out = [min(1.0, max(0.0, sum(a * c for a, c in zip(row, rgb, strict=True)))) for row in matrix]
                seen.append(oklab("#" + "".join(f"{round(255 * c):02x}" for c in out)))
            assert min(dist(seen[0], seen[1]), dist(seen[0], seen[2]), dist(seen[1], seen[2])) > 0.12

    @THEME
    def test_a_few_large_ones_do_not_hide_the_rest(self, theme):
        scale = Scale([1.0, 1e-3, 2e-3, -1e-3], theme)
        assert scale.strength(1e-3) > 0.3 and Scale([1.0, 0.5, 0.1], theme).strength(0.25) == 0.5

    @THEME
    @given(st.floats(1e-3, 1e3), st.sampled_from([1, 2, 6]))
    def test_ticks_are_at_even_strengths(self, theme, largest, root):
        scale = Scale([largest], theme, root)
        assert [round(scale.strength(x), 6) for x in scale.ticks()] == [1.0, 0.5, 0.0, 0.5, 1.0]
        assert scale.ticks() == sorted(scale.ticks())
