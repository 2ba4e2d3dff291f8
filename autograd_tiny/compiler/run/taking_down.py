"""The lines of an array program, bound to arrays, as instructions for the loop in C (`_native`).

The lines run once on `Slot`s, with functions that take down what is called on what; so nothing is parsed, and whatever
lines can be written is either an instruction or an error that says which it is (`NotNative`): then the lines are run by
Python, as they are everywhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..libraries.arrays import FUNCTIONS
from ..lower.layout import memory_name
from ..write.terms import COMPARISONS
from .called import Added, Called, Pending, Slot, bare
from .native import NotNative, loops

if TYPE_CHECKING:
    from ._native import Loop, Tape
    from .native_binding import Native

IDENTITIES = {"add": 0.0, "maximum": -np.inf, "minimum": np.inf}
"""Of the functions that have ``reduce``."""
MANY_SAMPLES = 64
"""From so many on, to read them one by one out of the rows of an argument takes longer than to turn it first."""
APART = 8
"""Numbers between the rows of what is turned: those a power of two apart would have the same place in the cache."""


def tape(binding: Native, direction: str) -> Tape:
    """The lines "forward" or "backward" of a binding as instructions; raises `NotNative`.

    Before the reverse lines the adjoints are set to 0, and that of the root to the binding's ``seeds``.
    """
    taken_down = Taken(binding)
    env = dict(taken_down.functions)
    names = {**binding.program.code.recipes, "V": 0, "B": 0, "dV": 0, "dB": 0}
    env |= {name: Slot(binding.env[name], taken_down) for name in names}
    env |= {name: Slot(array, taken_down) for name, array in taken_down.late.items()}
    code = binding.program.forward_code if direction == "forward" else binding.program.backward_code
    exec(code, env)
    try:
        if direction == "backward":
            for zeros in binding.zeros:
                taken_down.loop(taken_down.native.COPY, (np.array(0.0), zeros))
            if binding.start is not None:
                taken_down.loop(taken_down.native.COPY, (binding.seeds, binding.start))
            for seeds, place in binding.starts:
                taken_down.loop(taken_down.native.COPY, (seeds, place))
        env[direction]()
    except LookupError as error:
        raise NotNative(str(error)) from None
    taken_down.tape.group()
    if direction == "forward":  # which runs before "backward" does, on the same arguments
        binding.turned, binding.looked_at = taken_down.turned, frozenset(taken_down.looked_at)
    return taken_down.tape


class Taken:
    """What the lines did, as a tape in the making."""

    def __init__(self, binding: Native) -> None:
        from . import _native

        self.native, self.loops = _native, loops()
        self.repeated = {"add": self.loops["add"], "maximum": _native.LARGEST, "minimum": _native.SMALLEST}
        """Of each of `IDENTITIES` the loop that goes from one element to the next."""
        self.places: dict[int, tuple[int, int]] = {}
        """Of an array that is in an argument of the call: in which, and how many bytes into it."""
        self.turned = dict(binding.turned)
        """Copies of what is in an argument, in which the samples lie beside each other."""
        self.looked_at: set[int] = set()
        """Arguments of which a number that is not finite is seen on the way."""
        self.counts, self.length = binding.program.lowering.input_counts, binding.length
        count = len(binding.program.lowering.input_counts) if binding.program.batch else 0
        self.tape = _native.Tape(count)
        self.late = self._late(binding) if count else {}
        self.functions: dict[str, Any] = {name: Called(self, name) for name in FUNCTIONS}

    def _late(self, binding: Native) -> dict[str, Any]:
        """The names that depend on a call's arguments, on arguments of nothing."""
        counts = binding.program.lowering.input_counts
        given = [np.empty((binding.length, width)) for width in counts]
        late: dict[str, Any] = {memory_name(2 + i): argument for i, argument in enumerate(given)}
        memory = replace(binding.memory, arguments=dict(late), env={**binding.env, **late})
        for name, recipe in binding.program.code.late.items():
            late[name] = memory.env[name] = recipe(memory)
        starts = [self.native.address(argument) for argument in given]
        for array in late.values():
            at = self.native.address(array)
            inside = [(i, at - s) for i, s in enumerate(starts) if s <= at < s + max(given[i].nbytes, 1)]
            if not inside:
                raise NotNative("an argument is copied to turn it")
            self.places[id(array)] = inside[0]
        self.tape.keep([*late.values()])
        return late

    def loop(self, loop: Loop, operands: tuple[Any, ...], shape: tuple[int, ...] | None = None) -> None:
        *inputs, out = operands
        apart = [x if x is out else self._apart(self._turned(x), out) for x in inputs]
        if len(apart) == 1 and loop.plane < 0 and self._in_short_rows(apart[0], out):
            self.loop(self.native.COPY, (apart[0], out))
            apart = [out]
        self.tape.loop(loop, (*apart, out), shape)
        self.noted([*apart, out])

    def noted(self, operands: list[Any]) -> None:
        """The operands of the instruction just made: kept, and those in an argument of the call named."""
        self.tape.keep(operands)
        for i, x in enumerate(operands):
            if id(x) in self.places:
                self.tape.depends(i, *self.places[id(x)])

    def _in_short_rows(self, x: Any, out: Any) -> bool:
        """Whether to copy an operand first, and go over the result in one row, where the loop is entered once."""
        short = x.ndim > 1 and x.shape == out.shape and x.shape[-1] <= self.native.SHORT_ROW
        return short and x.dtype == out.dtype == float and out.flags.c_contiguous and not x.flags.c_contiguous

    def _turned(self, x: Any) -> Any:
        """The operand; of an argument whose samples lie apart a copy, made once, in which they lie in a row."""
        if id(x) not in self.places or x.ndim != 2 or min(x.shape) < 2 or x.shape[1] < MANY_SAMPLES:
            return x
        if x.dtype != float or not 0 < x.strides[0] < x.strides[1]:
            return x
        which = (self.places[id(x)], x.shape, x.strides)
        if which not in self.turned:
            room = np.empty((len(x), x.shape[1] + APART))[:, : x.shape[1]]
            self.tape.turn(x, room)
            self.noted([x, room])
            if self._is_whole(x):
                self.looked_at.add(self.places[id(x)][0])
            self.turned[which] = room
        return self.turned[which]

    def _is_whole(self, x: Any) -> bool:
        """Whether it is an argument of a batch with all its numbers, turned or not."""
        if id(x) not in self.places:
            return False
        argument, offset = self.places[id(x)]
        axes = sorted(_axes(x), key=lambda axis: axis[1])
        whole = [
            (n, step) for n, step in ((self.counts[argument], 8), (self.length, 8 * self.counts[argument])) if n > 1
        ]
        return offset == 0 and axes == whole

    def _apart(self, x: Any, out: Any) -> Any:
        """The operand, or a copy made first where writing the result would change what is still to be read."""
        if not np.may_share_memory(x, out):
            return x
        same = _axes(x) == _axes(out) and self.native.address(x) == self.native.address(out)
        return x if same else self.copied(x)

    def _read_first(self, x: Any, out: Any) -> Any:
        """The operand of what does not go element by element: as numbers, and not where the result is written."""
        return self.copied(x) if x.dtype == bool or np.may_share_memory(x, out) else x

    def copied(self, x: Any) -> Any:
        """A copy of its own, as numbers: an instruction before the one that reads it."""
        room = np.empty(x.shape)
        self.tape.loop(self.native.TRUTH if x.dtype == bool else self.native.COPY, (x, room))
        self.noted([x, room])
        return room

    def call(self, name: str, *operands: Any, out: Any = None) -> None:
        """A function of the library, as `FUNCTIONS` says that it is called."""
        if name == "copyto":
            return self._copy(*operands)
        if name == "take":
            return self._take(*operands)
        if name == "row_dots":
            return self._row_dots(*operands)
        given = [*operands] if out is None else [*operands, out]
        if name in ("dot", "matmul"):
            return self._product(*given)
        *inputs, into = given
        truths = [i for i, x in enumerate(inputs) if x.dtype == bool]
        if name == "multiply" and len(truths) == 1:
            number, truth = inputs[1 - truths[0]], inputs[truths[0]]
            return self.loop(self.native.MASKED_PRODUCT, (number, truth, into))
        inputs = [self.copied(x) if x.dtype == bool else x for x in inputs]
        if name in COMPARISONS and into.dtype != bool:
            truth = np.empty(into.shape, bool)
            self.loop(self.loops[name], (*inputs, truth))
            return self._copy(into, truth)
        return self.loop(self.loops[name], (*inputs, into))

    def _copy(self, into: Any, x: Any, casting: str = "", where: Any = None) -> None:
        if where is not None:
            self.loop(self.native.MASKED_COPY, (self.copied(x) if x.dtype == bool else x, where, into))
        else:
            self.loop(self.native.TRUTH if x.dtype == bool else self.native.COPY, (x, into))

    def _take(self, x: Any, index: Any, axis: int, into: Any, mode: str) -> None:
        if x.ndim > 2 and axis == 0:
            x, into = _rows(x), _rows(into)
        x, index = self._read_first(x, into), np.ascontiguousarray(index, np.int64)
        self.tape.take(x, index, axis, into)
        self.noted([x, into, index])

    def _product(self, a: Any, b: Any, into: Any) -> None:
        a, b = self._read_first(a, into), self._read_first(b, into)
        self.tape.matrices(self.loops["matmul"], a, b, into)
        self.noted([a, b, into])
        if a.ndim == b.ndim == 2 and min(into.shape) > 1 and into.flags.c_contiguous:
            for x in (a, b):
                self._seen_in(into, x)

    def _row_dots(self, a: Any, b: Any, room: Any, ones: Any, into: Any) -> None:
        """Without room for the products, where they are of two matrices as they lie."""
        rows = [self._turned(x) for x in (a, b)]
        if any(x.shape != room.shape or x.dtype != float or x.strides[1] != 8 for x in rows):
            self.call("multiply", a, b, out=room)
            return self._product(room, ones, into)
        a, b = (self._read_first(x, into) for x in rows)
        self.tape.row_dots(a, b, into)
        return self.noted([a, b, into])

    def _seen_in(self, product: Any, x: Any) -> None:
        """Of an argument that is much larger than its product, look at that: where a number is not finite in the one,
        a whole row or column of the other is not.
        """
        if self._is_whole(x) and 2 * product.size <= x.size:
            self.tape.check(product)
            self.noted([product])
            self.looked_at.add(self.places[id(x)][0])

    def reduce(
        self, name: str, x: Any, axis: int | tuple[int, ...], dtype: None, into: Any, keeps: bool = False
    ) -> None:
        x = self._read_first(x, into)
        out = into if keeps else np.expand_dims(into, axis)
        self.loop(self.native.COPY, (np.array(IDENTITIES[name]), into))
        self.tape.loop(self.repeated[name], (out, x, out), x.shape)
        self.noted([out, x, out])

    def reduceat(self, name: str, x: Any, starts: Any, axis: int, dtype: None, into: Any) -> None:
        x = self._read_first(x, into)
        starts = np.ascontiguousarray(starts, np.int64)
        self.tape.segments(self.repeated[name], x, starts, into)
        self.noted([x, into, starts])

    def set(self, into: Any, index: Any, x: Any) -> None:
        """``into[index] = x`` and ``into[index] += x``."""
        if index is Ellipsis:
            if isinstance(x, float):
                return self.loop(self.native.COPY, (np.array(x), into))
            if isinstance(x, Pending):
                return self.loop(self.loops[x.name], (x.operand, into))
            return self._copy(into, x.array)
        adds = isinstance(x, Added)
        numbers, places = bare(x.what) if adds else bare(x), np.ascontiguousarray(index.array, np.int64)
        numbers = np.broadcast_to(numbers, (len(places), *into.shape[1:]))
        numbers = self.copied(numbers) if np.may_share_memory(numbers, into) else numbers
        self.tape.put(into, places, numbers, adds)
        return self.noted([numbers, into, places])


def _axes(x: Any) -> list[tuple[int, int]]:
    """How long its axes are and their steps; an axis of 1 is none."""
    return [(n, step) for n, step in zip(x.shape, x.strides, strict=True) if n != 1]


def _rows(x: Any) -> Any:
    """The same array with two axes; raises `NotNative` if that takes a copy."""
    flat = x.reshape(x.shape[0], -1)
    if not np.shares_memory(flat, x):
        raise NotNative("a gather of rows that do not lie in a row")
    return flat
