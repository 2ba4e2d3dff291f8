"""Writes torch_trajectories.json: where PyTorch's optimisers, clipping and schedules go, in double precision.

    .venv/bin/python -m tests.nn.reference.make_torch_trajectories

The cases are here, for the script and for the test, which needs no PyTorch.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("torch_trajectories.json")
START = [0.3, -0.7, 1.1, 0.05, -1.4, 0.9]
STEPS = 100
KEPT = [1, 2, 3, 5, *range(10, STEPS + 1, 10)]

# Our class, torch's class, options (named alike in both).
OPTIMIZERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain": ("SGD", "SGD", {"lr": 0.01}),
    "decay": ("SGD", "SGD", {"lr": 0.01, "weight_decay": 0.1}),
    "momentum": ("SGD", "SGD", {"lr": 0.005, "momentum": 0.9}),
    "nesterov": ("SGD", "SGD", {"lr": 0.005, "momentum": 0.8, "nesterov": True}),
    "nesterov decay": ("SGD", "SGD", {"lr": 0.005, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    "rmsprop": ("RMSProp", "RMSprop", {}),
    "rmsprop alpha eps": ("RMSProp", "RMSprop", {"lr": 0.003, "alpha": 0.9, "eps": 1e-3}),
    "rmsprop momentum": ("RMSProp", "RMSprop", {"lr": 0.002, "momentum": 0.9}),
    "rmsprop centered": ("RMSProp", "RMSprop", {"lr": 0.003, "centered": True}),
    # eps is large since s - m² is all rounding once a gradient settles: with 1e-8, the last bit grows to 4e-7 here.
    "rmsprop all": ("RMSProp", "RMSprop", {"lr": 0.002, "alpha": 0.95, "eps": 1e-3, "momentum": 0.5, "centered": True, "weight_decay": 0.1}),
    "adam": ("Adam", "Adam", {}),
    "adam fast": ("Adam", "Adam", {"lr": 0.05}),
    "adam betas eps": ("Adam", "Adam", {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4}),
    "adam decay": ("Adam", "Adam", {"lr": 0.02, "weight_decay": 0.1}),
    "adam amsgrad": ("Adam", "Adam", {"lr": 0.05, "betas": (0.9, 0.9), "amsgrad": True}),
    "adamw": ("AdamW", "AdamW", {}),
    "adamw decay": ("AdamW", "AdamW", {"lr": 0.05, "weight_decay": 0.2}),
    "adamw amsgrad": ("AdamW", "AdamW", {"lr": 0.05, "betas": (0.9, 0.9), "amsgrad": True}),
}  # fmt: skip

# Our class, torch's class, options; WarmUp and its like in torch are put together by hand below.
SCHEDULES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "step": ("StepSchedule", "StepLR", {"step_size": 7, "gamma": 0.3}),
    "exponential": ("ExponentialSchedule", "ExponentialLR", {"gamma": 0.93}),
    "cosine": ("CosineSchedule", "CosineAnnealingLR", {"T_max": 25, "eta_min": 0.01}),
    "linear": ("LinearSchedule", "LinearLR", {}),
    "linear down": ("LinearSchedule", "LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 20}),
}
EPOCHS = 40
WARM_UP = {"epochs": 6, "start_factor": 0.1}

GRADIENTS = [[3.0, -4.0], [0.1, 0.2, -0.2], [1e-3, 1e150, -2e150], [0.0, 0.0], [5.0]]
LIMITS = [0.5, 1.0, 5.0, math.inf]


def loss(x: Any) -> Any:
    """A curved valley with ripples across it: not convex, for tensors and for Values."""
    valley = sum((b - a * a) ** 2 + 0.1 * (1.0 - a) ** 2 for a, b in pairwise(x))
    ripples = sum((3.0 * a).sin() * b for a, b in pairwise(x))
    return 0.5 * valley + 0.3 * ripples


def trajectory(name: str) -> list[list[float]]:
    """The parameters after each of the `KEPT` steps."""
    import torch

    _, theirs, options = OPTIMIZERS[name]
    x = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in START]
    optimizer = getattr(torch.optim, theirs)(x, foreach=False, **options)
    seen = []
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss(x).backward()
        optimizer.step()
        if step in KEPT:
            seen.append([p.item() for p in x])
    return seen


def rates(name: str) -> list[float]:
    """The learning rate of each epoch, from 0.1."""
    import torch
    from torch.optim import lr_scheduler

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    if name == "warm-up":
        first = lr_scheduler.LinearLR(
            optimizer, start_factor=WARM_UP["start_factor"], total_iters=int(WARM_UP["epochs"])
        )
        _, theirs, options = SCHEDULES["cosine"]
        then = getattr(lr_scheduler, theirs)(optimizer, **options)
        schedule: Any = lr_scheduler.SequentialLR(optimizer, [first, then], milestones=[int(WARM_UP["epochs"])])
    else:
        _, theirs, options = SCHEDULES[name]
        schedule = getattr(lr_scheduler, theirs)(optimizer, **options)
    seen = []
    for _ in range(EPOCHS):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def clipped(gradients: list[float], limit: float) -> dict[str, Any]:
    """The norm, and the gradients clipped by norm and by value."""
    import torch

    def tensors() -> list[Any]:
        made = [torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in gradients]
        for tensor, gradient in zip(made, gradients, strict=True):
            tensor.grad = torch.tensor(gradient, dtype=torch.float64)
        return made

    by_norm, by_value = tensors(), tensors()
    norm = torch.nn.utils.clip_grad_norm_(by_norm, limit, foreach=False).item()
    torch.nn.utils.clip_grad_value_(by_value, limit, foreach=False)
    return {"norm": norm, "by_norm": [t.grad.item() for t in by_norm], "by_value": [t.grad.item() for t in by_value]}


def reference() -> dict[str, Any]:
    """All of it, as PyTorch gives it now."""
    import torch

    return {
        "torch": torch.__version__,
        "trajectories": {name: trajectory(name) for name in OPTIMIZERS},
        "rates": {name: rates(name) for name in [*SCHEDULES, "warm-up"]},
        "clipped": [[clipped(gradients, limit) for limit in LIMITS] for gradients in GRADIENTS],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(reference(), indent=1) + "\n")
