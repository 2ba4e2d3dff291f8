"""``autograd-tiny predict``: what a network from ``autograd-tiny train data.csv`` says about each row of a table."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_tiny.errors import counted

from .code_pages import in_full
from .columns import Column, Reading, has_comma, readings
from .tables import Bad, Row, Table, did_you_mean, listed, number, read_table, settle
from .tabular import TooFar, Trained, mean_error

DESCRIPTION = """\
Predict the target of each row of a table, CSV or parquet, with a model that `autograd-tiny train data.csv` wrote. The
columns are found by name, in any order. The predictions are CSV: the line of the row in the file, then the class and
its probability, or the number. If the file has the target as well, the last line says how many predictions are right.
"""


def add_to(commands: Any) -> None:
    """Make ``predict`` one of the subcommands."""
    parser = commands.add_parser(
        "predict",
        help="predict the rows of a table with a trained network",
        description=DESCRIPTION,
        epilog="example: autograd-tiny predict model.safetensors new.csv --out predictions.csv",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="what `autograd-tiny train` wrote")
    parser.add_argument(
        "data", type=Path, metavar="DATA", help="a CSV or parquet file with the columns that it was trained on"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the predictions go (default: they are printed)")
    parser.add_argument("--delimiter", metavar="CHARACTER", help="between cells (default: found in the first line)")
    parser.add_argument("--skip-bad-rows", action="store_true", help="leave out rows that do not fit")
    parser.set_defaults(run=run, writes=writes)


def writes(options: argparse.Namespace) -> bool:
    """Whether a file is to come of it."""
    return options.out is not None


def run(options: argparse.Namespace) -> int:
    """Predict each row and write the predictions; the exit status. All that is no prediction goes to stderr."""
    from autograd_tiny.files.atomic import write_atomically

    if options.out is not None and options.out.exists():
        for what in (options.data, options.model):
            if what.exists() and options.out.samefile(what):
                raise ValueError(f"--out got {str(options.out)!r}, which is read here: expected another file")
    trained = Trained.load(options.model)
    table = read_table(options.data, options.delimiter)
    _check_names(table, trained)
    good, bad = readings(table, trained.columns, fitted=True)
    for i, column in enumerate(trained.columns):
        _tell_of_new(column, [row.cells[i] for row in good])
    answers, too_far = _answers(trained, good)
    settle(table, answers, sorted([*bad, *too_far]), options.skip_bad_rows)
    text = _as_csv(trained, answers, table.counts)
    if options.out is None:
        if not in_full(text):
            raise ValueError(
                f"a name in the predictions cannot be printed in {sys.stdout.encoding}, which standard output has "
                "here: write them into a file, in UTF-8, with --out FILE, or set PYTHONUTF8=1"
            )
        print(text, end="", flush=True)
    else:
        write_atomically(options.out, text.encode())
        print(f"wrote {len(answers)} predictions of {trained.target!r} to {options.out}")
    if trained.target in table.names:
        print(_compared(trained, table, answers), file=sys.stderr)
    return 0


Answer = tuple[int, str, float]
"""Line, class and its probability; or line, the number as text, and the number."""


def _answers(trained: Trained, rows: Sequence[Reading]) -> tuple[list[Answer], list[Bad]]:
    """The prediction for each row; the rows so far from those of the training that a number overflows."""
    answers, too_far = [], []
    for row in rows:
        try:
            if trained.classes is not None:
                chances = trained.probabilities(row.cells)
                best = max(chances)
                answers.append((row.line, trained.classes[chances.index(best)], best))
            else:
                x = trained.quantity(row.cells)
                answers.append((row.line, repr(x), x))
        except TooFar as error:
            too_far.append(Bad(row.line, str(error)))
    return answers, too_far


def _check_names(table: Table, trained: Trained) -> None:
    """``ValueError`` for a column that is not there; a word about those that are not used."""
    read = [column.name for column in trained.columns]
    missing = [name for name in read if name not in table.names]
    if missing:
        spare = [name for name in table.names if name not in read]
        hints = did_you_mean(missing[0], spare) if spare else ""
        raise ValueError(
            f"{str(table.path)!r} lacks {listed(map(repr, missing))}, which the model was trained on{hints}"
        )
    known = {*read, *trained.left_out, trained.target}
    extra = [name for name in table.names if name not in known]
    if extra:
        print(f"not used, as the model was trained without: {listed(map(repr, extra))}", file=sys.stderr)


def _tell_of_new(column: Column, cells: Sequence[Any]) -> None:
    """A word about what the training rows had none of: empty cells, other categories."""
    empty = sum(cell is None for cell in cells)
    if empty and not column.empty:
        instead = "as none of the categories" if column.kind == "category" else "as in the middle of the training's"
        print(f"column {column.name!r} is empty in {counted(empty, 'row')}: taken {instead}", file=sys.stderr)
    if column.kind == "category":
        new = [cell for cell in cells if cell is not None and cell not in column.categories]
        if new:
            print(
                f"column {column.name!r} has what the training rows had not, in {counted(len(new), 'row')}: "
                f"{listed(map(repr, dict.fromkeys(new)))}; taken as none of the categories", file=sys.stderr,
            )  # fmt: skip


def _as_csv(trained: Trained, answers: Sequence[Answer], counts: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if trained.classes is None:
        writer.writerow([counts, trained.target])
        writer.writerows([line, x] for line, x, _ in answers)
    else:
        writer.writerow([counts, trained.target, "probability"])
        writer.writerows([line, name, f"{chance:.6f}"] for line, name, chance in answers)
    return text.getvalue()


def _compared(trained: Trained, table: Table, answers: Sequence[Answer]) -> str:
    """How the predictions compare with the target, where the file has it."""
    place = table.names.index(trained.target)
    there = {row.line: row.cells[place] for row in table.rows if _whole(row, table)}
    known = [(answer, there[answer[0]]) for answer in answers if there[answer[0]]]
    if trained.classes is None:
        comma = has_comma(table, trained.target)
        pairs = [(x, y) for (_, _, x), cell in known if (y := number(cell, comma)) is not None]
        if not pairs:
            return f"column {trained.target!r} has no numbers to compare with"
        error = mean_error([x for x, _ in pairs], [y for _, y in pairs])
        return f"compared with column {trained.target!r}: off by {error:.4g} on average"
    right = sum(name == cell for (_, name, _), cell in known)
    return f"compared with column {trained.target!r}: {right} of {len(known)} right"


def _whole(row: Row, table: Table) -> bool:
    return len(row.cells) == len(table.names)
