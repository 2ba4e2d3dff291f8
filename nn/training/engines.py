"""Who does the work on chunks: this process, a Dask client, joblib. Each gives results in the order of the chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import uuid4

from autograd_tiny.errors import article, shorten

TRIES = 10
"""How often work is given out again because the process that had it died."""

Work = Callable[[Any, Any, Any], Any]
"""Of what all share, what changes from step to step, and a chunk."""


class Engine(Protocol):
    """What `nn.fit` needs of one."""

    def map(self, work: Work, shared: Any, now: Any, chunks: Sequence[Any]) -> list[Any]:
        """``work(shared, now, chunk)`` for each chunk."""


class Here:
    """One after the other, in this process."""

    def map(self, work: Work, shared: Any, now: Any, chunks: Sequence[Any]) -> list[Any]:
        return [work(shared, now, chunk) for chunk in chunks]


def _same(x: Any) -> Any:
    return x


class Dask:
    """A ``dask.distributed.Client``. What is shared goes there once, as a task that can be run again."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.shared: tuple[Any, Any] = (None, None)

    def map(self, work: Work, shared: Any, now: Any, chunks: Sequence[Any]) -> list[Any]:
        from distributed.scheduler import KilledWorker

        for attempt in range(TRIES):
            if self.shared[0] is not shared or attempt:
                self.shared = (shared, self.client.submit(_same, shared, pure=False))
            numbers = self.client.submit(_same, now, pure=False)
            futures = [self.client.submit(work, self.shared[1], numbers, chunk, pure=False) for chunk in chunks]
            try:
                return list(self.client.gather(futures))
            except KilledWorker:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")


def _marked(token: str, i: int, work: Work, shared: Any, now: Any, chunk: Any) -> tuple[str, int, Any]:
    return token, i, work(shared, now, chunk)


class Joblib:
    """A ``joblib.Parallel``. A pool whose process died is made anew by joblib; the work is then given out again."""

    def __init__(self, parallel: Any) -> None:
        self.parallel = parallel

    def map(self, work: Work, shared: Any, now: Any, chunks: Sequence[Any]) -> list[Any]:
        from concurrent.futures.process import BrokenProcessPool

        from joblib import delayed

        for attempt in range(TRIES):
            token = uuid4().hex
            jobs = (delayed(_marked)(token, i, work, shared, now, chunk) for i, chunk in enumerate(chunks))
            try:
                # After a broken pool, joblib's list may hold results of the call before.
                found = {i: result for mark, i, result in self.parallel(jobs) if mark == token}
            except BrokenProcessPool:
                if attempt == TRIES - 1:
                    raise
                continue
            if len(found) == len(chunks):
                return [found[i] for i in range(len(chunks))]
        raise RuntimeError(f"joblib lost results {TRIES} times")


def engine_of(given: Any) -> Engine:
    """The engine for what `nn.fit` was given; ``TypeError`` if it is none."""
    if given is None:
        return Here()
    if hasattr(given, "submit") and hasattr(given, "gather") and hasattr(given, "scheduler_info"):
        return Dask(given)
    if callable(given) and hasattr(given, "n_jobs"):
        return Joblib(given)
    raise TypeError(
        f"fit(engine) got {shorten(given)}, {article(type(given).__name__)}: expected a dask.distributed.Client or a "
        "joblib.Parallel, such as joblib.Parallel(n_jobs=4)"
    )
