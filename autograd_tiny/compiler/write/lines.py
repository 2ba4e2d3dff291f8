"""Lines of numpy in the making: names, buffers, operands.

A line calls one function of the array library with its result in place: ``multiply(a3, a7, a9)``. What a name stands
for is a recipe, run once for each size of batch.

>>> lines = Lines()
>>> room = lines.buffer((2, 3), batched=False)
>>> room.name, room.shape, lines.number(2.0) == lines.number(2.0)
('a0', (2, 3), True)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..lower.layout import ARGUMENT, BATCH, FLAT, Access, Gather, View
from .memory import Named, Recipe


@dataclass
class Lines:
    """Lines, and what the names in them stand for; ``late`` names depend on the inputs given."""

    lines: list[str] = field(default_factory=list)
    reverse_lines: list[str] = field(default_factory=list)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    late: dict[str, Recipe] = field(default_factory=dict)
    scratch: tuple[int, int] = (0, 0)
    kept: list[tuple[str, tuple[int, ...], bool]] = field(default_factory=list)
    most: list[tuple[int, int]] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    dot_notices: bool = False
    """Whether `dot` says that it overflowed, and so may be a forward line."""
    out: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.out = self.lines

    def bind(self, recipe: Recipe, late: bool = False) -> str:
        name = f"{'x' if late else 'a'}{len(self.recipes) + len(self.late)}"
        (self.late if late else self.recipes)[name] = recipe
        return name

    def number(self, x: float) -> str:
        """A constant as an array of no axes: numpy takes a third longer to make one of a Python number each time."""
        key = repr(x)
        if key not in self.numbers:
            self.numbers[key] = self.bind(lambda m: np.array(x, m.flat.dtype))
        return self.numbers[key]

    def filled(self, x: float, shape: tuple[int, ...], batched: bool) -> str:
        """The same as an array of a shape: numpy's maximum takes three times as long with a single number."""
        key = f"{x!r} {shape} {batched}"
        if key not in self.numbers:
            full = lambda m: np.full((*shape, m.length) if batched else shape, x, m.flat.dtype)
            self.numbers[key] = self.bind(full)
        return self.numbers[key]

    def line(self, text: str) -> None:
        self.out.append(text)

    def buffer(self, shape: tuple[int, ...], batched: bool, truth: bool = False, keep: bool = False) -> Named:
        """Room for an array: until the end of the instruction, or with ``keep`` as long as the program."""
        size = int(np.prod(shape))
        if keep:
            made = self.bind(lambda m: np.empty((*shape, m.length) if batched else shape, m.flat.dtype))
            return Named(made, shape, batched, packed=True)
        place = self.scratch
        self.scratch = (place[0], place[1] + size) if batched else (place[0] + size, place[1])
        self.most.append(self.scratch)
        return Named(self.bind(lambda m: m.buffer(place, shape, batched, truth)), shape, batched, True, True)

    # Operands

    def view(self, view: View, tail: bool, adjoint: bool = False, narrow: bool = False) -> Named:
        recipe = lambda m: m.view(view, adjoint, narrow, tail)
        shape = tuple(1 if narrow and s == 0 else n for n, s in zip(view.shape, view.strides, strict=True))
        late = view.memory.startswith(ARGUMENT)
        packed = not late and not narrow and view.is_packed()
        return Named(self.bind(recipe, late), shape, view.memory != FLAT or tail, packed=packed)

    def fetch(self, access: Access, tail: bool, narrow: bool = False) -> Named:
        """An operand to read; a gather is done now, into room of its own, since the reverse reads it again."""
        if isinstance(access, View):
            return self.view(access, tail, narrow=narrow)
        assert isinstance(access, Gather)
        index = self.bind(lambda m: access.index)
        if access.memory.startswith(ARGUMENT):
            room = self.bind(lambda m: np.empty((m.length, len(access.index)), m.flat.dtype))
            self.line(f"take({access.memory}, {index}, 1, {room}, 'clip')")
            recipe = lambda m: m.env[room].T.reshape(*access.shape, m.length)
            shaped = self.bind(recipe)
            self.line(f"# {shaped} is {room}, transposed")
            return Named(shaped, access.shape, True)
        batched = access.memory == BATCH
        room_ = self.buffer((len(access.index),), batched, keep=True)
        self.line(f"take({'B' if batched else 'V'}, {index}, 0, {room_.name}, 'clip')")
        more = (lambda m: (m.length,)) if batched else (lambda m: (1,) * tail)
        return Named(
            self.bind(lambda m: m.env[room_.name].reshape(access.shape + more(m))), access.shape, batched or tail
        )

    def turned(self, array: Named, turn: Callable[[Any], Any]) -> str:
        """A name for another view of an array."""
        return self.bind(lambda m: turn(m.env[array.name]), array.name in self.late)
