"""Schedules: the learning rate as a function of the epoch, set on an optimiser with one ``step`` an epoch.

>>> from autograd_tiny import Value
>>> from nn.optim.sgd import SGD
>>> schedule = WarmUp(StepSchedule(SGD([Value(1.0)], lr=1.0), step_size=2), epochs=2, start_factor=0.5)
>>> rates = []
>>> for _ in range(6):
...     rates.append(schedule.lr)
...     schedule.step()
>>> rates
[0.5, 0.75, 1.0, 1.0, 0.1, 0.1]

The rate is computed from the epoch each time, not from the rate before: nothing adds up, and a restored schedule gives
the same bits. Names of options, and the numbers, are those of PyTorch's ``torch.optim.lr_scheduler``.
"""

from __future__ import annotations

from math import cos, pi
from typing import Any, ClassVar

from autograd_tiny.errors import shorten

from .. import settings
from .optimizer import Optimizer


class Schedule:
    """What every schedule does; a subclass lists its ``OPTIONS`` with their checks and gives ``rate``."""

    OPTIONS: ClassVar[dict[str, settings.Check]] = {}

    def __init__(self, optimizer: Optimizer, **options: Any) -> None:
        self.kind = type(self).__name__
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{self.kind} got {shorten(optimizer)}: expected an optimiser, such as nn.SGD")
        vars(self).update(self._checked(f"{self.kind}(%s)", options))
        self.optimizer, self.base_lr, self.epoch = optimizer, optimizer.lr, 0
        optimizer.lr = self.rate(0)

    def _checked(self, place: str, options: dict[str, Any]) -> dict[str, Any]:
        return {key: check(place % key, options[key]) for key, check in self.OPTIONS.items()}

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        raise NotImplementedError

    @property
    def lr(self) -> float:
        """The optimiser's learning rate."""
        return self.optimizer.lr

    def step(self) -> None:
        """Go on to the next epoch: set its learning rate."""
        self.optimizer.lr = self.rate(self.epoch + 1)
        self.epoch += 1

    def state_dict(self) -> dict[str, Any]:
        """The epoch, the rate at the start and the options, as numbers that JSON can hold."""
        options = {key: getattr(self, key) for key in self.OPTIONS}
        return {"kind": self.kind, "epoch": self.epoch, "base_lr": self.base_lr, **options}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` gave, and set the optimiser's rate. An error changes nothing."""
        self._load(self._read(state))
        self.optimizer.lr = self.rate(self.epoch)

    def _read(self, state: Any) -> dict[str, Any]:
        """The attributes that a state asks for, checked."""
        place = f"{self.kind}.load_state_dict"
        settings.check_state(place, state, self.kind, list(self.state_dict()))
        read = self._checked(f"{place}(%s)", state)
        read["epoch"] = settings.count(f"{place}(epoch)", state["epoch"])
        read["base_lr"] = settings.later_rate(f"{place}(base_lr)", state["base_lr"])
        return read

    def _load(self, read: dict[str, Any]) -> None:
        vars(self).update(read)


class StepSchedule(Schedule):
    """The rate times ``gamma`` every ``step_size`` epochs."""

    OPTIONS: ClassVar = {"step_size": settings.whole, "gamma": settings.share}
    step_size: int
    gamma: float

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer, step_size=step_size, gamma=gamma)

    def rate(self, epoch: int) -> float:
        return self.base_lr * self.gamma ** (epoch // self.step_size)


class ExponentialSchedule(Schedule):
    """The rate times ``gamma`` every epoch."""

    OPTIONS: ClassVar = {"gamma": settings.share}
    gamma: float

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer, gamma=gamma)

    def rate(self, epoch: int) -> float:
        return self.base_lr * self.gamma**epoch


class CosineSchedule(Schedule):
    """From the rate down to ``eta_min`` along half a cosine in ``T_max`` epochs (then up again, as in PyTorch).

    Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", eq. 5 (arXiv:1608.03983).
    """

    OPTIONS: ClassVar = {"T_max": settings.whole, "eta_min": settings.not_negative}
    T_max: int
    eta_min: float

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer, T_max=T_max, eta_min=eta_min)

    def rate(self, epoch: int) -> float:
        return self.eta_min + (self.base_lr - self.eta_min) * (1.0 + cos(pi * epoch / self.T_max)) / 2.0


class LinearSchedule(Schedule):
    """From ``start_factor`` to ``end_factor`` times the rate, evenly over ``total_iters`` epochs; then it stays."""

    OPTIONS: ClassVar = {
        "start_factor": settings.share,
        "end_factor": settings.not_negative,
        "total_iters": settings.whole,
    }
    start_factor: float
    end_factor: float
    total_iters: int

    def __init__(self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0,
                 total_iters: int = 5) -> None:  # fmt: skip
        super().__init__(optimizer, start_factor=start_factor, end_factor=end_factor, total_iters=total_iters)

    def rate(self, epoch: int) -> float:
        done = min(self.total_iters, epoch) / self.total_iters
        return self.base_lr * (self.start_factor + (self.end_factor - self.start_factor) * done)


class WarmUp(Schedule):
    """From ``start_factor`` times the rate up to the rate in ``epochs`` epochs, then another schedule from its start.

    Goyal and others 2017, "Accurate, large minibatch SGD", section 2.2 (arXiv:1706.02677). Do not step the other
    schedule too.
    """

    OPTIONS: ClassVar = {"epochs": settings.whole, "start_factor": settings.share}
    epochs: int
    start_factor: float

    def __init__(self, then: Schedule, epochs: int, start_factor: float = 1 / 3) -> None:
        if not isinstance(then, Schedule):
            raise TypeError(f"WarmUp got {shorten(then)}: expected the schedule that follows, such as CosineSchedule")
        self.then = then
        options = {"epochs": epochs, "start_factor": start_factor}
        super().__init__(then.optimizer, **options)
        self.base_lr = then.base_lr
        self.optimizer.lr = self.rate(0)

    def rate(self, epoch: int) -> float:
        if epoch >= self.epochs:
            return self.then.rate(epoch - self.epochs)
        return self.base_lr * (self.start_factor + (1.0 - self.start_factor) * epoch / self.epochs)

    def state_dict(self) -> dict[str, Any]:
        """The same, and the state of the schedule that follows."""
        return {**super().state_dict(), "then": self.then.state_dict()}

    def _read(self, state: Any) -> dict[str, Any]:
        return {**super()._read(state), "then": self.then._read(state["then"])}

    def _load(self, read: dict[str, Any]) -> None:
        self.then._load(read.pop("then"))
        super()._load(read)
