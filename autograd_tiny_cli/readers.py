"""Whoever reads what we print may go away (``| head -1``): a command that writes a file goes on without a reader.

What nobody can read any more is dropped. A disk that is full where the output goes is told at the end, when the file is
written.

>>> import io
>>> class Gone(io.StringIO):
...     def write(self, text):
...         raise BrokenPipeError
...
>>> with going_on(Gone()) as stream:
...     print("nobody reads this", file=stream)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, cast


class _Unread:
    """A stream that forgets what it cannot write, and keeps the reason."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.reason: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self._tried(lambda: self._stream.write(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        self._tried(self._stream.flush)

    def _tried(self, work: Callable[[], Any]) -> None:
        if self.reason is not None:
            return
        try:
            work()
        except OSError as error:
            self.reason = error
            to_nowhere(self._stream)


def to_nowhere(stream: Any) -> None:
    """What is left in the stream's buffer goes to the null device, or the flush at exit would complain again."""
    try:
        descriptor = stream.fileno()
    except OSError:  # io's for a stream that is no file
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


@contextmanager
def going_on(out: Any, err: Any = None) -> Iterator[Any]:
    """Within it, what is printed into these streams fails no more; ``OSError`` at the end if it did, except where the
    reader had gone.
    """
    streams = [_Unread(stream) for stream in (out, err) if stream is not None]
    with redirect_stdout(cast(Any, streams[0] if out is not None else None)):
        with redirect_stderr(cast(Any, streams[-1] if err is not None else None)):
            yield streams[0] if streams else None
        for stream in streams:
            stream.flush()
    for stream in streams:
        if stream.reason is not None and not isinstance(stream.reason, BrokenPipeError):
            raise stream.reason
