"""Graphs with no matrices in them, compiled and not: a wide one, a narrow one, a chain.

Eagerly, the graph is built, differentiated and freed at every call. Where arrays do not pay, a compiled function
replays it node by node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..engines import COMPILED
from ..goals import Goal, times_less, times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Sample, Workload
from .plan import draw_operations, programs, root_of
from .replay import OURS, PASS, differences, eager_note, ran, time_passes

EAGER = "eager"
NODES, LENGTH = 50_000, 100_000
WIDE, NARROW = 2_000, 20

Made = tuple[Callable[[], Any], list[Any], int]
"""A function of no arguments, its parameters, and how many nodes it makes."""


def irregular(nodes: int, window: int) -> Made:
    """The random graph of `plan`, of that size and so many operations side by side."""
    from autograd_tiny import Value

    numbers, operations = draw_operations(nodes - window, window)
    functions = programs(operations, window)
    leaves = [Value(x) for x in numbers]
    return lambda: root_of(leaves, functions, Value.tanh), leaves, nodes


def wide(nodes: int) -> tuple[Callable[[], Any], int]:
    """The same a few dozen operations deep, whatever its size, and run in a loop: a million lines compile slowly."""
    from autograd_tiny import Value
    from autograd_tiny import sum as ad_sum

    window = max(20, nodes // 25)
    numbers, operations = draw_operations(nodes - window, window)
    leaves = [Value(x) for x in numbers]

    def function() -> Any:
        values = list(leaves)
        for kind, i, j in operations:
            a = values[i]
            values.append(a.tanh() if kind == "t" else a + values[j] if kind == "+" else a * values[j])
        return ad_sum(values[-window:])

    return function, nodes - window + 1


def chain() -> Made:
    from autograd_tiny import Value

    leaf = Value(0.5)

    def function() -> Any:
        y = leaf
        for _ in range(LENGTH):
            y = y.tanh()
        return y

    return function, [leaf], LENGTH


def eagerly(make: Callable[[], Made]) -> Sample:
    function, parameters, _ = make()

    def run() -> None:
        for parameter in parameters:
            parameter.grad = 0.0
        function().backward()

    return time_passes(run)


def compiled(make: Callable[[], Made]) -> Sample:
    import autograd_tiny as ad

    function, parameters, _ = make()
    root = function()
    root.backward()
    value, expected = root.data, [parameter.grad for parameter in parameters]
    del root
    program = ad.compile(function, parameters=parameters)
    values, found = program.value_and_grad()
    differ = differences(values, found, value, expected)
    return time_passes(program.value_and_grad, eager=differ, arrays=program.uses_arrays)


def remarks(outcomes: Outcomes) -> list[str]:
    notes = []
    for sample in outcomes[OURS].samples[-1:]:
        notes.append(f"{OURS}: {ran(sample.facts['arrays'])}")
    facts = [sample.facts["eager"] for sample in outcomes[OURS].samples]
    return [*notes, eager_note(OURS, facts)] if facts else notes


def graph_workload(name: str, title: str, make: Callable[[], Made], goal: Goal) -> Workload:
    environment = {**COMPILED.environment, **ONE_THREAD}
    return Workload(
        name=name,
        title=title,
        contenders=[
            Contender(EAGER, lambda: eagerly(make), COMPILED.package, environment),
            Contender(OURS, lambda: compiled(make), COMPILED.package, environment),
        ],
        quantities={PASS: "{:,.0f} µs"},
        peer=EAGER,
        goals=[goal],
        rounds=3,
        notes=remarks,
    )


COMPILED_GRAPHS: Sequence[Workload] = (
    graph_workload(
        "compiled-wide",
        f"Compiled: irregular graph of {NODES:,} nodes, {WIDE:,} side by side",
        lambda: irregular(NODES, WIDE),
        times_less(OURS, PASS, 5, EAGER),
    ),
    graph_workload(
        "compiled-narrow",
        f"Compiled: irregular graph of {NODES:,} nodes, {NARROW} side by side",
        lambda: irregular(NODES, NARROW),
        times_more(OURS, PASS, 1.1, EAGER),
    ),
    graph_workload(
        "compiled-chain", f"Compiled: a chain of {LENGTH:,} tanh", chain, times_more(OURS, PASS, 1.1, EAGER)
    ),
)
