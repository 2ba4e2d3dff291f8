"""No number leaves a recorded Value: every exit of both engines, found by looking at what there is, not by a list."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import importlib
import inspect
import math
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import RecordingError, Value, compile, core, gradients, recording
from autograd_tiny.errors.looking import looking
from autograd_tiny.modes.recording import Recorder

SEEN = 0.7853981633974483
"""A number that nothing else gives: where it turns up, it came out of the recorded Value."""

OUR_OWN = {"_data", "_grad", "_d_left", "_d_right"}
"""Slots of the plain engine, which are the engine; the compiled one has none of them."""


@pytest.fixture
def recorded() -> Iterator[Callable[[], Value]]:
    """A maker of Values that vary, of a computed one (its number, derivatives and gradient are `SEEN`) by default."""
    w = Value(SEEN, "w")
    w.grad = SEEN
    with recording.recording(Recorder({})):
        yield lambda leaf=False: w if leaf else w * 1.0  # type: ignore[misc]


def gives_away(found: Any, depth: int = 0) -> bool:
    """Whether the number, or a text with it, is in what an exit gave; Values keep theirs."""
    if isinstance(found, Value) or depth > 4:
        return False
    if isinstance(found, (str, bytes)):
        return str(SEEN)[:6] in (found if isinstance(found, str) else repr(found))
    if isinstance(found, (int, float)):
        return math.isclose(found, SEEN)
    if isinstance(found, dict):
        return any(gives_away(x, depth + 1) for pair in found.items() for x in pair)
    if hasattr(found, "tolist"):
        return gives_away(found.tolist(), depth + 1)
    if isinstance(found, (list, tuple, set)):
        return any(gives_away(x, depth + 1) for x in found)
    return False


def attempts(thing: Any, node: Value) -> Iterator[Callable[[], Any]]:
    """Ways to call something with a Value: alone, in a list, as root and target, twice."""
    yield lambda: thing(node)
    yield lambda: thing([node])
    yield lambda: thing(node, node)
    yield lambda: thing(node, [node])
    yield lambda: thing([node], [1.0])


def leaks(attempt: Callable[[], Any]) -> bool:
    try:
        found = attempt()
        if callable(getattr(found, "__str__", None)) and not isinstance(found, Value):
            return gives_away(found) or gives_away(str(found)) or gives_away(repr(found))
    except Exception:
        return False
    return gives_away(found)


@pytest.mark.parametrize("leaf", [False, True], ids=["computed", "leaf"])
def test_no_attribute_or_method_of_a_recorded_value_gives_its_number(recorded: Any, leaf: bool) -> None:
    found = []
    for name in dir(Value):
        if name in OUR_OWN or name in ("__class__", "__init__", "__new__", "__setattr__", "__delattr__"):
            continue
        node = recorded(leaf)
        try:
            attribute = getattr(node, name)
        except (RecordingError, AttributeError):
            continue
        ways = [lambda attribute=attribute: attribute]
        if callable(attribute):
            ways += [lambda a=attribute: a(), lambda a=attribute: a(1.0), lambda a=attribute: a(4), lambda a=attribute: a(".3f"),
                     lambda a=attribute: a("data"), lambda a=attribute: a({})]  # fmt: skip
        found += [name for way in ways if leaks(way)]
    assert found == []


@pytest.mark.parametrize("module", ["autograd_tiny", "autograd_tiny.core", "autograd_tiny.testing", "nn", "visualize"])
def test_no_function_of_ours_gives_the_number_of_a_recorded_value(recorded: Any, module: str) -> None:
    found = []
    for name, thing in inspect.getmembers(importlib.import_module(module), callable):
        if name.startswith("_") or name in ("debug", "compile", "load_ipython_extension", "download", "set_constant"):
            continue
        for leaf in (False, True):
            found += [name for way in attempts(thing, recorded(leaf)) if leaks(way)]
    assert found == []


EXITS: dict[str, Callable[[Value], Any]] = {
    "data": lambda y: y.data,
    "grad": lambda y: y.grad,
    "grad of a leaf": lambda y: w.grad,
    "backward_ran": lambda y: w.backward_ran,
    "local_derivatives": lambda y: y.local_derivatives,
    "_adjoint": lambda y: y._adjoint,
    "repr": repr,
    "str": str,
    "f-string": lambda y: f"{y}",
    "format": lambda y: f"{y:.3f}",
    "percent": lambda y: "%s" % y,  # noqa: UP031
    "bool": bool,
    "not": lambda y: not y,
    "less": lambda y: y < 1.0,
    "greater": lambda y: y < 1.0,
    "equal": lambda y: y == 2.0,
    "max": lambda y: max(y, w),
    "sorted": lambda y: sorted([y, w]),
    "float": float,
    "int": int,
    "math": lambda y: math.copysign(1.0, y),
    "index": lambda y: [1.0, 2.0][y],  # type: ignore[call-overload]
    "copy": lambda y: copy.copy(w),
    "deepcopy": lambda y: copy.deepcopy([w]),
    "pickle": lambda y: pickle.dumps(w),
    "copy of a result": copy.copy,
    "getstate": lambda y: w.__getstate__(),  # type: ignore[attr-defined]
    "data_of": lambda y: core.data_of([y]),
    "gradients_of": lambda y: core.gradients_of([w]),
    "gradient_numbers": lambda y: core.gradient_numbers(y, [w]),
    "backward": lambda y: y.backward(),
    "tape": lambda y: core.tape([y], []),
    "steps": lambda y: [str(step) for step in y.steps()],
    "explain": lambda y: str(ad.explain(y, w)),
    "find_nonfinite": lambda y: str(ad.find_nonfinite(y)),
    "set data": lambda y: setattr(w, "data", 1.0),
    "set grad": lambda y: setattr(w, "grad", 0.0),
    "del grad": lambda y: delattr(w, "grad"),
    "set_data": lambda y: core.set_data([w], [1.0]),
    "set_gradients": lambda y: core.set_gradients([w], [1.0]),
    "zero_gradients": lambda y: core.zero_gradients([w]),
}
w = Value(2.0, "w")


@pytest.mark.parametrize("exit", EXITS)
@pytest.mark.parametrize("caught", [False, True], ids=["", "caught"])
def test_each_exit_is_an_error_that_names_the_line_also_where_it_is_caught(exit: str, caught: bool) -> None:
    def looks(x: Any) -> Any:
        y = w * x
        try:
            EXITS[exit](y)
        except Exception:
            if not caught:
                raise
        return y

    w.data, w.grad = 2.0, 0.25
    with pytest.raises(TypeError) as error:
        compile(looks)(1.0)
    assert isinstance(error.value, RecordingError)
    assert str(error.value).startswith("test_guard.py:")
    does = str(error.value).split("\n", 1)[1]
    assert "a Value (" in does or "'w'" in does
    assert "2.0" not in does
    assert "0.25" not in does
    assert (w.data, w.grad) == (2.0, 0.25)


def test_a_result_that_failed_and_was_caught_is_a_branch_too() -> None:
    def caught(x: Any) -> Any:
        try:
            return (w * x).log()
        except ArithmeticError:
            return w * x

    program = compile(caught)
    assert program(-1.0) == -2.0, "by the function itself"
    assert program.cache_info().currsize == 0, "and that branch is not kept"
    assert [program(x) for x in (1.0, -1.0, 2.0)] == [math.log(2.0), -2.0, math.log(4.0)]


@pytest.mark.parametrize("scalars", ["auto", "never", "always"])
def test_numeric_gradients_are_detached(scalars: str) -> None:
    f = lambda x: w * gradients((w * x) ** 2, w)
    program = compile(f, scalars=scalars)
    for x in (1.0, -3.0, 0.5):
        y = f(x)
        assert program.value_and_grad(x) == (y.data, [gradients(y, w)])
    assert program([1.0, -3.0], batch=True).tolist() == [8.0, 72.0]


def test_what_is_made_of_constants_alone_may_be_looked_at() -> None:
    def f(x: Any) -> Any:
        v = Value(3.0)
        y = v * v
        y.backward()
        return x * w * v.grad + y.data + float(copy.copy(v).data) + gradients(v * v, v)

    assert compile(f)(2.0) == 2.0 * 2.0 * 6.0 + 9.0 + 3.0 + 6.0


def test_looking_is_for_the_thread_and_the_block() -> None:
    with recording.recording(Recorder({})):
        with looking():
            assert w.data == 2.0
        with pytest.raises(RecordingError):
            _ = w.data
    assert w.data == 2.0


@pytest.mark.parametrize("dropped", recording.DOES)
def test_a_guard_that_leaves_out_one_kind_of_exit_is_noticed(dropped: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recording.guard
    part = lambda node, what: None if what == dropped else whole(node, what)
    for name in ("recording", "value", "backward", *(["_engine"] if core.engine == "compiled" else [])):
        monkeypatch.setattr(importlib.import_module(f"autograd_tiny.{name}"), "guard", part)
    passed = []
    with recording.recording(Recorder({})):
        for exit, look in EXITS.items():
            try:
                look(w * 2.0)
                passed.append(exit)
            except RecordingError:
                pass  # guarded still
            except Exception:
                passed.append(exit)
    if core.engine == "python" and dropped in ("backward", "gradients"):
        assert not passed  # the sweep itself reads adjoints, which are guarded there
    else:
        assert passed
    w.data = 2.0


def in_a_thread(work: Callable[[], Any]) -> Any:
    found: list[Any] = []

    def target() -> None:
        try:
            found.append(work())
        except Exception:
            found.append(1.0)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    return found[0]


POOL = ThreadPoolExecutor(1)
POOL.submit(int).result()  # its thread is there before any recording
ELSEWHERE: dict[str, Callable[[Callable[[], Any]], Any]] = {
    "thread": in_a_thread,
    "pool": lambda work: POOL.submit(work).result(),
    "context": lambda work: contextvars.Context().run(work),
    "context of a thread": lambda work: in_a_thread(partial(contextvars.copy_context().run, work)),
    "task": lambda work: asyncio.run(_awaited(work)),
}


async def _awaited(work: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(work)


@pytest.mark.parametrize("way", ELSEWHERE)
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("exit", ["data", "float", "repr", "data_of", "gradient_numbers", "greater"])
def test_no_number_leaves_by_another_thread_or_context(exit: str, way: str, batch: bool) -> None:
    def f(x: Any) -> Any:
        y = w * x
        ELSEWHERE[way](lambda: EXITS[exit](y))
        return y

    with pytest.raises(RecordingError, match=r"test_guard.py:\d+"):
        compile(f)([1.0, 2.0] if batch else 1.0, batch=batch)


@pytest.mark.parametrize("way", ["thread", "context"])
def test_no_number_of_a_parameter_leaves_by_a_thread_of_the_function(way: str) -> None:
    with pytest.raises(RecordingError, match="reads the number of 'w'"):
        compile(lambda x: x * ELSEWHERE[way](lambda: w.data))(1.0)


def test_other_threads_read_what_is_their_own_meanwhile() -> None:
    other = Value(5.0)
    with recording.recording(Recorder({})):
        assert in_a_thread(lambda: (other * 2.0).data) == 10.0
        assert POOL.submit(lambda: (other.data, str(other), gradients(other * 3.0, other))).result()[2] == 3.0
