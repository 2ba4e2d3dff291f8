"""Writes ``losses.json``: every loss and its gradient as PyTorch has them, for a table of inputs.

    python tests/nn/reference/make_torch_losses.py

The tests read the numbers, and so run without PyTorch; where it is installed a test makes them anew and compares.
Inputs lie off the kinks where PyTorch's choice differs from the table's (the hinge at a margin of exactly 1).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("losses.json")

Case = dict[str, Any]


def inputs() -> Iterator[Case]:
    """The loss, its predictions, its targets (a penalty's strength) and its keywords, for each case of the table."""
    rng = random.Random(0)

    def numbers(n: int, width: float) -> list[float]:
        return [round(rng.uniform(-width, width), 3) for _ in range(n)]

    vectors, goals = [numbers(2, 3) for _ in range(4)], [numbers(2, 3) for _ in range(4)]
    for name in ("mean_squared_error", "mean_absolute_error", "huber"):
        yield case(name, [1.5], [-0.25])
        yield case(name, numbers(7, 3), numbers(7, 3))
        yield case(name, vectors, goals)
        yield case(name, [0.0, 1e-9, -1e-9, 1e9, -1e9, 1e100], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    for delta in (0.25, 1.0, 4.0):
        yield case("huber", [0.0, delta, -delta, 2 * delta, delta / 2, -9.0, 1e-12], [0.0] * 7, delta=delta)
    yield case("half_sum_of_squares", vectors, goals)
    yield case("binary_cross_entropy", [0.9, 0.2, 0.5, 1e-12, 1 - 1e-9, 0.7], [1, 0, 1, 0, 1, 0.3])
    yield case("binary_cross_entropy", [[0.9, 0.2], [0.6, 0.4]], [[1, 0], [0, 1]])
    for name in ("binary_cross_entropy_with_logits", "hinge"):
        low = -1 if name == "hinge" else 0
        yield case(name, numbers(7, 4), [1, low, 1, 1, low, low, 1])
        yield case(name, [[0.3, -1.7], [2.2, 0.1]], [[1, low], [low, 1]])
        yield case(name, [800.0, -800.0, 800.0, -800.0, 30.0], [1, low, low, 1, low])
    yield case("binary_cross_entropy_with_logits", [0.4, -3.0, 60.0], [0.25, 0.5, 0.9])
    yield case("cross_entropy", numbers(5, 3), 3)
    yield case("cross_entropy", [numbers(3, 3) for _ in range(4)], [0, 2, 1, 2])
    yield case("cross_entropy", [[1000.0, 0.0, -1000.0], [0.0, 0.0, 0.0], [-1000.0, -1000.0, 999.0]], [1, 2, 0])
    for name in ("l1_penalty", "l2_penalty"):
        yield case(name, [*numbers(6, 2), 0.0], 0.125)


def case(loss: str, predictions: Any, targets: Any, **keywords: Any) -> Case:
    return {"loss": loss, "predictions": predictions, "targets": targets, "keywords": keywords}


def with_torch() -> list[Case]:
    """The table with PyTorch's value and gradient, for the mean and for the sum."""
    import torch
    from torch.nn import functional

    def hinge(s: Any, t: Any, reduction: str) -> Any:
        return functional.margin_ranking_loss(s, torch.zeros_like(s), t, margin=1.0, reduction=reduction)

    theirs: dict[str, Callable[..., Any]] = {
        "mean_squared_error": functional.mse_loss,
        "mean_absolute_error": functional.l1_loss,
        "huber": functional.huber_loss,
        "half_sum_of_squares": lambda p, t: 0.5 * functional.mse_loss(p, t, reduction="sum"),
        "binary_cross_entropy": functional.binary_cross_entropy,
        "binary_cross_entropy_with_logits": functional.binary_cross_entropy_with_logits,
        "cross_entropy": functional.cross_entropy,
        "hinge": hinge,
        "l1_penalty": lambda p, strength: strength * p.abs().sum(),
        "l2_penalty": lambda p, strength: strength * p.square().sum(),
    }
    made = []
    for given in inputs():
        name = given["loss"]
        whole_sum = name == "half_sum_of_squares" or name.endswith("_penalty")
        for reduction in ({},) if whole_sum else ({"reduction": "mean"}, {"reduction": "sum"}):
            keywords = {**given["keywords"], **reduction}
            predictions = torch.tensor(given["predictions"], dtype=torch.float64, requires_grad=True)
            kind = torch.int64 if name == "cross_entropy" else torch.float64
            loss = theirs[name](predictions, torch.tensor(given["targets"], dtype=kind), **keywords)
            loss.backward()
            assert predictions.grad is not None
            gradient = predictions.grad.flatten().tolist()
            made.append({**given, "keywords": keywords, "value": loss.item(), "gradient": gradient})
    return made


if __name__ == "__main__":
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, with_torch())) + "\n]\n")
