r"""Text that draws as it is written: escapes for DOT's three kinds of string, and an estimate of widths.

A label is the user's, so it may hold anything: ``{}|<>\"&``, line breaks, control characters, any script.
Two traps are worth knowing. DOT replaces ``\N``, ``\G``, ``\L`` and others by names of its own, in HTML-like
labels too, and in a tooltip it does so twice. And graphviz-pure takes every non-ASCII character to be as wide
as a space, so that boxes must be given their width by us.

>>> html_text("w{1} < 0 & \\N")
'w{1} &lt; 0 &amp; \\\\N'
>>> clean("a\x00b\ud800")
'a\ufffdb\ufffd'
>>> number(-0.00402283, 3)
'−0.00402'
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata

import graphviz

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write, not even as ``&#1;``; DEL, which shows as nothing; and what turns the direction of
all that follows in its line: after a name with U+202E in it "gets 0.5" would read "5.0 steg"."""

# Advance widths of DejaVu Sans Bold in em: the widest sans a viewer is likely to have, so that text measured
# with it stays in its box in Arial, Helvetica and Liberation Sans as well.
_ASCII_WIDTHS = {
    0.42: " !'(),-./:;IJ[\\]f|ijl",
    0.60: '"*?_`crstz',
    0.74: "$0123456789ABCEFKLPRSTVXYZabdeghknopquvxy{}",
    0.85: "#+<=>DGHNOQU^~",
    1.11: "%&@MWmw",
}
REGULAR = 0.92
"""How wide a text in the regular weight is, where the same text in bold is 1."""

WIDTHS = {character: width for width, characters in _ASCII_WIDTHS.items() for character in characters}


def clean(text: str) -> str:
    """The text with each character that a picture cannot hold replaced by U+FFFD, the replacement character."""
    return FORBIDDEN.sub("\ufffd", text)


def html_text(text: str) -> str:
    """The text for an HTML-like label. (`dot` takes a last ``]`` for the beginning of ``]]>``, a syntax error.)"""
    return html.escape(clean(text)).replace("\\", "\\\\").replace("]", "&#93;")


def quoted_text(text: str) -> str:
    """The text for a plain label, on one line; a DOT string even where it starts with ``<`` and ends with ``>``."""
    line = " ".join(clean(text).split())
    return graphviz.nohtml(line.replace("&", "&amp;").replace("\\", "\\\\"))  # type: ignore[no-any-return]


def tooltip_text(text: str) -> str:
    """The text for a tooltip, whose backslashes DOT reads twice."""
    return graphviz.nohtml(clean(text).replace("&", "&amp;").replace("\\", "\\" * 4))  # type: ignore[no-any-return]


def number(x: float, digits: int) -> str:
    """The number to that many significant digits, with a true minus sign and no negative zero."""
    return f"{x + 0.0:.{digits}g}".replace("-", "−")


def cut(text: str, most: int = 60) -> str:
    """The text on one line of at most ``most`` characters.

    >>> cut("a name that goes on and on", 12)
    'a name that…'
    """
    line = " ".join(clean(text[: 4 * most + 100]).split())
    return line if len(line) <= most and len(text) <= 4 * most + 100 else f"{line[: most - 1].rstrip()}…"


def width(text: str) -> float:
    """About how wide the text draws, in em: rather too wide than too narrow."""
    return sum(WIDTHS.get(character) or _other_width(character) for character in text)


def _other_width(character: str) -> float:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    return 0.75 if category in ("Ll", "Lm", "Nd", "Zs") else 1.0


def lines(label: str, widest: float = 26.0, most: int = 3) -> list[str]:
    """The label in lines of at most about ``widest`` em; beyond ``most`` lines it ends in an ellipsis.

    >>> lines("the quick brown fox jumps over the lazy dog", widest=14.0)
    ['the quick brown fox', 'jumps over the lazy', 'dog']
    """
    wrapped: list[str] = []
    for line in label.splitlines():
        line = clean(line.expandtabs(4))
        columns = max(4, int(widest * len(line) / (width(line) or 1.0)))
        wrapped += textwrap.wrap(line, columns) if width(line) > widest else [line]
        if len(wrapped) > most:
            return [*wrapped[: most - 1], f"{wrapped[most - 1]} …"]
    return wrapped
