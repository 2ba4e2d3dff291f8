"""From steps to instructions: group, lay out, emit.

Memory is given out as instructions are made. A leaf gets its place when the first instruction needs it, in that
instruction's order: so the weights of a layer lie as the matrix that the product wants, in whatever order they were
made.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..ops import ROWS, TABLE
from .graph import CONSTANT, PARAMETER, Floats, Graph, Ints
from .instructions import Elementwise, Instruction, MatrixProduct, Reduction, Segments, Total
from .layout import BATCH, FLAT, Access, Gather, Number, View, common, memory_name, pattern
from .match import Stack, densify, extend, match
from .schedule import Step, TooNarrow

SMALL_GROUP = 100
"""Groups by origin of fewer nodes than this, on average, cost more as instructions than one gather does."""


@dataclass
class Lowering:
    """The state of `lower`: where everything lies so far."""

    graph: Graph
    input_place: dict[int, tuple[int, int]]
    """Input -> its argument and its place in it; in a program for one sample, in all of them."""
    input_counts: list[int]
    batch: bool
    height: Ints
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
        self.batch_size = 0
        base = 0 if self.batch else self.parameter_count + 1
        for node, (_, place) in self.input_place.items():
            self.address[node] = base + place

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
            for node in homeless[np.sort(first)].tolist():
                if self.graph.kinds[node] == PARAMETER:
                    self.address[node] = len(self.parameters)
                    self.parameters.append(node)
                else:
                    self.address[node] = self.block(self.graph.numbers[[node]])
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

    # One step

    def step(self, step: Step) -> None:
        row = self.graph.rows[step.code]
        if step.code == self.graph.code("dot"):
            self.dots(step)
        elif step.code == self.graph.code("sum"):
            self.totals(step)
        elif row.variadic:
            self.reductions(step)
        else:
            self.elementwise(step)

    def split_by(self, nodes: Ints, key: Ints) -> list[Ints]:
        if len(nodes) == 1:
            return [nodes]
        kinds, which = np.unique(key, return_inverse=True)
        return [nodes[which == i] for i in range(len(kinds))] if len(kinds) > 1 else [nodes]

    def elementwise(self, step: Step) -> None:
        graph = self.graph
        arity = len(graph.rows[step.code].arguments)
        table = graph.operands[graph.starts[step.nodes][:, None] + np.arange(arity)]
        fine = np.zeros(len(step.nodes), np.int64)
        coarse = fine.copy()
        for i in range(arity):
            _, origin = np.unique(self.origin[table[:, i]], return_inverse=True)
            fine = fine * (int(origin.max()) + 1) + origin
            coarse = coarse * 64 + self.memory[table[:, i]]
        groups = len(np.unique(fine))
        key = fine if groups <= 3 or len(step.nodes) >= SMALL_GROUP * groups else coarse
        for nodes in self.split_by(step.nodes, key):
            operands = graph.operands[graph.starts[nodes][:, None] + np.arange(arity)]
            order = self.order(operands)
            self.emit_elementwise(step, nodes[order], [operands[order, i] for i in range(arity)])

    def order(self, operands: Ints) -> Ints:
        """The order of the nodes in which most operands are views: that of the text, or of an operand's addresses."""
        placed = [i for i in range(operands.shape[1]) if (self.address[operands[:, i]] >= 0).all()]
        as_is = np.arange(len(operands))
        best, fewest = as_is, self.gathers(operands, placed, as_is)
        for i in placed:
            if fewest == 0:
                break
            order = np.argsort(self.address[operands[:, i]], kind="stable")
            bad = self.gathers(operands, placed, order)
            if bad < fewest:
                best, fewest = order, bad
        return best

    def gathers(self, operands: Ints, placed: list[int], order: Ints) -> int:
        return sum(pattern(self.address[operands[order, i]]) is None for i in placed)

    def learning(self, ids: Ints) -> bool:
        return bool(self.graph.learns[ids].any())

    def emit_elementwise(self, step: Step, nodes: Ints, columns: list[Ints]) -> None:
        operands, shape = self.accesses(columns)
        learns = tuple(self.learning(ids) for ids in columns)
        out = self.in_place(step, nodes, columns, operands, shape) or self.new(nodes, shape, step.batched)
        self.instructions.append(Elementwise(self.graph.rows[step.code], tuple(operands), learns, out, nodes))

    def in_place(
        self, step: Step, nodes: Ints, columns: list[Ints], operands: list[Access], shape: tuple[int, ...]
    ) -> View | None:
        """The memory of the first operand, if the result can take its place; None if it cannot.

        So a bias is added to the sums of products where they are. Nobody else may need the operand, nor may any
        derivative: that of an addition is 1, and sums and products do not look at their results.
        """
        first = operands[0]
        if self.graph.rows[step.code] not in (TABLE["add"], TABLE["sub"]) or not isinstance(first, View):
            return None
        ids = columns[0]
        made_by = int(self.origin[ids[0]])
        if made_by < 1 or (self.uses[ids] != 1).any() or (self.graph.batched[ids] != step.batched).any():
            return None
        if self.graph.learns[ids].any() != self.graph.learns[nodes].any():
            return None
        if not (np.diff(self.address[ids]) == 1).all() or (self.origin[ids] != made_by).any():
            return None
        maker = self.instructions[made_by - 1]
        if not isinstance(maker, MatrixProduct | Total) and not (
            isinstance(maker, Elementwise) and maker.row in (TABLE["add"], TABLE["sub"])
        ):
            return None
        if any(access == first for access in operands[1:]):
            return None
        self.address[nodes] = self.address[ids]
        self.origin[nodes] = len(self.instructions) + 1
        strides = np.cumprod([1, *shape[:0:-1]])[::-1]
        return View(first.memory, first.offset, shape, tuple(int(s) for s in strides))

    def sorted_terms(self, table: Ints) -> Ints:
        """Each row's operands by address, unplaced ones last: a sum may be taken in any order."""
        key = np.where(self.address[table] < 0, table + (1 << 50), self.address[table])
        return np.take_along_axis(table, np.argsort(key, axis=1, kind="stable"), axis=1)

    def totals(self, step: Step) -> None:
        graph = self.graph
        for group in self.split_by(step.nodes, self.memory[graph.operands[graph.starts[step.nodes]]]):
            counts = graph.counts[group]
            lengths = np.unique(counts)
            if len(lengths) > 2:
                self.segments(step, group, counts)
                continue
            for k in lengths.tolist():
                nodes = group[counts == k]
                table = graph.operands[graph.starts[nodes][:, None] + np.arange(k)]
                self.total(step, nodes, self.sorted_terms(table), k)

    def total(self, step: Step, nodes: Ints, table: Ints, k: int) -> None:
        if (self.address[table] >= 0).all() and pattern(self.address[table].reshape(-1)) is None:
            order = np.argsort(self.address[table[:, 0]], kind="stable")
            nodes, table = nodes[order], table[order]
        learns = self.learning(table.reshape(-1))
        (operand,), shape = self.accesses([table.reshape(-1)], (k,))
        size, inner = 1, 0
        while size < k:
            inner += 1
            size *= shape[-inner]
        if size != k or k == 1:  # an axis of one: it has no place in the shape
            shape, inner = (len(nodes), k), 1
            operand = self.matrix(table)
        out = self.new(nodes, shape[: len(shape) - inner] or (1,), step.batched)
        self.instructions.append(Total(operand, inner, learns, out, nodes))

    def segments(self, step: Step, nodes: Ints, counts: Ints) -> None:
        graph = self.graph
        nodes, counts = nodes[order := np.argsort(graph.position[nodes], kind="stable")], counts[order]
        from .graph import ranges

        ids = graph.operands[ranges(graph.starts[nodes], counts)]
        (operand,), _ = self.accesses([ids], (1,))
        if not (isinstance(operand, View) and len(operand.shape) == 1):
            operand = Gather(
                self.memory_of(ids),
                self.address[ids] if isinstance(operand, Number) else operand.addresses().reshape(-1),
                (len(ids),),
            )
        out = self.new(nodes, (len(nodes),), step.batched)
        starts = np.cumsum(counts) - counts
        row = graph.rows[step.code]
        self.instructions.append(Segments(row, operand, self.learning(ids), starts, out, nodes))

    def reductions(self, step: Step) -> None:
        """Vectors of one length as a matrix; of several, one after the other, if there is one to a node."""
        graph = self.graph
        row, counts = graph.rows[step.code], graph.counts[step.nodes]
        if len(row.arguments) > 1 or len(np.unique(counts)) <= 2:
            for nodes in self.split_by(step.nodes, counts):
                self.reduction(step, nodes)
            return
        for nodes in self.split_by(step.nodes, self.memory[graph.operands[graph.starts[step.nodes]]]):
            self.segments(step, nodes, graph.counts[nodes])

    def reduction(self, step: Step, group: Ints) -> None:
        graph = self.graph
        row = graph.rows[step.code]
        k = int(graph.counts[group[0]]) // len(row.arguments)
        heads = graph.starts[group][:, None] + np.arange(len(row.arguments)) * k
        key = (self.memory[graph.operands[heads]] * 64 ** np.arange(len(row.arguments))).sum(axis=1)
        for nodes in self.split_by(group, key):
            vectors, learns = [], []
            for i in range(len(row.arguments)):
                table = graph.operands[graph.starts[nodes][:, None] + i * k + np.arange(k)]
                if row in ROWS and len(row.arguments) == 1:  # of those in the table the order does not matter
                    table = self.sorted_terms(table)
                vectors.append(self.matrix(table))
                learns.append(self.learning(table.reshape(-1)))
            out = self.new(nodes, (len(nodes),), step.batched)
            self.instructions.append(Reduction(row, tuple(vectors), tuple(learns), out, nodes))

    def dots(self, step: Step) -> None:
        graph = self.graph
        half = graph.counts[step.nodes] // 2
        heads = graph.starts[step.nodes]
        key = self.memory[graph.operands[heads]] * 64 + self.memory[graph.operands[heads + half]]
        for same_memory in self.split_by(step.nodes, key):
            groups = []
            for nodes in self.split_by(same_memory, graph.counts[same_memory]):
                starts, k = graph.starts[nodes][:, None], int(graph.counts[nodes[0]]) // 2
                groups.append((graph.operands[starts + np.arange(k)], graph.operands[starts + k + np.arange(k)], nodes))
            if len(groups) > 2:
                groups = self.extended(groups)
            if len(groups) > 2 and (made := self.densified(groups)) is not None:
                groups = [made]
            for left, right, nodes in groups:
                self.dots_of_one_length(step, left, right, nodes)

    def extended(self, groups: list[tuple[Ints, Ints, Ints]]) -> list[tuple[Ints, Ints, Ints]]:
        """Dots of several lengths as dots of the longest, if one side's vectors are beginnings of the longest ones."""
        for side in (0, 1):
            full = extend([group[side] for group in groups])
            if full is None:
                continue
            k = full[-1].shape[1]
            padded = []
            for group in groups:
                other = group[1 - side]
                zero = self.zero(int(self.memory[other[0, 0]]))
                if zero is None:
                    return groups
                padded.append(np.concatenate([other, np.full((len(other), k - other.shape[1]), zero)], axis=1))
            nodes = np.concatenate([group[2] for group in groups])
            order = np.argsort(self.graph.position[nodes], kind="stable")
            sides = [np.concatenate(full)[order], np.concatenate(padded)[order]]
            return [(sides[side], sides[1 - side], nodes[order])]
        return groups

    def densified(self, groups: list[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints] | None:
        """See `match.densify`: the side of the weights is the one to be filled up."""
        zero = self.zero(int(self.memory[groups[0][0][0, 0]]))
        return None if zero is None else densify(groups, zero)

    def zero(self, memory: int) -> int | None:
        """A node that is 0 in the memory of that number; None among the inputs, where there is none."""
        if memory == 0:
            return self.graph.zero
        return None

    def dots_of_one_length(self, step: Step, left: Ints, right: Ints, nodes: Ints) -> None:
        graph = self.graph
        stacks, same, twins = match(left, right, nodes, self.height)
        if any(stack.nodes.shape[1:] == (1, 1) and len(stack.nodes) > 4 for stack in stacks):
            # Perhaps the terms come in another order in each.
            side = left if (graph.kinds[right] == CONSTANT).all() else right
            where = np.where(self.address[side] < 0, side + (1 << 50), self.address[side])
            by = np.argsort(where, axis=1, kind="stable")
            sorted_ = match(np.take_along_axis(left, by, 1), np.take_along_axis(right, by, 1), nodes, self.height)
            if _products(sorted_[0]) < _products(stacks):
                stacks, same, twins = sorted_
            elif (made := self.densified([(left, right, nodes)])) is not None:
                stacks, same, twins = match(*made, self.height)
        for stack in stacks:
            self.product(step, stack)
        self.uses[same] = self.uses[twins] = 2  # the place is not theirs alone: nothing may be computed in it
        self.address[same] = self.address[twins]
        self.origin[same] = self.origin[twins]

    def product(self, step: Step, stack: Stack) -> None:
        left_ids, right_ids, table, outer = stack.left, stack.right, stack.nodes, stack.right_is_outer
        if self.memory_of(left_ids) != FLAT and self.memory_of(right_ids) == FLAT:
            left_ids, right_ids, table, outer = right_ids, left_ids, table.transpose(0, 2, 1), not outer
        one_batched = self.memory_of(left_ids) == FLAT != self.memory_of(right_ids)
        both_batched = self.memory_of(left_ids) != FLAT
        transposed = one_batched or (outer and not both_batched)
        learns = (self.learning(left_ids.reshape(-1)), self.learning(right_ids.reshape(-1)))
        left, right = self.matrix(left_ids), self.matrix(right_ids)
        if transposed:
            table = table.transpose(0, 2, 1)
        out = self.new(table, table.shape, step.batched)
        self.instructions.append(MatrixProduct(left, right, learns, out, transposed, table))


def lower(
    graph: Graph,
    steps: list[Step],
    input_place: dict[int, tuple[int, int]],
    input_counts: list[int],
    batch: bool,
    height: Ints,
    most: float = np.inf,
) -> Lowering:
    """The instructions for ``steps``, and where their numbers lie; `TooNarrow` if they become more than ``most``."""
    lowering = Lowering(graph, input_place, input_counts, batch, height)
    for step in steps:
        lowering.step(step)
        if len(lowering.instructions) > most:
            raise TooNarrow(len(steps))
    rest = np.flatnonzero((graph.kinds == PARAMETER) & (lowering.address < 0))
    if len(rest):
        lowering.addresses(rest)
    for root in graph.roots.tolist():
        if lowering.address[root] < 0:
            lowering.address[root] = lowering.addresses(np.array([root]))[0]
    return lowering


def _products(stacks: list[Stack]) -> int:
    """How many single products of a row and a column there are, each matrix product counted as one."""
    return sum(len(stack.nodes) for stack in stacks)
