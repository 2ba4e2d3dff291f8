"""Files that are there whole or not at all, and errors that say which path would not do.

>>> import tempfile, pathlib
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> write_picture(folder / "new" / "a.svg", "<svg/>").name
'a.svg'
"""

from __future__ import annotations

import os
from pathlib import Path

from autograd_tiny.errors import AutogradError, article, shorten
from autograd_tiny.files.atomic import write_atomically

OTHER_FORMATS = {".png", ".pdf", ".jpg", ".jpeg", ".gif", ".eps", ".ps", ".webp"}


class PictureNotSaved(AutogradError, OSError):
    """A picture could not be written where it was asked for."""


def checked_path(path: str | os.PathLike[str], caller: str) -> Path:
    """``path`` as a Path; an error if it is none."""
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        raise TypeError(
            f"{caller}: path got {shorten(path)}, {article(type(path).__name__)}: expected a str or pathlib.Path"
        )
    return Path(path)


def picture_path(path: str | os.PathLike[str], caller: str) -> Path:
    """``path`` as a Path; an error if it is none, or is named as another format than SVG."""
    target = checked_path(path, caller)
    if target.suffix.lower() in OTHER_FORMATS:
        raise ValueError(
            f"{caller}: {str(target)!r} is named as {target.suffix}, and what is written is SVG: "
            f"name it {str(target.with_suffix('.svg'))!r}"
        )
    return target


def write_picture(path: Path, content: str | bytes) -> Path:
    """``path``, once its file holds ``content``; folders above it are made.

    A reader never sees half a picture: see `write_atomically`. Raises `PictureNotSaved`, an ``OSError``.
    """
    try:
        target = Path(os.path.realpath(path))  # a link keeps pointing at the file, which is what changes
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        if target.exists() and not target.is_file():
            raise OSError(0, "it is a device or a pipe, not a file")
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content.encode() if isinstance(content, str) else content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        where = getattr(error, "filename", None)
        stopped = f" (at {str(where)!r})" if where is not None and str(where) == str(target.parent) else ""
        raise PictureNotSaved(
            f"cannot save the picture as {str(path)!r}: {reason}{stopped}; give a path in a folder you can write to"
        ) from error
    return path
