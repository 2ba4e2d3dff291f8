"""`draw_program`: what a compiled function became, beside the scalars that it came from.

Each band of the picture is one array instruction: on the left the numbers that it gives, a circle each, with lines to
those that they are computed from; on the right its box, with the matrices of parameters that it reads, and arrows from
the results that it reads. Below are the lines of the reverse sweep. All is what `Program.listing` has, in its order, as
``print(program)`` shows it.

>>> from autograd_tiny import Value, compile
>>> w = [Value(0.5), Value(2.0)]
>>> program = compile(lambda x, y: (w[0] * x + w[1] * y).tanh(), scalars="never")
>>> round(program(1.0, 2.0), 12)
0.999753210848
>>> picture = draw_program(program)      # shows itself in a notebook; picture.save("program.svg")
>>> picture.description.text
'8 scalar nodes → 2 array instructions. For one sample, 3 lines in reverse.'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_tiny.errors import article, counted, shorten

from .accessible import Description
from .arguments import whole_number
from .network import NetworkPicture
from .program_svg import Drawing
from .style import theme_named

if TYPE_CHECKING:
    from autograd_tiny.compiler.show.listing import Listing

MAX_INSTRUCTIONS = 60


class ProgramPicture(NetworkPicture):
    """A drawn program: shows itself in a notebook; ``save("program.svg")`` and `save_svg` write it."""


def draw_program(
    program: Any, *, theme: str = "light", reverse: bool = True, max_instructions: int | None = MAX_INSTRUCTIONS
) -> ProgramPicture:
    """A picture of a compiled function's array instructions, beside the scalar graph that it came from.

    ``program`` is what `autograd_tiny.compile` gave, called at least once; the last recording is drawn. With
    ``reverse=False`` the reverse sweep is only counted. Of more than ``max_instructions``, forward or in reverse, the
    first and the last are drawn; None draws all. Lines between circles go from a row to the next, where it is known
    which number needs which: the arrows on the right have them all. ``ValueError`` if there is no program to draw.
    """
    colors = theme_named("draw_program", theme)
    if max_instructions is not None and whole_number(max_instructions, 2) < 2:
        raise ValueError(
            f"draw_program(max_instructions={shorten(max_instructions)}): expected a whole number from 2 on, or None"
        )
    listing = _listing(program)
    nodes, instructions = (
        counted(sum(listing.recorded), "scalar node"),
        counted(len(listing.forward), "array instruction"),
    )
    caption = f"{nodes} → {instructions}"
    lines = counted(len(listing.reverse), "line") if listing.reverse else "nothing"
    what = f"For {'a batch' if listing.batch else 'one sample'}, {lines} in reverse."
    description = Description(f"Array program of {listing.name}", f"{caption}. {what}", {})
    drawing = Drawing(listing, colors, max_instructions, reverse)
    return ProgramPicture(drawing.svg([caption, what], description), description)


def _listing(program: Any) -> Listing:
    try:
        from autograd_tiny.compiler.program import Program
    except ModuleNotFoundError:  # no numpy: then nothing has been compiled
        Program = None  # type: ignore[assignment,misc]
    if Program is None or not isinstance(program, Program):
        raise TypeError(
            f"draw_program got {shorten(program)}, {article(type(program).__name__)}: expected what "
            "autograd_tiny.compile(function) gives"
        )
    if program.last is None:
        raise ValueError(f"draw_program: {program.__name__} has not been recorded yet: call it once, then draw it")
    if not program.uses_arrays:
        raise ValueError(
            f"draw_program: {program.__name__} runs as scalars, so there are no instructions to draw: see "
            'program.explain(), or compile it with scalars="never"'
        )
    return program.listing()
