"""The second derivatives of the rules, in C: what a Hessian-vector product needs, without a second graph.

They are not written by anybody: `SeriesOver` runs the table's partials on code, and the coefficient of t is the
derivative of a partial.

>>> from autograd_tiny.table.ops import TABLE
>>> print(fixed(TABLE["tanh"], ("x",), ""))
static inline void curve_tanh(double x, double y, double d_x, double *h) {
    const double t1 = 1.0 / cosh(x);
    h[0] = -2.0 * (t1 * t1) * tanh(x);
}
<BLANKLINE>
>>> print(variadic(TABLE["dot"]))
static inline void bend_dot(Py_ssize_t n, const double *ws, const double *xs, const double *t_ws, const double *t_xs, \
double y, double t_y, double *e_ws, double *e_xs) {
    Py_ssize_t i;
    for (i = 0; i < n; i++) {
        e_ws[i] = t_xs[i];
    }
    for (i = 0; i < n; i++) {
        e_xs[i] = t_ws[i];
    }
}
<BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from typing import Any

from ..namespaces.c import C, Vector
from ..namespaces.coefficients import Series
from ..namespaces.series import SeriesOver
from ..primitive import Primitive

STRAIGHT, CURVED, UNWRITTEN = 0, 1, 2
"""What ``CURVES`` says of a row: its second derivatives are 0, or there is a rule for them, or neither."""


class Directions(SeriesOver):
    """The namespace of code and its derivative along a direction; vectors are their element under the loop's index."""

    def __init__(self, code: C) -> None:
        super().__init__(code, numeric=False)

    def moving(self, at: Any, along: Any) -> Series:
        return Series(self, [at, along], lambda k: 0.0)

    def each(self, f: Callable[[Any], Any], xs: Any) -> Any:
        return Vector(f(xs.element))

    def sum_of(self, f: Callable[..., Any], *vectors: Any) -> Any:
        term = f(*(vector.element for vector in vectors))

        def total(x: Any) -> Any:
            return x if _is_zero(x) else self.base.sum_of(self.identity, Vector(x))

        return Series(self, [], lambda k: total(term.at(k))) if isinstance(term, Series) else total(term)


def _along(x: Any) -> Any:
    """The derivative of what a rule gave."""
    return x.at(1) if isinstance(x, Series) else 0.0


def second_derivatives(code: C, row: Primitive, moving: Sequence[str]) -> list[Any]:
    """∂²/∂i∂j for each pair of the operands ``moving``, the others being plain numbers."""
    found = []
    for i, j in combinations_with_replacement(range(len(row.arguments)), 2):
        if not {row.arguments[i], row.arguments[j]} <= {*moving}:
            found.append(0.0)
            continue
        xp = Directions(code)
        names = [code.name(name) for name in row.arguments]
        operands = [
            xp.moving(x, float(k == j)) if row.arguments[k] in moving else x for k, x in enumerate(names)
        ]  # one that moves along another operand's direction stands still: but its rules are those of what may move
        y = xp.moving(code.name("y"), code.name(f"d_{row.arguments[j]}"))
        found.append(_along(row.partials[i](xp, *operands, y)))
    return found


def _is_zero(x: Any) -> bool:
    return isinstance(x, float) and x == 0.0


def fixed(row: Primitive, moving: Sequence[str], suffix: str) -> str:
    """The C function of a row of one or two operands, of which those ``moving`` count: aa; or aa, ab, bb."""
    code = C()
    found = second_derivatives(code, row, moving)
    statements, results = code.program(found, ["unused"] * len(found))
    lines = [f"const double {statement};" for statement in statements]
    lines += [f"h[{k}] = {result};" for k, result in enumerate(results)]
    parameters = ", ".join(f"double {x}" for x in (*row.arguments, "y", *(f"d_{name}" for name in row.arguments)))
    body = "".join(f"    {line}\n" for line in lines)
    return f"static inline void curve_{row.name}{suffix}({parameters}, double *h) {{\n{body}}}\n"


def variadic(row: Primitive) -> str:
    """The C function of a many-parent row: how its derivatives change as the operands move by ``t_…``."""
    code = C()
    xp = Directions(code)
    vectors = [Vector(xp.moving(code.name(f"{x}[i]"), code.name(f"t_{x}[i]"))) for x in row.arguments]  # type: ignore[arg-type]
    y = xp.moving(code.name("y"), code.name("t_y"))
    lines = ["Py_ssize_t i;"]
    for name, rule in zip(row.arguments, row.partials, strict=True):
        code.loops = []
        statements, (element,) = code.program([_along(rule(xp, *vectors, y).element)], ["unused"])
        lines += [*code.loops, "for (i = 0; i < n; i++) {", *(f"    const double {s};" for s in statements),
                  f"    e_{name}[i] = {element};", "}"]  # fmt: skip
    parameters = ["Py_ssize_t n", *(f"const double *{x}" for x in row.arguments),
                  *(f"const double *t_{x}" for x in row.arguments), "double y", "double t_y",
                  *(f"double *e_{x}" for x in row.arguments)]  # fmt: skip
    body = "".join(f"    {line}\n" for line in lines)
    return f"static inline void bend_{row.name}({', '.join(parameters)}) {{\n{body}}}\n"


def kind(row: Primitive) -> int:
    """Whether a row's second derivatives are 0 everywhere, and whether there is a rule if not."""
    if row.variadic:
        xp = Directions(C())
        names = [xp.moving(xp.base.name(x), xp.base.name(f"t_{x}")) for x in row.arguments]
        y = xp.moving(xp.base.name("y"), xp.base.name("t_y"))
        derived = [rule(xp, *map(Vector, names), y).element for rule in row.partials]  # type: ignore[arg-type]
        return STRAIGHT if all(_is_zero(_along(x)) for x in derived) else CURVED
    if all(map(_is_zero, second_derivatives(C(), row, row.arguments))):
        return STRAIGHT
    return CURVED if len(row.arguments) <= 2 else UNWRITTEN


def header(rows: Sequence[Primitive], first_code: int) -> str:
    """All of them, with ``CURVES`` and the two functions that choose a rule by the code of the row."""
    kinds = [kind(row) for row in rows]
    codes = range(first_code, first_code + len(rows))
    parts = [f"static const unsigned char CURVES[] = {{{', '.join(map(str, [0] * first_code + kinds))}}};\n"]
    curve = ["static inline void curve(int code, int form, const double *x, double y, const double *d, double *h) {",
             "    switch (4 * code + form) {"]  # fmt: skip
    bend = ["static inline void bend(int code, Py_ssize_t n, const double *x, const double *t, double y, double t_y, "
            "double *e) {", "    switch (code) {"]  # fmt: skip
    for code, row, found in zip(codes, rows, kinds, strict=True):
        if found != CURVED:
            continue
        count = range(len(row.arguments))
        if row.variadic:
            parts.append(variadic(row))
            vectors = ", ".join([*(f"x + {k} * n" for k in count), *(f"t + {k} * n" for k in count), "y", "t_y",
                                 *(f"e + {k} * n" for k in count)])  # fmt: skip
            bend.append(f"    case {code}: bend_{row.name}(n, {vectors}); return;")
            continue
        forms = [("", row.arguments, 1)]
        if len(row.arguments) == 2:
            forms += [("_l", row.arguments[:1], 2), ("_r", row.arguments[1:], 3)]
        given = ", ".join([*(f"x[{k}]" for k in count), "y", *(f"d[{k}]" for k in count)])
        for suffix, moving, form in forms:
            parts.append(fixed(row, moving, suffix))
            curve.append(f"    case {4 * code + form}: curve_{row.name}{suffix}({given}, h); return;")
    return "\n".join([*parts, *curve, "    }", "}", "", *bend, "    }", "}", ""])
