"""Long batches in blocks: the numbers of the whole, the same for any number of threads, and stopped by Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile
from autograd_tiny.compiler import dividing

N = 9001
X = np.random.default_rng(8).normal(size=(N, 3))
W = [Value(x) for x in (0.5, -0.25, 0.75)]


def loss(x: Any) -> Any:
    h = [(ad.dot(W, x) * w).tanh() for w in W]
    return ad.logsumexp(h) * x[0] + W[1] * h[2]


def compiled(f: Any = loss, **options: Any) -> Any:
    return compile(f, parameters=W, scalars="never", **options)


@pytest.mark.parametrize("backend", ["auto", "numpy"])
def test_blocks_give_what_the_whole_gives(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values, slopes = compiled(backend=backend).flat_value_and_grad(X, batch=True)
    monkeypatch.setattr(dividing, "run_in_blocks", None)
    whole = compiled(backend=backend)
    monkeypatch.setattr("autograd_tiny.compiler.trace.block_size", lambda program, length: length)
    expected, gradient = whole.flat_value_and_grad(X, batch=True)
    np.testing.assert_allclose(values, expected, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(slopes, gradient, rtol=1e-12, atol=1e-13)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    answers = [compiled(threads=n).flat_value_and_grad(X, batch=True) for n in (1, 2, 3, 7)]
    for values, slopes in answers[1:]:
        assert np.array_equal(values, answers[0][0])
        assert np.array_equal(slopes, answers[0][1])


@pytest.mark.parametrize("threads", [1, 2])
def test_samples_of_trouble_go_to_the_function(threads: int) -> None:
    f = lambda x: ad.where(ad.greater(x[0], -9.0), x[0] * W[0], ad.exp(-x[0]))
    x = X.copy()
    x[[5, 4000, N - 1], 0] = 800.0
    program = compiled(f, threads=threads)
    for _ in range(2):
        values, slopes = program.value_and_grad(x, batch=True)
        np.testing.assert_allclose(values, x[:, 0] * 0.5, rtol=1e-14)
        np.testing.assert_allclose(slopes, [x[:, 0].mean(), 0.0, 0.0], rtol=1e-10)
    x[17, 0] = np.inf
    with pytest.raises(ValueError, match="finite") as caught:
        program(x, batch=True)
    assert "sample 17" in "".join(getattr(caught.value, "__notes__", []))


def test_several_results_and_what_all_samples_share() -> None:
    program = compiled(lambda x: [x[1], W[0] * 2.0, np.array([x[0] * W[1], x[2]])], threads=2)
    first, shared, both = program(X, batch=True)
    assert np.array_equal(first, X[:, 1])
    assert np.array_equal(shared, np.ones(N))
    assert np.array_equal(both, [X[:, 0] * -0.25, X[:, 2]])


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "2"])
def test_threads_are_a_whole_number(count: Any) -> None:
    with pytest.raises(ValueError, match="expected a whole number from 1 on"):
        compile(loss, threads=count)


def test_an_error_in_a_thread_is_that_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: Any) -> Any:
        raise MemoryError("no room")

    program = compiled(threads=2)
    program(X, batch=True)
    monkeypatch.setattr(program.last.program, "take", fails)
    with pytest.raises(MemoryError, match="no room"):
        program(X, batch=True)
    monkeypatch.undo()
    assert len(program(X, batch=True)) == N


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals to a thread are of POSIX")
@pytest.mark.parametrize("threads", [1, 2])
def test_control_c_stops_it(threads: int) -> None:
    program = compiled(threads=threads)
    many = np.tile(X, (400, 1))
    program(many[:N], batch=True)
    before = threading.active_count()  # pytest-xdist has some of its own
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    gc.disable()  # Hypothesis looks on while garbage is collected, and what is raised there nobody gets
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            timer.start()
            for _ in range(100):
                program.flat_value_and_grad(many, batch=True)
    finally:
        gc.enable()
        signal.signal(signal.SIGINT, previous)
    timer.join()
    deadline = time.monotonic() + 300.0
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
    assert len(program(X, batch=True)) == N
