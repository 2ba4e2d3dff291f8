"""A mode that is on within a block of code: in its thread or task, and counted over all, as engines ask first.

>>> from contextvars import ContextVar
>>> mode, switch = ContextVar("mode", default=False), Switch()
>>> with during(mode, True, switch):
...     mode.get(), switch.blocks
(True, 1)
>>> mode.get(), switch.blocks
(False, 0)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

T = TypeVar("T", contravariant=True)


class Variable(Protocol[T]):
    """A `ContextVar`, or what is used like one."""

    def set(self, value: T, /) -> Any: ...
    def reset(self, token: Any, /) -> None: ...


class Switch:
    """How many blocks of one kind are open in all threads, such as `track_sources`: what the engines look at first."""

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


@contextmanager
def during(variable: Variable[T], value: T, switch: Switch | None = None) -> Iterator[None]:
    """In this block, and this thread or task, the variable has that value; after an exception too it is as before."""
    token = variable.set(value)
    if switch is not None:
        switch.add(1)
    try:
        yield
    finally:
        if switch is not None:
            switch.add(-1)
        variable.reset(token)
