"""The commands of the shell: one row each, with its letter, what it takes, what it does, and the function.

A command may be typed as its name, its letter, or the beginning of its name where only one command begins so.

>>> find("n").name, find("wat").name, find("back").name
('next', 'watch', 'back')
>>> find("unt1l")
Traceback (most recent call last):
ValueError: no command 'unt1l': did you mean until? help lists them
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograd_tiny.errors import shorten
from autograd_tiny.explaining.digits import short
from autograd_tiny.explaining.ledger import explain
from autograd_tiny.parsing.notation import nearest

from .moving import back, clear, goto, next_, quiz, run, set_, set_breakpoint, until
from .screen import Screen

Action = Callable[[Screen, str], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table."""

    name: str
    letter: str
    takes: str
    does: str
    run: Action
    completes: str = ""
    """What can be completed after it: "nodes", "leaves", "files", "commands" or nothing."""


class Quit(Exception):
    """The end of the shell; ``leave`` is what becomes of the gradients: "complete", "restore", or "" for as usual."""

    def __init__(self, leave: str = "") -> None:
        super().__init__(leave)
        self.leave = leave


def watch(screen: Screen, name: str) -> None:
    """Without a name, what is watched."""
    backward = screen.session.backward
    if name:
        backward.watch(screen.session.node(name))
    if not backward.watched:
        raise ValueError("watch what? write the name of a value, such as watch a")
    for node in backward.watched:
        screen.line(f"watching {screen.session.names(node)}: its gradient is {short(node.grad)}")


def unwatch(screen: Screen, name: str) -> None:
    screen.session.backward.unwatch(*([screen.session.node(name)] if name else []))
    screen.line("watching " + (", ".join(map(screen.session.names, screen.session.backward.watched)) or "nothing"))


def print_(screen: Screen, name: str) -> None:
    """One value with all its digits; without a name, all that have one of their own."""
    session = screen.session
    if not name:
        named = [node for node in session.order if node.label or node in session.names.variables]
        for node in (named or [session.root])[:50]:
            screen.line(f"{session.names(node)} = {node.data!r}   gradient {node.grad!r}")
        if len(named) > 50:
            screen.line(f"… and {len(named) - 50:,} more: print NAME")
        return
    node = session.node(name)
    names = session.names
    screen.line(
        f"{names.title(node)} = {node.data!r}" if session.computed(node) else f"{names.title(node)}: not computed yet"
    )
    status = "" if session.complete(node) else " so far" if session.received(node) else ", nothing sent to it yet"
    screen.line(f"  gradient {node.grad!r}{status}")
    for n, after in session.backward.history(node)[:12]:
        done = "" if n <= session.backward.position else ", still to come"
        screen.line(f"  step {n} ({names(session.backward.node_of(n))}) leaves it at {short(after)}{done}")
    users = session.consumers[node]
    if users:
        more = f" and {len(users) - 6:,} more" if len(users) > 6 else ""
        screen.said(f"  used by {', '.join(names(user) for user in users[:6])}{more}")
    if node.source:
        screen.said(f"  made at {node.source}")


def ledger(screen: Screen, name: str) -> None:
    """Why the gradient of a value is what it is, path by path."""
    session = screen.session
    if not name and session.current is None:
        raise ValueError("the ledger of what? write the name of a value, such as ledger a")
    node = session.node(name) if name else session.current
    assert node is not None
    variables = {session.names(each): each for each in session.order if session.names.variables.get(each)}
    screen.lines(str(explain(session.root, node, names=variables)))


def tree(screen: Screen, name: str) -> None:
    screen.tree(None if name in ("", "all") else screen.session.node(name), everything=name == "all")


def draw(screen: Screen, path: str) -> None:
    """Write a picture of the graph with the gradients as they are."""
    if not path:
        raise ValueError("draw what file? write its name, such as draw graph.svg")
    from visualize import save_svg

    session = screen.session
    focus = session.current if len(session.order) > 60 else None
    written = save_svg(session.root, path, show_local=True, focus=focus)
    screen.said(f"wrote {written}" + (f" (what is near {session.names(focus)})" if focus is not None else ""))


def forward(screen: Screen, _: str) -> None:
    screen.session.going_forward = True
    screen.said("The commands move in the forward pass now, leaves first; backward goes back to the backward pass.")
    screen.view()


def backward(screen: Screen, _: str) -> None:
    screen.session.going_forward = False
    screen.said("The commands move in the backward pass.")
    screen.view()


def help_(screen: Screen, name: str) -> None:
    if name:
        command = find(name)
        screen.line(
            f"{command.name} {command.takes}".rstrip() + (f"   (or {command.letter})" if command.letter else "")
        )
        screen.said(command.does)
        return
    left = max(len(f"{command.name} {command.takes}") for command in COMMANDS)
    for command in COMMANDS:
        head = f"{command.letter:1}  {command.name + ' ' + command.takes:{left}}  "
        first, _, _ = command.does.partition("; ")
        screen.line(head + first)
    screen.said("An empty line repeats the last command. Letters and beginnings of names will do; help NAME says more.")
    screen.said("▶ is the node of the step, + what it has sent something, ~ a gradient that is not complete yet.")


def quit_(screen: Screen, how: str) -> None:
    meant = [each for each in ("complete", "restore") if each.startswith(how)]
    if how and not meant:
        raise ValueError(f"quit {shorten(how)}: write quit, quit complete or quit restore")
    raise Quit(meant[0] if how else "")


COMMANDS = (
    Command("next", "n", "[COUNT]", "do the next step; or so many", next_),
    Command("back", "b", "[COUNT]", "undo the last step; or so many", back),
    Command("goto", "g", "N | NAME", "go to where N steps are done; 0 is the start; or to the step of a value",
            goto, "nodes"),
    Command("until", "u", "WHAT", "go on to the step of a value or operation; or to one such as abs(gradient) > 10, "
            "upstream == 0, nonfinite", until, "nodes"),
    Command("run", "r", "", "go on to the next breakpoint or the end", run),
    Command("break", "", "[WHAT]", "stop run and until there; WHAT is as for until; without it, list the breakpoints",
            set_breakpoint, "nodes"),
    Command("clear", "", "[N]", "remove all breakpoints; or one, by its number in the list", clear),
    Command("set", "", "NAME = NUMBER", "give a leaf another number and see what follows; NAME = NUMBER alone will do",
            set_, "leaves"),
    Command("watch", "w", "NAME", "show a value's gradient with each step", watch, "nodes"),
    Command("unwatch", "", "[NAME]", "watch it no longer; without a name, nothing", unwatch, "nodes"),
    Command("print", "p", "[NAME]", "show a value with all digits; and every step that adds to its gradient", print_,
            "nodes"),
    Command("ledger", "l", "[NAME]", "show a gradient as a sum over paths; of a value, or of the current node", ledger,
            "nodes"),
    Command("tree", "t", "[NAME | all]", "show the tree; around a value; or all of it", tree, "nodes"),
    Command("draw", "d", "FILE.svg", "write a picture of the graph as it is now", draw, "files"),
    Command("forward", "f", "", "step through the forward pass instead", forward),
    Command("backward", "", "", "step through the backward pass again", backward),
    Command("quiz", "", "[on | off]",
            "ask before each step; what a gradient becomes, and name the mistake of an answer",
            quiz),
    Command("help", "h", "[COMMAND]", "list the commands; or say more about one", help_, "commands"),
    Command("quit", "q", "[complete | restore]", "leave; a pass that is at its end leaves the gradients of backward(), "
            "any other puts back what was found; quit complete and quit restore choose", quit_),
)  # fmt: skip

OTHER_NAMES = {"?": "help", "exit": "quit", "continue": "run", "c": "run", "step": "next", "s": "next", "x": "quit",
               "qu": "quit", "qui": "quit"}  # fmt: skip
"""What other debuggers call them."""


def find(typed: str) -> Command:
    """The command that was meant; ``ValueError`` if that is none, or not clear."""
    typed = OTHER_NAMES.get(typed, typed)
    exact = [command for command in COMMANDS if typed in (command.name, command.letter)]
    begun = exact or [command for command in COMMANDS if command.name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise ValueError(f"{typed!r} is not clear: {' or '.join(command.name for command in begun)}?")
    meant = nearest(typed, [command.name for command in COMMANDS])
    raise ValueError(f"no command {shorten(typed)}: {f'did you mean {meant}? ' if meant else ''}help lists them")
