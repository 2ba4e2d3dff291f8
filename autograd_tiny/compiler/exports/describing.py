"""From a program to its description: the graph of its last recording, operands before what needs them.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0, "w")
>>> program = compile(lambda x, rate: w * x * rate, shared="rate")
>>> program(2.0, 0.5)
3.0
>>> told = describe(program)
>>> told.rows, told.inputs, told.shared
(['mul'], [['x', 'number'], ['rate', 'number']], ['rate'])
"""

from __future__ import annotations

from dataclasses import replace
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Value, data_of
from ...table.ops import TABLE
from ..record.graph import CONSTANT, INPUT, PARAMETER, Graph, Ints, ranges, record
from . import structures
from .description import KNOWN, Description
from .recorded import only_in_python, recorded

if TYPE_CHECKING:
    from ..program import Program
    from ..record.calls import Call


def describe(program: Program) -> Description:
    """The last recording of a program; ``ValueError`` if it has none, ``TypeError`` for what no file can say."""
    told = getattr(program.function, "description", None)
    if program.last is None and isinstance(told, Description):  # it came from elsewhere, and goes on from here
        return replace(told, values=numbers_of(program))
    trace, call, out, inputs, outputs, of_its_own, derived = recorded(program)
    graph = record([*outputs, *derived], inputs, False, of_its_own)
    graph = replace(graph, roots=graph.roots[: len(outputs)])
    program._known.meet(leaf for node, leaf in graph.leaves.items() if graph.kinds[node] == PARAMETER)
    for code in np.unique(graph.codes[graph.kinds > INPUT]).tolist():
        row = graph.rows[code]
        if KNOWN.get(row.name) is row:
            continue
        if row.numerical:
            raise only_in_python(program, row.name)
        why = (
            "a primitive that was registered here: its rule is code" if row.name in TABLE else "an operation of its own"
        )
        raise TypeError(
            f"{program.__name__} uses {row.name!r}, {why}, which no file of ours holds, so it cannot be exported"
        )
    in_a_row = [leaf for mine in inputs for leaf in mine]
    place = {leaf: i for i, leaf in enumerate(in_a_row)}
    given = [*call.arguments, *call.named.values()]
    called = argument_names(program, call)
    arguments = [[name, structures.described(x)] for name, x in zip(called, given, strict=True)]
    rows, kinds, numbers = _coded(graph, program._known.index, place)
    order, starts, operands, roots = _operands_first(graph)
    return Description(
        program.__name__, rows, kinds[order], starts, operands, numbers[order], roots,
        [program.names.get(leaf, leaf.label) for leaf in program.parameters],
        numbers_of(program), arguments, len(call.arguments),
        {i: float(np.concatenate([np.asarray(a).reshape(-1) for a in call.numbers])[i]) for i in trace.indices},
        structures.described(out), [name for name, same in zip(called, shared(program, call), strict=True) if same],
    )  # fmt: skip


def numbers_of(program: Program) -> Any:
    """Those of its parameters now."""
    held = program._known.held
    return np.array(data_of(program.parameters) if held is None else held, np.float64)


def shared(program: Program, call: Call) -> list[bool]:
    """For each argument of a call whether it is the same for all samples of a batch."""
    return [place in program._shared for place in (*range(len(call.arguments)), *call.named)]


def _operands_first(graph: Graph) -> tuple[Ints, Ints, Ints, Ints]:
    """The nodes that are used, leaves and constants first: those that fill a dot stand last in a graph."""
    used = graph.kinds > CONSTANT
    used[graph.operands] = used[graph.roots] = True
    order = np.flatnonzero(used)
    order = order[np.argsort(graph.kinds[order] > INPUT, kind="stable")]
    place = np.full(graph.size, -1)
    place[order] = np.arange(len(order))
    counts = graph.counts[order]
    return (
        order, np.append(0, np.cumsum(counts)), place[graph.operands[ranges(graph.starts[order], counts)]],
        place[graph.roots],
    )  # fmt: skip


def _coded(graph: Graph, parameters: dict[Value, int], inputs: dict[Value, int]) -> tuple[list[str], Any, Any]:
    """The rows that a graph uses, the kind of each node, its number."""
    rows: list[str] = []
    kinds, numbers = np.zeros(graph.size, np.int32), np.zeros(graph.size)
    for code in np.unique(graph.codes[graph.kinds > INPUT]).tolist():
        rows.append(graph.rows[code].name)
        kinds[(graph.codes == code) & (graph.kinds > INPUT)] = 2 + len(rows)
    constant = graph.kinds == CONSTANT
    numbers[constant] = graph.numbers[constant]
    for node, leaf in graph.leaves.items():
        kind = 1 if graph.kinds[node] == PARAMETER else 2
        kinds[node], numbers[node] = kind, (parameters if kind == 1 else inputs)[leaf]
    return rows, kinds, numbers


def argument_names(program: Program, call: Call) -> list[str]:
    """What the function calls its arguments."""
    try:
        parameters = list(signature(program.function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
        elif parameter.kind is Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{i}" for i in range(len(call.arguments) - len(names))]
    names = names[: len(call.arguments)]
    names += [f"argument_{i}" for i in range(len(names), len(call.arguments))]
    names += call.named
    return [name if names.index(name) == i else f"{name}_{i}" for i, name in enumerate(names)]
