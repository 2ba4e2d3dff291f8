"""One call of a compiled function: the structure of its arguments, and their numbers.

>>> call = Call.read((2.0, [1.0, 3.0]), {}, batch=False)
>>> call.structure
(False, 2, (), 'float', (<class 'list'>, <class 'float'>, 2))
>>> [row.tolist() for row in call.numbers], call.length
([[2.0], [1.0, 3.0]], None)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ...errors import shorten
from ...errors.foreign import notes_for_numpy
from .inputs import KIND, PLAIN, as_floats, batched, describe, flat, rebuilt
from .ownership import is_users_type
from .samples import Samples, Shared, as_given, sample_of, samples_of
from .structures import exact, is_record, parts, stays

FLOAT = np.dtype(np.float64)


class Call(NamedTuple):
    """The structure, the numbers of each argument (with samples along the first axis), the arguments; of a batch, how
    many samples.
    """

    structure: Any
    numbers: list[Any]
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    length: int | None
    shared: Any = None
    """The numbers of the arguments that are the same for all samples, in a row."""

    @classmethod
    def read(
        cls, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool, shared: frozenset[int | str] = frozenset()
    ) -> Call:
        """The call, checked: samples must be arrays of numbers, all of one length; arguments that are ``shared``, by
        place or name, have none.
        """
        if batch and not named and not shared and (call := cls._of_floats(arguments)) is not None:
            return call
        given = [*arguments, *named.values()]
        if batch:
            return cls._of_batch(given, arguments, named, shared)
        numbers, structures = [], []
        for x in given:
            found: list[Any] = []
            structures.append(describe(x, found))
            numbers.append(flat(found))
        return cls((False, len(arguments), tuple(named), *structures), numbers, arguments, named, None)

    @classmethod
    def _of_floats(cls, arguments: tuple[Any, ...]) -> Call | None:
        """A batch of arrays as a program wants them, of one length; None for any other, which has to be read."""
        structures = []
        length = None
        for x in arguments:
            if type(x) is not np.ndarray or x.dtype is not FLOAT or not x.flags.c_contiguous or not x.ndim:
                return None
            first, *rest = x.shape
            if first == 0 or first != (length := length or first):
                return None
            structures.append(("array", tuple(rest), False))
        if length is None:
            return None
        return cls((True, len(arguments), (), *structures), list(arguments), arguments, {}, length)

    @classmethod
    def _of_batch(
        cls, given: list[Any], arguments: tuple[Any, ...], named: dict[str, Any], shared: frozenset[int | str]
    ) -> Call:
        numbers: list[Any] = []
        structures: list[Any] = []
        kept: list[Any] = []
        length: int | None = None
        names = [*range(len(arguments)), *named]
        first = next((x for x, name in zip(given, names, strict=True) if name not in shared), None)
        if type(first) is np.ndarray and first.ndim:
            length = len(first) or None
        for i, x in enumerate(given):
            if names[i] in shared and not stays(x):
                x = Shared(x)
                structures.append(x.structure)
                kept.append(x)
                numbers.append(np.empty((0, 0)))
                continue
            if type(x) is np.ndarray and x.dtype is FLOAT and x.flags.c_contiguous and x.ndim and len(x) == length:
                structures.append(("array", x.shape[1:], False))
                kept.append(x)
                numbers.append(x)
                continue
            if stays(x):
                structures.append(("is", exact(x)))
                numbers.append(np.empty((0, 0)))
                kept.append(x)
                continue
            array = Samples(x, i) if isinstance(x, dict) or is_record(x) else batched(x, i)
            count = array.length if isinstance(array, Samples) else len(array)
            if length is not None and count is not None and count != length:
                raise ValueError(f"batch=True: argument {i} has {count} samples, those before it {length}")
            length = length if count is None else count
            if length == 0:
                raise ValueError(f"batch=True: argument {i} has no samples")
            if isinstance(array, Samples):
                structures.append(array.structure)
                kept.append(array)
                numbers.append(array.numbers())
                continue
            structures.append(("array", array.shape[1:], array.dtype.kind in "iu"))
            kept.append(array)
            if array.dtype != np.float64 or not array.flags.c_contiguous:
                array = as_floats(array)
            numbers.append(array)
        if length is None:
            raise ValueError("batch=True: there is no argument with samples along its first axis")
        if len(numbers) > 1:
            numbers = [a if len(a) else np.empty((length, 0)) for a in numbers]
        count = len(arguments)
        structure = (True, count, tuple(named), *structures)
        theirs = [x.numbers for x in kept if isinstance(x, Shared)]
        return cls(
            structure, numbers, tuple(kept[:count]), dict(zip(named, kept[count:], strict=True)), length,
            np.concatenate(theirs) if theirs else None,
        )  # fmt: skip

    def sample(self, i: int) -> tuple[list[Any], list[Any]]:
        """The arguments of sample i, and the numbers of each."""
        given = [*self.arguments, *self.named.values()]
        if self.length is None:
            return given, self.numbers
        return [sample_of(x, i) for x in given], [
            x.numbers if isinstance(x, Shared) else a[i] for x, a in zip(given, self.numbers, strict=True)
        ]

    def single(self, i: int) -> Call:
        """The call for sample i alone."""
        if self.length is None:
            return self
        return Call.read(*self._by_place_and_name(self.sample(i)[0]), False)

    def part(self, group: list[int] | slice) -> Call:
        """A call with the samples of a group only."""
        numbers = [np.ascontiguousarray(a[group]) for a in self.numbers]
        given = tuple(samples_of(x, group) for x in self.arguments)
        named = {k: samples_of(x, group) for k, x in self.named.items()}
        length = len(range(self.length or 0)[group]) if isinstance(group, slice) else len(group)
        return Call(self.structure, numbers, given, named, length, self.shared)

    def at(self, places: tuple[int, ...], i: int) -> tuple[float, ...]:
        """The numbers of sample i at these places among all numbers of a sample."""
        if not places:
            return ()
        rows = self.numbers if self.length is None else [a[i].reshape(-1) for a in self.numbers]
        if self.shared is not None:
            rows = [*rows, self.shared]
        return tuple(np.concatenate(rows)[list(places)].tolist())

    def groups(self, places: tuple[int, ...]) -> list[list[int]]:
        """The samples, those with equal numbers at these places together."""
        found: dict[tuple[float, ...], list[int]] = {}
        for i in range(self.length or 1):
            found.setdefault(self.at(places, i), []).append(i)
        return [*found.values()]

    def fixed(self) -> list[Any]:
        """What is no number among the arguments, at any depth, and the classes of those with methods: functions that
        may read more.
        """
        found: list[Any] = []
        todo = [as_given(x) for x in (*self.arguments, *self.named.values())]
        while todo:
            x = todo.pop()
            if type(x) in (list, tuple) and {*map(type, x)} <= PLAIN:
                continue
            if stays(x):
                found.append(x)
            elif (inside := parts(x)) is not None:
                found += [type(x)] if is_users_type(type(x)) else []
                todo += [part for _, part in inside if type(part) not in PLAIN]
        return found

    @property
    def has_kinds(self) -> bool:
        """Whether a number is of a class of the user's."""
        return self.length is None and any(map(_names_a_kind, self.structure))

    def given_to(self, function: Callable[..., Any], i: int) -> Any:
        """What ``function`` gives for sample i, as the caller gave it."""
        if self.length is None:
            return function(*self.arguments, **self.named)
        given, named = self._by_place_and_name([_plain(x) for x in self.sample(i)[0]])
        return function(*given, **named)

    def finite(self, most: int) -> list[int]:
        """Samples of which all numbers are finite, which can be recorded: the first, and others from here and there."""
        if self.length is None:
            return [0] if all(np.isfinite(a).all() for a in self.numbers) else []
        good = np.full(self.length, self.shared is None or np.isfinite(self.shared).all())
        for a in self.numbers:
            good &= np.isfinite(a.reshape(self.length, -1)).all(axis=1)
        found = np.flatnonzero(good)
        return found[np.unique(np.linspace(0, len(found) - 1, min(most, len(found)), dtype=int))].tolist()  # type: ignore[no-any-return]

    def count(self, i: int) -> int:
        """How many numbers sample i has."""
        return sum(np.size(row) for row in self.sample(i)[1])

    def has_zero(self, i: int) -> bool:
        """Whether a number of sample i is 0."""
        if self.shared is not None and not np.all(self.shared):
            return True
        return any(not np.all(a) for a in (self.numbers if self.length is None else (a[i] for a in self.numbers)))

    def applied(self, function: Callable[..., Any], i: int, make: Callable[[int, float, bool], Any]) -> Any:
        """What ``function`` gives for sample i with ``make(argument, number, is_integer)`` in place of its numbers."""
        made = [
            rebuilt(x, iter(np.asarray(row).reshape(-1).tolist()), partial(make, j))
            for j, (x, row) in enumerate(zip(*self.sample(i), strict=True))
        ]
        given, named = self._by_place_and_name(made)
        with notes_for_numpy():
            return function(*given, **named)

    def _by_place_and_name(self, given: list[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """All arguments in a row as those that came by place and those by name."""
        count = len(self.arguments)
        return tuple(given[:count]), dict(zip(self.named, given[count:], strict=True))


def places_of(function: Callable[..., Any], names: str | Sequence[str]) -> frozenset[int | str]:
    """The arguments of these names, by name and by place."""
    every = (names,) if isinstance(names, str) else tuple(names)
    if not every:
        return frozenset()
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):
        known = MappingProxyType({})
    places = {name: i for i, (name, p) in enumerate(known.items()) if p.kind <= p.POSITIONAL_OR_KEYWORD}
    open_to_more = not known or any(p.kind is p.VAR_KEYWORD for p in known.values())
    for name in every:
        if not isinstance(name, str) or not (name in known or open_to_more):
            raise ValueError(
                f"compile(shared={names!r}): {shorten(function)} has no argument {name!r}: expected the names of those "
                f"that are the same for all samples of a batch, among {', '.join(known) or 'none'}"
            )
    return frozenset([*every, *(places[name] for name in every if name in places)])


def _names_a_kind(structure: Any) -> bool:
    return isinstance(structure, tuple) and (structure[:1] == (KIND,) or any(map(_names_a_kind, structure)))


def _plain(x: Any) -> Any:
    """A sample that is one number as Python's own, which is what a recording is held against."""
    return x.item() if isinstance(x, np.generic) else x
