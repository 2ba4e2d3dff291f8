"""Where the circles, arrows and words of a network go, and the SVG of that.

Every text is measured before it is placed (see `text.width`), so that none leaves its circle or the picture.

>>> fitted(-0.123456, 40.0, 6)
('−0.1235', 8.4)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from autograd_tiny.errors import counted

from .accessible import Description, escape, opening
from .network_layers import Column
from .scale import Scale
from .style import FONTS, SMALL_SIZE, TEXT_SIZE, TITLE_SIZE
from .text import REGULAR, clean, number, width

MARGIN = 18.0
HEAD = 46.0
"""The height of a column's name and the line below it."""
SMALLEST = 7.5
"""No text is smaller than this, in pixels: fewer digits are shown instead."""
DIM = 0.12
FAINT = 0.13
CROWDED, MOST_SEEN = 100, 48
"""Of a layer with more weights than the first so many stand out, those of the largest size."""
"""The opacity of an arrow that is not highlighted."""
CROWDED = 64
"""Above so many arrows between two columns they are drawn thinner, without heads."""
LIT = 2.0
"""The least width of a highlighted arrow."""
SWATCH = 44.0
LINE = 17.0


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
        return 1.0 if arrows <= CROWDED else max(0.4, (CROWDED / arrows) ** 0.5)

    @property
    def radius(self) -> float:
        return 21.0 if max(map(len, self.shown)) <= 10 else 17.0

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


def fitted(x: float, room: float, digits: int) -> tuple[str, float]:
    """The number as it fits: with fewer digits if it must be, and its size in pixels."""
    for shown in range(digits, 0, -1):
        text = number(x, shown)
        size = min(float(TEXT_SIZE + 1), int(10 * room / wide(text, 1.0)) / 10)
        if size >= SMALLEST or shown == 1:
            return text, size
    raise AssertionError("no digits")


def network_svg(plan: Plan, description: Description) -> str:
    """The SVG of the whole picture."""
    theme, r = plan.scale.theme, plan.radius
    tall = max(len(part) + (len(part) < column.size) for part, column in zip(plan.shown, plan.columns, strict=True))
    pitch = 2 * r + (14.0 if tall <= 10 else 7.0)
    xs, left, right = _across(plan, r)
    height = HEAD + tall * pitch
    centres: dict[tuple[int, int], tuple[float, float]] = {}
    dots: list[tuple[int, float, float, int]] = []
    for k, (column, part) in enumerate(zip(plan.columns, plan.shown, strict=True)):
        rows: list[int | None] = list(part)
        if len(part) < column.size:
            rows.insert(len(part) - 1, None)
        apart = min(2.0, tall / len(rows)) * pitch
        top = MARGIN + HEAD + (tall * pitch - len(rows) * apart) / 2 + apart / 2
        for row, i in enumerate(rows):
            y = top + row * apart
            if i is None:
                dots.append((k, xs[k], y, column.size - len(part)))
            else:
                centres[k, i] = xs[k], y
    caption = [*plan.notes]
    total = max(right + MARGIN, *(wide(note, TEXT_SIZE) + 2 * MARGIN for note in caption), 9 * SWATCH + 2 * MARGIN)
    shift = (total - right - left) / 2
    centres = {place: (x + shift, y) for place, (x, y) in centres.items()}
    body = _arrows(plan, centres, r)
    for k, x, y, count in dots:
        body += _dots(plan, k, x + shift, y, count)
    for k, x in enumerate(xs):
        body += _heading(plan, k, x + shift)
    for (k, i), (x, y) in centres.items():
        body += _neuron(plan, k, i, x, y, r)
    y = MARGIN + height + LINE
    for note in caption:
        body.append(text_at(note, total / 2, y, TEXT_SIZE, theme.ink))
        y += LINE
    body += _legend(plan, total / 2, y)
    y += 46.0 if plan.scale.largest else 0.0
    tag = (
        f'<svg width="{total:.0f}" height="{y:.0f}" viewBox="0 0 {total:.0f} {y:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="{FONTS}">'
    )
    ground = f'<rect class="ground" width="100%" height="100%" fill="{theme.ground}"/>'
    return "\n".join([opening(tag, description).rstrip("\n"), ground, *body, "</svg>\n"])


def _across(plan: Plan, r: float) -> tuple[list[float], float, float]:
    """The x of each column, and the left and right margins' ends."""
    heads = [max(wide(a, TITLE_SIZE, True), wide(b, SMALL_SIZE)) for a, b in map(_title, plan.columns)]
    outside = [_outside_names(plan, k) for k in (0, len(plan.columns) - 1)]
    side = [max((wide(name, TEXT_SIZE) for name in names), default=-8.0) + r + 8.0 for names in outside]
    x = MARGIN + max(side[0], heads[0] / 2)
    left = MARGIN
    xs = [x]
    for k in range(1, len(plan.columns)):
        most = max(len(plan.shown[k - 1]), len(plan.shown[k]))
        gap = max(2 * r + 60.0 + 10.0 * most, (heads[k - 1] + heads[k]) / 2 + 24.0)
        xs.append(xs[-1] + gap)
    return xs, left, xs[-1] + max(side[1], heads[-1] / 2)


def _title(column: Column) -> tuple[str, str]:
    what = "input" if not column.neurons else "neuron"
    count = counted(column.size, what)
    return column.name, f"{count} · {clean(column.activation)}" if column.activation else count


def _names_of(plan: Plan, k: int) -> tuple[list[str], bool]:
    """The names of the first or last column, and whether they are ours, short enough for a circle."""
    given, letter = (plan.names[0], "x") if k == 0 else (plan.names[1], "y")
    if given is not None:
        return given, False
    size = plan.columns[k].size
    return [f"{letter}{i + 1}" if size > 1 else letter for i in range(size)], True


def _outside_names(plan: Plan, k: int) -> list[str]:
    """The names that stand beside the circles."""
    names, ours = _names_of(plan, k)
    return [] if ours and plan.columns[k].numbers is None else [_cut(names[i]) for i in plan.shown[k]]


def _cut(name: str, most: float = 14.0) -> str:
    name = " ".join(clean(name).split())
    while width(name) > most:
        name = f"{name[:-2].rstrip()}…"
    return name


def text_at(text: str, x: float, y: float, size: float, color: str, more: str = "", anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{color}" text-anchor="{anchor}"{more}>'
        f"{escape(text)}</text>"
    )


def _heading(plan: Plan, k: int, x: float) -> list[str]:
    theme = plan.scale.theme
    name, below = _title(plan.columns[k])
    return [
        text_at(name, x, MARGIN + 12, TITLE_SIZE, theme.ink, ' font-weight="bold"'),
        text_at(below, x, MARGIN + 28, SMALL_SIZE, theme.muted),
    ]


def _arrows(plan: Plan, centres: dict[tuple[int, int], tuple[float, float]], r: float) -> list[str]:
    """A line for each weight; the strongest last, on top."""
    lines = []
    scale = plan.scale
    strong = _strongest(plan)
    order = sorted(plan.weights, key=lambda w: (plan.is_lit(w), scale.strength(plan.weights[w]), w))
    for k, j, i in order:
        x = plan.weights[k, j, i]
        (x1, y1), (x2, y2) = centres[k - 1, j], centres[k, i]
        faint = "" if plan.is_lit((k, j, i)) else f' opacity="{DIM}"'
        if not faint and not plan.lit and (k, j, i) not in strong:
            faint = f' opacity="{FAINT}"'
        said = f"{plan.show} {number(x, plan.digits)}, {plan.columns[k - 1].name} {j} to {plan.columns[k].name} {i}"
        headed = plan.thinning == 1.0 or bool(plan.lit and not faint)
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        wide_ = scale.width(x) * plan.thinning
        if plan.lit and not faint:
            wide_ = max(wide_, LIT)
        tip = 6.0 + wide_ if headed else 0.0  # the line ends where the head begins, so that the head stays sharp
        gap = r + 1 if headed else r
        ex, ey = x2 - dx * gap, y2 - dy * gap
        bx, by = ex - dx * tip, ey - dy * tip
        half = 1.5 + wide_ * 0.6
        color = scale.color(x)
        sides = f"{bx - dy * half:.1f},{by + dx * half:.1f} {bx + dy * half:.1f},{by - dx * half:.1f}"
        head = f'<polygon points="{ex:.1f},{ey:.1f} {sides}" fill="{color}"/>' if headed else ""
        lines.append(
            f'<g class="arrow"{faint}><title>{escape(said)}</title>'
            f'<line class="weight" x1="{x1 + dx * r:.1f}" y1="{y1 + dy * r:.1f}" x2="{bx:.1f}" y2="{by:.1f}" '
            f'stroke="{color}" stroke-width="{wide_:.2f}"/>{head}</g>'
        )
    return lines


def _strongest(plan: Plan) -> set[tuple[int, int, int]]:
    """Of each layer the `MOST_SEEN` largest weights; the others of a crowded layer are drawn faintly."""
    layers: dict[int, list[tuple[int, int, int]]] = {}
    for weight in sorted(plan.weights, key=lambda w: -plan.scale.strength(plan.weights[w])):
        layers.setdefault(weight[0], []).append(weight)
    return {weight for layer in layers.values() for weight in layer[: MOST_SEEN if len(layer) > CROWDED else None]}


def _dots(plan: Plan, k: int, x: float, y: float, count: int) -> list[str]:
    """In place of the neurons that are not drawn: three dots and how many they are."""
    theme = plan.scale.theme
    dots = "".join(
        f'<rect x="{x - 1.5:.1f}" y="{y + d:.1f}" width="3" height="3" fill="{theme.muted}"/>' for d in (-19, -13, -7)
    )
    said = f"… {count:,} more"
    room = wide(said, SMALL_SIZE) + 6
    plate = (
        f'<rect x="{x - room / 2:.1f}" y="{y - 3:.1f}" width="{room:.1f}" height="16" rx="3" fill="{theme.ground}"/>'
    )
    return [f'<g class="elided">{dots}{plate}{text_at(said, x, y + 9, SMALL_SIZE, theme.muted)}</g>']


def _neuron(plan: Plan, k: int, i: int, x: float, y: float, r: float) -> list[str]:
    theme, column = plan.scale.theme, plan.columns[k]
    last = len(plan.columns) - 1
    kind = "leaf" if k == 0 else "root" if k == last else "interior"
    lit = plan.neuron_is_lit((k, i))
    names, ours = _names_of(plan, k) if k in (0, last) else ([], True)
    said = f"{column.name} {i}" + (f", {clean(names[i])}" if names else "")
    if column.neurons:
        said += f", bias {number(column.neurons[i].b.data, plan.digits)}"
    inside, size = (names[i], float(TEXT_SIZE + 1)) if names and ours else ("", 0.0)
    if inside:
        size = min(size, int(10 * 1.7 * r / wide(inside, 1.0)) / 10)
    beside = ""
    if column.numbers is not None:
        said += f", gives {number(column.numbers[i], plan.digits)}"
        inside, size = fitted(column.numbers[i], 1.7 * r, plan.digits)
    if names and inside != names[i]:
        beside = _cut(names[i])
    fill, border, ink = theme.fills[kind], theme.borders[kind], theme.ink
    if not lit:
        fill, border, ink = theme.ground, theme.neutral, theme.muted
    stroke = 3.0 if (k, i) in plan.lit else 1.4
    parts = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{fill}" stroke="{border}" stroke-width="{stroke:g}"/>']
    if inside:
        parts.append(text_at(inside, x, y + size * 0.35, size, ink))
    if beside:
        at, anchor = (x - r - 8, "end") if k == 0 else (x + r + 8, "start")
        parts.append(text_at(beside, at, y + 4, TEXT_SIZE, ink, anchor=anchor))
    return [
        f'<g class="neuron" id="n{k}-{i}" role="graphics-symbol img" aria-label="{escape(said)}">'
        f"<title>{escape(said)}</title>{''.join(parts)}</g>"
    ]


def _legend(plan: Plan, x: float, y: float) -> list[str]:
    """A piece of line for each of nine numbers, in their colours and widths."""
    scale, theme = plan.scale, plan.scale.theme
    if not scale.largest:
        return []
    parts, start = [], x - 4.5 * SWATCH
    for step, tick in enumerate(scale.ticks(4)):
        at = start + step * SWATCH
        parts.append(
            f'<line class="swatch" x1="{at:.1f}" y1="{y:.1f}" x2="{at + SWATCH:.1f}" y2="{y:.1f}" '
            f'stroke="{scale.color(tick)}" stroke-width="{scale.width(tick) * plan.thinning:.2f}"/>'
        )
        if step % 2 == 0:
            parts.append(text_at(number(tick, min(plan.digits, 3)), at + SWATCH / 2, y + 15, SMALL_SIZE, theme.muted))
    parts.append(text_at(plan.show, x, y + 30, SMALL_SIZE, theme.muted))
    return [f'<g class="legend" role="graphics-symbol img" aria-label="scale of {plan.show}s">{"".join(parts)}</g>']
