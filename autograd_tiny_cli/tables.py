"""Files as tables of text: CSV as it comes, parquet; and what is said of rows that cannot be used.

Ours, not pandas or polars: these stop at the first cell that is no number and do not say its line, and all that they
save is time (100,000 rows of 31 cells: 4 s here, 1 to 2 there).

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "data.csv")
...     _ = path.write_text("height;width\\n1.5;2\\n1.7;wide\\n")
...     table = read_table(path)
>>> table.names, table.rows
(['height', 'width'], [Row(line=2, cells=['1.5', '2']), Row(line=3, cells=['1.7', 'wide'])])
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from autograd_tiny.errors import close_to, shorten

from .libraries import need

DELIMITERS = ",;\t|"
"""Of these the one that stands in the header most often separates the columns."""

SHOWN = 10
"""So many bad rows are listed."""


class Row(NamedTuple):
    line: int
    cells: list[str]


class Bad(NamedTuple):
    line: int
    reason: str


class Table(NamedTuple):
    path: Path
    names: list[str]
    rows: list[Row]
    delimiter: str = ","
    counts: str = "line"
    """What the number of a row counts."""

    def column(self, name: str) -> list[str]:
        """The cells of a column, of every row that has as many cells as there are names."""
        i = self.names.index(name)
        return [row.cells[i] for row in self.rows if len(row.cells) == len(self.names)]


def read_table(path: Path, delimiter: str | None = None) -> Table:
    """The table in a file. ``ValueError`` or ``OSError`` says what is wrong.

    Of CSV the first line names the columns, spaces around a cell do not count, empty lines are passed over.
    """
    if _is_parquet(path):
        return _parquet(path)
    text = _decoded(path)
    first = next((line for line in text.splitlines() if line.strip()), None)
    if first is None:
        raise ValueError(f"{str(path)!r} is empty: expected a line with the names of the columns, then rows of data")
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ValueError(f"--delimiter got {delimiter!r}: expected one character, such as ';'")
    delimiter = delimiter or _delimiter(first)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if cells and cells != [""]:
                rows.append(Row(line, cells))
            line = reader.line_num + 1  # a quoted cell may run over several lines
    except csv.Error as error:
        raise ValueError(f"{str(path)!r}, line {line}: {error}; is a quotation mark not closed?") from None
    header = rows.pop(0)
    _check_names(path, header)
    if not rows:
        raise ValueError(
            f"{str(path)!r} has the names of {len(header.cells)} columns and no rows of data below them: expected two "
            "or more"
        )
    return Table(path, header.cells, rows, delimiter)


def find_column(table: Table, name: str, place: str) -> str:
    """The column of that name, ``ValueError`` with the nearest or all names otherwise."""
    if name in table.names:
        return name
    raise ValueError(f"{place} got {name!r}: no such column in {str(table.path)!r}{did_you_mean(name, table.names)}")


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """The end of an error about a name: the nearest of ``names``, or all of them."""
    folded = {known.casefold(): known for known in names}
    near = close_to(name.casefold(), folded)
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    return f"; there are {', '.join(map(repr, names[:20]))}{' and more' if len(names) > 20 else ''}"


def no_file(path: Path) -> FileNotFoundError:
    """The error for a file that is not there: the nearest name in its folder, or the folder that was looked in."""
    folder = path.parent
    if not folder.is_dir():
        return FileNotFoundError(f"there is no file {str(path)!r}, nor a folder {str(folder)!r}")
    near = close_to(path.name, [beside.name for beside in folder.iterdir()])
    hint = f"; did you mean {str(folder / near[0])!r}?" if near else f" (looked in {str(folder.absolute())!r})"
    return FileNotFoundError(f"there is no file {str(path)!r}{hint}")


def number(cell: str, comma: bool = False) -> float | None:
    """The finite number that a cell holds, which may be written with a decimal ``comma``; None if it holds none.

    (``float`` alone would take ``1_000``.)
    """
    cell = cell.replace(",", ".", 1) if comma else cell
    try:
        x = float(cell)
    except ValueError:
        return None
    return x if math.isfinite(x) and "_" not in cell else None


def settle(table: Table, good: Sequence[object], bad: Sequence[Bad], skip: bool) -> None:
    """Go on if no row is bad, or if ``skip`` says so; otherwise ``ValueError`` with the lines and what stands there."""
    if not bad:
        return
    rows = f"{len(bad)} of {len(table.rows)} rows {'is' if len(bad) == 1 else 'are'} bad"
    lines = [f"  {table.counts} {line}: {reason}" for line, reason in bad[:SHOWN]]
    if len(bad) > SHOWN:
        lines.append(f"  and {len(bad) - SHOWN} more")
    if not good:
        raise ValueError("\n".join([f"{str(table.path)!r}: {rows}, so nothing is left", *lines]))
    if not skip:
        advice = "  mend them, or go on without them: --skip-bad-rows"
        raise ValueError("\n".join([f"{str(table.path)!r}: {rows}", *lines, advice]))
    print("\n".join([f"{rows} and skipped:", *lines]), file=sys.stderr)


def listed(names: Iterable[str]) -> str:
    """Names for a sentence, at most ten, on one line each."""
    names = [name if name.isprintable() else repr(name) for name in names]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _is_parquet(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _parquet(path: Path) -> Table:
    """The table in a parquet file, its cells as CSV would have them; rows are counted from 1."""
    need("pyarrow")
    import pyarrow
    from pyarrow import parquet

    try:
        found = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"{str(path)!r} cannot be read as parquet: {' '.join(str(error).split())}") from None
    columns = [[_text(x) for x in column.to_pylist()] for column in found.columns]
    header = Row(0, list(map(str, found.column_names)))
    _check_names(path, header)
    if not found.num_rows:
        raise ValueError(f"{str(path)!r} has the names of {len(header.cells)} columns and no rows")
    rows = [Row(i, list(cells)) for i, cells in enumerate(zip(*columns, strict=True), start=1)]
    return Table(path, header.cells, rows, counts="row")


def _text(x: object) -> str:
    if isinstance(x, (datetime, date)):
        return x.isoformat()
    return "" if x is None or x != x else str(x).strip()


def _decoded(path: Path) -> str:
    """The text of the file: UTF-8, with or without a byte order mark, or UTF-16 with one (Excel's Unicode text)."""
    if not path.exists():
        raise no_file(path)
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder: expected a CSV or parquet file")
    content = path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ValueError(f"{str(path)!r} is a spreadsheet or an archive: save it as CSV first")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(f"{str(path)!r}, line {line}, is no UTF-8 text: save the file as 'CSV UTF-8'") from None
    if "\0" in text:
        raise ValueError(f"{str(path)!r} is no text: expected a CSV or parquet file")
    return text


def _delimiter(header: str) -> str:
    """What separates the names in the header; marks within quotation marks do not count."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _check_names(path: Path, header: Row) -> None:
    names, place = header.cells, f"{str(path)!r}" + (f", line {header.line}" if header.line else "")
    if all(number(name) is not None for name in names):
        raise ValueError(f"{place}: {shorten(names)} are numbers: expected the names of the columns first")
    if "" in names:
        raise ValueError(
            f"{place}: column {names.index('') + 1} has no name: give it one (pandas: to_csv(path, index=False))"
        )
    again = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if again:
        raise ValueError(
            f"{place}: {listed(map(repr, again))} stands there more than once: give each column its own name"
        )
