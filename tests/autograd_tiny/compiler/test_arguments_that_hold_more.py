"""Arguments that hold more than numbers: functions and classes that read what may change, enumerations, kinds of number."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd_tiny import RecordingError, Value, compile
from autograd_tiny.compiler.results import Gradient

w = Value(2.0, "w")
settings = {"rate": 3.0}


@pytest.fixture(autouse=True)
def as_they_were() -> Iterator[None]:
    yield
    settings["rate"], Point.scale = 3.0, 1.0


@dataclass
class Point:
    x: float

    def scaled(self) -> Any:
        return self.x * self.scale * settings["rate"]


Point.scale = 1.0  # type: ignore[attr-defined]


class Pair(NamedTuple):
    act: Any
    x: float


def reader(key: str) -> Callable[[Any], Any]:
    return lambda t: t * settings[key]


@pytest.fixture(params=["always", "never"])
def scalars(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_second_function_is_watched_as_the_first_is(scalars: str) -> None:
    program = compile(lambda h, x: w * h(x), scalars=scalars)
    double, read = (lambda t: 2.0 * t), reader("rate")
    assert [program(double, 1.0), program(read, 1.0), program(read, 1.0)] == [4.0, 6.0, 6.0]
    settings["rate"] = 5.0
    assert [program(read, 1.0), program(double, 1.0)] == [10.0, 4.0]


@pytest.mark.parametrize("wrap", [lambda h: {"act": h}, lambda h: [h], lambda h: Pair(h, 1.0)])
def test_a_function_within_a_structure(wrap: Callable[[Any], Any], scalars: str) -> None:
    get = lambda c: c["act"] if isinstance(c, dict) else c[0]
    program = compile(lambda c, x: w * get(c)(x), scalars=scalars)
    given = wrap(reader("rate"))
    assert [program(given, 1.0), program(given, 2.0)] == [6.0, 12.0]
    settings["rate"] = 5.0
    assert program(given, 1.0) == 10.0


def test_what_the_class_of_an_argument_reads(scalars: str) -> None:
    program = compile(lambda p: w * p.scaled(), scalars=scalars)
    assert [program(Point(1.0)), program(Point(2.0))] == [6.0, 12.0]
    settings["rate"] = 5.0
    assert program(Point(1.0)) == 10.0
    Point.scale = 10.0  # type: ignore[attr-defined]
    assert program(Point(1.0)) == 100.0
    samples = {"at": np.array([1.0, 2.0])}
    assert program(Point(samples["at"]), batch=True).tolist() == [100.0, 200.0]  # type: ignore[arg-type]
    Point.scale = 1.0  # type: ignore[attr-defined]
    assert program(Point(samples["at"]), batch=True).tolist() == [10.0, 20.0]  # type: ignore[arg-type]


def test_a_recording_that_fails_leaves_nothing_out(scalars: str) -> None:
    program = compile(lambda h, x: w * h(x), scalars=scalars)
    read = reader("rate")
    assert program(abs, 1.0) == 2.0
    with pytest.raises(KeyError):
        program(reader("none"), 1.0)
    settings["none"] = 0.5
    late = reader("none")
    assert [program(late, 1.0), program(read, 1.0)] == [1.0, 6.0]
    settings["none"] = 1.5
    assert program(late, 1.0) == 3.0
    del settings["none"]


class Mode(enum.IntEnum):
    PLAIN = 1
    TWICE = 2


def test_a_number_of_an_enumeration_is_one_of_its_members(scalars: str) -> None:
    f = lambda mode, x: w * x if mode is Mode.PLAIN else 2.0 * w * x
    program = compile(f, scalars=scalars)
    assert [program(mode, 3.0) for mode in (Mode.PLAIN, Mode.TWICE, 1)] == [6.0, 12.0, 12.0]


class Celsius(float):
    pass


class Loud(float):
    def __mul__(self, other: Any) -> Any:
        return 100.0

    __rmul__ = __mul__


def test_a_kind_of_number_that_the_function_asks_for(scalars: str) -> None:
    f = lambda t: w * (t + 273.0) if isinstance(t, Celsius) else w * t
    program = compile(f, scalars=scalars)
    assert [program(1.0), program(2.0)] == [2.0, 4.0]
    with pytest.raises(RecordingError, match="asks for the type"):
        program(Celsius(1.0))
    assert [program(3.0), program(np.float64(4.0))] == [6.0, 8.0]
    with pytest.raises(RecordingError):
        compile(lambda t: t * 3.0 * w, scalars=scalars)(Loud(2.0))
    assert compile(lambda t: t * w, scalars=scalars)(Celsius(2.0)) == 4.0


def test_attributes_of_a_dict_are_not_left_aside() -> None:
    class Settings(dict):  # type: ignore[type-arg]
        pass

    given = Settings(x=1.0)
    program = compile(lambda c: w * c["x"] * getattr(c, "rate", 1.0))
    assert program(given) == 2.0
    given.rate = 3.0  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="attributes of its own, 'rate'"):
        program(given)


def test_a_gradient_is_indexed_as_a_list() -> None:
    slopes = Gradient(np.array([1.0, 2.0]))
    assert (slopes[True], slopes[np.int64(0)], slopes[-1]) == (2.0, 1.0, 2.0)
