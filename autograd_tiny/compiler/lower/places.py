"""Where numbers lie: memory given out as instructions are made.

A leaf gets its place when the first instruction needs it, in that instruction's order: so the weights of a layer lie
as the matrix that the product wants, in whatever order they were made.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> w = [Value(float(i)) for i in range(3)]
>>> graph = record([w[0] * w[1] * w[2]], [], batch=False)
>>> places = Places(graph, {}, [], False, np.zeros(graph.size, np.int64))
>>> places.matrix(np.array([[1], [0]]))
View(memory='flat', offset=0, shape=(2, 1), strides=(1, 0))
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..record.graph import CONSTANT, PARAMETER, Floats, Graph, Ints
from .instructions import Instruction
from .layout import BATCH, FLAT, Access, Gather, Number, View, common, memory_name, pattern


@dataclass
class Places:
    """Where everything lies so far, and the instructions made so far."""

    graph: Graph
    input_place: dict[int, tuple[int, int]]
    """Input -> its argument and its place in it; in a program for one sample, in all of them."""
    input_counts: list[int]
    batch: bool
    height: Ints
    loaded: int = 0
    """How many inputs lie in the memory of the batch, at its beginning, and have adjoints as all there."""
    address: Ints = field(init=False)
    memory: Ints = field(init=False)
    origin: Ints = field(init=False)
    parameters: list[int] = field(default_factory=list)
    constants: list[tuple[Ints, Floats]] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.graph
        self.address = np.full(graph.size, -1, np.int64)
        self.memory = graph.memory
        # What a number comes from: an instruction, from 1 on, or a kind of leaf.
        self.origin = -(graph.kinds + 8 * graph.memory)
        self.uses = np.bincount(graph.operands, minlength=graph.size)
        self.uses[graph.roots] += 1
        self.parameter_count = int((graph.kinds == PARAMETER).sum())
        # After the parameters one place that stays 0: the gradient of those that this program does not use.
        self.flat_size = self.parameter_count + 1 + (0 if self.batch else sum(self.input_counts))
        self.batch_size = self.loaded
        base = 0 if self.batch else self.parameter_count + 1
        if self.input_place:
            self.address[list(self.input_place)] = [base + place for _, place in self.input_place.values()]

    def new(self, nodes: Ints, shape: tuple[int, ...], batched: bool) -> View:
        """A fresh block for ``nodes``, -1 where there is none; its axes lie as the text has them, slowest first."""
        if nodes.ndim > 1:
            axes = self.text_order(nodes)
            turned = nodes.transpose(axes)
            view = self.new(np.ascontiguousarray(turned).reshape(-1), turned.shape, batched)
            strides = dict(zip(axes, view.strides, strict=True))
            return View(view.memory, view.offset, nodes.shape, tuple(strides[i] for i in range(nodes.ndim)))
        size = int(np.prod(shape))
        if batched:
            offset, self.batch_size = self.batch_size, self.batch_size + size
        else:
            offset, self.flat_size = self.flat_size, self.flat_size + size
        flat = nodes.reshape(-1)
        real = flat >= 0
        self.address[flat[real]] = offset + np.flatnonzero(real)
        self.origin[flat[real]] = len(self.instructions) + 1
        steps = np.cumprod([1, *shape[:0:-1]])[::-1]
        return View(BATCH if batched else FLAT, offset, shape, tuple(int(s) for s in steps))

    def text_order(self, nodes: Ints) -> list[int]:
        """The axes of a table of nodes by how far apart in the text neighbours along them are, farthest first."""
        position = np.where(nodes < 0, -1, self.graph.position[nodes])

        def distance(axis: int) -> float:
            if nodes.shape[axis] == 1:
                return np.inf
            a, b = np.moveaxis(position, axis, 0)[:2]
            both = (a >= 0) & (b >= 0)
            return float(np.abs(b - a)[both].mean()) if both.any() else 0.0

        return sorted(range(nodes.ndim), key=lambda axis: -distance(axis))

    def block(self, numbers: Floats) -> int:
        """Constants in a row; the address of the first."""
        offset = self.flat_size
        self.flat_size += len(numbers)
        self.constants.append((np.arange(offset, self.flat_size), numbers))
        return offset

    def addresses(self, ids: Ints) -> Ints:
        """Where the nodes lie; leaves that lie nowhere yet are put one after the other."""
        kinds = self.graph.kinds[ids]
        if (kinds == CONSTANT).all():
            return self.block(self.graph.numbers[ids]) + np.arange(len(ids))
        found = self.address[ids]
        if (found < 0).any():
            homeless = ids[found < 0]
            _, first = np.unique(homeless, return_index=True)
            homeless = homeless[np.sort(first)]
            learned = self.graph.kinds[homeless] == PARAMETER
            weights, others = homeless[learned], homeless[~learned]
            self.address[weights] = len(self.parameters) + np.arange(len(weights))
            self.parameters.extend(weights.tolist())
            if len(others):
                self.address[others] = self.block(self.graph.numbers[others]) + np.arange(len(others))
            found = self.address[ids]
        return found

    def memory_of(self, ids: Ints) -> str:
        return memory_name(int(self.memory[ids.reshape(-1)[0]]))

    def matrix(self, ids: Ints) -> Access:
        """An operand of fixed axes: a view if each axis has one stride."""
        memory = self.memory_of(ids)
        a = self.addresses(ids.reshape(-1)).reshape(ids.shape)
        origin = a[(0,) * a.ndim]
        strides = []
        for axis, size in enumerate(ids.shape):
            place = [0] * a.ndim
            place[axis] = 1
            strides.append(int(a[tuple(place)] - origin) if size > 1 else 0)
        view = View(memory, int(origin), ids.shape, tuple(strides))
        return view if np.array_equal(view.addresses(), a) else Gather(memory, a.reshape(-1), ids.shape)

    def accesses(self, columns: list[Ints], extra: tuple[int, ...] = ()) -> tuple[list[Access], tuple[int, ...]]:
        """Operands of one elementwise instruction, and the shape that their strides agree on."""
        n = len(columns[0])
        found: list[Access | None] = [None] * len(columns)
        patterns, places, offsets = [], [], []
        gathered = []
        for i, ids in enumerate(columns):
            if (self.graph.kinds[ids] == CONSTANT).all() and len(np.unique(ids)) == 1 and not extra:
                found[i] = Number(float(self.graph.numbers[ids[0]]))
                continue
            a = self.addresses(ids)
            axes = pattern(a)
            if axes is None:
                gathered.append((i, a))
            else:
                patterns.append(axes)
                places.append((i, a))
                offsets.append(int(a[0]))
        while (agreed := common(patterns, n, extra)) is None:
            worst = max(range(len(patterns)), key=lambda j: len(patterns[j]))
            gathered.append(places.pop(worst))
            patterns.pop(worst)
            offsets.pop(worst)
        shape = tuple(agreed[0])
        for (i, _), offset, strides in zip(places, offsets, agreed[1], strict=True):
            found[i] = View(self.memory_of(columns[i]), offset, shape, tuple(strides))
        for i, a in gathered:
            found[i] = Gather(self.memory_of(columns[i]), a, shape)
        return [access for access in found if access is not None], shape

    def learning(self, ids: Ints) -> bool:
        return bool(self.graph.learns[ids].any())

    def zero(self, memory: int) -> int | None:
        """A node that is 0 in the memory of that number; None among the inputs, where there is none."""
        if memory == 0:
            return self.graph.zero
        return None


def split_by(nodes: Ints, key: Ints) -> list[Ints]:
    """The nodes by key, each part in the order that they had."""
    if len(nodes) == 1:
        return [nodes]
    kinds, which = np.unique(key, return_inverse=True)
    return [nodes[which == i] for i in range(len(kinds))] if len(kinds) > 1 else [nodes]
