"""Pictures for those who hear them: a title, a description, and what each box is, in the SVG itself.

Graphviz writes the name of a node, ``v3``, as its title, and nothing else that a screen reader could say.

>>> drawn = '<svg width="1"><g id="node1" class="node"><title>v0</title></g></svg>'
>>> print(accessible(drawn, Description("a graph", "of one value", {"v0": "leaf a, value 2"})))
<svg role="graphics-document document" aria-labelledby="picture-title picture-description" width="1">
<title id="picture-title">a graph</title>
<desc id="picture-description">of one value</desc>
<g id="node1" class="node" role="graphics-symbol img" aria-label="leaf a, value 2"><title>v0</title></g></svg>
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from .text import clean

_PART = re.compile(r'(<g id="[^"]*" class="(?:node|edge|cluster)")>(\s*<title>)([^<]*)(</title>)')


class Description(NamedTuple):
    """What a picture is called, what it shows, and what each node, edge and cluster is, by its name."""

    title: str
    text: str
    parts: dict[str, str]


def accessible(svg: str, description: Description) -> str:
    """The SVG with its title, its description and their roles."""

    def labelled(found: re.Match[str]) -> str:
        said = description.parts.get(html.unescape(found[3]).split(":")[0])
        if said is None:
            return found[0]
        return f'{found[1]} role="graphics-symbol img" aria-label="{escape(said)}">{found[2]}{found[3]}{found[4]}'

    end = svg.index(">") + 1
    return f"{opening(svg[:end], description)}{_PART.sub(labelled, svg[end:])}"


def opening(tag: str, description: Description) -> str:
    """An ``<svg …>`` tag made known to screen readers, with title and description after it."""
    known = 'role="graphics-document document" aria-labelledby="picture-title picture-description"'
    return (
        f"{tag.replace('<svg', f'<svg {known}', 1)}\n"
        f'<title id="picture-title">{escape(description.title)}</title>\n'
        f'<desc id="picture-description">{escape(description.text)}</desc>\n'
    )


def escape(text: str) -> str:
    """Text for XML, inside a tag's attribute or between tags, on one line."""
    return html.escape(" ".join(clean(text).split()))
