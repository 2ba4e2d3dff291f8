"""What is no function of its inputs, since it keeps state or is not the same twice, is an error that says why."""

from __future__ import annotations

import datetime
import itertools
import os
import random
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_tiny import RecordingError, Value, compile, tanh

from .test_surroundings import w, ways


class Cell:
    def __init__(self) -> None:
        self.h: Any = 0.0

    def __call__(self, x: Any) -> Any:
        self.h = tanh(w * x + 0.5 * self.h)
        return self.h


def keeps_in_list() -> Any:
    kept: list[Any] = []
    return lambda x: (kept.append(w * x), w * x)[1]


def keeps_in_dict() -> Any:
    kept: dict[str, Any] = {}
    return lambda x: kept.setdefault("y", w * x) * x


def keeps_in_cell() -> Any:
    last: Any = 0.0

    def f(x: Any) -> Any:
        nonlocal last
        last = w * x + last
        return last

    return f


def keeps_in_default() -> Any:
    def f(x: Any, last: Any = [0.0]) -> Any:  # noqa: B006
        last[0] = w * x + last[0]
        return last[0]

    return f


def keeps_an_input() -> Any:
    seen: list[Any] = []
    return lambda x: (seen.append(x), w * seen[0])[1]


def keeps_on_a_function() -> Any:
    def f(x: Any) -> Any:
        f.last = w * x  # type: ignore[attr-defined]
        return f.last  # type: ignore[attr-defined]

    return f


def keeps_where_none_looks() -> Any:
    kept: list[Any] = []
    note = kept.append
    read = kept.__getitem__
    return lambda x: (note(w * x), read(0) + w * x)[1]


def keeps_in_a_generator() -> Any:
    def add_up() -> Any:
        total = 0.0
        while True:
            total = total + w * (yield total)

    running = add_up()
    next(running)
    return running.send


def counts() -> Any:
    n = [0]

    def f(x: Any) -> Any:
        n[0] += 1
        return w * x if n[0] < 10 else -w * x

    return f


def counts_unseen() -> Any:
    numbers = itertools.count(1)
    return lambda x: w * x * next(numbers)


def computed_outside() -> Any:
    z = w * 3.0
    return lambda x: z * x


def with_a(thing: Any) -> Any:
    return lambda x: w * x * float(thing.random() < 0.5)


def taking(it: Any) -> Any:
    return lambda x: w * x * next(it)


NOT_THE_SAME: dict[str, tuple[Callable[[], Any], str]] = {
    "attribute": (Cell, r"keeps a Value .* in self\.h|in \.?h"),
    "list": (keeps_in_list, r"keeps a Value .* in kept\[0\]"),
    "dict": (keeps_in_dict, r"keeps a Value .* in kept\['y'\]"),
    "cell": (keeps_in_cell, "keeps a Value .* in last"),
    "default": (keeps_in_default, "keeps a Value .* in a default of f"),
    "input": (keeps_an_input, r"keeps a Value .* in seen\[0\]"),
    "function": (keeps_on_a_function, "keeps a Value"),
    "unseen": (keeps_where_none_looks, "keeps a Value|when it is run on numbers|earlier recording"),
    "generator": (keeps_in_a_generator, r"takes what is next from .* \(generator\)"),
    "type": (lambda: lambda x: w if isinstance(x, float) else -w, "it asks for the type of its inputs"),
    "kind of result": (lambda: lambda x: w * x if isinstance(x, float) else [w * x], "another structure"),
    "random": (lambda: lambda x: w * x * random.random(), "draws at random"),
    "normal": (lambda: lambda x: w * x + np.random.default_rng().normal(), "draws at random"),
    "dropout": (lambda: lambda x: w * x * float(random.getrandbits(60)), "draws at random"),
    "clock": (lambda: lambda x: w * x * time.perf_counter_ns(), "reads a clock"),
    "seconds since 1970": (lambda: lambda x: w * x * time.time(), "reads a clock"),
    "coin": (lambda: lambda x: w * x * (random.random() < 0.5), r"draws at random, from random.random \(Random\)"),
    "choice": (lambda: lambda x: w * x * random.choice([1.0, 1.0, 2.0]), "draws at random"),
    "numpy's coin": (lambda: lambda x: w * x * float(np.random.rand() < 0.5), "draws at random"),
    "coin of its own": (lambda: with_a(random.Random(0)), "draws at random, from thing"),
    "numpy's, of its own": (lambda: with_a(np.random.default_rng(0)), "draws at random, from thing"),
    "the system's": (lambda: lambda x: w * x * (os.urandom(1)[0] % 2), "draws at random, from os.urandom"),
    "secret": (lambda: lambda x: w * x * secrets.choice([1.0, 2.0]), "draws at random, from os.urandom"),
    "hour": (lambda: lambda x: w * x * datetime.datetime.now().hour, "reads a clock, datetime.now"),
    "day": (lambda: lambda x: w * x * (int(time.time()) % 2), "reads a clock, time.time"),
    "cycle": (lambda: taking(itertools.cycle([1.0, 1.0, 1.0, 2.0])), r"takes what is next from it \(cycle\)"),
    "list iterator": (lambda: taking(iter([1.0] * 9)), r"takes what is next from it \(list_iterator\)"),
    "map": (lambda: taking(map(abs, itertools.repeat(1.0, 9))), r"takes what is next from it \(map\)"),
    "generator that repeats": (lambda: taking(x for x in [1.0] * 9), r"takes what is next from it \(generator\)"),
    "scaled by a clock": (lambda: lambda x: w * (x * time.time()), "reads a clock"),
    "counter": (counts, r"changes n\[0\]"),
    "unseen counter": (counts_unseen, r"takes what is next from numbers \(count\)"),
    "computed": (computed_outside, r"uses a Value \(mul\) as z, which was computed outside"),
    "gradient only": (
        lambda: lambda x: w * x if isinstance(x, float) else (w * x).detach(),
        "as its derivative by 'w'",
    ),
    "set": (lambda: lambda xs: (xs.__setitem__(0, 5.0), w * xs[0])[1], "changes its argument"),
    "append": (lambda: lambda xs: (xs.append(5.0), w * xs[0])[1], "changes its argument"),
    "sort": (lambda: lambda xs: (xs.reverse(), w * xs[0])[1], "changes its argument"),
}


@ways
@pytest.mark.parametrize("batch", [False, True], ids=["single", "batch"])
@pytest.mark.parametrize("name", NOT_THE_SAME)
def test_what_is_no_function_of_its_inputs_is_an_error(name: str, batch: bool, scalars: str) -> None:
    make, text = NOT_THE_SAME[name]
    program = compile(make(), scalars=scalars)
    x: Any = [1.0, 2.0] if name in ("set", "append", "sort") else 1.0
    if batch and name in ("set", "append", "sort"):
        text, name = text + "|when it is run|has no attribute", "set"
    with pytest.raises((RecordingError, AttributeError), match=text):
        program(np.array([x, x]) if batch else x, batch=batch)
    assert not any(leaf.op == "input" for leaf in program.parameters)


class Counting:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return w * x

    def method(self, x: Any) -> Any:
        return self(x)


COUNTING = Counting()


@pytest.mark.parametrize(
    ("function", "place"),
    [
        (COUNTING, "calls"),
        (COUNTING.method, "self.calls"),
        (lambda x: COUNTING(x), "COUNTING.calls"),
        (lambda x, seen={}: seen.update({"n": len(seen)}) or w * x, "a default of <lambda>, the 1.['n']"),
    ],
)
def test_an_attribute_that_changes_is_named_as_one_writes_it(function: Callable[..., Any], place: str) -> None:
    with pytest.raises(RecordingError, match=rf" changes {re.escape(place)} while it runs"):
        compile(function)(1.0)


def test_what_is_computed_outside_and_detached_is_a_number() -> None:
    z = (w * 3.0).detach()
    assert compile(lambda x: z * x * w)(2.0) == 24.0


def test_a_network_that_makes_its_weights_when_it_first_runs() -> None:
    made: dict[str, Value] = {}

    def f(x: Any) -> Any:
        if "w" not in made:
            made["w"] = Value(3.0)
        return made["w"] * x

    program = compile(f)
    assert program.value_and_grad(2.0) == (6.0, [2.0])
    made["w"].data = 5.0
    assert program(2.0) == 10.0
