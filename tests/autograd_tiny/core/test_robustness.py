"""What the engines withstand: threads, Ctrl-C, memory running out, a million rounds without a leak."""

from __future__ import annotations

import resource
import signal
import sys
import threading
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import Value, gradients


def some_graph(leaves: list[Value]) -> Value:
    """A graph with one-, two- and many-parent nodes, constants, and a filled dot."""
    a, b = leaves[:2]
    return (ad.dot(leaves, [0.5] * len(leaves)) + ad.sum([a, b, 2.0]) * a.tanh() - ad.dot([a, b], [b, 1.0]) / 3.0).exp()


def test_threads_with_graphs_of_their_own() -> None:
    wanted = [gradients(some_graph(leaves), leaves) for leaves in ([Value(k / 10), Value(0.3)] for k in range(4))]
    wrong: list[Any] = []

    def work(k: int) -> None:
        for _ in range(300):
            leaves = [Value(k / 10), Value(0.3)]
            root = some_graph(leaves)
            root.backward()
            if [leaf.grad for leaf in leaves] != wanted[k]:
                wrong.append(k)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong


def test_ctrl_c_stops_a_long_backward_and_changes_no_gradient() -> None:
    x = y = Value(1.0)
    for _ in range(3_000_000 if ad.engine == "compiled" else 300_000):
        y = -y
    x.grad = 5.0

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, stop)
    try:
        for delay in (0.005, 0.03):
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, delay)
                for _ in range(1000):
                    gradients(y, x)
            assert x.grad == 5.0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert gradients(y, x) == 1.0, "the next walk is not confused by the marks of the broken one"


@pytest.mark.skipif(
    ad.engine != "compiled", reason="on the plain engine a handler that differentiates disturbs a sweep"
)
def test_a_signal_handler_may_differentiate_the_same_graph() -> None:
    x = y = Value(1.0)
    for _ in range(1_000_000):
        y = -y
    calls: list[float] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: calls.append(gradients(y * 3.0, x)))
    try:
        for played in range(1000):  # until a signal came in the middle, however fast the machine
            signal.setitimer(signal.ITIMER_REAL, 0.005)  # once a round: on a busy machine handlers would pile up
            assert gradients(y, x) == 1.0
            if calls and played > 2:
                break
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert calls
    assert set(calls) == {3.0}


@pytest.mark.skipif(ad.engine != "compiled", reason="injects failure into the compiled engine's own allocations")
def test_out_of_memory_raises_and_leaks_nothing() -> None:
    testcapi = pytest.importorskip("_testcapi", reason="this Python was built without its own test helpers")
    leaves = [Value(0.1 * i) for i in range(5)]
    some_graph(leaves).backward()
    before = [sys.getrefcount(leaf) for leaf in leaves]
    failures = 0
    for allocation in range(1, 400):
        try:
            testcapi.set_nomemory(allocation, allocation + 1)
            root = some_graph(leaves)
            root.backward()
        except MemoryError:
            failures += 1
        finally:
            testcapi.remove_mem_hooks()
        root = None
        assert [sys.getrefcount(leaf) for leaf in leaves] == before, f"allocation {allocation} failed"
    assert failures > 10, "spare nodes and blocks spare most allocations, but not all"
    assert gradients(some_graph(leaves), leaves) == gradients(some_graph(leaves), leaves)


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_million_rounds_leak_nothing() -> None:
    rounds = 1_000_000 if ad.engine == "compiled" else 100_000
    leaves = [Value(0.1), Value(0.2), Value(0.3)]
    a, b, _ = leaves

    def work(count: int) -> None:
        for _ in range(count):
            (a * b + 1.0).tanh().backward()
        for _ in range(count // 20):
            some_graph(leaves).backward()

    work(rounds // 10)
    references, before = [sys.getrefcount(leaf) for leaf in leaves], resident()
    work(rounds)
    assert [sys.getrefcount(leaf) for leaf in leaves] == references
    assert resident() - before < 4 << 20
