"""Dot products as matrix products: of one length, or made so by zeros, then matched.

>>> from autograd_tiny import Value, compile, dot
>>> w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
>>> program = compile(lambda x, y: [dot(row, [x, y]) for row in w], scalars="never")
>>> program(1.0, 10.0)
[21.0, 43.0]
>>> [instruction.nodes.shape for instruction in program.last.program.instructions]
[(1, 1, 2)]
"""

from __future__ import annotations

import numpy as np

from ..record.graph import CONSTANT, Ints
from ..simplify.schedule import Step
from .instructions import MatrixProduct
from .layout import FLAT, pattern
from .match import Stack, densify, extend, match
from .places import Places, split_by


def dots(places: Places, step: Step) -> None:
    graph = places.graph
    half = graph.counts[step.nodes] // 2
    heads = graph.starts[step.nodes]
    key = places.memory[graph.operands[heads]] * 64 + places.memory[graph.operands[heads + half]]
    for same_memory in split_by(step.nodes, key):
        groups = []
        for nodes in split_by(same_memory, graph.counts[same_memory]):
            starts, k = graph.starts[nodes][:, None], int(graph.counts[nodes[0]]) // 2
            groups.append((graph.operands[starts + np.arange(k)], graph.operands[starts + k + np.arange(k)], nodes))
        if len(groups) > 2:
            groups = extended(places, groups)
        if len(groups) > 2 and (made := densified(places, groups)) is not None:
            groups = [made]
        for left, right, nodes in groups:
            dots_of_one_length(places, step, left, right, nodes)


def extended(places: Places, groups: list[tuple[Ints, Ints, Ints]]) -> list[tuple[Ints, Ints, Ints]]:
    """Dots of several lengths as dots of the longest, if one side's vectors are beginnings of the longest ones."""
    for side in (0, 1):
        full = extend([group[side] for group in groups])
        if full is None:
            continue
        k = full[-1].shape[1]
        padded = []
        for group in groups:
            other = group[1 - side]
            zero = places.zero(int(places.memory[other[0, 0]]))
            if zero is None:
                return groups
            padded.append(np.concatenate([other, np.full((len(other), k - other.shape[1]), zero)], axis=1))
        nodes = np.concatenate([group[2] for group in groups])
        order = np.argsort(places.graph.position[nodes], kind="stable")
        sides = [np.concatenate(full)[order], np.concatenate(padded)[order]]
        return [(sides[side], sides[1 - side], nodes[order])]
    return groups


def densified(places: Places, groups: list[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints] | None:
    """See `match.densify`: the side of the weights is the one to be filled up."""
    zero = places.zero(int(places.memory[groups[0][0][0, 0]]))
    made = None if zero is None else densify(groups, zero, places.address)
    if made is None:
        return None
    left, right, nodes = made
    order = np.argsort(places.graph.position[nodes], kind="stable")
    return left[order], right[order], nodes[order]


def dots_of_one_length(places: Places, step: Step, left: Ints, right: Ints, nodes: Ints) -> None:
    graph = places.graph
    stacks, same, twins = match(left, right, nodes, places.height)
    if any(stack.nodes.shape[1:] == (1, 1) and len(stack.nodes) > 4 for stack in stacks):
        # Perhaps the terms come in another order in each.
        side = left if (graph.kinds[right] == CONSTANT).all() else right
        where = np.where(places.address[side] < 0, side + (1 << 50), places.address[side])
        by = np.argsort(where, axis=1, kind="stable")
        sorted_ = stacks, same, twins
        if not (by == np.arange(left.shape[1])).all():
            sorted_ = match(np.take_along_axis(left, by, 1), np.take_along_axis(right, by, 1), nodes, places.height)
        if _products(sorted_[0]) < _products(stacks):
            stacks, same, twins = sorted_
        elif not (_in_a_row(places, left) and _in_a_row(places, right)):
            made = densified(places, [(left, right, nodes)])
            if made is not None:
                stacks, same, twins = match(*made, places.height)
    for stack in stacks:
        product(places, step, stack)
    places.uses[same] = places.uses[twins] = 2  # the place is not theirs alone: nothing may be computed in it
    places.address[same] = places.address[twins]
    places.origin[same] = places.origin[twins]


def product(places: Places, step: Step, stack: Stack) -> None:
    left_ids, right_ids, table, outer = stack.left, stack.right, stack.nodes, stack.right_is_outer
    if places.memory_of(left_ids) != FLAT and places.memory_of(right_ids) == FLAT:
        left_ids, right_ids, table, outer = right_ids, left_ids, table.transpose(0, 2, 1), not outer
    one_batched = places.memory_of(left_ids) == FLAT != places.memory_of(right_ids)
    both_batched = places.memory_of(left_ids) != FLAT
    transposed = one_batched or (outer and not both_batched)
    learns = (places.learning(left_ids.reshape(-1)), places.learning(right_ids.reshape(-1)))
    left, right = places.matrix(left_ids), places.matrix(right_ids)
    if transposed:
        table = table.transpose(0, 2, 1)
    out = places.new(table, table.shape, step.batched)
    places.instructions.append(MatrixProduct(left, right, learns, out, transposed, table))


def _in_a_row(places: Places, ids: Ints) -> bool:
    """Whether the vectors are views already: then each may be multiplied with its partner as it is."""
    found = places.address[ids].reshape(-1)
    return bool((found >= 0).all()) and pattern(found) is not None


def _products(stacks: list[Stack]) -> int:
    """How many single products of a row and a column there are, each matrix product counted as one."""
    return sum(len(stack.nodes) for stack in stacks)
