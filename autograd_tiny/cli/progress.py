"""Progress for people: a bar with the time left on a terminal, plain lines anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINES = 10
"""Without a terminal, about this many lines for a whole run."""


class Report(Protocol):
    def __call__(self, epoch: int, text: str, last: bool = False) -> None:
        """Say where training stands after ``epoch`` epochs; the ``last`` call is always shown."""


@contextmanager
def progress(epochs: int, console: Console) -> Iterator[Report]:
    """A reporter for a run of at most ``epochs`` epochs."""
    if not console.is_terminal:
        every = max(1, epochs // LINES)

        def line(epoch: int, text: str, last: bool = False) -> None:
            if last or epoch == 1 or epoch % every == 0:
                print(f"epoch {epoch}/{epochs}  {text}", file=console.file, flush=True)

        yield line
        return
    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}"),
               TextColumn("at most"), TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=epochs)

        def update(epoch: int, text: str, last: bool = False) -> None:
            bar.update(task, completed=epoch, description=text, refresh=last)

        yield update
