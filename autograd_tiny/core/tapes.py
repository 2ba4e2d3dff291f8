"""A graph as flat arrays, for the compiler: the plain engine's text.

`tape` walks the graph once and numbers its nodes in topological order; `_engine_tape.pxi` is the same in C.

>>> from autograd_tiny.core.value import Value
>>> a, b = Value(2.0), Value(3.0)
>>> codes, starts, parents, numbers, depends, roots, leaves, rows = tape([a * b + a], [b])
>>> [rows[code].name for code in memoryview(codes).cast("i")], memoryview(parents).cast("q").tolist()
(['', '', 'mul', 'add'], [0, 1, 2, 0])
>>> list(depends), roots, leaves == [a, b]
([2, 1, 3, 3], [3], True)
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from ..modes.recording import DETACHED, FLAG, guard_all
from ..modes.recording import INPUT as INPUT_ROW
from ..table.ops import ROWS
from ..table.primitive import CONSTANT, LEAF, Primitive
from .backward import topological_order
from .operands import checked_nodes
from .value import Value

INPUT, PARAMETER, FIXED, FORMER = 1, 2, 4, 8

Tape = tuple[bytes, bytes, bytes, bytes, bytes, list[int], list[Value], list[Primitive]]


def tape(roots: Sequence[Value], inputs: Sequence[Value], fixed: Sequence[Value] = ()) -> Tape:
    """``(codes, starts, parents, numbers, depends, roots, leaves, rows)`` of the graph below ``roots``, as bytes.

    Node i has the primitive ``rows[codes[i]]`` (int32; row 0 is a leaf, 1 a constant) and the parents
    ``parents[starts[i]:starts[i + 1]]`` (int64); ``numbers`` are doubles; ``depends`` has a byte for each, 1 if an
    input lies below and 2 if any other leaf does, but for those that are ``fixed``, which give 4; and 8 for an input of
    another recording. The numbers that fill a dot follow the nodes, as constants.
    """
    roots, inputs, fixed = (checked_nodes(nodes, Value, "tape") for nodes in (roots, inputs, fixed))
    if FLAG.blocks:
        guard_all(roots, "data")
    order = topological_order(*roots)
    rows: list[Primitive] = [LEAF, CONSTANT, *ROWS]
    code_of = {row: code for code, row in enumerate(rows)}
    index = {node: i for i, node in enumerate(order)}
    codes, starts, parents = array("i"), array("q", [0]), array("q")
    numbers, depends = array("d"), bytearray()
    filled: list[float] = []
    leaves: list[Value] = []
    kind_of = {**dict.fromkeys(fixed, FIXED), **dict.fromkeys(inputs, INPUT)}
    for node in order:
        row = node.primitive
        below = 0
        if row is LEAF or row is INPUT_ROW:
            leaves.append(node)
            below = kind_of.get(node, PARAMETER if row is LEAF else FORMER)
            row = LEAF
        code = code_of.get(row)
        if code is None:
            full = next((known for known in ROWS if known.name == row.name), None)
            if full is not None:  # a row whose second vector is filled in: its local derivatives are the numbers
                code = code_of[full]
            else:
                code = code_of[row] = len(rows)
                rows.append(row)
        for parent in node.parents:
            i = index[parent]
            parents.append(i)
            below |= depends[i]
        if rows[code] is not row:
            parents.extend(range(len(order) + len(filled), len(order) + len(filled) + len(node.parents)))
            filled.extend(node.local_derivatives)
        if row is DETACHED:
            below &= INPUT | FORMER
        codes.append(code)
        starts.append(len(parents))
        numbers.append(node._data)
        depends.append(below)
    codes.extend([1] * len(filled))
    numbers.extend(filled)
    starts.extend([len(parents)] * len(filled))
    depends.extend(bytes(len(filled)))
    places = [index[root] for root in roots]
    return codes.tobytes(), starts.tobytes(), parents.tobytes(), numbers.tobytes(), bytes(depends), places, leaves, rows
