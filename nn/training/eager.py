"""How `fit` evaluates a model: the graph built anew for each batch, differentiated, and let go.

>>> import nn
>>> model = nn.Neuron(1, None, init=1.0)
>>> program = Eager(model, nn.mean_squared_error, model.parameters(), [[1.0], [3.0]], [0.0, 0.0])
>>> program.loss_and_gradients([0, 1]), [p.grad for p in model.parameters()]
(5.0, [10.0, 4.0])
>>> program.evaluate([[2.0]], [0.0])
(4.0, [2.0])

`Program` is all that `fit` knows of how gradients come about; `compiled` has another way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import hypot, inf, isfinite
from typing import Any, Protocol

from autograd_tiny import Value, nonfinite
from autograd_tiny.core import gradients_of, zero_gradients
from autograd_tiny.errors import article, shorten

from ..losses import Loss, half_sum_of_squares
from ..module import Module
from ..optim.clipping import clip_gradient_norm, clip_gradient_value
from ..optim.optimizer import Optimizer
from .measures import Metric, measured

Penalty = Callable[[list[Value]], Value]


class Program(Protocol):
    """What `fit` needs of a way to evaluate a model."""

    def loss_and_gradients(self, indices: Sequence[int]) -> float:
        """The loss of these training samples; its gradients, with the penalty's, are left in the parameters."""

    def move(self, optimizer: Optimizer, clip_value: float | None, clip_norm: float | None) -> float:
        """Clip the gradients and take the optimiser's step; the norm of the gradients before they were clipped."""

    def evaluate(self, X: Sequence[Any], y: Sequence[Any]) -> tuple[float, list[Any]]:
        """The loss of any samples and the model's outputs as numbers; no gradient is touched."""

    def training(self) -> AbstractContextManager[None]:
        """A block for the batches of an epoch; only at its end need the Values have the numbers of the parameters."""


class Eager:
    """A graph a batch, freed before the next one is built."""

    def __init__(self, model: Module, loss: Loss, parameters: Sequence[Value], X: Sequence[Any],
                 y: Sequence[Any], penalty: Penalty | None = None) -> None:  # fmt: skip
        self.model: Any = model  # it can be called: `fit` looked
        self.loss, self.penalty = loss, penalty
        self.parameters, self.X, self.y = list(parameters), X, y

    def loss_and_gradients(self, indices: Sequence[int]) -> float:
        model, samples, targets = self.model, self.X, self.y
        total = _graph(self.loss([model(samples[i]) for i in indices], [targets[i] for i in indices]), "loss")
        loss, part = total.data, share(self.loss, [targets[i] for i in indices])
        if self.penalty is not None:
            total = total + _graph(self.penalty(self.parameters), "penalty")
        if part is not None:
            total = total * part
            loss = total.data
        zero_gradients(self.parameters)
        total.backward()
        return loss

    def move(self, optimizer: Optimizer, clip_value: float | None, clip_norm: float | None) -> float:
        norm = hypot(*gradients_of(optimizer.parameters))
        if clip_value is not None:
            clip_gradient_value(optimizer.parameters, clip_value)
        if clip_norm is not None:
            clip_gradient_norm(optimizer.parameters, clip_norm)
        elif clip_value is None and not isfinite(norm):
            clip_gradient_norm(optimizer.parameters, inf)  # says which gradient it is
        optimizer.step()
        return norm

    def evaluate(self, X: Sequence[Any], y: Sequence[Any]) -> tuple[float, list[Any]]:
        outputs = [self.output(sample) for sample in X]  # sample by sample: no graph of the whole set
        return self.loss_of(outputs, y), outputs

    def training(self) -> AbstractContextManager[None]:
        return nullcontext()

    def output(self, sample: Any) -> Any:
        """What the model gives for a sample, as numbers."""
        return _numbers(self.model(sample))

    def loss_of(self, outputs: Sequence[Any], y: Sequence[Any]) -> float:
        """The loss of outputs that are numbers."""
        part = share(self.loss, y)
        return _graph(self.loss(_leaves(outputs), list(y)), "loss").data * (1.0 if part is None else part)


def rehearse(program: Program, loss: Loss, metrics: dict[str, Metric], X: Sequence[Any], y: Sequence[Any]) -> None:
    """Try the model on the first sample, and the loss and metrics on every target: what does not fit is told now.

    The output of the first sample stands for all. Whether numbers are finite is left to the training.
    """
    with nonfinite("allow"):
        _, [output] = program.evaluate(X[:1], y[:1])
        outputs = [output] * len(y)
        _graph(loss(_leaves(outputs), list(y)), "loss")
        measured(metrics, outputs, list(y))


def is_sum(loss: Loss) -> bool:
    """Whether a loss adds its samples up, so that an epoch's is the sum over its batches and not a weighted mean.

    `half_sum_of_squares` does, ``functools.partial(loss, reduction="sum")``, and a function with an attribute
    ``reduction = "sum"``. Any other is taken for a mean over the samples.
    """
    if isinstance(loss, functools.partial):
        given = loss.keywords.get("reduction")
        return is_sum(loss.func) if given is None else given == "sum"
    return loss is half_sum_of_squares or getattr(loss, "reduction", None) == "sum"


def share(loss: Loss, targets: Any) -> float | None:
    """What the sum over these samples, with the penalty, is multiplied by, of a loss that has a ``divisor``; or None.

    A method ``divisor(targets)`` says what a batch weighs: the loss gives the sum, and its mean is the sum and the
    penalty divided by that. A batch that weighs nothing has a loss of 0 and teaches nothing.
    """
    rule = getattr(loss, "divisor", None)
    if rule is None:
        return None
    weight = float(rule(targets))
    return 1.0 / weight if weight else 0.0


def _graph(given: Any, name: str) -> Value:
    if not isinstance(given, Value):
        raise TypeError(
            f"{name} gave {shorten(given)}, {article(type(given).__name__)}: expected a Value to differentiate"
        )
    return given


def _numbers(output: Any) -> Any:
    """What a model gave, a Value, a number, or lists or dicts of them, as plain numbers."""
    if isinstance(output, dict):
        return {key: _numbers(part) for key, part in output.items()}
    if isinstance(output, (list, tuple)):
        return [part.data if type(part) is Value else _numbers(part) for part in output]
    return output.data if isinstance(output, Value) else output


def _leaves(numbers: Any) -> Any:
    """Nested lists of numbers as nested lists of leaves, as a loss of the user's own may call methods of a Value."""
    if isinstance(numbers, dict):
        return {key: _leaves(part) for key, part in numbers.items()}
    return [_leaves(part) for part in numbers] if isinstance(numbers, list) else Value(numbers)
