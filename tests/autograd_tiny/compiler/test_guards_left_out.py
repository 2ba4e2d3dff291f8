"""Each guard of a recording is needed: for each there is a function that goes wrong, in silence, when it is left out."""

from __future__ import annotations

import argparse
import io
import random
import time
from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import pytest

from autograd_tiny import RecordingError, Value, compile
from autograd_tiny.compiler.record.code_names import Names

w = Value(2.0, "w")
config = ModuleType("config")


def refused(f: Callable[[Any], Any]) -> bool:
    try:
        compile(f)(1.0)
    except RecordingError:
        return True
    return False


def follows(f: Callable[[Any], Any], change: Callable[[], Any]) -> bool:
    """Whether the program gives what the function gives, after a change too."""
    program = compile(f)
    program(1.5)
    change()
    return bool(program(1.5) == f(1.5).data)


def a_coin() -> bool:
    rng = random.Random(next(s for s in range(999) if all(_head(rng) for rng in [random.Random(s)] * 9)))
    return refused(lambda x: w * x * (2.0 if _head(rng) else 1.0))


def _head(rng: random.Random) -> bool:
    return rng.random() < 0.5


def a_clock() -> bool:
    return refused(lambda x: w * x * (time.time() // 1e7))


def an_iterator() -> bool:
    letters = iter([3.0] * 9 + [4.0])
    return refused(lambda x: w * x * next(letters))


def a_module() -> bool:
    config.rate = 3.0  # type: ignore[attr-defined]
    return follows(lambda x: w * x * config.rate, lambda: setattr(config, "rate", 5.0))


def a_namespace() -> bool:
    options = argparse.Namespace(rate=3.0)
    return follows(lambda x: w * x * options.rate, lambda: setattr(options, "rate", 5.0))


def a_memory() -> bool:
    text = io.StringIO("3.0")
    return follows(lambda x: w * x * float(text.getvalue()), lambda: text.write("5"))


def a_view() -> bool:
    kept = {"a": 3.0}
    values = kept.values()
    return follows(lambda x: w * x * sum(values), lambda: kept.update(a=5.0))


RECORD = "autograd_tiny.compiler.record"
LEFT_OUT: dict[str, tuple[str, Any, Callable[[], bool]]] = {
    "what moves": (f"{RECORD}.kinds.moves", lambda x: False, a_coin),
    "where it is": (f"{RECORD}.surroundings.state", lambda x: None, a_coin),
    "whether it moved": (f"{RECORD}.surroundings.Surroundings.moved", lambda self: None, an_iterator),
    "clocks": (f"{RECORD}.reachable.is_stateless_source", lambda x: False, a_clock),
    "listening": (f"{RECORD}.verifying.listening", lambda asked: nullcontext(), a_clock),
    "names": (f"{RECORD}.reachable.names_of", lambda code: Names(*[frozenset()] * 3), a_module),
    "settings": (f"{RECORD}.kinds.holds_attributes", lambda x: False, a_namespace),
    "memories": (f"{RECORD}.reachable.readers", lambda x: [], a_memory),
    "views": (f"{RECORD}.reachable.viewed", lambda x: None, a_view),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_guard_that_is_left_out_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, instead, is_right = LEFT_OUT[name]
    assert is_right()
    monkeypatch.setattr(place, instead)
    assert not is_right()
