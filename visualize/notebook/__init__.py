"""`show_stepper` and `steps(L)` in a notebook: the page that steps, in the output cell.

With anywidget (extra ``notebook``) the page and Python are one: what is stepped to and set in the output is so in the
next cell, and the other way round (`widget`). Without it the page stands on its own. Stands on ``page/``.

>>> from autograd_tiny import Value, steps
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> "iframe" in show_stepper((a * b).tanh())._repr_html_()
True
"""

from __future__ import annotations

import html
from importlib.util import find_spec
from typing import Any

from autograd_tiny import Value
from autograd_tiny.explaining.stepping import BackwardPass
from nn import settings

from ..page import MOST, check_root, page

HEIGHT = 640
"""Of the page in a cell, in pixels."""


class LivePage:
    """A stepper page that a notebook shows in the output cell."""

    def __init__(self, text: str, height: int) -> None:
        self.text, self.height = text, height

    def _repr_html_(self) -> str:
        # A sandbox without an origin of its own: the page can run, and reach nothing of the notebook.
        return (
            f'<iframe sandbox="allow-scripts" title="stepper" style="width:100%;height:{self.height}px;border:0" '
            f'srcdoc="{html.escape(self.text)}"></iframe>'
        )


def show_stepper(root: Value | BackwardPass, *, title: str = "", model: Any = None, height: int = HEIGHT) -> Any:
    """The page of `write_stepper` as the last line of a notebook's cell: it shows there and computes.

    Of a pass, ``show_stepper(p)`` with ``p = steps(L)``, it is a widget where anywidget is installed: the page stands
    where ``p`` stands, a leaf that is changed in it has its number in Python, and ``p.goto``, ``p.set`` move the page.
    """
    high = settings.whole("show_stepper(height)", height)
    if isinstance(root, BackwardPass):
        check_root(root.root, "show_stepper")
        if find_spec("anywidget") is not None:
            from .widget import linked

            return linked(root, title, model, high)
        return LivePage(page(root.root, title, model, names=root.names), high)
    check_root(root, "show_stepper")
    return LivePage(page(root, title, model), high)


def in_cell(opened: BackwardPass) -> dict[str, Any] | None:
    """What a pass shows in a notebook, by kind of content; None at a terminal, or where it is too large for a page."""
    if not _is_notebook() or len(opened.order) > MOST:
        return None
    shown = show_stepper(opened)
    if isinstance(shown, LivePage):
        return {"text/html": shown._repr_html_(), "text/plain": str(opened)}
    bundle = shown._repr_mimebundle_()
    found: dict[str, Any] = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**found, "text/plain": str(opened)}


def _is_notebook() -> bool:
    """Whether what runs us shows more than text."""
    if find_spec("IPython") is None:
        return False
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    formats = getattr(getattr(shell, "display_formatter", None), "active_types", ())
    return "text/html" in formats
