"""Where the circles and words of a network go, and the SVG of that with its arrows."""

from __future__ import annotations

from .accessible import Description, escape, opening
from .network_arrows import arrows_of
from .network_plan import INSIDE, MARGIN, Plan, fitted, names_of, outside_names, shortened, text_at, title_of, wide
from .style import SMALL_SIZE, TEXT_SIZE, TITLE_SIZE
from .text import clean, number

HEAD = 46.0
"""The height of a column's name and the line below it."""
SWATCH = 44.0
LINE = 17.0


def network_svg(plan: Plan, description: Description) -> str:
    """The SVG of the whole picture."""
    theme, r = plan.scale.theme, plan.radius
    tall = max(len(part) + (len(part) < column.size) for part, column in zip(plan.shown, plan.columns, strict=True))
    pitch = 2 * r + (14.0 if tall <= 10 else 7.0)
    rows = _down(plan, tall, pitch)
    xs, left, right = _across(plan, r, [[y for _, y in column] for column in rows])
    height = HEAD + tall * pitch
    centres: dict[tuple[int, int], tuple[float, float]] = {}
    dots: list[tuple[int, float, float, int]] = []
    for k, column in enumerate(rows):
        for i, y in column:
            if i is None:
                dots.append((k, xs[k], y, plan.columns[k].size - len(plan.shown[k])))
            else:
                centres[k, i] = xs[k], y
    caption = [*plan.notes]
    total = max(right + MARGIN, *(wide(note, TEXT_SIZE) + 2 * MARGIN for note in caption), 9 * SWATCH + 2 * MARGIN)
    shift = (total - right - left) / 2
    centres = {place: (x + shift, y) for place, (x, y) in centres.items()}
    body = arrows_of(plan, centres, r)
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
        f'<svg width="{theme.size(total):.0f}" height="{theme.size(y):.0f}" viewBox="0 0 {total:.0f} {y:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="{theme.font}">'
    )
    ground = f'<rect class="ground" width="100%" height="100%" fill="{theme.ground}"/>'
    return "\n".join([opening(tag, description).rstrip("\n"), ground, *body, "</svg>\n"])


def _down(plan: Plan, tall: int, pitch: float) -> list[list[tuple[int | None, float]]]:
    """Of each column the neurons and their y; None stands for those that are left out."""
    columns = []
    for column, part in zip(plan.columns, plan.shown, strict=True):
        rows: list[int | None] = list(part)
        if len(part) < column.size:
            rows.insert(len(part) - 1, None)
        apart = min(2.0, tall / len(rows)) * pitch
        top = MARGIN + HEAD + (tall * pitch - len(rows) * apart) / 2 + apart / 2
        columns.append([(i, top + row * apart) for row, i in enumerate(rows)])
    return columns


def _clear(r: float, first: list[float], second: list[float]) -> float:
    """How far apart two columns must be for the steepest arrow to pass the circles beside its own."""
    steepest = max(max(first) - min(second), max(second) - min(first))
    apart = [ys[1] - ys[0] for ys in (first, second) if len(ys) > 1]
    near = r + 1.5
    return steepest * near / (min(apart) ** 2 - near**2) ** 0.5 if apart else 0.0


def _across(plan: Plan, r: float, ys: list[list[float]]) -> tuple[list[float], float, float]:
    """The x of each column, and the left and right margins' ends."""
    heads = [max(wide(a, TITLE_SIZE, True), wide(b, SMALL_SIZE)) for a, b in map(title_of, plan.columns)]
    outside = [outside_names(plan, k) for k in (0, len(plan.columns) - 1)]
    side = [max((wide(name, TEXT_SIZE) for name in names), default=-8.0) + r + 8.0 for names in outside]
    x = MARGIN + max(side[0], heads[0] / 2)
    left = MARGIN
    xs = [x]
    for k in range(1, len(plan.columns)):
        most = max(len(plan.shown[k - 1]), len(plan.shown[k]))
        gap = max(2 * r + 60.0 + 10.0 * most, (heads[k - 1] + heads[k]) / 2 + 24.0, _clear(r, ys[k - 1], ys[k]))
        xs.append(xs[-1] + gap)
    return xs, left, xs[-1] + max(side[1], heads[-1] / 2)


def _heading(plan: Plan, k: int, x: float) -> list[str]:
    theme = plan.scale.theme
    name, below = title_of(plan.columns[k])
    return [
        text_at(name, x, MARGIN + 12, TITLE_SIZE, theme.ink, ' font-weight="bold"'),
        text_at(below, x, MARGIN + 28, SMALL_SIZE, theme.muted),
    ]


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
    names, ours = names_of(plan, k) if k in (0, last) else ([], True)
    said = f"{column.name} {i}" + (f", {clean(names[i])}" if names else "")
    if column.neurons:
        said += f", bias {number(column.neurons[i].b.data, plan.digits)}"
    inside, size = (names[i], float(TEXT_SIZE + 1)) if names and ours else ("", 0.0)
    if inside:
        size = min(size, int(10 * INSIDE * r / wide(inside, 1.0)) / 10)
    beside = ""
    if column.numbers is not None:
        said += f", gives {number(column.numbers[i], plan.digits)}"
        inside, size = fitted(column.numbers[i], INSIDE * r, plan.digits)[0], plan.number_size
    if names and inside != names[i]:
        beside = shortened(names[i])
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
