"""``autograd-tiny train``: a network for the rows of a table, or one of the examples."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from autograd_tiny.errors import counted, shorten

from . import examples
from .columns import Column, LeftOut, Reading, encoded, has_comma, kind_of, readings, table_of
from .grammar import real, whole
from .libraries import need
from .tables import Table, find_column, listed, no_file, read_table, settle
from .tabular import Trained, classes_of, guess, held_out_report

DESCRIPTION = """\
Train a network on a table, CSV or parquet, whose first line names the columns: one of them, the --target, has a
class or a number to predict, the others may be numbers, categories or dates, with cells empty. What is done to each
is printed. A fifth of the rows is held out and says how good the network is on rows it has not seen. The network,
what is done to the columns and the names of the classes go into one file, which `autograd-tiny predict` uses.

With the name of an example in place of a file, that example is run; with nothing, they are listed.
"""

EPILOG = """\
examples:
  autograd-tiny train iris.csv --target species
  autograd-tiny train houses.csv --target price --ignore id --categories zip --hidden 32,16 --out houses.safetensors
  autograd-tiny train digits
"""

DEFAULTS: dict[str, Any] = {
    "hidden": "16,16", "activation": "relu", "epochs": 100, "batch_size": 32, "lr": 0.01, "seed": 0,
    "patience": 20, "held_out": 0.2, "out": Path("model.safetensors"),
}  # fmt: skip

PATIENCE = f"stop after so many epochs without progress, 0 for never (default: {DEFAULTS['patience']})"

VALIDATION = 0.2
"""Of the training rows so many say when to stop: of the epochs the one with the least loss on them is kept."""

ENOUGH = 20
"""With fewer training rows all are trained on, for every epoch: the loss of three rows says nothing."""


def add_to(commands: Any) -> None:
    """Make ``train`` one of the subcommands."""
    parser = commands.add_parser(
        "train",
        help="train a network on your own table, or run an example",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    d = DEFAULTS
    held_out = f"share of the rows that only judge the network (default: {d['held_out']})"
    parser.add_argument("data", nargs="?", metavar="DATA", help="a CSV or parquet file, or the name of an example")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument(
        "--task", choices=("classify", "regress"), help="classes or a number (default: guessed, and said)"
    )
    parser.add_argument("--ignore", metavar="COLUMNS", help="columns to leave out, separated by commas")
    parser.add_argument("--categories", metavar="COLUMNS", help="columns of numbers that are names, such as codes")
    parser.add_argument("--date-format", metavar="FORM", help="of dates, such as %%d/%%m/%%Y (default: found)")
    parser.add_argument("--delimiter", metavar="CHARACTER", help="between cells (default: found in the first line)")
    parser.add_argument("--skip-bad-rows", action="store_true", default=None, help="leave out rows that do not fit")
    parser.add_argument("--hidden", metavar="SIZES", help=f"sizes of the hidden layers (default: {d['hidden']})")
    parser.add_argument("--activation", help=f"of the hidden layers (default: {d['activation']})")
    parser.add_argument("--epochs", type=whole, help=f"times through the training rows (default: {d['epochs']})")
    parser.add_argument("--patience", type=whole, metavar="EPOCHS", help=PATIENCE)
    parser.add_argument("--batch-size", type=whole, help=f"rows in a step (default: {d['batch_size']})")
    parser.add_argument("--lr", type=real, help=f"learning rate of Adam (default: {d['lr']})")
    parser.add_argument("--seed", type=whole, help=f"of all that is drawn at random (default: {d['seed']})")
    parser.add_argument("--held-out", type=real, metavar="SHARE", help=held_out)
    parser.add_argument("--out", type=Path, metavar="MODEL", help=f"where the model goes (default: {d['out']})")
    parser.set_defaults(run=run, writes=writes)


def writes(options: argparse.Namespace) -> bool:
    """Whether a file is to come of it."""
    return options.data is not None and Path(options.data).exists()


def run(options: argparse.Namespace) -> int:
    """Train on the file, or run the example; the exit status."""
    if options.data is None:
        print("on your own data: autograd-tiny train data.csv --target COLUMN (more with --help)")
        print("an example, to run and to read: autograd-tiny train NAME")
        print(examples.listing())
        return 0
    path = Path(options.data)
    if not path.exists():
        if path.suffix or len(path.parts) > 1 or options.target:
            raise no_file(path)
        return _run_example(options)
    for name, default in DEFAULTS.items():
        if getattr(options, name) is None:
            setattr(options, name, default)
    return train(path, options)


def _run_example(options: argparse.Namespace) -> int:
    for_files = (
        "task",
        "ignore",
        "categories",
        "date_format",
        "delimiter",
        "skip_bad_rows",
        "hidden",
        "activation",
        "batch_size",
        "lr",
        "patience",
        "held_out",
        "out",
    )
    given = [f"--{name.replace('_', '-')}" for name in for_files if getattr(options, name) is not None]
    if given:
        raise ValueError(
            f"there is no file {options.data!r}, and an example has no setting {' or '.join(given)}: "
            "--epochs and --seed at most"
        )
    return examples.run(options.data, epochs=options.epochs, seed=options.seed)


def train(path: Path, options: argparse.Namespace) -> int:
    """Read, train, tell, save; the exit status."""
    import nn
    from nn.data import train_test_split

    hidden = _sizes(options.hidden)
    nn.activations.activation(options.activation)
    nn.settings.learning_rate("--lr", options.lr)
    nn.settings.whole("--epochs", options.epochs)
    nn.settings.whole("--batch-size", options.batch_size)
    nn.settings.count("--patience", options.patience)
    if not 0.0 < options.held_out < 1.0:
        raise ValueError(f"--held-out got {options.held_out!r}: expected a share above 0 and below 1, such as 0.2")
    _check_out(options.out, path)
    need("safetensors", "numpy")

    table = read_table(path, options.delimiter)
    columns, left_out, task = _columns_and_task(table, options)
    good, bad = readings(table, columns, options.target, task == "regress")
    settle(table, good, bad, bool(options.skip_bad_rows))
    if len(good) < 2:
        raise ValueError(f"{str(path)!r} has one good row: expected at least 2, one to train on and one to hold out")
    targets = [row.target for row in good]
    classes = classes_of(options.target, targets) if task == "classify" else None
    training, held_out, _, _ = train_test_split(
        good, targets, test_size=options.held_out, seed=options.seed, stratify=targets if classes else None
    )
    trained = _untrained(training, columns, options, classes, hidden)
    trained.left_out = left_out
    goal = f"{options.target!r}" + (f" ({len(classes)} classes: {listed(classes)})" if classes else "")
    print(f"{counted(len(good), 'row')}: {goal} from {counted(len(columns), 'column')}")
    print("\n".join(table_of(trained.columns, left_out)))
    print(trained.model)
    stopping = options.patience > 0 and len(training) >= ENOUGH
    watched = f" ({VALIDATION:.0%} of them say when to stop)" if stopping else ""
    print(f"training on {counted(len(training), 'row')}{watched}, {counted(len(held_out), 'row')} held out", flush=True)
    history = _fit(trained, training, options, stopping)
    if history.status == "diverged":
        raise ValueError(f"the training diverged: try a smaller --lr than {options.lr:g}; no model was saved")
    replaced = " (in place of the one that was there)" if options.out.exists() else ""
    nn.save(trained.model, options.out, trained.notes())
    print(held_out_report(trained, held_out, training))
    print(f"wrote {options.out}{replaced}; next: autograd-tiny predict {options.out} DATA.csv")
    return 0


def _columns_and_task(table: Table, options: argparse.Namespace) -> tuple[list[Column], dict[str, str], str]:
    """The columns that the network reads, why others are left out, and whether it is to tell classes apart or predict
    a number.
    """
    if options.target is None:
        raise ValueError(f"which column is to be predicted? --target {table.names[-1]!r}, or another of {table.names}")
    target = find_column(table, options.target, "--target")
    ignored = [find_column(table, name, "--ignore") for name in _names(options.ignore)]
    categories = [find_column(table, name, "--categories") for name in _names(options.categories)]
    names = [name for name in table.names if name != target and name not in ignored]
    if not names:
        raise ValueError(f"{str(table.path)!r} has no column beside {target!r}: expected some to predict it from")
    columns: list[Column] = []
    left_out = dict.fromkeys(ignored, "--ignore")
    for name in names:
        try:
            columns.append(kind_of(table, name, name in categories, options.date_format))
        except LeftOut as reason:
            left_out[name] = str(reason)
    if not columns:
        raise ValueError(
            "\n".join([f"{str(table.path)!r}: no column is left to predict from", *table_of([], left_out)])
        )
    task = options.task
    if task is None:
        cells = table.column(target)
        task, why = guess([cell.replace(",", ".", 1) for cell in cells] if has_comma(table, target) else cells)
        print(f"column {target!r} {why}")
    return columns, left_out, task


def _untrained(training: list[Reading], columns: list[Column], options: argparse.Namespace, classes: list[str] | None,
               hidden: list[int]) -> Trained:  # fmt: skip
    """The network with its first weights; the categories, what stands for empty cells, and the scales are taken from
    the training rows only.
    """
    import nn
    from nn.data import Standardiser

    init = "he" if options.activation in ("relu", "leaky_relu", "elu", "gelu", "silu") else "xavier"
    sizes = [*hidden, len(classes) if classes else 1]
    columns = [column.fitted([row.cells[i] for row in training]) for i, column in enumerate(columns)]
    return Trained(
        nn.MLP(sum(column.width for column in columns), sizes, options.activation, seed=options.seed, init=init),
        options.target,
        columns,
        Standardiser.of([encoded(columns, row.cells) for row in training]),
        classes,
        None if classes else Standardiser.of([[float(row.target)] for row in training]),
    )


def _fit(trained: Trained, training: list[Reading], options: argparse.Namespace, stopping: bool) -> Any:
    import nn

    targets: list[Any]
    if trained.classes:
        targets = [trained.classes.index(row.target) for row in training]
    else:
        assert trained.target_scale is not None
        targets = [y for [y] in trained.target_scale.transform([[float(row.target)] for row in training])]
    return nn.fit(
        trained.model,
        [trained.scaled(row.cells) for row in training],
        targets,
        loss="cross_entropy" if trained.classes else "mean_squared_error",
        optimizer=nn.Adam(trained.model.parameters(), lr=options.lr),
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        validation=VALIDATION if stopping else None,
        patience=options.patience if stopping else None,
    )


def _sizes(text: str) -> list[int]:
    """``16,16`` as [16, 16]; an empty text is no hidden layer."""
    sizes = [part.strip() for part in text.split(",") if part.strip()]
    if not all(size.isascii() and size.isdigit() and 0 < int(size) <= 10_000 for size in sizes):
        raise ValueError(
            f"--hidden got {shorten(text)}: expected sizes from 1 to 10000 with commas between, such as 16,16"
        )
    return [int(size) for size in sizes]


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _check_out(out: Path, data: Path) -> None:
    """``OSError`` or ``ValueError`` now, not after the training, if the model cannot be written there."""
    if out.is_dir():
        raise IsADirectoryError(f"--out got {str(out)!r}, a folder: expected the name of a file")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out got {str(out)!r}: there is no folder {str(out.parent)!r}; make it first")
    if not os.access(out.parent, os.W_OK):
        raise PermissionError(f"--out got {str(out)!r}: the folder {str(out.parent)!r} cannot be written to")
    if out.exists() and out.samefile(data):
        raise ValueError(f"--out got {str(out)!r}, the file with the data: expected another")
