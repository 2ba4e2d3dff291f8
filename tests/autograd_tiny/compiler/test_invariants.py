"""Where numbers lie, checked against the graph itself: slots, views and padding, on random programs and causal ones.

The graph that is laid out is interpreted node by node with the rules of the table, and what the array program left in
memory has to be that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, compile, sum, tanh
from autograd_tiny.compiler.lower.instructions import Elementwise, MatrixProduct, Reduction, Segments, Total
from autograd_tiny.compiler.lower.layout import BATCH, FLAT, Number, memory_name
from autograd_tiny.compiler.record.graph import COMPUTED, CONSTANT
from autograd_tiny.compiler.run.array_program import ArrayProgram
from autograd_tiny.table.namespaces import FLOATS

from .test_passes import arrays_of
from .test_programs import SEEDS, drawn
from .test_sharing import attention

pytestmark = pytest.mark.once


def case(seed: int) -> tuple[Callable[..., Any], list[list[float]], bool]:
    """Random programs; every fifth is a causal attention, whose products are filled up."""
    if seed % 5 == 4:
        return attention(2 + seed % 4, 3), [[0.4], [-0.7], [0.2]], seed % 2 == 0
    return drawn(seed)


def run(f: Callable[..., Any], rows: list[list[float]], batch: bool) -> tuple[Any, ArrayProgram, Any]:
    """``f`` compiled and run forward; the program, its arrays, and the binding with the numbers of that call."""
    program = compile(lambda *x: f(*x), scalars="never")
    program(*(np.array(c) for c in zip(*rows, strict=True)), batch=True) if batch else program(*rows[0])
    arrays = arrays_of(program)
    return program, arrays, arrays.bound(len(rows) if batch else 1)


@cache
def ran(seed: int) -> tuple[Any, ArrayProgram, Any]:
    """A case that was run, for all who look at its memory and leave it as it is."""
    return run(*case(seed))


def interpreted(arrays: ArrayProgram) -> dict[int, float]:
    """The number of each node for the first sample: an input has the number with which it was recorded."""
    graph, numbers = arrays.graph, dict[int, float]()
    for node, leaf in graph.leaves.items():
        numbers[node] = leaf.data
    for node in np.flatnonzero(graph.kinds == CONSTANT).tolist():
        numbers[node] = float(graph.numbers[node])
    for root in np.flatnonzero(graph.kinds == COMPUTED).tolist():
        stack = [root]
        while stack:
            node = stack[-1]
            operands = graph.operands[graph.starts[node] : graph.starts[node + 1]].tolist()
            missing = [i for i in operands if i not in numbers]
            if node in numbers or not missing:
                row = graph.rows[graph.codes[stack.pop()]]
                if node not in numbers:
                    numbers[node] = float(row.forward(FLOATS, *row.operands([numbers[i] for i in operands])))
            stack.extend(missing)
    return numbers


def close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b)) + 1e-12


@pytest.mark.parametrize("seed", SEEDS)
def test_every_slot_has_the_number_of_all_nodes_that_are_in_it(seed: int) -> None:
    """Nodes share a slot only if they are equal, tails included, or if one has taken the place of its operand."""
    _, arrays, binding = ran(seed)
    graph, lowering, numbers = arrays.graph, arrays.lowering, interpreted(arrays)
    slots: dict[tuple[int, int], list[int]] = {}
    for node in np.flatnonzero((graph.kinds == COMPUTED) & (lowering.address >= 0)).tolist():
        slots.setdefault((int(lowering.memory[node]), int(lowering.address[node])), []).append(node)
    assert len(slots) > 0 or not (graph.kinds == COMPUTED).any()
    for (memory, address), nodes in slots.items():
        there = binding.memory.batch[address, 0] if memory == 1 else binding.memory.flat[address]
        replaced = {i for n in nodes for i in graph.operands[graph.starts[n] : graph.starts[n + 1]].tolist()}
        assert all(close(numbers[node], there) for node in nodes if node not in replaced)
        assert any(node not in replaced for node in nodes)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_root_has_a_slot_with_its_number(seed: int) -> None:
    f, rows, batch = case(seed)
    own = Value(0.75)

    def several(*x: Any) -> list[Any]:
        y = f(*x)
        return [y, tanh(y), own, x[0], y * own, 2.5, y, f(*x)]

    program, _, _ = run(several, rows, batch)
    for i, row in enumerate(rows if batch else rows[:1]):
        columns = [np.array(c) for c in zip(*rows, strict=True)]
        found = program(*columns, batch=True) if batch else program(*row)
        expected = [getattr(v, "data", v) for v in several(*map(Value, row))]
        np.testing.assert_allclose([v[i] if batch else v for v in found], expected, rtol=1e-9, atol=1e-12)


# Views


def keys(arrays: ArrayProgram, memory: str, addresses: Any) -> list[Any]:
    """What lies at addresses: a constant's number, or the place."""
    constants = {
        address: number
        for block, numbers in arrays.lowering.constants
        for address, number in zip(block.tolist(), numbers.tolist(), strict=True)
    }
    known = constants if memory == FLAT else {}
    return [known.get(a, (memory, a)) for a in np.asarray(addresses).reshape(-1).tolist()]


def node_keys(arrays: ArrayProgram, ids: Any) -> list[Any]:
    """The same for nodes."""
    graph, lowering = arrays.graph, arrays.lowering
    return [
        float(graph.numbers[i]) if graph.kinds[i] == CONSTANT
        else (memory_name(int(lowering.memory[i])), int(lowering.address[i]))
        for i in np.asarray(ids).tolist()
    ]  # fmt: skip


def read(arrays: ArrayProgram, access: Any, count: int) -> list[Any]:
    """What an operand reads, element by element."""
    return [access.value] * count if isinstance(access, Number) else keys(arrays, access.memory, access.addresses())


def vectors_read(arrays: ArrayProgram, instruction: Any) -> Iterator[tuple[int, list[Counter[Any]]]]:
    """Each node of an instruction, and the operands that it is given, in no order."""
    nodes = np.asarray(instruction.nodes)
    if isinstance(instruction, MatrixProduct):
        left, right = instruction.left, instruction.right
        for place in np.ndindex(nodes.shape):
            s, u, v = (place[0], place[2], place[1]) if instruction.transposed else place
            if nodes[place] >= 0:
                a = keys(arrays, left.memory, left.addresses()[s, u])  # type: ignore[union-attr]
                b = keys(arrays, right.memory, right.addresses()[s, v])  # type: ignore[union-attr]
                yield int(nodes[place]), [pairs(a, b)]
    elif isinstance(instruction, Total):
        found = read(arrays, instruction.operand, 0)
        k = len(found) // len(nodes)
        for i, node in enumerate(nodes.tolist()):
            yield node, [Counter(found[i * k : (i + 1) * k])]
    elif isinstance(instruction, Segments):
        found = read(arrays, instruction.operand, 0)
        ends = [*instruction.starts.tolist()[1:], len(found)]
        for node, start, end in zip(nodes.tolist(), instruction.starts.tolist(), ends, strict=True):
            yield node, [Counter(found[start:end])]
    elif isinstance(instruction, Reduction):
        vectors = [read(arrays, vector, 0) for vector in instruction.vectors]
        k = len(vectors[0]) // len(nodes)
        for i, node in enumerate(nodes.tolist()):
            yield node, [Counter(vector[i * k : (i + 1) * k]) for vector in vectors]
    else:
        columns = [read(arrays, access, len(nodes)) for access in instruction.operands]
        for i, node in enumerate(nodes.tolist()):
            yield node, [Counter([column[i]]) for column in columns]


def pairs(a: list[Any], b: list[Any]) -> Counter[Any]:
    """The products of a dot, but for those with a plain 0: a shorter one is filled up with them."""
    return Counter(tuple(sorted(map(str, pair))) for pair in zip(a, b, strict=True) if 0.0 not in pair)


def test_every_view_reads_what_its_nodes_need() -> None:
    """The addresses of a view are those of the operands, node by node; every kind of instruction is among them."""
    seen: Counter[type] = Counter()
    for seed in range(60):
        _, arrays, _ = ran(seed)
        graph = arrays.graph
        for instruction in arrays.instructions:
            seen[type(instruction)] += 1
            for node, found in vectors_read(arrays, instruction):
                row = graph.rows[graph.codes[node]]
                ids = graph.operands[graph.starts[node] : graph.starts[node + 1]]
                if isinstance(instruction, MatrixProduct):
                    half = len(ids) // 2
                    assert found == [pairs(node_keys(arrays, ids[:half]), node_keys(arrays, ids[half:]))]
                else:
                    parts = row.operands(node_keys(arrays, ids))
                    assert found == [Counter(part if row.variadic else [part]) for part in parts]
    assert set(seen) == {Elementwise, MatrixProduct, Total, Segments, Reduction}


# Padding


def sparse(chosen: list[list[int]]) -> Callable[..., Any]:
    """Sums of products of which not every row meets every column."""
    w = [[Value(0.1 * (i + 1) + 0.07 * j) for j in range(3)] for i in range(4)]

    def f(x: Any) -> Any:
        columns = [[(x * (j + 1.0) + k).tanh() for k in range(3)] for j in range(4)]
        return sum([
            sum([p * q for p, q in zip(w[i], columns[j], strict=True)]).exp()
            for i, meets in enumerate(chosen) for j in meets
        ])  # fmt: skip

    return f


@pytest.mark.parametrize("batch", [False, True])
def test_padding_is_finite_and_its_adjoint_is_zero(batch: bool) -> None:
    padded = 0
    cases = [sparse([[0, 1, 3], [1, 2], [0, 2, 3], [1, 3]]), sparse([[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]])]
    for f in [*cases, *(attention(n, 3) for n in (3, 4, 6))]:
        _, arrays, binding = run(f, [[0.4], [-0.7], [0.2]], batch)
        for junk in (np.nan, 1e9):
            binding.memory.flat_adjoint[:] = binding.memory.batch_adjoint[:] = junk
            for instruction in arrays.instructions:  # no number of an earlier call may shine through either
                out = instruction.out
                memory = binding.memory.batch if out.memory == BATCH else binding.memory.flat
                memory[out.addresses().reshape(-1)] = junk
            inputs = [np.array([[0.4], [-0.7], [0.2]])] if batch else [0.4]
            binding.forward(inputs)
            binding.backward()
            for instruction in arrays.instructions:
                if not isinstance(instruction, MatrixProduct):
                    continue
                nobody = instruction.out.addresses()[np.asarray(instruction.nodes) < 0]
                each = instruction.out.memory == BATCH
                values = binding.memory.batch if each else binding.memory.flat
                adjoints = binding.memory.batch_adjoint if each else binding.memory.flat_adjoint
                padded += len(nobody)
                assert np.isfinite(values[nobody]).all() and (np.abs(values[nobody]) < 1e6).all()
                assert (adjoints[nobody] == 0.0).all()
    assert padded > 20, "nothing was filled up"
