"""`save_frames`: the steps of both passes as pictures on one canvas, for slides.

Every frame has the same boxes in the same places, so that turning pages moves nothing but what the step changes.

>>> from autograd_tiny import Value
>>> import tempfile, pathlib
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b).tanh(); L.label = "L"
>>> [path.name for path in save_frames(L, pathlib.Path(tempfile.mkdtemp()) / "f%02d.svg")]
['f00.svg', 'f01.svg', 'f02.svg', 'f03.svg', 'f04.svg']
"""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from autograd_tiny import Value
from autograd_tiny.errors import shorten
from autograd_tiny.explaining.stepping import forward_steps, steps

from .arguments import whole_number
from .files import checked_path, write_picture
from .page.drawing import Shown, parts_of, placed_boxes, placed_slopes
from .page.story import names_of, story
from .printing import FORMATS, printed
from .style import FONTS, Theme, theme_named
from .text import clean, number

MONOSPACE = "Menlo,Consolas,DejaVu Sans Mono,monospace"
"""The third of these is inside typst, which knows no ``monospace``: without it a step's columns do not stand."""
MOST = 400
"""So many frames are a film, not slides."""


def save_frames(
    root: Value, pattern: str | Path, *, width: int = 1600, height: int = 900, theme: str = "light",
    font: str = FONTS, font_size: int = 26, digits: int = 4, model: Any = None,
) -> list[Path]:  # fmt: skip
    """Write a frame for the start and one for each step, forward then backward; their paths.

    ``pattern`` has a place for the number, ``"f%02d.svg"``, and may end in .png or .pdf (extra ``print``).
    The canvas is ``width`` by ``height`` (16:9), with the graph above and the step in words, ``font_size`` high,
    below. With a ``model`` a network's values have the names of textbooks. It changes no gradient.
    """
    if not isinstance(root, Value):
        raise TypeError(f"save_frames(root, pattern): root is {shorten(root)}: expected the Value to step through")
    chosen = theme_named("save_frames", theme, font)
    for name, pixels in (("width", width), ("height", height), ("font_size", font_size)):
        if whole_number(pixels) < 8:
            raise ValueError(f"save_frames({name}={shorten(pixels)}): expected a whole number of pixels, 8 or more")
    text = os.fspath(checked_path(pattern, "save_frames"))
    try:
        first, second = text % 0, text % 1
    except (TypeError, ValueError):
        first = second = text
    suffix = Path(first).suffix
    if first == second or suffix not in (".svg", *FORMATS):
        raise ValueError(
            f"save_frames: pattern got {shorten(text)}: expected a place for the number, and .svg, .png or .pdf, "
            'such as "f%02d.svg"'
        )
    pictures: list[Any] = list(frames(root, (width, height), chosen, font_size, digits, model))
    if len(pictures) > MOST:
        raise ValueError(
            f"save_frames: {len(pictures):,} steps, and {MOST} frames at most: give it a part of the graph"
        )
    if suffix != ".svg":
        pictures = [printed(picture, suffix, width if suffix == ".png" else None) for picture in pictures]
    return [write_picture(Path(text % n), picture) for n, picture in enumerate(pictures)]


def frames(root: Value, size: tuple[int, int], theme: Theme, font_size: int, digits: int, model: Any) -> list[str]:
    """The pictures, first to last."""
    told = story(root, model)
    film = Film(told, theme, size, font_size, digits)
    backward, forward_pass = steps(root), forward_steps(root)
    backward.names = forward_pass.names = names_of(root, model)
    operations = [i for i, node in enumerate(told["nodes"]) if node["parents"]]
    forward = [step for step in forward_pass if step.node.parents]
    values = {i: node["value"] for i, node in enumerate(told["nodes"]) if not node["parents"]}
    film.take(values, {}, None, [], "Nothing is computed yet: only the leaves have their numbers.")
    for i, step in zip(operations, forward, strict=True):
        values[i] = step.value
        lit = [film.first_edge[i] + k for k in range(len(told["nodes"][i]["parents"]))]
        film.take(values, {}, i, lit, step.text(digits, 100))
    gradients = {told["root"]: 1.0}
    for n, i in enumerate(reversed(operations), start=1):
        step_back = backward.step(n, from_zero=True)
        lit = []
        for sent in step_back.contributions:
            if not sent.parent.is_constant:
                gradients[told["nodes"][i]["parents"][sent.operand]] = sent.gradient_after
                lit += [film.first_edge[i] + sent.operand] if sent.product else []
        film.take(values, gradients, i, lit, step_back.text(digits, 100))
    return film.developed()


class Film:
    """What all frames share: the boxes, the colours and the canvas."""

    def __init__(self, told: dict[str, Any], theme: Theme, size: tuple[int, int], font_size: int, digits: int) -> None:
        self.nodes, self.theme, self.size, self.font_size, self.digits = told["nodes"], theme, size, font_size, digits
        self.first_edge = []
        count = 0
        for node in self.nodes:
            self.first_edge.append(count)
            count += len(node["parents"])
        self.placed = placed_boxes(self.nodes)
        self.slopes = placed_slopes(self.nodes, self.placed)
        self.taken: list[tuple[Shown, list[str]]] = []

    def take(
        self, values: dict[int, float], gradients: dict[int, float], lit: int | None, edges: list[int], words: str
    ) -> None:
        """One frame, with the node and the edges of the step marked."""
        shown: dict[str, tuple[str, list[str]]] = {}
        for i, node in enumerate(self.nodes):
            value = f"= {number(float(values[i]), self.digits)}" if i in values else "= ·"
            takes = node["kind"] not in ("constant", "input")
            gradient = f"∂ {number(gradients.get(i, 0.0), self.digits)}" if gradients and takes else ""
            shown[f"n{i}"] = " lit" if i == lit else "", [value, gradient]
        way = " backward" if gradients else " forward"
        shown |= {f"e{k}": (way, [""]) for k in edges}
        self.taken.append((shown, [clean(line) for line in words.splitlines()][:9]))

    def developed(self) -> list[str]:
        """The pictures, with room for the words of the longest step below each."""
        most = max(len(lines) for _, lines in self.taken)
        return [self._canvas(shown, lines, most) for shown, lines in self.taken]

    def _canvas(self, shown: Shown, lines: list[str], most: int) -> str:
        (w, h), parts = parts_of(self.nodes, "", shown, self.placed, self.slopes)
        width, height = self.size
        foot = (most + 1) * 1.45 * self.font_size
        scale = min((width - 40) / w, (height - foot - 30) / h)
        left, top = (width - scale * w) / 2, max(15.0, (height - foot - scale * h) / 2)
        longest = max(map(len, lines))
        type_size = min(self.font_size, (width - 80) / (0.62 * longest))
        said = "".join(
            f'<text x="40" y="{height - foot + (k + 1) * 1.45 * self.font_size:.1f}" class="said" xml:space="preserve" '
            f'font-size="{type_size:.1f}">{html.escape(line)}</text>'
            for k, line in enumerate(lines)
        )
        inner = "\n".join(parts).replace(' tabindex="0" role="button"', "")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="{self.theme.font}" role="img"><title>{html.escape(lines[0])}</title>'
            f"<style>{self._style()}</style>"
            f'<rect width="{width}" height="{height}" fill="{self.theme.ground}"/>'
            f'<g transform="translate({left:.1f} {top:.1f}) scale({scale:.4f})">\n{inner}\n</g>{said}</svg>\n'
        )

    def _style(self) -> str:
        t = self.theme
        kinds = "".join(
            f".n.{kind} rect{{fill:{t.fills[fill]};stroke:{t.borders[fill]}}}"
            for kind, fill in (("leaf", "leaf"), ("constant", "constant"), ("root", "root"), ("input", "leaf"))
        )
        return (
            f".n rect{{fill:{t.fills['interior']};stroke:{t.borders['interior']}}}{kinds}"
            f".n.lit rect{{stroke:{t.borders['root']};stroke-width:4}}.n text{{fill:{t.ink};font-size:13px}}"
            f".n .title{{font-weight:bold}}"
            f".e path{{fill:none;stroke:{t.line};stroke-width:1.3}}.e polygon{{fill:{t.line}}}"
            f".e.forward path,.e.backward path{{stroke:{t.borders['root']};stroke-width:3}}"
            f".e.forward polygon,.e.backward polygon{{fill:{t.borders['root']}}}"
            f".said{{fill:{t.ink};font-family:{MONOSPACE}}}"
        )
