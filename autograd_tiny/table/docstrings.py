"""The docstring of a row's function and method, written by running its rules on names.

>>> from autograd_tiny.table.ops import TABLE
>>> print(document(TABLE["div"]))
a / b
<BLANKLINE>
∂y/∂a = 1 / b
∂y/∂b = −(y / b)
Domain: b ≠ 0
>>> print(document(TABLE["silu"]))
silu(x)
<BLANKLINE>
y = x × σ(x)
∂y/∂x = σ(x) × (1 + x × σ(−x))
Domain: every number
"""

from __future__ import annotations

from typing import Any

from .namespaces import TEXT
from .primitive import Primitive

LONGEST = 80
"""A value's rule that is longer, or branches more than once, is for the machine."""


def document(row: Primitive) -> str:
    """A docstring: the formula, its derivatives, its domain."""
    operands: list[Any] = [TEXT.name(name) for name in row.arguments]
    if row.variadic:
        operands = [[TEXT.name(f"{name[0]}{i}") for i in "₁₂₃"] for name in row.arguments]
    written = str(TEXT.write(row, *operands))
    lines = [written, ""]
    if not row.variadic:
        rule = str(TEXT.as_text(row.forward(TEXT, *operands)))
        if rule != written and len(rule) <= LONGEST and rule.count(" if ") < 2:
            lines.append(f"y = {rule}")
    for name, partial in zip(row.arguments, row.partials, strict=True):
        derived = partial(TEXT, *operands, TEXT.name("y"))
        shown = TEXT.as_text(derived[0] if row.variadic else derived)
        lines.append(f"∂y/∂{name[0] + '₁' if row.variadic else name} = {shown}")
    lines.append(f"Domain: {row.domain or 'every number'}")
    if row.beyond:
        lines.append(f"Derivatives: {row.beyond}")
    return "\n".join(lines)
