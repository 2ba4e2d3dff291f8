"""The shell's loop: read a line, do what it says, until ``quit``, Ctrl-D or Ctrl-C; also from a pipe."""

from __future__ import annotations

import sys

from rich.console import Console

from autograd_tiny.core import Value
from autograd_tiny.errors import AutogradError, NonFiniteError
from autograd_tiny.explaining.digits import short

from .commands import Quit, find
from .completion import line_editing
from .screen import Screen
from .session import Session


def open_shell(root: Value, console: Console | None = None, leave: str = "restore") -> int:
    """Step through the graph of ``root``; the exit status: 1 if a command from a pipe could not be done.

    ``quit`` and the end of the input put every gradient back as it was found (``leave`` says otherwise), and so does
    Ctrl-C, which is then raised. ``quit complete`` leaves the gradients of ``root.backward()``.
    """
    session = Session(root)
    screen = Screen(session, console or Console(file=sys.stdout))
    backward = session.backward
    refused = 0
    try:
        with line_editing(session):
            welcome(screen)
            refused = _loop(screen)
    except Quit as quitting:
        leave = quitting.leave
    except BaseException:
        backward.reset()
        raise
    if leave == "complete":
        try:
            backward.clear()
            backward.run()
        except NonFiniteError:
            backward.reset()
            raise
    else:
        backward.reset()
    return 1 if refused else 0


def welcome(screen: Screen) -> None:
    """What the shell opens with."""
    session = screen.session
    steps = len(session.backward)
    name = session.names(session.root)
    screen.said(
        f"{name} = {short(session.root.data)}; the backward pass from it has {steps:,} step{'s' * (steps > 1)}. "
        "next does one, help lists the commands, quit leaves.", "bold"
    )  # fmt: skip
    if session.had_gradients:
        names = ", ".join(session.names(node) for node in session.had_gradients[:6])
        more = f" and {len(session.had_gradients) - 6:,} more" if len(session.had_gradients) > 6 else ""
        screen.said(f"There are gradients from before in {names}{more}: this pass adds to them, as backward() does.")
    screen.view()


def _loop(screen: Screen) -> int:
    """Until the input ends; how many lines of a pipe could not be done."""
    at_terminal = sys.stdin.isatty()
    last, refused = "next", 0
    while True:
        try:
            line = _read(screen, at_terminal)
        except EOFError:
            if at_terminal:
                screen.line("")
            return refused
        typed = line.strip() or last
        last = typed
        word, _, argument = typed.partition(" ")
        try:
            find(word.lower()).run(screen, argument.strip())
        except (ValueError, IndexError, TypeError, OSError, ImportError, AutogradError) as error:
            screen.said(str(error), "red")
            refused += not at_terminal


def _read(screen: Screen, at_terminal: bool) -> str:
    """The next line; from a pipe it is shown, so that the output reads as a session."""
    prompt = screen.session.prompt
    if at_terminal and screen.console.is_terminal:
        return input(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    screen.line((prompt + line.strip()).rstrip())
    return line
