"""Which line of the user's code made a node: off by default, since it costs a look at the stack for each node.

>>> from autograd_tiny import Value
>>> with track_sources():
...     y = Value(2.0) * 3.0
>>> y.source.text
'y = Value(2.0) * 3.0'
"""

from __future__ import annotations

import linecache
import os.path
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_HERE = os.path.dirname(os.path.abspath(__file__))
OUR_PACKAGES = tuple(
    os.path.join(os.path.dirname(_HERE), name) + os.sep for name in ("autograd_tiny", "nn", "visualize")
)
"""Frames of these folders are passed over: the line that counts is the user's."""

_TRACKING: ContextVar[bool] = ContextVar("track_sources", default=False)


class Switch:
    """How many `track_sources` blocks are open in all threads: what each new node looks at first."""

    __slots__ = ("blocks", "lock", "watchers")

    def __init__(self) -> None:
        self.blocks, self.lock = 0, threading.Lock()
        self.watchers: list[Callable[[bool], None]] = []

    def watch(self, watcher: Callable[[bool], None]) -> None:
        """Have ``watcher`` called with whether any block is open, whenever that may have changed."""
        self.watchers.append(watcher)

    def add(self, blocks: int) -> None:
        with self.lock:
            self.blocks += blocks
            for watcher in self.watchers:
                watcher(self.blocks > 0)


SWITCH = Switch()


@dataclass(frozen=True, slots=True)
class Source:
    """A line of code: file, line number, and the function around it."""

    filename: str
    line: int
    function: str

    @property
    def text(self) -> str:
        """The line itself, stripped; empty where the file cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        place = f"{os.path.basename(self.filename)}:{self.line}"
        return f"{place}: {self.text}" if self.text else place


@contextmanager
def track_sources() -> Iterator[None]:
    """In this block each new node knows the line that made it: ``node.source``, and errors and pictures show it."""
    token = _TRACKING.set(True)
    SWITCH.add(1)
    try:
        yield
    finally:
        SWITCH.add(-1)
        _TRACKING.reset(token)


def calling_source() -> Source | None:
    """The innermost line on the stack that is not ours, if this thread or task tracks sources."""
    if not _TRACKING.get():
        return None
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(OUR_PACKAGES):
        frame = frame.f_back
    return Source(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
