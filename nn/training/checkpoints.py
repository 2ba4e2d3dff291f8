"""Checkpoints: all that the rest of a training run depends on, in one JSON file, so that it goes on to the last bit.

>>> import random
>>> state = random_state(random.Random(0))
>>> rng = random.Random()
>>> set_random_state(rng, state)
>>> rng.random() == random.Random(0).random()
True

A float's shortest decimal form reads back as the same float, so JSON loses nothing, and unlike a pickle it runs no
code. The file is written whole or not at all. What it holds is checked in full before anything is changed.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from autograd_tiny.errors import shorten
from autograd_tiny.files.atomic import write_atomically

from ..dropout import Dropout
from ..module import Module

FORMAT = "autograd_tiny checkpoint"
VERSION = 1
KEYS = ("run", "parameters", "good", "optimizer", "schedule", "stopping", "held_out", "random", "history")


class CheckpointError(ValueError):
    """A checkpoint that cannot be used: truncated, foreign, or of another run. Neither it nor the model was changed."""


def write(path: Path, state: dict[str, Any]) -> None:
    """Put ``state`` into the file: the old checkpoint or this one is whole at any moment."""
    text = json.dumps({"format": FORMAT, "version": VERSION, **state}, separators=(",", ":"))
    write_atomically(path, text.encode())


def read(path: Path, run: dict[str, Any]) -> dict[str, Any]:
    """What a run of the description ``run`` wrote; `CheckpointError` names the file and what is wrong."""
    try:
        state = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"is no whole JSON file ({error})") from None
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise unusable(path, "is no checkpoint of nn.fit")
    if state.get("version") != VERSION:
        raise unusable(path, f"is of version {shorten(state.get('version'))}, and this program reads {VERSION}")
    missing = [key for key in KEYS if key not in state]
    if missing:
        raise unusable(path, f"lacks {', '.join(missing)}")
    theirs = state["run"] if isinstance(state["run"], dict) else {}
    ours = json.loads(json.dumps(run))  # tuples as the file has them
    different = [
        f"{key} was {shorten(theirs.get(key), 50)} and is {shorten(ours.get(key), 50)}"
        for key in dict.fromkeys([*ours, *theirs])
        if theirs.get(key) != ours.get(key)
    ]
    if different:
        raise unusable(path, f"is of another run: {'; '.join(different)}")
    return state


def unusable(path: Path, what: str) -> CheckpointError:
    """The error for a checkpoint, with what to do."""
    return CheckpointError(
        f"checkpoint {str(path)!r} {what}; nothing was changed. "
        "Give fit another checkpoint=, or resume=False to start anew and replace it"
    )


def generators(model: Module, order: random.Random) -> dict[str, Any]:
    """Name -> each generator of random numbers that training draws from: the order's, and those that modules hold.

    Python's global one is among them if a `Dropout` without a seed draws from it.
    """
    found: dict[str, Any] = {"order": order}
    for name, module in model.named_modules():
        for key, part in vars(module).items():
            if isinstance(part, random.Random):
                found[f"{name}.{key}" if name else key] = part
        if isinstance(module, Dropout) and module.rng in (None, random):
            found["random"] = random
    return found


def random_state(rng: Any) -> list[Any]:
    """The state of a generator, as JSON can hold it."""
    version, numbers, gauss = rng.getstate()
    return [version, list(numbers), gauss]


def set_random_state(rng: Any, state: Any) -> None:
    """Continue from what `random_state` gave; ``ValueError`` for anything else."""
    try:
        version, numbers, gauss = state
        rng.setstate((version, tuple(numbers), gauss))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{shorten(state)} is no state of a random generator: {error}") from None


def check_held_out(given: Any, count: int, some: int) -> list[int]:
    """The indices of ``some`` of ``count`` samples, each once and in order."""
    whole = isinstance(given, list) and len(given) == some and all(type(i) is int and 0 <= i < count for i in given)
    if not whole or given != sorted(set(given)):
        raise ValueError(f"held_out is {shorten(given)}: expected {some} indices in order, below {count}")
    return list(given)
