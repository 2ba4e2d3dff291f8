"""The commands that move in a pass, and its breakpoints."""

from __future__ import annotations

import re
from math import isfinite

from autograd_tiny.core import Value
from autograd_tiny.errors import shorten
from autograd_tiny.explaining.digits import change
from autograd_tiny.explaining.quiz import close, question

from .screen import Screen

_ASSIGNMENT = re.compile(r"(?:set\s+)?(\S.*?)\s*(?<![=<>!])=(?!=)\s*(\S+)\s*")


def cut(names: str) -> str:
    return names if len(names) <= 60 else f"{names[:59]}…"


def next_(screen: Screen, count: str) -> None:
    if screen.session.quiz and not count and ask(screen):
        return
    _by(screen, _count("next", count))


def ask(screen: Screen) -> bool:
    """Ask about the next backward step instead of showing it; whether there was something to ask."""
    session = screen.session
    here = session.backward.position
    if session.going_forward or here == len(session.backward):
        return False
    session.asked = question(session.backward.step(here + 1))
    if session.asked is None:
        return False
    screen.said(str(session.asked), "bold")
    return True


def answer(screen: Screen, typed: str) -> bool:
    """Whether the line was the answer to what was asked; then it is judged, and the step is shown."""
    session = screen.session
    asked, session.asked = session.asked, None
    if asked is None:
        return False
    try:
        number = float(typed.replace("−", "-").replace(",", "."))
    except ValueError:
        if typed.lower() not in ("next", "n", "?"):  # another command: the question is dropped
            return False
    else:
        screen.said(asked.verdict(number), "green" if close(number, asked.right) else "red")
    _by(screen, 1)
    return True


def quiz(screen: Screen, how: str) -> None:
    session = screen.session
    if how not in ("", "on", "off"):
        raise ValueError(f"quiz {shorten(how)}: write quiz on, or quiz off")
    session.quiz = how == "on" or (not how and not session.quiz)
    if session.quiz:
        screen.said("Before each step there is a question: answer with a number, or with an empty line to be shown.")
        ask(screen)
    else:
        screen.said("No more questions.")


def back(screen: Screen, count: str) -> None:
    _by(screen, -_count("back", count))


def _count(command: str, typed: str) -> int:
    if not typed:
        return 1
    if not typed.isdecimal() or int(typed) < 1:
        raise ValueError(f"{command} {shorten(typed)}: expected how many steps, such as {command} 3")
    return int(typed[:9])


def _by(screen: Screen, steps: int) -> None:
    moving = screen.session.moving
    there = min(max(moving.position + steps, 0), len(moving))
    if there == moving.position:
        all_ = "All steps are done" if steps > 0 else "No step is done yet"
        screen.said(f"{all_}: {'back' if steps > 0 else 'next'} goes {'back' if steps > 0 else 'on'}, quit leaves.")
        return
    moving.goto(there)
    screen.view()


def goto(screen: Screen, where: str) -> None:
    session = screen.session
    moving = session.moving
    if where.isdecimal():
        there = int(where[:9])
        if there > len(moving):
            raise ValueError(f"goto {where[:9]}: there are {len(moving)} steps, 0 is where none is done")
    elif where in ("end", "start"):
        there = len(moving) if where == "end" else 0
    elif where:
        node = session.node(where)
        there = session.names.numbers[node] if session.going_forward else session.step_of.get(node, 0)
        if not node.parents and node is not session.root:
            raise ValueError(
                f"{where} has no step of its own: until {where} goes to the next step that it takes part in"
            )
    else:
        raise ValueError("goto where? write the number of a step, such as goto 0, or the name of a value")
    moving.goto(there)
    screen.view()


def until(screen: Screen, what: str) -> None:
    if not what:
        raise ValueError("until what? write a value, an operation such as mul, or abs(gradient) > 10")
    if screen.session.moving.until(what) is None:
        screen.said(f"No step ahead fits {what}; nothing has moved. goto 0 goes to the start.")
        return
    screen.view()


def run(screen: Screen, _: str) -> None:
    moving = screen.session.moving
    if moving.position == len(moving):
        screen.said("All steps are done: back goes back, goto 0 to the start, quit leaves.")
        return
    moving.run()
    screen.view()


def assignment(screen: Screen, line: str) -> tuple[Value, float] | None:
    """The leaf and the number of a line such as ``w = 1``; None for any other line."""
    match = _ASSIGNMENT.fullmatch(line)
    if match is None:
        return None
    try:
        node = screen.session.node(match[1])
    except ValueError:
        if " " not in match[1]:
            raise
        return None
    if not node.is_leaf:
        leaves = ", ".join(screen.session.names(each) for each in screen.session.order if each.is_leaf)
        raise ValueError(f"{match[1]} is computed from others, and follows them: set one of the leaves, {cut(leaves)}")
    try:
        number = float(match[2].replace("−", "-"))
    except ValueError:
        raise ValueError(f"{match[1]} = {shorten(match[2])}: expected a number, such as {match[1]} = 0.5") from None
    if not isfinite(number):
        raise ValueError(f"{match[1]} = {shorten(match[2])}: expected a finite number, such as {match[1]} = 0.5")
    return node, number


def set_(screen: Screen, what: str) -> None:
    found = assignment(screen, what if "=" in what else " = ".join(what.rsplit(None, 1)))
    if found is None:
        raise ValueError("set what? write a leaf and a number, such as set w = 0.5, or only w = 0.5")
    session, (leaf, number) = screen.session, found
    before, root = leaf.data, session.root.data
    session.set(leaf, number)
    screen.said(
        f"{session.names(leaf)}: {change(before, leaf.data)}, and {session.names(session.root)}: "
        f"{change(root, session.root.data)}. The pass stays at its step; quit puts the numbers back.",
        "bold",
    )
    screen.view()


def set_breakpoint(screen: Screen, what: str) -> None:
    moving = screen.session.moving
    if what:
        moving.break_on(what)
    for at, each in enumerate(moving.breakpoints, start=1):
        screen.line(f"breakpoint {at}: {each}")
    if not moving.breakpoints:
        screen.said("There are no breakpoints: break a, break mul, break abs(gradient) > 10")


def clear(screen: Screen, number: str) -> None:
    moving = screen.session.moving
    if not number:
        moving.clear()
    elif number.isdecimal() and 1 <= int(number[:9]) <= len(moving.breakpoints):
        del moving.breakpoints[int(number) - 1]
    else:
        raise ValueError(f"clear {shorten(number)}: expected the number of a breakpoint; break lists them")
    screen.line(f"{len(moving.breakpoints)} breakpoint{'s' * (len(moving.breakpoints) != 1)} left")
