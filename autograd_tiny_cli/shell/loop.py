"""The shell's loop: read a line, do what it says, until ``quit`` or Ctrl-D; also from a pipe.

Ctrl-C interrupts a command, or the line that is being typed, and not the session.
"""

from __future__ import annotations

import sys

from rich.console import Console

from autograd_tiny.core import Value
from autograd_tiny.errors import AutogradError, NonFiniteError, shorten
from autograd_tiny.explaining.digits import short

from .commands import Quit, find
from .completion import line_editing
from .moving import assignment, set_
from .screen import Screen
from .session import Session


def open_shell(root: Value, console: Console | None = None) -> int:
    """Step through the graph of ``root``; the exit status: 1 if a command from a pipe could not be done.

    At the end, by ``quit`` or where the input ends, a pass that is done leaves the gradients of ``root.backward()``, as
    it said it would; any other puts every gradient back as it was found. ``quit complete`` and ``quit restore`` choose.
    Numbers that were set for a what-if are put back, and then so are the gradients.
    """
    session = Session(root)
    screen = Screen(session, console or Console(file=sys.stdout))
    leave, refused = "", 0
    try:
        with line_editing(session):
            welcome(screen)
            refused = _loop(screen)
    except Quit as quitting:
        leave = quitting.leave
    except BaseException:
        session.put_back()
        session.backward.reset()
        raise
    done = session.backward.position == len(session.backward) and not session.numbers
    session.put_back()
    backward = session.backward
    if leave == "complete":
        try:
            backward.clear()
            backward.run()
        except NonFiniteError:
            backward.reset()
            raise
    elif leave == "restore" or not done:
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
        except KeyboardInterrupt:
            if not at_terminal:
                raise
            screen.line("")
            screen.said("Ctrl-C stops a command; quit, or Ctrl-D, leaves.")
            continue
        typed = line.strip() or last
        last = typed
        try:
            _do(screen, typed)
        except KeyboardInterrupt:
            if not at_terminal:
                raise
            screen.said(f"{shorten(typed)} was interrupted; the pass is where it was, or a step on.", "red")
        except (ValueError, IndexError, TypeError, OSError, ImportError, AutogradError) as error:
            screen.said(str(error), "red")
            refused += not at_terminal


def _do(screen: Screen, typed: str) -> None:
    """Do what a line says: ``w = 1``, or a command."""
    if assignment(screen, typed):
        set_(screen, typed)
        return
    word, _, argument = typed.partition(" ")
    find(word.lower()).run(screen, argument.strip())


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
