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

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from ...core import Value
from .ownership import is_ours, is_users, is_users_type

MOST_VALUES = 256
"""Of a longer list of nothing but Values, and of the weights of a module of `nn`, only the length is asked for at each
call, and which list it is: a model of 4,000 parameters takes longer to walk than to run."""
MOST_NUMBERS = 20_000
"""Of a longer list of plain numbers too."""

MISSING = object()
"""What stands for a name, an attribute or the content of a cell that is not there."""
_ATOMS = (int, float, complex, str, bytes, bool, type(None), range, np.generic, BuiltinFunctionType)


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
        self.buffers: list[tuple[Any, bytes]] = []
        self.slots: list[tuple[Any, str, Any]] = []
        self.values: list[tuple[Value, str]] = []
        """Every Value that was met, and where."""
        self.names: list[tuple[str, Any, list[Any]]] = []
        """Lists and dicts with what each is called, and what was in it."""
        self.attributes: list[tuple[str, dict[str, Any], list[tuple[str, Any]]]] = []
        """The same of objects: their attributes."""
        self.cell_names: list[str] = []
        self._reached: dict[Any, Any] = {}
        self._of_ours: set[int] = set()
        self._walk([(function, ""), *[(x, "an argument") for x in others]])
        del self._reached, self._of_ours

    def _walk(self, todo: list[tuple[Any, str]]) -> None:
        while todo:
            x, name = todo.pop()
            kind = type(x)
            if kind is Value:
                self.values.append((x, name))
                continue
            if kind in _ATOMS or isinstance(x, np.generic) or id(x) in self._reached:
                continue
            self._reached[id(x)] = x
            todo.extend(self._below(x, name))

    def _below(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        if isinstance(x, FunctionType):
            yield from self._of_function(x)
        elif isinstance(x, MethodType):
            yield x.__func__, name
            yield x.__self__, "self"
        elif isinstance(x, partial):
            yield x.func, name
            yield x.args, f"{name}.args"
            yield x.keywords, f"{name}.keywords"
        elif isinstance(x, (list, deque, set)):
            yield from self._elements(x, x, [*x], [f"{name}[{i}]" for i in range(len(x))], name)
        elif isinstance(x, (tuple, frozenset)):
            yield from ((part, f"{name}[{i}]") for i, part in enumerate(x))
        elif isinstance(x, dict):
            self.views.append(x)
            self.lengths.append(len(x))
            self.elements.extend(x)
            yield from self._elements(x.values(), x, [*x.values()], [f"{name}[{key!r}]" for key in x], name)
        elif isinstance(x, np.ndarray) and x.dtype != object:
            self.buffers.append((x, x.tobytes()))
        elif isinstance(x, np.ndarray):
            flat = x.reshape(-1) if x.flags.c_contiguous else x.flat
            yield from self._elements(flat, x, [*flat], [f"an element of {name}"] * x.size, name)
        elif isinstance(x, (array, memoryview)):
            self.buffers.append((x, x.tobytes()))
        elif isinstance(x, (staticmethod, classmethod)):
            yield x.__func__, name
        elif isinstance(x, property):
            yield from ((part, name) for part in (x.fget, x.fset) if part is not None)
        elif isinstance(x, type):
            if is_users_type(x):
                space = vars(x)
                kept = [v for k, v in space.items() if k not in ("__dict__", "__weakref__", "__doc__")]
                yield from self._elements(space.values(), None, [*space.values()], [], name, kept)
                yield from ((base, name) for base in x.__bases__)
        elif type(x).__name__ == "_lru_cache_wrapper":
            yield x.__wrapped__, name
        elif type(x).__module__.startswith("autograd_tiny."):
            yield getattr(x, "function", None), name  # a compiled function, which looks after itself
        elif isinstance(x, SimpleNamespace) or any(map(is_users_type, type(x).__mro__)) or is_ours(type(x)):
            yield from self._of_instance(x, name)

    def _of_instance(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        space = getattr(x, "__dict__", None)
        if isinstance(space, dict):
            called = [f"{name}.{key}" if name else key for key in space]
            if is_ours(type(x)):
                self._of_ours.update(map(id, space.values()))
            yield from self._elements(space.values(), None, [*space.values()], called, name)
            self.attributes.append((name, space, [*space.items()]))
        for kind in type(x).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if isinstance(slot, str) and not slot.startswith("__") and hasattr(x, slot):
                    self.slots.append((x, slot, getattr(x, slot)))
                    yield getattr(x, slot), f"{name}.{slot}"
        yield type(x), type(x).__name__

    def _elements(
        self, view: Any, thing: Any, now: list[Any], names: list[str], name: str, below: list[Any] | None = None
    ) -> Iterator[tuple[Any, str]]:
        kinds = {*map(type, now)}
        most = MOST_VALUES if id(thing) not in self._of_ours else 0
        if (kinds == {Value} and len(now) > most) or (kinds <= {int, float} and len(now) > MOST_NUMBERS):
            self.long.append(view)
            self.long_lengths.append(len(now))
        else:
            self.views.append(view)
            self.lengths.append(len(now))
            self.elements.extend(now)
            if thing is not None:
                self.names.append((name, thing, [*thing.items()] if isinstance(thing, dict) else now))
        if below is not None:
            yield from ((part, name) for part in below)
        elif not kinds <= {int, float, str, bool}:
            yield from zip(now, names, strict=True)

    def _of_function(self, f: FunctionType) -> Iterator[tuple[Any, str]]:
        if not is_users(f.__code__.co_filename):
            # Ours, or a library's: what it was given it may hold, but it reads no setting of the user's.
            yield from (
                (contents(cell), name) for cell, name in zip(f.__closure__ or (), f.__code__.co_freevars, strict=True)
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
        for i, default in enumerate(f.__defaults__ or ()):
            yield default, f"a default of {f.__name__}, the {i + 1}."
        if f.__kwdefaults__:
            yield f.__kwdefaults__, f"a default of {f.__name__}"
        if f.__dict__ or f.__name__ in f.__code__.co_names or f.__name__ in f.__code__.co_freevars:
            yield f.__dict__, f"{f.__name__}.__dict__"
        space = f.__globals__
        names = {*_names_in(f.__code__)}
        for name in sorted(names):
            if (id(space), name) in self._reached or name not in space:
                continue
            self._reached[id(space), name] = None
            content = space[name]
            if isinstance(content, ModuleType):
                yield from self._of_module(content, names)
            self.globals.append((space, name, content))
            yield content, name

    def _of_module(self, module: ModuleType, names: set[str]) -> Iterator[tuple[Any, str]]:
        """Of a module of the user's, what the function may read of it."""
        if not is_users(getattr(module, "__file__", None) or "<frozen "):
            return
        space = vars(module)
        for name in sorted(names & space.keys()):
            self.globals.append((space, name, space[name]))
            yield space[name], f"{module.__name__}.{name}"


def contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _names_in(code: CodeType) -> Iterator[str]:
    """The global names and attributes that code uses, and the code inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
