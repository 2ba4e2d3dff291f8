"""`History`: what `nn.fit` did, epoch by epoch, and how it ended; always returned, also after Ctrl-C or divergence.

>>> history = History([Epoch(1, 4, 0.9, learning_rate=0.1, gradient_norm=2.0, seconds=0.01),
...                    Epoch(2, 8, 0.4, learning_rate=0.1, gradient_norm=1.0, seconds=0.01)],
...                   best_epoch=2, iterations=8)
>>> history.loss, history.epochs, history.iterations, history.best_epoch
([0.9, 0.4], 2, 8, 2)
>>> history
History(completed after 2 epochs, 8 iterations: loss 0.9 -> 0.4)

A run is a list of `Epoch` records, each added whole, so that an interruption cannot leave one column longer than the
others; ``history.loss`` and the like are columns of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import counted, shorten

from .. import settings

Status = Literal["converged", "completed", "stopped", "diverged"]


@dataclass(frozen=True)
class Epoch:
    """One epoch: what callbacks are given, and a row of the history."""

    epoch: int
    """Counted from 1."""
    iterations: int
    """Steps of the optimiser since the start of the run."""
    loss: float
    """Mean over the samples, each at the weights that its batch was trained at; without the penalty."""
    validation_loss: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Of the training data after the epoch, with Dropout off."""
    validation_metrics: Mapping[str, float] = field(default_factory=dict)
    learning_rate: float = 0.0
    gradient_norm: float = 0.0
    """Mean over the iterations of the norm of all gradients, before clipping."""
    seconds: float = 0.0

    def value(self, name: str) -> float | None:
        """The number called ``loss``, ``validation_loss``, or by a metric's name with or without ``validation_``."""
        if name in ("loss", "validation_loss"):
            found: float | None = getattr(self, name)
            return found
        if name in self.metrics:
            return self.metrics[name]
        return self.validation_metrics.get(name.removeprefix("validation_"))


@dataclass(repr=False)
class History:
    """The epochs of a run and how it ended."""

    records: list[Epoch] = field(default_factory=list)
    status: Status = "completed"
    """``converged`` below the tolerance, ``completed`` all epochs, ``stopped`` by patience, a callback or Ctrl-C,
    ``diverged`` where a number was no longer finite or the loss exploded."""
    reason: str = ""
    """A sentence that says which, and at which epoch."""
    monitor: str = "loss"
    """The number by which the best epoch is chosen."""
    best_epoch: int | None = None
    """The epoch with the best monitored number, counted from 1; None before there is one."""
    iterations: int = 0
    """Steps of the optimiser, those of an epoch that did not end included."""
    evaluation: str = "eagerly"
    """How the loss and its gradients were computed: ``by a compiled program``, or ``eagerly`` and why."""

    @property
    def epochs(self) -> int:
        """How many epochs were trained to their end."""
        return len(self.records)

    @property
    def loss(self) -> list[float]:
        """Of each epoch, as are all the lists below."""
        return [record.loss for record in self.records]

    @property
    def validation_loss(self) -> list[float]:
        """Empty without validation data."""
        return [record.validation_loss for record in self.records if record.validation_loss is not None]

    @property
    def metrics(self) -> dict[str, list[float]]:
        """Name -> a number for each epoch."""
        return _columns([record.metrics for record in self.records])

    @property
    def validation_metrics(self) -> dict[str, list[float]]:
        """The same of the validation data."""
        return _columns([record.validation_metrics for record in self.records])

    @property
    def learning_rate(self) -> list[float]:
        """The optimiser's, as the epoch began."""
        return [record.learning_rate for record in self.records]

    @property
    def gradient_norm(self) -> list[float]:
        """Mean over the iterations, before any clipping."""
        return [record.gradient_norm for record in self.records]

    @property
    def seconds(self) -> list[float]:
        """What each epoch took."""
        return [record.seconds for record in self.records]

    def to_dict(self) -> dict[str, Any]:
        """The history as dicts, lists, numbers and text, for JSON."""
        return {**{f.name: getattr(self, f.name) for f in fields(self)}, "records": [asdict(r) for r in self.records]}

    @classmethod
    def from_dict(cls, given: Any) -> History:
        """The history that `to_dict` gave; ``ValueError`` or ``TypeError`` for anything else."""
        rows = _checked("History.from_dict", given, cls)["records"]
        if not isinstance(rows, list):
            raise ValueError(
                f"History.from_dict(records) got {shorten(rows)}: expected a list with a dict for each epoch"
            )
        records = [Epoch(**_checked(f"History.from_dict(records[{i}])", row, Epoch)) for i, row in enumerate(rows)]
        for i, record in enumerate(records, start=1):
            _check_record(f"History.from_dict(records[{i - 1}])", record, i)
        history = cls(**{**given, "records": records})
        settings.count("History.from_dict(iterations)", history.iterations)
        if history.best_epoch is not None:
            settings.whole("History.from_dict(best_epoch)", history.best_epoch)
        if history.status not in get_args(Status):
            expected = ", ".join(get_args(Status))
            raise ValueError(f"History.from_dict(status) got {shorten(history.status)}: expected one of {expected}")
        for key in ("reason", "monitor", "evaluation"):
            if not isinstance(given[key], str):
                raise TypeError(f"History.from_dict({key}) got {shorten(given[key])}: expected text")
        return history

    def __repr__(self) -> str:
        ran = f"{counted(self.epochs, 'epoch')}, {counted(self.iterations, 'iteration')}"
        course = f": loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g}" if self.records else ""
        return f"History({self.status} after {ran}{course})"

    def __str__(self) -> str:
        """How it ended, in words, over a table of at most 12 epochs: the first, the best, the last, some between."""
        seconds = sum(self.seconds)
        ran = f"{counted(self.epochs, 'epoch')} and {counted(self.iterations, 'iteration')} in {seconds:.2g} s"
        lines = [f"{self.status}: {self.reason}" if self.reason else self.status, ran]
        if not self.records:
            return "\n".join(lines)
        heads = ["epoch", *self._heads()]
        rows = []
        for i in _sampled(len(self.records), self.best_epoch):
            record = self.records[i]
            cells = [f"{record.value(name):.4g}" for name in heads[1:-2]]
            mark = "best" if record.epoch == self.best_epoch else ""
            rows.append([str(record.epoch), *cells, f"{record.learning_rate:.3g}", f"{record.gradient_norm:.3g}", mark])
        titles = [head.replace("_", " ") for head in heads] + [""]
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        lines += ["  ".join(map(str.rjust, row, widths)).rstrip() for row in [titles, *rows]]
        return "\n".join(lines)

    def _heads(self) -> list[str]:
        """What the table shows of each epoch."""
        first = self.records[0]
        validated = [] if first.validation_loss is None else ["validation_loss"]
        measured = [*first.metrics, *(f"validation_{name}" for name in first.validation_metrics)]
        return ["loss", *validated, *measured, "learning_rate", "gradient_norm"]


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}


def _sampled(epochs: int, best: int | None) -> list[int]:
    """About ten places among ``epochs``, evenly spread, with the first, the last and the best among them."""
    between = {round(i * (epochs - 1) / 10) for i in range(11)}
    return sorted(between | ({best - 1} if best and best <= epochs else set()))


def _checked(place: str, given: Any, kind: type[Any]) -> dict[str, Any]:
    """``given``, if it is a dict with exactly the fields of ``kind``."""
    names = [f.name for f in fields(kind)]
    if not isinstance(given, dict) or sorted(map(str, given)) != sorted(names):
        got = f"the keys {', '.join(map(str, given))}" if isinstance(given, dict) else shorten(given)
        raise ValueError(f"{place} got {got}: expected a dict with the keys {', '.join(names)}")
    return given


def _check_record(place: str, record: Epoch, i: int) -> None:
    if settings.whole(f"{place}(epoch)", record.epoch) != i:
        raise ValueError(f"{place}(epoch) got {record.epoch}: expected {i}, as epochs follow each other")
    settings.count(f"{place}(iterations)", record.iterations)
    for key in ("loss", "learning_rate", "gradient_norm", "seconds"):
        settings.finite(f"{place}({key})", getattr(record, key))
    if record.validation_loss is not None:
        settings.finite(f"{place}(validation_loss)", record.validation_loss)
    for key in ("metrics", "validation_metrics"):
        if not isinstance(getattr(record, key), dict):
            raise TypeError(f"{place}({key}) got {shorten(getattr(record, key))}: expected a dict of numbers")
        for name, number in getattr(record, key).items():
            if not is_number(number):  # nan is one: a precision of 0 / 0 is no reason to end a run
                raise TypeError(f"{place}({key}, {name!r}) got {shorten(number)}: expected a number")
