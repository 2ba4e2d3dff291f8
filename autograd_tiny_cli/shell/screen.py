"""What the shell shows, with rich: the tree with values and gradients beside it, the step, and the step in words.

Everything is marked by signs as well as by colours: ``▶`` the node of the step, ``+`` what it has just sent
something, ``~`` a gradient that is not complete yet.
"""

from __future__ import annotations

from textwrap import wrap

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograd_tiny.core import Value
from autograd_tiny.explaining.digits import short

from .session import Session
from .tree import Row, around, size, whole
from .words import sentences

LIT, SENT, DIM = "bold yellow", "green", "dim"
LINES = 16
"""A tree of more lines is cut to what is near the current node."""


class Screen:
    """A session written to a console."""

    def __init__(self, session: Session, console: Console) -> None:
        self.session, self.console = session, console

    @property
    def width(self) -> int:
        return max(40, self.console.width)

    def line(self, text: Text | str, style: str = "") -> None:
        """One line, cut at nothing: lines are made to fit before."""
        shown = text if isinstance(text, Text) else Text(printable(text))
        self.console.print(shown, style=style, soft_wrap=True, highlight=False, markup=False)

    def lines(self, text: str, style: str = "") -> None:
        for line in text.splitlines():
            self.line(line, style)

    def said(self, sentence: str, style: str = "") -> None:
        """A sentence, in as many lines as it needs."""
        for line in sentence.splitlines():
            for part in wrap(printable(line), self.width, break_long_words=True) or [""]:
                self.line(part, style)

    # The whole view

    def view(self) -> None:
        """The tree and the step done last."""
        self.tree()
        self.step()

    def step(self) -> None:
        """The step done last, on the board and in words; at the start and the end, what can be done."""
        session = self.session
        moving = session.moving
        if session.going_forward:
            done = session.forward.current
            self.lines(done.text(width=self.width) if done else "nothing is computed yet: next does the first step")
            return
        current = session.backward.current
        if current is None:
            return
        self.line("")
        title, *rest = current.text(width=self.width).splitlines()
        self.line(title, LIT)
        for line in rest:
            self.line(line)
        for sentence in sentences(current):
            self.said(sentence, "italic")
        watched = session.backward.watched
        if watched:
            self.said(
                "watched: " + ", ".join(f"{session.names.symbol(node)}.grad = {short(node.grad)}" for node in watched)
            )
        if moving.position == len(moving):
            self.said("That was the last step: the gradients are those of backward().", "bold")

    # The tree

    def tree(self, centre: Value | None = None, everything: bool = False) -> None:
        """The tree around ``centre`` or the current node; all of it where it is small or ``everything`` is asked."""
        session = self.session
        if everything or (centre is None and size(session, LINES) <= LINES):
            rows = whole(session, deepest=max(4, self.width // 6))
        else:
            near = session.current if centre is None else centre
            rows = around(session, session.root if near is None else near)
        titles = [self._title(row) for row in rows]
        room = min(max((cell_len(title) for title in titles), default=0), self.width - 28)
        self.line(f"{'':{room}}  {'value':>10}{'' if session.going_forward else '  gradient'}", DIM)
        for row, title in zip(rows, titles, strict=True):
            self.line(self._row(row, title, room))

    def _title(self, row: Row) -> str:
        if row.node is None:
            return f"  {row.guide}{row.note}"
        session, node = self.session, row.node
        step = session.backward.current if not session.going_forward else None
        received = {sent.parent for sent in step.contributions} if step and step.sends else set()
        lit = node is session.current
        mark = "▶ " if lit else "+ " if node in received and not node.is_constant else "  "
        return f"{mark}{row.guide}{printable(session.names.title(node))}" + (f"  ({row.note})" if row.note else "")

    def _row(self, row: Row, title: str, room: int) -> Text:
        node = row.node
        room = self.width if node is None else room
        if cell_len(title) > room:
            title = set_cell_size(title, room - 1) + "…"
        style = DIM if node is None or node.is_constant else LIT if title[0] == "▶" else SENT if title[0] == "+" else ""
        line = Text(title, style=style)
        if node is None or node.is_constant:
            return line
        session = self.session
        line.append(" " * (room - cell_len(title) + 2))
        line.append(f"{short(node.data) if session.computed(node) else '?':>10}  ")
        line.append(self._gradient(node))
        line.rstrip()
        return line

    def _gradient(self, node: Value) -> str:
        session = self.session
        if session.going_forward:
            return ""
        if not session.received(node):
            return "" if node.grad == 0.0 or not node.is_leaf else f"{short(node.grad)} from before"
        return short(node.grad) if session.complete(node) else f"{short(node.grad)} ~"


def printable(text: str) -> str:
    """The text without what would move the cursor: a label is data."""
    return "".join(letter if letter.isprintable() else "·" for letter in text)
