"""Whether arrays pay: an estimate of what a call costs either way.

Measured on an EPYC core with numpy 2.4: a line of numpy on a few numbers takes 0.6 to 1 µs. A node costs 60 ns to
build, differentiate and free on the compiled engine, 2 µs on the plain one, an edge of a dot 3 and 100 ns.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core import engine

LINE, CALL = 0.8e-6, 12e-6
NODE, EDGE = (60e-9, 3e-9) if engine == "compiled" else (2e-6, 100e-9)
TYPICAL_BATCH = 16
"""The size of batch that is assumed when a program is made, before any has been seen."""
DEEPEST = 20_000
"""Steps beyond which even a batch is not compiled: making that many lines takes seconds."""


@dataclass(frozen=True)
class Estimate:
    """Seconds a call, forward and backward, as scalars and as arrays; ``reason`` is a sentence for `explain`."""

    scalars: float
    arrays: float
    reason: str
    story: tuple[str, ...] = ()


def scalar_seconds(nodes: int, edges: int, batch: bool) -> float:
    return (nodes * NODE + edges * EDGE) * (TYPICAL_BATCH if batch else 1)


def deepest(seconds: float) -> float:
    """How many steps may there be if arrays are to take no longer? A step is 3 lines at least, the reverse included."""
    return min(DEEPEST, (seconds + CALL) / (3 * LINE))
