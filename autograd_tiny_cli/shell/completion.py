"""Completion and history at the prompt, through readline where there is one; a REPL around gets its own back.

>>> from autograd_tiny import Value
>>> from autograd_tiny_cli.shell.session import Session
>>> session = Session(Value(2.0, "weight") * Value(3.0, "width"))
>>> candidates(session, "", "wa"), candidates(session, "until ", "wei"), candidates(session, "goto ", "x")
(['watch'], ['weight'], [])
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager

from .commands import COMMANDS, find
from .session import Session


def candidates(session: Session, before: str, begun: str) -> list[str]:
    """What the word ``begun`` may become after ``before`` on the line."""
    names = [command.name for command in COMMANDS]
    words = before.split()
    if not words:
        leaves = [session.names(node) for node in session.order if node.is_leaf]
        return [name for name in [*names, *leaves] if name.startswith(begun)]
    try:
        completes = find(words[0]).completes
    except ValueError:
        return []
    if completes == "files":
        return sorted(glob.glob(glob.escape(begun) + "*"))
    leaves = [session.names(node) for node in session.order if node.is_leaf]
    known = {"nodes": [*dict.fromkeys(session.known)], "leaves": leaves, "commands": names}.get(completes, [])
    return [name for name in known if name.startswith(begun)]


@contextmanager
def line_editing(session: Session) -> Iterator[None]:
    """At the prompt Tab completes and the arrows bring back what was typed; afterwards all is as it was."""
    try:
        import readline
    except ImportError:  # Windows: a plain prompt
        yield
        return
    found = readline.get_completer(), readline.get_completer_delims(), readline.get_current_history_length()

    def complete(begun: str, which: int) -> str | None:
        matching = candidates(session, readline.get_line_buffer()[: readline.get_begidx()], begun)
        if which >= len(matching):
            return None
        return matching[which] + " " * (len(matching) == 1 and not os.path.isdir(matching[which]))

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(found[0])
        readline.set_completer_delims(found[1])
        for at in range(readline.get_current_history_length() - 1, found[2] - 1, -1):
            readline.remove_history_item(at)
