"""What a picture says, read back from its SVG: titles, texts, edges, boxes, and how wide its texts are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import pytest

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


@dataclass
class Part:
    """One node or edge of a picture: its name, its lines of text, its tooltip and its XML."""

    name: str
    texts: list[str]
    tooltip: str | None
    element: ET.Element

    def shape(self) -> ET.Element:
        """The outline: a path for a box, an ellipse for an operation."""
        return next(e for e in self.element.iter() if e.tag in (SVG + "path", SVG + "ellipse"))

    def left_and_right(self) -> tuple[float, float]:
        """Where the outline begins and ends, horizontally."""
        left, _, right, _ = self.bounds()
        return left, right

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the outline, of the outermost where there are two."""
        found = []
        for shape in self.element.iter():
            if shape.tag == SVG + "ellipse":
                x, y, rx, ry = (float(shape.get(key)) for key in ("cx", "cy", "rx", "ry"))
                found.append((x - rx, y - ry, x + rx, y + ry))
            elif shape.tag == SVG + "path":
                points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", shape.get("d"))
                xs, ys = [float(x) for x, _ in points], [float(y) for _, y in points]
                found.append((min(xs), min(ys), max(xs), max(ys)))
        columns = list(zip(*found, strict=True))
        return min(columns[0]), min(columns[1]), max(columns[2]), max(columns[3])


def read(svg: str, kind: str) -> list[Part]:
    """Every ``node``, ``edge``, ``cluster`` or ``graph`` of a picture."""
    parts = []
    for group in ET.fromstring(svg).iter(SVG + "g"):
        if group.get("class") == kind:
            inside = group.findall(SVG + "text") if kind == "graph" else group.iter(SVG + "text")
            texts = ["".join(text.itertext()).replace("\xa0", " ").strip() for text in inside]
            link = next(group.iter(SVG + "a"), None)
            tooltip = None if link is None else link.get(XLINK + "title").replace("\xa0", " ")
            parts.append(Part(group.find(SVG + "title").text, texts, tooltip, group))
    return parts


def nodes(svg: str) -> dict[str, Part]:
    """The boxes and circles by name: ``v0`` is the first value, ``op2`` what made ``v2``."""
    return {part.name: part for part in read(svg, "node")}


def edges(svg: str) -> list[tuple[str, str, str]]:
    """Every edge as (from, to, label), sorted."""
    ends = [(*re.sub(r":\w+", "", part.name).split("->"), *(part.texts or [""])) for part in read(svg, "edge")]
    return sorted(ends)


def caption(svg: str) -> list[str]:
    """The texts below the picture: notes and legend."""
    return read(svg, "graph")[0].texts


def text_width(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is in DejaVu Sans, the widest of the fonts that a viewer may have."""
    matplotlib = pytest.importorskip("matplotlib")
    ft2font = pytest.importorskip("matplotlib.ft2font")
    font = ft2font.FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans{'-Bold' if bold else ''}.ttf")
    font.set_size(size, 72)
    font.set_text(text)
    return float(font.get_width_height()[0]) / 64


def text_extent(text: ET.Element) -> tuple[float, float]:
    """Where a text begins and ends."""
    bold = text.get("font-weight") == "bold"
    x, wide = float(text.get("x")), text_width("".join(text.itertext()), float(text.get("font-size")), bold)
    anchor = text.get("text-anchor", "start")
    start = x - wide / 2 if anchor == "middle" else x - wide if anchor == "end" else x
    return start, start + wide


def text_box(text: ET.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a text."""
    left, right = text_extent(text)
    y, size = float(text.get("y")), float(text.get("font-size"))
    return left, y - 0.75 * size, right, y + 0.2 * size


def curve(part: Part) -> list[tuple[float, float]]:
    """The points of an edge's spline."""
    [path] = [path for path in part.element.iter(SVG + "path") if "C" in path.get("d")]
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d"))]


def overlap(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    """Whether two rectangles (left, top, right, bottom) have a point inside in common."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2, relative luminance)."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)
