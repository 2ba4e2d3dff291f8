"""The table's rules as JavaScript functions, for pages that compute: each gives the value and fills in the slopes.

``$x`` holds the numbers of the operands, one after the other, and ``$d`` takes the local derivative by each: no name of
Python's has a dollar in it.

>>> from autograd_tiny.table.ops import TABLE
>>> print(rule(TABLE["mul"]))
($x, $d) => {
    const a = $x[0], b = $x[1];
    $d[0] = b;
    $d[1] = a;
    return a * b;
}
>>> print(rule(TABLE["sum"]))
($x, $d) => {
    const n = $x.length, xs = $x;
    let i;
    let s1 = 0.0;
    for (i = 0; i < n; i++) {
        s1 = s1 + xs[i];
    }
    const y = s1;
    for (i = 0; i < n; i++) {
        $d[i] = 1.0;
    }
    return y;
}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from ..namespaces.javascript import JavaScript
from ..namespaces.source import LIBRARY
from ..primitive import Primitive

KEYWORDS = """await case catch const debugger default delete do enum eval export extends function implements instanceof
interface let new null package private protected public static super switch this throw true false typeof var void"""
TAKEN = frozenset((*LIBRARY, *KEYWORDS.split(), "fabs", "falling", "arguments", "i", "n", "y"))
"""What an operand may be called in Python and not in the program; it is called so there with a dollar behind it."""


def rule(row: Primitive) -> str:
    """The function of one row."""
    lines = _variadic(row) if row.variadic else _fixed(row)
    return "($x, $d) => {\n" + "".join(f"    {line}\n" for line in lines) + "}"


def _names(row: Primitive) -> list[str]:
    return [f"{name}$" if name in TAKEN else name for name in row.arguments]


def _fixed(row: Primitive) -> list[str]:
    code = JavaScript()
    names = _names(row)
    operands = [code.name(name) for name in names]
    out = row.forward(code, *operands)
    slopes = [partial(code, *operands, out) for partial in row.partials]
    statements, (y, *derivatives) = code.program([out, *slopes], ["y", *(f"v_{name}" for name in names)])
    return [
        f"const {', '.join(f'{name} = $x[{i}]' for i, name in enumerate(names))};",
        *(f"const {statement};" for statement in statements),
        *(f"$d[{i}] = {derivative};" for i, derivative in enumerate(derivatives)),
        f"return {y};",
    ]


def _variadic(row: Primitive) -> list[str]:
    code = JavaScript()
    count = len(row.arguments)
    names = _names(row)
    vectors = [code.vector(name) for name in names]
    result = code.as_term(row.forward(code, *vectors))
    statements, (value,) = code.program([result], ["unused"])
    taken = ["$x"] if count == 1 else [f"$x.slice({k} * n, {k + 1} * n)" for k in range(count)]
    length = "$x.length" if count == 1 else f"$x.length / {count}"
    lines = [
        f"const n = {length}, {', '.join(f'{name} = {xs}' for name, xs in zip(names, taken, strict=True))};",
        "let i;",
        *code.loops,
        *(f"const {statement};" for statement in statements),
        f"const y = {value};",
    ]
    y = code.name("y")
    for k, partial in enumerate(row.partials):
        code.loops = []
        derived = code.as_vector(partial(code, *vectors, y))
        statements, (element,) = code.program([derived.element], ["unused"])
        place = ["i", "n + i"][k] if k < 2 else f"{k} * n + i"
        lines += [*code.loops, "for (i = 0; i < n; i++) {", *(f"    const {statement};" for statement in statements),
                  f"    $d[{place}] = {element};", "}"]  # fmt: skip
    return [*lines, "return y;"]


Recorded = Sequence[tuple[Sequence[float], float, Sequence[float]]]
"""Calls of a function that runs in Python only: its operands, its value and its slopes."""


def recorded(calls: Recorded) -> str:
    """A function that knows those calls and no other, where it gives nan.

    >>> import math
    >>> recorded([([0.5], 1.25, [math.inf])])
    'recorded([[[0.5],1.25,[Infinity]]])'
    """
    told = json.dumps([[list(xs), y, list(slopes)] for xs, y, slopes in calls], separators=(",", ":"))
    return f"recorded({told})"


def rules(rows: Iterable[Primitive], calls: Mapping[Primitive, Recorded] | None = None) -> str:
    """A program that defines ``rules``, a list with the function of each row, in order; some know ``calls`` only."""
    prelude = files(__package__).joinpath("prelude.js").read_text(encoding="utf-8")
    known = calls or {}
    made = [recorded(known[row]) if row in known else rule(row) for row in rows]
    return "\n".join([prelude, f"const rules = [{', '.join(made)}];", ""])
