"""The random graph as a plan, drawn once from a fixed seed, so that no contender's time includes the drawing.

200 leaves, then 30,000 operations, ``+``, ``*`` and ``tanh`` equally often, on operands drawn from the last 200
values; at the end the last 200 are added up. Two rules keep it an honest piece of work:

- a value that nobody has used is used before it drops out of the last 200, so that backward reaches every node
  (drawing freely leaves a third of them unreached);
- a result outside 0.1 … 4 in size is drawn again. Without this the numbers either overflow (micrograd then goes
  on with inf, we raise) or shrink until every gradient is exactly 0, which is no check at all and would flatter
  us, since we send no zeros on.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import tanh
from random import Random
from typing import Any, NamedTuple

from ..kits import Kit

LEAVES = WINDOW = 200
OPERATIONS = 30_000
NODES = LEAVES + OPERATIONS + WINDOW - 1
SEED = 20


class Plan(NamedTuple):
    """The numbers of the leaves, and (operation, left operand, right operand) with operands as indices."""

    leaves: list[float]
    operations: list[tuple[str, int, int]]


def draw() -> Plan:
    """The plan; the same on every call."""
    random = Random(SEED)
    leaves = [random.uniform(0.5, 2.0) * random.choice((-1, 1)) for _ in range(LEAVES)]
    numbers, operations, used = list(leaves), [], set[int]()
    for oldest in range(OPERATIONS):  # the window is oldest … oldest + 199
        size = 0.0
        while not 0.1 <= size <= 4.0:
            operation = random.choice("+*t")
            i = random.randrange(oldest, oldest + WINDOW) if oldest in used else oldest
            j = random.randrange(oldest, oldest + WINDOW)
            a, b = numbers[i], numbers[j]
            number = a + b if operation == "+" else a * b if operation == "*" else tanh(a)
            size = abs(number)
        used.update((i,) if operation == "t" else (i, j))
        numbers.append(number)
        operations.append((operation, i, j))
    return Plan(leaves, operations)


def build(kit: Kit, plan: Plan) -> tuple[Sequence[Any], Any]:
    """The leaves and the root of the plan's graph, made with ``kit``."""
    values = kit.leaves(plan.leaves)
    append, tanh_of = values.append, kit.tanh
    for operation, i, j in plan.operations:
        if operation == "+":
            append(values[i] + values[j])
        elif operation == "*":
            append(values[i] * values[j])
        else:
            append(tanh_of(values[i]))
    root = values[-WINDOW]
    for value in values[1 - WINDOW :]:
        root = root + value
    return values[:LEAVES], root
