"""Functions that misbehave, drawn line by line: every path gives what the function gives, or says why it cannot."""

from __future__ import annotations

import builtins
import copy
import itertools
import linecache
import math
import os
import random
from collections import Counter, namedtuple
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import RecordingError, Value, compile, gradients
from autograd_tiny.compiler.record.structures import leaves

Pair = namedtuple("Pair", "a b")

LINES = [
    # what is right
    "y = y + v * 0.5", "y = ad.tanh(y)", "y = y * x", "y = ad.where(ad.greater(y, 0.3), y, v * y)", "y = ad.relu(y)",
    "y = y * rows[k]", "y = y + xs[1] * xs[0]", "y = y + ad.grad(lambda t: w * t * t)(x)", "y = y * ad.gradients(y * y, w)",
    "y = y + y.detach()", "y = y + ad.maximum(w, x)", "y = ad.where(ad.greater(x, 0.0), ad.sqrt(w * ad.relu(x)), y)",
    "y = y * (w if k == 1 else v)", "y = y + [1.0, 2.0, 3.0][k]", "y = y + Value(0.5) * w",
    # what it closes over, and may change between calls
    "y = y * scale", "y = y * box.gain", "y = y * items[0]", "y = y * len(items)", "y = y + sum(table.values())",
    "y = y if box.on else -y", "y = y * numbers[1]", "y = y + helper(x)", "y = y * box.method()", "y = y + z",
    # looks, copies, formats
    "y = y * copy.deepcopy(w)", "y = y * len(f'{y:.3f}')", "y = y * len(repr(x))", "y = y * y.data",
    "y = y * 2.0 if y > 0.0 else y", "y = y * math.floor(x)", "y = y * (0.0 if x != x else 1.0)", "y = y + max(y, w)",
    "y.backward(); y = y + w.grad", "y = y * (1.0 if x else 3.0)", "y = y * hash(str(x))",
    # kinds and chance
    "y = -y if isinstance(x, float) else y", "y = y * random.random()", "y = y * next(count)", "y = y + (type(x) is Value)",
    # state, arguments
    "y = y + state.get('h', 0.0); state['h'] = y", "items.append(1.0)", "items[0] += 1.0", "box.gain = box.gain + 1.0",
    "box.last = y", "xs[0] = x", "y = y + state.setdefault('w2', Value(0.5)) * x", "keep(y); y = y + look(0)",
    "w.data = 5.0",
    # looks an input up, orders it, puts it among numbers
    "y = y * (2.0 if x in {1.0, 2.0} else 3.0)", "y = y * {1.0: 2.0, 0.5: 3.0}.get(x, 1.5)", "y = y * len({x, 1.0, 0.5})",
    "y = y * (hash(x) % 7)", "y = y + sorted([x, 1.0])[0]", "y = y * (2.0 + x * 2.0 in {4.0, 3.0})",
    "y = y * np.searchsorted([0.0, 1.0], x)", "y = y * np.float64(x)", "numbers[1] = x",
    # loops, and programs within
    "y = y + ad.scan(lambda c, _: (c * (w if isinstance(x, Value) else v), None), x, length=2)[0]",
    "y = ad.scan(lambda c, _: (c * 0.5 + w, None), y, length=3)[0]",
    "y = y + ad.compile(lambda t: t * w).value_and_grad([x, 1.0], batch=True)[1][0]",
    "y = y + ad.compile(lambda t: t * w).flat_value_and_grad(2.0)[0]",
    "try:\n        y = ad.log(y)\n    except ArithmeticError:\n        y = y * 2.0",
    "try:\n        y = y * float(y)\n    except TypeError:\n        y = y * 3.0",
]  # fmt: skip
RESULTS = ["return y"] * 6 + [
    "pass", "return None", "return {'a': y, 'b': x}", "return Pair(y, w)", "return [y, None, 'text']", "return (y, [x])",
    "return 3.0", "return y.data", "return x", "return {k: y}", "return np.array([y, w])",
]  # fmt: skip
CHANGES = ["pass", "box.gain = 4.0", "items[0] = 7.0", "items.append(2.0)", "scale = 1.5", "w.data = -1.25", "rows[1] = Value(9.0)",
           "state.clear()", "table['b'] = -0.0", "table['c'] = 2.0", "box.on = not box.on", "numbers[1] = 8.0",
           "helper = lambda t: t * 7.0", "box.method = lambda: 11.0"]  # fmt: skip
POINTS = st.sampled_from([1.0, -1.0, 0.5, 2.0, 0.0, -0.0, 3.5, math.nan])

numbered = itertools.count()
seen: Counter[str] = Counter()


class World:
    """A function made from its text, with what it closes over; two of one text are equal and share nothing."""

    def __init__(self, text: str) -> None:
        kept: list[Any] = []
        w, v = Value(2.0, "w"), Value(0.5, "v")
        self.names: dict[str, Any] = {
            "ad": ad, "np": np, "math": math, "copy": copy, "random": random, "Value": Value, "Pair": Pair, "w": w, "v": v,
            "rows": [Value(1.0), Value(2.0), Value(3.0)], "scale": 3.0, "items": [2.0, 5.0], "table": {"a": 1.0, "b": 0.0},
            "box": SimpleNamespace(gain=2.0, on=True, method=lambda: 1.0), "numbers": np.array([1.0, 2.0]), "state": {},
            "helper": lambda t: t * 2.0, "count": itertools.count(1), "keep": kept.append, "look": kept.__getitem__,
            "z": w * 3.0,
        }  # fmt: skip
        file = f"<misbehaving {next(numbered)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        exec(builtins.compile(text, file, "exec"), self.names)
        self.f = self.names["f"]
        self.parameters = [w, v]

    def change(self, how: str) -> None:
        exec(how, self.names)


def numbers_in(x: Any) -> list[float]:
    return [leaf.data if isinstance(leaf, Value) else float(leaf) for leaf in leaves(x)]


def eagerly(world: World, x: Any, gradient: bool) -> tuple[Any, Any]:
    """What the function gives, as numbers, with its gradient by w and v; or the error that it raises."""
    try:
        y = world.f(*x)
        if y is None:
            return "nothing", None
        if gradient and leaves(y) != [y] and not isinstance(y, Value):
            return "several", None
        found = numbers_in(y)
        slopes = gradients(y, world.parameters) if gradient and isinstance(y, Value) else [0.0, 0.0]
        return found, slopes
    except Exception as error:
        return error, None


def check(text: str, calls: list[tuple[tuple[Any, Any, Any], str]], scalars: str, batch: bool, gradient: bool) -> str:
    """Hold a function that was compiled against itself, over calls between which things change; what came of it."""
    reference, world = World(text), World(text)
    program = compile(world.f, scalars=scalars, parameters=world.parameters)
    for (x, xs, k), how in calls:
        random.seed(0)
        given = [(x, list(xs), k), (x + 0.25, list(xs), k)][: 2 if batch else 1]
        rows = [(a, np.array(b) if batch else list(b), c) for a, b, c in given]
        each = [eagerly(reference, row, gradient) for row in rows]
        random.seed(0)
        try:
            arguments = [np.array(column) for column in zip(*given, strict=True)] if batch else [x, list(xs), k]
            if gradient:
                found, slopes = program.value_and_grad(*arguments, batch=batch)
            else:
                found, slopes = program(*arguments, batch=batch), [0.0, 0.0]
        except RecordingError as error:
            assert "misbehaving" in str(error) or "f " in str(error) or "function" in str(error)
            return "refused"
        except Exception as error:
            wrong = [e for e, _ in each if not isinstance(e, list)]
            caught = "except ArithmeticError" in text and isinstance(error, ArithmeticError)  # a branch by a number too
            assert wrong or caught or (isinstance(error, TypeError) and "gave" in str(error)), (
                f"only compiled: {error!r}"
            )
            return "an error of both"
        mine_after = arguments[1] if batch else [arguments[1]]
        for row, after in zip(rows, mine_after, strict=True):
            assert list(after) == pytest.approx(list(row[1]), nan_ok=True), (
                "an argument was changed only by the function"
            )
        for name in ("items", "table", "state"):
            assert len(reference.names[name]) == len(world.names[name]), (
                f"{name} was changed only by the function itself"
            )
        assert reference.names["items"] == world.names["items"]
        assert vars(reference.names["box"]).keys() == vars(world.names["box"]).keys()
        assert reference.names["box"].gain == world.names["box"].gain
        unused = text.splitlines()[-1].strip() in ("return 3.0", "return x", "pass")
        if unused and any(isinstance(expected, ArithmeticError) for expected, _ in each):
            return "raised by what nobody uses"  # a program does not compute it
        for j, (expected, slope) in enumerate(each):
            assert isinstance(expected, list), f"eagerly {expected!r}, compiled {found!r}"
            mine = numbers_in(found)
            if batch:
                mine = mine[j :: len(given)] if len(mine) == len(expected) * 2 else mine
            assert mine == pytest.approx(expected, rel=1e-9, nan_ok=True), f"eagerly {expected}, compiled {mine}"
            if gradient and not batch:
                assert slopes[:2] == pytest.approx(slope, rel=1e-9), (
                    f"gradients: eagerly {slope}, compiled {slopes[:2]}"
                )
        if gradient and batch:
            mean = [sum(s[i] for _, s in each) / len(each) for i in range(2)]
            assert slopes[:2] == pytest.approx(mean, rel=1e-9), f"gradients: eagerly {mean}, compiled {slopes[:2]}"
        reference.change(how)
        world.change(how)
    return "equal"


def written(lines: list[str], result: str) -> str:
    return "\n    ".join(["def f(x, xs, k):", "y = w * x", *lines, result]) + "\n"


CALLS = st.lists(
    st.tuples(st.tuples(POINTS, st.tuples(POINTS, POINTS), st.integers(0, 2)), st.sampled_from(CHANGES)),
    min_size=2, max_size=4,
)  # fmt: skip
WAYS = st.tuples(st.sampled_from(["auto", "always", "never"]), st.booleans(), st.booleans())
BODIES = st.builds(
    written,
    st.one_of(
        st.lists(st.sampled_from(LINES[:25]), max_size=4), st.lists(st.sampled_from(LINES), min_size=1, max_size=3)
    ),
    st.sampled_from(RESULTS),
)


def run(text: str, calls: Any, way: tuple[str, bool, bool]) -> None:
    note(text)
    note(f"scalars={way[0]!r} batch={way[1]} gradient={way[2]}")
    assume(not way[2] or "return np" not in text)
    seen[check(text, calls, *way)] += 1


@settings(max_examples=250)
@given(BODIES, CALLS, WAYS)
def test_a_function_that_misbehaves_is_equal_or_refused(text: str, calls: Any, way: tuple[str, bool, bool]) -> None:
    run(text, calls, way)


@pytest.mark.long
@settings(max_examples=int(os.environ.get("MISBEHAVING", 100_000)), suppress_health_check=list(HealthCheck))
@given(BODIES, CALLS, WAYS)
def test_a_hundred_thousand_of_them(text: str, calls: Any, way: tuple[str, bool, bool]) -> None:
    run(text, calls, way)


@pytest.fixture(autouse=True, scope="module")
def counted() -> Iterator[None]:
    yield
    print(f"\n{sum(seen.values()):,} functions: {dict(seen)}")


def off(*_: Any) -> None:
    """A check that is left out."""


MUTANTS: dict[str, tuple[str, Any]] = {
    "the function is not run on numbers": ("autograd_tiny.compiler.recordings.verify", off),
    "what changes is not looked at": (
        "autograd_tiny.compiler.record.surroundings.Surroundings.same",
        lambda self: True,
    ),
    "arguments may be changed": ("autograd_tiny.compiler.recordings.check_arguments", off),
    "what the function changes is not asked": ("autograd_tiny.compiler.record.surroundings.Surroundings.changed", off),
}


@pytest.mark.once
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_check_that_is_left_out_is_noticed(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*MUTANTS[mutant])

    def notices(line: str, change: Any) -> bool:
        try:
            check(written([line], "return y"), [((1.0, (0.5, 2.0), 0), change)] * 3, "always", False, False)
        except AssertionError:
            return True
        return False

    assert any(notices(line, change) for line in LINES for change in CHANGES)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("gradient", [False, True])
def test_each_line_alone(line: str, batch: bool, gradient: bool) -> None:
    calls = [
        ((x, (0.5, 2.0), k), how)
        for (x, k), how in zip(itertools.product((1.0, -1.0, 0.5), (0, 1)), CHANGES, strict=False)
    ]
    for scalars in ("auto", "always", "never"):
        check(written([line], "return y"), calls, scalars, batch, gradient)
