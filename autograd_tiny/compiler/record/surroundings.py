"""What a function reads besides its inputs: closure cells, globals, attributes, the elements of lists and dicts.

A recording keeps what these were. So all that the function reaches is noted, in the function and in the functions of
the user that it names, and every call asks whether it is all still there: the same things in the same places. Numbers
of Values are read anew at each call, and are not asked about. Not seen is what Python code cannot see, such as files;
what is drawn from iterators, generators of random numbers and clocks, `chance` finds.

>>> from autograd_tiny import Value
>>> w, scale, settings = Value(2.0), 3.0, {"rate": 0.5}
>>> around = Surroundings(lambda x: w * x * settings["rate"])
>>> around.same()
True
>>> settings["rate"] = 0.25
>>> around.same(), around.changed()
(False, "settings['rate']")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from operator import is_
from types import MappingProxyType
from typing import Any

import numpy as np

from .chance import how_asked, state
from .reachable import MISSING, Reachable, contents


class PlainWatch:
    """`_watch.Watch` in Python: whether cells, globals, lists and dicts hold the very things that they held."""

    def __init__(
        self, cells: list[Any], globals: list[Any], views: list[Any], lengths: list[int], elements: list[Any],
        long: list[Any], long_lengths: list[int], missing: Any,
    ) -> None:  # fmt: skip
        self.cells, self.globals, self.missing = cells, globals, missing
        self.views, self.lengths, self.elements = views, lengths, elements
        self.long, self.long_lengths = long, long_lengths

    def same(self) -> bool:
        return (
            all(contents(cell) is seen for cell, seen in self.cells)
            and all(space.get(name, self.missing) is seen for space, name, seen in self.globals)
            and [*map(len, self.views)] == self.lengths
            and all(map(is_, chain.from_iterable(self.views), self.elements))
            and [*map(len, self.long)] == self.long_lengths
        )


try:
    from ._watch import Watch, slots_same
except ImportError:  # it is built with the compiled engine
    Watch = PlainWatch  # type: ignore[misc, assignment]

    def slots_same(slots: list[tuple[Any, str, Any]], missing: object) -> bool:
        return all(getattr(x, name, missing) is seen for x, name, seen in slots)


class Surroundings(Reachable):
    """All that a function reaches, as it was; `same` whether it still is."""

    def __init__(self, function: Callable[..., Any], others: Iterable[Any] = ()) -> None:
        self.others = {id(x): x for x in others}
        """What the function was given that is no number, by id."""
        super().__init__(function, self.others.values())
        self.watch = Watch(
            self.cells, self.globals, self.views, self.lengths, self.elements, self.long, self.long_lengths, MISSING
        )
        self.simple = not (self.buffers or self.readings)
        self.before = self.states()

    def states(self) -> list[Any]:
        """Where iterators and generators of random numbers are; what a recording must leave as it is."""
        return [state(x) for x, _ in self.moving]

    def mark(self) -> None:
        """Take it that they may have moved since: somebody else asked them."""
        self.before = self.states()

    def moved(self) -> str | None:
        """Which of them the function has asked since."""
        pairs = zip(self.moving, self.before, self.states(), strict=True)
        found = next((thing for thing, before, now in pairs if before != now), None)
        return how_asked(*found) if found else None

    def same(self) -> bool:
        """Whether nothing has been changed: the quick way, some 2 ns for each thing."""
        if not self.watch.same() or not slots_same(self.slots, MISSING):
            return False
        return self.simple or (
            all(x.shape == shape and x.tobytes() == seen for x, shape, seen in self.buffers)
            and all(read() == seen for read, seen, _ in self.readings)
        )

    def changed(self) -> str | None:
        """What is not as it was, in the function's own words; None if nothing is."""
        for (cell, seen), name in zip(self.cells, self.cell_names, strict=True):
            if contents(cell) is not seen:
                return name
        for space, name, seen in self.globals:
            if space.get(name, MISSING) is not seen:
                return name
        for called, thing, before in self.names:
            place = _difference(called, thing, before)
            if place is not None:
                return place
        for called, space, was in self.attributes:
            key = _changed_key(space, was)
            if key is not MISSING:
                return f"{called}.{key}" if called else str(key)
        for x, shape, seen in self.buffers:
            if x.shape != shape or x.tobytes() != seen:
                return f"an {type(x).__name__} that it reads"
        for read, seen, name in self.readings:
            if read() != seen:
                return name
        for x, name, seen in self.slots:
            if getattr(x, name, MISSING) is not seen:
                return f"attribute {name!r} of a {type(x).__name__}"
        return None if self.same() else "what it reads"

    def holds(self, thing: Any) -> str | None:
        """Where a Value was met; None if it was not."""
        return next((place for value, place in self.values if value is thing), None)


def _difference(name: str, thing: Any, before: list[Any]) -> str | None:
    """Where a list or a dict differs from what it was."""
    if isinstance(thing, (dict, MappingProxyType)):
        key = _changed_key(thing, before)
        return None if key is MISSING else f"{name}[{key!r}]"
    now = [*thing.flat] if isinstance(thing, np.ndarray) else [*thing]
    if len(now) != len(before):
        return f"the length of {name}"
    i = next((i for i, pair in enumerate(zip(now, before, strict=True)) if pair[0] is not pair[1]), None)
    return None if i is None else f"{name}[{i}]"


def _changed_key(now: Mapping[Any, Any], before: Iterable[tuple[Any, Any]]) -> Any:
    """The first key whose value is another, or that is in one of them only; MISSING if there is none."""
    was = dict(before)
    return next((key for key in {**was, **now} if was.get(key, MISSING) is not now.get(key, MISSING)), MISSING)
