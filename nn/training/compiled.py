"""How `fit` evaluates a model by replaying a compiled program: the loss of one sample recorded once, run for a batch.

The batch's loss is then the mean (or the sum) of its samples' losses. A loss that is anything else, a model that
draws random numbers, or one that branches on data, cannot be had in this way, so a program is only used once it has
given the loss and the gradients that the graph gives, on the first few samples; and at the start of every epoch it is
tried again on one sample, since a callback may have changed what the recording took for fixed.

While the batches of an epoch are trained the parameters are numbers in an array; the Values have theirs again when the
epoch ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import isclose, isfinite
from typing import Any

from autograd_tiny import NonFiniteError, engine
from autograd_tiny.core import data_of, gradients_of, set_data, set_gradients
from autograd_tiny.derivatives.structure import flatten, rebuild
from autograd_tiny.errors import AutogradError, RecordingError

from ..dropout import Dropout
from ..optim.optimizer import Optimizer
from .eager import Eager, Program, is_sum, share

TRIED = 8
"""So many samples of the first batch are computed both ways."""
TOLERANCE = 1e-9
"""Relative to the larger of the two, or to the largest gradient."""
WORTH_WHILE = 30_000 if engine == "compiled" else 1_000
"""With fewer parameters times samples (times the elements of a sequence), an epoch of graphs takes less than 3 ms, and
recording 5 to 10. How many epochs there will be is not asked: a run that goes on from a checkpoint is to give the bits
of one that was never stopped."""

BY_PROGRAM = "by a compiled program"
AND_ITSELF = ", and by the model itself on samples where a number is not finite"


class NotCompiled(Exception):
    """Why a model is not trained by a program, in words that follow "eagerly:"."""


class Compiled:
    """A program for the loss of a sample and one for the model's output, in place of a graph for each batch."""

    def __init__(self, eager: Eager) -> None:
        """Raises `NotCompiled` if the program would not do what the graph does."""
        self.eager = eager
        self.sums = is_sum(eager.loss)
        self.weights: Any = None
        self.gradient: Any = None
        self.mover: Optimizer | None = None
        self.moves_all = False
        model, loss, penalty = eager.model, eager.loss, eager.penalty
        self.X, self.y = _array(eager.X, "the samples"), _array(eager.y, "the targets")
        sample, target = _reader(eager.X[0]), _reader(eager.y[0])
        if any(isinstance(module, Dropout) and module.p > 0.0 for module in model.modules()):
            raise NotCompiled("Dropout draws anew for each sample")
        from autograd_tiny import compile

        self.loss_program = compile(lambda x, t: loss([model(sample(x))], [target(t)]), parameters=eager.parameters)
        self.model_program = compile(lambda x: model(sample(x)), parameters=eager.parameters)
        self.penalty_program = None
        if penalty is not None:
            self.penalty_program = compile(lambda: penalty(eager.parameters), parameters=eager.parameters)
        self._compare(range(min(TRIED, len(self.X))))

    # What `fit` asks for

    @contextmanager
    def training(self) -> Iterator[None]:
        """In this block the parameters are in an array; at its end, even after an error, in the Values again."""
        self._try_again()
        self.loss_program.watches = False
        try:
            with self.loss_program.hold() as self.weights:
                yield
        finally:
            self.loss_program.watches = True
            self.weights = None

    def loss_and_gradients(self, indices: Sequence[int]) -> float:
        """The loss of these samples; its gradient, with the penalty's, is kept for `move`."""
        if len(indices) == len(self.X):
            return self._loss_and_gradient(self.X, self.y)
        return self._loss_and_gradient(self.X[indices], self.y[indices])

    def move(self, optimizer: Optimizer, clip_value: float | None, clip_norm: float | None) -> float:
        """Take the optimiser's step; the norm of the gradient before it was clipped."""
        norm = float((self.gradient @ self.gradient) ** 0.5)
        if self.mover is not optimizer:  # comparing 30,000 parameters takes longer than moving them
            self.mover, self.moves_all = optimizer, optimizer.parameters == self.eager.parameters
        if not self.moves_all or not isfinite(norm):
            return self._move_values(optimizer, clip_value, clip_norm)
        gradient = self.gradient
        if clip_value is not None:
            gradient = gradient.clip(-clip_value, clip_value)
        if clip_norm is not None:
            factor = clip_norm / (float((gradient @ gradient) ** 0.5) + 1e-6)
            gradient = gradient * factor if factor < 1.0 else gradient
        optimizer.step_arrays(self.weights, gradient)
        return norm

    def evaluate(self, X: Sequence[Any], y: Sequence[Any]) -> tuple[float, list[Any]]:
        """The loss of any samples and the model's outputs as numbers; no gradient is touched."""
        try:
            given = _array(X, "the samples")
        except NotCompiled:
            return self.eager.evaluate(X, y)
        outputs = _by_sample(self.model_program(given, batch=True))
        return self.eager.loss_of(outputs, y), outputs

    @property
    def way(self) -> str:
        """How it went, for ``history.evaluation``."""
        return BY_PROGRAM + (AND_ITSELF if self.loss_program.fallen_back else "")

    # Within

    def _loss_and_gradient(self, X: Any, y: Any) -> float:
        losses, gradient = self.loss_program.flat_value_and_grad(X, y, batch=True)
        part = share(self.eager.loss, y)
        adds = self.sums or part is not None
        loss = float(losses.sum() if adds else losses.mean())
        if adds:
            gradient = gradient * len(losses)
        if self.penalty_program is not None:
            if self.weights is not None:
                set_data(self.eager.parameters, self.weights)
            extra, slopes = self.penalty_program.flat_value_and_grad()
            gradient = gradient + slopes
            loss += float(extra) if part is not None else 0.0
        if part is not None:
            loss, gradient = loss * part, gradient * part
        self.gradient = gradient
        return loss

    def _move_values(self, optimizer: Optimizer, clip_value: float | None, clip_norm: float | None) -> float:
        """The same on the Values: for an optimiser of some of the parameters only, and for the error's words."""
        parameters = self.eager.parameters
        set_data(parameters, self.weights)
        set_gradients(parameters, self.gradient)
        norm = self.eager.move(optimizer, clip_value, clip_norm)
        self.weights[:] = data_of(parameters)
        return norm

    def _compare(self, indices: Sequence[int]) -> None:
        """Take the loss and the gradients of the first samples both ways; `NotCompiled` if they differ."""
        eager, parameters = self.eager, self.eager.parameters
        kept = gradients_of(parameters)
        try:
            expected = eager.loss_and_gradients(indices)
            slopes = gradients_of(parameters)
        finally:
            set_gradients(parameters, kept)
        try:
            found = self._loss_and_gradient(self.X[: len(indices)], self.y[: len(indices)])
        except NonFiniteError:
            raise
        except (AutogradError, TypeError, ValueError, IndexError) as error:
            raise NotCompiled(" ".join(str(error).split())) from error
        if len(self.gradient) != len(slopes):
            raise NotCompiled("the model or the loss uses leaves that are none of the parameters trained")
        largest = max((abs(slope) for slope in slopes), default=0.0)
        same = isclose(found, expected, rel_tol=TOLERANCE, abs_tol=1e-300) and all(
            abs(a - b) <= TOLERANCE * largest for a, b in zip(self.gradient, slopes, strict=True)
        )
        if not same:
            raise NotCompiled("the loss of a batch is not the mean of its samples' losses, or it is drawn at random")

    def _try_again(self) -> None:
        """Look whether the recording still holds, on one sample."""
        eager = self.eager
        expected = eager.loss_of([eager.output(eager.X[0])], eager.y[:1])
        try:
            found = float(self.loss_program(self.X[:1], self.y[:1], batch=True)[0])
            part = share(eager.loss, eager.y[:1])
            found *= 1.0 if part is None else part
        except RecordingError as error:  # what changed is recorded anew, and may not be what can be recorded
            raise NotCompiled(" ".join(str(error).split())) from error
        if not isclose(found, expected, rel_tol=TOLERANCE, abs_tol=1e-300):
            raise NotCompiled("the model or the loss has changed since it was recorded")


def _reader(row: Any) -> Callable[[Any], Any]:
    """From a row of `_array` back to what it was: a dict was flattened."""
    if not isinstance(row, dict):
        return lambda x: x
    return lambda x: rebuild(row, iter(x))


def _array(rows: Sequence[Any], what: str) -> Any:
    """The rows as one array of floats, or of whole numbers where all are: those may be the indices of classes."""
    import numpy as np

    if isinstance(rows[0], dict):
        rows = [flatten(row) for row in rows]
    try:
        found = np.array(rows)
    except ValueError:
        found = np.array([None])
    if found.dtype.kind not in "fiub":
        raise NotCompiled(f"{what} are not of one shape")
    return found if found.dtype.kind in "iu" else found.astype(float)


def _by_sample(found: Any) -> list[Any]:
    """What a program gave of a batch, arrays in lists and dicts, as the outputs of each sample."""
    if isinstance(found, dict):
        return [dict(zip(found, row, strict=True)) for row in zip(*map(_by_sample, found.values()), strict=True)]
    if isinstance(found, (list, tuple)):
        return [list(row) for row in zip(*map(_by_sample, found), strict=True)]
    numbers: list[Any] = found.tolist()
    return numbers


def _elements(x: Any) -> int:
    """How many rows a sample has, of which each may meet all parameters: a sequence's elements; 1 of plain features."""
    if isinstance(x, dict):
        return max(map(_elements, x.values()), default=1)
    return len(x) if hasattr(x, "__len__") and len(x) and hasattr(x[0], "__len__") else 1


def chosen(eager: Eager, compile: bool | str, threads: int = 1) -> tuple[Program, str]:
    """The way to evaluate a model, and what it is called; ``ValueError`` if a program is demanded and cannot be had."""
    if compile is False:
        return eager, "eagerly: as asked"
    if compile == "auto" and len(eager.parameters) * len(eager.X) * _elements(eager.X[0]) < WORTH_WHILE:
        return eager, "eagerly: too little work to be worth a program"
    try:
        compiled = Compiled(eager)
        compiled.loss_program.threads = compiled.model_program.threads = threads
        return compiled, compiled.way
    except NotCompiled as reason:
        if compile is True:
            raise ValueError(f"fit(compile=True): {reason}") from reason
        return eager, f"eagerly: {reason}"
    except ImportError:
        if compile is True:
            raise
        return eager, "eagerly: numpy is not installed"
