"""The table's rules as C functions: each gives the result and stores the local derivatives.

>>> from autograd_tiny.table.ops import TABLE
>>> print(fixed(TABLE["mul"]))
static inline double rule_mul(double a, double b, double *d_a, double *d_b) {
    *d_a = b;
    *d_b = a;
    return a * b;
}
<BLANKLINE>
>>> print(variadic(TABLE["dot"]))
static inline double rule_dot(Py_ssize_t n, const double *ws, const double *xs, double *d_ws, double *d_xs) {
    Py_ssize_t i;
    double s1 = 0.0;
    for (i = 0; i < n; i++) {
        s1 = s1 + ws[i] * xs[i];
    }
    const double y = s1;
    if (d_ws) for (i = 0; i < n; i++) {
        d_ws[i] = xs[i];
    }
    if (d_xs) for (i = 0; i < n; i++) {
        d_xs[i] = ws[i];
    }
    return y;
}
<BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Iterable

from ..namespaces.c import C
from ..primitive import Primitive


def _function(head: str, lines: Iterable[str]) -> str:
    return f"static inline double {head} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def fixed(row: Primitive, constants: frozenset[str] = frozenset(), suffix: str = "") -> str:
    """The C function of a row with a fixed number of operands; towards ``constants`` nothing is derived."""
    code = C()
    operands = [code.name(name) for name in row.arguments]
    out = row.forward(code, *operands)
    wanted = [(name, rule) for name, rule in zip(row.arguments, row.partials, strict=True) if name not in constants]
    slopes = [rule(code, *operands, out) for _, rule in wanted]
    pointers = [f"*d_{name}" for name, _ in wanted]
    # An output that another uses becomes a local of its own name.
    statements, (y, *derivatives) = code.program([out, *slopes], ["y", *(f"v_{name}" for name, _ in wanted)])
    parameters = ", ".join([f"double {name}" for name in row.arguments] + [f"double {p}" for p in pointers])
    lines = [f"double {statement};" for statement in statements]
    lines += [f"{pointer} = {derivative};" for pointer, derivative in zip(pointers, derivatives, strict=True)]
    return _function(f"rule_{row.name}{suffix}({parameters})", [*lines, f"return {y};"])


def variadic(row: Primitive) -> str:
    """The C function of a many-parent row, over vectors of length n >= 1; a null ``d_...`` is not written."""
    code = C()
    vectors = [code.vector(name) for name in row.arguments]
    result = code.as_term(row.forward(code, *vectors))
    statements, (value,) = code.program([result], ["unused"])
    lines = ["Py_ssize_t i;", *code.loops, *(f"double {s};" for s in statements), f"const double y = {value};"]
    y = code.name("y")
    for name, rule in zip(row.arguments, row.partials, strict=True):
        code.loops = []
        derived = rule(code, *vectors, y)
        statements, (element,) = code.program([derived.element], ["unused"])
        loop = [f"if (d_{name}) for (i = 0; i < n; i++) {{", *(f"    double {s};" for s in statements),
                f"    d_{name}[i] = {element};", "}"]  # fmt: skip
        lines += [*code.loops, *loop]
    parameters = ", ".join(
        ["Py_ssize_t n"]
        + [f"const double *{name}" for name in row.arguments]
        + [f"double *d_{name}" for name in row.arguments]
    )
    return _function(f"rule_{row.name}({parameters})", [*lines, "return y;"])


def header(rows: Iterable[Primitive]) -> str:
    """All rules; of a fixed number of operands also the value alone (``_0``), and of two the forms where the second is
    a plain number (``_l``), or the first (``_r``).
    """
    parts = ["/* Written by setup.py from the table in ops.py. */", "#include <Python.h>", "#include <math.h>", ""]
    for row in rows:
        if row.variadic:
            parts.append(variadic(row))
            continue
        parts += [fixed(row), fixed(row, frozenset(row.arguments), "_0")]
        if len(row.arguments) == 2:
            a, b = row.arguments
            parts += [fixed(row, frozenset([b]), "_l"), fixed(row, frozenset([a]), "_r")]
    return "\n".join(parts)
