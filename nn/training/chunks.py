"""Data in chunks that whoever works on one reads itself: files, blocks of a Dask collection, arrays cut up.

>>> import numpy as np
>>> chunks = chunked(np.arange(12.0).reshape(6, 2), np.arange(6.0))
>>> len(chunks.parts), [X.shape for X, y in chunks.parts[0].pieces()]
(1, [(6, 2)])

A chunk gives its rows in pieces of `PIECE`, so that one larger than memory can be read, and so that sums over it are
taken in an order that nothing else decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Protocol

from autograd_tiny.errors import AutogradError, article, shorten

PIECE = 4096
ROWS = 65_536
"""An array in memory is cut into chunks of so many rows."""
ENDINGS = (".npy", ".npz", ".csv", ".parquet")


class Part(Protocol):
    """One chunk: it can be sent to another process, and is read there."""

    @property
    def name(self) -> str:
        """What an error calls it."""

    def pieces(self) -> Iterator[tuple[Any, Any]]:
        """Samples and targets as arrays of numbers, some rows at a time."""


def _pieces(X: Any, y: Any) -> Iterator[tuple[Any, Any]]:
    import numpy as np

    for start in range(0, len(X), PIECE):
        rows, targets = np.asarray(X[start : start + PIECE]), np.asarray(y[start : start + PIECE])
        if rows.dtype.kind not in "fiub" or targets.dtype.kind not in "fiub":
            raise TypeError(f"expected numbers, got {rows.dtype} samples and {targets.dtype} targets")
        yield np.ascontiguousarray(rows, float), targets if targets.dtype.kind in "iu" else targets.astype(float)


@dataclass(frozen=True)
class Rows:
    """Arrays that are in memory already, and travel."""

    X: Any
    y: Any
    name: str

    def pieces(self) -> Iterator[tuple[Any, Any]]:
        return _pieces(self.X, self.y)


@dataclass(frozen=True)
class File:
    """A file: of .npy the column ``target`` is the targets, by number; of .csv and .parquet a column's name or number;
    .npz has arrays ``X`` and ``y``.
    """

    path: str
    target: Any

    @property
    def name(self) -> str:
        return self.path

    def pieces(self) -> Iterator[tuple[Any, Any]]:
        import numpy as np

        ending = Path(self.path).suffix
        if ending == ".npz":
            with np.load(self.path, allow_pickle=False) as both:
                return _pieces(both["X"], both["y"])
        if ending == ".npy":
            return self._split(np.load(self.path, mmap_mode="r", allow_pickle=False), None)
        if ending == ".csv":
            with open(self.path, encoding="utf-8-sig") as text:
                names = text.readline().strip().split(",")
            return self._split(np.loadtxt(self.path, delimiter=",", skiprows=1, ndmin=2, encoding="utf-8-sig"), names)
        try:
            from pyarrow import parquet
        except ImportError:
            raise AutogradError("reading parquet needs pyarrow: pip install pyarrow") from None
        table = parquet.read_table(self.path)
        return self._split(np.column_stack([column.to_numpy() for column in table.columns]), table.column_names)

    def _split(self, rows: Any, names: list[str] | None) -> Iterator[tuple[Any, Any]]:
        import numpy as np

        target = self.target
        if isinstance(target, str):
            if names is None or target not in names:
                known = f"its columns are {', '.join(names)}" if names else "it has no names: give the column's number"
                raise ValueError(f"{self.path} has no column {target!r}; {known}")
            target = names.index(target)
        target = target % rows.shape[1]
        others = [i for i in range(rows.shape[1]) if i != target]
        for start in range(0, len(rows), PIECE):
            piece = np.array(rows[start : start + PIECE])
            yield from _pieces(piece[:, others], piece[:, target])


@dataclass(frozen=True)
class Block:
    """A block of Dask collections, as the tasks that make it."""

    X: Any
    y: Any
    name: str

    def pieces(self) -> Iterator[tuple[Any, Any]]:
        import dask

        X, y = dask.compute(self.X, self.y, scheduler="synchronous")
        return _pieces(getattr(X, "to_numpy", lambda: X)(), getattr(y, "to_numpy", lambda: y)())


@dataclass(frozen=True)
class Made:
    """What a function of yours reads."""

    read: Callable[[], tuple[Any, Any]]
    name: str

    def pieces(self) -> Iterator[tuple[Any, Any]]:
        return _pieces(*self.read())


class Chunks:
    """Chunks in order. ``counts`` are known once each has been read for the first time."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts, self.counts = list(parts), [0] * len(parts)
        if not parts:
            raise ValueError("there are no chunks to train on")

    def __len__(self) -> int:
        return sum(self.counts)

    def told(self) -> str:
        """What a checkpoint knows the data by."""
        return f"{len(self)} samples in {len(self.parts)} chunks: {', '.join(part.name for part in self.parts)}"


def is_chunked(X: Any) -> bool:
    """Whether samples are given as chunks, and not as a list or array of them."""
    if isinstance(X, Chunks) or _is_path(X) or hasattr(X, "to_delayed"):
        return True
    return isinstance(X, (list, tuple)) and len(X) > 0 and (_is_path(X[0]) or callable(X[0]))


def _is_path(x: Any) -> bool:
    """Whether it is a path, or a text that can only be meant as one."""
    return isinstance(x, PathLike) or (isinstance(x, str) and (Path(x).suffix != "" or Path(x).exists()))


def chunked(X: Any, y: Any = None) -> Chunks:
    """``X`` and ``y`` as `nn.fit` takes them with an ``engine``, as chunks.

    ``X`` is a folder, a file or a list of files (.npy, .npz, .csv, .parquet), and ``y`` the column of the targets, by
    name or number, the last without it; or Dask arrays or frames, both; or a list of functions without arguments, each
    of which reads its chunk and gives (samples, targets); or arrays.
    """
    if isinstance(X, Chunks):
        return X
    if isinstance(X, (str, PathLike)):
        where = Path(fspath(X))
        if not where.exists():
            raise FileNotFoundError(f"there is no file and no folder {str(where)!r}")
        X = sorted(path for path in where.iterdir() if path.suffix in ENDINGS) if where.is_dir() else [where]
        if not X:
            raise ValueError(f"there is no {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} in {str(where)!r}")
    if hasattr(X, "to_delayed"):
        return _blocks(X, y)
    if isinstance(X, (list, tuple)) and X and isinstance(X[0], (str, PathLike)):
        wrong = [path for path in X if Path(path).suffix not in ENDINGS]
        if wrong:
            raise ValueError(f"{str(wrong[0])!r} is of no kind that is read here: expected {', '.join(ENDINGS)}")
        return Chunks([File(fspath(path), -1 if y is None else y) for path in X])
    if isinstance(X, (list, tuple)) and X and callable(X[0]):
        return Chunks([Made(read, f"chunk {i}") for i, read in enumerate(X)])
    import numpy as np

    X, y = np.asarray(X), np.asarray(y)
    if X.ndim < 2 or len(X) != len(y):
        raise ValueError(f"X is of shape {X.shape} and y of {y.shape}: expected rows, and a target for each")
    starts = range(0, len(X), ROWS)
    return Chunks([Rows(X[i : i + ROWS], y[i : i + ROWS], f"rows from {i}") for i in starts])


def _blocks(X: Any, y: Any) -> Chunks:
    if not hasattr(y, "to_delayed"):
        got = f"{shorten(y)}, {article(type(y).__name__)}"
        raise TypeError(f"fit(y) got {got}: expected a Dask collection like X, with the same blocks of rows")
    import numpy as np

    rows, targets = (np.asarray(x.to_delayed(), dtype=object) for x in (X, y))
    if max((n for n in rows.shape[1:]), default=1) > 1:
        raise ValueError("X is cut through its samples: write X.rechunk({1: -1}), so that a block has whole rows")
    rows, targets = rows.reshape(-1), targets.reshape(-1)
    if len(rows) != len(targets) or getattr(X, "chunks", ((),))[0] != getattr(y, "chunks", ((),))[0]:
        raise ValueError("X and y are in blocks of different rows: rechunk one like the other")
    return Chunks([Block(x, t, f"block {i}") for i, (x, t) in enumerate(zip(rows, targets, strict=True))])
