"""The arrows of a drawn network: a line for each weight, in its colour and width, the strongest on top.

Of a layer with very many the largest stand out and the others are faint, so that it is no hairball.
"""

from __future__ import annotations

from .accessible import escape
from .network_plan import Plan
from .text import number

DIM = 0.12
"""The opacity of an arrow that is not highlighted."""
CROWDED, MOST_SEEN, FAINT = 100, 48, 0.13
"""Of a layer with more weights than the first so many stand out, those of the largest size; the others have the last
opacity."""
LIT = 2.0
"""The least width of a highlighted arrow."""


def arrows_of(plan: Plan, centres: dict[tuple[int, int], tuple[float, float]], r: float) -> list[str]:
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
