"""How a compiled program is timed and checked: what the workloads of the compiler share.

The program is made before the clock starts, and the notes say how long that took. Parameters are in an array, as
during training. Values and gradients are compared with those of the graph itself, evaluated eagerly in the same
process: hand-written numpy adds up in another order, and its derivatives are other formulas.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from ..agreement import agreement, relative_difference
from ..engines import COMPILED, MICROGRAD, TORCH
from ..goals import Goal
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload
from ..peers import array_nets

PASS = "forward + backward"
NUMPY, OURS, PYTORCH = "numpy", "compiled", "PyTorch"
ENOUGH = 0.25
"""Seconds of passes in a child."""
SLOW = 0.2
"""A pass that takes this long is timed at once, with no untimed one after the first."""
EAGER_LIMIT = 1e-12
"""Of the difference from the eager gradients, relative to the largest of them."""
NUMPY_LIMIT = 1e-8
"""Of gradients by hand, some of which are differences of near equals."""


def time_passes(run: Callable[[], Any], **facts: Any) -> Sample:
    """Microseconds a pass: the median of a quarter of a second of them, after two untimed ones."""
    start = perf_counter()
    run()
    if perf_counter() - start < SLOW:
        run()
    gc.collect()
    took: list[float] = []
    while sum(took) < ENOUGH:
        start = perf_counter()
        run()
        took.append(perf_counter() - start)
    return Sample({PASS: median(took) * 1e6}, facts)


def ours(function: Callable[..., Any], parameters: list[Any], inputs: tuple[Any, ...], batch: bool) -> Sample:
    """A compiled function on its inputs; gradients in the order of ``parameters``."""
    import autograd_tiny as ad

    value, expected, nodes = eager(function, parameters, inputs, batch)
    program = ad.compile(function, parameters=parameters)
    start = perf_counter()
    values, found = program.value_and_grad(*inputs, batch=batch)
    compiling = perf_counter() - start
    mean = float(values.mean()) if batch else float(values)
    with program.hold():
        return time_passes(
            lambda: program.flat_value_and_grad(*inputs, batch=batch),
            gradients=found, seconds=compiling, nodes=nodes, eager=differences(mean, found, value, expected),
            arrays=program.uses_arrays,
        )  # fmt: skip


def eager(
    function: Callable[..., Any], parameters: list[Any], inputs: tuple[Any, ...], batch: bool
) -> tuple[float, list[float], int]:
    """The value and gradients by `backward`, the mean over a batch, and the nodes of one sample's graph."""
    from autograd_tiny.core import topological_order

    count = len(inputs[0]) if batch else 1
    for parameter in parameters:
        parameter.grad = 0.0
    total, nodes = 0.0, 0
    for i in range(count):
        graph = function(*[x[i].tolist() if batch else x for x in inputs])
        graph.backward()
        total += graph.data
        nodes = nodes or len(topological_order(graph))
    gradients = [parameter.grad / count for parameter in parameters]
    for parameter in parameters:
        parameter.grad = 0.0
    return total / count, gradients, nodes


def differences(value: float, found: Sequence[float], other: float, expected: Sequence[float]) -> dict[str, float]:
    """How far value and gradients are from the eager ones: relative to the largest, and each to itself."""
    largest = max(map(abs, expected))
    each = [relative_difference(a, b) for a, b in zip(found, expected, strict=True)]
    worst = max(abs(a - b) for a, b in zip(found, expected, strict=True)) / largest
    return {
        "value": relative_difference(value, other),
        "largest": worst,
        "each": max(each),
        "over": sum(x > EAGER_LIMIT for x in each),
        "zeros": sum(b == 0.0 for b in expected),
        "count": len(expected),
    }


def by_arrays(run: array_nets.Pass, ordered: Callable[[Sequence[Any]], list[float]]) -> Sample:
    """A peer's pass; ``ordered`` puts its gradients in our order."""
    found = ordered(run()[1])
    return time_passes(run, gradients=found)


def flat(arrays: Sequence[Any]) -> list[float]:
    """A layer's gradients neuron by neuron, weights then bias: weights and biases come in turn."""
    numbers: list[float] = []
    for weights, biases in zip(arrays[::2], arrays[1::2], strict=True):
        for row, bias in zip(weights, biases, strict=True):
            numbers += [*row.tolist(), float(bias)]
    return numbers


def in_rows(arrays: Sequence[Any]) -> list[float]:
    """The numbers of each array in turn, row by row."""
    return [x for array in arrays for x in array.reshape(-1).tolist()]


def weights_of(model: Any) -> list[Any]:
    """A model's weights as arrays, neurons by inputs, and its biases, in turn."""
    import numpy as np

    found: list[Any] = []
    for layer in model.layers:
        found.append(np.array([[w.data for w in neuron.w] for neuron in layer.neurons]))
        found.append(np.array([neuron.b.data for neuron in layer.neurons]))
    return found


def remarks(outcomes: Outcomes) -> list[str]:
    """Compile times, and how far gradients are from the eager ones and from the peer's."""
    notes = []
    for name, outcome in outcomes.items():
        facts = [sample.facts for sample in outcome.samples if "seconds" in sample.facts]
        if facts:
            spent = median(fact["seconds"] for fact in facts)
            notes.append(
                f"{name}: {facts[0]['nodes']:,} scalar nodes; {spent * 1e3:.1f} ms to record, compile and run once, "
                f"{spent * 1e6 / facts[0]['nodes']:.2f} µs a node. {ran(facts[0]['arrays'])}"
            )
            notes.append(eager_note(name, [fact["eager"] for fact in facts]))
    return [*notes, *agreement(outcomes, "gradients", NUMPY, dict.fromkeys(outcomes, NUMPY_LIMIT))]


def ran(arrays: bool) -> str:
    """What `compile` chose."""
    return f"It {'ran array instructions' if arrays else 'was replayed node by node'}."


def eager_note(name: str, facts: Sequence[dict[str, float]]) -> str:
    """A sentence on `differences`, the worst of all rounds."""
    worst = {key: max(fact[key] for fact in facts) for key in facts[0]}
    mostly = worst["zeros"] < worst["count"] / 2
    verdict = "reached" if max(worst["largest"], worst["value"]) <= EAGER_LIMIT and mostly else "NOT reached"
    few = (
        f", {worst['over']:,} of them by more than {EAGER_LIMIT:g}: sums whose terms nearly cancel"
        if worst["over"]
        else ""
    )
    return (
        f"{name} and eager: the value differs by {worst['value']:.1e}, the {worst['count']:,} gradients "
        f"({worst['zeros']:,} of them zero) by at most {worst['largest']:.1e} relative to the largest; asked for "
        f"{EAGER_LIMIT:g}: {verdict}. Each relative to itself: {worst['each']:.1e} at most{few}."
    )


def workload(
    name: str, title: str, runs: dict[str, Callable[[], Sample]], goals: Sequence[Goal], rounds: int = 3
) -> Workload:
    """A workload of passes; numpy is the peer."""
    package = {NUMPY: Package("numpy", "numpy"), PYTORCH: TORCH.package, MICROGRAD.name: MICROGRAD.package}
    environment = {**COMPILED.environment, **ONE_THREAD}
    return Workload(
        name=name,
        title=title,
        contenders=[Contender(key, run, package.get(key), environment) for key, run in runs.items()],
        quantities={PASS: "{:,.1f} µs"},
        peer=NUMPY,
        goals=goals,
        rounds=rounds,
        notes=remarks,
    )
