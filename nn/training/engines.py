"""Who does the work on chunks: this process, a Dask client, joblib. Each gives results in the order of the chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any, ClassVar, Protocol
from uuid import uuid4

from autograd_tiny.errors import article, shorten

TRIES = 10
"""How often work is given out again because the process that had it died."""

KEPT = 4
"""A process keeps so many of the things that it was sent for several tasks."""

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


class Dask:
    """A ``dask.distributed.Client``. What is shared goes there once; a step is one message to the scheduler, with as
    few tasks as keep the workers busy: giving one out takes as long as some chunks do.
    """

    GROUPS = 4
    """So many tasks for each thread, for who is done first to have something left to do."""
    SMALL = 1 << 20
    """What changes from step to step goes with each task while that is no more bytes in all."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.shared: tuple[Any, Any] = (None, None)

    def map(self, work: Work, shared: Any, now: Any, chunks: Sequence[Any]) -> list[Any]:
        from distributed.scheduler import KilledWorker

        for attempt in range(TRIES):
            if self.shared[0] is not shared or attempt:
                self.shared = (shared, self.client.submit(_same, shared, pure=False))
            groups = _groups(chunks, self.GROUPS * max(1, sum(self.client.nthreads().values())))
            if getattr(now, "nbytes", 0) * len(groups) > self.SMALL:
                now_there = self.client.submit(_same, now, pure=False)
            else:
                now_there = now
            futures = self.client.map(
                _each, groups, pure=False, work=work, shared=self.shared[1], now=now_there, batch_size=None
            )
            try:
                return [result for group in self.client.gather(futures) for result in group]
            except KilledWorker:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")


def _same(x: Any) -> Any:
    return x


def _each(group: Sequence[Any], *, work: Work, shared: Any, now: Any) -> list[Any]:
    return [work(shared, now, chunk) for chunk in group]


def _groups(chunks: Sequence[Any], most: int) -> list[list[Any]]:
    """The chunks in order, in at most so many groups, none much larger than another."""
    count = max(1, min(len(chunks), most))
    ends = [len(chunks) * i // count for i in range(count + 1)]
    return [list(chunks[start:end]) for start, end in pairwise(ends)]


class Packed:
    """A thing that is pickled once, however many tasks it goes with, and made once in each process that works on
    them, as joblib itself would pickle it.
    """

    made: ClassVar[dict[str, Any]] = {}
    lock = Lock()

    def __init__(self, thing: Any) -> None:
        self.key, self.data = uuid4().hex, _cloudpickle().dumps(thing)

    def open(self) -> Any:
        """The thing."""
        with self.lock:
            if self.key not in self.made:
                while len(self.made) >= KEPT:
                    del self.made[next(iter(self.made))]
                self.made[self.key] = _cloudpickle().loads(self.data)
            return self.made[self.key]


def _cloudpickle() -> Any:
    try:
        import cloudpickle  # which joblib needs since 1.6, and brought with it before

        return cloudpickle
    except ImportError:
        from joblib.externals import cloudpickle

        return cloudpickle


def _marked(token: str, i: int, work: Work, shared: Packed, now: Any, chunk: Any) -> tuple[str, int, Any]:
    return token, i, work(shared.open(), now, chunk)


class Joblib:
    """A ``joblib.Parallel``. A pool whose process died is made anew by joblib; the work is then given out again."""

    def __init__(self, parallel: Any) -> None:
        self.parallel = parallel
        self.shared: tuple[Any, Any] = (None, None)

    def map(self, work: Work, shared: Any, now: Any, chunks: Sequence[Any]) -> list[Any]:
        from concurrent.futures.process import BrokenProcessPool

        from joblib import delayed

        if self.shared[1] is None or self.shared[0] is not shared:
            self.shared = (shared, Packed(shared))
        for attempt in range(TRIES):
            token = uuid4().hex
            jobs = (delayed(_marked)(token, i, work, self.shared[1], now, chunk) for i, chunk in enumerate(chunks))
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
