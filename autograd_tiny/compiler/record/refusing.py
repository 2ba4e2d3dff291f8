"""What a recording is refused for, in words: what the function does, why a program would not, what to write instead.

>>> str(asks("f", "reads a clock, time.time"))[:74]
'f reads a clock, time.time: a program would keep what it gave this once fo'
"""

from __future__ import annotations

from typing import Any

from ...core import Value
from ...errors import RecordingError, shorten
from ...errors.foreign import is_noted
from ...modes.recording import called
from ...modes.sources import OUR_PACKAGES


def check_arguments(name: str, before: Any, after: Any) -> None:
    """Raise `RecordingError` if the function changed what it was given."""
    if before != after:
        raise RecordingError(
            f"{name} changes its argument: a program would not do it again at its other calls. "
            "Copy the argument first, as in xs = list(xs), or give the changed one back as a result"
        )


def changes(name: str, place: str) -> RecordingError:
    """The error for a function that changes what it reads."""
    return RecordingError(
        f"{name} changes {place} while it runs, and reads it: a program would do neither again at its other calls. "
        "Give what changes as an argument and return it"
    )


def asks(name: str, what: str) -> RecordingError:
    """The error for a function whose answer depends on something that its inputs do not decide."""
    return RecordingError(
        f"{name} {what}: a program would keep what it gave this once for all its other calls. Draw or read it "
        "outside, and give it as an argument"
    )


def differs(name: str, now: str, then: str, given_as: str = "an argument") -> RecordingError:
    """The error for a function that gives another thing when it runs again."""
    return RecordingError(
        f"{name} gives {now} when it is run on numbers, and gave {then or 'something else'} when it was recorded on "
        "Values with these numbers: it asks for the type of its inputs, or if two of them are equal (a set, index, "
        f"count), draws at random, reads a clock, or keeps state. Draw outside and give what was drawn as {given_as}; "
        "write where(condition, a, b) for a branch"
    )


def looked_up(name: str) -> RecordingError:
    """The error for a function that looks an input up by its hash."""
    return RecordingError(
        f"{name} looks a number up in a set or a dict, by an input or what it computes of one: equal numbers are found "
        "there, and Values are not. Write operator.index(i) for an input i that is a key, and "
        "where(equal(x, 1.0), a, b) for a branch"
    )


def is_of_ours(error: Exception) -> bool:
    """Whether one of our modules raised it, or noted what to write: then it says what to do. Not what a Value has not,
    and a number has.
    """
    if isinstance(error, AttributeError):
        return False
    if is_noted(error):
        return True
    raised = error.__traceback__
    while raised is not None and raised.tb_next is not None:
        raised = raised.tb_next
    file = raised.tb_frame.f_code.co_filename if raised is not None else ""
    return file.startswith(OUR_PACKAGES) or file.endswith((".pyx", ".pxi"))


def only_recorded(name: str, error: Exception) -> RecordingError:
    """The error for a function that raises when it is recorded, and does not on numbers."""
    return RecordingError(
        f"{name} raises {type(error).__name__} when it is recorded on Values, {shorten(str(error))}, and does not on "
        "numbers: it asks for the type of an input, or has an integer as a key or in an operation of integers only. "
        "Write operator.index(i) for an input i that is an index, a key or a count: each has a recording of its own"
    )


def kept(name: str, place: str | None) -> RecordingError:
    """The error for a function that keeps a Value of its recording."""
    return RecordingError(
        f"{name} keeps a Value that depends on an input between calls{f', in {place}' if place else ''}: a program "
        "would keep that of this sample for all others. Give it as an argument and return it"
    )


def outside(name: str, node: Value, place: str | None) -> RecordingError:
    """The error for a Value that was computed before either run."""
    where = f" as {place}" if place else ""
    return RecordingError(
        f"{name} uses {called(node)}{where}, which was computed outside: its number stays as it is when a "
        "parameter changes, and a program would compute it anew. Compute it inside the function, or write .detach() "
        "outside for a number without gradient"
    )
