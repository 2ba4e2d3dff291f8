"""Whether arrays pay: an estimate of what a call costs either way.

Measured on an EPYC core with numpy 2.4: a line of numpy on a few numbers takes 0.3 to 0.8 µs, a native one a tenth of
that, and 1 ns more for each of many numbers; a number that is gathered, and its gradient that is sent back, 10 ns, or
1.5 where it is a row of one a sample; a multiplication and addition in a matrix product, of three such, 0.2 ns. On the
compiled engine a node that is replayed takes 3 ns, an edge of it 1, and a function of the C library that its rules call
15; on the plain engine 80, 130 and 40.

>>> from autograd_tiny.table.ops import TABLE
>>> library_calls(TABLE["mul"]), library_calls(TABLE["tanh"])
(0, 2)
>>> seconds = 1e-5
>>> deepest(seconds, 500, False) < deepest(seconds * TYPICAL_BATCH, 500, True)
True
>>> fewest_samples(110e-6, 1e-6, 21e-6)
6
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np

from ...core import engine
from ...core.replay import rule_text
from ...table.namespaces.source import LIBRARY as FUNCTIONS
from ...table.primitive import Primitive
from ..record.graph import COMPUTED, Graph
from .instructions import Instruction, MatrixProduct, learns_of, operands_of
from .layout import FLAT, Gather

LINE, CALL = 0.5e-6, 20
ELEMENT, GATHERED, GATHERED_ROW, MULTIPLIED = 1.2e-9, 10e-9, 1.5e-9, 0.2e-9
NODE, EDGE, LIBRARY, SAMPLE = (3e-9, 1.2e-9, 15e-9, 1e-7) if engine == "compiled" else (80e-9, 130e-9, 40e-9, 5e-6)
TYPICAL_BATCH, LARGE_BATCH, SMALL = 64, 4096, 300
"""For a batch of the first size it is asked whether arrays are worth making; of the second, where the graph has so few
operations that making them is nothing. Smaller batches may be replayed all the same."""
DEEPEST = 20_000
"""Steps beyond which even a batch is not compiled: making that many lines takes seconds."""
MARGIN = 0.75
"""Arrays must be estimated at this fraction of the scalars' time, since making them takes ten times as long."""

FEW_STEPS, LEAST_NODES = 500, 100
"""So many steps are compiled in any case; from there on, each is to have so many nodes on average."""
UNORDERED, MANY_NODES = 0.4, 2_000
"""Of a graph of more operations, of which fewer are in order (see `ordered_share`), no arrays are tried."""
PATIENCE, HOPELESS = 0.25, 1.5
"""When a quarter of the work takes arrays half as long again as scalars, the rest is not looked at."""


@dataclass(frozen=True)
class Estimate:
    """Seconds a call, forward and backward, as scalars and as arrays; ``reason`` is a sentence for `explain`."""

    scalars: float
    arrays: float
    reason: str
    story: tuple[str, ...] = ()
    samples: int = 1
    """For a batch of so many."""


@cache
def library_calls(row: Primitive) -> int:
    """How many functions of ``math`` the rules of a primitive call for a node (of vectors none are counted)."""
    if row.variadic or row.numerical:
        return 0
    text = rule_text(row, (True,) * len(row.partials))
    return len(re.findall(rf"\b({'|'.join(FUNCTIONS)})\(", text))


def scalar_seconds(graph: Graph) -> float:
    """What replaying a graph takes for a sample."""
    codes: list[int] = np.bincount(graph.codes[graph.kinds == COMPUTED], minlength=len(graph.rows)).tolist()
    calls = sum(count * library_calls(row) for count, row in zip(codes, graph.rows, strict=True) if count)
    return SAMPLE + sum(codes) * NODE + len(graph.operands) * EDGE + calls * LIBRARY


def deepest(seconds: float, nodes: int, batch: bool, line: float = LINE) -> float:
    """How many steps may there be if arrays are to take no longer? A step is 3 lines at least, the reverse included.

    For one sample a step must also do some work to be worth the millisecond or so that it takes to compile.
    """
    patience = DEEPEST if batch else max(FEW_STEPS, nodes / LEAST_NODES)
    return min(DEEPEST, patience, (seconds * MARGIN + CALL * line) / (3 * line))


def ordered_share(graph: Graph) -> float:
    """Of the operations, how many have their first operand where those before of their kind let one expect it: as far
    behind them, or as far from the last one's. In a network 0.8 and more, in random graphs 0.3 and less: arrays would
    fetch number by number.
    """
    nodes = np.flatnonzero((graph.kinds == COMPUTED) & (graph.counts > 0))
    nodes = nodes[np.argsort(graph.codes[nodes], kind="stable")]
    first = graph.operands[graph.starts[nodes]]
    step, distance = np.diff(first), np.diff(nodes - first)
    expected = (distance[1:] == 0) | (step[1:] == step[:-1])
    return float(expected.mean()) if expected.size else 1.0


def fewest_samples(call: float, each: float, scalars: float) -> int:
    """From which batch on arrays, which take so long a call and for each sample, are no slower than scalars."""
    return ceil(call / (scalars - each)) if scalars > each else sys.maxsize


def line_count(instruction: Instruction) -> int:
    """About how many lines an instruction becomes, forward and reverse."""
    return (
        1 + 2 * sum(learns_of(instruction)) + 3 * sum(isinstance(access, Gather) for access in operands_of(instruction))
    )


def element_seconds(instruction: Instruction) -> tuple[float, float]:
    """What an instruction takes for its numbers, forward and reverse: for what samples share, and for a sample."""
    found = [0.0, 0.0]
    for access in operands_of(instruction):
        if isinstance(access, Gather):
            row = access.memory != FLAT
            found[row] += (GATHERED_ROW if row else GATHERED) * access.index.size
    size = instruction.nodes.size
    each = ELEMENT
    if isinstance(instruction, MatrixProduct):
        each = MULTIPLIED * instruction.left.shape[-1]  # type: ignore[union-attr]
    found[instruction.out.memory != FLAT] += each * size
    return found[0], found[1]


def array_seconds(instructions: Sequence[Instruction], lines: int, line: float = LINE) -> tuple[float, float]:
    """What a call of an array program takes, and what more for each sample of a batch."""
    found = [element_seconds(made) for made in instructions]
    return line * (CALL + lines) + sum(shared for shared, _ in found), sum(each for _, each in found)
