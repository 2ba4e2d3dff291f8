"""Recording a function for replay: what a program may not look at, since it would freeze the recorded sample's answer.

While `recording` is on in this thread, no number of a Value that depends on an input or a parameter leaves it: each
exit of both engines (``data``, ``grad``, ``repr``, a copy, ``backward``, `core.data_of`, …) asks `guard`, whoever calls
it, and `guard` raises an error that names the user's line and what to write instead. Our own few modules that must look
say so, and why: `looking`. An integer input may be an index, and which were is remembered. Who records is in
`recorders`, whose names are here too.

>>> from autograd_tiny import Value
>>> w = Value(2.0, "w")
>>> try:
...     with recording(Recorder({})):
...         w.data
... except RecordingError as error:
...     print("reads the number of 'w', which depends on an input or a parameter" in str(error))
True
"""

from __future__ import annotations

import linecache
import os.path
import threading
from collections.abc import Container, Iterable
from types import FrameType
from typing import Any

from ..errors import RecordingError, shorten
from ..errors.looking import looks_allowed
from .looping import Unroll
from .recorders import CURRENT, RECORDERS
from .recorders import DETACHED as DETACHED
from .recorders import FLAG as FLAG
from .recorders import INPUT as INPUT
from .recorders import Recorder as Recorder
from .recorders import being_recorded as being_recorded
from .recorders import derivatives as derivatives
from .recorders import derived_apart as derived_apart
from .recorders import graphs_wanted as graphs_wanted
from .recorders import note_derived as note_derived
from .recorders import note_leaf as note_leaf
from .recorders import note_varying as note_varying
from .recorders import paused as paused
from .recorders import recording as recording
from .recorders import within_program as within_program
from .sources import OUR_PACKAGES, calling_frame

_LIBRARY = os.path.dirname(os.__file__) + os.sep
_INSTALLED = tuple(os.path.join(_LIBRARY, name) + os.sep for name in ("site-packages", "dist-packages"))

DOES = {
    "data": "reads the number of",
    "grad": "reads the gradient of",
    "state": "asks whether a backward has reached",
    "local": "reads the local derivatives of",
    "bool": "takes the truth of",
    "compare": "compares",
    "float": "takes float() of",
    "text": "writes out the number of",
    "copy": "copies or pickles",
    "set": "sets the number of",
    "set_grad": "sets the gradient of",
    "backward": "runs backward from",
    "gradients": "takes gradients, as numbers, of",
}
"""What each exit of a number, or a change that a replay would not make, is called."""

ADVICE = (
    "the program would keep this sample's answer for all others. Write where(condition, a, b) for a branch, "
    "maximum or minimum for the larger or smaller, softmax or logsumexp for a shift by the largest, "
    "detach() for a number without gradient; or look at numbers outside the compiled function"
)
CHANGES = (
    "the program would not do it again at its other calls. Give what changes as an argument and return it, and train "
    "outside the compiled function; gradients(root, wrt) and grad(f) give derivatives inside it"
)
_CHANGING = frozenset(("set", "set_grad", "backward"))


def guard(node: Any, what: str) -> None:
    """Raise `RecordingError` if this thread is recording and the number of ``node`` differs from call to call.

    The engines call it before each exit named in `DOES`, as long as anything is being recorded.
    """
    recorder = CURRENT.get()
    if recorder is None:
        recorder = _of_another_thread(node)
        if recorder is None:
            return
    elif looks_allowed() or not _varies(node, recorder):
        return
    advice = CHANGES if what in _CHANGING else ADVICE
    depends = "which depends on an input or a parameter"
    error = RecordingError(f"{users_line()}\n  {DOES[what]} {called(node)}, {depends}: {advice}")
    if node.is_leaf and recorder is not CURRENT.get():
        recorder.leaked[node] = error  # a thread that has begun meanwhile may be anybody's
        return
    recorder.refused = recorder.refused or error
    raise error


def _of_another_thread(node: Any) -> Recorder | None:
    """Whose recording a number would leave that a thread asks for which records nothing itself: it may work for it."""
    if looks_allowed():
        return None
    for recorder in [*RECORDERS]:
        if node.is_leaf and threading.get_ident() not in recorder.threads:
            return recorder
        if _leads_to_an_input(node, recorder.elsewhere):
            return recorder
    return None


def _leads_to_an_input(
    node: Any, clean: set[Any], made: Container[Any] | None = None, varying: Container[Any] = ()
) -> bool:
    """Whether an input of a recording lies below, or one of these ``varying`` nodes, or, if leaves ``made`` are given,
    a leaf that is none of these; ``clean`` are nodes known to have none, and gains more.
    """
    stack, known = [node], {node}
    while stack:
        node = stack.pop()
        if node in clean or (made is not None and node in made):
            continue
        if node.primitive is INPUT or (made is not None and node.is_leaf) or node in varying:
            return True
        for parent in node.parents:
            if parent not in known:
                known.add(parent)
                stack.append(parent)
    clean |= known
    return False


def called(node: Any) -> str:
    """What an error calls a node, without its number."""
    return repr(node.label) if node.label else f"a Value ({node.op or 'a leaf'})"


def guard_all(nodes: Iterable[Any], what: str) -> None:
    """`guard` for each of many."""
    if RECORDERS:
        for node in nodes:
            guard(node, what)


def refuse(error: Exception) -> Exception:
    """Remember an error that depends on a number: catching it would be a branch by that number, frozen like any."""
    recorder = CURRENT.get()
    if recorder is not None and recorder.refused is None:
        recorder.refused = error
    return error


def differs(node: Any) -> bool:
    """Whether this thread is recording and ``node`` depends on an input or a parameter."""
    recorder = CURRENT.get()
    return recorder is not None and _varies(node, recorder)


def users_line() -> str:
    """``model.py:12: y.data > 0``: the innermost line on the stack that is neither ours nor the standard library's."""
    first = calling_frame()
    frame: FrameType | None = first
    while frame is not None and _is_passed_over(frame.f_code.co_filename):
        frame = frame.f_back
    first = frame or first
    place, line = first.f_code.co_filename, first.f_lineno
    text = linecache.getline(place, line).strip()
    return f"{os.path.basename(place)}:{line}" + (f": {text}" if text else "")


def _is_passed_over(file: str) -> bool:
    return file.startswith((*OUR_PACKAGES, _LIBRARY, "<frozen ")) and not file.startswith(_INSTALLED)


def _varies(node: Any, recorder: Recorder) -> bool:
    """Whether an input, or a leaf that the function did not make, lies below: all else is the same for all samples."""
    return _leads_to_an_input(node, recorder.still, recorder.made, recorder.varying)


def index_of(node: Any) -> int:
    """The integer that an input stands for, if it is one; remembers that the recording depends on it."""
    recorder = CURRENT.get()
    if recorder is not None and recorder.loops is not None and node in recorder.loops.integers:
        raise Unroll
    if recorder is not None and node in recorder.integers:
        recorder.indices[node] = recorder.integers[node]
        return recorder.integers[node]
    if recorder is not None:
        error = (
            f"{users_line()}\n  uses {called(node)} as an index, or multiplies a sequence by it: in a compiled "
            "function only an integer input itself can be one; write operator.index(i), with the input i, where you "
            "compute with it"
        )
        raise refuse(RecordingError(error))
    raise TypeError(
        f"can't multiply a sequence by {shorten(node)}, nor use it as an index: only an integer input of a function "
        "that is being compiled can be one; write int(v.data) for its number"
    )
