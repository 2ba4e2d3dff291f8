"""Whether arrays pay: an estimate of what a call costs either way.

Measured on an EPYC core with numpy 2.4: a line of numpy on a few numbers takes 0.6 to 1 µs. A node costs 60 ns to
build, differentiate and free on the compiled engine, and the Python that asks for it another 200 to 500, of which the
least is counted here; 2 µs on the plain engine; an edge of a dot 3 and 100 ns.

>>> deepest(scalar_seconds(500, 0, batch=True), 500, True) > deepest(scalar_seconds(500, 0, batch=False), 500, False)
True
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core import engine

LINE, CALL = 0.8e-6, 12e-6
NODE, EDGE = (200e-9, 3e-9) if engine == "compiled" else (2e-6, 100e-9)
TYPICAL_BATCH = 16
"""The size of batch that is assumed when a program is made, before any has been seen."""
DEEPEST = 20_000
"""Steps beyond which even a batch is not compiled: making that many lines takes seconds."""


FEW_STEPS, LEAST_NODES = 500, 100
"""So many steps are compiled in any case; from there on, each is to have so many nodes on average."""


@dataclass(frozen=True)
class Estimate:
    """Seconds a call, forward and backward, as scalars and as arrays; ``reason`` is a sentence for `explain`."""

    scalars: float
    arrays: float
    reason: str
    story: tuple[str, ...] = ()


def scalar_seconds(nodes: int, edges: int, batch: bool) -> float:
    return (nodes * NODE + edges * EDGE) * (TYPICAL_BATCH if batch else 1)


def deepest(seconds: float, nodes: int, batch: bool) -> float:
    """How many steps may there be if arrays are to take no longer? A step is 3 lines at least, the reverse included.

    For one sample a step must also do some work to be worth the millisecond or so that it takes to compile.
    """
    patience = DEEPEST if batch else max(FEW_STEPS, nodes / LEAST_NODES)
    return min(DEEPEST, patience, (seconds + CALL) / (3 * LINE))
