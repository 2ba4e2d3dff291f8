"""`looking`: our own leave to look at a number while a function is recorded.

Whatever gives away the number of a Value asks `recording.guard`, whoever calls it. In a ``with looking():`` block the
guard lets everything pass. Each such block answers for what it sees: it says why no number of this sample stays in the
program. An error's text may show numbers, since a function that goes on after one is refused (`recording.refuse`).

>>> looks_allowed()
False
>>> with looking():
...     looks_allowed()
True
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LOOKING: ContextVar[bool] = ContextVar("looking", default=False)


@contextmanager
def looking() -> Iterator[None]:
    """In this block, and this thread, the guard of a recording lets numbers out."""
    token = _LOOKING.set(True)
    try:
        yield
    finally:
        _LOOKING.reset(token)


def looks_allowed() -> bool:
    """Whether this thread is in a `looking` block."""
    return _LOOKING.get()
