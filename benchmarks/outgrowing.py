"""What `nn.fit` over chunks is to hold: two workers against one, 10 GB through 500 MB, 50 runs with a worker killed.

    python -m benchmarks.outgrowing            # some minutes
    python -m benchmarks.outgrowing --runs 5   # fewer kills

The 10 GB are drawn where they are used, chunk by chunk from a seed: what is asked is what of them is in memory at once.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np

import nn

FEATURES = 100


def drawn(rows: int, features: int, seed: int) -> tuple[Any, Any]:
    """A chunk of data."""
    X = np.random.default_rng(seed).normal(size=(rows, features))
    return X, np.tanh(X[:, 0] - X[:, 1])


def memory() -> tuple[float, float]:
    """The most that this process and the largest of its ended children have had in memory, in MB."""
    return tuple(resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # type: ignore[return-value]


def train(chunks: list[Any], engine: Any, hidden: int, features: int, epochs: int = 1) -> tuple[list[float], float]:
    """The weights after some epochs of one step, and the seconds."""
    model = nn.MLP(features, [hidden, 1], "tanh", seed=0)
    started = time.perf_counter()
    nn.fit(model, chunks, optimizer=nn.SGD(model.parameters(), lr=0.1), batch_size=None, epochs=epochs, verbose=0,
           engine=engine)  # fmt: skip
    return [p.data for p in model.parameters()], time.perf_counter() - started


def workers() -> None:
    chunks = [partial(drawn, 60_000, 20, seed) for seed in range(16)]
    found = {}
    for n in (1, 2, 1, 2):
        engine = joblib.Parallel(n_jobs=n, backend="loky") if n > 1 else joblib.Parallel(n_jobs=1)
        engine(joblib.delayed(time.sleep)(0.1) for _ in range(2 * n))
        weights, seconds = train(chunks, engine, 64, 20, epochs=12)
        print(f"{n} worker{'s' * (n > 1)}: {seconds:.1f} s", flush=True)
        best = min(seconds, found.get(n, (seconds, None))[0])
        assert found.get(n, (0, weights))[1] == weights
        found[n] = best, weights
    print(f"two are {found[1][0] / found[2][0]:.2f} times as fast as one; same bits: {found[1][1] == found[2][1]}")


def large() -> None:
    rows = 65_536
    count = round(10e9 / (rows * (FEATURES + 1) * 8))
    chunks = [partial(drawn, rows, FEATURES, seed) for seed in range(count)]
    _, seconds = train(chunks, joblib.Parallel(n_jobs=2), 8, FEATURES)
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
    here, child = memory()
    total = count * rows * (FEATURES + 1) * 8 / 1e9
    most = f"at most {here:.0f} MB here and {child:.0f} MB in a worker"
    print(f"{total:.1f} GB in {count} chunks, read twice, in {seconds:.0f} s; {most}", flush=True)


def killing(mark: Path, seed: int) -> tuple[Any, Any]:
    """A chunk whose reader is killed the first time."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return drawn(2_000, 5, seed)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


def kills(runs: int) -> None:
    expected, _ = train([partial(drawn, 2_000, 5, seed) for seed in range(8)], None, 8, 5, epochs=3)
    from distributed import Client, LocalCluster

    with tempfile.TemporaryDirectory() as folder, LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster, Client(cluster) as client:  # fmt: skip
        same = {"joblib": 0, "Dask": 0}
        for run in range(runs):
            for name, engine in (("joblib", joblib.Parallel(n_jobs=2)), ("Dask", client)):
                chunks: list[Any] = [partial(drawn, 2_000, 5, seed) for seed in range(8)]
                chunks[run % 8] = partial(killing, Path(folder) / f"{name}{run}", run % 8)
                same[name] += train(chunks, engine, 8, 5, epochs=3)[0] == expected
                assert (Path(folder) / f"{name}{run}").exists()
        print(f"a worker killed in each of {runs} runs, same bits: joblib {same['joblib']}, Dask {same['Dask']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("parts", nargs="*", choices=["workers", "large", "kills", []], default=[])
    asked = parser.parse_args()
    for name, part in (("large", large), ("workers", workers), ("kills", partial(kills, asked.runs))):
        if not asked.parts or name in asked.parts:
            part()
    sys.exit(0)
