"""Programs run natively: the numbers of the lines of numpy but for the order of sums, and the same errors."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile
from autograd_tiny.compiler.run import native, taking_down

from .test_programs import SEEDS, drawn

try:
    native.loops()
except native.NotNative as error:
    pytest.skip(f"programs do not run natively here: {error}", allow_module_level=True)

from autograd_tiny.compiler.run import _native

pytestmark = pytest.mark.once


def both(f: Any, *arguments: Any, batch: bool) -> tuple[Any, Any]:
    """The program run natively, checked against the lines of numpy, twice; and that one."""
    programs = [compile(f, backend=backend, scalars="never", parameters=[]) for backend in ("native", "numpy")]
    for scale in (1.0, 0.7):
        given = [np.multiply(x, scale) for x in arguments]
        given = given if batch else [x.tolist() for x in given]
        found, expected = (p.flat_value_and_grad(*given, batch=batch) for p in programs)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=0.0, atol=1e-12 * np.abs(b).max(initial=0.0))
    return programs[0], programs[1]


def binding_of(program: Any, length: int = 1) -> Any:
    return program.last.program.bound(length)


@pytest.mark.once
@pytest.mark.parametrize("seed", SEEDS)
def test_random_programs_are_those_of_numpy(seed: int) -> None:
    f, rows, batch = drawn(seed)
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    given = columns if batch else [column[0] for column in columns]
    program, _ = both(lambda *xs: f(*xs), *given, batch=batch)
    assert binding_of(program, len(rows) if batch else 1).not_native == ""


ELEMENTS = [0.3, -0.7, 1.1, 0.2]
JOBS: dict[str, Any] = {
    "where": lambda x: ad.where(ad.greater(x, 0.1), x * 2.0, x.exp()),
    "mask": lambda x: ad.relu(x) + ad.maximum(x, 0.25) + ad.minimum(x, 0.5),
    "erf": lambda x: x.erf() * x.erfc(),
    "sums": lambda x: ad.logsumexp([x * w for w in WEIGHTS]) + ad.maximum(*[w * x for w in WEIGHTS]),
    "unequal": lambda x: ad.logsumexp([x, WEIGHTS[0]]) * ad.logsumexp([x * w for w in WEIGHTS]),
    "comparison": lambda x: ad.less(x, 0.2) * x + ad.equal(x, 0.3),
    "sharing": lambda x: sum(ad.dot(row, [x, x * x]) ** 2 for row in ROWS),
    "constant": lambda x: x * 0.0 + WEIGHTS[0],
}
WEIGHTS = [Value(x) for x in (0.5, -0.25, 0.75)]
ROWS = [[Value(0.1 * i - 0.2), Value(0.3 - 0.2 * i)] for i in range(5)]


@pytest.mark.parametrize("batch", [True, False], ids=["batch", "single"])
@pytest.mark.parametrize("job", JOBS)
def test_each_kind_of_line(job: str, batch: bool) -> None:
    x = np.array(ELEMENTS) if batch else np.array(ELEMENTS[0])
    program, _ = both(JOBS[job], x, batch=batch)
    assert binding_of(program, len(ELEMENTS) if batch else 1).not_native == ""


def test_arguments_of_another_call_are_read_where_they_are() -> None:
    program = compile(lambda x, y: ad.dot(x, y), scalars="never", backend="native")
    rng = np.random.default_rng(3)
    for _ in range(5):
        x, y = rng.normal(size=(2, 7, 3))
        np.testing.assert_allclose(program(x, y, batch=True), (x * y).sum(1), rtol=1e-14)
        y[:] = 1.0  # changed in place, between two calls with the same array
        np.testing.assert_allclose(program(x, y, batch=True), x.sum(1), rtol=1e-14)


def test_what_is_not_finite_goes_to_the_function_as_before() -> None:
    f = lambda x: ad.where(ad.greater(x, 0.0), x, ad.exp(-x))
    for backend in ("native", "numpy"):
        program = compile(f, scalars="never", backend=backend)
        assert program([1.0, 800.0, 2.0, -1.0], batch=True).tolist() == [1.0, 800.0, 2.0, math.exp(1.0)]
        with pytest.raises(ad.NonFiniteError, match="is infinite"):
            program([1.0, -800.0], batch=True)
        with pytest.raises(ValueError, match="finite"):
            program([1.0, math.inf], batch=True)


@pytest.mark.parametrize("samples", [3, 100, 9_000])
@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("read", ["by a product", "turned", "by both"])
def test_an_argument_that_is_not_finite_is_seen_as_it_is_read(samples: int, bad: float, read: str) -> None:
    """Behind the product, or as it is turned: before relu makes 0 of it, and wherever it is."""
    rng = np.random.default_rng(samples)
    rows = [[Value(v) for v in row] for row in rng.normal(size=(3, 20))]

    def f(x: Any) -> Any:
        terms = [ad.relu(ad.dot(row, x)) for row in rows] if read != "turned" else []
        return sum(terms + ([ad.exp(-(v * v)) for v in x] if read != "by a product" else []))

    given: dict[str, Any] = {"parameters": []} if read == "turned" else {}  # it reaches no leaf, and has no gradient
    program, lines = (compile(f, scalars="never", backend=backend, **given) for backend in ("native", "numpy"))
    x = rng.normal(size=(samples, 20))
    for i, j in ((0, 0), (samples - 1, 19), (samples // 2, 7)):
        for _ in range(2):  # the second is a call like an earlier one
            found, expected = (p.flat_value_and_grad(x, batch=True) for p in (program, lines))
            np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
            np.testing.assert_allclose(found[1], expected[1], rtol=1e-11, atol=1e-13)
        kept, x[i, j] = x[i, j], bad
        with pytest.raises(ValueError, match="finite"):
            program.flat_value_and_grad(x, batch=True)
        x[i, j] = kept


def test_it_says_when_it_cannot_be_had() -> None:
    with pytest.raises(ValueError, match=r"float32.*computes in float64"):
        compile(lambda x: x, backend="native", dtype="float32")
    assert native.chosen("auto", "float32") == "numpy"


def test_a_line_that_no_instruction_does_is_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*given: Any) -> None:
        raise native.NotNative("gathers are not taken down today")

    monkeypatch.setattr(taking_down.Taken, "_take", refuses)
    table = [Value(0.1 * i) for i in range(6)]
    program = compile(
        lambda x: sum(ad.square(table[i] * x + table[5 - i].exp()) for i in (0, 3, 1, 4)), scalars="never"
    )
    lines = compile(program.function, scalars="never", backend="numpy")
    x = np.array(ELEMENTS)
    found, expected = (p.value_and_grad(x, batch=True) for p in (program, lines))
    assert np.array_equal(found[0], expected[0])
    assert found[1] == expected[1]
    code = program.last.program.code  # type: ignore[union-attr]
    if any(line.startswith("take") for line in code.lines + code.reverse_lines) and ad.engine == "compiled":
        assert "run by Python: gathers are not taken down today" in program.explain()


def test_a_loop_of_another_kind_is_refused() -> None:
    tape = _native.Tape()
    numbers, truths = np.zeros(3), np.zeros(3, bool)
    add = native.loops()["add"]
    for operands in ((numbers, truths, numbers), (numbers, numbers), (numbers, np.zeros(2), numbers)):
        with pytest.raises(LookupError):
            tape.loop(add, operands)
    with pytest.raises(LookupError):
        tape.matrices(native.loops()["matmul"], numbers, truths[None], numbers)
    with pytest.raises(LookupError, match="has no loop"):
        _native.loop_of(np.add, "dd->Q")
    assert len(tape) == 0


@pytest.mark.parametrize(
    "shapes", [((3, 1), (1, 4), (3, 4)), ((2, 3, 5), (5,), (2, 3, 5)), ((1,), (), (40,)), ((2, 600), (2, 1), (2, 600))]
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_loop_broadcasts_as_numpy_does(shapes: Any, turned: bool) -> None:
    rng = np.random.default_rng(0)
    a, b, out = (rng.normal(size=shape) for shape in shapes)
    a, b, out = (x.T for x in (a, b, out)) if turned and a.ndim == b.ndim else (a, b, out)
    tape = _native.Tape()
    tape.loop(native.loops()["subtract"], (a, b, out))
    assert tape.run() == 0
    assert np.array_equal(out, np.broadcast_to(a - b, out.shape))


def test_flags_are_those_that_numpy_raises_for() -> None:
    big, out = np.array([1e300, 1.0]), np.zeros(2)
    for name, (a, b), raises in (
        ("multiply", (big, big), True),
        ("add", (big, big), False),
        ("divide", (big, out), True),
    ):
        tape = _native.Tape()
        tape.loop(native.loops()[name], (a, b, np.zeros(2)))
        tape.loop(native.loops()["greater"], (a, b, np.zeros(2, bool)))  # clears them behind it
        assert bool(tape.run()) is raises


def test_other_threads_run_meanwhile() -> None:
    """Two programs at once in two threads, each with its own numbers."""
    w = [Value(0.5), Value(-0.25)]
    x = np.linspace(-1.0, 1.0, 60_000)
    expected = np.tanh(0.5 * x) * np.exp(-0.25 * x)
    wrong: list[int] = []

    def runs() -> None:
        program = compile(lambda x: (w[0] * x).tanh() * (w[1] * x).exp(), scalars="never", backend="native")
        for i in range(20):
            if not np.allclose(program(x, batch=True), expected, rtol=1e-12):
                wrong.append(i)

    threads = [threading.Thread(target=runs) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("count", [4_095, 4_096, 4_097, 10_000])
def test_long_loops_run_block_by_block(count: int) -> None:
    rng = np.random.default_rng(count)
    a, b, c, total = rng.normal(size=count), np.zeros(count), np.zeros(count), np.zeros(())
    tape, loops = _native.Tape(), native.loops()
    tape.loop(loops["multiply"], (a, a, b))
    tape.loop(loops["exp"], (b, c))
    tape.loop(loops["add"], (c, a, c))
    tape.loop(_native.COPY, (np.array(0.0), total))
    tape.loop(loops["add"], (total[None], c, total[None]), c.shape)
    tape.loop(loops["subtract"], (c[1:], c[:-1], b[:-1]))  # what lies beside: in no group with what writes it
    assert tape.group() == (3 if count >= 4_096 else 0)
    assert tape.run() == 0
    expected = np.exp(a * a) + a
    np.testing.assert_allclose(c, expected, rtol=1e-14)
    np.testing.assert_allclose(total, expected.sum(), rtol=1e-13)
    assert np.array_equal(b[:-1], np.diff(c))


def test_what_overlaps_is_in_no_group() -> None:
    a = np.arange(20_000.0)
    tape = _native.Tape()
    tape.loop(native.loops()["sqrt"], (a[:-1], a[1:]))
    tape.loop(native.loops()["sqrt"], (a[1:], a[:-1]))
    assert tape.group() == 0


def test_lines_left_to_python_notice_what_is_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    """exp(800) is no number, though 1 / (1 + exp(800)) would be 0 if nobody looked."""

    def refuses(*given: Any, **named: Any) -> None:
        raise native.NotNative("nothing is taken down today")

    monkeypatch.setattr(taking_down.Taken, "call", refuses)
    program = compile(lambda x: 1.0 / (1.0 + ad.exp(x)), scalars="never", backend="native")
    assert program([1.0, 2.0], batch=True).tolist() == [1.0 / (1.0 + math.exp(x)) for x in (1.0, 2.0)]
    assert binding_of(program, 2).not_native == "nothing is taken down today"
    with pytest.raises(ad.NonFiniteError, match="is infinite"):
        program([1.0, 800.0], batch=True)
    with pytest.raises(ad.NonFiniteError, match="is infinite"):
        program.value_and_grad([800.0, 900.0], batch=True)


def test_an_array_that_was_moved_is_read_where_it_is_now() -> None:
    program = compile(lambda x: ad.sin(x), scalars="never", backend="native")
    x = np.arange(50.0) / 50.0
    for _ in range(4):
        assert np.array_equal(program(x, batch=True), np.sin(x))
        before = x.copy()
        for size in (200_000, 50):
            x.resize(size, refcheck=False)
        x[:] = before + 0.25


def test_nothing_is_done_of_axes_that_are_empty() -> None:
    out = np.ones((0, 3, 2)), np.ones((3, 4)), np.zeros((0, 4))
    tape = _native.Tape()
    tape.loop(native.loops()["add"], (np.ones((0, 1, 2)), np.ones((3, 1)), out[0]))
    tape.matrices(native.loops()["matmul"], np.ones((0, 3)), out[1], out[2])
    total = np.full(4, 7.0)
    tape.loop(_native.COPY, (np.array(0.0), total))
    tape.loop(native.loops()["add"], (total[None], out[2], total[None]), (0, 4))
    assert tape.run() == 0
    assert total.tolist() == [0.0] * 4


@pytest.mark.parametrize(("m", "n"), [(2, 3), (8, 209), (5, 16), (20, 7), (16, 4)])
@pytest.mark.parametrize("inner", [512, 517])
def test_long_rows_by_rows(m: int, n: int, inner: int) -> None:
    rng = np.random.default_rng(m)
    a, b, out = rng.normal(size=(m, inner)), rng.normal(size=(n, inner)), np.empty((m, n))
    tape = _native.Tape()
    tape.matrices(native.loops()["matmul"], a, b.T, out)
    tape.run()
    np.testing.assert_allclose(out, a @ b.T, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("samples", [8, 31, 32, 67])
@pytest.mark.parametrize("shared", ["none", "left", "right"])
def test_a_matrix_a_sample(samples: int, shared: str) -> None:
    rng = np.random.default_rng(samples)
    a, b = rng.normal(size=(2, 3, 4, samples)), rng.normal(size=(2, 4, 5, samples))
    out = np.empty((2, 3, 5, samples))
    front = lambda x: np.moveaxis(x, -1, 0)
    left = front(a) if shared != "left" else a[None, ..., 0]
    right = front(b) if shared != "right" else b[None, ..., 0]
    tape = _native.Tape()
    tape.matrices(native.loops()["matmul"], left, right, front(out))
    tape.run()
    np.testing.assert_allclose(front(out), left @ right, rtol=0.0, atol=1e-13)


def test_explain_says_why_a_program_does_not_run_natively() -> None:
    program = compile(lambda x: x * WEIGHTS[0], scalars="never", backend="numpy")
    program(ELEMENTS, batch=True)
    assert 'Python makes the calls, no loop in C: backend="numpy" was asked for.' in program.explain()
    native_one = compile(program.function, scalars="never", backend="native")
    native_one(ELEMENTS, batch=True)
    assert "no loop in C" not in native_one.explain()
