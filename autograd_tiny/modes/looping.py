"""Who takes the loops of a function that is being recorded: nobody, and a loop is what its steps are; or the compiler,
which records one step and repeats it.

>>> taker() is None
True
>>> with taken_by("the compiler"):
...     taker()
'the compiler'
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

from .blocks import during

_TAKER: ContextVar[Any] = ContextVar("loops", default=None)


class Unroll(BaseException):
    """A loop that was recorded as one step is wanted as all of its steps: by a derivative inside the function, say.

    No error of the user's: the function is recorded once more. So it is none that ``except Exception`` catches.
    """


def taken_by(taker: Any) -> AbstractContextManager[None]:
    """In this block, and this thread, ``taker.scan`` and ``taker.while_loop`` stand for the functions."""
    return during(_TAKER, taker)


def taker() -> Any:
    """Who takes loops now; None if they run."""
    return _TAKER.get()
