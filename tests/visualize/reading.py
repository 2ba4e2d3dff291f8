"""What a picture says, read back from its SVG: titles, texts, edges, boxes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

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
        shape = self.shape()
        if shape.tag == SVG + "ellipse":
            x, r = float(shape.get("cx")), float(shape.get("rx"))
            return x - r, x + r
        xs = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", shape.get("d"))]
        return min(xs), max(xs)


def read(svg: str, kind: str) -> list[Part]:
    """Every ``node``, ``edge`` or ``graph`` of a picture."""
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
