"""Both engines give the compiler the same graphs, so that what is made of a graph need be tested on one of them.

The tests of passes, of exports and of what is said of a program are marked ``once`` on the strength of these.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd_tiny
from autograd_tiny import Value, functions
from autograd_tiny.compiler.record.graph import Graph, record
from autograd_tiny.core import constant
from autograd_tiny.table.ops import ROWS

from .test_programs import drawn

ARRAYS = ("codes", "starts", "operands", "numbers", "kinds", "batched", "learns", "position", "roots", "memory")


def digest(graph: Graph) -> str:
    """The graph to the last bit, and the numbers and places of its leaves."""
    found = hashlib.sha256()
    for name in ARRAYS:
        found.update(np.ascontiguousarray(getattr(graph, name)).tobytes())
    found.update(repr([(place, leaf.data) for place, leaf in graph.leaves.items()]).encode())
    found.update(repr([row.name for row in graph.rows]).encode())
    return found.hexdigest()


def digests() -> list[str]:
    """Of the programs drawn from seeds, for one sample and for batches, and of every row, constants among its operands."""
    found = []
    for seed in range(80):
        f, rows, batch = drawn(seed)
        inputs = [Value(x) for x in rows[0]]
        found.append(f"{seed} {digest(record([f(*inputs), inputs[0]], [[x] for x in inputs], batch))}")
    for row in ROWS:
        bounds = row.samples or ((-3.0, 3.0),) * len(row.arguments)
        x, *others = [Value(low + (high - low) * (0.31 + 0.07 * i)) for i, (low, high) in enumerate(bounds)]
        kept = [constant(y.data) if i % 2 else y for i, y in enumerate(others)]
        apply = getattr(functions, row.name)
        root = apply(*[[y, x, 0.25] for y in (x, *kept)]) if row.variadic else apply(x, *kept)
        found.append(f"{row.name} {digest(record([root], [[x]], batch=False))}")
    return found


@pytest.mark.once
def test_the_recordings_of_both_engines_are_the_same_to_the_last_bit() -> None:
    code = f"from {__name__} import digests; print(*digests(), sep='\\n')"
    other = "python" if autograd_tiny.engine == "compiled" else "compiled"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3],
        env={**os.environ, "AUTOGRAD_TINY_ENGINE": other},
    )  # fmt: skip
    if other == "compiled" and "ImportError" in done.stderr:
        pytest.skip("the compiled engine is not built here")
    assert (done.returncode, done.stderr) == (0, "")
    found, expected = done.stdout.splitlines(), digests()
    assert len(found) == len(expected) == 80 + len(ROWS) == len({line.split()[1] for line in expected})
    assert found == expected


def test_a_digest_tells_graphs_apart() -> None:
    x, y = Value(0.5), Value(0.25)
    told = [digest(record([root], [[x]], batch=False)) for root in (x * y, y * x, x + y, x * 0.25, x * y * y)]
    assert len(set(told)) == 5
    assert digest(record([x * y], [[x]], batch=True)) not in told
