"""A file written whole or not at all: whoever is killed at any moment leaves the old file or the new one.

What else a killed writer leaves, a temporary file beside it, the next write removes.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "notes.txt")
...     write_atomically(path, b"old")
...     write_atomically(path, b"new")
...     path.read_bytes(), [found.name for found in Path(folder).iterdir()]
(b'new', ['notes.txt'])
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .leftovers import claimed, clear_leftovers


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Make ``content`` what the file holds. ``OSError`` if it cannot be written: the file is then as it was.

    The bytes go to a temporary file in the same folder and reach the disk before it takes the name. A link is
    followed, and a file that was there keeps its permissions. What killed writers of the same file left is removed.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {str(path)!r}: it is a folder; give the name of a file in it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(path)!r}: there is no folder {str(target.parent)!r}; make it first")
    permissions = target.stat().st_mode & 0o7777 if target.exists() else None
    clear_leftovers(target)
    with claimed(target) as (temporary, descriptor):
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(temporary, permissions)
        os.replace(temporary, target)
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the folder's new entry reach the disk too, where the system can be asked for it (Windows cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
