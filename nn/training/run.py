"""A training run: the loop of `nn.fit` over epochs and batches, and what of it a checkpoint keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import ceil, fsum, isfinite
from typing import Any

from autograd_tiny import NonFiniteError
from autograd_tiny.core import data_of, set_data

from . import batches, resuming
from .callbacks import ended
from .compiled import Compiled, NotCompiled, chosen
from .divergence import Divergence
from .eager import Eager, Program, is_sum, rehearse
from .history import Epoch, History, Status
from .measures import measured
from .plan import Plan
from .progress import Report, progress

Ending = tuple[Status, str]


class Diverged(Exception):
    """The loss went off, as the words say."""


class Run:
    """A plan on its way to a history."""

    program: Program
    description: dict[str, Any]

    def __init__(self, plan: Plan) -> None:
        self.plan, self.stopping = plan, plan.stopping
        self.parameters = list(dict.fromkeys([*plan.model.parameters(), *plan.optimizer.parameters]))
        self.modules = [(module, module.training) for module in plan.model.modules()]
        self.sums = is_sum(plan.loss)
        self.history = History(monitor=plan.stopping.monitor)
        self.divergence = Divergence(self.weights())
        self.held_out: list[int] = []
        if isinstance(plan.validation, float):
            self.held_out = batches.held_out(len(plan.X), plan.validation, plan.rng)
        if plan.checkpoint is not None:
            resuming.resume(self, plan.checkpoint, plan.resume)

    def weights(self) -> list[float]:
        """The numbers of all parameters; much quicker than a state dict."""
        return data_of(self.parameters).tolist()

    def set_weights(self, weights: Sequence[float]) -> None:
        """Give every parameter its number: all of them, or none if Ctrl-C comes between."""
        set_data(self.parameters, weights)

    def train(self) -> History:
        """Train to the end, whichever it is. Every module is then in the mode that it was in before."""
        history = self.history
        try:
            try:
                self._prepare()
                iterations = ceil(len(self.X) / (self.plan.batch_size or len(self.X)))
                with progress(self.plan.verbose, self.plan.epochs, iterations) as report:
                    history.status, history.reason = self._epochs(report)
            except KeyboardInterrupt:
                history.status, history.reason = (
                    "stopped",
                    f"Ctrl-C after {history.epochs} epoch{'s' * (history.epochs != 1)}",
                )
            self._leave_good_weights()
            if self.plan.verbose:
                print(f"{history.status}: {history.reason}", flush=True)
        finally:
            for module, training in self.modules:
                module.training = training
        return history

    def _prepare(self) -> None:
        """Divide the data, and try the loss and the metrics on every target before anything is changed."""
        plan, held_out = self.plan, set(self.held_out)
        rows = list(zip(plan.X, plan.y, strict=True))
        kept = [row for i, row in enumerate(rows) if i not in held_out]
        self.X, self.y = [x for x, _ in kept], [t for _, t in kept]
        self.validation = plan.validation
        if held_out:
            self.validation = [rows[i][0] for i in self.held_out], [rows[i][1] for i in self.held_out]
        eager = Eager(plan.model, plan.loss, self.parameters, self.X, self.y, plan.penalty)
        self.program = eager
        self._mode(training=False)
        for X, y in [(self.X, self.y), *([self.validation] if isinstance(self.validation, tuple) else [])]:
            rehearse(eager, plan.loss, plan.metrics, X, y)
        self._mode(training=True)
        self.program, self.history.evaluation = chosen(eager, plan.compile, plan.threads)

    @contextmanager
    def _training(self) -> Iterator[None]:
        """The block for an epoch's batches; a program that no longer does what the graph does is let go first."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self.program.training())
            except NotCompiled as reason:
                if self.plan.compile is True:
                    raise ValueError(f"fit(compile=True): {reason}") from reason
                assert isinstance(self.program, Compiled)
                self.program, self.history.evaluation = self.program.eager, f"eagerly: {reason}"
            yield

    def _mode(self, training: bool) -> None:
        for module, _ in self.modules:
            module.training = training

    def _epochs(self, report: Report) -> Ending:
        """The epochs, one after the other, until the run ends."""
        plan, history = self.plan, self.history
        while True:
            done = history.epochs
            verdict = self.stopping.verdict(done)
            if verdict is None and done >= plan.epochs:
                verdict = "completed", f"{done} epoch{'s' * (done != 1)}, as asked"
            if verdict is not None:
                return verdict
            self.divergence.begin(self.weights())
            try:
                record = self._epoch(done + 1, report)
            except (NonFiniteError, Diverged) as error:
                return "diverged", f"in epoch {done + 1}: {error}"
            history.records.append(record)
            if isinstance(self.program, Compiled):
                history.evaluation = self.program.way
            problem = self.divergence.epoch(record.loss)
            if problem:
                return "diverged", f"in epoch {done + 1}: {problem}"
            self.stopping.observe(record, self.weights() if self.stopping.keeps_weights else None)
            history.best_epoch = self.stopping.best_epoch
            by = ended(plan.callbacks, record)
            if plan.schedule is not None:
                plan.schedule.step()
            verdict = self.stopping.verdict(done + 1)
            last = bool(by or verdict or done + 1 >= plan.epochs)
            if plan.checkpoint is not None and (last or (done + 1) % plan.checkpoint_every == 0):
                resuming.save(self, plan.checkpoint)
            report.epoch(record, last)
            if by and verdict is None:
                return "stopped", f"callback {by} asked for it after epoch {done + 1}"

    def _epoch(self, epoch: int, report: Report) -> Epoch:
        """One pass over the training data, and what is then measured."""
        plan, started = self.plan, time.perf_counter()
        rate, losses, norms = plan.optimizer.lr, [], []
        self._mode(training=True)
        with self._training():
            for done, batch in enumerate(self._batches(), start=1):
                loss, norm = self._step(batch)
                losses.append(loss if self.sums else loss * len(batch))
                norms.append(norm)
                report.iteration(epoch, done)
        self._mode(training=False)
        mean = fsum(losses) / (1 if self.sums else len(self.X))
        measures = self._measures() if plan.metrics else {}
        validation_loss, validation_measures = None, dict[str, float]()
        if isinstance(self.validation, tuple):
            validation_loss, outputs = self.program.evaluate(*self.validation)
            if not isfinite(validation_loss):
                raise Diverged(f"the validation loss is {validation_loss}")
            validation_measures = measured(plan.metrics, outputs, self.validation[1])
        finite = [norm for norm in norms if isfinite(norm)]  # an infinite one was clipped by value
        return Epoch(epoch, self.history.iterations, mean, validation_loss, measures, validation_measures, rate,
                     fsum(finite) / max(1, len(finite)), time.perf_counter() - started)  # fmt: skip

    def _measures(self) -> dict[str, float]:
        """The metrics of the training data."""
        _, outputs = self.program.evaluate(self.X, self.y)
        return measured(self.plan.metrics, outputs, self.y)

    def _batches(self) -> list[Sequence[int]]:
        """The indices of the training data in this epoch's order; all at once, order makes no difference."""
        size, order = self.plan.batch_size or len(self.X), list(range(len(self.X)))
        if self.plan.shuffle and size < len(order):
            self.plan.rng.shuffle(order)
        return batches.batches(order, size)

    def _step(self, batch: Sequence[int]) -> tuple[float, float]:
        """The loss of a batch and the norm of its gradient; the parameters are moved."""
        plan = self.plan
        loss = self.program.loss_and_gradients(batch)
        problem = self.divergence.batch(loss)
        if problem:
            raise Diverged(problem)
        norm = self.program.move(plan.optimizer, plan.clip_value, plan.clip_norm)
        self.history.iterations += 1
        return loss, norm

    def _leave_good_weights(self) -> None:
        """The best weights where they were kept; after a divergence the last good ones."""
        best = self.stopping.best_weights
        if best is not None:
            self.set_weights(best)
        elif self.history.status == "diverged":
            self.set_weights(self.divergence.good)
