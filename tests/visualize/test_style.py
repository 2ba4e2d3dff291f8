"""The looks: kinds of value apart, text legible on every ground."""

from __future__ import annotations

from autograd_tiny import Value
from visualize import style, svg

from .reading import nodes


def contrast(first, second):
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2, relative luminance)."""

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_kinds_differ_in_fill_and_border(program):
    root = (Value(2.0) * 3.0).tanh()
    drawn = nodes(svg(root))
    looks = [drawn[f"v{i}"].shape().attrib for i in range(4)]  # leaf, constant, interior, root
    for attribute in ("fill", "stroke", "stroke-width"):
        assert len({look.get(attribute, "1") for look in looks}) >= 3
    assert max(looks, key=lambda look: float(look.get("stroke-width", 1))) is looks[3]


def test_contrast():
    kinds = [style.kind_style(kind)["fillcolor"] for kind in ("leaf", "interior", "root", "constant")]
    fills = [*kinds, style.OPERATION["fillcolor"]]
    assert min(contrast(style.INK, fill) for fill in fills) > 10
    assert min(contrast(style.MUTED, fill) for fill in kinds) > 4.5
    for color in (style.OUTSIDE, style.OUTSIDE_BLUE):
        assert contrast(color, "#ffffff") > 4.5 and contrast(color, "#222222") > 3.4
    assert min(contrast(style.LINE, ground) for ground in ("#ffffff", "#222222")) > 3
