"""A compiled function is its function when what it reads changes between calls."""

from __future__ import annotations

import argparse
import copy
import ctypes
import gc
import io
import itertools
import math
import os
import sys
import threading
import weakref
from array import array
from collections import ChainMap, UserDict
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache, partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import nn
from autograd_tiny import Value, compile, gradients

ways = pytest.mark.parametrize("scalars", ["auto", "never", "always"])
w = Value(2.0, "w")
SCALE = 3.0


class Settings:
    rate = 0.5

    def __init__(self) -> None:
        self.gain = 2.0
        self.inner = SimpleNamespace(on=True, deep=[{"a": 1.0}])

    def __call__(self, x: Any) -> Any:
        return w * x * self.gain * self.rate if self.inner.on else w * self.inner.deep[0]["a"]


class Slotted:
    __slots__ = ("gain",)

    def __init__(self) -> None:
        self.gain = 2.0

    def __call__(self, x: Any) -> Any:
        return w * x * self.gain


def read_global(x: Any) -> Any:
    return w * x * SCALE


def set_global() -> None:
    global SCALE
    SCALE += 1.0


def closing() -> tuple[Callable[..., Any], Callable[[], None]]:
    scale = 1.0

    def change() -> None:
        nonlocal scale
        scale += 1.0

    return lambda x: w * x * scale, change


def of_list() -> Any:
    xs = [1.0, 2.0]
    return (lambda x: w * x * xs[1]), lambda: xs.__setitem__(1, xs[1] + 1.0)


def appended() -> Any:
    xs = [1.0, 2.0]
    return (lambda x: w * x * len(xs)), lambda: xs.append(1.0)


def of_values() -> Any:
    ws = [Value(1.0), Value(2.0)]
    return (lambda x: ws[0] * x), lambda: ws.__setitem__(0, Value(ws[0].data + 1.0))


def of_dict() -> Any:
    d: dict[Any, Any] = {"a": {"b": 1}}
    return (lambda x: w * x * d["a"]["b"]), lambda: d["a"].__setitem__("b", d["a"]["b"] + 1)


def of_key() -> Any:
    d = {1.0: None}
    return (lambda x: w * x * next(iter(d))), lambda: d.__setitem__(d.popitem()[0] + 1.0, None)


def of_array() -> Any:
    a = np.array([1.0, 2.0])
    return (lambda x: w * x * a[1]), lambda: a.__setitem__(1, a[1] + 1.0)


def of_plain_array() -> Any:
    a = array("d", [1.0])
    return (lambda x: w * x * a[0]), lambda: a.__setitem__(0, a[0] + 1.0)


def of_attribute() -> Any:
    s = Settings()
    return s, lambda: setattr(s, "gain", s.gain + 1.0)


def of_bool() -> Any:
    s = Settings()
    return s, lambda: setattr(s.inner, "on", not s.inner.on)


def of_class() -> Any:
    s = Settings()
    return s, lambda: setattr(Settings, "rate", Settings.rate + 1.0)


def of_method() -> Any:
    s = Settings()
    return s.__call__, lambda: setattr(s, "gain", s.gain + 1.0)


def of_slot() -> Any:
    s = Slotted()
    return s, lambda: setattr(s, "gain", s.gain + 1.0)


def through_a_function() -> Any:
    f, change = closing()
    return (lambda x: f(x) + f(1.0)), change


def through_a_partial() -> Any:
    f, change = of_list()
    return partial(lambda g, x: g(x), f), change


def of_default() -> Any:
    def f(x: Any, state: Any = [1.0]) -> Any:  # noqa: B006
        return w * x * state[0]

    return f, lambda: f.__defaults__[0].__setitem__(0, f.__defaults__[0][0] + 1.0)  # type: ignore[index]


def of_model() -> Any:
    model = nn.MLP(1, [3, 1], seed=0)
    return (lambda x: model([x])), lambda: model.layers.__setitem__(0, nn.MLP(1, [3, 1], seed=1).layers[0])


def of_sign() -> Any:
    d = {"a": 0.0}
    return (lambda x: w * x * (1.0 if str(d["a"]) == "0.0" else 5.0)), lambda: d.__setitem__("a", -d["a"])


CHANGING: dict[str, Callable[[], Any]] = {
    "global": lambda: (read_global, set_global), "cell": closing, "list": of_list, "length": appended,
    "list of Values": of_values, "dict": of_dict, "key": of_key, "array": of_array, "array.array": of_plain_array,
    "attribute": of_attribute, "bool": of_bool, "class": of_class, "method": of_method, "slot": of_slot,
    "function": through_a_function, "partial": through_a_partial, "default": of_default, "model": of_model,
    "sign of 0": of_sign,
}  # fmt: skip


class Keeper:
    """Something of the user's, with what may be reached in roundabout ways."""

    kinds = "class"

    def __init__(self) -> None:
        self.n = 1.0

    def get(self) -> float:
        return self.n


class Meta(type):
    n = 1.0


class OfMeta(metaclass=Meta):
    pass


class Mangled:
    __slots__ = ("__n",)

    def __init__(self, n: float) -> None:
        self.__n = n

    def get(self) -> float:
        return self.__n


class Listed(list[float]):
    n = 1.0


class Point(ctypes.Structure):
    _fields_ = [("n", ctypes.c_double)]


def defaulted(x: Any, n: float = 1.0) -> Any:
    return x * n


@lru_cache
def cached() -> float:
    return SCALE


made_by_hand = ModuleType("made_by_hand")
inside = ModuleType("inside")
vars(made_by_hand).update(n=1.0, inside=inside)
variable: ContextVar[float] = ContextVar("variable")
texts = io.StringIO("1")


def rewrite(text: str) -> None:
    texts.seek(0)
    texts.truncate()
    texts.write(text)


def of(thing: Any, read: Callable[[Any], Any], change: Callable[[Any, float], Any]) -> Callable[[], Any]:
    """A function that reads a number out of a thing that it closes over, and what changes that."""

    def made() -> Any:
        held, numbers = copy.deepcopy(thing) if isinstance(thing, Keeper) else thing, itertools.count(2)
        change(held, 1.0)
        return (lambda x: w * x * read(held)), lambda: change(held, float(next(numbers)))

    return made


key, target = Keeper(), Keeper()
CHANGING |= {
    "UserDict": of(UserDict(n=1.0), lambda d: d["n"], lambda d, n: d.update(n=n)),
    "ChainMap": of(ChainMap({"n": 1.0}), lambda d: d["n"], lambda d, n: d.maps.insert(0, {"n": n})),
    "argparse": of(argparse.Namespace(n=1.0), lambda d: d.n, lambda d, n: setattr(d, "n", n)),
    "threading.local": of(threading.local(), lambda d: d.n, lambda d, n: setattr(d, "n", n)),
    "ContextVar": of(variable, lambda d: d.get(), lambda d, n: d.set(n)),
    "weakref": of(weakref.ref(target), lambda d: d().n, lambda d, n: setattr(target, "n", n)),
    "weak proxy": of(weakref.proxy(target), lambda d: d.n, lambda d, n: setattr(target, "n", n)),
    "weak keys": of(weakref.WeakKeyDictionary({key: 1.0}), lambda d: d[key], lambda d, n: d.update({key: n})),
    "ctypes": of(ctypes.c_double(1.0), lambda d: d.value, lambda d, n: setattr(d, "value", n)),
    "ctypes array": of((ctypes.c_double * 2)(1.0), lambda d: d[0], lambda d, n: d.__setitem__(0, n)),
    "ctypes structure": of(Point(1.0), lambda d: d.n, lambda d, n: setattr(d, "n", n)),
    "bytearray": of(bytearray(1), lambda d: d[0], lambda d, n: d.__setitem__(0, int(n))),
    "StringIO": of(texts, lambda d: float(d.getvalue()), lambda d, n: rewrite(str(n))),
    "environ": of(os.environ, lambda d: float(d["AD_TEST"]), lambda d, n: d.update(AD_TEST=str(n))),
    "getenv": of(os, lambda d: float(os.getenv("AD_TEST") or 0), lambda d, n: d.environ.update(AD_TEST=str(n))),
    "bound builtin": of([1.0].__getitem__, lambda d: d(0), lambda d, n: d.__self__.__setitem__(0, n)),
    "view of a dict": of({"n": 1.0}.values(), lambda d: next(iter(d)), lambda d, n: bound_dict(d, n)),
    "mapping proxy": of(vars(Keeper), lambda d: d["gain"], lambda d, n: setattr(Keeper, "gain", n)),
    "metaclass": of(OfMeta, lambda d: d.n, lambda d, n: setattr(Meta, "n", n)),
    "mangled slot": of(Mangled(1.0), lambda d: d.get(), lambda d, n: d.__init__(n)),
    "attribute of a list": of(Listed(), lambda d: d.n, lambda d, n: setattr(d, "n", n)),
    "name of an attribute": of(Keeper(), lambda d: len(min(vars(d))), lambda d, n: rename(d, n)),
    "key that is an object": of({key: None}, lambda d: next(iter(d)).n, lambda d, n: setattr(key, "n", n)),
    "shape": of(np.arange(24.0), lambda d: d.shape[0], lambda d, n: setattr(d, "shape", (int(n) % 4 + 1, -1) if 24 % (int(n) % 4 + 1) == 0 else (24,))),
    "iterator of an array": of(np.ones(1).flat, lambda d: float(d[0]), lambda d, n: d.base.__setitem__(0, n)),
    "vectorize": of(np.vectorize(defaulted), lambda d: float(d(1.0)), lambda d, n: setattr(defaulted, "__defaults__", (n,))),
    "defaults": of(None, lambda d: defaulted(1.0), lambda d, n: setattr(defaulted, "__defaults__", (n,))),
    "code": of(None, lambda d: recoded(1.0), lambda d, n: setattr(recoded, "__code__", coded(n))),
    "module": of(None, lambda d: made_by_hand.n, lambda d, n: setattr(made_by_hand, "n", n)),
    "module, by name": of(made_by_hand, lambda d: getattr(made_by_hand, "n"), lambda d, n: setattr(d, "n", n)),  # noqa: B009
    "module in a module": of(None, lambda d: made_by_hand.inside.n, lambda d, n: setattr(inside, "n", n)),
    "library": of(None, lambda d: math.of_test, lambda d, n: setattr(math, "of_test", n)),  # type: ignore[attr-defined]
    "globals()": of(None, lambda d: globals()["SCALE"], lambda d, n: set_global()),
    "imported": of(None, lambda d: imported(), lambda d, n: setattr(sys.modules[__name__], "SCALE", n)),
    "builtin": of(None, lambda d: abs(-2.0), lambda d, n: vars(sys.modules[__name__]).update(abs=lambda x: n)),
    "cache": of(None, lambda d: cached(), lambda d, n: emptied()),
    "many Values": of([Value(1.0) for _ in range(300)], lambda d: d[7], lambda d, n: d.__setitem__(7, Value(n))),
    "many numbers": of([1.0] * 30_000, lambda d: d[7], lambda d, n: d.__setitem__(7, n)),
    "exception": of(ValueError(1.0), lambda d: d.args[0], lambda d, n: setattr(d, "args", (n,))),
}  # fmt: skip


def bound_dict(view: Any, n: float) -> None:
    next(x for x in gc.get_referents(view) if type(x) is dict)["n"] = n


def emptied() -> None:
    set_global()
    cached.cache_clear()


def rename(keeper: Keeper, n: float) -> None:
    vars(keeper)["a" * int(n)] = vars(keeper).popitem()[1]


def recoded(x: float) -> float:
    return x


def coded(n: float) -> Any:
    return eval(f"lambda x: x * {n!r}").__code__


def imported() -> float:
    from tests.autograd_tiny.compiler.test_surroundings import SCALE as scale

    return scale


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AD_TEST", "1")
    yield
    for space in (vars(math), vars(sys.modules[__name__])):
        for name in ("of_test", "abs"):
            space.pop(name, None)


EACH_WAY = [
    (name, way) if i % 3 == j else pytest.param(name, way, marks=pytest.mark.once)
    for i, name in enumerate(CHANGING)
    for j, way in enumerate(("auto", "never", "always"))
]
"""What is looked at between calls, and how, is the compiler's: each of them once on both engines, each way on one."""


@pytest.mark.parametrize(("name", "scalars"), EACH_WAY)
def test_what_changes_between_calls_gives_the_new_answer(name: str, scalars: str) -> None:
    f, change = CHANGING[name]()
    program = compile(f, scalars=scalars)
    for _ in range(4):
        for x in (1.0, -2.0):
            y = f(x)
            found, slopes = program.value_and_grad(x)
            assert found == program(x) == pytest.approx(y.data, rel=1e-12)
            wanted = dict(zip(program.parameters, slopes, strict=True))
            leaves = [leaf for leaf in program.parameters if leaf in wanted]
            assert [wanted[leaf] for leaf in leaves] == pytest.approx(gradients(y, leaves), rel=1e-9)
        assert program([1.0, -2.0], batch=True) == pytest.approx([f(1.0).data, f(-2.0).data], rel=1e-12)
        change()


def test_what_does_not_change_is_not_recorded_again() -> None:
    program = compile(Settings())
    for x in (1.0, 2.0, 3.0):
        program(x)
    assert program.cache_info().misses == 1


def _settings() -> Any:
    made = ModuleType("settings")
    made.rate = 1.0  # type: ignore[attr-defined]
    return made


def _in_a_cell() -> tuple[Any, Callable[[Any], Any]]:
    settings = _settings()  # as import settings within a function has it
    return settings, lambda x: w * settings.rate * x


def _in_an_attribute() -> tuple[Any, Callable[[Any], Any]]:
    box = SimpleNamespace(inner=[_settings()])
    return box.inner[0], lambda x: w * box.inner[0].rate * x


def _in_a_default() -> tuple[Any, Callable[[Any], Any]]:
    settings = _settings()
    return settings, lambda x, s=settings: w * s.rate * x


def _in_another_function() -> tuple[Any, Callable[[Any], Any]]:
    settings = _settings()
    read = lambda s: s.rate
    return settings, lambda x: w * read(settings) * x


@ways
@pytest.mark.parametrize("made", [_in_a_cell, _in_an_attribute, _in_a_default, _in_another_function])
def test_a_module_is_watched_wherever_it_is_held(made: Any, scalars: str) -> None:
    settings, f = made()
    program = compile(f, scalars=scalars)
    assert program(2.0) == 2.0 * w.data
    settings.rate = 3.0
    assert program(2.0) == 6.0 * w.data


def test_the_environment_is_watched_in_a_module_that_was_imported_within(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("AUTOGRAD_TINY_TEST_RATE", "1.0")
    program = compile(lambda x: w * float(os.environ["AUTOGRAD_TINY_TEST_RATE"]) * x)
    assert program(2.0) == 2.0 * w.data
    monkeypatch.setenv("AUTOGRAD_TINY_TEST_RATE", "3.0")
    assert program(2.0) == 6.0 * w.data
