"""How the engine treats numbers that are not finite: raise at once (the default) or let them flow.

>>> from autograd_tiny import Value
>>> with nonfinite("allow"):
...     print(Value(1000.0).exp().data)
inf
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar

from .blocks import during

_ALLOWED: ContextVar[bool] = ContextVar("nonfinite_allowed", default=False)


def nonfinite_allowed() -> bool:
    """Whether infinities and nan flow, here and now."""
    return _ALLOWED.get()


def nonfinite(mode: str) -> AbstractContextManager[None]:
    """In this block, ``"allow"`` lets infinities and nan flow as IEEE 754 says; ``"raise"`` makes them errors.

    The setting belongs to the current thread or task and is restored on the way out, after an exception too.
    """
    if mode not in ("allow", "raise"):
        raise ValueError(f'nonfinite({mode!r}): expected "allow" or "raise"')
    return during(_ALLOWED, mode == "allow")
