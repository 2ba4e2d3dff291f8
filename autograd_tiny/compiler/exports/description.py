"""A recorded function as data: what stands in a program's file, and what a pickled program is.

>>> from autograd_tiny import Value, compile
>>> from autograd_tiny.compiler.exports.describing import describe
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
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from ...errors import shorten
from ...modes.recording import DETACHED
from ...table.ops import ROWS
from ...table.primitive import Primitive
from . import structures

VERSION = 1
FORMAT = "autograd_tiny program"
LEAVES = ("constant", "parameter", "input")
KNOWN = {row.name: row for row in (*ROWS, DETACHED)}
"""The rows that a file may name."""
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
    shared: list[str]
    """The arguments that in a batch are the same for all samples."""

    def graph_rows(self) -> list[Primitive]:
        """The rows that it uses."""
        return [KNOWN[name] for name in self.rows]

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
                "shared": self.shared,
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
    unknown = [name for name in rows if name not in KNOWN]
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
    shared = _texts(data.get("shared", []), "shared arguments")  # the first files of this version have none
    if not {*shared} <= {name for name, _ in inputs}:
        raise ValueError(f"its shared arguments are {shorten(shared)}, which are not all among its inputs")
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
        row, arity = KNOWN[name], len(KNOWN[name].arguments)
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
        {i: float(n) for i, n in indices}, result, shared,
    )  # fmt: skip
