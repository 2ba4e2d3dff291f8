"""Progress for people: one bar with the time left on a terminal, plain lines anywhere else, or nothing.

>>> from nn.training.history import Epoch
>>> with progress(2, epochs=2, iterations=1) as report:
...     report.iteration(1, 1)
...     report.epoch(Epoch(1, 1, loss=0.5, metrics={"accuracy": 0.75}))
epoch 1/2  loss 0.5  accuracy 0.75
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from .history import Epoch

LINES = 10
"""Without a terminal, about this many lines for a whole run."""

REFRESH = 0.1
"""Seconds between two movements of the bar."""


class Report:
    """Says nothing."""

    def iteration(self, epoch: int, done: int) -> None:
        """``done`` iterations of this epoch, counted from 1, are made."""

    def epoch(self, record: Epoch, last: bool = False) -> None:
        """An epoch is over; the ``last`` one is always shown."""


class Lines(Report):
    """A line for every epoch, or for about `LINES` of them."""

    def __init__(self, stream: TextIO, epochs: int, every: int) -> None:
        self.stream, self.epochs, self.every = stream, epochs, every

    def epoch(self, record: Epoch, last: bool = False) -> None:
        if last or record.epoch == 1 or record.epoch % self.every == 0:
            print(f"epoch {record.epoch}/{self.epochs}  {described(record)}", file=self.stream, flush=True)


class Bar(Report):
    """A bar over all iterations of all epochs."""

    def __init__(self, bar: Any, epochs: int, iterations: int) -> None:
        self.bar, self.epochs, self.iterations = bar, epochs, iterations
        self.task = bar.add_task("", total=epochs * iterations, epoch=f"0/{epochs}")
        self.shown = 0.0

    def iteration(self, epoch: int, done: int) -> None:
        now = time.monotonic()
        if now - self.shown >= REFRESH:
            self.shown = now
            self.bar.update(self.task, completed=(epoch - 1) * self.iterations + done)

    def epoch(self, record: Epoch, last: bool = False) -> None:
        now = time.monotonic()
        if last or now - self.shown >= REFRESH:
            self.shown = now
            self.bar.update(self.task, completed=record.epoch * self.iterations, description=described(record),
                            epoch=f"{record.epoch}/{self.epochs}", refresh=last)  # fmt: skip


def described(record: Epoch) -> str:
    """``loss 0.412  validation loss 0.5  accuracy 88%``."""
    numbers: dict[str, float] = {"loss": record.loss}
    if record.validation_loss is not None:
        numbers["validation loss"] = record.validation_loss
    numbers.update(record.metrics)
    numbers.update({f"validation {name}": number for name, number in record.validation_metrics.items()})
    return "  ".join(f"{name} {_shown(name, number)}" for name, number in numbers.items())


def _shown(name: str, number: float) -> str:
    if "accuracy" in name:
        return f"{number:.0%}" if number in (0.0, 1.0) else f"{min(max(number, 0.001), 0.999):.3g}"
    return f"{number:.4g}"


@contextmanager
def progress(verbose: int, epochs: int, iterations: int) -> Iterator[Report]:
    """A reporter for at most ``epochs`` epochs of so many ``iterations``, on standard output.

    ``verbose`` is 0 for nothing, 1 for a bar or about ten lines, 2 for a line an epoch.
    """
    if verbose == 0 or sys.stdout is None:  # which it is where a process was started without one
        yield Report()
    elif verbose == 2 or not sys.stdout.isatty():
        yield Lines(sys.stdout, epochs, 1 if verbose == 2 else max(1, epochs // LINES))
    else:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # 60 ms, for a terminal only

        said = TextColumn("{task.description}", markup=False)
        columns = (TextColumn("epoch {task.fields[epoch]}"), BarColumn(), said,
                   TextColumn("at most"), TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
        with Progress(*columns) as bar:
            yield Bar(bar, epochs, iterations)
