"""What moves when it is asked: iterators, generators, generators of random numbers, clocks, the system's chance.

A function that draws from one gives another answer each time, though it may give the same one twice in a row: a coin
often does. So what a recorded function reaches of these is looked at before and after it ran (`state`), and where what
it asks keeps no state, as a clock, its calls are listened to (`listening`).

>>> import random
>>> rng, letters = random.Random(0), iter("abc")
>>> before = state(rng), state(letters)
>>> _ = rng.random(), next(letters)
>>> state(rng) == before[0], state(letters) == before[1]
(False, False)
>>> asked = []
>>> with listening(asked):
...     _ = time.time()
>>> asked
['reads a clock, time.time']
"""

from __future__ import annotations

import datetime
import io
import os
import random
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

GENERATORS = (random.Random, np.random.RandomState, np.random.Generator, np.random.BitGenerator)
CLOCKS = frozenset(
    getattr(time, name)
    for name in ("time", "time_ns", "localtime", "gmtime", "strftime", "ctime", "asctime")
    if hasattr(time, name)
)
"""Those that tell the time of day. The others say how long something took, in nanoseconds: never twice the same."""
CHANCE = frozenset(getattr(os, name) for name in ("urandom", "getrandom") if hasattr(os, name))
TODAY = frozenset(("now", "today", "utcnow"))
SOURCE_KINDS = (type, ModuleType, FunctionType, MethodType, BuiltinFunctionType, random.SystemRandom)
STATELESS_MODULES = frozenset(("secrets", "uuid"))


def moves(x: Any) -> bool:
    """Whether what x gives next depends on what it gave before."""
    return isinstance(x, GENERATORS) or (
        hasattr(type(x), "__next__") and not isinstance(x, (io.StringIO, io.BytesIO, np.flatiter))
    )


def state(x: Any) -> Any:
    """Something that is equal as long as x has not moved; None for what does not tell."""
    if isinstance(x, random.SystemRandom):
        return None
    if isinstance(x, random.Random):
        return x.getstate()
    if isinstance(x, np.random.RandomState):
        held: Any = x.get_state(legacy=False)
        return held["state"]["key"].tobytes(), held["state"]["pos"], held.get("gauss")
    if isinstance(x, np.random.Generator):
        return repr(x.bit_generator.state)
    if isinstance(x, np.random.BitGenerator):
        return repr(x.state)
    if isinstance(x, GeneratorType):
        frame = x.gi_frame
        return None if frame is None else (frame.f_lasti, [(k, id(v), state(v)) for k, v in frame.f_locals.items()])
    if isinstance(x, (CoroutineType, AsyncGeneratorType)) or not hasattr(type(x), "__next__"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # those of itertools are to lose it, in Python 3.14
            return _spread(x.__reduce__())
    except (TypeError, AttributeError):
        return None


def how_asked(x: Any, name: str) -> str:
    """What a function did to something that has moved, in words."""
    if isinstance(x, GENERATORS):
        return f"draws at random, from {name or 'a generator'} ({type(x).__name__})"
    return f"takes what is next from {name or 'an iterator'} ({type(x).__name__})"


def _spread(x: Any) -> Any:
    """What an iterator says of where it is: numbers as they are, iterators inside it by their own state, the rest by
    which it is.
    """
    if isinstance(x, tuple):
        return tuple(map(_spread, x))
    if isinstance(x, (int, float, str, bool, type(None))):
        return x
    return state(x) if hasattr(type(x), "__next__") else id(x)


def is_stateless_source(x: Any) -> bool:
    """Whether x gives what nobody can foresee and keeps nothing that could be looked at, or leads to such."""
    if isinstance(x, type):
        return issubclass(x, datetime.date) or x in (random.SystemRandom, np.random.RandomState)
    if isinstance(x, ModuleType):
        return x.__name__ in STATELESS_MODULES
    if isinstance(x, random.SystemRandom) or x is np.random.default_rng:
        return True
    if isinstance(x, (FunctionType, MethodType)):
        return x.__module__ in STATELESS_MODULES
    return isinstance(x, BuiltinFunctionType) and (x in CLOCKS or x in CHANCE)


@contextmanager
def listening(asked: list[str]) -> Iterator[None]:
    """Note, in this block and this thread, what clocks and what of the system's chance is asked, in words."""

    def heard(_: FrameType, event: str, called: Any) -> None:
        if event != "c_call":
            return
        owner = getattr(called, "__self__", None)
        if isinstance(owner, type) and issubclass(owner, datetime.date) and called.__name__ in TODAY:
            asked.append(f"reads a clock, {owner.__name__}.{called.__name__}")
        elif called in CLOCKS:
            asked.append(f"reads a clock, time.{called.__name__}")
        elif called in CHANCE:
            asked.append(f"draws at random, from os.{called.__name__}")

    before = sys.getprofile()
    sys.setprofile(heard)
    try:
        yield
    finally:
        sys.setprofile(before)
