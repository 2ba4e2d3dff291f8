"""The table of primitives as a page: for each row its formula, derivatives, domain, edge points and plot.

Everything comes from the row: the formulas are its rules run on names, the curves its rules run on floats.

>>> from autograd_tiny.table.ops import TABLE
>>> formula(TABLE["mul"]), derivatives(TABLE["mul"])
('a \\\\cdot b', [('a', 'b'), ('b', 'a')])
>>> plot(TABLE["square"]).count("<polyline")
2
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_tiny.table.namespaces import FLOATS, LATEX
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Edge, Primitive

GROUPS = (
    ("Arithmetic", "add"),
    ("Exponentials, logarithms and roots", "exp"),
    ("Trigonometry and its hyperbolic twin", "sin"),
    ("Activations", "sigmoid"),
    ("Kinks and branches", "abs"),
    ("Many operands, one node", "sum"),
)
"""A heading, and the first row that stands under it."""

OTHERS = {"b": 2.0, "slope": 0.1, "alpha": 1.0, "condition": 1.0}
"""What the operands that a plot does not move are held at."""

GREEK = {"alpha": r"\alpha"}

SIGNS = {"neg": "-x", "abs": "abs(x)"}
"""How Python writes the operators that do not stand between two operands."""

WIDTH, HEIGHT, POINTS = 220, 130, 241


# Formulas


def operand_names(row: Primitive) -> list[Any]:
    """The operands as names in LaTeX; of a many-operand row, vectors of two."""
    if row.variadic:
        return [[LATEX.name(x) for x in (f"{a[0]}_1", f"{a[0]}_2")] for a in row.arguments]
    return [LATEX.name(GREEK.get(a, a if len(a) == 1 else rf"\mathrm{{{a}}}")) for a in row.arguments]


def formula(row: Primitive) -> str:
    """The row's own notation on the names of its operands, and what its rule makes of them where that is more."""
    notation = str(LATEX.write(row, *operand_names(row)))
    rule = str(LATEX.as_text(row.forward(LATEX, *operand_names(row))))
    return notation if rule == notation else tidy(f"{notation} = {rule}")


def tidy(tex: str) -> str:
    """√2 by name: a rule's constants are folded into numbers on the way here."""
    return tex.replace(repr(math.sqrt(2.0)), r"\sqrt{2}")


def derivatives(row: Primitive) -> list[tuple[str, str]]:
    """For each operand its name in LaTeX and the derivative towards it; of a vector, towards its first element."""
    names = operand_names(row)
    out = LATEX.name("y")
    found = []
    for name, rule in zip(names, row.partials, strict=True):
        derived = rule(LATEX, *names, out)
        if row.variadic:
            name, derived = name[0], derived[0]
        found.append((str(name), tidy(str(LATEX.as_text(derived)))))
    return found


# Plots


def moving(row: Primitive) -> int:
    """Which operand the plot moves: of `where` an arm, of others the first that is not an order."""
    if row.name == "where":
        return 1
    return next((i for i, (low, high) in enumerate(row.samples) if low < high), 0)


def curve(row: Primitive) -> tuple[Callable[[float], float], Callable[[float], float], float, float]:
    """The row and its derivative as functions of one operand, the others held; and the interval to draw."""
    moved = moving(row)
    if row.variadic:
        held = [1.0]

        def operands(x: float) -> list[Any]:
            return [[x, 1.0], *([held * 2] if len(row.arguments) == 2 else [])]

    else:

        def operands(x: float) -> list[Any]:
            return [x if i == moved else OTHERS.get(name, 1.0) for i, name in enumerate(row.arguments)]

    def value(x: float) -> float:
        return float(row.forward(FLOATS, *operands(x)))

    def slope(x: float) -> float:
        derived = row.partials[moved](FLOATS, *operands(x), value(x))
        return float(derived[0] if row.variadic else derived)

    if not row.samples:
        return value, slope, -3.0, 3.0
    low, high = row.samples[moved]
    if row.edges and low * high > 0 and not row.domain:  # sampled on one side of a kink: show both
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    return value, slope, min(low, 0.0) if row.domain == "x > 0" else low, high


def held_at(row: Primitive) -> str:
    """What the plot's caption says of the operands that it does not move."""
    if row.variadic:
        return "x₁ moves, x₂ = 1" if len(row.arguments) == 1 else "w₁ moves, w₂ = x₁ = x₂ = 1"
    moved = moving(row)
    others = [f"{name} = {OTHERS.get(name, 1.0):g}" for i, name in enumerate(row.arguments) if i != moved]
    return f"{row.arguments[moved]} moves, {', '.join(others)}" if others else ""


def _finite(f: Callable[[float], float], x: float) -> float:
    try:
        y = f(x)
    except (ValueError, OverflowError, ZeroDivisionError):
        return math.nan
    return y if math.isfinite(y) else math.nan


def plot(row: Primitive) -> str:
    """An SVG of the row's value (solid) and derivative (dashed), drawn in the page's own colours."""
    value, slope, low, high = curve(row)
    xs = [low + (high - low) * i / (POINTS - 1) for i in range(POINTS)]
    curves = [[_finite(f, x) for x in xs] for f in (value, slope)]
    ys = [y for ys in curves for y in ys if not math.isnan(y)]
    bottom, top = max(min(ys), -4.0), min(max(ys), 4.0)
    bottom, top = min(bottom, 0.0) - 0.15, max(top, 0.0) + 0.15

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - low) / (high - low) * WIDTH, (top - y) / (top - bottom) * HEIGHT

    x0, y0 = place(min(max(0.0, low), high), 0.0)
    label = f"{row.name} and its derivative from {low:g} to {high:g}"
    lines = [
        f'<svg class="primitive" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">',
        f'<path class="axis" d="M0 {y0:.1f}H{WIDTH}M{x0:.1f} 0V{HEIGHT}"/>',
    ]
    for kind, ys in zip(("value", "slope"), curves, strict=True):
        for run in _runs(xs, ys, bottom, top):
            points = " ".join(f"{px:.1f},{py:.1f}" for px, py in (place(x, y) for x, y in run))
            lines.append(f'<polyline class="{kind}" points="{points}"/>')
    return "".join([*lines, "</svg>"])


def _runs(xs: list[float], ys: list[float], bottom: float, top: float) -> list[list[tuple[float, float]]]:
    """The curve in pieces: it is not drawn outside the picture, nor across a jump."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        jumps = bool(runs[-1]) and abs(y - runs[-1][-1][1]) > 0.15 * (top - bottom)
        if math.isnan(y) or not bottom <= y <= top or jumps:
            runs.append([])
        if not math.isnan(y) and bottom <= y <= top:
            runs[-1].append((x, y))
    return [run for run in runs if len(run) > 1]


# The page

OPENING = """\
# The table of primitives

Every operation that a `Value` knows is one row of [`ops.py`](architecture.md), and this page is written from those
rows. In the plots the solid line is the function, the dashed one its derivative. In the derivatives, $y$ is the
result. Where a formula alone does not decide (a kink, a tie, a pole), the answer that the engine gives is pinned in
the row, and a test holds the engine to it; it is listed under *edges*.

"""


def number(x: float) -> str:
    """A number of an edge, as it is written on the page."""
    names = {math.inf: "∞", -math.inf: "−∞"}
    return "undefined" if math.isnan(x) else names.get(x, f"{x:g}".replace("-", "−"))


def edge_text(edge: Edge) -> str:
    """An edge in one line: where, the value, the derivatives, why.

    >>> edge_text(Edge((0.0,), 0.0, (0.0,), "relu'(0) = 0"))
    "at (0): value 0, derivative 0 (relu'(0) = 0)"
    """
    at = ", ".join(map(number, edge.at))
    slopes = [number(slope) for slope in edge.partials if slope is not None]
    plural = "s" if len(slopes) > 1 else ""
    return f"at ({at}): value {number(edge.value)}, derivative{plural} {', '.join(slopes)} ({edge.why})"


def entry(row: Primitive) -> str:
    """One row as a piece of Markdown: formula and plot side by side."""
    lines = [
        f"### `{row.name}` {{ #{row.name.replace('_', '-')} }}\n",
        '<div class="primitive" markdown>',
        "<div markdown>\n",
    ]
    lines.append(f"$$ y = {formula(row)} $$\n")
    for name, derived in derivatives(row):
        lines.append(f"$$ \\frac{{\\partial y}}{{\\partial {name}}} = {derived} $$\n")
    facts = []
    if row.domain:
        facts.append(f"**domain** {row.domain}" + (f"; outside it: {row.advice}" if row.advice else ""))
    written = [f"`{SIGNS.get(row.dunder, row.operator)}`"] if row.dunder else []
    written += [f"`.{alias}()`" for alias in row.aliases]
    if written:
        facts.append(f"**also written** {', '.join(written)}")
    facts += [f"**edge** {edge_text(edge)}" for edge in row.edges]
    lines += [f"- {fact}" for fact in facts]
    note = held_at(row)
    caption = f"<figcaption>{note}</figcaption>" if note else ""
    lines += ["\n</div>", f"<figure>{plot(row)}{caption}</figure>", "</div>\n"]
    return "\n".join(lines)


def page() -> str:
    """The whole page, as Markdown."""
    headings = {first: title for title, first in GROUPS}
    parts = [OPENING]
    for row in ROWS:
        if row.name in headings:
            parts.append(f"## {headings[row.name]}\n")
        parts.append(entry(row))
    return "\n".join(parts)
