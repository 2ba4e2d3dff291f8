"""What an object of a library holds that its user may change: a setting in an `argparse.Namespace`, say.

The insides of libraries are full of caches and counters, which are nobody's settings. So of their objects only those
that are there to hold something are taken apart, and of all others only the user's own functions and arrays in them.

>>> import argparse, weakref
>>> holds_attributes(argparse.Namespace(rate=0.5)), holds_attributes(weakref), holds_attributes(2.0)
(True, False, False)
>>> import ctypes
>>> number = ctypes.c_double(1.0)
>>> readers(number)[0]() == bytes(number)
True
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import FunctionType, MappingProxyType, MethodType
from typing import Any

import numpy as np

from .ownership import is_users_type

HOLDERS = frozenset(
    ("argparse", "collections", "configparser", "queue", "types", "weakref", "_thread", "_threading_local", "os",
     "multiprocessing.sharedctypes", "unittest.mock", "optparse", "string", "shelve", "dbm")
)  # fmt: skip
"""The modules whose objects are made to hold what a user puts there."""
VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()), MappingProxyType)


def holds_attributes(x: Any) -> bool:
    """Whether it is an object of the standard library's whose attributes are its user's."""
    return type(x).__module__ in HOLDERS and isinstance(getattr(x, "__dict__", None), dict)


def viewed(x: Any) -> Mapping[Any, Any] | None:
    """The mapping behind a view of a dict."""
    if isinstance(x, MappingProxyType):
        return x
    return getattr(x, "mapping", None) if type(x) in VIEWS else None


def users_parts(x: Any) -> list[Any]:
    """Of any other object's attributes, the functions and arrays, which may be the user's."""
    space = getattr(x, "__dict__", None)
    found = [*space.values()] if isinstance(space, dict) else []
    return [v for v in found if isinstance(v, (FunctionType, MethodType, np.ndarray)) or is_users_type(type(v))]


def readers(x: Any) -> list[Callable[[], Any]]:
    """Ways to ask for the numbers in an object that has them in a memory of its own."""
    if isinstance(x, (io.StringIO, io.BytesIO)):
        return [x.getvalue]
    if isinstance(x, ContextVar):
        return [lambda: x.get(None)]
    ways: list[Callable[[], Any]] = [lambda: bytes(memoryview(x))]
    if hasattr(type(x), "__array__") and not is_users_type(type(x)):
        ways.insert(0, lambda: np.asarray(x).tobytes())
    for read in ways:
        try:
            read()
        except Exception:  # there is none that can be read: a tensor on a device, a file that is closed
            continue
        return [read]
    return []
