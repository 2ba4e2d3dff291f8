"""The scale of signed numbers: vermilion below 0, blue above, grey at 0; the larger, the stronger and the wider.

Colours are mixed in OKLab (Björn Ottosson 2020, https://bottosson.github.io/posts/oklab), where equal steps look
equal. Weights are of one order of magnitude and show by their share of the largest. Gradients are not, and show by
its square root; where most are below a hundredth of the largest, as behind a saturated unit, by its sixth root.

>>> from visualize.style import LIGHT
>>> scale = Scale([-2.0, 0.5], LIGHT, root=2)
>>> scale.color(-2.0) == LIGHT.negative, scale.color(0.0) == LIGHT.neutral
(True, True)
>>> scale.strength(0.5), scale.ticks()
(0.5, [-2.0, -0.5, 0.0, 0.5, 2.0])
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import copysign, isfinite, isnan

from .style import Theme

THIN, WIDE = 0.8, 4.0
"""The width of a line in points, for 0 and for the largest number."""

Triple = tuple[float, float, float]


class Scale:
    """Colour and line width for numbers from ``-largest`` to ``largest``; beyond it, for infinity, as the largest."""

    def __init__(self, numbers: Iterable[float], theme: Theme, root: int | None = None) -> None:
        """``root``: 1 for shares, 2 for their square roots, ...; without it, as gradients need."""
        self.theme = theme
        sizes = sorted(abs(x) for x in numbers if isfinite(x) and x != 0.0)
        self.largest = sizes[-1] if sizes else 0.0
        tiny = bool(sizes) and sizes[len(sizes) // 2] < self.largest / 100
        self.root = root or (6 if tiny else 2)

    def strength(self, x: float) -> float:
        """From 0 to 1, how much the number shows."""
        if x == 0.0 or isnan(x):
            return 0.0
        return min(1.0, abs(x) / self.largest) ** (1 / self.root) if self.largest and isfinite(x) else 1.0

    def color(self, x: float) -> str:
        return mix(self.theme.neutral, self.theme.negative if x < 0.0 else self.theme.positive, self.strength(x))

    def width(self, x: float) -> float:
        return THIN + (WIDE - THIN) * self.strength(x)

    def ticks(self, most: int = 2) -> list[float]:
        """Numbers at even steps of strength: ``most`` below 0, 0, and as many above."""
        steps = range(-most, most + 1)
        return [copysign(self.largest * (abs(i) / most) ** self.root, i) if i else 0.0 for i in steps]


@lru_cache(maxsize=4096)
def mix(first: str, second: str, t: float) -> str:
    """The colour a share ``t`` of the way from ``first`` to ``second``, in OKLab.

    >>> mix("#000000", "#ffffff", 0.5)
    '#636363'
    """
    if t <= 0.0 or t >= 1.0:
        return second if t >= 1.0 else first
    a, b = oklab(first), oklab(second)
    return _hex(tuple(x + (y - x) * t for x, y in zip(a, b, strict=True)))  # type: ignore[arg-type]


def oklab(color: str) -> Triple:
    """(L, a, b) of ``#rrggbb``."""
    r, g, b = (_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5))
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lab: Triple) -> str:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, c)))):02x}" for c in rgb)


def _linear(c: float) -> float:
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def _gamma(c: float) -> float:
    return 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055
