"""Where the bands, circles, boxes and arrows of an array program go, and the SVG of that.

Every text is measured before it is placed (see `text.width`), so that none leaves its box or the picture.

>>> some([1, 2, 3, 4, 5], 3)
[1, 2, 2, 5]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_tiny.errors import counted

from .accessible import Description, escape, opening
from .network_plan import MARGIN, text_at, wide
from .program_reading import sources, uses
from .style import FONTS, SMALL_SIZE, TEXT_SIZE, TITLE_SIZE, Theme
from .text import cut

if TYPE_CHECKING:
    from autograd_tiny.compiler.show.listing import ListedInstruction, ListedReverse, Listing

DOTS, PITCH, RADIUS = 12, 18.0, 5.0
"""So many numbers of an instruction are drawn, so far apart."""
ROW, BOX, LINE = 46.0, 36.0, 22.0
"""The height of a band, of the box in it, of a reverse line."""
GAP, BULGE = 46.0, 9.0
"""Between columns; how much farther out an arc goes for each box that it passes."""
HEAD = 40.0


def some(items: Sequence[Any], most: int | None) -> list[Any]:
    """The items; of too many the first and the last, and between them how many are left out."""
    if most is None or len(items) <= most:
        return list(items)
    first = (most + 1) // 2
    return [*items[:first], len(items) - most, *items[len(items) - (most - first) :]]


class Drawing:
    """Where everything goes, and the SVG of it."""

    def __init__(self, listing: Listing, theme: Theme, most: int | None, reverse: bool) -> None:
        self.listing, self.theme = listing, theme
        self.rows: list[ListedInstruction | int] = some(listing.forward, most)
        self.lines: list[ListedReverse | int] = some(listing.reverse, most) if reverse else []
        shown = [row for row in self.rows if not isinstance(row, int)]
        self.sources = {row.result: sources(listing, row) for row in shown}
        results = {row.result for row in listing.forward}
        self.inputs = {n: size for row in shown for n, size, _ in self.sources[row.result] if n not in results}
        names = [*self.inputs, *(row.result for row in shown)]
        self.label = max((wide(cut(name, 16), SMALL_SIZE) for name in names), default=0.0)
        self.dots = MARGIN + self.label + 10.0
        counts = [*self.inputs.values(), *(row.numbers for row in shown)]
        more = max((wide(self._more(n), SMALL_SIZE) + 6 for n in counts if n > DOTS), default=0.0)
        scalars = max(DOTS * PITCH, wide("scalar graph", TITLE_SIZE, True)) + more
        self.matrix_x = self.dots + scalars + GAP / 2
        texts = [(m.name, _origin(m.size, m.origin)) for m in listing.matrices]
        room = [max(wide(a, TEXT_SIZE, True), wide(b, SMALL_SIZE)) + 20.0 for a, b in texts]
        self.matrix_wide = max(*room, wide("parameters", TITLE_SIZE, True), 0.0)
        self.box_x = self.matrix_x + self.matrix_wide + GAP
        inside = [wide(_formula(row), TEXT_SIZE, True) for row in shown]
        inside += [wide(_below(row), SMALL_SIZE) for row in shown]
        inside += [wide(cut(line.text), SMALL_SIZE) for line in self.lines if not isinstance(line, int)]
        self.box_wide = max(inside, default=wide("forward", TITLE_SIZE, True)) + 24.0
        top = MARGIN + HEAD
        self.y: dict[str, float] = {}
        for name in self.inputs:
            self.y[name] = top + ROW / 2
            top += ROW
        self.row_y = [top + ROW * i + ROW / 2 for i in range(len(self.rows))]
        for row, y in zip(self.rows, self.row_y, strict=True):
            if not isinstance(row, int):
                self.y[row.result] = y
        self.end = top + ROW * len(self.rows)

    def _more(self, size: int) -> str:
        return f"… {size - DOTS:,} more"

    def svg(self, notes: Sequence[str], description: Description) -> str:
        matrices, low = self._matrices()
        reverse, bottom = self._reverse()
        arc_room = 14.0 + BULGE * min(12, len(self.rows))
        total = max(
            self.box_x + self.box_wide + arc_room + MARGIN, *(wide(note, TEXT_SIZE) + 2 * MARGIN for note in notes)
        )
        body = [*self._bands(total), *self._headings(), *self._edges(), *self._circles()]
        body += [*matrices, *self._flow(), *self._boxes(), *reverse]
        y = max(low, bottom) + 24.0
        for note in notes:
            body.append(text_at(note, total / 2, y, TEXT_SIZE, self.theme.ink))
            y += 17.0
        y += 4.0
        tag = (
            f'<svg width="{total:.0f}" height="{y:.0f}" viewBox="0 0 {total:.0f} {y:.0f}" '
            f'xmlns="http://www.w3.org/2000/svg" font-family="{FONTS}">'
        )
        ground = f'<rect class="ground" width="100%" height="100%" fill="{self.theme.ground}"/>'
        return "\n".join([opening(tag, description).rstrip("\n"), ground, *body, "</svg>\n"])

    def _headings(self) -> list[str]:
        y, ink = MARGIN + 14, self.theme.ink
        places = [(self.dots + DOTS * PITCH / 2, "scalar graph"), (self.box_x + self.box_wide / 2, "forward")]
        if self.listing.matrices:
            places.append((self.matrix_x + self.matrix_wide / 2, "parameters"))
        below = text_at("a circle for each number", places[0][0], y + 16, SMALL_SIZE, self.theme.muted)
        return [*(text_at(text, x, y, TITLE_SIZE, ink, ' font-weight="bold"') for x, text in places), below]

    def _bands(self, total: float) -> list[str]:
        """A stripe behind every second row, so that the eye finds the box of some circles."""
        ys = [*(self.y[name] for name in self.inputs), *self.row_y]
        return [
            f'<path class="band" d="M{MARGIN:.1f},{y - ROW / 2:.1f}h{total - 2 * MARGIN:.1f}v{ROW:.1f}H{MARGIN:.1f}Z" '
            f'fill="{self.theme.clusters[0]}"/>'
            for y in ys[::2]
        ]

    def _places(self, name: str, size: int) -> list[tuple[float, float]]:
        """The centres of the circles of a row, in the middle of the panel."""
        shown = min(size, DOTS)
        start = self.dots + (DOTS - shown) * PITCH / 2 + PITCH / 2
        return [(start + i * PITCH, self.y[name]) for i in range(shown)]

    def _edges(self) -> list[str]:
        """Lines between circles, one path for each instruction and operand."""
        paths = []
        for row in self.rows:
            if isinstance(row, int):
                continue
            for name, size, all_of_them in self.sources[row.result]:
                if self.y[row.result] - self.y.get(name, 0.0) > 1.5 * ROW:  # they would run through others' circles
                    continue
                ends, starts = self._places(row.result, row.numbers), self._places(name, size)
                pairs = [
                    (a, b)
                    for i, b in enumerate(ends)
                    for j, a in enumerate(starts)
                    if all_of_them or size == 1 or i == j
                ]
                d = "".join(f"M{a[0]:.1f},{a[1] + RADIUS:.1f}L{b[0]:.1f},{b[1] - RADIUS:.1f}" for a, b in pairs)
                paths.append(
                    f'<path class="edges" data-from="{escape(name)}" data-to="{row.result}" d="{d}" fill="none" '
                    f'stroke="{self.theme.line}" stroke-width="0.7" opacity="0.7"/>'
                )
        return paths

    def _circles(self) -> list[str]:
        groups = []
        rows = [(name, size, "leaf", "input") for name, size in self.inputs.items()]
        last = self.listing.forward[-1].result if self.listing.forward else None
        for row in self.rows:
            if not isinstance(row, int):
                rows.append((row.result, row.numbers, "root" if row.result == last else "interior", row.kind))
        for name, size, kind, what in rows:
            fill, border = self.theme.fills[kind], self.theme.borders[kind]
            parts = [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS:g}" fill="{fill}" stroke="{border}"/>'
                for x, y in self._places(name, size)
            ]
            y = self.y[name] + 3.5
            parts.append(text_at(cut(name, 16), MARGIN + 4, y, SMALL_SIZE, self.theme.muted, anchor="start"))
            if size > DOTS:
                x = self.dots + DOTS * PITCH + 6
                parts.append(text_at(self._more(size), x, y, SMALL_SIZE, self.theme.muted, anchor="start"))
            groups.append(_group("scalars", f"{name}, {counted(size, 'number')}, {what}", parts))
        return groups

    def _matrices(self) -> tuple[list[str], float]:
        """A box for each matrix beside its first use, and lines to all of them; where the column ends."""
        users: dict[str, list[float]] = {matrix.name: [] for matrix in self.listing.matrices}
        for row in self.rows:
            if not isinstance(row, int):
                for name in uses(row.operands):
                    if name in users:
                        users[name].append(self.y[row.result])
        lines, boxes, low = [], [], MARGIN + HEAD
        for matrix in self.listing.matrices:
            y = max(low, min(users[matrix.name], default=low) - BOX / 2)
            low = y + BOX + 6.0
            right, middle = self.matrix_x + self.matrix_wide, y + BOX / 2
            for end in users[matrix.name]:
                lines.append(
                    f'<path class="reads" d="M{right:.1f},{middle:.1f}C{right + GAP / 2:.1f},{middle:.1f} '
                    f'{self.box_x - GAP / 2:.1f},{end:.1f} {self.box_x:.1f},{end:.1f}" fill="none" '
                    f'stroke="{self.theme.borders["leaf"]}" stroke-width="1.2"/>'
                )
            below = _origin(matrix.size, matrix.origin)
            said = f"parameters {matrix.name}, {matrix.size}" + (f", from {matrix.origin}" if matrix.origin else "")
            parts = self._box(self.matrix_x, y, self.matrix_wide, "leaf", matrix.name, below)
            boxes.append(_group("matrix", said, parts))
        return [*lines, *boxes], low

    def _box(self, x: float, y: float, wide_: float, kind: str, first: str, second: str) -> list[str]:
        theme = self.theme
        return [
            _rect(theme, kind, x, y, wide_, BOX),
            text_at(first, x + wide_ / 2, y + 15, TEXT_SIZE, theme.ink, ' font-weight="bold"'),
            text_at(second, x + wide_ / 2, y + 29, SMALL_SIZE, theme.muted),
        ]

    def _boxes(self) -> list[str]:
        groups = []
        last = self.listing.forward[-1] if self.listing.forward else None
        for row, y in zip(self.rows, self.row_y, strict=True):
            if isinstance(row, int):
                text = f"… {counted(row, 'more instruction')}"
                groups.append(text_at(text, self.box_x + self.box_wide / 2, y + 4, SMALL_SIZE, self.theme.muted))
                continue
            kind = "root" if row is last else "folded" if "product" in row.kind else "interior"
            parts = self._box(self.box_x, y - BOX / 2, self.box_wide, kind, _formula(row), _below(row))
            groups.append(_group("instruction", f"{row.text}, {row.size}, {row.kind}", parts))
        return groups

    def _flow(self) -> list[str]:
        """An arrow from each result to the instructions that read it: down, or around on the right."""
        order = {row.result: i for i, row in enumerate(self.rows) if not isinstance(row, int)}
        color, arrows = self.theme.line, []
        right, middle = self.box_x + self.box_wide, self.box_x + self.box_wide / 2
        for row in self.rows:
            if isinstance(row, int):
                continue
            for name in uses(row.operands):
                if name not in order:
                    continue
                start, end, passed = self.y[name], self.y[row.result], order[row.result] - order[name]
                if passed == 1:
                    top, tip = start + BOX / 2, end - BOX / 2
                    path = f"M{middle:.1f},{top:.1f}V{tip - 5:.1f}"
                    head = f"{middle:.1f},{tip:.1f} {middle - 3.5:.1f},{tip - 6:.1f} {middle + 3.5:.1f},{tip - 6:.1f}"
                else:
                    out = right + 14.0 + BULGE * min(12, passed)
                    a, b = start + 6, end - 6
                    path = f"M{right:.1f},{a:.1f}C{out:.1f},{a:.1f} {out:.1f},{b:.1f} {right + 5:.1f},{b:.1f}"
                    head = f"{right:.1f},{b:.1f} {right + 6:.1f},{b - 3.5:.1f} {right + 6:.1f},{b + 3.5:.1f}"
                arrows.append(
                    f'<g class="flow" data-from="{name}" data-to="{row.result}"><path d="{path}" fill="none" '
                    f'stroke="{color}" stroke-width="1.2"/><polygon points="{head}" fill="{color}"/></g>'
                )
        return arrows

    def _reverse(self) -> tuple[list[str], float]:
        """The reverse lines as flat boxes below, those that give a parameter's gradient in the parameters' colour."""
        if not self.lines:
            return [], self.end
        x, theme = self.box_x, self.theme
        middle, y = x + self.box_wide / 2, self.end + 22.0
        parameters = {matrix.name for matrix in self.listing.matrices}
        found = [text_at("reverse", middle, y, TITLE_SIZE, theme.ink, ' font-weight="bold"')]
        y += 10.0
        for line in self.lines:
            if isinstance(line, int):
                text = f"… {counted(line, 'more line')}"
                found.append(text_at(text, middle, y + 14, SMALL_SIZE, theme.muted))
            else:
                kind = "leaf" if line.target in parameters else "interior"
                parts = [
                    _rect(theme, kind, x, y, self.box_wide, LINE - 3),
                    text_at(cut(line.text), middle, y + 13, SMALL_SIZE, theme.ink),
                ]
                found.append(_group("reverse", line.text, parts))
            y += LINE
        return found, y


def _rect(theme: Theme, kind: str, x: float, y: float, wide_: float, high: float) -> str:
    look = theme.kind(kind)
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide_:.1f}" height="{high:.1f}" rx="5" fill="{look["fillcolor"]}" '
        f'stroke="{look["color"]}" stroke-width="{look["penwidth"]}"/>'
    )


def _group(kind: str, said: str, parts: Sequence[str]) -> str:
    said = escape(cut(said, 200))
    return f'<g class="{kind}" role="graphics-symbol img" aria-label="{said}"><title>{said}</title>{"".join(parts)}</g>'


def _formula(row: ListedInstruction) -> str:
    return cut(row.text, 44)


def _below(row: ListedInstruction) -> str:
    return cut(f"{row.size} · {row.kind}", 44)


def _origin(size: str, origin: str) -> str:
    return cut(f"{size} from {origin}" if origin else size, 36)
