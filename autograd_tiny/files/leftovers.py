"""Temporary files beside a target, and what is left of them where a writer was killed.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     target = Path(folder, "notes.txt")
...     _ = Path(folder, ".notes.txt.0123456789abcdef.part").write_bytes(b"of a writer that was killed")
...     with claimed(target) as (temporary, descriptor):
...         os.close(descriptor)
...         clear_leftovers(target)
...         [found.name for found in Path(folder).iterdir()] == [temporary.name]
True

A writer holds a lock on its file for as long as it needs it, and the system drops the lock of one that dies however it
dies. So what can be locked belongs to nobody. A process number in the name would tell less: numbers are given
again, and those of another container or of another machine on the same disk mean nothing here.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    LOCKS = False
else:
    import fcntl

    LOCKS = hasattr(fcntl, "flock")  # a browser's Python has none: one process, with files of its own

ABANDONED = 60.0
"""Seconds after which a file that nobody holds open is a dead writer's where there are no locks (Windows): a live one
has it closed between its last byte and its renaming only."""


@contextlib.contextmanager
def claimed(target: Path) -> Iterator[tuple[Path, int]]:
    """A new file beside ``target`` and a descriptor to write it by, which the caller closes; at the end it is gone.

    Until then nobody who clears takes it for a leftover. Rename it to keep it.
    """
    temporary, descriptor = _new(target)
    # The lock lives as long as any copy of the descriptor; where there are none, an open file cannot be renamed.
    held = os.dup(descriptor) if LOCKS else None
    try:
        yield temporary, descriptor
    finally:
        with contextlib.suppress(OSError):  # renamed, or the error that brought us here is the one to tell
            os.unlink(temporary)
        if held is not None:
            os.close(held)


def clear_leftovers(target: Path) -> None:
    """Remove the temporary files of writers of ``target`` that have died; those of live ones stay.

    What cannot be removed, since it is another user's or the folder is read-only, stays too: no one is harmed by it.
    """
    ours = re.compile(re.escape(_start(target)) + r"[0-9a-f]{16}\.part")
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if ours.fullmatch(entry.name):
                with contextlib.suppress(OSError):  # gone meanwhile, or not ours to remove: the others are
                    _remove_if_dead(entry)


def _start(target: Path) -> str:
    return f".{target.name[:100]}."  # a name may have 255 bytes


def _new(target: Path) -> tuple[Path, int]:
    """A file of a new name, locked."""
    while True:
        temporary = target.with_name(f"{_start(target)}{secrets.token_hex(8)}.part")
        # mode 0o666 less the umask, as open() makes files; tempfile's 0o600 would shut others out
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        if _lock(descriptor) is not False and os.fstat(descriptor).st_nlink:
            return temporary, descriptor
        # Somebody cleared, or is about to clear, what was not locked yet.
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _remove_if_dead(entry: os.DirEntry[str]) -> None:
    if not entry.is_file(follow_symlinks=False):
        return
    if not LOCKS:
        if time.time() - entry.stat().st_mtime > ABANDONED:
            os.unlink(entry.path)  # the system refuses while somebody has it open
        return
    # NFS gives an exclusive lock only to who may write.
    descriptor = os.open(entry.path, os.O_RDWR if os.access(entry.path, os.W_OK) else os.O_RDONLY)
    try:
        # A writer that has just renamed its file leaves a lock to take and no file of this name.
        if _lock(descriptor):
            os.unlink(entry.path)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Whether the file is now locked by us; None where the system has no locks to give."""
    if sys.platform == "win32" or not LOCKS:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: write all the same, and clear nothing
        return None
    return True
