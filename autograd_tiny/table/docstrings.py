"""The docstring of a row's function and method, written by running its rules on names.

>>> from autograd_tiny.table.ops import TABLE
>>> print(document(TABLE["div"]))
a / b
<BLANKLINE>
∂y/∂a = 1 / b
∂y/∂b = −(y / b)
Domain: b ≠ 0
"""

from __future__ import annotations

from typing import Any

from .namespaces import TEXT
from .primitive import Primitive


def document(row: Primitive) -> str:
    """A docstring: the formula, its derivatives, its domain."""
    operands: list[Any] = [TEXT.name(name) for name in row.arguments]
    if row.variadic:
        operands = [[TEXT.name(f"{name[0]}{i}") for i in "₁₂₃"] for name in row.arguments]
    lines = [f"{TEXT.write(row, *operands)}", ""]
    for name, partial in zip(row.arguments, row.partials, strict=True):
        derived = partial(TEXT, *operands, TEXT.name("y"))
        shown = TEXT.as_text(derived[0] if row.variadic else derived)
        lines.append(f"∂y/∂{name[0] + '₁' if row.variadic else name} = {shown}")
    if row.domain:
        lines.append(f"Domain: {row.domain}")
    return "\n".join(lines)
