"""One sample of one contender, in a process of its own: ``python -m benchmarks.child WORKLOAD CONTENDER``.

A fresh process, because a collection started in one contender's turn walks through whatever the others left:
measured in one process, 30,000 of micrograd's nodes waiting to be collected made our own graph cost 4,000 ns
a node in place of 600.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from .harness import Contender, Sample
from .workloads import WORKLOADS


def find(workload: str, contender: str) -> Contender:
    """The contender of that name in the workload of that name."""
    return next(c for w in WORKLOADS if w.name == workload for c in w.contenders if c.name == contender)


def in_deep_thread(run: Callable[[], Sample]) -> Sample:
    """What ``run`` returns or raises, run where recursion a million frames deep is allowed."""
    threading.stack_size(512 << 20)
    sys.setrecursionlimit(1_000_000)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def main() -> None:
    contender = find(*sys.argv[1:])
    gc.collect()
    sample = in_deep_thread(contender.run) if contender.deep else contender.run()
    print(json.dumps(asdict(sample)))


if __name__ == "__main__":
    main()
