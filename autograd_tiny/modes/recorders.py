"""Who records: the recorder of each thread, and what is noted for it while the function runs.

>>> with recording(Recorder({})):
...     being_recorded(), within_program()
(True, True)
>>> being_recorded()
False
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..table.primitive import Primitive
from .blocks import Switch, during

DETACHED = Primitive(
    "detach", lambda xp, x: x, (lambda xp, x, y: 0.0,), text="detached({0})", latex=r"\overline{{{0}}}", symbol="="
)
"""What ``detach()`` is while a function is recorded: a constant would keep the recorded sample's number."""

INPUT = Primitive("input", lambda xp: 0.0, (), arguments=())
"""Marks an input of a recorded function: a kind of its own, so that one that was kept is known later on."""


class Recorder:
    """What one recording has to remember: its inputs that were given as integers, and which served as indices."""

    def __init__(self, integers: dict[Any, int]) -> None:
        self.integers = integers
        self.indices: dict[Any, int] = {}
        self.shared: dict[int, list[Any]] = {}
        """For each argument that is the same for all samples of a batch, its leaves."""
        self.derived: list[Any] = []
        """What was differentiated: its nodes were computed too, though the results may not need them."""
        self.made: dict[Any, None] = {}
        """The leaves that the function made while it ran: numbers of its own, if it makes new ones each time."""
        self.still: set[Any] = set()
        """Nodes found to be made of constants alone: the same for every sample."""
        self.varying: set[Any] = set()
        """Nodes that differ from call to call, though plain numbers stand in for the inputs below them."""
        self.threads = frozenset(threading._active)  # type: ignore[attr-defined]  # as enumerate() has them, unlocked
        """Those that ran when the recording began: any other may be the function's own."""
        self.leaked: dict[Any, Exception] = {}
        """Leaves that such threads looked at, and the error if the function knows them."""
        self.elsewhere: set[Any] = set()
        """Nodes that other threads looked at, found to depend on no input."""
        self.loops: Any = None
        """Who takes its loops (see `looping`), if anybody does."""
        self.refused: Exception | None = None
        """The first error that depended on a number: a function that caught it took a branch by that number."""


class _OfThread(threading.local):
    """The recorder of each thread. No `ContextVar`: a function may run a part of itself in a context of its own."""

    recorder: Recorder | None = None

    def get(self) -> Recorder | None:
        return self.recorder

    def set(self, recorder: Recorder | None) -> Recorder | None:
        before, self.recorder = self.recorder, recorder
        return before

    def reset(self, before: Recorder | None) -> None:
        self.recorder = before


CURRENT = _OfThread()
RECORDERS: list[Recorder] = []
"""Those of all threads."""
_PAUSED: ContextVar[bool] = ContextVar("paused", default=False)


FLAG = Switch()
"""Whether any recording is under way; the engines are told when that may have changed."""


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """In this block, and this thread, Values are being recorded for ``recorder``."""
    RECORDERS.append(recorder)
    try:
        with during(CURRENT, recorder, FLAG):
            yield
    finally:
        RECORDERS.remove(recorder)


@contextmanager
def paused() -> Iterator[None]:
    """In this block nothing is being recorded, and a program runs its function itself: another one that this calls is
    its function there, as it is while it is recorded.
    """
    with during(CURRENT, None), during(_PAUSED, True):
        yield


def within_program() -> bool:
    """Whether a program is recording its function, or runs it itself, in this thread."""
    return _PAUSED.get() or CURRENT.get() is not None


def note_leaf(node: Any) -> None:
    """Remember a leaf that was made while this thread was recording."""
    recorder = CURRENT.get()
    if recorder is not None:
        recorder.made[node] = None


def note_varying(node: Any) -> None:
    """Remember that a node differs from call to call, whatever lies below it."""
    recorder = CURRENT.get()
    if recorder is not None:
        recorder.varying.add(node)


def note_derived(nodes: Iterable[Any]) -> None:
    """Remember nodes that were differentiated while this thread was recording."""
    recorder = CURRENT.get()
    if recorder is not None:
        recorder.derived.extend(nodes)


@contextmanager
def derived_apart() -> Iterator[list[Any]]:
    """In this block what is differentiated is noted in a list of its own."""
    recorder = CURRENT.get()
    mine: list[Any] = []
    if recorder is None:
        yield mine
        return
    others, recorder.derived = recorder.derived, mine
    try:
        yield mine
    finally:
        recorder.derived = others


def being_recorded() -> bool:
    """Whether this thread is recording."""
    return CURRENT.get() is not None


class Ways:
    """How derivatives are taken where a program's function runs once more, to compare: by one graph, or by nodes."""

    def __init__(self, graphs: bool) -> None:
        self.graphs, self.met = graphs, False


_WAYS: ContextVar[Ways | None] = ContextVar("ways", default=None)


@contextmanager
def derivatives(graphs: bool) -> Iterator[Ways]:
    """In this block they are taken so; ``met`` says afterwards whether there were any."""
    ways = Ways(graphs)
    with during(_WAYS, ways):
        yield ways


def graphs_wanted() -> bool:
    """Whether a Jacobian or Hessian is to be one graph: in a recording, and in a comparison with one on request."""
    if being_recorded():
        return True
    ways = _WAYS.get()
    if ways is None:
        return False
    ways.met = True
    return ways.graphs
