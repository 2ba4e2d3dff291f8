"""Recording a function for replay: what a program may not look at, since it would freeze the recorded sample's answer.

While `recording` is on in this thread, reading the number of a Value that depends on an input or a parameter, or
comparing it, is an error that names the line and what to write instead; an integer input may be an index, and which
were is remembered. Our own modules may look: what they read they answer for. Both engines look at one flag.
"""

from __future__ import annotations

import os.path
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .errors import RecordingError, shorten
from .primitive import Primitive
from .sources import Switch

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep

_ENGINE = {_HERE + "value.py", _HERE + "recording.py"}
"""Where a look goes through on its way from the line that counts."""

INSTEAD = {
    "data": "reads the number of",
    "bool": "takes the truth of",
    "compare": "compares",
}
ADVICE = (
    "the program would keep this sample's answer for all others. Write where(condition, a, b) for a branch, "
    "maximum or minimum for the larger or smaller, softmax or logsumexp for a shift by the largest, "
    "detach() for a number without gradient; or look at numbers outside the compiled function"
)


DETACHED = Primitive(
    "detach", lambda xp, x: x, (lambda xp, x, y: 0.0,), text="detached({0})", latex=r"\overline{{{0}}}", symbol="="
)
"""What ``detach()`` is while a function is recorded: a constant would keep the recorded sample's number."""


class Recorder:
    """What one recording has to remember: its inputs that were given as integers, and which served as indices."""

    def __init__(self, integers: dict[Any, int]) -> None:
        self.integers = integers
        self.indices: dict[Any, int] = {}
        self.made: list[Any] = []
        """The leaves that the function made while it ran: numbers of its own, if it makes new ones each time."""


_CURRENT: ContextVar[Recorder | None] = ContextVar("recording", default=None)


FLAG = Switch()
"""Whether any recording is under way; the engines are told when that may have changed."""


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """In this block, and this thread, Values are being recorded for ``recorder``."""
    token = _CURRENT.set(recorder)
    FLAG.add(1)
    try:
        yield
    finally:
        FLAG.add(-1)
        _CURRENT.reset(token)


@contextmanager
def paused() -> Iterator[None]:
    """In this block nothing is being recorded: a program that runs inside a recorded function is eager there."""
    token = _CURRENT.set(None)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def note_leaf(node: Any) -> None:
    """Remember a leaf that was made while this thread was recording."""
    recorder = _CURRENT.get()
    if recorder is not None:
        recorder.made.append(node)


def being_recorded() -> bool:
    """Whether this thread is recording."""
    return _CURRENT.get() is not None


def guard(node: Any, what: str) -> None:
    """Raise `RecordingError` if this thread is recording and the user's code looks at a number that varies."""
    if _CURRENT.get() is None:
        return
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename in _ENGINE:
        frame = frame.f_back
    place = frame.f_code.co_filename
    if place.startswith(_HERE) or not _varies(node):
        return
    import linecache

    text = linecache.getline(place, frame.f_lineno).strip()
    line = f"{os.path.basename(place)}:{frame.f_lineno}" + (f": {text}" if text else "")
    called = repr(node.label) if node.label else f"a Value ({node.op or 'a leaf'})"
    raise RecordingError(f"{line}\n  {INSTEAD[what]} {called}, which depends on an input or a parameter: {ADVICE}")


def _varies(node: Any) -> bool:
    """Whether any leaf lies below: only what is made of constants alone is the same for every sample."""
    stack, seen = [node], set[int]()
    while stack:
        node = stack.pop()
        if node.is_leaf:
            return True
        for parent in node.parents:
            if id(parent) not in seen:
                seen.add(id(parent))
                stack.append(parent)
    return False


def index_of(node: Any) -> int:
    """The integer that an input stands for, if it is one; remembers that the recording depends on it."""
    recorder = _CURRENT.get()
    if recorder is not None and node in recorder.integers:
        recorder.indices[node] = recorder.integers[node]
        return recorder.integers[node]
    raise TypeError(
        f"can't multiply a sequence by {shorten(node)}, nor use it as an index: only an integer input of a function "
        "that is being compiled can be one; write int(v.data) for its number"
    )
