"""What stands below a picture: notes in words, and the scale that says which colour is which number.

>>> from visualize.style import LIGHT
>>> scale = Scale([-2.0, 0.5], LIGHT)
>>> dot_caption(["backward has not run"], None, LIGHT, 4)
'backward has not run'
>>> dot_caption([], scale, LIGHT, 4).count("BGCOLOR")
9
"""

from __future__ import annotations

from .scale import Scale
from .style import SMALL_SIZE, Theme
from .text import html_text, number, quoted_text

STEPS = 4
"""So many patches of colour on either side of 0."""
FLOWS = "gradient along an edge, upstream × local derivative: the wider, the larger"
ROOTS = {2: "square root", 6: "sixth root"}
PATCH = 46
"""The width of a patch in points: room for a number below every second one."""


def dot_caption(notes: list[str], scale: Scale | None, theme: Theme, digits: int) -> str:
    """The label of the whole picture: its notes, and the legend where gradients have colours."""
    if scale is None:
        return "\n".join(quoted_text(note) for note in notes)
    rows = [f'<TR><TD COLSPAN="{2 * STEPS + 1}">{_font(note, theme)}</TD></TR>' for note in notes]
    if scale.largest:
        patches = scale.ticks(STEPS)
        colors = "".join(
            f'<TD WIDTH="{theme.size(PATCH):.0f}" HEIGHT="9" BGCOLOR="{scale.color(x)}"></TD>' for x in patches
        )
        # Two decimals of strength are all the eye gets: so are the digits below.
        shown = [number(x, min(digits, 3)) if i % 2 == 0 else "" for i, x in enumerate(patches)]
        numbers = "".join(f"<TD>{_font(text, theme) if text else ''}</TD>" for text in shown)
        rows.append(f"<TR>{colors}</TR><TR>{numbers}</TR>")
        for said in (FLOWS, f"the colour goes by the {ROOTS.get(scale.root, 'share')} of it"):
            rows.append(f'<TR><TD COLSPAN="{2 * STEPS + 1}">{_font(said, theme)}</TD></TR>')
    if not rows:
        return ""
    rows.insert(0, f'<TR><TD HEIGHT="8" COLSPAN="{2 * STEPS + 1}"></TD></TR>')  # away from the boxes
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{"".join(rows)}</TABLE>>'


def _font(text: str, theme: Theme) -> str:
    return f'<FONT POINT-SIZE="{theme.size(SMALL_SIZE):g}" COLOR="{theme.muted}">{html_text(text)}</FONT>'
