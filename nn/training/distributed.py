"""Training on chunks: each is read and differentiated where an engine puts it, and what comes back is added in order.

The sums are taken chunk by chunk in the order of the batch, and within a chunk piece by piece, so that a step has the
same bits however many workers there are, and whichever of them died on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import uuid4

from autograd_tiny import Value
from autograd_tiny.core import set_data
from autograd_tiny.errors import counted

from .chunks import Chunks, Part
from .compiled import TRIED, Compiled, NotCompiled
from .eager import Eager, rehearse
from .engines import KEPT, Engine, engine_of
from .plan import Plan
from .run import Run


@dataclass(frozen=True)
class Recipe:
    """What a worker makes a program of; it keeps the program under the key."""

    key: str
    model: Any
    loss: Callable[..., Value]
    parameters: list[Value]


_programs: dict[str, Any] = {}
_lock = Lock()
"""A worker may have threads, and a program's parameters are in one array."""


def gradient_of(recipe: Recipe, weights: Any, chunk: Part) -> tuple[float, Any]:
    """The sum of the samples' losses at these weights, and its gradient. This runs in a worker."""
    import numpy as np

    total, gradient = 0.0, np.zeros(len(weights))
    with _lock, _one_thread():
        program = _program(recipe)
        with program.hold() as held:
            held[:] = weights
            for X, y in chunk.pieces():
                losses, slopes = program.flat_value_and_grad(X, y, batch=True)
                total += float(losses.sum())
                gradient += slopes * len(losses)
    return total, gradient


def survey(_: Any, __: Any, chunk: Part) -> tuple[int, Any, Any]:
    """How many samples a chunk has, and its first; ``ValueError`` if a number is not finite. This runs in a worker."""
    import numpy as np

    count, first = 0, None
    try:
        for X, y in chunk.pieces():
            first = (X[:TRIED], y[:TRIED]) if first is None else first
            bad = ~(np.isfinite(X).reshape(len(X), -1).all(1) & np.isfinite(y).reshape(len(y), -1).all(1))
            if bad.any():
                raise ValueError(f"sample {count + int(bad.argmax())} has a number that is not finite")
            if X.shape[1:] != first[0].shape[1:]:
                raise ValueError(f"samples of shapes {first[0].shape[1:]} and {X.shape[1:]}")
            count += len(X)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{chunk.name}: {error}") from None
    return count, *(first or (None, None))


def _program(recipe: Recipe) -> Any:
    if recipe.key not in _programs:
        from autograd_tiny import compile

        model, loss = recipe.model, recipe.loss
        while len(_programs) >= KEPT:
            del _programs[next(iter(_programs))]
        made = compile(lambda x, t: loss([model(x)], [t]), parameters=recipe.parameters)
        made.watches = False
        _programs[recipe.key] = made
    return _programs[recipe.key]


def _one_thread() -> AbstractContextManager[Any]:
    """So that a matrix product is summed in one way however many processes share the machine."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(1)  # type: ignore[no-any-return]


class Batch(Sequence[int]):
    """The chunks of a step; its length is that of its samples, which is what `Run` counts."""

    def __init__(self, chunks: list[int], samples: int) -> None:
        self.chunks, self.samples = chunks, samples

    def __len__(self) -> int:
        return self.samples

    def __getitem__(self, i: Any) -> Any:
        return range(self.samples)[i]


class Distributed(Compiled):
    """A program whose training data are chunks, with their gradients taken by an engine."""

    def __init__(self, eager: Eager, engine: Engine, chunks: Chunks) -> None:
        super().__init__(eager)
        self.engine, self.chunks = engine, chunks
        self.recipe = Recipe(uuid4().hex, eager.model, eager.loss, eager.parameters)

    def loss_and_gradients(self, indices: Sequence[int]) -> float:
        assert isinstance(indices, Batch)
        set_data(self.eager.parameters, self.weights)
        parts = [self.chunks.parts[i] for i in indices.chunks]
        loss, gradient = 0.0, 0.0 * self.weights
        for part_loss, slopes in self.engine.map(gradient_of, self.recipe, self.weights.copy(), parts):
            loss += part_loss
            gradient += slopes
        share = 1.0 if self.sums else 1.0 / len(indices)
        self.gradient = gradient * share
        if self.penalty_program is not None:
            self.gradient = self.gradient + self.penalty_program.flat_value_and_grad()[1]
        return loss * share

    @property
    def way(self) -> str:
        return f"{super().way}, on {counted(len(self.chunks.parts), 'chunk')}"


class ChunkedRun(Run):
    """A run over chunks."""

    def __init__(self, plan: Plan) -> None:
        self.engine = engine_of(plan.engine)
        chunks = plan.X
        assert isinstance(chunks, Chunks)
        found = self.engine.map(survey, None, None, chunks.parts)
        empty = [part.name for part, (count, _, _) in zip(chunks.parts, found, strict=True) if not count]
        if empty:
            raise ValueError(f"{empty[0]} has no samples: leave it out, so that each chunk has some")
        chunks.counts = [count for count, _, _ in found]
        self.head = found[0][1].tolist(), found[0][2].tolist()
        shapes = {part.name: X.shape[1:] for part, (_, X, _) in zip(chunks.parts, found, strict=True)}
        odd = next((name for name, shape in shapes.items() if shape != found[0][1].shape[1:]), None)
        if odd is not None:
            raise ValueError(
                f"{odd} has samples of shape {shapes[odd]}, and {chunks.parts[0].name} of {found[0][1].shape[1:]}"
            )
        super().__init__(plan)

    def _prepare(self) -> None:
        plan = self.plan
        self.X, self.y, self.validation = plan.X, plan.y, plan.validation
        eager = Eager(plan.model, plan.loss, self.parameters, *self.head, plan.penalty)
        self.program = eager
        self._mode(training=False)
        for X, y in [self.head, *([self.validation] if isinstance(self.validation, tuple) else [])]:
            rehearse(eager, plan.loss, plan.metrics, X, y)
        self._mode(training=True)
        try:
            self.program = Distributed(eager, self.engine, self._chunks)
        except NotCompiled as reason:
            raise ValueError(f"fit(engine=…) trains by a compiled program: {reason}") from reason
        self.history.evaluation = self.program.way

    @property
    def _chunks(self) -> Chunks:
        found = self.plan.X
        assert isinstance(found, Chunks)
        return found

    def _measures(self) -> dict[str, float]:
        return {}

    def _batches(self) -> list[Sequence[int]]:
        """Chunks in this epoch's order, as many at a time as have ``batch_size`` samples together."""
        counts, order = self._chunks.counts, [*range(len(self._chunks.parts))]
        size = self.plan.batch_size or len(self._chunks)
        if self.plan.shuffle and size < len(self._chunks):
            self.plan.rng.shuffle(order)
        return [*_groups(order, counts, size)]


def _groups(order: list[int], counts: list[int], size: int) -> Iterator[Batch]:
    group: list[int] = []
    samples = 0
    for i in order:
        group.append(i)
        samples += counts[i]
        if samples >= size:
            yield Batch(group, samples)
            group, samples = [], 0
    if group:
        yield Batch(group, samples)
