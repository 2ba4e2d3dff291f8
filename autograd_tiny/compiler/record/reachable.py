"""The walk over what a function reaches: closure cells, globals, attributes, the elements of lists and dicts.

It goes into the function, the functions of the user that it names, and all that these hold; into a library's or ours
only as far as they were given something of the user's.

>>> from autograd_tiny import Value
>>> w, settings = Value(2.0), {"rate": 0.5}
>>> found = Reachable(lambda x: w * x * settings["rate"])
>>> [place for value, place in found.values], found.elements
(['w'], ['rate', 0.5])
"""

from __future__ import annotations

import builtins
import gc
import os
import sys
import weakref
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MappingProxyType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import Any

import numpy as np

from ...core import Value
from .chance import is_stateless_source
from .code_names import Names, names_of
from .held import readers, users_parts, viewed
from .kinds import ATOMS, Kind, is_plain
from .ownership import is_our_module, is_ours, is_users, is_users_module, is_users_type

MOST = 100_000
"""Of a longer list of nothing but Values, or of plain numbers, and of the weights of a module of `nn`, only the length
is asked for at each call, and which list it is: it takes longer to walk than the program to run."""

MISSING = object()
"""What stands for a name, an attribute or the content of a cell that is not there."""
WRITES = frozenset(("append", "appendleft", "extend", "extendleft", "add", "insert", "update", "discard", "clear"))
"""Bound methods of lists, sets and dicts that change them and tell nothing of them: who notes his calls by one may."""
_PROXIES = (weakref.ProxyType, weakref.CallableProxyType)


class Reachable:
    """All that a function reaches, as it is."""

    def __init__(self, function: Callable[..., Any], others: Iterable[Any] = ()) -> None:
        self.cells: list[tuple[CellType, Any]] = []
        self.globals: list[tuple[Mapping[str, Any], str, Any]] = []
        self.views: list[Any] = []
        """Lists, and the values of dicts, as they are: a view of a dict changes with it."""
        self.lengths: list[int] = []
        self.elements: list[Any] = []
        self.long: list[Any] = []
        self.long_lengths: list[int] = []
        self.buffers: list[tuple[Any, Any, bytes]] = []
        """Arrays, with their shapes and their memory."""
        self.readings: list[tuple[Callable[[], Any], Any, str]] = []
        self.slots: list[tuple[Any, str, Any]] = []
        self.moving: list[tuple[Any, str]] = []
        """Iterators and generators of random numbers, and where they are."""
        self.sources: list[str] = []
        """Clocks, and what else gives what cannot be foreseen."""
        self.asks_equality = self.asks_hash = False
        """Whether it may ask if two things are equal."""
        self.values: list[tuple[Value, str]] = []
        """Every Value that was met, and where."""
        self.names: list[tuple[str, Any, list[Any]]] = []
        """Lists and dicts with what each is called, and what was in it."""
        self.attributes: list[tuple[str, dict[str, Any], list[tuple[str, Any]]]] = []
        """The same of objects: their attributes."""
        self.cell_names: list[str] = []
        self._reached: dict[Any, Any] = {}
        self._of_ours: set[int] = set()
        self._kinds: dict[type, Kind] = {}
        self._modules: list[ModuleType] = []
        self._read: list[Names] = []
        self._walk([(function, ""), *[(x, "an argument") for x in others]])
        del self._reached, self._of_ours, self._kinds, self._modules, self._read

    def _walk(self, todo: list[tuple[Any, str]]) -> None:
        while todo:
            x, name = todo.pop()
            kind = type(x)
            if kind is Value:
                self.values.append((x, name))
                continue
            if is_plain(x) or isinstance(x, np.generic) or id(x) in self._reached:
                continue
            self._reached[id(x)] = x
            todo.extend(self._below(x, name))

    def _below(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        kind = self._kinds.get(type(x))
        if kind is None:
            kind = self._kinds[type(x)] = Kind.of(x)
        if kind.ours:
            yield from self._of_instance(x, name)
            return
        if isinstance(x, ModuleType) and is_users_module(x):  # any function may read what it reads of modules of it
            self._modules.append(x)
            for names in self._read:
                yield from self._of_module(x, names)
        if kind.may_be_source and is_stateless_source(x):
            self.sources.append(name)
        if type(x) in _PROXIES:
            yield x.__init__.__self__, name
        elif isinstance(x, FunctionType):
            yield from self._of_function(x)
        elif isinstance(x, (MethodType, BuiltinFunctionType, MethodWrapperType)):
            yield getattr(x, "__func__", None), name
            if not isinstance(x.__self__, ModuleType) and x.__name__ not in WRITES:
                yield x.__self__, "self" if isinstance(x, MethodType) else name
        elif isinstance(x, partial):
            self.slots += [(x, part, getattr(x, part)) for part in ("func", "args", "keywords")]
            yield x.func, name
            yield x.args, f"{name}.args"
            yield x.keywords, f"{name}.keywords"
        elif kind.moves:
            self.moving.append((x, name))
            yield from ((part, name) for part in users_parts(x))
        elif isinstance(x, (list, deque, set)):
            yield from self._elements(x, x, [*x], lambda i: f"{name}[{i}]", name)
        elif isinstance(x, (tuple, frozenset)):
            yield from ((part, f"{name}[{i}]") for i, part in enumerate(x) if not is_plain(part))
        elif isinstance(x, dict) or viewed(x) is not None:
            yield from self._of_mapping(x if isinstance(x, dict) else viewed(x), name)
        elif isinstance(x, np.ndarray) and x.dtype != object:
            self.buffers.append((x, x.shape, x.tobytes()))
        elif isinstance(x, np.ndarray):
            flat = x.reshape(-1) if x.flags.c_contiguous else x.flat
            yield from self._elements(flat, x, [*flat], lambda _: f"an element of {name}", name)
        elif isinstance(x, np.flatiter):
            yield x.base, name
        elif isinstance(x, CellType):
            self.cells.append((x, contents(x)))
            self.cell_names.append(name)
            yield contents(x), name
        elif isinstance(x, weakref.ref):
            yield x(), name
        elif isinstance(x, (staticmethod, classmethod)):
            yield x.__func__, name
        elif isinstance(x, property):
            yield from ((part, name) for part in (x.fget, x.fset) if part is not None)
        elif isinstance(x, type):
            if is_users_type(x):
                space = vars(x)
                kept = [v for k, v in space.items() if k not in ("__dict__", "__weakref__", "__doc__")]
                yield from self._elements(space.values(), None, [*space.values()], str, name, kept)
                yield from ((base, name) for base in (*x.__bases__, type(x)))
        elif type(x).__name__ == "_lru_cache_wrapper":
            yield x.__wrapped__, name
            yield from self._of_cache(x, name)
        elif type(x).__module__.startswith("autograd_tiny."):
            yield getattr(x, "function", None), name  # a compiled function, which looks after itself
        elif kind.readable:
            self.readings += [(read, read(), name) for read in readers(x)]
        if kind.apart:
            yield from self._of_instance(x, name)
        elif isinstance(x, BaseException):
            self.slots.append((x, "args", x.args))
        elif not isinstance(x, (type, FunctionType, ModuleType)):
            yield from ((part, name) for part in users_parts(x))

    def _of_mapping(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        keys = [*x]
        self._look_at(x, keys)
        yield from self._elements(x.values(), x, [*x.values()], lambda i: f"{name}[{keys[i]!r}]", name)
        yield from ((key, f"a key of {name}") for key in keys if not is_plain(key))

    def _of_cache(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        """What `functools.lru_cache` keeps, which no attribute of it shows."""
        for kept in gc.get_referents(x):
            if type(kept) is dict and kept is not x.__dict__:
                self._look_at(kept, kept)
                self._look_at(kept.values(), kept.values())
                self.names.append((f"the cache of {name}", kept, [*kept.items()]))
                for entry in kept.values():
                    linked = gc.get_referents(entry) if type(entry).__name__ == "_lru_list_elem" else [entry]
                    yield from ((part, f"the cache of {name}") for part in linked if type(part) is not type(entry))

    def _of_instance(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        space = getattr(x, "__dict__", None)
        if isinstance(space, dict):
            called = [f"{name}.{key}" if name else key for key in space]
            if is_ours(type(x)):
                self._of_ours.update(map(id, space.values()))
            else:
                self._look_at(space, space)
            yield from self._elements(space.values(), None, [*space.values()], called.__getitem__, name)
            self.attributes.append((name, space, [*space.items()]))
        for kind in type(x).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if isinstance(slot, str) and slot.startswith("__") and not slot.endswith("__"):
                    slot = f"_{kind.__name__.lstrip('_')}{slot}"
                if isinstance(slot, str) and not slot.startswith("__") and hasattr(x, slot):
                    self.slots.append((x, slot, getattr(x, slot)))
                    yield getattr(x, slot), f"{name}.{slot}"
        yield type(x), type(x).__name__

    def _look_at(self, view: Any, now: Collection[Any]) -> None:
        self.views.append(view)
        self.lengths.append(len(now))
        self.elements.extend(now)

    def _elements(
        self, view: Any, thing: Any, now: list[Any], called: Callable[[int], str], name: str,
        below: list[Any] | None = None,
    ) -> Iterator[tuple[Any, str]]:  # fmt: skip
        kinds = {*map(type, now)}
        most = MOST if id(thing) not in self._of_ours else 0
        if (kinds == {Value} and len(now) > most) or (kinds <= {int, float} and len(now) > MOST):
            self.long.append(view)
            self.long_lengths.append(len(now))
        else:
            self._look_at(view, now)
            if thing is not None:
                self.names.append(
                    (name, thing, [*thing.items()] if isinstance(thing, (dict, MappingProxyType)) else now)
                )
        if below is not None:
            yield from ((part, name) for part in below)
        elif not kinds <= {int, float, str, bool} and not (
            kinds == {tuple} and ATOMS.issuperset(map(type, chain.from_iterable(now)))
        ):
            yield from ((part, called(i)) for i, part in enumerate(now) if not is_plain(part))

    def _of_function(self, f: FunctionType) -> Iterator[tuple[Any, str]]:
        if not is_users(f.__code__.co_filename):
            # Ours, or a library's: what it was given it may hold, but it reads no setting of the user's.
            yield from (
                (contents(cell), name)
                for cell, name in zip(f.__closure__ or (), f.__code__.co_freevars, strict=True)
                if not isinstance(contents(cell), weakref.WeakKeyDictionary)  # what functools.singledispatch has found
            )
            return
        for cell, name in zip(f.__closure__ or (), f.__code__.co_freevars, strict=True):
            if id(cell) in self._reached:
                continue
            self._reached[id(cell)] = cell
            content = contents(cell)
            self.cells.append((cell, content))
            self.cell_names.append(name)
            yield content, name
        self.slots += [(f, part, getattr(f, part)) for part in ("__code__", "__defaults__", "__kwdefaults__")]
        for i, default in enumerate(f.__defaults__ or ()):
            yield default, f"a default of {f.__name__}, the {i + 1}."
        if f.__kwdefaults__:
            yield f.__kwdefaults__, f"a default of {f.__name__}"
        names, space = names_of(f.__code__), f.__globals__
        self.asks_equality |= names.asks_equality
        self.asks_hash |= names.asks_hash
        if f.__dict__ or f.__name__ in names.attributes or f.__name__ in f.__code__.co_freevars:
            yield f.__dict__, f"{f.__name__}.__dict__"
        for name in sorted(names.globals):
            yield from self._of_name(space, name, name, names)
            if name not in space and name in _BUILTINS:
                yield from self._of_name(_BUILTINS, name, name, names)
        self._read.append(names)
        imported = [sys.modules[name] for name in sorted(names.imported) if name in sys.modules]
        for module in (*imported, *map(contents, f.__closure__ or ()), *self._modules):
            if isinstance(module, ModuleType):
                yield from self._of_module(module, names)

    def _of_name(self, space: Mapping[str, Any], name: str, called: str, names: Names) -> Iterator[tuple[Any, str]]:
        content = space.get(name, MISSING)
        if (id(space), name) not in self._reached:
            self._reached[id(space), name] = None
            self.globals.append((space, name, content))
            yield content, called
        if isinstance(content, ModuleType):
            yield from self._of_module(content, names)

    def _of_module(self, module: ModuleType, names: Names) -> Iterator[tuple[Any, str]]:
        """Of a module, what the function may read of it; ours have nothing to set."""
        space, visit = vars(module), (id(module), id(names))
        if visit in self._reached or is_our_module(module):
            return
        self._reached[visit] = names
        if is_users_module(module) and "__getattr__" in space:
            yield space["__getattr__"], f"{module.__name__}.__getattr__"
        for name in sorted(names.attributes & space.keys()):
            yield from self._of_name(space, name, f"{module.__name__}.{name}", names)
        if space.get("getenv") is os.getenv and "getenv" in names.attributes:
            yield os.environ, "os.environ"


_BUILTINS = vars(builtins)


def contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING
