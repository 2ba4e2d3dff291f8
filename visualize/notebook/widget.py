"""A pass and its page in one: an anywidget whose numbers and place are those of the `BackwardPass`.

The page asks for a place and for numbers of leaves; Python does so, or refuses, and tells the page how things are. What
is done in Python, ``p.goto(3)`` or ``p.set(w, 1.0)``, is told likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

import anywidget
import traitlets

from autograd_tiny import Value
from autograd_tiny.errors import AutogradError
from autograd_tiny.explaining.stepping import BackwardPass

from ..page import page
from ..page.story import order_of

_LINKED: WeakKeyDictionary[BackwardPass, Stepper] = WeakKeyDictionary()
"""A pass that is shown twice is one widget in two places."""


class Stepper(anywidget.AnyWidget):  # type: ignore[misc]
    """The page of a pass; ``asked`` comes from it, ``told`` goes to it."""

    _esm = (files(__package__) / "widget.js").read_text(encoding="utf-8")
    page = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    asked = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)

    def __init__(self, opened: BackwardPass, text: str, height: int) -> None:
        self.opened = opened
        self.leaves = {i: node for node, i in order_of(opened.root).items() if isinstance(node, Value) and node.is_leaf}
        self.said = ""
        super().__init__(page=text, height=height, told=self.state())
        opened.listeners.append(self.tell)
        self.observe(self._do, names="asked")

    def state(self) -> dict[str, Any]:
        """Where the pass stands, and the leaves' numbers; ``refused`` is the reason why it is not as was asked for."""
        numbers = [[i, leaf.data] for i, leaf in self.leaves.items()]
        return {"step": self.opened.position, "numbers": numbers, "refused": self.said}

    def tell(self) -> None:
        """Tell the page how things are; the same again too, since the page may have gone on."""
        self.told = {**self.state(), "turn": self.told.get("turn", 0) + 1}

    def _do(self, change: Mapping[str, Any]) -> None:
        """What the page asks for, or what can be had of it."""
        asked, opened = change["new"], self.opened
        self.said = ""
        opened.listeners.remove(self.tell)
        try:
            for i, number in asked.get("numbers", ()):
                if self.leaves[i].data != number:
                    opened.set(self.leaves[i], number)
            opened.goto(asked.get("step", opened.position))
        except (AutogradError, ValueError, IndexError) as error:
            self.said = str(error).splitlines()[0]
        finally:
            opened.listeners.append(self.tell)
        self.tell()


def linked(opened: BackwardPass, title: str, model: Any, height: int) -> Stepper:
    """The widget of a pass."""
    if opened not in _LINKED:
        _LINKED[opened] = Stepper(opened, page(opened.root, title, model, names=opened.names, bound=True), height)
    return _LINKED[opened]
