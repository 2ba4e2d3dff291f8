"""Callbacks: functions that `fit` calls with the `Epoch` after each, and that may end the run.

>>> seen = []
>>> ended([seen.append, lambda epoch: epoch.loss < 0.5], Epoch(1, 4, loss=0.4)), len(seen)
('lambda', 1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_tiny.errors import article, name_of, shorten

from .history import Epoch

Callback = Callable[[Epoch], Any]


def listed(given: Any) -> list[Callback]:
    """The callbacks, one or several, as a list."""
    found = [given] if callable(given) else given
    if not isinstance(found, (list, tuple)):
        got = f"{shorten(given)}, {article(type(given).__name__)}"
        raise TypeError(f"fit(callbacks) got {got}: expected a function of the epoch, or a list of them")
    for callback in found:
        if not callable(callback):
            got = f"{shorten(callback)}, {article(type(callback).__name__)}"
            raise TypeError(f"fit(callbacks) has {got}: expected functions of the epoch")
    return list(found)


def ended(callbacks: Sequence[Callback], epoch: Epoch) -> str | None:
    """Call each; the name of the first that asks for the end by returning True or "stop"."""
    by = None
    for callback in callbacks:
        answer = callback(epoch)
        if isinstance(answer, str) and answer != "stop":
            raise ValueError(f"callback {_name(callback)} returned {shorten(answer)}: expected 'stop', True or nothing")
        if (isinstance(answer, str) or type(answer).__name__ in ("bool", "bool_")) and bool(answer):
            by = by or _name(callback)  # the others are still told of this epoch
    return by


def _name(callback: Callback) -> str:
    return name_of(callback).strip("<>")
