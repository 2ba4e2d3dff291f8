"""`Plan`: all that was asked of `nn.fit`, checked and converted, and the description that a checkpoint is known by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..losses import Loss
from ..module import Module
from ..optim.optimizer import Optimizer
from ..optim.schedules import Schedule
from ..state import shape
from . import batches
from .callbacks import Callback
from .chunks import Chunks
from .eager import Penalty
from .measures import Metric
from .stopping import Stopping


@dataclass(kw_only=True)
class Plan:
    """The settings of one run. A ``validation`` that is a number is the share of ``X`` and ``y`` to hold out."""

    model: Module
    X: Any
    y: Any
    validation: tuple[list[Any], list[Any]] | float | None
    loss: Loss
    penalty: Penalty | None
    metrics: dict[str, Metric]
    optimizer: Optimizer
    schedule: Schedule | None
    epochs: int
    batch_size: int | None
    shuffle: bool
    seed: Any
    rng: Any
    clip_norm: float | None
    clip_value: float | None
    stopping: Stopping
    callbacks: list[Callback]
    checkpoint: Path | None
    checkpoint_every: int
    resume: bool | str
    verbose: int
    compile: bool | str
    engine: Any = None
    threads: int = 1
    """Of which the bits do not depend."""

    def description(self) -> dict[str, Any]:
        """What must be the same for a checkpoint to be of this run, for JSON. How long to train is free to change."""
        optimizer = self.optimizer.state_dict()
        for key in ("lr", "steps", "parameters", "kept"):
            del optimizer[key]
        validation = self.validation
        if isinstance(validation, tuple):
            validation = _told(*validation)  # type: ignore[assignment]
        return {
            "model": {name: shape(entry) for name, entry in self.model.state_dict().items()},
            "data": _told(self.X, self.y),
            "validation": validation,
            "loss": _named(self.loss),
            "penalty": _named(self.penalty),
            "metrics": list(self.metrics),
            "optimizer": optimizer,
            "learning rate": self.optimizer.lr if self.schedule is None else self.schedule.base_lr,
            "schedule": _without_epoch(self.schedule.state_dict()) if self.schedule else None,
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "seed": self.seed if isinstance(self.seed, int) else None,
            "clip_norm": _told_bound(self.clip_norm),
            "clip_value": _told_bound(self.clip_value),
            "monitor": self.stopping.monitor,
            "min_delta": self.stopping.min_delta,
            "compile": self.compile,
        }


def _told(X: Any, y: Any) -> str:
    if isinstance(X, Chunks):
        return X.told()
    return f"{len(X)} samples with fingerprint {batches.digest(X, y)[:16]}"


def _without_epoch(state: dict[str, Any]) -> dict[str, Any]:
    """A schedule's options, and those of the schedule within it."""
    return {
        key: _without_epoch(part) if isinstance(part, dict) else part for key, part in state.items() if key != "epoch"
    }


def _told_bound(bound: float | None) -> str | None:
    return None if bound is None else repr(bound)  # it may be infinite, which JSON has no word for


def _named(function: Any) -> str | None:
    """A function by name, with what `functools.partial` gave it; another's text would hold its address in memory."""
    if isinstance(function, partial):
        given = [*map(repr, function.args), *(f"{name}={x!r}" for name, x in function.keywords.items())]
        return f"{_named(function.func)}({', '.join(given)})"
    return None if function is None else str(getattr(function, "__qualname__", type(function).__name__))
