"""The rules once more for graphs that are run anew: one switch over the table, on operands by their places.

Of a rule there are up to four forms, for the operands that a gradient is wanted for: all, none, and of two the first or
the second alone. A power of a number that is fixed needs no logarithm.

>>> from autograd_tiny.table.ops import TABLE
>>> print(cases(TABLE["neg"], 6))
case 24: return rule_neg_0(x[p[0]]);
case 25: return rule_neg(x[p[0]], d + 0);
"""

from __future__ import annotations

from collections.abc import Sequence

from ..primitive import Primitive

FORMS = 4
"""None wanted, all, the first of two, the second: as ``_engine_replay.pxi`` numbers them."""


def cases(row: Primitive, code: int) -> str:
    """The cases of the switch for a row with a fixed number of operands."""
    operands = [f"x[p[{k}]]" for k in range(len(row.arguments))]
    slopes = [f"d + {k}" for k in range(len(row.arguments))]
    forms = [("_0", []), ("", slopes)]
    if len(operands) == 2:
        forms += [("_l", slopes[:1]), ("_r", slopes[1:])]
    return "\n".join(
        f"case {FORMS * code + form}: return rule_{row.name}{suffix}({', '.join(operands + wanted)});"
        for form, (suffix, wanted) in enumerate(forms)
    )


def switch(rows: Sequence[Primitive], first_code: int) -> str:
    """``fixed_rule``: the value of a node of any such row; its slopes go to ``d``."""
    lines = [
        "static inline double fixed_rule(int code, int form, const double *x, const int *p, double *d) {",
        f"    switch ({FORMS} * code + form) {{",
    ]
    for code, row in enumerate(rows, start=first_code):
        if not row.variadic:
            lines += [f"    {line}" for line in cases(row, code).splitlines()]
    return "\n".join([*lines, "    }", "    return NAN;", "}", ""])


def vectors(rows: Sequence[Primitive], first_code: int) -> str:
    """``VECTORS``: of how many vectors each row is a rule; 0 for those of a fixed number of operands."""
    counts = [0] * first_code + [len(row.arguments) if row.variadic else 0 for row in rows]
    return f"static const unsigned char VECTORS[] = {{{', '.join(map(str, counts))}}};\n"
