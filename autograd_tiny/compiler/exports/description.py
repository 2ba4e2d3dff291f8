"""A recorded function as data: what stands in a program's file, and what a pickled program is.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0, "w")
>>> program = compile(lambda x: w * x)
>>> program(2.0)
6.0
>>> told = describe(program)
>>> again = Description.from_text(told.text())
>>> [row.name for row in again.graph_rows()], again.names, again.inputs
(['mul'], ['w'], [['x', 'number']])

The graph is that of the scalars, as the function left it: node by node a row's name and its operands, earlier nodes.
Whoever reads the file compiles it again with the passes that are there, so that a file does not age with them.
Numbers are base64 of little-endian doubles and integers; nothing in a file is ever evaluated.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from hashlib import sha256
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Value, data_of
from ...errors import shorten
from ...table.ops import ROWS, TABLE
from ...table.primitive import Primitive
from ..record.graph import CONSTANT, INPUT, PARAMETER, Graph, Ints, ranges, record
from . import structures
from .recorded import only_in_python, recorded

if TYPE_CHECKING:
    from ..program import Program

VERSION = 1
FORMAT = "autograd_tiny program"
LEAVES = ("constant", "parameter", "input")
ROW_NAMES = {row.name for row in ROWS}
MOST_PARTS = 1 << 24


@dataclass(frozen=True)
class Description:
    """The nodes in topological order, each with its kind: 0 constant, 1 parameter, 2 input, 3 + i row ``rows[i]``."""

    name: str
    rows: list[str]
    kinds: Any
    starts: Any
    operands: Any
    numbers: Any
    """Of a constant its number; of a parameter and an input, which one it is; of the rest 0."""
    roots: Any
    names: list[str]
    """What the parameters are called: labels, or nothing."""
    values: Any
    """The numbers of the parameters."""
    inputs: list[Any]
    """The name and structure of each argument."""
    positional: int
    """So many of them were given by position."""
    fixed: dict[int, float]
    """Which inputs the function took for whole numbers to index with, and what they were."""
    result: Any
    """The structure of the result."""

    def graph_rows(self) -> list[Primitive]:
        """The rows that it uses."""
        return [TABLE[name] for name in self.rows]

    def text(self) -> str:
        """As JSON."""
        return json.dumps(
            _signed({
                "format": FORMAT, "version": VERSION, "name": self.name, "rows": self.rows,
                "kinds": _packed(self.kinds, "<i4"), "starts": _packed(self.starts, "<i8"),
                "operands": _packed(self.operands, "<i8"), "numbers": _packed(self.numbers, "<f8"),
                "roots": _packed(self.roots, "<i8"), "parameters": self.names, "values": _packed(self.values, "<f8"),
                "inputs": self.inputs, "positional": self.positional,
                "indices": [[i, n] for i, n in self.fixed.items()], "result": self.result,
            }),
            indent=1,
        )  # fmt: skip

    @classmethod
    def from_text(cls, text: str | bytes) -> Description:
        """What `text` wrote; ``ValueError`` that says what is wrong with anything else."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"no program: not JSON ({error})") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"no program: expected a file whose format is {FORMAT!r}")
        if data.get("version") != VERSION:
            raise ValueError(
                f"a program of version {shorten(data.get('version'))}: this autograd_tiny reads version {VERSION}"
            )
        try:
            if data.get("checksum") != _signed(data)["checksum"]:
                raise ValueError("its checksum is not that of what stands in it")
            return _checked(data)
        except KeyError as missing:
            raise ValueError(f"a damaged program: it has no {missing}") from None
        except (TypeError, ValueError, OverflowError, RecursionError, binascii.Error) as error:
            raise ValueError(f"a damaged program: {error}") from None


def _signed(data: dict[str, Any]) -> dict[str, Any]:
    """The data with the checksum of all the rest: a number that was changed on the way is not a program's."""
    rest = {key: data[key] for key in sorted(data) if key != "checksum"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return {**data, "checksum": sha256(text.encode()).hexdigest()}


def _packed(numbers: Any, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, kind).tobytes()).decode()


def _unpacked(text: Any, kind: str) -> Any:
    if not isinstance(text, str):
        raise ValueError(f"{shorten(text)} where numbers were expected")
    return np.frombuffer(base64.b64decode(text, validate=True), kind).astype(np.dtype(kind).newbyteorder("="))


def _texts(data: Any, what: str) -> list[str]:
    if not isinstance(data, list) or not all(map(structures.is_text, data)):
        raise ValueError(f"its {what} are {shorten(data)}: expected a list of names")
    return data


def _checked(data: dict[str, Any]) -> Description:
    """The description in a file of anybody's: every index within its bounds, every row with as many operands as it
    takes.
    """
    rows, names = _texts(data["rows"], "rows"), _texts(data["parameters"], "parameters")
    unknown = [name for name in rows if name not in ROW_NAMES]
    if unknown:
        raise ValueError(f"it uses the primitive {shorten(unknown[0])}, which this autograd_tiny does not have")
    kinds, starts = _unpacked(data["kinds"], "<i4"), _unpacked(data["starts"], "<i8")
    operands, numbers = _unpacked(data["operands"], "<i8"), _unpacked(data["numbers"], "<f8")
    roots, values = _unpacked(data["roots"], "<i8"), _unpacked(data["values"], "<f8")
    size = len(kinds)
    if len(numbers) != size or len(starts) != size + 1 or len(values) != len(names):
        raise ValueError("its parts are of different lengths")
    if not np.isfinite(values).all():
        raise ValueError("a parameter is not a finite number")
    if not structures.is_text(data["name"]) or type(data["positional"]) is not int:
        raise ValueError("its name or its arguments are missing")
    inputs = data["inputs"]
    if not isinstance(inputs, list) or not all(
        isinstance(x, list) and len(x) == 2 and structures.is_text(x[0]) for x in inputs
    ):
        raise ValueError(f"its inputs are {shorten(inputs)}")
    if len({name for name, _ in inputs}) < len(inputs):
        raise ValueError("two of its inputs have one name")
    if not 0 <= data["positional"] <= len(inputs):
        raise ValueError("it has fewer arguments than it says")
    given = sum(structures.count(structures.checked(spec)) for _, spec in inputs)
    result = structures.checked(data["result"])
    if structures.count(result, True) > MOST_PARTS:
        raise ValueError("its result has more parts than any program's")
    if structures.count(result) != len(roots):
        raise ValueError(f"its result has {structures.count(result)} numbers, and {len(roots)} are computed")
    counts = np.diff(starts)
    if starts[0] != 0 or (counts < 0).any() or starts[-1] != len(operands):
        raise ValueError("its operands do not follow each other")
    if ((kinds < 0) | (kinds >= 3 + len(rows))).any() or (counts[kinds < 3] != 0).any():
        raise ValueError("a node is of no kind")
    if ((operands < 0) | (operands >= np.repeat(np.arange(size), counts))).any():
        raise ValueError("an operand is not an earlier node")
    if ((roots < 0) | (roots >= size)).any():
        raise ValueError("a result is no node")
    for code, name in enumerate(rows, start=3):
        row, arity = TABLE[name], len(TABLE[name].arguments)
        wrong = (counts % arity != 0) | (counts == 0) if row.variadic else counts != arity
        if wrong[kinds == code].any():
            raise ValueError(f"{name} takes {arity} operands")
    for kind, most in ((1, len(names)), (2, given)):
        which = numbers[kinds == kind]
        if ((which < 0) | (which >= most) | (which != np.floor(which))).any() or np.isnan(which).any():
            raise ValueError(f"it has no such {LEAVES[kind]}")
    indices = data["indices"]
    if not isinstance(indices, list) or not all(
        isinstance(x, list) and len(x) == 2 and type(x[0]) is int and 0 <= x[0] < given and type(x[1]) in (int, float)
        for x in indices
    ):
        raise ValueError(f"its indices are {shorten(indices)}")
    return Description(
        data["name"], rows, kinds, starts, operands, numbers, roots, names, values, inputs, data["positional"],
        {i: float(n) for i, n in indices}, result,
    )  # fmt: skip


def describe(program: Program) -> Description:
    """The last recording of a program; ``ValueError`` if it has none, ``TypeError`` for what no file can say."""
    trace, call, out, inputs, outputs, of_its_own, derived = recorded(program)
    graph = record([*outputs, *derived], inputs, False, of_its_own)
    graph = replace(graph, roots=graph.roots[: len(outputs)])
    program._known.meet(leaf for node, leaf in graph.leaves.items() if graph.kinds[node] == PARAMETER)
    for code in np.unique(graph.codes[graph.kinds > INPUT]).tolist():
        row = graph.rows[code]
        if row in ROWS:
            continue
        if row.numerical:
            raise only_in_python(program, row.name)
        raise TypeError(
            f"{program.__name__} uses {row.name!r}, a primitive that was registered here: its rule is code, which no "
            "file of ours holds, so the program cannot be exported"
        )
    in_a_row = [leaf for mine in inputs for leaf in mine]
    place = {leaf: i for i, leaf in enumerate(in_a_row)}
    given = [*call.arguments, *call.named.values()]
    arguments = [[name, structures.described(x)] for name, x in zip(argument_names(program, call), given, strict=True)]
    rows, kinds, numbers = _coded(graph, program._known.index, place)
    order, starts, operands, roots = _operands_first(graph)
    values = data_of(program.parameters) if program._known.held is None else program._known.held
    return Description(
        program.__name__, rows, kinds[order], starts, operands, numbers[order], roots,
        [program.names.get(leaf, leaf.label) for leaf in program.parameters],
        np.array(values, np.float64), arguments, len(call.arguments),
        {i: float(np.concatenate([np.asarray(a).reshape(-1) for a in call.numbers])[i]) for i in trace.indices},
        structures.described(out),
    )  # fmt: skip


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


def argument_names(program: Program, call: Any) -> list[str]:
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
