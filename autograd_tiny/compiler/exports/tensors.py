"""What an array program is told in: tensors by name, what is read of them, the steps that make them; see `straight`.

>>> import numpy as np
>>> w = Tensor("w", (2, 3))
>>> Read((w,), np.array([[0, 3], [1, 4], [2, 5]])).axes()
(1, 0)
>>> Read((w,), np.array([5, 1])).axes() is None
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from ...core import Value
from ...modes.recording import DETACHED
from ...table.ops import TABLE
from ...table.primitive import Primitive
from ..record.graph import Ints


@dataclass(frozen=True)
class Tensor:
    """A named tensor: a parameter (with its Values), an input, a constant (with its numbers) or a result."""

    name: str
    shape: tuple[int, ...]
    each: bool = False
    """Whether there is one for each sample, along a first axis that ``shape`` does not have."""
    values: tuple[Value, ...] = ()
    numbers: Any = None

    @property
    def size(self) -> int:
        return prod(self.shape)

    def initial(self) -> Any:
        """Of a parameter, the numbers that it had when the program was read."""
        return np.array(self.numbers, np.float64).reshape(self.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        """Numbers travel, the Values that have them stay."""
        return Tensor, (self.name, self.shape, self.each, (), self.numbers)


@dataclass(frozen=True)
class Read:
    """What an operand is: elements ``index``, an array of the operand's shape, of the ``sources`` flattened and put one
    after the other.
    """

    sources: tuple[Tensor, ...]
    index: Ints

    @property
    def source(self) -> Tensor:
        """The first of them, mostly the only one."""
        return self.sources[0]

    @property
    def each(self) -> bool:
        return any(source.each for source in self.sources)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.index.shape

    def axes(self) -> tuple[int | None, ...] | None:
        """If it is the whole of one source with its axes in another order and some repeated: for each of its own axes
        the source's, None for one along which the same numbers are repeated. None if it is anything else.
        """
        source = self.source
        if len(self.sources) > 1:
            return None
        if self.index.size == 0:
            return None
        strides = [prod(source.shape[i + 1 :]) for i in range(len(source.shape))]
        left = {i for i, n in enumerate(source.shape) if n > 1}
        found: list[int | None] = []
        corner = self.index[(0,) * self.index.ndim]
        for axis, n in enumerate(self.shape):
            place = [0] * len(self.shape)
            place[axis] = min(1, n - 1)
            step = int(self.index[tuple(place)] - corner)
            own = next((i for i in sorted(left) if strides[i] == step and source.shape[i] == n and n > 1), None)
            left.discard(-1 if own is None else own)
            found.append(own)
        if left or corner != 0:
            return None
        table = np.zeros(self.shape, np.int64)
        for axis, found_axis in enumerate(found):
            if found_axis is not None:
                steps = np.arange(self.shape[axis]) * strides[found_axis]
                table = table + steps.reshape([-1 if i == axis else 1 for i in range(len(self.shape))])
        return tuple(found) if np.array_equal(table, self.index) else None

    def whole(self) -> bool:
        """Whether it is one source as it stands."""
        return (
            len(self.sources) == 1
            and self.source.shape == self.shape
            and np.array_equal(self.index.reshape(-1), np.arange(self.source.size))
        )


Operand = Read | float


@dataclass(frozen=True)
class Step:
    """One instruction: what it reads, and what it gives.

    ``kind`` is ``"elementwise"``, where all that is read has the shape of the result; ``"reduction"``, where it has an
    axis more, along which ``row`` works; or ``"product"``, the sum over k of two factors whose axes have the letters of
    ``subscripts``, as of einsum.
    """

    kind: str
    row: Primitive
    reads: tuple[Operand, ...]
    learns: tuple[bool, ...]
    result: Tensor
    subscripts: tuple[str, str, str] = ("", "", "")

    def __reduce__(self) -> tuple[Any, ...]:
        """A row of the table travels by its name."""
        return _step_of, (self.kind, self.row.name, self.reads, self.learns, self.result, self.subscripts)


def _step_of(kind: str, row: str, *rest: Any) -> Step:
    known = {**TABLE, DETACHED.name: DETACHED}
    if row not in known:
        raise ValueError(f"this was pickled where a primitive {row!r} was registered: register it here too")
    return Step(kind, known[row], *rest)


@dataclass
class Straight:
    """The program: its tensors, its steps in order, and where the results are."""

    name: str
    inputs: list[Tensor]
    """One for each argument, all its numbers in a row, for each sample."""
    parameters: list[Tensor] = field(default_factory=list)
    constants: list[Tensor] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: Read = Read((), np.zeros(0, np.int64))
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The shape of each input as it is given, for a sample."""
    shared: frozenset[str] = frozenset()
    """The inputs that are given without an axis of samples, the same for all; among the steps they have one."""
    single: bool = True
    """Whether the function gives one number and not several."""

    @property
    def batch(self) -> bool:
        """Whether there are samples."""
        return bool(self.inputs)

    @property
    def counted(self) -> Tensor | None:
        """The input whose length says how many samples there are."""
        return next((tensor for tensor in self.inputs if tensor.name not in self.shared), None)

    @property
    def every_parameter(self) -> list[Value]:
        """The Values of all parameters, tensor by tensor."""
        return [value for tensor in self.parameters for value in tensor.values]
