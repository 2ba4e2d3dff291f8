"""What a drawn network is: its columns, which neurons and weights are shown, and how large its texts are.

Every text is measured before it is placed (see `text.width`), so that none leaves its circle or the picture.

>>> fitted(-0.123456, 40.0, 6)
('−0.123', 9.9)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from autograd_tiny.errors import counted
from autograd_tiny.explaining.network_names import lowered

from .accessible import escape
from .network_layers import Column
from .scale import Scale
from .style import TEXT_SIZE
from .text import REGULAR, clean, number, width

MARGIN = 18.0
SMALLEST = 7.5
"""No text is smaller than this, in pixels: fewer digits are shown instead."""
THIN = 64
"""Above so many arrows between two columns they are drawn thinner, without heads."""
INSIDE = 1.7
"""How much of a circle's radius a text may take."""


@dataclass
class Plan:
    """What to draw: columns and which of their neurons, a number for each arrow (layer, from, to)."""

    columns: list[Column]
    shown: list[list[int]]
    weights: dict[tuple[int, int, int], float]
    scale: Scale
    lit: list[tuple[int, int]]
    lit_is_path: bool
    names: list[list[str] | None]
    notes: list[str]
    show: str
    digits: int

    @property
    def thinning(self) -> float:
        """By how much lines are thinner than the scale says, where they are many."""
        arrows = max(len(a) * len(b) for a, b in pairwise(self.shown))
        return 1.0 if arrows <= THIN else max(0.4, (THIN / arrows) ** 0.5)

    @property
    def radius(self) -> float:
        return 21.0 if max(map(len, self.shown)) <= 10 else 17.0

    @cached_property
    def number_size(self) -> float:
        """The type size of the numbers in the circles: one for all, as the longest needs."""
        numbers = [c.numbers[i] for c, part in zip(self.columns, self.shown, strict=True) for i in part if c.numbers]
        return min((fitted(x, INSIDE * self.radius, self.digits)[1] for x in numbers), default=TEXT_SIZE + 1.0)

    def is_lit(self, weight: tuple[int, int, int]) -> bool:
        """Whether an arrow is highlighted: on the path, or into or out of the neuron."""
        k, j, i = weight
        ends = [(k - 1, j) in self.lit, (k, i) in self.lit]
        return not self.lit or (all(ends) if self.lit_is_path else any(ends))

    def neuron_is_lit(self, place: tuple[int, int]) -> bool:
        if not self.lit or place in self.lit:
            return True
        return not self.lit_is_path and abs(place[0] - self.lit[0][0]) == 1


def wide(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text draws, in pixels."""
    return width(text) * size * (1.0 if bold else REGULAR)


def compact(x: float, digits: int) -> str:
    """The number as it stands in a circle: to the thousandth, a smaller one with two digits.

    >>> compact(-0.123456, 6), compact(0.02371, 3), compact(0.0000234, 3), compact(1234.5, 3)
    ('−0.123', '0.024', '2.3e−5', '1.23e+03')
    """
    if x == 0.0 or abs(x) >= 1.0:
        return number(x, digits)
    if abs(x) < 0.001:
        return f"{x:.{min(digits, 2) - 1}e}".replace("e-0", "e-").replace("-", "−")
    return number(round(x, 3) if abs(x) >= 0.01 else x, digits if abs(x) >= 0.01 else min(digits, 2))


def fitted(x: float, room: float, digits: int) -> tuple[str, float]:
    """The number as it fits: with fewer digits if it must be, and its size in pixels."""
    for shown in range(digits, 0, -1):
        text = compact(x, shown)
        size = min(float(TEXT_SIZE + 1), int(10 * room / wide(text, 1.0)) / 10)
        if size >= SMALLEST or shown == 1:
            return text, size
    raise AssertionError("no digits")


def title_of(column: Column) -> tuple[str, str]:
    what = "input" if not column.neurons else "neuron"
    count = counted(column.size, what)
    return column.name, f"{count} · {clean(column.activation)}" if column.activation else count


def names_of(plan: Plan, k: int) -> tuple[list[str], bool]:
    """The names of the first or last column, and whether they are ours, short enough for a circle."""
    given, letter = (plan.names[0], "x") if k == 0 else (plan.names[1], "ŷ")
    if given is not None:
        return given, False
    size = plan.columns[k].size
    return [f"{letter}{lowered(i + 1)}" if size > 1 else letter for i in range(size)], True


def outside_names(plan: Plan, k: int) -> list[str]:
    """The names that stand beside the circles."""
    names, ours = names_of(plan, k)
    return [] if ours and plan.columns[k].numbers is None else [shortened(names[i]) for i in plan.shown[k]]


def shortened(name: str, most: float = 14.0) -> str:
    name = " ".join(clean(name).split())
    while width(name) > most:
        name = f"{name[:-2].rstrip()}…"
    return name


def text_at(text: str, x: float, y: float, size: float, color: str, more: str = "", anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{color}" text-anchor="{anchor}"{more}>'
        f"{escape(text)}</text>"
    )
