"""When to stop before the last epoch: below a tolerance, or when patience with a number that no longer improves ends.

>>> from nn.training.history import Epoch
>>> stopping = Stopping(patience=2)
>>> for epoch, loss in enumerate([3.0, 1.0, 2.0, 1.5], start=1):
...     stopping.observe(Epoch(epoch, epoch, loss), [float(epoch)])
>>> stopping.verdict(4)
('stopped', 'loss was best in epoch 2 (1) and has not improved for 2 epochs')
>>> stopping.best_weights
[2.0]
"""

from __future__ import annotations

from typing import Any

from autograd_tiny.errors import shorten

from .. import settings
from .history import Epoch, Status


class Stopping:
    """The best epoch so far, its weights where they are wanted, and whether it is time to stop.

    An epoch is better if its ``monitor`` is better than the best by more than ``min_delta``: a loss by being smaller,
    a metric by being larger.
    """

    def __init__(self, *, tolerance: float | None = None, patience: int | None = None, min_delta: float = 0.0,
                 monitor: str = "loss", keep_weights: bool = True) -> None:  # fmt: skip
        self.tolerance = None if tolerance is None else settings.positive("fit(tolerance)", tolerance)
        self.patience = None if patience is None else settings.whole("fit(patience)", patience)
        self.min_delta = settings.not_negative("fit(min_delta)", min_delta)
        self.monitor, self.keeps_weights = monitor, keep_weights and patience is not None
        self.sign = 1.0 if monitor in ("loss", "validation_loss") else -1.0
        self.loss: float | None = None
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.best_weights: list[float] | None = None

    def observe(self, record: Epoch, weights: list[float] | None) -> None:
        """Take an epoch in; ``weights`` are those at its end, and are kept if it is the best (None: not known)."""
        number = record.value(self.monitor)
        self.loss = record.loss
        if number is None or number != number:  # nan, which a metric may be, is never better
            return
        if self.best is None or self.sign * number < self.sign * self.best - self.min_delta:
            self.best, self.best_epoch = number, record.epoch
            self.best_weights = weights if self.keeps_weights else None

    def verdict(self, epoch: int) -> tuple[Status, str] | None:
        """How the run ends after ``epoch``, with the reason; None if it goes on."""
        if self.tolerance is not None and self.loss is not None and self.loss < self.tolerance:
            return "converged", f"loss {self.loss:.4g} of epoch {epoch} is below the tolerance {self.tolerance:g}"
        waited = epoch - (self.best_epoch or 0)
        if self.patience is not None and waited >= self.patience:
            name = self.monitor.replace("_", " ")
            if self.best_epoch is None:
                return "stopped", f"{name} was not a number for {waited} epochs"
            best = f"{name} was best in epoch {self.best_epoch} ({self.best:.4g})"
            return "stopped", f"{best} and has not improved for {waited} epoch{'s' * (waited != 1)}"
        return None

    def state_dict(self) -> dict[str, Any]:
        """What the verdicts to come depend on, for JSON."""
        names = ("loss", "best", "best_epoch", "best_weights")
        return {"kind": "Stopping", **{name: getattr(self, name) for name in names}}

    def load_state_dict(self, state: Any, weights: int) -> None:
        """Continue from what `state_dict` gave of a model with so many ``weights``. An error changes nothing."""
        place = "Stopping.load_state_dict"
        settings.check_state(place, state, "Stopping", list(self.state_dict()))
        for key in ("loss", "best"):
            if state[key] is not None:
                settings.finite(f"{place}({key})", state[key])
        if state["best_epoch"] is not None:
            settings.whole(f"{place}(best_epoch)", state["best_epoch"])
        found = state["best_weights"]
        if found is not None:
            found = settings.finite_list(f"{place}(best_weights)", found, weights)
        elif self.keeps_weights and state["best_epoch"] is not None:
            raise ValueError(f"{place} got no weights of the best epoch: the run that wrote it kept none; set patience "
                             "and restore_best as they were")  # fmt: skip
        self.loss, self.best, self.best_epoch = state["loss"], state["best"], state["best_epoch"]
        self.best_weights = found if self.keeps_weights else None


def monitored(given: str | None, metrics: list[str], validated: bool) -> str:
    """The number to choose the best epoch by: ``given``, or the validation loss where there is one, else the loss."""
    names = ["loss", *metrics]
    names += [f"validation_{name}" for name in names] if validated else []
    if given is None:
        return "validation_loss" if validated else "loss"
    if given not in names:
        hint = ""
        if isinstance(given, str) and given.startswith("validation_") and not validated:
            hint = "; it needs validation data, such as validation=0.1"
        raise ValueError(f"fit(monitor) got {shorten(given)}: expected one of {', '.join(names)}{hint}")
    return given
