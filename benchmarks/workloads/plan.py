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

from collections.abc import Callable, Sequence
from math import tanh
from random import Random
from typing import Any, NamedTuple

from ..kits import Kit

LEAVES = WINDOW = 200
OPERATIONS = 30_000
NODES = LEAVES + OPERATIONS + WINDOW - 1
SEED = 20
BATCH = 1_000
"""About so many operations a function: one of 30,000 lines made tracemalloc, which looks its lines up, take 30 s. A
whole number of windows, so that every function finds value 0 of its window in ``v0``."""

Operation = tuple[str, int, int]
"""``+``, ``*`` or ``t``, and its operands by their place among all values; a tanh has no use for the second."""


Program = Callable[[Sequence[Any], Callable[[Any], Any]], Sequence[Any]]
"""From the last 200 values and a tanh to the 200 that are last some operations later."""


class Plan(NamedTuple):
    """The numbers of the leaves, and the operations on them as programs to run one after the other."""

    leaves: list[float]
    programs: list[Program]


def draw() -> Plan:
    """The plan; the same on every call."""
    leaves, operations = draw_operations(OPERATIONS, WINDOW)
    return Plan(leaves, programs(operations, WINDOW))


def draw_operations(count: int, window: int) -> tuple[list[float], list[Operation]]:
    """The numbers of ``window`` leaves, and ``count`` operations; the same on every call."""
    random = Random(SEED)
    leaves = [random.uniform(0.5, 2.0) * random.choice((-1, 1)) for _ in range(window)]
    numbers, operations, used = list(leaves), list[Operation](), set[int]()
    for oldest in range(count):  # the window is oldest … oldest + 199
        size = 0.0
        while not 0.1 <= size <= 4.0:
            operation = random.choice("+*t")
            i = random.randrange(oldest, oldest + window) if oldest in used else oldest
            j = random.randrange(oldest, oldest + window)
            a, b = numbers[i], numbers[j]
            number = a + b if operation == "+" else a * b if operation == "*" else tanh(a)
            size = abs(number)
        used.update((i,) if operation == "t" else (i, j))
        numbers.append(number)
        operations.append((operation, i, j))
    return leaves, operations


def programs(operations: Sequence[Operation], window: int) -> list[Program]:
    """The operations as functions to run one after the other."""
    batch = window * max(1, BATCH // window)
    return [_program(operations[start : start + batch], window) for start in range(0, len(operations), batch)]


def _program(operations: Sequence[Operation], window: int) -> Program:
    """The operations as lines of Python, such as ``v3 = v17 * v4``, compiled.

    A loop over them, which unpacks, compares and looks up, took 57 ns a node where the numbers are floats; these
    lines take 20, and what is left is the engine's. The last 200 values are all that is in use, so 200 names do.
    """
    names = [f"v{i}" for i in range(window)]
    lines = [f"{', '.join(names)} = values"]
    for place, (operation, i, j) in enumerate(operations):
        a, b, result = names[i % window], names[j % window], names[place % window]
        lines.append(f"{result} = tanh({a})" if operation == "t" else f"{result} = {a} {operation} {b}")
    lines.append(f"return {', '.join(names)}")
    scope: dict[str, Any] = {}
    exec("def program(values, tanh):\n    " + "\n    ".join(lines), scope)
    return scope["program"]  # type: ignore[no-any-return]


def build(kit: Kit, plan: Plan) -> tuple[list[Any], Any]:
    """The leaves and the root of the plan's graph, made with ``kit``."""
    leaves = kit.leaves(plan.leaves)
    return leaves, root_of(leaves, plan.programs, kit.tanh)


def root_of(leaves: Sequence[Any], programs: Sequence[Program], tanh: Callable[[Any], Any]) -> Any:
    """The sum of the last values."""
    values: Sequence[Any] = leaves
    for program in programs:
        values = program(values, tanh)
    root = values[0]
    for value in values[1:]:
        root = root + value
    return root
